"""Answers of a token server, and of the registry after it, that are no login."""

# ruff: noqa: ARG005, S106 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, error_answer, json_answer
from dockpass.testing.hostile.scene import BASIC, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.hostile.scene import Right
    from dockpass.testing.received import Received

_JSON = {"Content-Type": "application/json"}


def _body(content: bytes | str, status: int = 200) -> Answer:
    return Answer(status, content, _JSON)


def _made(change: Callable[[Play], bytes | str]) -> Callable[[Play, Received], Script]:
    """A body that is made around the token that would be good."""
    return lambda play, request: _body(change(play))


def _any_bearer(play: Play, request: Received) -> Script | None:
    """Let in whoever brings a token, whatever it is: what counts is whether the client made one up or passed it on."""
    if request.path == "/v2/" and request.bearer is not None:
        return play.welcome()
    return None


def _bad(name: str, does: str, token: object, right: Right = "refuses") -> Scene:
    return Scene(f"token-{name}", does, right, token=_body(json.dumps({"token": token})), answer=_any_bearer)


SCENES = (
    Scene("token-missing", "gives an answer without a token", "refuses", token=_body('{"expires_in": 300}')),
    Scene("token-under-another-name", "gives the token under a name that is not for it", "refuses",
          token=lambda play, request: json_answer({"id_token": play.token})),
    _bad("empty", "gives an empty token", ""),
    _bad("null", "gives null for a token", None),
    _bad("number", "gives a number for a token", 12345),
    _bad("list", "gives a list for a token", ["a", "b"]),
    _bad("object", "gives an object for a token", {"value": "a"}),
    _bad("true", "gives true for a token", True),
    _bad("with-line-end", "gives a token with a line end and a header in it", "a\r\nX-Injected: yes"),
    _bad("with-nul", "gives a token with a NUL", "a\0b"),
    _bad("with-blank", "gives a token with a blank", "a b", "either"),
    _bad("in-unicode", "gives a token outside ASCII", "tökén", "either"),
    _bad("with-escape", "gives a token with an escape sequence", "a\x1b[2Jb"),
    _bad("of-1-mib", "gives a token of 1 MiB", "a" * (1 << 20)),
    Scene("token-lone-surrogate", "gives half a surrogate pair for a token", "either",
          token=_body('{"token": "\\ud800"}'), answer=_any_bearer),
    Scene("token-answer-empty", "answers 200 and nothing", "refuses", token=_body("")),
    Scene("token-answer-204", "answers 204", "refuses", token=Answer(204)),
    Scene("token-answer-list", "answers by a list", "refuses",
          token=_made(lambda play: f'[{{"token": "{play.token}"}}]')),
    Scene("token-answer-text", "answers by the token alone", "refuses", token=_made(lambda play: play.token)),
    Scene("token-answer-string", "answers by the token as a JSON string", "refuses",
          token=_made(lambda play: f'"{play.token}"')),
    Scene("token-answer-null", "answers null", "refuses", token=_body("null")),
    Scene("token-answer-page", "answers by a page", "refuses",
          token=Answer(200, "<!DOCTYPE html><title>Please sign in</title>", {"Content-Type": "text/html"})),
    Scene("token-answer-two", "answers by two objects, one behind the other", "either",
          token=_made(lambda play: f'{{"token": "{play.token}"}}{{"token": "other"}}')),
    Scene("token-answer-cut", "answers by half an object", "refuses",
          token=_made(lambda play: f'{{"token": "{play.token}"')),
    Scene("token-answer-comments", "puts comments into its JSON", "refuses",
          token=_made(lambda play: f'{{/* yes */"token": "{play.token}"}}')),
    Scene("token-answer-single-quotes", "writes its JSON in single quotes", "refuses",
          token=_made(lambda play: f"{{'token': '{play.token}'}}")),
    Scene("token-twice", "gives two tokens under one name", "either",
          token=_made(lambda play: f'{{"token": "other", "token": "{play.token}"}}')),
    Scene("token-answer-bom", "puts a byte order mark before its JSON", "either",
          token=_made(lambda play: b"\xef\xbb\xbf" + json.dumps({"token": play.token}).encode())),
    Scene("token-answer-utf-16", "answers in UTF-16", "refuses",
          token=_made(lambda play: json.dumps({"token": play.token}).encode("utf-16"))),
    Scene("token-answer-not-utf-8", "has bytes in its JSON that are no UTF-8", "either",
          token=_made(lambda play: b'{"x": "\xff\xfe", "token": "' + play.token.encode() + b'"}')),
    Scene("token-answer-nan", "has NaN in its JSON", "either",
          token=_made(lambda play: f'{{"token": "{play.token}", "expires_in": NaN}}')),
    Scene("token-answer-deep", "nests its JSON 50,000 deep", "either",
          token=_made(lambda play: f'{{"token": "{play.token}", "x": {"[" * 50_000}{"]" * 50_000}}}')),
    Scene("token-answer-deep-unclosed", "opens 100,000 brackets", "refuses", token=_body('{"token":' + "[" * 100_000)),
    Scene("token-answer-huge-number", "has a number of 100,000 digits in its JSON", "either",
          token=_made(lambda play: f'{{"token": "{play.token}", "expires_in": {"9" * 100_000}}}')),
    Scene("token-answer-tiny-number", "has a number of 100,000 places in its JSON", "either",
          token=_made(lambda play: f'{{"token": "{play.token}", "expires_in": 0.{"0" * 100_000}1}}')),
    Scene("token-answer-error-in-200", "answers 200 and an error", "refuses",
          token=_body('{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}')),
    Scene("token-is-the-password", "gives the password back as the token", "either", answer=_any_bearer,
          token=lambda play, request: json_answer({"token": play.given})),
    Scene("identity-token-of-1-mib", "gives an identity token of 1 MiB", "either",
          token=lambda play, request: play.issue(request, refresh_token="r" * (1 << 20))),
    Scene("identity-token-with-line-end", "gives an identity token with a line end in it", "either",
          token=lambda play, request: play.issue(request, refresh_token="r\n{}\r\n\0")),
    Scene("identity-token-number", "gives a number for an identity token", "either",
          token=lambda play, request: play.issue(request, refresh_token=7)),
    Scene("identity-token-empty", "gives an empty identity token", "logs in",
          token=lambda play, request: play.issue(request, refresh_token="")),
    *(
        Scene(f"token-server-{status}", f"has a token server that answers {status}", "refuses",
              token=error_answer(status, "UNKNOWN", "no token for you"))
        for status in (400, 403, 404, 405, 418, 500, 502)
    ),
    Scene("token-server-201", "has a token server that answers 201 and a token", "either",
          token=lambda play, request: json_answer({"token": play.token}, 201)),
    Scene("token-server-299-page", "has a token server that answers 299 and a page", "refuses",
          token=Answer(299, "<h1>Hello</h1>")),
    Scene("token-server-999", "has a token server that answers 999", "refuses", token=Answer(999, "?")),
    *(
        Scene(f"inside-{status}", f"takes the credentials and then answers {status}", "refuses",
              inside=error_answer(status, "UNKNOWN", "not for you"))
        for status in (400, 403, 404, 429, 500, 503)
    ),
    Scene("inside-204", "takes the credentials and then answers 204", "either", inside=Answer(204)),
    Scene("inside-299", "takes the credentials and then answers 299", "either", inside=Answer(299, "{}")),
    Scene("inside-304", "takes the credentials and then answers 304", "refuses", inside=Answer(304)),
    Scene("inside-101", "takes the credentials and then changes the protocol", "refuses",
          inside=Answer(101, "", {"Upgrade": "websocket", "Connection": "Upgrade"})),
    Scene("portal", "answers every request by a page, as a captive portal does", "refuses", unasked=True,
          answer=lambda play, request: Answer(
              200, "<html><title>Free WLAN</title><h1>Welcome! Please accept.</h1></html>",
              {"Content-Type": "text/html"})),
    Scene("portal-behind-basic", "wants Basic, and then answers by a page", "refuses", challenge=BASIC,
          inside=Answer(200, "<html><h1>Router</h1></html>", {"Content-Type": "text/html"})),
)  # fmt: skip
