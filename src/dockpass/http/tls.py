"""TLS over any stream. Loads ``ssl`` only when TLS is really spoken, for that costs 15 ms."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from typing import TypeVar

    from dockpass.http.dial import Wire

    Result = TypeVar("Result")

_PIECE = 65536
_POLLS = 16


class Stream:
    """TLS, as a stream over another stream.

    Over memory, not over a socket: so it works inside the TLS of a proxy, too, and the first bytes of a server that
    speaks no TLS can be looked at.

    Args:
        below: What the encrypted bytes go through. Closing it is the business of whoever opened it.
        settings: From :func:`dockpass.http.trust.context`.
        host: The name that the certificate must have, or an IP literal.

    Attributes:
        first: The first bytes that the other side sent: its part of the handshake.

    """

    __slots__ = ("_below", "_incoming", "_most", "_object", "_outgoing", "first")

    def __init__(self, below: Wire | Stream, settings: ssl.SSLContext, host: str) -> None:
        import ssl

        self._below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        # As bytes, so that no codec for international names is loaded.
        name = host.removesuffix(".").encode("ascii")
        self._object = settings.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self.first = b""
        self._most = _PIECE

    def handshake(self) -> None:
        """Greet and verify. Before this has returned nothing may be sent.

        Raises:
            ssl.SSLError: No trusted TLS.
            TimeoutError, OSError: From below.

        """
        self._drive(self._object.do_handshake)
        self._most = 0

    def names(self) -> list[str]:
        """The names in the certificate of the other side: host names and IP addresses."""
        pairs = (self._object.getpeercert() or {}).get("subjectAltName", ())
        return [str(pair[1]) for pair in pairs if pair[0] in ("DNS", "IP Address")]

    def certificate(self) -> bytes:
        """The certificate of the other side in DER form; ``b""`` if it has none."""
        return self._object.getpeercert(binary_form=True) or b""

    def send(self, data: bytes) -> None:
        """Send all of ``data``. Raises as :meth:`handshake`."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._drive(self._object.write, rest) :]

    def recv(self, size: int) -> bytes:
        """What arrives next, at most ``size`` bytes; ``b""`` when the other side says that it has ended.

        Raises:
            ssl.SSLError: What arrived was tampered with, or an alert; or the connection ended, and the other side did
                not say so: it may have been cut (:func:`is_cut`).
            TimeoutError, OSError: From below.

        """
        return self._drive(self._object.read, size)

    def poll(self) -> bytes | None:
        """What is there to read at this moment, as :meth:`dockpass.http.dial.Wire.poll`."""
        import ssl

        for _ in range(_POLLS):
            try:
                return self._object.read(_PIECE)
            except ssl.SSLWantReadError:
                # Perhaps more has come, and of what has come, not all need be content.
                piece = self._below.poll()
            except ssl.SSLError:
                return b""
            if piece is None:
                return None
            self._feed(piece)
        return b""

    def _drive(self, step: Callable[..., Result], *args: object) -> Result:
        """Do ``step(*args)``, carrying bytes to and fro until it is done."""
        import ssl

        while True:
            try:
                result = step(*args)
            except ssl.SSLWantReadError:
                self._flush()
                self._feed(self._below.recv(_PIECE))
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._below.send(self._outgoing.read())

    def _feed(self, piece: bytes) -> None:
        if len(self.first) < self._most:
            self.first += piece
        if piece:
            self._incoming.write(piece)
        else:
            self._incoming.write_eof()


def is_cut(error: OSError) -> bool:
    """Whether TLS ended without saying so. Python has a class of its own for that, but not each 3.11 raises it."""
    return getattr(error, "reason", None) == "UNEXPECTED_EOF_WHILE_READING"
