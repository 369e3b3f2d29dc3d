"""From an address to an open socket, and a socket that obeys a deadline."""

from __future__ import annotations

import _socket as socket  # what socket is made of, without its 6 ms of imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.address import Address
    from dockpass.http.deadline import Deadline


class Wire:
    """A connected socket on which no call lasts past the deadline. The lowest of the streams.

    A stream is what has ``send``, ``recv`` and ``poll``; :class:`dockpass.http.tls.Stream` is another, on top of one.

    Attributes:
        deadline: May be exchanged for another as the conversation goes from one step to the next.

    """

    __slots__ = ("_socket", "deadline")

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self.deadline = deadline

    def send(self, data: bytes) -> None:
        """Send all of ``data``.

        Raises:
            TimeoutError: Not within the deadline.
            OSError: The connection is broken.

        """
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def recv(self, size: int) -> bytes:
        """What arrives next, at most ``size`` bytes; ``b""`` when the other side has ended. Raises as :meth:`send`."""
        self._socket.settimeout(self._left())
        return self._socket.recv(size)

    def poll(self) -> bytes | None:
        """What is there to read at this moment: bytes; ``b""`` if the connection has ended; ``None`` if nothing is."""
        try:
            self._socket.settimeout(0)
            return self._socket.recv(65536)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def close(self) -> None:
        """Close the socket. Never raises, and may be called again."""
        self._socket.close()

    def _left(self) -> float:
        left = self.deadline.left()
        if left <= 0:
            raise TimeoutError
        return left


def tcp(addresses: list[Address], deadline: Deadline) -> tuple[Wire, Address]:
    """Connect to the first of ``addresses`` that lets itself be connected to; where there are several, in a race.

    Returns:
        The connection, without Nagle's delay, and the address that it goes to.

    Raises:
        TimeoutError: No answer from one of them at least, and a connection to none.
        OSError: They refused, or cannot be reached.

    """
    left = deadline.left()
    if left <= 0:
        raise TimeoutError
    if len(addresses) == 1:
        address = addresses[0]
        connected = _connect(address.family, address.target, left)
    else:
        from dockpass.http.race import first

        connected, address = first(addresses, deadline)
    return Wire(connected, deadline), address


def unix(path: str, deadline: Deadline) -> Wire:
    """Connect to the unix socket at ``path``. Raises as :func:`tcp`."""
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        raise OSError("this system has no unix sockets")
    left = deadline.left()
    if left <= 0:
        raise TimeoutError
    return Wire(_connect(family, path, left), deadline)


def unconnected(family: int) -> socket.socket:
    """A new socket for a stream; where that is TCP, without Nagle's delay.

    Raises:
        OSError: This system has no sockets of that family.

    """
    new = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family in (socket.AF_INET, socket.AF_INET6):
            new.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        new.close()
        raise
    return new


def _connect(family: int, target: object, seconds: float) -> socket.socket:
    connected = unconnected(family)
    try:
        connected.settimeout(seconds)
        connected.connect(target)  # type: ignore[arg-type]
    except BaseException:
        connected.close()
        raise
    return connected
