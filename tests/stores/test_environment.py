"""DOCKER_AUTH_CONFIG."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Credential
from dockpass.errors import ReadOnlyStore
from dockpass.stores.environment import EnvironmentStore


def auth(text: bytes | str) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def value(entries: object) -> str:
    return json.dumps({"auths": entries})


def parsed(text: str) -> EnvironmentStore:
    store, note = EnvironmentStore.parse(text)
    assert note is None
    assert store is not None
    return store


def test_what_is_in_it() -> None:
    store = parsed(value({"env.test": {"auth": auth("alice:won:der")}, "https://b.test": {"auth": auth("bob:x")}}))
    assert store.name == "environment"
    assert store.plaintext is True
    assert store.get("env.test") == Credential("alice", "won:der")
    assert store.list() == {"env.test": "alice", "https://b.test": "bob"}


def test_keys_are_compared_exactly() -> None:
    store = parsed(value({"https://env.test": {"auth": auth("alice:x")}}))
    assert store.get("env.test") is None
    assert store.get("https://env.test") is not None


def test_bytes_that_are_not_text() -> None:
    assert parsed(value({"env.test": {"auth": auth(b"alice:\xff")}})).get("env.test") == Credential("alice", "\udcff")


def test_it_is_read_only() -> None:
    store = parsed(value({"env.test": {"auth": auth("alice:x")}}))
    with pytest.raises(ReadOnlyStore, match=r"cannot keep the login for env\.test in DOCKER_AUTH_CONFIG"):
        store.put("env.test", Credential("bob", "y"))
    with pytest.raises(ReadOnlyStore, match=r"cannot erase the login for env\.test") as caught:
        store.erase("env.test")
    assert "unset DOCKER_AUTH_CONFIG" in str(caught.value.hint)
    assert store.erase("other.test") is False
    assert store.get("env.test") == Credential("alice", "x")


def test_not_set() -> None:
    assert EnvironmentStore.parse("") == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "null",
        ' {"auths": {}} \n',
        '{"auths": null}',
        value({"env.test": {"auth": auth("alice:")}}),
    ],
)
def test_nothing_in_it(text: str) -> None:
    assert parsed(text).list() == {}


def test_letter_case_does_not_count() -> None:
    assert parsed(json.dumps({"Auths": {"env.test": {"AUTH": auth("alice:x")}}})).list() == {"env.test": "alice"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ", "it is not one JSON object"),
        ("{", "it is not one JSON object"),
        ("hunter2", "it is not one JSON object"),
        ("[]", "it is not an object {...}"),
        ('"hunter2"', "it is not an object {...}"),
        ('{"auths": {}} {}', "it is not one JSON object"),
        ('{"auths": {}, "credsStore": "pass"}', 'it has a member "credsStore", which docker does not take here'),
        ('{"auths": []}', 'its "auths" is not an object {...}'),
        ('{"auths": {}, "AUTHS": {}}', 'it has more than one "auths"'),
        ('{"auths": {}, "auths": {}}', "it is not one JSON object"),
        (value({"env.test": {}}), 'its entry "env.test" has no "auth"'),
        (value({"env.test": None}), 'its entry "env.test" has no "auth"'),
        (value({"env.test": {"auth": ""}}), 'its entry "env.test" has no "auth"'),
        (value({"env.test": "hunter2"}), 'its entry "env.test" is not an object'),
        (value({"env.test": {"auth": 1}}), 'its entry "env.test" cannot be read'),
        (value({"env.test": {"auth": "hunter2"}}), 'its entry "env.test" cannot be read'),
        (value({"env.test": {"auth": auth("hunter2")}}), 'its entry "env.test" cannot be read'),
        (value({"env.test": {"auth": auth(":hunter2")}}), 'its entry "env.test" cannot be read'),
        (value({"env.test": {"auth": auth("a:b"), "username": "a"}}), 'has a member "username", which docker does not'),
        (value({"env.test": {"identitytoken": "hunter2"}}), 'has a member "identitytoken", which docker does not'),
        (value({"e\x1b[2J": {}}), 'its entry "e\\x1b[2J" has no "auth"'),
        ('{"auths": {"env.test": {"auth": "\udcff"}}}', "it is not one JSON object"),
        ("[" * 1000, "it is not one JSON object"),
    ],
)
def test_a_bad_value_is_a_note(text: str, reason: str) -> None:
    store, note = EnvironmentStore.parse(text)
    assert store is None
    assert note is not None
    assert note.startswith("DOCKER_AUTH_CONFIG is not used: ")
    assert reason in note
    assert "hunter2" not in note
    assert note.isprintable()


@given(
    st.text()
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["auths", "auth", "env.test"]), inner, max_size=2)
        ),
    ).map(json.dumps)
)
def test_whatever_is_in_it_no_command_fails(text: str) -> None:
    store, note = EnvironmentStore.parse(text)
    assert (store is None) == (note is not None) or not text
    assert note is None or note.isprintable()
