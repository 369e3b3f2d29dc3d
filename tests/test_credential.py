from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Credential, Secret, check
from dockpass.errors import BadCredential


class TestSecret:
    def test_it_does_not_show_itself(self) -> None:
        secret = Secret("hunter2")
        shown = [str(secret), repr(secret), f"{secret}", f"{secret!r}", "%s" % secret, str([secret])]  # noqa: UP031
        assert not any("hunter2" in text for text in shown)
        assert secret.reveal() == "hunter2"
        with pytest.raises(TypeError) as caught:
            f"{secret:>40}"
        assert "hunter2" not in str(caught.value)

    def test_it_cannot_be_pickled(self) -> None:
        with pytest.raises(TypeError):
            pickle.dumps(Secret("hunter2"))
        with pytest.raises(TypeError):
            copy.deepcopy(Secret("hunter2"))

    def test_no_attribute_can_be_added_and_no_dictionary_seen(self) -> None:
        assert not hasattr(Secret("hunter2"), "__dict__")

    def test_it_is_true_unless_empty(self) -> None:
        assert Secret("0")
        assert not Secret("")

    @given(st.text(), st.text())
    def test_it_is_compared_by_its_value(self, one: str, other: str) -> None:
        assert Secret(one) == Secret(one)
        assert hash(Secret(one)) == hash(Secret(one))
        assert (Secret(one) == Secret(other)) == (one == other)

    @pytest.mark.parametrize("value", ["\udcff", "\ud800", "é", "a" * 1000])  # noqa: PT014 - they differ
    def test_odd_characters_can_be_compared(self, value: str) -> None:
        assert Secret(value) == Secret(value)
        assert Secret(value) != Secret(value + "x")
        assert Secret(value) != Secret("b" * len(value))

    def test_it_is_no_string(self) -> None:
        assert Secret("a") != "a"
        assert (Secret("a") == "a") is False


class TestCredential:
    def test_it_is_a_value(self) -> None:
        assert Credential("alice", "pw") == Credential("alice", Secret("pw"))
        assert hash(Credential("alice", "pw")) == hash(Credential("alice", Secret("pw")))
        different = [
            Credential("bob", "pw"),
            Credential("alice", "other"),
            Credential("alice", "pw", is_identity_token=True),
            "alice",
        ]
        assert all(Credential("alice", "pw") != other for other in different)

    def test_it_does_not_show_its_secret(self) -> None:
        assert repr(Credential("alice", "hunter2")) == "Credential('alice', Secret(****))"
        token = Credential("alice", "hunter2", is_identity_token=True)
        assert repr(token) == "Credential('alice', Secret(****), is_identity_token=True)"


class TestCheck:
    @pytest.mark.parametrize(
        "credential",
        [
            Credential("alice", "pw"),
            Credential("alice@example.com", "with : and \n and \t"),
            Credential("Ünï cödé", " "),
            Credential("", "token", is_identity_token=True),
            Credential("<token>", "token", is_identity_token=True),
            Credential("has:colon", "token", is_identity_token=True),
            Credential("alice", "\udcff"),
        ],
    )
    def test_what_can_be_kept(self, credential: Credential) -> None:
        check(credential)

    @pytest.mark.parametrize(
        ("credential", "reason"),
        [
            (Credential("", "pw-hunter2"), "the user name is empty"),
            (Credential("a:b", "pw-hunter2"), "the user name holds a colon"),
            (Credential("a\nb", "pw-hunter2"), "the user name holds a control character"),
            (Credential("a\x7f", "pw-hunter2"), "the user name holds a control character"),
            (Credential("a\x85", "pw-hunter2"), "the user name holds a control character"),
            (Credential("a\0", "pw-hunter2", is_identity_token=True), "the user name holds a control character"),
            (Credential("alice", ""), "the secret is empty"),
            (Credential("", "", is_identity_token=True), "the secret is empty"),
            (Credential("alice", "pw-hunter2\0"), "the secret holds a NUL byte"),
        ],
    )
    def test_what_would_be_misread(self, credential: Credential, reason: str) -> None:
        with pytest.raises(BadCredential) as caught:
            check(credential)
        assert caught.value.message.startswith(reason)
        assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"
        assert caught.value.hint


@pytest.mark.parametrize(
    ("username", "secret", "says"),
    [
        (5, "hunter2", "a user name is a str, and not int"),
        (b"alice", "hunter2", "a user name is a str, and not bytes"),
        ("alice", b"hunter2", "a secret is a str, and not bytes"),
        ("alice", 12345, "a secret is a str, and not int"),
    ],
)
def test_what_is_no_text_is_named_and_not_shown(username: Any, secret: Any, says: str) -> None:
    with pytest.raises(TypeError) as caught:
        check(Credential(username, secret))
    assert str(caught.value) == says
