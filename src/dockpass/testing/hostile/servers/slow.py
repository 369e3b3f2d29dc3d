"""Servers that take their time: silence, drops, and requests to come back later."""

# ruff: noqa: ARG001, ARG005 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.testing.answers import (
    FOREVER,
    Answer,
    dripping,
    endless,
    endless_head,
    late,
    raw,
    retry_after,
    silence,
)  # fmt: skip
from dockpass.testing.hostile.scene import BASIC, Scene

if TYPE_CHECKING:
    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.received import Received


def _waits(name: str, does: str, value: str, status: int = 429) -> Scene:
    return Scene(f"come-back-{name}", does, "refuses", ping=retry_after(value, status), slow=True)


def _token_drips(play: Play, request: Received) -> Script:
    return dripping(play.issue(request), every=1)


def _interim(play: Play, request: Received) -> Script:
    return raw(*((b"HTTP/1.1 102 Processing\r\n\r\n", 1.0) * 3600))


SCENES = (
    Scene("silent-ping", "reads the first request and says nothing", "refuses", ping=silence(), slow=True),
    Scene("silent-token", "reads the password and says nothing", "refuses", token=silence(), slow=True),
    Scene("silent-inside", "reads the token and says nothing", "refuses", inside=silence(), slow=True),
    Scene("silent-after-head", "sends the head of a token answer and says no more", "refuses", slow=True,
          token=raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", FOREVER)),
    Scene("silent-in-body", "sends half a token answer and says no more", "refuses", slow=True,
          token=raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"token": "', FOREVER)),
    Scene("silent-in-chunk", "sends the size of a chunk and says no more", "refuses", slow=True,
          token=raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n", FOREVER)),
    Scene("silent-after-chunks", "never sends the last chunk of a token answer", "refuses", slow=True,
          token=raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{"token": "a"\r\n', FOREVER)),
    Scene("late-by-a-minute", "takes a minute for its first answer", "refuses", slow=True,
          ping=late(60, Answer(401, "", {"WWW-Authenticate": BASIC}))),
    Scene("drips-status", "sends its first answer at a byte a second", "refuses", slow=True, challenge=BASIC,
          ping=lambda play, request: dripping(play.challenge(), every=1)),
    Scene("drips-token", "sends the token at a byte a second", "refuses", token=_token_drips, slow=True),
    Scene("drips-headers", "sends a header a second without end", "refuses", slow=True,
          ping=endless_head(pause=1.0)),
    Scene("drips-body", "sends a chunk a second without end", "refuses", token=endless(200, b" ", 1.0), slow=True),
    Scene("drips-challenge-body", "sends a chunk a second without end behind its challenge", "either", slow=True,
          challenge=BASIC, ping=lambda play, request: raw(
              b'HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n',
              *((b"1\r\n \r\n", 1.0) * 3600))),
    Scene("drips-1xx", "says once a second that it is busy", "refuses", ping=_interim, slow=True),
    _waits("in-an-hour", "asks to come back in an hour", "3600"),
    _waits("in-two-minutes-503", "asks by 503 to come back in two minutes", "120", 503),
    _waits("always", "asks to come back in a second, each time", "1"),
    _waits("at-once", "asks to come back at once, each time", "0"),
    _waits("before", "asks to come back 1 s ago", "-1"),
    _waits("in-ages", "asks to come back in a time of 30 digits", "9" * 30),
    _waits("in-1e9", "asks to come back in 1e9", "1e9"),
    _waits("in-2099", "asks to come back in 2099", "Thu, 01 Jan 2099 00:00:00 GMT"),
    _waits("in-1970", "asks to come back in 1970", "Thu, 01 Jan 1970 00:00:00 GMT"),
    _waits("on-no-day", "asks to come back on the 32nd of a month", "Thu, 32 Foo 2026 25:61:61 GMT"),
    Scene("come-back-to-token", "has a token server that asks to come back in a second, each time", "refuses",
          token=retry_after(1), slow=True),
    Scene("come-back-inside", "takes the token, and asks to come back in a second, each time", "refuses",
          inside=retry_after(1), slow=True),
)  # fmt: skip
