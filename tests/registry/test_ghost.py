"""A login that would have worked with any password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockpass.credential import Credential
from dockpass.registry.client import log_in
from dockpass.server import Server
from dockpass.testing.answers import Answer, error_answer, json_answer, redirect
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from dockpass.testing.answers import Script

USERS = {"alice": "hunter2"}


def notes(registry: ScriptedRegistry, secret: str | None = None, **options: Any) -> list[str]:
    credential = Credential("alice", secret or USERS["alice"], **options)
    return log_in(Server.parse(registry.address), credential, environ={}, verify=True).notes


def test_a_registry_that_lets_in_anybody_is_noted() -> None:  # case 158
    with ScriptedRegistry(USERS, auth="bearer", anonymous=True, forgiving="always") as registry:
        said = f"{registry.address} lets in anybody, so the password may not have been checked"
        assert notes(registry, "wrong") == [said]
        last = registry.requests[3:]
        assert [request.path for request in last] == ["/token", "/v2/"]
        assert last[0].query == {"service": ["scripted.registry"], "client_id": ["dockpass"]}
        assert last[0].header("authorization") is None


def test_a_registry_that_gives_nobody_a_token_checks() -> None:
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        assert notes(registry) == []
        assert len(registry.requests) == 4


def test_a_token_that_is_good_for_nothing_proves_nothing() -> None:
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        registry.answer("/token", None, json_answer({"token": "good-for-nothing"}))
        assert notes(registry) == []
        assert registry.requests[-1].bearer == "good-for-nothing"


def test_where_no_token_is_asked_for_there_is_nothing_to_look_at() -> None:
    with ScriptedRegistry(USERS) as registry:
        assert notes(registry) == []
        assert len(registry.requests) == 2


def test_an_identity_token_is_proof_enough() -> None:
    with ScriptedRegistry(USERS, auth="bearer", anonymous=True, refresh_tokens=True) as registry:
        token = registry.token_server.issue_refresh_token("alice")
        assert notes(registry, token, is_identity_token=True) == []
        assert len(registry.requests) == 3


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(500, "hunter2"), "is in trouble (it answered 500): ****"),
        (Answer(200, "no JSON"), "gave an answer that is not JSON"),
        (error_answer(429, "TOOMANYREQUESTS", "slow down"), "has had too many requests from here"),
        (redirect("https://elsewhere.example/token"), "redirects to another host"),
    ],
)
def test_a_login_stands_though_nothing_could_be_found_out(answer: Script, why: str) -> None:
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        registry.answer("/token", None, answer)
        (said,) = notes(registry)
        assert said.startswith(f"it could not be found out whether {registry.address} checks passwords: ")
        assert why in said
        assert "hunter2" not in said


def test_the_token_of_anybody_is_not_repeated_either() -> None:
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        registry.answer("/token", None, json_answer({"token": "token-of-anybody"}))
        registry.answer("/v2/", None, None, redirect("https://token-of-anybody.example/v2/"))
        (said,) = notes(registry)
        assert "redirects to another host, ****.example" in said
