"""Requests and responses as values, the writer of requests, and the strict reader of responses.

The reader takes bytes from a function, not from a socket, so that it can be tried on any bytes in any pieces. Where
RFC 9112 allows to be lenient it is not: an answer has one possible meaning, or it is an error. No error quotes the
answer, for a server can reflect the password that it was sent.

Reference: https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import ProtocolError
from dockpass.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from dockpass.http.address import Origin

    Headers = list[tuple[str, str]]

MAX_HEAD = 65536
"""Bytes of a status line and its headers; and of the trailers of a chunked body."""

MAX_HEADERS = 100
MAX_INTERIM = 5
"""How many 1xx answers may come before the real one."""

_MAX_CHUNK_LINE = 256
_PIECE = 65536
_USER_AGENT = b"User-Agent: dockpass/" + __version__.encode("ascii")
_TOKEN = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_HEX = b"0123456789ABCDEFabcdef"
_TEXT = b"\t" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
_TARGET = bytes(range(0x21, 0x7F)).replace(b"#", b"")
_NETLOC = b"-._:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FRAMING = frozenset(("content-length", "transfer-encoding"))
_OURS = frozenset(
    (
        "host",
        "user-agent",
        "accept-encoding",
        "connection",
        "content-length",
        "transfer-encoding",
        "proxy-authorization",
    )
)
_HINT = "something other than a registry may be answering there, or something in between may be damaging its answers"


class Request:
    """One HTTP request: where to, and what. Never a URL: an origin and a target, so that no second parser has a say.

    Args:
        method: ``"GET"`` or ``"POST"``.
        origin: Scheme, host and port.
        target: The path and query, beginning with ``/``, percent-encoded, ASCII.
        headers: Pairs; ``Host``, ``User-Agent``, ``Accept-Encoding`` and ``Content-Length`` are added by the transport,
            and cannot be given, nor can ``Connection``, ``Transfer-Encoding`` and ``Proxy-Authorization``.
        body: For POST.

    """

    __slots__ = ("body", "headers", "method", "origin", "target")

    def __init__(
        self,
        method: str,
        origin: Origin,
        target: str,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
    ) -> None:
        self.method = method
        self.origin = origin
        self.target = target
        self.headers = headers
        self.body = body


class Response:
    """One HTTP response.

    ``headers`` are pairs with lower-case names, in order, repetitions kept; values are text in Latin-1. ``body`` is
    what was read; ``complete`` is false where an oversized error body was dropped and the connection closed.
    """

    __slots__ = ("body", "complete", "headers", "reason", "status")

    def __init__(
        self,
        status: int,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        *,
        reason: str = "",
        complete: bool = True,
    ) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
        self.complete = complete

    def all(self, name: str) -> list[str]:
        """Every value of the header ``name`` (lower case), in order."""
        return [value for known, value in self.headers if known == name]


def render(request: Request, *, absolute: bool = False, proxy_authorization: str = "") -> bytes:
    """The bytes of ``request``.

    Args:
        request: What to send.
        absolute: Name the origin in the request line, as a proxy for plain HTTP wants it.
        proxy_authorization: The header of that name, for the same proxy.

    Raises:
        ProtocolError: The method, the target or a header could not be sent without being misread: line ends, NUL, other
            control characters, letters outside Latin-1, a header that is the transport's own. Its value is not shown.

    """
    host = request.origin.label
    method = _made_of(_TOKEN, request.method)
    target = _made_of(_TARGET, request.target)
    netloc = _made_of(_NETLOC, request.origin.netloc)
    if not method:
        raise ProtocolError(f"a request to {host} has no valid method")
    if not target.startswith(b"/"):
        raise ProtocolError(f"a request to {host} has a target that is not a percent-encoded path")
    if not netloc:
        raise ProtocolError(f"a request has a host that is not a host name: {clean(host, 80)}")
    if absolute:
        target = b"http://" + netloc + target
    lines = [
        method + b" " + target + b" HTTP/1.1",
        b"Host: " + netloc,
        _USER_AGENT,
        b"Accept-Encoding: identity",
    ]
    if proxy_authorization:
        lines.append(b"Proxy-Authorization: " + proxy_authorization.encode("ascii"))
    for name, value in request.headers:
        lines.append(_header_line(name, value, host))
    if request.body or method not in (b"GET", b"HEAD"):
        lines.append(b"Content-Length: %d" % len(request.body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + request.body


def connect(origin: Origin, proxy_authorization: str) -> bytes:
    """The bytes of a request to a proxy for a tunnel to ``origin``: with the proxy's credentials, and no others."""
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    target = _made_of(_NETLOC, f"{host}:{origin.port}")
    if not target:
        raise ProtocolError(f"a request has a host that is not a host name: {clean(origin.host, 80)}")
    lines = [b"CONNECT " + target + b" HTTP/1.1", b"Host: " + target, _USER_AGENT]
    if proxy_authorization:
        lines.append(b"Proxy-Authorization: " + proxy_authorization.encode("ascii"))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _header_line(name: str, value: str, host: str) -> bytes:
    raw = _made_of(_TOKEN, name)
    if not raw:
        raise ProtocolError(f"a request to {host} has a header without a valid name")
    if name.lower() in _OURS:
        raise ProtocolError(f"a request to {host} sets the header {name}, which is the transport's to set")
    try:
        content = value.encode("latin-1")
    except UnicodeEncodeError:
        raise ProtocolError(
            f"the header {name} of a request to {host} holds a letter that cannot be sent in a header"
        ) from None
    if content.translate(None, _TEXT):
        raise ProtocolError(f"the header {name} of a request to {host} holds a line end or another control character")
    return raw + b": " + content


def _made_of(allowed: bytes, text: str) -> bytes:
    """``text`` as bytes; ``b""`` if it holds anything but the ASCII that is ``allowed``."""
    raw = text.encode("ascii") if text.isascii() else b""
    return b"" if raw.translate(None, allowed) else raw


def read(
    recv: Callable[[int], bytes], method: str, host: str, *, limit: int, drop_oversized: bool = False
) -> tuple[Response, bool]:
    """Read one answer.

    Args:
        recv: Returns the next bytes, at most as many as it is asked for; ``b""`` at the end. What it raises goes
            through.
        method: The method of the request. An answer to ``HEAD`` or a successful ``CONNECT`` has no body.
        host: Who answers, for the errors.
        limit: How many bytes a body may have. A longer one of an error or a redirect (status 300 and up) is dropped; a
            longer one of a success is an error.
        drop_oversized: Drop the longer body of a success, too.

    Returns:
        The answer, and whether the connection can be used for another request.

    Raises:
        ProtocolError: The answer breaks the rules or a limit, is cut short, or is encoded in a way not asked for.

    """
    source = _Source(recv, host)
    version, status, reason, headers = _head(source)
    interim = 0
    while status < 200:
        interim += 1
        if status == 101 or interim > MAX_INTERIM or _is_chunked(source, version, headers) or _length(source, headers):
            source.refuse("it sends interim answers (1xx) that it may not send")
        version, status, reason, headers = _head(source)
    body, ended = _body(source, version, status, headers, method=method, limit=limit)
    if body is None:
        if status < 300 and not drop_oversized:
            source.refuse(f"its answer is longer than {limit} bytes")
        return Response(status, tuple(headers), reason=reason, complete=False), False
    source.expect_nothing()
    keep = not ended and version == 1 and "close" not in _tokens(headers, "connection")
    return Response(status, tuple(headers), bytes(body), reason=reason), keep


class _Source:
    """What was received and not yet used."""

    __slots__ = ("_buffer", "_recv", "host")

    def __init__(self, recv: Callable[[int], bytes], host: str) -> None:
        self._recv = recv
        self._buffer = bytearray()
        self.host = host

    def refuse(self, problem: str) -> NoReturn:
        raise ProtocolError(f"{self.host} does not speak proper HTTP: {problem}", _HINT)

    def expect_http(self) -> None:
        """Look at the first bytes, before waiting for a line's end that may never come."""
        while len(self._buffer) < 7 and b"HTTP/1.".startswith(self._buffer):
            self._more("closed the connection without an answer" if not self._buffer else "cut its answer short")
        if self._buffer.startswith(b"HTTP/1."):
            return
        if self._buffer.startswith((b"\x15\x03", b"\x16\x03")):
            raise ProtocolError(
                f"{self.host} answers with TLS, not with plain HTTP", "leave out --plain-http, if you gave it"
            )
        if self._buffer.startswith(b"HTTP/"):
            self.refuse("it answers in another version than HTTP/1")
        self.refuse("its answer does not begin with a status line")

    def line(self, room: int) -> bytes:
        """The next line without its end, at most ``room`` bytes with it."""
        seen = 0
        while (end := self._buffer.find(b"\n", seen, room)) < 0:
            seen = len(self._buffer)
            if seen >= room:
                self.refuse("its header, or a line of it, is too long")
            self._more("cut its answer short")
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if not line.endswith(b"\r\n") or line.translate(None, _TEXT) != b"\r\n":
            self.refuse("a line of its answer holds a control character or has no proper end")
        return line[:-2]

    def take(self, size: int) -> bytearray:
        """The next ``size`` bytes, which the caller has compared with the limit."""
        while len(self._buffer) < size:
            self._more("cut its answer short")
        taken = self._buffer[:size]
        del self._buffer[:size]
        return taken

    def rest(self, limit: int) -> bytearray | None:
        """Everything until the other side closes; ``None`` as soon as that is more than ``limit``."""
        while len(self._buffer) <= limit:
            piece = self._recv(_PIECE)
            if not piece:
                rest, self._buffer = self._buffer, bytearray()
                return rest
            self._buffer += piece
        return None

    def expect_nothing(self) -> None:
        if self._buffer:
            self.refuse("bytes follow the end of its answer")

    def _more(self, problem: str) -> None:
        piece = self._recv(_PIECE)
        if not piece:
            raise ProtocolError(f"{self.host} {problem}", "try again; " + _HINT)
        self._buffer += piece


def _head(source: _Source) -> tuple[int, int, str, Headers]:
    """Minor version, status, reason and headers."""
    source.expect_http()
    line = source.line(MAX_HEAD)
    version, status = line[7:9], line[9:12]
    if version not in (b"0 ", b"1 "):
        source.refuse("it answers in another version than HTTP/1.0 and HTTP/1.1")
    if not status.isdigit() or line[12:13] not in (b"", b" ") or not 100 <= int(status) < 600:
        source.refuse("its answer has no valid status")
    return int(version), int(status), line[13:].decode("latin-1"), _headers(source, MAX_HEAD - len(line) - 2)


def _headers(source: _Source, room: int, *, trailers: bool = False) -> Headers:
    """The header lines up to the empty one, of at most ``room`` bytes."""
    headers: Headers = []
    while line := source.line(room):
        room -= len(line) + 2
        if len(headers) == MAX_HEADERS:
            source.refuse(f"its answer has more than {MAX_HEADERS} header lines")
        name, colon, value = line.partition(b":")
        # This also refuses folded lines, and names with a space before the colon, which parsers read differently.
        if not colon or not name or name.translate(None, _TOKEN):
            source.refuse("a header line of its answer has no valid name")
        header = (name.decode("ascii").lower(), value.strip(b" \t").decode("latin-1"))
        if header[0] in _FRAMING and (trailers or b"\t" in value):
            # Parsers differ in whether they heed it.
            source.refuse("its length is stated in a place or a way in which it may not be")
        headers.append(header)
    return headers


def _body(
    source: _Source, version: int, status: int, headers: Headers, *, method: str, limit: int
) -> tuple[bytearray | None, bool]:
    """The body, ``None`` if it is longer than ``limit``; and whether it ended by the end of the connection.

    Reference: https://www.rfc-editor.org/rfc/rfc9112#section-6.3
    """
    if method == "CONNECT":
        # A tunnel has no body, whatever its headers say; and what a refusal says in its body is not needed.
        return (bytearray() if status < 300 else None), False
    chunked = _is_chunked(source, version, headers)
    length = _length(source, headers)
    if chunked and length is not None:
        source.refuse("its answer has a Content-Length and a Transfer-Encoding")
    if (status == 204 and length) or (status in (204, 304) and chunked):
        source.refuse("its answer announces a body where none may be")
    if method == "HEAD" or status in (204, 304) or length == 0:
        return bytearray(), False
    if set(_tokens(headers, "content-encoding")) - {"identity", ""}:
        source.refuse("its answer is compressed, which was not asked for")
    if chunked:
        return _chunks(source, limit), False
    if length is not None:
        return (source.take(length) if length <= limit else None), False
    # Most say "Connection: close" beside it, but need not: small servers do not.
    return source.rest(limit), True


def _is_chunked(source: _Source, version: int, headers: Headers) -> bool:
    codings = [value.lower() for name, value in headers if name == "transfer-encoding"]
    if not codings:
        return False
    if version == 0 or codings != ["chunked"]:
        source.refuse("its answer has a Transfer-Encoding that it may not have")
    return True


def _length(source: _Source, headers: Headers) -> int | None:
    lengths = {value for name, value in headers if name == "content-length"}
    if not lengths:
        return None
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdigit()) or len(length) > 15:
        source.refuse("its answer has a Content-Length that is not one number")
    return int(length)


def _chunks(source: _Source, limit: int) -> bytearray | None:
    """A chunked body and its trailers, which are checked and dropped.

    Reference: https://www.rfc-editor.org/rfc/rfc9112#section-7.1
    """
    body = bytearray()
    while size := _chunk_size(source):
        if len(body) + size > limit:
            return None
        body += source.take(size)
        if source.take(2) != b"\r\n":
            source.refuse("a chunk of its answer is longer than announced")
    _headers(source, MAX_HEAD, trailers=True)
    return body


def _chunk_size(source: _Source) -> int:
    size, *extensions = source.line(_MAX_CHUNK_LINE).split(b";")
    if not size or len(size) > 15 or size.translate(None, _HEX):
        source.refuse("a chunk of its answer has no valid size")
    for extension in extensions:
        name, equals, value = extension.partition(b"=")
        if not name or (equals and not value) or (name + value).translate(None, _TOKEN):
            source.refuse("a chunk of its answer has an extension that is not valid")
    return int(size, 16)


def _tokens(headers: Headers, name: str) -> list[str]:
    """The elements of a header that is a list, in lower case."""
    return [token.strip(" \t").lower() for known, value in headers if known == name for token in value.split(",")]
