"""Logging in with what is kept from an earlier login."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dockpass import errors
from dockpass.account import again
from dockpass.account.attempt import Attempt
from dockpass.account.log_in import login
from dockpass.config import document
from dockpass.credential import Credential
from dockpass.stores import built_in
from dockpass.stores.file import FileStore
from dockpass.stores.memory import MemoryStore
from dockpass.testing.answers import Answer, error_answer
from dockpass.testing.registry import ScriptedRegistry

from .written import pair

if TYPE_CHECKING:
    from dockpass.testing.helper_program import HelperProgram

    Place = Any


PASSWORD = "hunter2-correct-horse"


@pytest.fixture(autouse=True)
def store(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", "file")


def test_a_stored_login_is_not_stored_again(place: Place, helper: HelperProgram, registry: ScriptedRegistry) -> None:
    helper.keep(registry.address, "foo", "bar")
    attempt = Attempt(registry.address)
    found = attempt.stored()
    assert found is not None
    assert (found.credential, found.key, found.is_environment) == (
        Credential("foo", "bar"),
        registry.address,
        False,
    )
    done = again.log_in(attempt, found)
    assert (done.username, done.store, done.changed) == ("foo", "scripted", False)
    assert {call.action for call in helper.calls} == {"get"}


def test_nothing_is_stored(place: Place) -> None:
    assert Attempt("reg.test").stored() is None
    assert again.username(Attempt("reg.test")) == ""


def test_a_stored_password_for_which_an_identity_token_is_issued(place: Place, tokens: ScriptedRegistry) -> None:
    """It goes under the key where the password was, whatever its spelling."""
    key = f"https://{tokens.address}/v1/"
    place.write({"auths": {key: {"auth": pair("foo", "bar"), "email": "foo@example.com"}}})
    attempt = Attempt(tokens.address)
    found = attempt.stored()
    assert found is not None
    done = again.log_in(attempt, found)
    assert (done.is_identity_token, done.changed) == (True, True)
    assert list(place.config["auths"]) == [key]
    entry = place.config["auths"][key]
    assert (entry["auth"], entry["email"]) == (pair("foo", ""), "foo@example.com")
    assert tokens.token_server.refresh_token_user(entry["identitytoken"]) == "foo"


def test_a_stored_password_that_is_refused(place: Place, registry: ScriptedRegistry) -> None:
    place.write({"auths": {registry.address: {"auth": pair("foo", PASSWORD)}}})
    before = place.config
    attempt = Attempt(registry.address)
    found = attempt.stored()
    assert found is not None
    with pytest.raises(errors.Refused):
        again.log_in(attempt, found)
    assert place.config == before


def _identity(place: Place, registry: ScriptedRegistry, token: str, password: str = "") -> tuple[Attempt, Any]:
    place.write({"auths": {registry.address: {"auth": pair("foo", password), "identitytoken": token}}})
    attempt = Attempt(registry.address)
    found = attempt.stored()
    assert found is not None
    assert found.credential.is_identity_token
    return attempt, found


def test_an_identity_token_is_exchanged_and_the_new_one_kept(place: Place, tokens: ScriptedRegistry) -> None:
    old = tokens.token_server.issue_refresh_token("foo")
    attempt, found = _identity(place, tokens, old)
    done = again.log_in(attempt, found)
    assert (done.username, done.is_identity_token, done.changed) == ("foo", True, True)
    new = place.config["auths"][tokens.address]["identitytoken"]
    assert (tokens.token_server.refresh_token_user(old), tokens.token_server.refresh_token_user(new)) == (None, "foo")


def test_an_identity_token_that_stays_the_same(place: Place) -> None:
    with ScriptedRegistry({"foo": "bar"}, auth="bearer", refresh_tokens=True) as registry:
        attempt, found = _identity(place, registry, registry.token_server.issue_refresh_token("foo"))
        before = place.config
        assert not again.log_in(attempt, found).changed
    assert place.config == before


def test_a_new_identity_token_is_kept_before_anything_else_can_fail(place: Place, tokens: ScriptedRegistry) -> None:
    attempt, found = _identity(place, tokens, tokens.token_server.issue_refresh_token("foo"))
    tokens.answer("/v2/", None, Answer(404, "gone"))
    with pytest.raises(errors.NotARegistry):
        again.log_in(attempt, found)
    new = place.config["auths"][tokens.address]["identitytoken"]
    assert tokens.token_server.refresh_token_user(new) == "foo"


def test_a_new_identity_token_that_cannot_be_kept(
    place: Place, helper: HelperProgram, tokens: ScriptedRegistry
) -> None:
    """That is said: with the next login the old one would be refused."""
    helper.keep(tokens.address, "<token>", tokens.token_server.issue_refresh_token("foo"))
    helper.behave("store", output="no\n", exit_code=1)
    attempt = Attempt(tokens.address)
    found = attempt.stored()
    assert found is not None
    with pytest.raises(errors.HelperFailed):
        again.log_in(attempt, found)


def test_an_identity_token_that_another_process_has_exchanged_meanwhile(place: Place, tokens: ScriptedRegistry) -> None:
    """The one that it kept is good."""
    attempt, found = _identity(place, tokens, "refresh-void")
    FileStore(str(place.docker)).put(
        tokens.address,
        Credential("foo", tokens.token_server.issue_refresh_token("foo"), is_identity_token=True),
    )
    # The document is read once; what was found is as it was then.
    attempt.document = document.read(str(place.docker))
    done = again.log_in(attempt, found)
    assert done.is_identity_token
    kept = place.config["auths"][tokens.address]["identitytoken"]
    assert tokens.token_server.refresh_token_user(kept) == "foo"


def test_an_identity_token_that_is_refused_and_nothing_else(place: Place, tokens: ScriptedRegistry) -> None:
    attempt, found = _identity(place, tokens, "refresh-void")
    before = place.config
    with pytest.raises(errors.LoginExpired):
        again.log_in(attempt, found)
    assert place.config == before


def test_the_password_beside_a_refused_identity_token(place: Place) -> None:
    """Where the registry gives no new one, the worthless one goes."""
    with ScriptedRegistry({"foo": "bar"}, auth="bearer") as registry:
        attempt, found = _identity(place, registry, "refresh-void", "bar")
        done = again.log_in(attempt, found)
    assert (done.is_identity_token, done.changed) == (False, True)
    assert place.config["auths"] == {registry.address: {"auth": pair("foo", "bar")}}


def test_a_registry_in_trouble_makes_nothing_of_the_identity_token(place: Place, tokens: ScriptedRegistry) -> None:
    attempt, found = _identity(place, tokens, tokens.token_server.issue_refresh_token("foo"), "bar")
    before = place.config
    tokens.answer("/token", error_answer(500, "UNKNOWN", "boom"))
    with pytest.raises(errors.RegistryTrouble):
        again.log_in(attempt, found)
    assert (place.config, len(tokens.asked("/token"))) == (before, 1)


def test_a_login_from_the_environment_is_never_kept(
    place: Place, tokens: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps({"auths": {tokens.address: {"auth": pair("foo", "bar")}}}))
    attempt = Attempt(tokens.address)
    found = attempt.stored()
    assert found is not None
    assert found.is_environment
    assert again.log_in(attempt, found).store == "environment"
    assert list(place.docker.iterdir()) == []


class Kept(MemoryStore):
    """What one has kept, the next one has."""

    name = "another"
    all = MemoryStore()

    def __init__(self, **_how: object) -> None:
        super().__init__()
        self.get, self.put = self.all.get, self.all.put  # type: ignore[method-assign]


def test_it_is_said_again_that_docker_does_not_find_it(
    registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "store_of_a_login", sys.modules[__name__])
    monkeypatch.setitem(built_in.STORES, "another", ("store_of_a_login", "Kept"))
    monkeypatch.setenv("DOCKPASS_STORE", "another")
    first = login(registry.address, "foo", "bar").notes
    attempt = Attempt(registry.address)
    found = attempt.stored()
    assert found is not None
    assert again.log_in(attempt, found).notes == first
    assert first == [
        "docker-credential-another is not on PATH, so docker and podman do not find this login; keep it where they can: dockpass login --store age SERVER"
    ]


# The user name to offer


def test_the_name_of_an_entry_without_a_secret(place: Place) -> None:
    place.write({"auths": {"https://reg.test": {"auth": pair("foo", "")}}})
    assert again.username(Attempt("reg.test")) == "foo"


def test_a_broken_entry_offers_no_name(place: Place) -> None:
    place.write({"auths": {"reg.test": {"auth": "!!!"}}})
    assert again.username(Attempt("reg.test")) == ""


def test_the_name_that_a_helper_has(place: Place, helper: HelperProgram) -> None:
    helper.keep("reg.test", "foo", "bar")
    assert again.username(Attempt("reg.test")) == "foo"
    helper.keep("reg.test", "<token>", "t")
    assert again.username(Attempt("reg.test")) == ""
    helper.behave("get", output="no\n", exit_code=1)
    assert again.username(Attempt("reg.test")) == ""
