"""Challenges that cannot be answered, or are made to confuse whoever reads them."""

# ruff: noqa: ARG001, ARG005 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, error_answer, json_answer, raw
from dockpass.testing.hostile.scene import BASIC, BEARER, Scene

if TYPE_CHECKING:
    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.received import Received


def _never(play: Play, request: Received) -> Script:
    """No credentials are ever good."""
    return play.issue(request) if request.path == "/token" else play.challenge()


def _another_each_time(play: Play, request: Received) -> Script | None:
    """Each challenge names another token server, on the registry itself."""
    if request.path.startswith("/token"):
        return json_answer({"token": f"token-{play.count}"})
    return play.challenge(f'Bearer realm="{{origin}}/token{play.count}"')


def _switches(play: Play, request: Received) -> Script | None:
    """Bearer at first; Basic for whoever comes with a token, as OpenShift does; Bearer again for Basic."""
    if request.path == "/token":
        return play.issue(request)
    return play.challenge(BASIC if request.bearer is not None else BEARER)


def _scopes(play: Play, request: Received) -> Script | None:
    """A token is never enough: another scope is asked for each time."""
    if request.path == "/token":
        return play.issue(request)
    return play.challenge(f'{BEARER},scope="repository:x{play.count}:pull",error="insufficient_scope"')


def _second_level(play: Play, request: Received) -> Script:
    """A token server that answers by a challenge of its own, which leads elsewhere."""
    return play.challenge('Bearer realm="https://other.test/token"')


def _bytes(value: bytes) -> Script:
    """A 401 with these very bytes for its challenge."""
    return raw(b"HTTP/1.1 401 x\r\nWWW-Authenticate: " + value + b"\r\nContent-Length: 0\r\n\r\n", ending="keep")


def _flood(count: int, value: str) -> Script:
    return Answer(401, "", [("WWW-Authenticate", value) for _ in range(count)])


SCENES = (
    Scene("no-challenge", "answers 401 and does not say what it wants", "refuses", challenge=(), unasked=True),
    Scene("negotiate-alone", "wants Negotiate and nothing else", "refuses", challenge="Negotiate", unasked=True),
    Scene("digest-alone", "wants Digest and nothing else", "refuses",
          challenge='Digest realm="x",nonce="abc",qop="auth",algorithm=MD5', unasked=True),
    Scene("scheme-unknown", "wants a scheme that nobody knows", "refuses", challenge='Quantum realm="x"', unasked=True),
    Scene("scheme-basically", "wants Basically, which is not Basic", "refuses",
          challenge='Basically realm="x"', unasked=True),
    Scene("bearer-without-realm", "names no token server", "refuses", challenge='Bearer service="x"', unasked=True),
    Scene("bearer-realm-empty", "names its token server by nothing", "refuses",
          challenge='Bearer realm="",service="x"', unasked=True),
    Scene("bearer-realm-is-a-name", "names its token server by a word", "either",
          challenge='Bearer realm="my registry"'),
    Scene("bearer-token68", "has a token where parameters should be", "refuses",
          challenge="Bearer YWJj==", unasked=True),
    Scene("bearer-alone", "writes Bearer and nothing else", "refuses", challenge="Bearer", unasked=True),
    Scene("challenge-unterminated", "never closes the quotes of its realm", "either",
          challenge='Bearer realm="{origin}/token'),
    Scene("challenge-empty", "sends an empty challenge", "refuses", challenge="", unasked=True),
    Scene("challenge-of-commas", "sends a challenge of 60,000 commas", "refuses", challenge="," * 60_000, unasked=True),
    Scene("challenge-of-quotes", "sends a challenge of 30,000 escaped quotes", "either",
          challenge='Basic realm="' + '\\"' * 15_000 + '"'),
    Scene("challenge-of-parameters", "sends a challenge of 5,000 parameters", "either",
          challenge=BEARER + "".join(f',p{number}="x"' for number in range(5000))),
    Scene("challenge-of-64-kib", "sends a realm of 64 KiB", "either", challenge=f'Basic realm="{"x" * 65000}"'),
    Scene("challenges-by-the-hundred", "sends 90 challenges, the last of which is good", "either",
          challenge=(*(f'New{number} realm="x"' for number in range(89)), BASIC)),
    Scene("challenges-by-the-thousand", "sends 10,000 challenges", "refuses",
          ping=_flood(10_000, 'New realm="x"'), unasked=True),
    Scene("challenge-with-nul", "has a NUL in its challenge", "either", ping=_bytes(b'Basic realm="a\0b"')),
    Scene("challenge-with-cr", "has a lone carriage return in its challenge", "either",
          ping=_bytes(b'Basic realm="a"\rX-Forged: yes')),
    Scene("challenge-in-utf-8", "has letters outside ASCII in the address of its token server", "either",
          ping=_bytes('Bearer realm="https://registry.test/tökén"'.encode())),
    Scene("service-with-tab", "has a tab in its service", "either",
          challenge='Bearer realm="{origin}/token",service="a\tb"'),
    Scene("service-with-encoded-line-end", "has %0d%0a in its service", "either",
          challenge='Bearer realm="{origin}/token",service="a%0d%0aX-Injected: yes"'),
    Scene("realm-twice-own-first", "names two token servers in one challenge, a foreign one last", "either",
          challenge='Bearer realm="{origin}/token",realm="https://other.test/token"', apart=True),
    Scene("realm-twice-own-last", "names two token servers in one challenge, a foreign one first", "either",
          challenge='Bearer realm="https://other.test/token",realm="{origin}/token"', apart=True),
    Scene("bearer-twice-foreign-first", "sends two Bearer challenges, a foreign one first", "either",
          challenge=('Bearer realm="https://other.test/token"', BEARER), apart=True),
    Scene("bearer-twice-foreign-last", "sends two Bearer challenges, a foreign one last", "either",
          challenge=(BEARER, 'Bearer realm="https://other.test/token"'), apart=True),
    Scene("foreign-bearer-beside-basic", "offers a foreign token server, and Basic", "either",
          challenge=('Bearer realm="https://other.test/token"', BASIC), apart=True),
    Scene("realm-inside-a-value", "hides a foreign token server in the value of another parameter", "either",
          challenge='Bearer service="x\\",realm=\\"https://other.test/token",realm="{origin}/token"', apart=True),
    Scene("basic-inside-a-value", "hides the words of another challenge in a value", "refuses",
          challenge='Negotiate realm="Basic realm=x, Bearer realm=\\"https://other.test/token\\""', unasked=True,
          apart=True),
    Scene("never-lets-in-basic", "refuses every password by a new challenge", "refuses", challenge=BASIC,
          answer=_never),
    Scene("never-lets-in-bearer", "refuses every token by a new challenge", "refuses", answer=_never),
    Scene("another-realm-each-time", "names another token server of its own each time", "refuses",
          answer=_another_each_time),
    Scene("schemes-in-turn", "wants Basic from whoever brings a token, and a token from whoever brings Basic",
          "refuses",
          answer=_switches),
    Scene("another-scope-each-time", "wants another scope each time", "refuses", answer=_scopes),
    Scene("token-server-with-challenge", "has a token server that names another token server", "refuses",
          token=_second_level, apart=True),
    Scene("challenge-on-403", "answers 403, and sends a challenge with it", "either",
          ping=lambda play, request: play.challenge(status=403)),
    Scene("challenge-on-404", "answers 404, and sends a challenge with it", "either",
          ping=lambda play, request: play.challenge(status=404)),
    Scene("challenge-in-a-trailer", "sends its challenge behind the body", "either", unasked=True, ping=raw(
          b"HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
          b'WWW-Authenticate: Bearer realm="https://other.test/token"\r\n\r\n'), apart=True),
    Scene("asks-for-a-proxy-password", "answers 407 and wants Basic for a proxy", "refuses", unasked=True,
          ping=Answer(407, "", {"Proxy-Authenticate": 'Basic realm="proxy"'})),
    Scene("forbidden-at-once", "answers 403 without credentials", "refuses", unasked=True,
          ping=error_answer(403, "DENIED", "go away")),
    Scene("no-registry-at-all", "answers 404 to /v2/", "refuses", unasked=True,
          answer=lambda play, request: Answer(404, "404 page not found\n")),
)  # fmt: skip
