r"""Words of a server that are meant for the terminal, or for whoever reads it.

A message is a line of the client's own, with the server's words in it and marked as such. What moves the cursor, turns
the direction of writing or begins a new line makes it the server's.
"""

# ruff: noqa: ARG001, ARG005 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, error_answer, json_answer, redirect
from dockpass.testing.hostile.judge import FORGED
from dockpass.testing.hostile.scene import BASIC, Scene

if TYPE_CHECKING:
    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.received import Received

_LINES = f"no\nLogin Succeeded\n{FORGED}: your password expired, type it at https://other.test/\n"


def _said(name: str, does: str, text: str) -> Scene:
    """A refusal in these words."""
    return Scene(f"words-{name}", does, "refuses", token=error_answer(401, "UNAUTHORIZED", text), wrong=True)


def _page(name: str, does: str, body: str | bytes, status: int = 401, kind: str = "text/html") -> Scene:
    return Scene(f"words-{name}", does, "refuses", token=Answer(status, body, {"Content-Type": kind}), wrong=True)


def _repeats(play: Play, request: Received) -> Script:
    return error_answer(401, "UNAUTHORIZED", f"{play.user} may not use the password {play.given}")


def _repeats_header(play: Play, request: Received) -> Script:
    """All headers of the request, as servers that are being debugged do."""
    return error_answer(401, "UNAUTHORIZED", "; ".join(f"{name}: {value}" for name, value in request.headers))


def _repeats_target(play: Play, request: Received) -> Script:
    return Answer(500, f"cannot handle {request.target} of {request.headers!r}", {"Content-Type": "text/plain"})


def _repeats_in_location(play: Play, request: Received) -> Script:
    value = (request.header("authorization") or "").partition(" ")[2].rstrip("=").replace("/", "_")
    return redirect(f"https://{value[:60]}.other.test/{value}")


def _repeats_in_parser(play: Play, request: Received) -> Script:
    """The password where a JSON parser will quote what it could not read."""
    return Answer(200, f"{play.given} is not JSON", {"Content-Type": "application/json"})


def _repeats_in_type(play: Play, request: Received) -> Script:
    return Answer(200, f'{{"token": {{"{play.given}": 1}}, "expires_in": "{play.given}"}}')


def _identity_in_error(play: Play, request: Received) -> Script:
    """An identity token in an answer that is no login."""
    return json_answer({"refresh_token": play.identity, "expires_in": play.identity, "token": 5})


SCENES = (
    _said("plain", "explains a refusal in plain words", "your account is locked"),
    _said("lines", "explains a refusal in several lines, one of which is 'Login Succeeded'", _LINES),
    _said("crlf-lines", "explains it in lines that end in CR LF", _LINES.replace("\n", "\r\n")),
    _said("vertical", "separates its lines by vertical tabs, form feeds and U+0085",
          f"no\v{FORGED}\f{FORGED}\x85{FORGED}"),
    _said("separators", "separates its lines by U+2028 and U+2029", f"no\u2028{FORGED}\u2029{FORGED}"),
    _said("carriage-return", "goes back to the beginning of the line", f"no\r{FORGED} Login Succeeded"),
    _said("backspaces", "deletes what stands before it", "\b" * 200 + "Login Succeeded"),
    _said("title", "sets the title of the terminal", "\x1b]0;owned\x07no"),
    _said("clear", "clears the screen", "\x1b[2J\x1b[HLogin Succeeded"),
    _said("cursor-up", "moves the cursor up and writes over the line above", "\x1b[1A\x1b[2KLogin Succeeded"),
    _said("clipboard", "sets the clipboard", "\x1b]52;c;cm0gLXJmIH4=\x07no"),
    _said("link", "hides an address behind a link", "\x1b]8;;https://other.test/\x07registry.test\x1b]8;;\x07"),
    _said("query", "asks the terminal for an answer on standard input", "\x1b[6n\x1b[c\x05"),
    _said("c1", "uses control characters of one byte", "\x9b2J\x9d0;owned\x9cno"),
    _said("bell", "rings the bell", "\x07" * 50),
    _said("nul", "has a NUL in its words", "no\0hidden"),
    _said("delete", "has DEL in its words", "no\x7f\x7f"),
    _said("right-to-left", "turns the direction of writing", "no \u202edeeccuS nigoL\u202c \u2066x\u2069"),
    _said("zero-width", "has invisible characters in its words", "registry\u200b.te\u200dst\ufeff"),
    _said("tags", "has invisible letters in its words", "no" + "".join(chr(0xE0000 + ord(c)) for c in "type it here")),
    _said("format", "has signs of formats and shells in its words", "%s%n%x {0} {password} $HOME `id` $(id) \\x1b[2J"),
    _said("long", "explains a refusal in 1 MiB of one line", "no " * (1 << 18)),
    _said("many-lines", "explains it in 40,000 lines", "no\n" * 40_000),
    _said("empty", "explains it by nothing", ""),
    _said("of-marks", "piles 3,000 accents on one letter", "o" + "\u0301" * 3000),
    _page("page", "refuses by a page with a script in it",
          "<html><script>alert(1)</script>\n<h1>No\x1b[2J</h1></html>"),
    _page("page-lines", "refuses by a page whose lines imitate a success", f"<h1>No</h1>\n{_LINES}"),
    _page("text-lines", "refuses by plain text in lines that imitate a success", _LINES, kind="text/plain"),
    _page("text-escapes", "refuses by plain text with escape sequences", "\x1b[2J\x1b]0;x\x07no", kind="text/plain"),
    _page("latin-1", "refuses by text that is no UTF-8", b"Zugriff f\xfcr Sie verweigert \x9b2J \xff\xfe"),
    _page("details", "refuses by details with escape sequences, as OpenShift's form is",
          '{"details": "no\\u001b[2J\\nLogin Succeeded\\nFORGED"}', kind="application/json"),
    _page("oauth", "refuses in OAuth's form with escape sequences",
          '{"error": "x\\u001b[2J", "error_description": "no\\u001b[2J\\nLogin Succeeded\\nFORGED"}',
              kind="application/json"),
    _page("surrogate", "has half a surrogate pair in its words", '{"errors":[{"code":"X","message":"\\ud83d no"}]}',
          kind="application/json"),
    _page("message-number", "explains it by a number", '{"errors":[{"code":7,"message":42}]}', kind="application/json"),
    _page("message-list", "explains it by a list", '{"errors":[{"message":["no",{"a":1}]}]}', kind="application/json"),
    _page("errors-object", "explains it by an object where a list should be", '{"errors":{"message":"no"}}',
          kind="application/json"),
    _page("errors-empty", "explains it by an empty list", '{"errors":[]}', kind="application/json"),
    _page("errors-null", "explains it by null", '{"errors":null}', kind="application/json"),
    _page("errors-many", "explains it by 10,000 errors", '{"errors":[' + ",".join(['{"message":"no"}'] * 10_000) + "]}",
          kind="application/json"),
    _page("errors-deep", "explains it 100,000 brackets deep", '{"errors":' + "[" * 100_000, kind="application/json"),
    Scene("words-code", "has escape sequences in its error's code", "refuses", wrong=True,
          token=error_answer(401, "\x1b[2J\nLogin Succeeded\nFORGED", "no")),
    Scene("words-detail", "has escape sequences in its error's detail", "refuses", wrong=True, token=json_answer(
          {"errors": [{"code": "DENIED", "message": "no", "detail": {"x": "\x1b[2J\nFORGED"}}]}, 401)),
    Scene("words-reason", "has escape sequences in its status line", "refuses", wrong=True,
          token=Answer(418, "", reason="\x1b[2Jteapot\x07")),
    Scene("words-warning", "warns in escape sequences, and lets in", "either",
          inside=Answer(200, "{}", {"Warning": '299 - "\x1b[2J\x1b]0;x\x07\x9b2J"'})),
    Scene("words-warning-quoted", "warns in escaped quotes, Unicode and a line of its own, and lets in", "either",
          inside=Answer(200, "{}", {"Warning": '299 - "\u00e9\\"; Login Succeeded"', "X-FORGED": FORGED})),
    Scene("words-warning-long", "warns in 60 KiB, and lets in", "either",
          inside=Answer(200, "{}", {"Warning": f'299 - "{"x" * 60_000}"'})),
    Scene("words-warning-often", "warns 90 times, and lets in", "either",
          inside=Answer(200, "{}", [("Warning", f'299 - "no {number}"') for number in range(90)])),
    Scene("words-scheme", "wants a scheme with escape sequences in its name", "refuses", challenge="\x1b[2JEvil x=y"),
    Scene("words-realm", "names a token server in escape sequences", "refuses",
          challenge='Bearer realm="https://other.test/\x1b[2J\x07"', apart=True),
    Scene("words-realm-bidi", "names a token server with a host that turns the direction of writing", "refuses",
          challenge='Bearer realm="https://\u202etset.rehto/token"', apart=True),
    Scene("words-challenge-error", "explains its challenge in escape sequences", "refuses", wrong=True,
          challenge=f'{BASIC},error="\x1b[2J",error_description="\x9b2J"'),
    Scene("words-retry-after", "says in escape sequences when to come back", "refuses",
          ping=Answer(429, "", {"Retry-After": "\x1b[2J9999"})),
    Scene("words-on-ping", "answers 403 to the first request in lines that imitate a success", "refuses",
          ping=error_answer(403, "DENIED", _LINES + "\x1b[2J")),
    Scene("words-inside", "answers 500 to good credentials in lines that imitate a success", "refuses",
          inside=Answer(500, _LINES + "\x1b[2J", {"Content-Type": "text/plain"})),
    Scene("words-basic", "refuses Basic in lines that imitate a success", "refuses", wrong=True, challenge=BASIC,
          answer=lambda play, request: None if request.basic is None else error_answer(
              401, "UNAUTHORIZED", _LINES + "\x1b[2J", {"WWW-Authenticate": BASIC})),
    Scene("repeats-the-password", "repeats the password in its refusal", "refuses", token=_repeats),
    Scene("repeats-the-header", "repeats the whole request in its refusal", "refuses", token=_repeats_header),
    Scene("repeats-the-request", "repeats the whole request in a 500", "refuses", token=_repeats_target),
    Scene("repeats-in-location", "redirects to a host that is called as the password", "refuses", apart=True,
          inside=_repeats_in_location, challenge=BASIC),
    Scene("repeats-as-garbage", "answers by the password where JSON should be", "refuses", token=_repeats_in_parser),
    Scene("repeats-as-wrong-type", "answers by the password where a number should be", "refuses",
          token=_repeats_in_type),
    Scene("repeats-inside", "repeats the request to whoever is let in, in a 500", "refuses", inside=_repeats_target,
          challenge=BASIC),
    Scene("identity-token-in-an-error", "gives an identity token in an answer that is no login", "refuses",
          token=_identity_in_error),
)  # fmt: skip
