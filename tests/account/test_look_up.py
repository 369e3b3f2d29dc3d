"""Where one is logged in: found under every spelling, in the right order, and never silently missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

import dockpass
from dockpass import errors
from dockpass.account.look_up import Entry, environment, get, logins, spellings, survey
from dockpass.credential import Credential
from dockpass.server import DOCKER_HUB, Server
from dockpass.testing.helper_program import HelperProgram

Place = Any
ENTRY = {"auth": "Zm9vOmJhcg=="}
FOO = Credential("foo", "bar")


@pytest.fixture(autouse=True)
def store(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", "file")


def rows(entries: list[Entry]) -> list[tuple[str, str, str, str | None]]:
    return [(entry.server, entry.username, entry.store, entry.shadowed_by) for entry in entries]


# get


@pytest.mark.parametrize("key", ["reg.test", "https://reg.test", "http://reg.test/v1/", "reg.test/v2", "REG.test"])
@pytest.mark.parametrize("asked", ["reg.test", "https://reg.test/v2/"])
def test_a_login_is_found_under_every_spelling(key: str, asked: str, place: Place) -> None:
    place.write({"auths": {"other.test": ENTRY, key: ENTRY}})
    assert dockpass.get(asked) == FOO
    assert get(Server.parse(asked), config=str(place.docker)) == FOO


@pytest.mark.parametrize("key", ["reg.test:5000", "sub.reg.test", "reg.test/team", "ftp://reg.test", "other.test"])
def test_what_means_another_is_not_found(key: str, place: Place) -> None:
    place.write({"auths": {key: ENTRY}})
    assert get("reg.test") is None


@pytest.mark.parametrize("key", [DOCKER_HUB, "docker.io", "https://registry-1.docker.io", "registry.hub.docker.com"])
@pytest.mark.parametrize("asked", [None, "", "docker.io", "index.docker.io"])
def test_docker_hub_is_one_registry(key: str, asked: str | None, place: Place) -> None:
    place.write({"auths": {f"{DOCKER_HUB}access-token": {"auth": "eDp5"}, key: ENTRY}})
    assert get(asked) == FOO


def test_a_helper_is_asked_for_what_it_serves(place: Place) -> None:
    helper = HelperProgram(place.tools, "scripted")
    helper.keep("https://reg.test", "foo", "bar")
    place.write({"credHelpers": {"https://reg.test": "scripted"}, "auths": {"other.test": ENTRY}})
    assert get("reg.test") == FOO
    assert get("other.test") == FOO
    assert get("none.test") is None
    assert [call.stdin for call in helper.calls] == ["https://reg.test"]


def test_a_broken_store_is_never_taken_for_an_empty_one(place: Place) -> None:
    HelperProgram(place.tools, "scripted").behave("get", output="no\n", exit_code=1)
    place.write({"credsStore": "scripted", "auths": {"reg.test": ENTRY}})
    with pytest.raises(errors.HelperFailed):
        get("reg.test")
    place.write({"credsStore": "gone"})
    with pytest.raises(errors.HelperMissing):
        get("reg.test")
    place.write({"auths": {"reg.test": {"auth": "!!!"}}})
    with pytest.raises(errors.ConfigMalformed):
        get("reg.test")


def test_the_environment_comes_first(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write({"auths": {"reg.test": ENTRY, "other.test": ENTRY}})
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps({"auths": {"https://reg.test": {"auth": "YTpi"}}}))
    assert get("reg.test") == Credential("a", "b")
    assert get("other.test") == FOO
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", "nonsense")
    assert get("reg.test") == FOO


def test_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment() == (None, None)
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", "")
    assert environment() == (None, None)
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", "{")
    given, note = environment()
    assert given is None
    assert note is not None
    assert note.startswith("DOCKER_AUTH_CONFIG is not used: ")


def test_spellings() -> None:
    server = Server.parse("reg.test")
    keys = ["https://reg.test", "other.test", "reg.test/v2/", "reg.test", "https://reg.test"]
    assert spellings(server, keys) == ["reg.test", "https://reg.test", "reg.test/v2/"]
    assert spellings(server, keys[:3]) == ["https://reg.test", "reg.test/v2/"]
    assert spellings(server, keys[:3], always=True) == ["reg.test", "https://reg.test", "reg.test/v2/"]
    assert spellings(server, []) == []


# logins and survey


def test_all_logins_sorted(place: Place) -> None:
    helper = HelperProgram(place.tools, "scripted")
    helper.keep("c.test", "foo", "bar")
    helper.keep("d.test", "<token>", "t")
    place.write(
        {
            "credsStore": "scripted",
            "credHelpers": {"b.test": ""},
            "auths": {"b.test": ENTRY, "a.test": ENTRY, "c.test": {}},
        }
    )
    found = dockpass.logins()
    assert rows(found) == [
        ("a.test", "foo", "file", "docker-credential-scripted"),
        ("b.test", "foo", "file", None),
        ("c.test", "foo", "scripted", None),
        ("d.test", "", "scripted", None),
    ]
    assert [entry.plaintext for entry in found] == [True, True, False, False]
    assert {entry.expires_at for entry in found} == {None}
    assert repr(found[1]) == "Entry(server='b.test', username='foo', store='file')"
    assert "bar" not in repr(found)
    assert logins(config=str(place.folder / "elsewhere")) == []


def test_a_helper_is_asked_once_however_often_it_is_named(place: Place) -> None:
    helper = HelperProgram(place.tools, "scripted")
    helper.keep("a.test", "foo", "bar")
    place.write({"credsStore": "scripted", "credHelpers": {"a.test": "scripted", "b.test": "scripted"}})
    assert rows(logins()) == [("a.test", "foo", "scripted", None)]
    assert [call.action for call in helper.calls] == ["list"]


def test_what_another_helper_serves_is_not_this_ones(place: Place) -> None:
    """docker asks the one that is named for it."""
    one, two = HelperProgram(place.tools, "one"), HelperProgram(place.tools, "two")
    for helper in (one, two):
        helper.keep("a.test", helper.name, "bar")
        helper.keep("b.test", helper.name, "bar")
    place.write({"credsStore": "one", "credHelpers": {"b.test": "two"}})
    assert rows(logins()) == [("a.test", "one", "one", None), ("b.test", "two", "two", None)]


def test_a_broken_store_is_an_error_that_does_not_hide_the_others(place: Place) -> None:
    place.write({"credsStore": "gone", "auths": {"a.test": ENTRY}})
    with pytest.raises(errors.HelperMissing):
        logins()
    found = survey()
    assert rows(found.logins) == [("a.test", "foo", "file", "docker-credential-gone")]
    (error,) = found.errors
    assert isinstance(error, errors.HelperMissing)


def test_what_cannot_be_read_is_noted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", "{")
    place.write({"auths": {"a.test": {"auth": "!!!"}}})
    found = survey()
    assert (found.logins, found.errors) == ([], [])
    first, second = found.notes
    assert 'the entry "a.test" in ' in first
    assert second.startswith("DOCKER_AUTH_CONFIG is not used: ")


def test_what_the_environment_holds_and_hides(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ("https://a.test", "b.test/team", "http:")
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps({"auths": {key: {"auth": "YTpi"} for key in keys}}))
    place.write({"auths": dict.fromkeys(("a.test", "b.test", "b.test/team", "http:"), ENTRY)})
    hidden = {entry.server: entry.shadowed_by for entry in logins() if entry.store == "file"}
    name = "DOCKER_AUTH_CONFIG"
    assert hidden == {"a.test": name, "b.test": None, "b.test/team": name, "http:": name}
    assert [row for row in rows(logins()) if row[2] == name] == [
        ("b.test/team", "a", name, None),
        ("http:", "a", name, None),
        ("https://a.test", "a", name, None),
    ]


@pytest.mark.parametrize("name", ["scripted", "memory"])
def test_a_store_that_only_the_environment_names(name: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from dockpass.stores.memory import OF_THIS_PROCESS

    helper = HelperProgram(place.tools, "scripted")
    helper.keep("a.test", "foo", "bar")
    OF_THIS_PROCESS.put("a.test", FOO)
    monkeypatch.setenv("DOCKPASS_STORE", name)
    place.write({"auths": {"b.test": ENTRY}, "credHelpers": {"c.test": ""}})
    try:
        assert rows(logins()) == [("a.test", "foo", name, None), ("b.test", "foo", "file", None)]
    finally:
        OF_THIS_PROCESS.erase("a.test")
