"""Whatever is in a config.json, and whatever is done to it: nothing else in it changes."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dockpass.config import matching
from dockpass.config.auths import FIELDS
from dockpass.config.document import Document
from dockpass.config.matching import fold
from dockpass.config.tree import Value, grow, write
from dockpass.credential import Credential
from dockpass.files.read import Snapshot

KEYS = ["reg.test", "a", "z.example.com:5000", "https://index.docker.io/v1/", "\u00e9", "<"]
KNOWN = ["auths", "credsStore", "credHelpers", "currentContext", "HttpHeaders"]

strings = st.text(max_size=4)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | strings
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3), max_leaves=6
)


def cased(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name, name, name.upper(), name.lower(), name.replace("s", "\u017f")])


class Pairs(list[tuple[str, Any]]):
    """The members of an object, names repeated or not."""


def encode(value: Any, escape: bool) -> str:
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{encode(name, escape)}  :{encode(inner, escape)}" for name, inner in value) + "}"
    if isinstance(value, list):
        return "[" + " ,".join(encode(inner, escape) for inner in value) + "]"
    if isinstance(value, dict):
        return encode(Pairs(value.items()), escape)
    if isinstance(value, str) and escape:
        return '"' + "".join(f"\\u{ord(each):04X}" if ord(each) < 0x10000 else each for each in value) + '"'
    return json.dumps(value, ensure_ascii=False)


credentials = st.sampled_from(
    [Credential("alice", "pw"), Credential("bob", "p:w"), Credential("alice", "T", is_identity_token=True)]
)
entries = st.one_of(
    anything,
    st.lists(
        st.tuples(
            st.sampled_from([*FIELDS, "AUTH", "email", "registrytoken", "new"]),
            st.sampled_from(["", "YWxpY2U6cHc=", "bad", "Zm9vOg=="]) | anything,
        ),
        max_size=4,
    ).map(Pairs),
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    members = Pairs()
    for _ in range(draw(st.integers(0, 6))):
        name = draw(st.sampled_from([*KNOWN, "auths", "other"]))
        name = draw(strings) if name == "other" else draw(cased(name))
        value: Any
        if fold(name) == "auths":
            value = draw(st.none() | st.lists(st.tuples(st.sampled_from(KEYS), entries), max_size=4).map(Pairs))
        elif fold(name) in ("credhelpers", "httpheaders"):
            inner = st.tuples(st.sampled_from(KEYS), st.none() | strings)
            value = draw(st.none() | st.lists(inner, max_size=3).map(Pairs))
        elif fold(name) in ("credsstore", "currentcontext"):
            value = draw(st.none() | strings)
        else:
            value = draw(anything)
        members.append((name, value))
    return encode(members, draw(st.booleans()))


@st.composite
def actions(draw: st.DrawFn) -> tuple[str, list[Any]]:
    key = draw(st.sampled_from(KEYS))
    name = draw(
        st.sampled_from(["set_auth", "set_marker", "remove_auth", "set_helper", "remove_helper", "set_creds_store"])
    )
    more: dict[str, list[Any]] = {
        "set_auth": [key, draw(credentials)],
        "set_helper": [key, draw(st.sampled_from(["", "pass", "ecr-login"]))],
        "set_creds_store": [draw(st.sampled_from(["", "pass"]))],
    }
    return name, more.get(name, [key])


def of(text: str) -> Document:
    return Document("config.json", Snapshot(text.encode("utf-8", "surrogatepass"), os.stat(".")))


def untouched(root: Value, touched: dict[str, set[str]]) -> list[str]:
    """Every token of a tree in order, but for those that the actions were about."""
    tokens: list[str] = []

    def collect(value: Value) -> None:
        tokens.append(value.kind if value.kind in ("object", "array") else value.raw)
        for each in value.members:
            tokens.append(each.raw)
            collect(each.value)
        for item in value.items:
            collect(item)

    for each in root.members:
        name = fold(each.name)
        if name == "credsstore" and touched["credsstore"]:
            continue
        if name in ("auths", "credhelpers"):
            # The object itself may come or go with its last member, and take the place of a null.
            for inner in each.value.members:
                if inner.name not in touched[name]:
                    tokens.append(inner.raw)
                    collect(inner.value)
        else:
            tokens.append(each.raw)
            collect(each.value)
    return tokens


@settings(max_examples=150)
@given(documents(), st.lists(actions(), max_size=5))
def test_what_an_action_is_not_about_stays_as_it_is(text: str, todo: list[tuple[str, list[Any]]]) -> None:
    document = of(text)
    touched: dict[str, set[str]] = {"auths": set(), "credhelpers": set(), "credsstore": set()}
    for name, words in todo:
        getattr(document, name)(*words)
        about = {"set_helper": "credhelpers", "remove_helper": "credhelpers", "set_creds_store": "credsstore"}
        touched[about.get(name, "auths")].add(words[0] or "none")
    data = document.render()
    if not document.changed:
        assert data == text.encode()
        return
    written = data.decode()
    assert untouched(grow(written), touched) == untouched(grow(text), touched)
    # Written once, it is in its final form.
    again = of(written)
    again.changed = True
    assert again.render() == data
    assert json.loads(written) is not None


@settings(max_examples=150)
@given(documents(), st.lists(actions(), min_size=1, max_size=5))
def test_each_action_does_what_it_says(text: str, todo: list[tuple[str, list[Any]]]) -> None:
    document = of(text)
    for name, words in todo:
        before = document.has_auth(words[0]), words[0] in document.cred_helpers
        done = getattr(document, name)(*words)
        for seen in (document, of(document.render().decode())):
            if name == "set_auth":
                assert seen.auth(words[0]) == words[1]
            elif name == "set_marker":
                assert seen.has_auth(words[0])
                assert seen.auth(words[0]) is None
            elif name == "remove_auth":
                assert not seen.has_auth(words[0])
                assert done or not before[0]
            elif name == "set_helper":
                assert seen.cred_helpers[words[0]] == words[1]
            elif name == "remove_helper":
                assert words[0] not in seen.cred_helpers
                assert done or not before[1]
            else:
                assert seen.creds_store == words[0]


@settings(max_examples=150)
@given(documents(), st.sampled_from(KEYS), credentials | st.none())
def test_the_other_fields_of_an_entry_are_kept(text: str, key: str, credential: Credential | None) -> None:
    document = of(text)
    there = matching.merged(grow(text), "auths").get(key)
    if credential is None:
        document.set_marker(key)
    else:
        document.set_auth(key, credential)
    if not document.changed:
        return
    now = matching.merged(grow(document.render().decode()), "auths")[key].value
    assert others(now) == (others(there.value) if there is not None else [])


def others(entry: Value) -> list[tuple[str, str]]:
    """The fields of an entry that are no part of a credential, as they are written."""
    return [(each.raw, write(each.value)) for each in entry.members if fold(each.name) not in FIELDS]


@settings(max_examples=150)
@given(documents())
def test_untouched_documents_keep_every_byte(text: str) -> None:
    document = of(text)
    assert document.notes is document.notes
    assert document.auth_keys() is not None
    assert document.render() == text.encode()


@settings(max_examples=150)
@given(documents(), st.lists(actions(), max_size=3))
def test_doing_it_twice_is_doing_it_once(text: str, todo: list[tuple[str, list[Any]]]) -> None:
    first = of(text)
    for name, words in todo:
        getattr(first, name)(*words)
    second = of(first.render().decode())
    if todo:
        name, words = todo[-1]
        getattr(second, name)(*words)
        assert not second.changed


@given(st.text(max_size=30) | st.binary(max_size=30).map(lambda data: data.decode("latin-1")))
def test_any_text_gives_a_document_or_an_error_with_a_place(text: str) -> None:
    from dockpass.errors import ConfigMalformed

    try:
        of(text)
    except ConfigMalformed as error:
        assert error.line >= 1
        assert error.column >= 1
        assert "\n" not in error.message
