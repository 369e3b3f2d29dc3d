"""The token server, asked without a socket."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from dockpass.testing.received import Received
from dockpass.testing.token_server import TokenServer

_USERS = {"alice": "secret"}
_POST = {"service": "s", "client_id": "c"}


def _get(server: TokenServer, *scopes: str, login: tuple[str, str] | None = ("alice", "secret"), **query: str) -> Any:
    pairs = [*query.items(), *(("scope", scope) for scope in scopes)]
    headers: tuple[tuple[str, str], ...] = ()
    if login is not None:
        headers = (("authorization", "Basic " + base64.b64encode(":".join(login).encode()).decode()),)
    answer = server.answer(Received("GET", f"/token?{urlencode(pairs)}", headers))
    return answer.status, json.loads(answer.body)


def _post(server: TokenServer, **form: str) -> Any:
    answer = server.answer(Received("POST", "/token", (), urlencode(form).encode()))
    return answer.status, json.loads(answer.body)


def test_a_user_gets_a_token() -> None:
    server = TokenServer(_USERS, service="s")
    status, answer = _get(server, service="s", account="alice")
    assert (status, set(answer), answer["expires_in"]) == (200, {"token", "expires_in"}, 300)
    grant = server.grant(answer["token"])
    assert grant is not None
    assert grant.user == "alice"
    assert grant.access == {}


def test_a_token_carries_what_was_asked_for() -> None:
    server = TokenServer(_USERS)
    scopes = ("repository:a/b:pull,push repository:h:5000/c:pull", "repository:a/b:delete", "registry:catalog:*", "x")
    _status, answer = _get(server, *scopes)
    grant = server.grant(answer["token"])
    assert grant is not None
    assert grant.access == {"a/b": {"pull", "push", "delete"}, "h:5000/c": {"pull"}}


@pytest.mark.parametrize(("field", "names"), [("access_token", {"access_token"}), ("both", {"token", "access_token"})])
def test_the_name_of_the_token(field: Any, names: set[str]) -> None:
    _status, answer = _get(TokenServer(_USERS, answer_field=field, expires_in=None))
    assert set(answer) == names


@pytest.mark.parametrize("login", [("alice", "wrong"), ("bob", "secret"), ("", ""), None])
def test_others_are_refused(login: tuple[str, str] | None) -> None:
    status, answer = _get(TokenServer(_USERS), login=login)
    assert (status, answer["errors"][0]["code"]) == (401, "UNAUTHORIZED")


def test_a_header_that_cannot_be_read_is_refused() -> None:
    request = Received("GET", "/token", (("authorization", "Basic !"),))
    assert TokenServer(_USERS, anonymous=True).answer(request).status == 401


def test_another_service_or_account_is_refused() -> None:
    server = TokenServer(_USERS, service="s")
    assert _get(server, service="t")[0] == 400
    assert _get(server, service="s", account="bob")[0] == 400
    assert _get(server)[0] == 200


def test_an_anonymous_token_pulls_only() -> None:
    server = TokenServer(_USERS, anonymous=True)
    status, answer = _get(server, "repository:a:pull,push", login=None)
    grant = server.grant(answer["token"])
    assert status == 200
    assert grant is not None
    assert grant.user is None
    assert grant.access == {"a": {"pull"}}
    assert _get(server, login=("alice", "wrong"))[0] == 401


def test_wrong_passwords_forgiven() -> None:
    scoped, always = TokenServer(_USERS, forgiving="scoped"), TokenServer(_USERS, forgiving="always")
    assert _get(scoped, login=("alice", "wrong"))[0] == 401
    assert _get(scoped, "repository:a:pull", login=("alice", "wrong"))[0] == 200
    status, answer = _get(always, login=("alice", "wrong"))
    grant = always.grant(answer["token"])
    assert status == 200
    assert grant is not None
    assert grant.user is None


def test_an_identity_token_is_given_to_whom_asks_for_one() -> None:
    server = TokenServer(_USERS, refresh_tokens=True, anonymous=True)
    assert "refresh_token" not in _get(server)[1]
    assert "refresh_token" not in _get(server, offline_token="true", login=None)[1]
    assert "refresh_token" not in _get(TokenServer(_USERS), offline_token="true")[1]
    _status, answer = _get(server, offline_token="true")
    assert server.refresh_token_user(answer["refresh_token"]) == "alice"


@pytest.mark.parametrize("rotate", [False, True])
def test_an_identity_token_is_used(*, rotate: bool) -> None:
    server = TokenServer(_USERS, refresh_tokens=True, rotate=rotate)
    old = server.issue_refresh_token("alice")
    status, answer = _post(server, **_POST, grant_type="refresh_token", refresh_token=old, scope="repository:a:pull")
    grant = server.grant(answer["access_token"])
    assert status == 200
    assert grant is not None
    assert grant.user == "alice"
    assert grant.access == {"a": {"pull"}}
    assert (answer["refresh_token"] == old) is not rotate
    assert server.refresh_token_user(answer["refresh_token"]) == "alice"
    assert (server.refresh_token_user(old) is None) is rotate


def test_a_bad_identity_token_is_refused() -> None:
    server = TokenServer(_USERS, refresh_tokens=True)
    assert _post(server, **_POST, grant_type="refresh_token", refresh_token="x")[0] == 401
    assert _post(server, **_POST, grant_type="refresh_token")[0] == 401


def test_a_password_by_post() -> None:
    server = TokenServer(_USERS, refresh_tokens=True)
    login = {"grant_type": "password", "username": "alice", "password": "secret"}
    status, answer = _post(server, **_POST, **login)
    assert (status, "refresh_token" in answer) == (200, False)
    assert "refresh_token" in _post(server, **_POST, **login, access_type="offline")[1]
    assert _post(server, **_POST, **{**login, "password": "wrong"})[0] == 401


@pytest.mark.parametrize("missing", ["service", "client_id", "grant_type"])
def test_a_post_that_lacks_something(missing: str) -> None:
    form = {"service": "s", "client_id": "c", "grant_type": "password", "username": "alice", "password": "secret"}
    del form[missing]
    status, answer = _post(TokenServer(_USERS, refresh_tokens=True), **form)
    assert (status, answer["error"]) == (400, "invalid_request")


def test_methods_that_it_does_not_know() -> None:
    assert _post(TokenServer(_USERS), **_POST)[0] == 404
    assert TokenServer(_USERS).answer(Received("PUT", "/token")).status == 405


def test_tokens_withdrawn() -> None:
    server = TokenServer(_USERS, refresh_tokens=True)
    answer = _get(server, offline_token="true")[1]
    server.withdraw()
    assert server.grant(answer["token"]) is None
    assert server.refresh_token_user(answer["refresh_token"]) == "alice"
    server.withdraw(refresh_tokens=True)
    assert server.refresh_token_user(answer["refresh_token"]) is None
