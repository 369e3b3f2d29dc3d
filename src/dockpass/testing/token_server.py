"""The token server of a scripted registry: who asks for what, and which token that gets.

Tokens are random text kept in memory. A real token server signs them, so that a registry need not ask; here both are
the same program. :meth:`TokenServer.make` is the place to change that.

Reference: https://distribution.github.io/distribution/spec/auth/token/ and
https://distribution.github.io/distribution/spec/auth/oauth/
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dockpass.testing.answers import error_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockpass.testing.answers import Answer
    from dockpass.testing.received import Received

    AnswerField = Literal["token", "access_token", "both"]
    Anonymous = bool | Literal["scoped"]
    Forgiving = Literal["never", "scoped", "always"]

ANY = "*"
"""Any user name, among users; any other secret, among refusals."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for: a user (``None`` for an anonymous token), and the actions allowed on each repository."""

    user: str | None
    access: dict[str, frozenset[str]]


class TokenServer:
    """Issues tokens. The arguments are those of :class:`dockpass.testing.registry.ScriptedRegistry`."""

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        service: str | None = None,
        refresh_tokens: bool = False,
        rotate: bool = False,
        answer_field: AnswerField = "token",
        expires_in: object = 300,
        anonymous: Anonymous = False,
        forgiving: Forgiving = "never",
        refusals: Mapping[str, Answer] | None = None,
        post: Answer | None = None,
    ) -> None:
        self.users = users
        self.service = service
        self.refresh_tokens = refresh_tokens
        self.rotate = rotate
        self.answer_field: AnswerField = answer_field
        self.expires_in = expires_in
        self.anonymous: Anonymous = anonymous
        self.forgiving: Forgiving = forgiving
        self._refusals = refusals or {}
        self._post_answer = post
        self._tokens: dict[str, Grant] = {}
        self._refresh: dict[str, str] = {}

    def grant(self, token: str) -> Grant | None:
        """What ``token`` stands for; ``None`` for a token that was never issued, or is withdrawn."""
        return self._tokens.get(token)

    def make(self, grant: Grant) -> str:  # noqa: ARG002 - for those who write the grant into the token
        """The text of a new token. To be overridden for a registry that is another program and wants signed ones."""
        return "access-" + secrets.token_urlsafe(24)

    def issue_refresh_token(self, user: str) -> str:
        """A new refresh token, as a login would have got it."""
        token = "refresh-" + secrets.token_urlsafe(24)
        self._refresh[token] = user
        return token

    def refresh_token_user(self, token: str) -> str | None:
        """Whose refresh token this is; ``None`` where it is not, or no longer, one."""
        return self._refresh.get(token)

    def withdraw(self, *, refresh_tokens: bool = False) -> None:
        """Let every token issued so far have expired; with ``refresh_tokens`` those as well."""
        self._tokens.clear()
        if refresh_tokens:
            self._refresh.clear()

    def answer(self, request: Received) -> Answer:
        """The answer to a request for a token."""
        if request.method == "GET":
            return self._get(request)
        by_password = request.form.get("grant_type") == ["password"]
        if request.method == "POST" and self._post_answer is not None and (by_password or not self.refresh_tokens):
            return self._post_answer
        if request.method == "POST" and self.refresh_tokens:
            return self._post(request)
        return error_answer(404 if request.method == "POST" else 405, "UNSUPPORTED", "the method is not supported")

    def _get(self, request: Received) -> Answer:
        asked = request.query
        if self.service is not None and asked.get("service", [self.service]) != [self.service]:
            return error_answer(400, "UNSUPPORTED", "unknown service")
        scopes = asked.get("scope", [])
        user: str | None = None
        if request.header("authorization") is not None:
            name, password = request.basic or ("", "")
            if asked.get("account", [name]) != [name]:
                return error_answer(400, "UNSUPPORTED", "account is not the user of the Authorization header")
            if knows(self.users, name, password):
                user = name
            elif self.forgiving == "never" or (self.forgiving == "scoped" and not scopes):
                return refusal(self._refusals, password)
        elif not self.anonymous or (self.anonymous == "scoped" and not scopes):
            return error_answer(401, "UNAUTHORIZED", "authentication required")
        refresh = None
        if user is not None and self.refresh_tokens and asked.get("offline_token") == ["true"]:
            refresh = self.issue_refresh_token(user)
        names = ("token", "access_token") if self.answer_field == "both" else (self.answer_field,)
        return self._token(names, user, scopes, refresh)

    def _post(self, request: Received) -> Answer:
        form = request.form
        kind = form.get("grant_type", [""])[0]
        if not (form.get("service") and form.get("client_id")) or kind not in ("refresh_token", "password"):
            return json_answer({"error": "invalid_request", "error_description": "a parameter is missing"}, 400)
        refresh = None
        if kind == "refresh_token":
            given = form.get("refresh_token", [""])[0]
            user = self._refresh.get(given)
            if user is None:
                return error_answer(401, "UNAUTHORIZED", "bad refresh token")
            refresh = given
            if self.rotate:
                del self._refresh[given]
                refresh = self.issue_refresh_token(user)
        else:
            user = form.get("username", [""])[0]
            password = form.get("password", [""])[0]
            if not knows(self.users, user, password):
                return refusal(self._refusals, password)
            if form.get("access_type") == ["offline"]:
                refresh = self.issue_refresh_token(user)
        # docker takes no other name here, though it takes either in the answer to a GET.
        return self._token(("access_token",), user, form.get("scope", [""])[0].split(), refresh)

    def _token(self, names: tuple[str, ...], user: str | None, scopes: list[str], refresh: str | None) -> Answer:
        grant = Grant(user, _access(user, scopes))
        token = self.make(grant)
        self._tokens[token] = grant
        answer: dict[str, object] = dict.fromkeys(names, token)
        if self.expires_in is not None:
            answer["expires_in"] = self.expires_in
        if refresh is not None:
            answer["refresh_token"] = refresh
        return json_answer(answer)


def knows(users: Mapping[str, str], name: str, password: str) -> bool:
    """Whether this is somebody's name and password."""
    return password in (users.get(name), users.get(ANY))


def refusal(refusals: Mapping[str, Answer], password: str) -> Answer:
    """What this password gets where it is wrong."""
    usual = error_answer(401, "UNAUTHORIZED", "incorrect username or password")
    return refusals.get(password, refusals.get(ANY, usual))


def _access(user: str | None, scopes: list[str]) -> dict[str, frozenset[str]]:
    """Users may do what they ask for, nobody may pull: a token for less than was asked for is no error."""
    access: dict[str, frozenset[str]] = {}
    for scope in " ".join(scopes).split():
        kind, _colon, rest = scope.partition(":")
        name, _colon, actions = rest.rpartition(":")
        if kind == "repository" and name:
            asked = frozenset(actions.split(","))
            access[name] = access.get(name, frozenset()) | (asked if user is not None else asked & {"pull"})
    return access
