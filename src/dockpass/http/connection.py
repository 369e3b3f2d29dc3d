"""One connection to one origin, and one request at a time on it."""

from __future__ import annotations

from dockpass.errors import DockpassError, ProtocolError, TimedOut
from dockpass.http.deadline import Deadline
from dockpass.http.message import read, render
from dockpass.http.opener import Opener, wants_login

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from dockpass.http.address import Origin
    from dockpass.http.dial import Wire
    from dockpass.http.message import Request, Response
    from dockpass.http.proxy import Proxy
    from dockpass.http.tls import Stream
    from dockpass.http.trust import Trust

__all__ = ["Connection", "Deadline"]


# How the records of TLS begin: change of cipher, alert, handshake, content.
_RECORDS = (b"\x14", b"\x15", b"\x16", b"\x17")


class _Closed(Exception):
    """The connection turned out to be closed before the first byte of an answer."""


class Connection:
    """A connection that opens itself with the first request and stays open as long as the answers allow.

    Not to be used by two threads at once. Whatever goes wrong, Ctrl-C included, it is closed; the next request opens it
    anew.

    Args:
        origin: Where to. Requests to any other are refused.
        deadline: Until when all of it must be done, resolving and connecting included.
        trust: For https; the system's authorities if ``None``.
        proxy: From :func:`dockpass.http.proxy.choose`; ``None`` for a direct connection.
        permit: Is called with each numeric address that the name stands for, before any of them is connected to, and
            raises to forbid. Not called through a proxy, which does the resolving, nor for a unix socket.
        connect_timeout: The limit of seconds for resolving and connecting, and again for the TLS handshake.

    Attributes:
        meanwhile: Is called once, when the next request is sent and before its answer is waited for: to do what can be
            done in that time. It must not raise.

    """

    __slots__ = ("_deadline", "_opener", "_proxy", "_stream", "meanwhile", "origin")

    def __init__(
        self,
        origin: Origin,
        *,
        deadline: Deadline,
        trust: Trust | None = None,
        proxy: Proxy | None = None,
        permit: Callable[[str], None] | None = None,
        connect_timeout: float = 10.0,
    ) -> None:
        self.origin = origin
        self._deadline = deadline
        # Only this proxy sees requests; for https it sees a tunnel.
        self._proxy = proxy if origin.scheme == "http" else None
        self._stream: Wire | Stream | None = None
        self.meanwhile: Callable[[], None] | None = None
        self._opener = Opener(
            origin, deadline=deadline, trust=trust, proxy=proxy, permit=permit, connect_timeout=connect_timeout
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def peer(self) -> str:
        """The numeric address that was connected to last, by TCP and without a proxy; ``""`` if none was."""
        return self._opener.peer

    @property
    def heard_tls(self) -> bool:
        """Whether the origin said anything in TLS, be it only that it will not go on."""
        return self._opener.heard[:1] in _RECORDS

    def exchange(self, request: Request, *, limit: int = 131072, drop_oversized: bool = False) -> Response:
        """Send ``request`` and read the answer.

        Args:
            request: Its origin must be this connection's.
            limit: How many bytes the body may have. A longer one of an error or a redirect (status 300 and up) is
                dropped, and the answer says so (``complete``); a longer one of a success is an error.
            drop_oversized: Drop the longer body of a success, too: for a ping, of whose body nothing is wanted.

        Raises:
            ValueError: The request is for another origin.
            UnknownHost, Unreachable, TLSFailed, ProxyFailed: No connection.
            TimedOut: Not done within the deadline.
            ProtocolError: The answer is not proper HTTP, too long, or cut short; or the request could be misread.

        """
        if request.origin != self.origin:
            raise ValueError(f"a request to {request.origin} on a connection to {self.origin}")
        proxy = self._proxy
        data = render(
            request, absolute=proxy is not None, proxy_authorization=proxy.authorization if proxy is not None else ""
        )
        try:
            response, keep = self._send_and_read(request, data, limit, drop_oversized=drop_oversized)
            if response.status == 407 and proxy is not None:
                raise wants_login(proxy)
        except BaseException:
            self.close()
            raise
        if not keep:
            self.close()
        return response

    def close(self) -> None:
        """Close the connection, if it is open. Never raises."""
        self._stream = None
        self._opener.close()

    def _send_and_read(
        self, request: Request, data: bytes, limit: int, *, drop_oversized: bool
    ) -> tuple[Response, bool]:
        if self._stream is not None and self._stream.poll() is not None:
            # Closed by the other side while it was idle, or bytes that nobody asked for. Nothing was sent yet.
            self.close()
        if self._stream is not None:
            try:
                return self._once(self._stream, request, data, limit, drop_oversized=drop_oversized)
            except _Closed:
                # RFC 9112 9.3.1: what changes nothing may be sent again.
                self.close()
                if request.method != "GET":
                    raise self._no_answer() from None
        self._stream = self._opener.open()
        try:
            return self._once(self._stream, request, data, limit, drop_oversized=drop_oversized)
        except _Closed:
            raise self._no_answer() from None

    def _once(
        self, stream: Wire | Stream, request: Request, data: bytes, limit: int, *, drop_oversized: bool
    ) -> tuple[Response, bool]:
        """One try on an open connection.

        Raises:
            _Closed: The connection ended before the first byte of an answer.

        """
        answered = False

        def recv(size: int) -> bytes:
            nonlocal answered
            try:
                piece = stream.recv(size)
            except OSError as error:
                if not answered and (isinstance(error, ConnectionError) or self._is_cut(error)):
                    raise _Closed from None
                raise
            if not piece and not answered:
                raise _Closed
            answered = True
            return piece

        try:
            try:  # noqa: SIM105 - contextlib is one more import
                stream.send(data)
            except ConnectionError:
                # Perhaps the answer came early (a TLS alert, a refusal). If it did not, reading says so.
                pass
            meanwhile, self.meanwhile = self.meanwhile, None
            if meanwhile is not None:
                meanwhile()
            return read(recv, request.method, self.origin.label, limit=limit, drop_oversized=drop_oversized)
        except OSError as error:
            raise self._broken(error, "finish its answer" if answered else "answer") from None

    def _is_cut(self, error: OSError) -> bool:
        """Whether TLS ended without saying so."""
        if self.origin.scheme != "https":
            return False
        from dockpass.http.tls import is_cut

        return is_cut(error)

    def _no_answer(self) -> ProtocolError:
        return ProtocolError(
            f"{self.origin.label} closed the connection without an answer",
            "try again; is the port right, and does it speak TLS or plain HTTP as expected?",
        )

    def _broken(self, error: OSError, what: str) -> DockpassError:
        """The error for a connection that broke while sending or reading."""
        label = self.origin.label
        if isinstance(error, TimeoutError):
            return TimedOut(
                f"{label} did not {what} within {self._deadline.seconds:g} s",
                f"try again; the server or the network is slow{self._deadline.longer}",
            )
        if self._is_cut(error):
            return ProtocolError(
                f"{label} cut its answer short: TLS ended without saying so",
                "try again; something in between may be cutting connections",
            )
        if self.origin.scheme == "https":
            import ssl

            if isinstance(error, ssl.SSLError):
                # With TLS 1.3 a server says only now what it thinks of the client's certificate.
                return self._opener.failed(error)
        from dockpass.http.trouble import unreachable

        return unreachable(f"the connection to {label} broke", error, self._deadline)
