"""Tokens with the login that is kept."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import dockpass
from dockpass import errors
from dockpass.account import tokens
from dockpass.account.tokens import Token, token
from dockpass.credential import Credential, Secret
from dockpass.registry.tokens.cache import Cache
from dockpass.testing.answers import Answer
from dockpass.testing.helper_program import HelperProgram
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

    Place = Any

USERS = {"alice": "hunter2", "bob": "builder"}


@pytest.fixture(autouse=True)
def store(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", "file")
    monkeypatch.setattr(tokens, "CACHE", Cache())


@pytest.fixture
def registry() -> Iterator[ScriptedRegistry]:
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        yield registry


@pytest.fixture
def exchanging() -> Iterator[ScriptedRegistry]:
    with ScriptedRegistry(USERS, auth="bearer", refresh_tokens=True, rotate=True) as registry:
        yield registry


def whose(registry: ScriptedRegistry, given: Token) -> tuple[str | None, dict[str, list[str]]]:
    grant = registry.token_server.grant(given.value.reveal())
    assert grant is not None
    return grant.user, {name: sorted(actions) for name, actions in grant.access.items()}


def entry(username: str, secret: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{secret}".encode()).decode()}


# What is asked for


def test_a_token_for_a_repository(registry: ScriptedRegistry) -> None:
    dockpass.login(registry.address, "alice", "hunter2")
    given = dockpass.token(f"{registry.address}/team/app", "pull")
    assert isinstance(given, Token)
    assert isinstance(given.value, Secret)
    assert whose(registry, given) == ("alice", {"team/app": ["pull"]})
    assert repr(given) == f"Token(Secret(****), expires_at={given.expires_at!r})"


@pytest.mark.parametrize(
    ("behind", "actions", "scopes"),
    [
        ("/team/app", ("pull,push",), ["repository:team/app:pull,push"]),
        ("/team/app:1.0", ("pull", "push"), ["repository:team/app:pull,push"]),
        (
            "/team/app",
            ("pull,push", "repository:team/base:pull"),
            ["repository:team/app:pull,push", "repository:team/base:pull"],
        ),  # case 76
        ("", ("registry:catalog:*",), ["registry:catalog:*"]),
        ("", (), None),
        ("/team/app", (), None),
    ],
)
def test_what_the_token_server_is_asked(
    registry: ScriptedRegistry, behind: str, actions: tuple[str, ...], scopes: list[str] | None
) -> None:
    dockpass.login(registry.address, "alice", "hunter2")
    token(registry.address + behind, *actions)
    asked = registry.asked("/token")[-1]
    assert asked.query.get("scope") == scopes
    assert "offline_token" not in asked.query
    assert asked.basic == ("alice", "hunter2")


@pytest.mark.parametrize(
    ("behind", "actions"),
    [
        ("", ("pull",)),
        ("/../other", ("pull",)),
        ("/team/%2e%2e/app", ("pull",)),
        ("/team/app?x", ("pull",)),
        ("/team/app#x", ("pull",)),
        ("/Team/app", ("pull",)),
        ("/team/app@sha256:../..", ("pull",)),
        ("/team/app", ("",)),
        ("/team/app", ("pull,",)),
        ("/team/app", ("PULL",)),
        ("/team/app", ("pull&service=x",)),
        ("/team/app", ("repository:../x:pull",)),
        ("/team/app", ("repository:a:pull repository:b",)),
    ],
)
def test_what_is_no_name_is_sent_nowhere(registry: ScriptedRegistry, behind: str, actions: tuple[str, ...]) -> None:
    dockpass.login(registry.address, "alice", "hunter2")
    before = registry.connections
    with pytest.raises(errors.UsageError):
        token(registry.address + behind, *actions)
    assert registry.connections == before


def test_who_is_not_logged_in_gets_what_anybody_may_have() -> None:  # case 75
    with ScriptedRegistry(USERS, auth="bearer", anonymous=True) as registry:
        assert whose(registry, token(f"{registry.address}/team/app", "pull,push")) == (None, {"team/app": ["pull"]})
    with ScriptedRegistry(USERS, auth="bearer") as registry, pytest.raises(errors.Denied) as caught:
        token(f"{registry.address}/team/app", "pull")
    assert caught.value.hint == f"log in: dockpass login {registry.address}"


def test_a_registry_without_tokens() -> None:
    with ScriptedRegistry(USERS, auth="basic") as registry:
        dockpass.login(registry.address, "alice", "hunter2")
        with pytest.raises(errors.NoChallenge, match="gives out no tokens"):
            token(f"{registry.address}/team/app", "pull")


def test_a_token_server_that_nobody_approved_of() -> None:
    from dockpass.account import pins

    foreign = 'Bearer realm="https://auth.example.net/token"'
    with ScriptedRegistry(USERS, auth="bearer", challenge=foreign) as registry:
        with pytest.raises(errors.UntrustedTokenHost) as caught:
            token(f"{registry.address}/team/app", "pull")
        assert caught.value.host == "auth.example.net"
        pins.pin(dockpass.Server.parse(registry.address), "auth.example.org")
        with pytest.raises(errors.TokenHostChanged):
            token(f"{registry.address}/team/app", "pull")
        assert [request.path for request in registry.requests] == ["/v2/"]


def test_the_network_is_as_the_caller_says(registry: ScriptedRegistry) -> None:
    with pytest.raises(errors.UsageError, match="cert"):
        token(registry.address, key="x.key")
    with pytest.raises(errors.FileUnreadable, match="none.crt"):
        token(registry.address, cacert="none.crt")
    with pytest.raises(ValueError, match="seconds"):
        token(registry.address, timeout=0)
    assert registry.connections == 0


# For how long


def test_when_it_ends_is_said_in_the_time_of_day() -> None:
    with ScriptedRegistry(USERS, auth="bearer", anonymous=True, expires_in=300) as registry:
        before = time.time()
        given = token(f"{registry.address}/team/app", "pull")
        assert before <= given.expires_at - 300 <= time.time()
        again = token(f"{registry.address}/team/app", "pull")
        assert abs(again.expires_at - given.expires_at) < 1


# From memory


def test_it_is_given_again(registry: ScriptedRegistry) -> None:  # case 116
    dockpass.login(registry.address, "alice", "hunter2")
    given = token(f"{registry.address}/team/app", "pull")
    before = registry.connections
    assert token(f"{registry.address}/team/app", "pull").value == given.value
    assert registry.connections == before
    assert token(f"{registry.address}/team/app", "pull,push").value != given.value


def test_a_logout_forgets_it(registry: ScriptedRegistry) -> None:  # case 125
    dockpass.login(registry.address, "alice", "hunter2")
    token(f"{registry.address}/team/app", "pull")
    dockpass.logout(registry.address)
    assert len(tokens.CACHE) == 0
    with pytest.raises(errors.Denied):
        token(f"{registry.address}/team/app", "pull")


def test_a_logout_that_fails_forgets_it_all_the_same(place: Place, registry: ScriptedRegistry) -> None:
    helper = HelperProgram(place.tools, "scripted")
    place.write({"credsStore": "scripted"})
    dockpass.login(registry.address, "alice", "hunter2")
    token(f"{registry.address}/team/app", "pull")
    helper.behave("erase", output="no\n", exit_code=1)
    with pytest.raises(errors.DockpassError):
        dockpass.logout(registry.address)
    assert len(tokens.CACHE) == 0


def test_another_login_forgets_it(registry: ScriptedRegistry) -> None:  # cases 118, 119
    where = f"{registry.address}/team/app"
    dockpass.login(registry.address, "alice", "hunter2")
    alices = token(where, "pull")
    dockpass.login(registry.address, "bob", "builder")
    assert len(tokens.CACHE) == 0
    assert whose(registry, token(where, "pull"))[0] == "bob"
    registry.users["alice"] = registry.token_server.users["alice"] = "hunter3"  # type: ignore[index]
    dockpass.login(registry.address, "alice", "hunter3")
    assert token(where, "pull").value != alices.value


def test_a_login_that_another_program_made_is_noticed(place: Place, registry: ScriptedRegistry) -> None:
    """Nobody says so to this process: the cache goes by account and secret."""
    where = f"{registry.address}/team/app"
    place.write({"auths": {registry.address: entry("alice", "hunter2")}})
    alices = token(where, "pull")
    place.write({"auths": {registry.address: entry("bob", "builder")}})
    assert whose(registry, token(where, "pull"))[0] == "bob"
    place.write({"auths": {registry.address: entry("alice", "wrong")}})
    with pytest.raises(errors.Refused):
        token(where, "pull")
    place.write({"auths": {registry.address: entry("alice", "hunter2")}})
    assert token(where, "pull").value == alices.value


def test_other_registries_are_left_alone(registry: ScriptedRegistry) -> None:
    with ScriptedRegistry(USERS, auth="bearer", anonymous=True) as other:
        kept = token(f"{other.address}/team/app", "pull")
        dockpass.login(registry.address, "alice", "hunter2")
        dockpass.logout(registry.address)
        assert token(f"{other.address}/team/app", "pull").value == kept.value


# From the environment


def test_what_the_environment_gives_comes_first(
    registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    dockpass.login(registry.address, "alice", "hunter2")
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps({"auths": {registry.address: entry("bob", "builder")}}))
    assert whose(registry, token(f"{registry.address}/team/app", "pull"))[0] == "bob"
    assert place.config["auths"][registry.address] == entry("alice", "hunter2")


# Identity tokens


def test_an_identity_token_is_exchanged_where_it_is_kept(exchanging: ScriptedRegistry) -> None:  # cases 101, 154
    dockpass.login(exchanging.address, "alice", "hunter2")
    first = dockpass.get(exchanging.address)
    token(f"{exchanging.address}/team/app", "pull")
    second = dockpass.get(exchanging.address)
    assert first is not None
    assert second is not None
    assert second.is_identity_token
    assert second.username == "alice"
    assert second != first
    assert exchanging.token_server.refresh_token_user(second.secret.reveal()) == "alice"
    # And the token that it gave is found again, though the secret is another one.
    before = exchanging.connections
    token(f"{exchanging.address}/team/app", "pull")
    assert exchanging.connections == before
    token(f"{exchanging.address}/team/app", "pull,push")
    assert dockpass.get(exchanging.address) not in (first, second)


def test_an_identity_token_in_the_vault(
    exchanging: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch, helped: Place
) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", "age")
    dockpass.login(exchanging.address, "alice", "hunter2")
    first = dockpass.get(exchanging.address)
    token(f"{exchanging.address}/team/app", "pull")
    second = dockpass.get(exchanging.address)
    assert second != first
    assert second is not None
    assert exchanging.token_server.refresh_token_user(second.secret.reveal()) == "alice"
    assert helped.vault.get(exchanging.address) == second


def test_one_that_another_process_has_exchanged(place: Place, exchanging: ScriptedRegistry) -> None:  # case 102
    """It does so while ours is on its way to the token server."""
    dockpass.login(exchanging.address, "alice", "hunter2")
    kept = place.config
    newer = exchanging.token_server.issue_refresh_token("alice")

    def meanwhile(_request: object) -> Answer:
        kept["auths"][exchanging.address]["identitytoken"] = newer
        place.write(kept)
        return Answer(401, b"")

    exchanging.answer("/token", meanwhile)
    assert whose(exchanging, token(f"{exchanging.address}/team/app", "pull"))[0] == "alice"
    assert exchanging.asked("/token")[-1].form["refresh_token"] == [newer]


def test_one_that_is_no_good_any_more_stays_where_it_is(exchanging: ScriptedRegistry) -> None:  # case 103
    dockpass.login(exchanging.address, "alice", "hunter2")
    kept = dockpass.get(exchanging.address)
    exchanging.token_server.withdraw(refresh_tokens=True)
    with pytest.raises(errors.LoginExpired) as caught:
        token(f"{exchanging.address}/team/app", "pull")
    assert caught.value.hint == f"log in again: dockpass login -u NAME {exchanging.address}"
    assert dockpass.get(exchanging.address) == kept
    assert len(exchanging.asked("/token")) == 2


def test_who_logs_in_meanwhile_is_not_overwritten(place: Place, exchanging: ScriptedRegistry) -> None:
    dockpass.login(exchanging.address, "alice", "hunter2")

    def meanwhile(request: Any) -> Any:
        place.write({"auths": {exchanging.address: entry("bob", "builder")}})
        return exchanging._behave(request)

    exchanging.answer("/token", meanwhile)
    token(f"{exchanging.address}/team/app", "pull")
    assert dockpass.get(exchanging.address) == Credential("bob", "builder")


def test_the_environment_is_only_read(
    exchanging: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    """docker takes no identity token from there; one that were there would not be kept anywhere else."""
    given = Credential("alice", exchanging.token_server.issue_refresh_token("alice"), is_identity_token=True)
    from dockpass.account import look_up
    from dockpass.stores.environment import EnvironmentStore

    monkeypatch.setattr(look_up, "environment", lambda: (EnvironmentStore({exchanging.address: given}), None))
    assert whose(exchanging, token(f"{exchanging.address}/team/app", "pull"))[0] == "alice"
    assert not (place.docker / "config.json").exists()


def test_many_threads_lose_no_identity_token(exchanging: ScriptedRegistry) -> None:
    """Each asks for something else, so each exchange gives a new one, and the last one must be the one that is kept."""
    dockpass.login(exchanging.address, "alice", "hunter2")
    problems: list[BaseException] = []

    def act(number: int) -> None:
        try:
            token(f"{exchanging.address}/app{number}", "pull")
        except errors.DockpassError as error:
            problems.append(error)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    kept = dockpass.get(exchanging.address)
    assert kept is not None
    assert exchanging.token_server.refresh_token_user(kept.secret.reveal()) == "alice"


# What else is said


def test_what_the_registry_warns_of_is_said_once(registry: ScriptedRegistry) -> None:
    def warned(text: str, status: int, body: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(status, body, {"Warning": f'299 - "{text}"', **named})

    dockpass.login(registry.address, "alice", "hunter2")
    challenge = f'Bearer realm="{registry.realm}",service="scripted.registry"'
    registry.answer("/v2/", warned("use v3", 401, "", WWW_Authenticate=challenge))
    registry.answer("/token", warned("soon, hunter2", 200, '{"token": "t-o-k-e-n"}'))
    given = token(f"{registry.address}/team/app", "pull")
    assert given.notes == [f"{registry.address} says: use v3", f"{registry.address} says: soon, ****"]
    assert token(f"{registry.address}/team/app", "pull").notes == []


def test_a_hint_names_arguments_and_no_options(registry: ScriptedRegistry) -> None:
    registry.answer("/v2/", Answer(401, "", {"WWW-Authenticate": 'Bearer realm="https://t.example.net/token"'}))
    with pytest.raises(errors.UntrustedTokenHost) as caught:
        token(f"{registry.address}/team/app", "pull")
    assert str(caught.value.hint).endswith('say so: token_host="t.example.net"')
