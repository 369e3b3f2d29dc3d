"""Logging out from Python: what was erased, what is left, and who did not let go."""

from __future__ import annotations

import json
from typing import Any

import pytest

import dockpass
from dockpass import errors
from dockpass.account.log_out import Logout, log_out_everywhere, logout
from dockpass.credential import Credential
from dockpass.server import DOCKER_HUB, Server
from dockpass.stores import file
from dockpass.testing.helper_program import HelperProgram

Place = Any
ENTRY = {"auth": "Zm9vOmJhcg=="}


@pytest.fixture(autouse=True)
def store(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", "file")


def test_what_was_erased_is_named(place: Place) -> None:
    place.write({"auths": {"reg.test": ENTRY, "https://reg.test/v1/": ENTRY, "other.test": ENTRY}})
    done = dockpass.logout("https://reg.test")
    assert isinstance(done, Logout)
    assert (done.server, done.notes) == (Server.parse("reg.test"), [])
    assert done.erased == [("reg.test", "file"), ("https://reg.test/v1/", "file")]
    assert repr(done) == ("Logout(server='reg.test', erased=[('reg.test', 'file'), ('https://reg.test/v1/', 'file')])")
    assert place.config == {"auths": {"other.test": ENTRY}}


def test_nothing_was_kept(place: Place) -> None:
    assert logout("reg.test").erased == []
    assert list(place.docker.iterdir()) == []


def test_a_marker_alone_is_no_login_but_goes(place: Place) -> None:
    place.write({"auths": {"reg.test": {}}})
    assert logout("reg.test").erased == []
    assert place.config == {"auths": {}}


@pytest.mark.parametrize("server", [None, "", "docker.io", Server.parse("registry-1.docker.io")])
def test_docker_hub(server: Server | str | None, place: Place) -> None:
    keys = [DOCKER_HUB, "docker.io", f"{DOCKER_HUB}access-token", f"{DOCKER_HUB}refresh-token"]
    place.write({"auths": dict.fromkeys(keys, ENTRY)})
    assert {key for key, _store in logout(server).erased} == set(keys)
    assert place.config == {"auths": {}}


def test_the_folder_may_be_named(place: Place) -> None:
    place.write({"auths": {"reg.test": ENTRY}})
    (place.folder / "elsewhere").mkdir()
    logout("reg.test", config=str(place.folder / "elsewhere"))
    assert place.config == {"auths": {"reg.test": ENTRY}}


def test_a_server_that_is_none(place: Place) -> None:
    with pytest.raises(errors.BadServer):
        logout("me@reg.test")


def test_a_helper_that_keeps_what_it_should_forget(place: Place) -> None:
    helper = HelperProgram(place.tools, "scripted")
    helper.keep("reg.test", "foo", "bar")
    helper.behave("erase", output="")
    place.write({"credsStore": "scripted"})
    with pytest.raises(errors.NotErased, match="scripted says that it erased the login for reg.test, but still has it"):
        logout("reg.test")


def test_another_program_that_writes_it_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """docker takes no lock, and may write back what it read before."""
    place.write({"auths": {"reg.test": ENTRY}})
    erase = file.FileStore.erase

    def erase_and_lose(self: file.FileStore, server: str) -> bool:
        erased = erase(self, server)
        place.write({"auths": {"reg.test": ENTRY}})
        return erased

    monkeypatch.setattr(file.FileStore, "erase", erase_and_lose)
    with pytest.raises(errors.NotErased) as caught:
        logout("reg.test")
    assert caught.value.message == ("the login for reg.test is in config.json again: another program wrote it back")
    assert caught.value.hint is not None
    assert "log out again" in caught.value.hint


def test_one_trouble_in_many_places_is_one_error(place: Place) -> None:
    """Of its own kind, so that a program can tell what it is."""
    place.write({"credsStore": "gone", "auths": {"reg.test": {}, "https://reg.test": {}}})
    with pytest.raises(errors.HelperMissing):
        logout("reg.test")


def test_several_troubles_are_told_together(place: Place) -> None:
    for name in ("one", "two"):
        HelperProgram(place.tools, name).behave("*", output=f"{name} is out of order\n", exit_code=1)
    place.write({"credHelpers": {"reg.test": "one", "https://reg.test": "two"}})
    with pytest.raises(errors.NotErased) as caught:
        logout("reg.test")
    message = caught.value.message
    assert message.startswith("the login for reg.test could not be erased everywhere: docker-credential-one erase ")
    assert "one is out of order; " in message
    assert "two is out of order" in message
    assert caught.value.hint


def test_a_default_store_that_cannot_be_found_is_an_error_too(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """There might be another spelling in it."""
    helper = HelperProgram(place.tools, "scripted")
    helper.keep("reg.test", "foo", "bar")
    place.write({"credsStore": "gone", "credHelpers": {"reg.test": "scripted"}})
    with pytest.raises(errors.HelperMissing):
        logout("reg.test")
    assert helper.kept == {}


def test_a_helper_whose_list_makes_no_sense(place: Place) -> None:
    helper = HelperProgram(place.tools, "scripted")
    helper.keep("reg.test", "foo", "bar")
    helper.behave("list", output="hello\n")
    place.write({"credsStore": "scripted"})
    with pytest.raises(errors.HelperGarbled):
        logout("reg.test")
    assert helper.kept == {}


def test_what_remains_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write({"auths": {"reg.test": ENTRY, "https://reg.test/team": ENTRY, "reg.test/a": ENTRY, "x.test/a": ENTRY}})
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps({"auths": {"reg.test": ENTRY}}))
    notes = logout("reg.test").notes
    assert notes[0] == ("DOCKER_AUTH_CONFIG still holds a login for reg.test: unset DOCKER_AUTH_CONFIG to be rid of it")
    assert [note.split(", ")[0] for note in notes[1:]] == [
        "config.json still has a login for https://reg.test/team",
        "config.json still has a login for reg.test/a",
    ]


# Everywhere


def everywhere(**named: Any) -> tuple[list[str], list[Logout]]:
    before: list[str] = []
    return before, log_out_everywhere(before=before.append, **named)


def test_everything_is_forgotten(place: Place) -> None:
    helper = HelperProgram(place.tools, "scripted")
    helper.keep("helped.test", "foo", "bar")
    place.write(
        {
            "credHelpers": {"helped.test": "scripted"},
            "auths": {"helped.test": {}, "reg.test": ENTRY, "https://reg.test": ENTRY, "reg.test/team": ENTRY},
        }
    )
    before, done = everywhere()
    assert before == ["helped.test", "reg.test", "reg.test/team"]
    assert [one.server.key for one in done] == ["helped.test", "reg.test"]
    assert (helper.kept, place.config["auths"]) == ({}, {})


def test_nobody_was_logged_in(place: Place) -> None:
    assert everywhere(config=str(place.folder / "elsewhere")) == ([], [])


def test_what_is_no_registry_must_be_gone_too(place: Place) -> None:
    helper = HelperProgram(place.tools, "scripted")
    helper.keep("reg.test/team", "foo", "bar")
    helper.keep("z.test", "foo", "bar")
    helper.behave("erase", output="")
    place.write({"credsStore": "scripted"})
    with pytest.raises(errors.NotErased) as caught:
        everywhere()
    assert caught.value.message.startswith("some logins could not be erased everywhere: ")
    assert "reg.test/team, but still has it" in caught.value.message
    assert "z.test, but still has it" in caught.value.message


def test_stores_that_cannot_be_asked_are_told_at_the_end(place: Place) -> None:
    place.write({"credHelpers": {"gone.test": "gone"}, "auths": {"reg.test": ENTRY}})
    with pytest.raises(errors.HelperMissing):
        everywhere()
    assert place.config["auths"] == {}


def test_what_is_in_the_environment_is_named_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DOCKER_AUTH_CONFIG", json.dumps({"auths": dict.fromkeys(("env.test", "http://env.test", "env.test/x"), ENTRY)})
    )
    before, [done] = everywhere()
    assert (before, done.server.key, done.erased) == ([], "env.test", [])
    assert len(done.notes) == 1


def test_a_helper_that_makes_its_credentials_itself(place: Place) -> None:
    helper = HelperProgram(place.tools, "scripted")
    helper.keep("reg.test", "AWS", "made")
    for action in ("erase", "list"):
        helper.behave(action, output="not implemented\n", exit_code=1)
    place.write({"auths": {"reg.test": ENTRY}, "credHelpers": {"reg.test": "scripted"}})
    done = logout("reg.test")
    assert done.notes == ["docker-credential-scripted makes its credentials itself and keeps none"]
    assert done.erased == []
    assert place.config == {"auths": {}, "credHelpers": {"reg.test": "scripted"}}
    place.write({"auths": {"reg.test/team": {}}, "credHelpers": {"reg.test/team": "scripted"}})
    helper.behave("list", output='{"reg.test/team":"AWS"}')
    log_out_everywhere(before=lambda _key: None)
    assert place.config["credHelpers"] == {"reg.test/team": "scripted"}


def test_a_helper_that_does_not_answer_is_not_waited_for_again_for_each_spelling(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockpass.stores.child.ALONE", 0.5)
    monkeypatch.setattr("dockpass.stores.child.ATTENDED", 0.5)
    helper = HelperProgram(place.tools, "scripted")
    helper.behave("erase", hang=True)
    place.write({"auths": {"reg.test": {}, "https://reg.test": {}, "http://reg.test": {}}, "credsStore": "scripted"})
    with pytest.raises(errors.HelperTimedOut):
        logout("reg.test")
    assert [call.action for call in helper.calls].count("erase") == 1


def test_a_store_that_is_out_of_reach_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BAO_ADDR", "VAULT_ADDR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKPASS_STORE", "openbao,age")
    place.vault.put("reg.test", Credential("alice", "wonder"))
    done = logout("reg.test")
    assert done.erased == [("reg.test", "age")]
    assert done.notes == [
        "a login in a store that cannot be used here stays there: openbao: neither BAO_ADDR nor VAULT_ADDR is set"
    ]
