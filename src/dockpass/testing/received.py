"""A request as it came in, for assertions; and the reader that takes it off a connection."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from collections.abc import Callable

_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """One request.

    Attributes:
        method: As sent, so ``"GET"``.
        target: Path and query as sent, still percent-encoded.
        headers: Pairs in order, names in lower case, values in Latin-1.
        body: What came after the head.
        tls: Whether it came over TLS.
        port: The port it came in on; 0 for a unix socket.
        connection: The number of the connection, counted from 1: two requests with the same number shared one.
        client_certificate: The common name in the client's certificate; ``""`` without one.

    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    tls: bool = False
    port: int = 0
    connection: int = 0
    client_certificate: str = ""

    @property
    def path(self) -> str:
        """The target without its query, percent-decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the query, empty ones too."""
        return parse_qs(self.target.partition("?")[2], keep_blank_values=True)

    @property
    def form(self) -> dict[str, list[str]]:
        """The parameters of a form in the body, empty ones too."""
        return parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def all(self, name: str) -> list[str]:
        """Every value of a header (its name in lower case), in order."""
        return [value for known, value in self.headers if known == name]

    def header(self, name: str) -> str | None:
        """The first value of a header, or ``None``."""
        return next(iter(self.all(name)), None)

    @property
    def basic(self) -> tuple[str, str] | None:
        """User and password of a Basic ``Authorization``, or ``None`` where there is no readable one."""
        scheme, _space, value = (self.header("authorization") or "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return (user, password) if colon else None

    @property
    def bearer(self) -> str | None:
        """The token of a Bearer ``Authorization``, or ``None``."""
        scheme, _space, value = (self.header("authorization") or "").partition(" ")
        return value if scheme.lower() == "bearer" else None


class BadRequest(Exception):
    """What came in is no request that this small reader knows."""


def read(stream: BinaryIO, make: Callable[..., Received] = Received) -> Received | None:
    """Take the next request off ``stream``.

    Args:
        stream: A buffered reader on the connection.
        make: Makes the value of method, target, headers and body.

    Returns:
        The request, or ``None`` where the stream ended before one began.

    Raises:
        BadRequest: Half a request, more than 1 MiB of it, or not HTTP/1.

    """
    line = stream.readline(_LIMIT)
    if not line:
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequest(f"not a request line: {line[:80]!r}")
    method, target, _version = words
    headers = _headers(stream)
    named = dict(headers)
    if named.get("transfer-encoding", "").lower() == "chunked":
        body = _chunks(stream)
    else:
        length = named.get("content-length", "0")
        if not length.isdecimal() or int(length) > _LIMIT:
            raise BadRequest(f"a Content-Length of {length[:80]!r}")
        body = _exactly(stream, int(length))
    return make(method=method, target=target, headers=headers, body=body)


def _headers(stream: BinaryIO) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    size = 0
    while True:
        line = stream.readline(_LIMIT)
        size += len(line)
        if not line.endswith(b"\n") or size > _LIMIT:
            raise BadRequest("the head of the request is too long, or ends too early")
        if line in (b"\r\n", b"\n"):
            return tuple(headers)
        name, _colon, value = line.decode("latin-1").partition(":")
        headers.append((name.strip().lower(), value.strip()))


def _chunks(stream: BinaryIO) -> bytes:
    body = b""
    while True:
        try:
            size = int(stream.readline(_LIMIT).partition(b";")[0], 16)
        except ValueError:
            raise BadRequest("a chunk without its size") from None
        if not 0 <= size <= _LIMIT - len(body):
            raise BadRequest("a chunk that is too long")
        body += _exactly(stream, size)
        stream.readline(_LIMIT)
        if not size:
            return body


def _exactly(stream: BinaryIO, size: int) -> bytes:
    body = stream.read(size)
    if len(body) < size:
        raise BadRequest("the body of the request ends too early")
    return body
