"""Registries whose messages are odd, and right all the same: HTTP, headers and JSON that a client must read."""

# ruff: noqa: ARG001, ARG005, S106 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, chunked, dripping, json_answer, late, raw
from dockpass.testing.hostile.scene import BASIC, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.received import Received

    Answering = Callable[[Play, Received], Script]


def _token(change: Callable[[Play], bytes]) -> Answering:
    """A token server that answers these bytes to the right password."""

    def issue(play: Play, request: Received) -> Script:
        good = play.issue(request)
        return good if good.status != 200 else Answer(200, change(play), {"Content-Type": "application/json"})

    return issue


def _with(**more: object) -> Answering:
    return lambda play, request: play.issue(request, **more)


def _literal(text: str) -> Answering:
    """A good token answer with ``text`` in it, as JSON has it."""
    return _token(lambda play: f'{{"token": "{play.token}", {text}}}'.encode())


def _wrapped(wrap: Callable[[Answer], Script]) -> Answering:
    return lambda play, request: wrap(play.issue(request))


def _challenged(*headers: tuple[str, str], body: str = "", status: int = 401) -> Answering:
    """A 401 of Basic with other headers and another body."""
    return lambda play, request: Answer(status, body, (("WWW-Authenticate", BASIC), *headers))


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def _head(text: str, body: bytes = b"{}") -> Script:
    """A status line and headers as they are written here."""
    return raw(text.replace("\n", "\r\n").encode("latin-1") + b"\r\n" + body)


def _closing(play: Play, request: Received) -> Script:
    """A token, and the end of the connection where a length should have been."""
    answer = play.issue(request)
    return raw(f"HTTP/1.1 {answer.status} Yes\r\nContent-Type: application/json\r\n\r\n".encode() + answer.body)


def _http_1_0(play: Play, request: Received) -> Script:
    answer = play.issue(request)
    return raw(b"HTTP/1.0 %d Yes\r\nContent-Length: %d\r\n\r\n%s" % (answer.status, len(answer.body), answer.body))


def _interim(play: Play, request: Received) -> Script:
    answer = play.issue(request)
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"
    return raw(
        b"HTTP/1.1 100 Continue\r\n\r\n" + hints + b"".join(s for s in answer.steps("GET") if isinstance(s, bytes))
    )


def _trailers(play: Play, request: Received) -> Script:
    answer = play.issue(request)
    head = answer.head(("Transfer-Encoding", "chunked"))
    chunk = b"%x;note=odd\r\n%s\r\n" % (len(answer.body), answer.body)
    return raw(head + chunk + b"0\r\nX-Checksum: none\r\n\r\n", ending="keep")


def _reconnecting(play: Play, request: Received) -> Script | None:
    """Every answer ends its connection, and does not say so."""
    if request.path == "/token":
        answer = play.issue(request)
    else:
        answer = play.welcome() if play.lets_in(request) else play.challenge()
    return raw(*answer.steps(request.method))


def _once(status: int, wait: str) -> Answering:
    def ping(play: Play, request: Received) -> Script:
        if play.count == 1:
            return Answer(status, "busy", {"Retry-After": wait})
        return play.challenge()

    return ping


def _long(play: Play, request: Received) -> Script | None:
    token = "a" * 8192
    if request.path == "/token":
        return play.issue(request, token=token)
    return play.welcome() if request.bearer == token else None


_BIG = [("Set-Cookie", f"c{number}={'x' * 300}; Path=/; HttpOnly") for number in range(20)]
_MANY = [(f"X-Header-{number}", "value") for number in range(60)]
_PAGE = "<!DOCTYPE html><html><head><title>401</title></head><body><h1>Authorization Required</h1></body></html>"


def _once_a_connection(play: Play, request: Received) -> Script | None:
    """Each connection is good for one request, and nothing says so before the second."""
    if request.connection in play.used:
        return raw()
    play.used.add(request.connection)
    return None


SCENES = (
    Scene("access-token-alone", "calls the token access_token", "logs in",
          token=lambda play, request: json_answer({"access_token": play.token})),
    Scene("token-under-both-names", "gives the token under both its names", "logs in",
          token=lambda play, request: play.issue(request, access_token=play.token)),
    Scene("tokens-that-differ", "gives two tokens, and takes access_token alone", "either",
          token=lambda play, request: play.issue(request, token="another", access_token=play.token)),
    Scene("expires-absent", "does not say when the token expires", "logs in",
          token=lambda play, request: json_answer({"token": play.token})),
    Scene("expires-as-text", 'says that the token expires in "300"', "either", token=_with(expires_in="300")),
    Scene("expires-never", "says that the token expires in 0 s", "logs in", token=_with(expires_in=0)),
    Scene("expires-before", "says that the token expires in -5 s", "logs in", token=_with(expires_in=-5)),
    Scene("expires-null", "says that the token expires in null", "logs in", token=_with(expires_in=None)),
    Scene("expires-fraction", "says that the token expires in 300.5 s", "either", token=_with(expires_in=300.5)),
    Scene("expires-huge", "says that the token expires in 1e308 s", "either", token=_literal('"expires_in": 1e308')),
    Scene("expires-400-digits", "says when the token expires by a number of 400 digits", "either",
          token=_literal(f'"expires_in": {"9" * 400}')),
    Scene("expires-list", "says that the token expires in a list", "either", token=_with(expires_in=[300])),
    Scene("issued-empty", "says that the token was issued at an empty time", "either", token=_with(issued_at="")),
    Scene("issued-as-number", "says when the token was issued by a number", "either",
          token=_with(issued_at=1700000000)),
    Scene("issued-in-2099", "says that the token was issued in 2099", "logs in",
          token=_with(issued_at="2099-01-01T00:00:00Z")),
    Scene("issued-in-2001", "says that the token was issued in 2001", "logs in",
          token=_with(issued_at="2001-01-01T00:00:00Z")),
    Scene("token-answer-with-more", "puts more into the token answer than anybody knows", "logs in",
          token=_with(scope="", token_type="Bearer", nested={"a": [1, {"b": None}]})),
    Scene("token-in-unicode-escapes", "writes the token in Unicode escapes", "logs in",
          token=_token(lambda play: f'{{"token": "{_escaped(play.token)}"}}'.encode())),
    Scene("token-answer-with-blanks", "puts line ends and blanks around the token answer", "logs in",
          token=_token(lambda play: b"\r\n\t " + json.dumps({"token": play.token}, indent=4).encode() + b"\n\n")),
    Scene("token-without-type", "names no content type for the token", "logs in",
          token=lambda play, request: Answer(200, play.issue(request).body)),
    Scene("token-as-html", "calls the token answer text/html", "logs in",
          token=lambda play, request: Answer(200, play.issue(request).body, {"Content-Type": "text/html"})),
    Scene("token-chunked", "sends the token in chunks of 1 and 7 bytes", "logs in",
          token=_wrapped(lambda answer: chunked(answer, 1, 7, 1))),
    Scene("token-chunked-with-trailers", "sends the token in chunks with extensions and trailers", "logs in",
          token=_trailers),
    Scene("token-until-close", "ends the token answer by closing the connection", "logs in", token=_closing),
    Scene("token-http-1.0", "answers in HTTP/1.0", "logs in", token=_http_1_0),
    Scene("token-after-1xx", "sends 100 and 103 before the token", "logs in", token=_interim),
    Scene("token-long", "gives a token of 8 KiB", "logs in",
          answer=_long),
    Scene("every-answer-closes", "closes every connection after one answer, unsaid", "logs in", answer=_reconnecting),
    Scene("second-request-hangs-up", "hangs up on the second request of a connection, as if it were idle", "either",
          answer=_once_a_connection),
    Scene("ping-drips", "sends its challenge in pieces of 16 bytes", "logs in",
          ping=lambda play, request: dripping(play.challenge(), every=0.01, size=16)),
    Scene("ping-late", "takes 3 s for its first answer", "logs in",
          ping=lambda play, request: late(3, play.challenge()), slow=True),
    Scene("token-late", "takes 3 s for the token", "logs in",
          token=lambda play, request: late(3, play.issue(request)), slow=True),
    Scene("challenge-with-a-page", "sends a page with its challenge", "logs in",
          ping=_challenged(("Content-Type", "text/html"), body=_PAGE), challenge=BASIC),
    Scene("challenge-without-a-body", "sends nothing but its challenge", "logs in", ping=_challenged(),
          challenge=BASIC),
    Scene("challenge-under-cookies", "sends 6 KiB of cookies with its challenge", "logs in",
          ping=_challenged(*_BIG), challenge=BASIC),
    Scene("challenge-under-headers", "sends 60 other headers with its challenge", "logs in",
          ping=_challenged(*_MANY), challenge=BASIC),
    Scene("lines-end-in-lf", "ends its lines by LF alone", "either", challenge=BASIC,
          ping=raw(b'HTTP/1.1 401 x\nWWW-Authenticate: Basic realm="x"\nContent-Length: 0\n\n', ending="keep")),
    Scene("empty-line-first", "sends an empty line before its first answer", "either", challenge=BASIC,
          ping=_head('\nHTTP/1.1 401 x\nWWW-Authenticate: Basic realm="x"\nContent-Length: 0\n', b"")),
    Scene("header-lower-case", "writes www-authenticate in lower case", "logs in",
          ping=_head('HTTP/1.1 401 x\nwww-authenticate:Basic realm="x"\ncontent-length:0\n', b""), challenge=BASIC),
    Scene("header-mixed-case", "writes wWw-AuThEnTiCaTe", "logs in",
          ping=_head('HTTP/1.1 401 x\nwWw-AuThEnTiCaTe:  Basic realm="x"  \nCONTENT-LENGTH: 0\n', b""),
              challenge=BASIC),
    Scene("header-folded", "folds its challenge over two lines, as HTTP once had it", "either",
          ping=_head('HTTP/1.1 401 x\nWWW-Authenticate: Basic\n realm="x"\nContent-Length: 0\n', b""), challenge=BASIC),
    Scene("status-without-reason", "has no reason in its status line", "logs in",
          ping=_head('HTTP/1.1 401 \nWWW-Authenticate: Basic realm="x"\nContent-Length: 0\n', b""), challenge=BASIC),
    Scene("header-in-latin-1", "has a header with a letter outside ASCII", "logs in",
          ping=_head(
              'HTTP/1.1 401 x\nX-Name: M\xfcller\nWWW-Authenticate: Basic realm="x"\nContent-Length: 0\n', b""
          ), challenge=BASIC),
    Scene("realm-in-latin-1", "has a letter outside ASCII in the realm of Basic", "either",
          ping=_head('HTTP/1.1 401 x\nWWW-Authenticate: Basic realm="M\xfcller"\nContent-Length: 0\n', b""),
          challenge=BASIC),
    Scene("no-api-version", "sends no Docker-Distribution-Api-Version", "logs in",
          inside=Answer(200, "{}", {"Content-Type": "application/json"})),
    Scene("warns", "sends a Warning header", "logs in",
          inside=Answer(200, "{}", {"Warning": '299 - "this registry moves in May"'})),
    Scene("welcome-without-a-body", "answers a good login by an empty 200", "logs in",
          inside=Answer(200, "", {"Docker-Distribution-Api-Version": "registry/2.0"})),
    Scene("busy-once-429", "answers 429 once, and asks for 1 s", "either", ping=_once(429, "1")),
    Scene("busy-once-503", "answers 503 once, and asks for 1 s", "either", ping=_once(503, "1")),
    Scene("broken-line-beside-a-good-one", "sends an unterminated challenge, and then a good one", "either",
          challenge=('Bearer realm="{origin}/nowhere', BASIC)),
    Scene("useless-bearer-beside-basic", "offers a Bearer without a token server, and Basic", "either",
          challenge=('Bearer realm="name"', BASIC)),
    Scene("content-encoding-identity", "says that nothing was compressed", "logs in",
          token=lambda play, request: play.issue(request).but(headers={"Content-Encoding": "identity"})),
    Scene("tls-1.2", "speaks TLS 1.2 alone", "logs in", certificates={"registry.test": "tls-1.2"}),
    Scene("tls-1.3", "speaks TLS 1.3 alone", "logs in", certificates={"registry.test": "tls-1.3"}),
    Scene("port-5000", "is on port 5000", "logs in", server="registry.test:5000"),
    Scene("ipv4-literal", "is named by an IPv4 address", "logs in", server="192.0.2.10"),
    Scene("ipv6-literal", "is named by an IPv6 address and a port", "logs in", server="[2001:db8::10]:5000",
          trusted=("registry6.test",)),
    Scene("ipv6-alone", "has a name with an IPv6 address alone", "logs in", server="registry6.test",
          trusted=("registry6.test",)),
    Scene("loopback-in-clear", "is on the loopback, and speaks plain HTTP", "either", server="127.0.0.1:5000",
          plain=True, trusted=("127.0.0.1",)),
)  # fmt: skip
