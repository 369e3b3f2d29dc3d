"""Compressed answers that nobody asked for, codings that nobody knows, and answers hidden behind answers."""

# ruff: noqa: ARG001 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

import gzip
import zlib
from functools import cache
from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, gzip_bomb, gzipped, raw, smuggled
from dockpass.testing.hostile.scene import BASIC, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.received import Received


def _coded(name: str, encode: Callable[[bytes], bytes]) -> Callable[[Play, Received], Script]:
    def issue(play: Play, request: Received) -> Script:
        answer = play.issue(request)
        return answer.but(body=encode(answer.body), headers={"Content-Encoding": name})

    return issue


@cache
def _bomb() -> Answer:
    return gzip_bomb(300_000_000)


def _bomb_in_token(play: Play, request: Received) -> Script:
    return _bomb()


def _bomb_in_challenge(play: Play, request: Received) -> Script:
    return Answer(401, _bomb().body, (*_bomb().headers, ("WWW-Authenticate", BASIC)))


def _bomb_in_refusal(play: Play, request: Received) -> Script:
    return Answer(401, _bomb().body, _bomb().headers)


def _transfer(value: str, body: Callable[[bytes], bytes]) -> Callable[[Play, Received], Script]:
    def issue(play: Play, request: Received) -> Script:
        answer = play.issue(request)
        return raw(answer.head(("Transfer-Encoding", value)) + body(answer.body))

    return issue


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


_WELCOME = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def _second_answer(play: Play, request: Received) -> Script | None:
    """A challenge with a welcome behind it, for the request that was not yet sent; in truth nobody is let in."""
    return smuggled(play.challenge(), _WELCOME)


def _second_answer_to_token(play: Play, request: Received) -> Script:
    return smuggled(play.issue(request), _WELCOME)


def _not_really(play: Play, request: Received) -> Script:
    return play.challenge()


SCENES = (
    Scene("gzip-unasked", "compresses the token, asked or not", "either",
          token=lambda play, request: gzipped(play.issue(request))),
    Scene("gzip-bomb-token", "sends a token answer that grows to 300 MB", "refuses", token=_bomb_in_token),
    Scene("gzip-bomb-challenge", "sends 300 MB, compressed, with its challenge", "either", ping=_bomb_in_challenge,
          challenge=BASIC),
    Scene("gzip-bomb-refusal", "refuses the password by 300 MB, compressed", "refuses", token=_bomb_in_refusal),
    Scene("gzip-twice", "compresses the token twice", "either",
          token=_coded("gzip, gzip", lambda b: gzip.compress(gzip.compress(b)))),
    Scene("gzip-not-really", "says that the token is compressed, and it is not", "refuses",
          token=_coded("gzip", bytes)),
    Scene("gzip-cut", "sends half of a compressed token", "refuses",
          token=_coded("gzip", lambda b: gzip.compress(b)[:-20])),
    Scene("deflate-unasked", "compresses the token by deflate", "either", token=_coded("deflate", zlib.compress)),
    Scene("coding-br", "says that the token is compressed by Brotli", "refuses",
          token=_coded("br", lambda b: b"\x8b\x07\x80" + b)),
    Scene("coding-zstd", "says that the token is compressed by zstd", "refuses",
          token=_coded("zstd", lambda b: b"\x28\xb5\x2f\xfd" + b)),
    Scene("coding-unknown", "encodes the token in a way that nobody knows", "either",
          token=_coded("x-rot13", lambda b: b)),
    Scene("transfer-gzip", "sends the token by a compressing transfer coding", "refuses",
          token=_transfer("gzip, chunked", lambda b: _chunk(gzip.compress(b)))),
    Scene("transfer-unknown", "sends the token by a transfer coding that nobody knows", "refuses",
          token=_transfer("x-evil", bytes)),
    Scene("transfer-identity", "sends the token by the transfer coding identity", "either",
          token=_transfer("identity", bytes)),
    Scene("transfer-chunked-twice", "names chunked twice", "refuses", token=_transfer("chunked, chunked", _chunk)),
    Scene("transfer-chunked-not-last", "puts another coding behind chunked", "refuses",
          token=_transfer("chunked, gzip", _chunk)),
    Scene("transfer-chunked-odd-letters", "writes CHUNKED", "logs in", token=_transfer("CHUNKED", _chunk)),
    Scene("second-answer-behind-the-challenge", "sends a welcome behind its challenge, unasked, and lets nobody in",
          "refuses", answer=_second_answer, challenge=BASIC),
    Scene("second-answer-behind-the-token", "sends a welcome behind the token, unasked, and lets nobody in", "refuses",
          token=_second_answer_to_token, inside=_not_really),
)  # fmt: skip
