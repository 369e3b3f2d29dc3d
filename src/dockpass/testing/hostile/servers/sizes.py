"""More than anybody can want: bodies, heads and numbers without end."""

# ruff: noqa: ARG005 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from dockpass.testing.answers import Script, chunked, endless, endless_head, error_answer, header_flood, raw
from dockpass.testing.hostile.scene import BASIC, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockpass.testing.answers import Step

_MIB = b"x" * (1 << 20)
_CHALLENGE = b'WWW-Authenticate: Basic realm="x"\r\n'


class _Repeated(Script):
    """A beginning, and then a piece many times: nothing of that size is ever held in memory."""

    def __init__(self, first: bytes, piece: bytes, times: int) -> None:
        super().__init__(ending="close")
        self._first = first
        self._piece = piece
        self._times = times

    def steps(self, method: str) -> Iterator[Step]:  # noqa: ARG002 - any
        return itertools.chain((self._first,), itertools.repeat(self._piece, self._times))


def _long(head: bytes, length: int, begin: bytes = b"") -> Script:
    """A body of so many MiB with a true Content-Length."""
    total = (length << 20) + len(begin)
    return _Repeated(b"%sContent-Length: %d\r\n\r\n%s" % (head, total, begin), _MIB, length)


def _lengths(*values: str, body: bytes = b"{}") -> Script:
    """A good answer to a token request but for its lengths."""
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(b"Content-Length: %s\r\n" % value.encode() for value in values)
    return raw(head + b"\r\n" + body)


def _chunks(*pieces: bytes) -> Script:
    return raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(pieces))


_TOKEN = b'{"token": "abc"}'
_CHUNK = b"%x\r\n%s\r\n" % (len(_TOKEN), _TOKEN)

SCENES = (
    Scene("token-of-200-mib", "sends a token answer of 200 MiB", "refuses",
          token=_long(b"HTTP/1.1 200 OK\r\n", 200, b'{"token": "')),
    Scene("token-without-end", "sends a token answer in chunks without end", "refuses", token=endless(200)),
    Scene("token-blanks-without-end", "sends blanks without end before its token", "refuses",
          token=_Repeated(b"HTTP/1.1 200 OK\r\n\r\n", b" " * (1 << 20), 300)),
    Scene("token-until-close-without-end", "sends a token answer without length and end", "refuses",
          token=_Repeated(b'HTTP/1.1 200 OK\r\n\r\n{"token": "', _MIB, 300)),
    Scene("token-in-tiny-chunks", "sends a token answer of 100,000 chunks of one byte", "either",
          token=lambda play, request: chunked(
              play.issue(request).but(body=play.issue(request).body + b" " * 100_000), *([1] * 100_000))),
    Scene("challenge-of-200-mib", "sends a body of 200 MiB with its challenge", "either", challenge=BASIC,
          ping=_long(b"HTTP/1.1 401 x\r\n" + _CHALLENGE, 200)),
    Scene("challenge-without-end", "sends a body without end with its challenge", "either", challenge=BASIC,
          ping=_Repeated(b"HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n" + _CHALLENGE + b"\r\n",
                         b"100000\r\n%s\r\n" % _MIB, 300)),
    Scene("welcome-of-200-mib", "sends 200 MiB after a good login", "either",
          inside=_long(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", 200)),
    Scene("refusal-of-200-mib", "refuses the password by 200 MiB", "refuses",
          token=_long(b"HTTP/1.1 401 x\r\nContent-Type: application/json\r\n", 200, b'{"errors":[{"message":"')),
    Scene("refusal-without-end", "refuses the password without end", "refuses", token=endless(401, b"no " * 1000)),
    Scene("error-of-10-mib", "explains a refusal in 10 MiB", "refuses",
          token=lambda play, request: error_answer(401, "UNAUTHORIZED", "no " * (10 << 18))),
    Scene("headers-without-end", "sends headers without end", "refuses",
          ping=endless_head(b"X-More: " + b"x" * 1000 + b"\r\n")),
    Scene("headers-by-the-thousand", "sends 10,000 headers with its challenge", "either",
          ping=header_flood(10_000).but(headers={"WWW-Authenticate": BASIC}), challenge=BASIC),
    Scene("header-without-end", "sends one header without end", "refuses",
          ping=_Repeated(b"HTTP/1.1 401 x\r\nX-Long: ", _MIB, 300)),
    Scene("header-of-10-mib", "sends a header of 10 MiB", "refuses",
          ping=_Repeated(b"HTTP/1.1 401 x\r\n" + _CHALLENGE + b"X-Long: ", _MIB, 10)),
    Scene("status-line-without-end", "sends a status line without end", "refuses",
          ping=_Repeated(b"HTTP/1.1 401 ", _MIB, 300)),
    Scene("1xx-without-end", "sends 100 Continue without end", "refuses",
          ping=_Repeated(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, 10_000)),
    Scene("trailers-without-end", "sends trailers without end behind its token", "refuses",
          token=_Repeated(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + _CHUNK + b"0\r\n",
                          b"X-More: more\r\n" * 10_000, 2000)),
    Scene("chunk-extension-without-end", "sends a chunk extension without end", "refuses",
          token=_Repeated(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", _MIB, 300)),
    Scene("length-too-long", "announces more than it sends", "refuses", token=_lengths("1000", body=_TOKEN)),
    Scene("length-negative", "announces a negative length", "refuses", token=_lengths("-1", body=_TOKEN)),
    Scene("length-no-number", "announces a length that is no number", "refuses", token=_lengths("0x10", body=_TOKEN)),
    Scene("length-with-plus", "announces a length with a plus sign", "refuses", token=_lengths("+16", body=_TOKEN)),
    Scene("length-of-30-digits", "announces a length of 30 digits", "refuses", token=_lengths("9" * 30, body=_TOKEN)),
    Scene("length-of-an-exabyte", "announces an exabyte", "refuses",
          token=_lengths("1152921504606846976", body=_TOKEN)),
    Scene("lengths-that-differ", "announces two lengths", "refuses", token=_lengths("16", "5", body=_TOKEN)),
    Scene("length-and-chunks", "announces a length, and sends chunks", "refuses", token=raw(
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + _CHUNK + b"0\r\n\r\n")),
    Scene("chunk-no-number", "sends a chunk whose size is no number", "refuses",
          token=_chunks(b"zz\r\n{}\r\n0\r\n\r\n")),
    Scene("chunk-negative", "sends a chunk of a negative size", "refuses", token=_chunks(b"-10\r\n{}\r\n0\r\n\r\n")),
    Scene("chunk-of-30-digits", "sends a chunk whose size has 30 digits", "refuses",
          token=_chunks(b"f" * 30 + b"\r\n{}")),
    Scene("chunk-too-short", "sends more in a chunk than it says", "refuses",
          token=_chunks(b"5\r\n" + _TOKEN + b"\r\n0\r\n\r\n")),
    Scene("chunks-cut", "cuts the connection in the middle of a chunk", "refuses", token=_chunks(b"ff\r\n" + _TOKEN)),
    Scene("chunks-without-last", "cuts the connection before the last chunk", "refuses", token=_chunks(_CHUNK)),
)  # fmt: skip
