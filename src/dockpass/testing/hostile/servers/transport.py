"""Certificates that prove nothing, and connections that come to nothing."""

# ruff: noqa: ARG001, ARG005 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from dockpass.testing.answers import FOREVER, Answer, garbage, hang_up, raw, reset, truncated
from dockpass.testing.hostile.scene import BASIC, REGISTRY, TOKEN_HOST, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.received import Received

    Waiting = Callable[[float], bool]

_NEAR = f'Bearer realm="https://{TOKEN_HOST}/token",service="hostile.test"'


def _close(connection: socket.socket, wait: Waiting) -> bool:
    return True


def _silent(connection: socket.socket, wait: Waiting) -> bool:
    wait(3600)
    return True


def _says(text: bytes) -> Callable[[socket.socket, Waiting], bool]:
    def greet(connection: socket.socket, wait: Waiting) -> bool:
        connection.sendall(text)
        wait(1)
        return True

    return greet


def _half_a_record(connection: socket.socket, wait: Waiting) -> bool:
    """A TLS record that is begun and never ended."""
    connection.recv(5)
    connection.sendall(b"\x16\x03\x03\x40\x00\x02")
    wait(3600)
    return True


def _alert(connection: socket.socket, wait: Waiting) -> bool:
    connection.recv(65536)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # handshake_failure
    return True


def _in_clear_alone(connection: socket.socket, wait: Waiting) -> bool:
    """Plain HTTP on the port of HTTPS: a handshake is answered by a 400, as web servers do."""
    if connection.recv(1, socket.MSG_PEEK) != b"\x16":
        return False
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nthis port speaks plain HTTP\n")
    return True


def _certificate(kind: str, does: str) -> tuple[Scene, Scene]:
    """A registry with such a certificate, and a good one whose token server has it."""
    return (
        Scene(f"certificate-{kind}", f"has a certificate that {does}", "refuses",
              certificates={REGISTRY: kind}, trusted=(), challenge=BASIC),
        Scene(f"certificate-{kind}-of-token-server", f"has a token server with a certificate that {does}", "refuses",
              certificates={TOKEN_HOST: kind}, challenge=_NEAR),
    )  # fmt: skip


def _good_head(play: Play, request: Received) -> Script:
    answer = play.issue(request)
    return raw(answer.head(("Content-Length", str(len(answer.body))))[:-12])


def _cut(play: Play, request: Received) -> Script:
    return truncated(play.issue(request))


SCENES = (
    *_certificate("expired", "expired in 2002"),
    *_certificate("not-yet-valid", "is not valid before 2090"),
    *_certificate("other-name", "is another host's"),
    *_certificate("unknown-authority", "is from an authority that nobody trusts"),
    *_certificate("self-signed", "it signed itself"),
    Scene("wants-a-client-certificate", "wants a certificate of the client's", "refuses",
          certificates={REGISTRY: "wants-yours"}),
    Scene("https-closed-http-open", "is not on port 443, but on port 80", "refuses", closed=(443,), challenge=BASIC),
    Scene("https-resets-http-open", "hangs up on port 443, and answers on port 80", "refuses", challenge=BASIC,
          greet=lambda connection, wait: connection.getsockname()[1] == 443),
    Scene("https-refuses-http-open", "refuses the password by HTTPS, and would take it by HTTP", "refuses",
          answer=lambda play, request: play.challenge(BASIC), apart=True),
    Scene("https-fails-http-open", "answers 500 by HTTPS, and is well on port 80", "refuses", apart=True,
          ping=Answer(500, "out of order"), challenge=BASIC),
    Scene("port-in-clear", "speaks plain HTTP on port 443", "refuses", greet=_in_clear_alone, challenge=BASIC),
    Scene("port-in-clear-5000", "speaks plain HTTP on port 5000", "refuses", greet=_in_clear_alone, challenge=BASIC,
          server=f"{REGISTRY}:5000"),
    Scene("loopback-bad-certificate", "is on the loopback with a certificate that nobody trusts, and in clear beside",
          "refuses", server="127.0.0.1:5000", trusted=(), within=("127.0.0.1",), challenge=BASIC,
          certificates={"127.0.0.1": "unknown-authority"}),
    Scene("loopback-refuses-by-https", "is on the loopback, refuses by HTTPS, and takes plain HTTP on the same port",
          "refuses", server="127.0.0.1:5000", trusted=("127.0.0.1",), challenge=BASIC, wrong=True),
    Scene("nobody-there", "does not listen", "refuses", closed=(80, 443)),
    Scene("hangs-up-at-once", "ends every connection before a byte", "refuses", greet=_close),
    Scene("handshake-alert", "refuses the TLS handshake", "refuses", greet=_alert),
    Scene("handshake-never-ends", "begins a TLS record and never ends it", "refuses", greet=_half_a_record, slow=True),
    Scene("silent", "accepts connections and says nothing", "refuses", greet=_silent, slow=True),
    Scene("speaks-ssh", "speaks SSH", "refuses", greet=_says(b"SSH-2.0-OpenSSH_9.2p1\r\n")),
    Scene("speaks-smtp", "speaks SMTP, in control characters", "refuses", greet=_says(b"220 \x1b[2J\x07mail\r\n")),
    Scene("ssh-inside-tls", "speaks SSH inside TLS", "refuses", ping=garbage()),
    Scene("http-0.9", "answers as HTTP/0.9 did", "refuses", ping=garbage(b"<h1>Hello</h1>")),
    Scene("http-2-frames", "answers in frames of HTTP/2", "refuses",
          ping=garbage(b"\0\0\x12\4\0\0\0\0\0" + b"\0" * 18)),
    Scene("http-7.7", "answers in HTTP/7.7", "either", ping=raw(b"HTTP/7.7 200 OK\r\nContent-Length: 2\r\n\r\n{}")),
    Scene("status-of-2-digits", "answers by a status of two digits", "refuses",
          ping=raw(b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\n{}")),
    Scene("status-of-letters", "answers by a status of letters", "refuses",
          ping=raw(b"HTTP/1.1 OK OK\r\nContent-Length: 2\r\n\r\n{}")),
    Scene("header-without-colon", "sends a header without a colon", "either",
          ping=raw(b'HTTP/1.1 401 x\r\nnonsense\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n')),
    Scene("header-name-with-blank", "puts a blank into a header's name", "either",
          ping=raw(b'HTTP/1.1 401 x\r\nWWW-Authenticate : Basic realm="x"\r\nContent-Length: 0\r\n\r\n')),
    Scene("hangs-up-on-ping", "hangs up instead of its first answer", "refuses", ping=hang_up()),
    Scene("resets-on-ping", "resets the connection instead of its first answer", "refuses", ping=reset()),
    Scene("hangs-up-on-token", "hangs up once it has the password", "refuses", token=hang_up()),
    Scene("resets-on-token", "resets the connection once it has the password", "refuses", token=reset()),
    Scene("hangs-up-inside", "hangs up once it has the token", "refuses", inside=hang_up()),
    Scene("cuts-the-head", "cuts the token answer in its head", "refuses", token=_good_head),
    Scene("cuts-the-body", "cuts the token answer by a byte", "refuses", token=_cut),
    Scene("cuts-the-challenge", "cuts its challenge, and falls silent", "refuses", slow=True,
          ping=raw(b"HTTP/1.1 401 x\r\nWWW-Authenticate: Basic rea", FOREVER)),
)  # fmt: skip
