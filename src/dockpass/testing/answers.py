r"""What a scripted registry can be told to answer: the right way, and every wrong way.

An answer is a :class:`Script`: steps one after the other (bytes are sent, a number is a pause in seconds), and how the
connection ends. Everything here is made of that, so a test that needs a fault nobody thought of writes the bytes::

    registry.answer("/v2/", raw(b"HTTP/1.1 200 OK\r\nContent-Le", 0.2, b"ngth: 2\r\n\r\n{}"))
"""

from __future__ import annotations

import gzip
import http
import itertools
import json
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Step = bytes | float
    Ending = Literal["keep", "close", "reset"]
    Headers = Mapping[str, str] | Iterable[tuple[str, str]]

FOREVER = float("inf")
"""A pause that only the end of the registry ends."""


class Script:
    """What is sent on a connection in answer to one request.

    Args:
        steps: Bytes to send and pauses in seconds, in order. May be without end.
        ending: What happens to the connection then: ``"keep"`` it for the next request, ``"close"`` it, or ``"reset"``
            it (a TCP RST, "connection reset by peer").

    """

    def __init__(self, steps: Iterable[Step] = (), ending: Ending = "close") -> None:
        self._steps = steps
        self.ending: Ending = ending

    def steps(self, method: str) -> Iterator[Step]:  # noqa: ARG002 - answers with a body need it
        """The steps in answer to a request of this method (a HEAD wants no body)."""
        return iter(self._steps)


class Answer(Script):
    """A well-formed answer, with a ``Content-Length`` and a connection that stays open.

    Args:
        status: The status code; a reason that belongs to it is added.
        body: Bytes, or text that is sent as UTF-8.
        headers: A mapping, or pairs where a name comes twice. A ``Content-Length`` of yours is sent in place of the
            right one.
        reason: Another reason phrase.

    """

    def __init__(
        self, status: int = 200, body: bytes | str = b"", headers: Headers = (), *, reason: str | None = None
    ) -> None:
        super().__init__(ending="keep")
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = tuple(headers.items() if hasattr(headers, "items") else headers)
        self.reason = _reason(status) if reason is None else reason

    def head(self, *extra: tuple[str, str]) -> bytes:
        """The status line and the headers, with ``extra`` behind, up to the empty line. Latin-1, as HTTP has it."""
        lines = [f"HTTP/1.1 {self.status} {self.reason}"]
        lines += [f"{name}: {value}" for name, value in (*self.headers, *extra)]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"

    def steps(self, method: str) -> Iterator[Step]:
        """Head and body in one piece."""
        extra = []
        given = {name.lower() for name, _value in self.headers}
        if "content-length" not in given and self.status != 204:
            extra.append(("Content-Length", str(len(self.body))))
        yield self.head(*extra) + (b"" if method == "HEAD" else self.body)

    def but(self, *, body: bytes | None = None, headers: Headers = ()) -> Answer:
        """The same answer with another body, and with these headers as well."""
        more = tuple(headers.items() if hasattr(headers, "items") else headers)
        content = self.body if body is None else body
        return Answer(self.status, content, (*self.headers, *more), reason=self.reason)


def json_answer(value: object, status: int = 200, headers: Headers = ()) -> Answer:
    """``value`` as JSON."""
    answer = Answer(status, json.dumps(value), (("Content-Type", "application/json"),))
    return answer.but(headers=headers)


def error_answer(status: int, code: str, message: str, headers: Headers = ()) -> Answer:
    """An error as registries write it.

    Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
    """
    return json_answer({"errors": [{"code": code, "message": message, "detail": None}]}, status, headers)


def redirect(location: str, status: int = 307) -> Answer:
    """Somewhere else."""
    return Answer(status, headers={"Location": location})


def retry_after(value: float | str, status: int = 429) -> Answer:
    """Too many requests (or, with 503, unavailable): come back after ``value``, in seconds or as an HTTP date."""
    return error_answer(status, "TOOMANYREQUESTS", "slow down", {"Retry-After": str(value)})


def raw(*steps: Step, ending: Ending = "close") -> Script:
    """These very bytes and pauses."""
    return Script(steps, ending)


def silence() -> Script:
    """Nothing, on an open connection."""
    return raw(FOREVER)


def hang_up() -> Script:
    """The end of the connection instead of an answer."""
    return raw()


def reset() -> Script:
    """A reset connection instead of an answer."""
    return raw(ending="reset")


def late(seconds: float, answer: Script) -> Script:
    """``answer``, after a while."""
    return _changed(answer, lambda steps: itertools.chain((seconds,), steps))


def dripping(answer: Script, every: float = 0.05, size: int = 1) -> Script:
    """``answer``, ``size`` bytes at a time with a pause between."""

    def drip(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            if isinstance(step, bytes):
                for start in range(0, len(step), size):
                    yield step[start : start + size]
                    yield every
            else:
                yield step

    return _changed(answer, drip)


def smuggled(answer: Script, extra: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") -> Script:
    """``answer`` with more bytes right behind its end, in the same piece."""

    def join(steps: Iterator[Step]) -> Iterator[Step]:
        pieces = list(steps)
        if pieces and isinstance(pieces[-1], bytes):
            pieces[-1] += extra
        else:
            pieces.append(extra)
        return iter(pieces)

    return _changed(answer, join)


def truncated(answer: Answer, missing: int = 1) -> Script:
    """``answer`` without its last bytes, though its ``Content-Length`` counts them."""
    whole = answer.head(("Content-Length", str(len(answer.body)))) + answer.body
    return raw(whole[:-missing])


def wrong_length(answer: Answer, *lengths: int | str) -> Script:
    """``answer`` with these for its ``Content-Length``: false ones, several, none."""
    return raw(answer.head(*(("Content-Length", str(length)) for length in lengths)) + answer.body)


def chunked(answer: Answer, *sizes: int) -> Script:
    """``answer`` in chunks of these sizes and the rest in one; without sizes all in one."""
    body, pieces = answer.body, [answer.head(("Transfer-Encoding", "chunked"))]
    for size in (*sizes, len(body)):
        piece, body = body[:size], body[size:]
        if piece:
            pieces.append(_chunk(piece))
    pieces.append(b"0\r\n\r\n")
    return raw(b"".join(pieces), ending="keep")


def gzipped(answer: Answer) -> Answer:
    """``answer`` compressed, asked for or not."""
    return answer.but(body=gzip.compress(answer.body, mtime=0), headers={"Content-Encoding": "gzip"})


def gzip_bomb(size: int = 50_000_000, status: int = 200) -> Answer:
    """``size`` zeros, about a thousand times smaller on the way."""
    return gzipped(Answer(status, bytes(size)))


def endless(status: int = 200, piece: bytes = b"x" * 4096, pause: float = 0.0) -> Script:
    """A chunked body without end."""
    head = Answer(status).head(("Transfer-Encoding", "chunked"))
    return Script(_Endless(head, _chunk(piece), pause))


def endless_head(line: bytes = b"X-More: more\r\n", pause: float = 0.0) -> Script:
    """Headers without end."""
    return Script(_Endless(b"HTTP/1.1 200 OK\r\n", line, pause))


def header_flood(count: int = 10_000, size: int = 10) -> Answer:
    """A good answer under ``count`` headers, each with a value of ``size`` letters."""
    return Answer(200, "{}", [(f"X-Header-{number}", "x" * size) for number in range(count)])


def garbage(content: bytes = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n") -> Script:
    """Another protocol."""
    return raw(content)


class _Endless:
    """A beginning, then the same piece again and again; fresh for every request."""

    def __init__(self, first: bytes, again: bytes, pause: float) -> None:
        self.first = first
        self.again = again
        self.pause = pause

    def __iter__(self) -> Iterator[Step]:
        yield self.first
        while True:
            yield self.again
            if self.pause:
                yield self.pause


class _Changed(Script):
    def __init__(self, answer: Script, change: _Change) -> None:
        super().__init__(ending=answer.ending)
        self._answer = answer
        self._change = change

    def steps(self, method: str) -> Iterator[Step]:
        return self._change(self._answer.steps(method))


if TYPE_CHECKING:
    from collections.abc import Callable

    _Change = Callable[[Iterator[Step]], Iterator[Step]]


def _changed(answer: Script, change: _Change) -> Script:
    return _Changed(answer, change)


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def _reason(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
