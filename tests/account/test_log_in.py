"""Logging in from Python: what is kept, what comes back, and what is left where it fails."""

from __future__ import annotations

import _socket
import json
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pytest

import dockpass
from dockpass import errors
from dockpass.account.attempt import Attempt, Login
from dockpass.account.log_in import login
from dockpass.account.look_up import find
from dockpass.config import document
from dockpass.credential import Credential, Secret
from dockpass.server import Server
from dockpass.stores import built_in
from dockpass.stores.file import FileStore
from dockpass.stores.memory import MemoryStore
from dockpass.testing.helper_program import HelperProgram
from dockpass.testing.registry import ScriptedRegistry

from .written import pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Place = Any

PASSWORD = "hunter2-correct-horse"


@pytest.fixture(autouse=True)
def store(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", "file")


# What is done while the registry thinks


def test_what_the_store_needs_is_loaded_before_the_registry_has_answered(
    registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def prepare(_self: object) -> Iterator[None]:
        for number in range(3):
            done.append(f"prepare {number}")
            yield

    monkeypatch.setattr(FileStore, "prepare", prepare)
    monkeypatch.setattr(FileStore, "put", lambda *_: done.append("put"))
    login(registry.address, "foo", "bar")
    with pytest.raises(errors.Refused):
        login(registry.address, "foo", "wrong")
    prepared = ["prepare 0", "prepare 1", "prepare 2"]
    assert done == [*prepared, "put", *prepared]


@pytest.mark.parametrize("wrong", [OSError("disk"), errors.AgeMissing("no age", ""), ImportError("no module")])
def test_what_goes_wrong_while_it_is_loaded_changes_nothing(
    registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    def prepare(_self: object) -> Iterator[None]:
        yield
        raise wrong

    monkeypatch.setattr(FileStore, "prepare", prepare)
    with pytest.raises(errors.Refused):
        login(registry.address, "foo", "wrong")
    login(registry.address, "foo", "bar")
    assert dockpass.get(registry.address) == Credential("foo", "bar")


def test_a_login_that_is_interrupted_while_things_are_loaded_keeps_nothing(
    registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(_self: object) -> Iterator[None]:
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr(FileStore, "prepare", prepare)
    with pytest.raises(KeyboardInterrupt):
        login(registry.address, "foo", "bar")
    assert dockpass.get(registry.address) is None


# What comes back


def test_a_login_that_is_kept_in_config_json(place: Place, registry: ScriptedRegistry) -> None:
    done = dockpass.login(registry.address, "foo", "bar")
    assert isinstance(done, Login)
    assert done.server == Server.parse(registry.address)
    assert (done.username, done.store, done.plaintext) == ("foo", "file", True)
    assert done.path == str(place.docker / "config.json")
    assert (done.is_identity_token, done.changed, done.notes) == (False, True, [])
    assert repr(done) == f"Login(server='{registry.address}', username='foo', store='file')"
    assert place.config == {"auths": {registry.address: {"auth": pair("foo", "bar")}}}
    assert not login(registry.address, "foo", "bar").changed


def test_a_login_that_a_helper_keeps(place: Place, helper: HelperProgram, registry: ScriptedRegistry) -> None:
    done = login(Server.parse(registry.address), "foo", Secret("bar"))
    assert (done.store, done.plaintext, done.changed) == ("scripted", False, True)
    assert helper.kept == {registry.address: ("foo", "bar")}


def test_a_login_for_which_an_identity_token_was_issued(place: Place, tokens: ScriptedRegistry) -> None:
    done = login(tokens.address, "foo", "bar")
    assert (done.username, done.is_identity_token, done.changed) == ("foo", True, True)
    kept = place.config["auths"][tokens.address]
    assert (kept["auth"], tokens.token_server.refresh_token_user(kept["identitytoken"])) == (pair("foo", ""), "foo")


def test_what_the_user_should_hear(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of config.json, of the environment and of the registry, in this order."""
    place.write({"auths": {"other.test": {"auth": "!!!"}}})
    with ScriptedRegistry(auth="none") as registry:
        monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps({"auths": {registry.address: {"auth": pair("a", "b")}}}))
        done = login(registry.address, "foo", "bar")
    first, second, third = done.notes
    assert 'the entry "other.test" in ' in first
    assert second.startswith(f"DOCKER_AUTH_CONFIG holds a login for {registry.address}, which docker and dockpass use ")
    assert third == f"{registry.address} asks for no login, so the password may not have been checked"


@pytest.mark.parametrize("name", ["config", "store"])
def test_the_folder_and_the_store_may_be_named(name: str, place: Place, registry: ScriptedRegistry) -> None:
    if name == "config":
        login(registry.address, "foo", "bar", config=str(place.folder / "elsewhere"))
        text = (place.folder / "elsewhere" / "config.json").read_text("utf-8")
        assert json.loads(text) == {"auths": {registry.address: {"auth": pair("foo", "bar")}}}
    else:
        helper = HelperProgram(place.tools, "scripted")
        assert login(registry.address, "foo", "bar", store="scripted").store == "scripted"
        assert helper.kept == {registry.address: ("foo", "bar")}
        assert place.config["credHelpers"] == {registry.address: "scripted"}


def test_the_memory_of_this_process_is_a_store(
    place: Place, registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = login(registry.address, "foo", "bar", store="memory")
    assert (done.store, done.plaintext) == ("memory", False)
    monkeypatch.setenv("DOCKPASS_STORE", "memory")
    assert dockpass.get(registry.address) == Credential("foo", "bar")
    assert dockpass.logout(registry.address).erased == [(registry.address, "memory")]
    assert dockpass.get(registry.address) is None
    assert not (place.docker / "config.json").exists()


def test_a_token_host_that_the_caller_approves_of(place: Place, tokens: ScriptedRegistry) -> None:
    """Not asked here, because it is the registry's own; but handed on."""
    assert login(tokens.address, "foo", "bar", token_host="token.test", plain_http=True).is_identity_token


# Before anything is sent


@pytest.mark.parametrize(
    ("username", "secret", "says"),
    [
        ("", "bar", "the user name is empty"),
        ("foo", "", "the secret is empty"),
        ("f:oo", "bar", "the user name holds a colon"),
        ("f\noo", "bar", "the user name holds a control character"),
        ("foo", f"{PASSWORD}\0", "the secret holds a NUL byte"),
    ],
)
def test_what_no_registry_could_take(
    username: str, secret: str, says: str, place: Place, registry: ScriptedRegistry
) -> None:
    with pytest.raises(errors.BadCredential, match=says) as caught:
        login(registry.address, username, secret)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    assert registry.requests == []


def test_a_server_that_is_none(place: Place) -> None:
    with pytest.raises(errors.BadServer) as caught:
        login(f"foo:{PASSWORD}@reg.test", "foo", "bar")
    assert PASSWORD not in str(caught.value)


def test_a_config_json_that_is_none(place: Place, registry: ScriptedRegistry) -> None:
    (place.docker / "config.json").write_text("{")
    with pytest.raises(errors.ConfigMalformed):
        login(registry.address, "foo", "bar")
    assert registry.requests == []


def test_a_store_that_is_not_there(place: Place, registry: ScriptedRegistry) -> None:
    with pytest.raises(errors.HelperMissing):
        Attempt(registry.address, store="gone")
    with pytest.raises(errors.UnknownStore):
        Attempt(registry.address, store="../evil")
    assert registry.requests == []


# Where it fails nothing is kept, and nothing tells the password


def test_refused(place: Place, registry: ScriptedRegistry) -> None:
    with pytest.raises(dockpass.Refused) as caught:
        login(registry.address, "foo", PASSWORD)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value, chain=True))
    assert not (place.docker / "config.json").exists()


def test_accepted_but_not_kept(place: Place, helper: HelperProgram, registry: ScriptedRegistry) -> None:
    """There is no login then."""
    helper.behave("store", output="no\n", exit_code=1)
    with pytest.raises(errors.HelperFailed, match=r"docker-credential-scripted store for .* failed"):
        login(registry.address, "foo", "bar")
    assert place.config == {"credsStore": "scripted"}


def test_a_broken_entry_is_replaced(place: Place, registry: ScriptedRegistry) -> None:
    place.write({"auths": {registry.address: {"auth": "!!!"}}})
    assert login(registry.address, "foo", "bar").changed
    assert place.config == {"auths": {registry.address: {"auth": pair("foo", "bar")}}}


# What is told meanwhile


def test_requests_are_traced_and_waits_are_told(place: Place, registry: ScriptedRegistry) -> None:
    lines: list[str] = []
    told: list[str] = []
    Attempt(registry.address, trace=lines.append, waiting=told.append).with_password("foo", "bar")
    assert lines == [
        f"GET http://{registry.address}/v2/",
        "401 from 127.0.0.1",
        f"GET http://{registry.address}/v2/ with Basic credentials",
        "200 from 127.0.0.1",
    ]
    assert told == []


def test_variables_are_withheld_from_helpers(
    helper: HelperProgram, registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "bar")
    attempt = Attempt(registry.address, withhold=["TOKEN"])
    assert attempt.stored() is None
    attempt.with_password("foo", "bar")
    assert len(helper.calls) == 2
    assert all("TOKEN" not in call.environ for call in helper.calls)


def test_what_is_to_be_heard_before_a_password_goes_out(
    place: Place, monkeypatch: pytest.MonkeyPatch, registry: ScriptedRegistry
) -> None:
    """At once where somebody listens, else with the rest."""
    resolve = _socket.getaddrinfo

    def to_this_machine(_host: object, port: Any, *rest: Any, **options: Any) -> Any:
        return resolve("127.0.0.1", port, *rest, **options)

    monkeypatch.setattr("dockpass.http.address.socket.getaddrinfo", to_this_machine)
    server = Server.parse(f"ghrc.io:{registry.port}", plain_http=True)
    note = "ghrc.io is not ghcr.io: is that the name you mean?"
    told: list[str] = []
    done = Attempt(server, waiting=told.append).with_password("foo", "bar")
    assert (told, done.notes) == ([note], [])
    assert login(server, "foo", "bar").notes == [note]


# Finding


def test_the_exact_key_comes_before_other_spellings(place: Place) -> None:
    place.write({"auths": {"https://reg.test": {"auth": pair("old", "x")}, "reg.test": {"auth": pair("foo", "bar")}}})
    found = find(Server.parse("http://reg.test/v2/"), document.read(str(place.docker)))
    assert found is not None
    assert (found.key, found.credential.username, found.store.name) == ("reg.test", "foo", "file")


# Where it goes


def test_a_helper_that_makes_its_credentials_itself(
    helper: HelperProgram, place: Place, registry: ScriptedRegistry
) -> None:
    helper.behave("store", output="not implemented\n", exit_code=1)
    config = place.config
    done = login(registry.address, "foo", "bar")
    assert done.notes == [
        "the login is good, but it is not kept: docker-credential-scripted makes its credentials itself and keeps none"
    ]
    assert place.config == config
    with pytest.raises(errors.Refused):
        login(registry.address, "foo", "wrong")


def test_a_store_of_ours_that_docker_does_not_find(
    place: Place, registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "store_of_a_login", sys.modules[__name__])
    for name in ("pass", "another"):
        monkeypatch.setitem(built_in.STORES, name, ("store_of_a_login", "Kept"))
        monkeypatch.setattr(Kept, "name", name)
        monkeypatch.setattr(Kept, "plaintext", name == "another")  # no matter how it keeps them
        monkeypatch.setenv("DOCKPASS_STORE", name)
        [note] = login(registry.address, "foo", "bar").notes
        missing = f"docker-credential-{name} is not on PATH, so docker and podman do not find this login"
        assert note == missing + (
            ": dockpass helper install pass"
            if name == "pass"
            else "; keep it where they can: dockpass login --store age SERVER"
        )
        for other in ("file", "../x"):
            monkeypatch.setenv("DOCKPASS_STORE", other)
            notes = login(registry.address, "foo", "bar", store=name).notes
            assert notes == [note, f"dockpass finds this login only where the store is named: DOCKPASS_STORE={name}"]
        monkeypatch.setenv("DOCKPASS_STORE", name)
        assert not (place.docker / "config.json").exists()
    HelperProgram(place.tools, "another")
    assert login(registry.address, "foo", "bar").notes == []
    assert place.config["credHelpers"] == {registry.address: "another"}


class Kept(MemoryStore):
    def __init__(self, **_how: object) -> None:
        super().__init__()


def test_a_hint_names_arguments_and_not_options(tmp_path: Path) -> None:
    with pytest.raises(errors.FileUnreadable) as caught:
        login("127.0.0.1:1", "alice", "wonder", cacert=str(tmp_path / "none.pem"), config=str(tmp_path))
    assert caught.value.hint
    assert "--" not in caught.value.hint
    with pytest.raises(errors.Unreachable) as unreachable:
        login("127.0.0.1:1", "alice", "wonder", config=str(tmp_path))
    assert "--" not in (unreachable.value.hint or "")
