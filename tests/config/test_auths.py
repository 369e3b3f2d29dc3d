from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dockpass.config.auths import BadEntry, decode, encode, from_base64, split, user
from dockpass.credential import Credential
from dockpass.errors import BadCredential


def b64(text: bytes) -> str:
    return base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("decoded", "username", "password"),
    [
        (b"foo:bar", "foo", "bar"),
        (b"foo:bar\0\0\0", "foo", "bar"),
        (b"foo:\0bar", "foo", "bar"),
        (b"foo:\0b\0r\0", "foo", "b\0r"),
        (b"foo:b:a:r", "foo", "b:a:r"),
        (b"foo:", "foo", ""),
        (b" foo : bar ", " foo ", " bar "),
        (b"foo:\nbar\n", "foo", "\nbar\n"),
        ("fö:bär".encode(), "fö", "bär"),
        (b"f\xff:b\xfe", "f\udcff", "b\udcfe"),
        (b"f\0:bar", "f\0", "bar"),
        (b"<token>:", "<token>", ""),
    ],
)
def test_what_stands_in_auth(decoded: bytes, username: str, password: str) -> None:
    assert split(b64(decoded)) == (username, password)


@pytest.mark.parametrize("decoded", [b"foo", b":bar", b":", b"", b"\0"])
def test_what_is_no_user_and_password(decoded: bytes) -> None:
    # "" itself is no auth at all; "\n" is one, of nothing.
    with pytest.raises(BadEntry) as caught:
        split(b64(decoded) or "\n")
    assert caught.value.reason == "its auth is not user:password"


@pytest.mark.parametrize(
    "text", ["Zm9v\nOmJhcg==", "Zm9vOmJh\r\ncg==", "\nZm9vOmJhcg==\n", "Zm9vOmJhcg=\n=", "Zm9vOmJhcg==\r\r"]
)
def test_line_breaks_in_base64_do_not_matter(text: str) -> None:
    assert from_base64(text) == b"foo:bar"


@pytest.mark.parametrize(
    "text",
    [
        "!!!",
        "Zm9vOmJhcg",  # no padding
        "Zm9vOmJhcg=",
        "Zm9vOmJhcg===",
        "Zm9v Omhcg==",
        " Zm9vOmJhcg==",
        "Zm9vOmJhcg== ",
        "Zm9vOm-_cg==",  # the alphabet of URLs
        "Zm9=OmJhcg==",
        "Zm9vOmJhcg==Zm9v",
        "====",
        "=",
        "Zm9vOmJhcg\t==",
        "Zm9vOmJhcgé=",
        "٣٣٣٣",
    ],
)
def test_what_is_no_base64(text: str) -> None:
    with pytest.raises(BadEntry) as caught:
        from_base64(text)
    assert caught.value.reason == "its auth is not base64"


def test_bits_behind_the_end_do_not_matter() -> None:
    # As for Go, which is strict only if asked to be.
    assert from_base64("Zm9vOmJhch==") == b"foo:bar"


@given(st.binary())
def test_base64_of_anything(data: bytes) -> None:
    assert from_base64(b64(data)) == data


@given(st.text(st.sampled_from("ABab01+/=-_ \n\r\t!"), max_size=12))
@example("=A==")
def test_base64_is_what_go_takes_for_it(text: str) -> None:
    bare = text.replace("\n", "").replace("\r", "")
    if re.fullmatch("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", bare):
        assert from_base64(text) == base64.b64decode(bare)
    else:
        with pytest.raises(BadEntry):
            from_base64(text)


FOO = b64(b"foo:bar")


@pytest.mark.parametrize(
    ("fields", "credential"),
    [
        ({}, None),
        ({"auth": ""}, None),
        ({"auth": None, "username": None, "password": None, "identitytoken": None}, None),
        ({"email": "a@b.c", "serveraddress": "x"}, None),
        ({"auth": FOO}, Credential("foo", "bar")),
        ({"username": "u", "password": "p"}, Credential("u", "p")),
        ({"auth": FOO, "username": "u", "password": "p"}, Credential("foo", "bar")),
        ({"auth": "", "username": "u", "password": "p"}, Credential("u", "p")),
        ({"auth": b64(b"foo:")}, None),
        ({"username": "u"}, None),
        ({"auth": b64(b"foo:"), "identitytoken": "T"}, Credential("foo", "T", is_identity_token=True)),
        ({"auth": FOO, "identitytoken": "T"}, Credential("foo", "T", is_identity_token=True)),
        ({"identitytoken": "T"}, Credential("", "T", is_identity_token=True)),
        ({"username": "u", "identitytoken": "T"}, Credential("u", "T", is_identity_token=True)),
        ({"auth": FOO, "identitytoken": ""}, Credential("foo", "bar")),
    ],
)
def test_entries(fields: dict[str, object], credential: Credential | None) -> None:
    assert decode(fields) == credential


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"auth": 1}, "its auth is not a string"),
        ({"auth": ["x"]}, "its auth is not a string"),
        ({"username": False}, "its username is not a string"),
        ({"auth": FOO, "password": {}}, "its password is not a string"),
        ({"auth": FOO, "identitytoken": 0}, "its identitytoken is not a string"),
        ({"auth": "!"}, "its auth is not base64"),
        ({"auth": "!", "identitytoken": "T"}, "its auth is not base64"),
        ({"auth": b64(b"no colon")}, "its auth is not user:password"),
        ({"password": "p"}, "it has a password, but no user name"),
    ],
)
def test_broken_entries(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadEntry) as caught:
        decode(fields)
    assert str(caught.value) == caught.value.reason == reason


def test_a_user_name_without_a_secret_can_be_had() -> None:
    assert user({"auth": b64(b"foo:")}) == ("foo", "")
    assert user({"username": "u"}) == ("u", "")
    assert user({}) == ("", "")


@pytest.mark.parametrize(
    ("credential", "fields"),
    [
        (Credential("foo", "bar"), {"auth": "Zm9vOmJhcg=="}),
        (Credential("foo", "b:a:r "), {"auth": b64(b"foo:b:a:r ")}),
        (Credential("fö", "b\udcff"), {"auth": b64(b"f\xc3\xb6:b\xff")}),
        (Credential("foo", "T", is_identity_token=True), {"auth": b64(b"foo:"), "identitytoken": "T"}),
        (Credential("", "T", is_identity_token=True), {"identitytoken": "T"}),
    ],
)
def test_what_docker_would_write(credential: Credential, fields: dict[str, str]) -> None:
    assert encode(credential) == fields
    assert list(encode(credential)) == list(fields)


@pytest.mark.parametrize(
    "credential",
    [
        Credential("", "bar"),
        Credential("a:b", "bar"),
        Credential("foo", ""),
        Credential("foo", "b\0"),
        Credential("a\nb", "bar"),
        Credential("foo", "\ud800"),
        Credential("\ud800", "bar"),
        Credential("a:b", "T", is_identity_token=True),
        Credential("foo", "T\udcff", is_identity_token=True),
        Credential("foo", "", is_identity_token=True),
    ],
)
def test_what_would_be_read_back_as_something_else(credential: Credential) -> None:
    with pytest.raises(BadCredential) as caught:
        encode(credential)
    assert caught.value.hint


names = st.text(st.characters(exclude_characters=":", exclude_categories=["Cc", "Cs"]) | st.just("\udc80"), min_size=1)
passwords = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.just("\udcff"), min_size=1)


@given(names, passwords, st.booleans())
def test_what_is_written_reads_back(name: str, password: str, is_token: bool) -> None:
    if "\udcff" in password and is_token:
        password = password.replace("\udcff", "x")
    credential = Credential(name, password, is_identity_token=is_token)
    fields = encode(credential)
    # Surrogates that happen to form a character are that character when they come back.
    if all(
        text == text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") for text in (name, password)
    ):
        assert decode(fields) == credential
    assert encode(decode(fields) or credential) == fields


@given(st.binary(min_size=1).filter(lambda data: b":" not in data), st.binary(min_size=1))
def test_bytes_survive(name: bytes, password: bytes) -> None:
    password = password.strip(b"\0") or b"x"
    found = split(b64(name + b":" + password))
    assert ":".join(found).encode("utf-8", "surrogateescape") == name + b":" + password
