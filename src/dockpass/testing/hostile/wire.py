"""Sockets that keep every byte that came in, and play scripts on what they read."""

from __future__ import annotations

import functools
import io
import socket
from typing import TYPE_CHECKING

from dockpass.testing.hostile.names import name_of
from dockpass.testing.received import Received
from dockpass.testing.reception import Reception

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play

    Contexts = dict[str, ssl.SSLContext]

_TLS_RECORD = b"\x16"
_MOST = 256 << 20
"""Bytes that are sent in answer to one request; then it falls silent. No client that is right reads so many."""


class Heard:
    """One connection and what came in on it.

    Attributes:
        address, port: Where it was connected to.
        number: Counted from 1.
        host: The name of that address among the hosts of the stage.
        tls: Whether a TLS handshake was done.
        data: The bytes, in clear.
        requests: The requests in them.

    """

    def __init__(self, address: str, port: int, number: int = 1) -> None:
        self.address = address
        self.port = port
        self.number = number
        self.host = name_of(address)
        self.tls = False
        self.data = bytearray()
        self.requests: list[Received] = []


class Wire(Reception):
    """Listens for one play until :meth:`close`, from threads of the network that it is made in.

    Args:
        play: Who says what is answered.
        bound: Bound stream sockets; they belong to the wire from now on.
        contexts: The certificates; empty where no TLS is spoken.

    Attributes:
        heard: Every connection, in the order in which they came.
        errors: What scripts raised.

    """

    def __init__(self, play: Play, bound: Iterable[socket.socket], contexts: Contexts) -> None:
        super().__init__(bound, most=_MOST)
        self.heard: list[Heard] = []
        self._play = play
        self._contexts = contexts
        self._begin()

    def _took(self, connection: socket.socket) -> Callable[[], None]:
        address, port = connection.getsockname()[:2]
        heard = Heard(address.removeprefix("::ffff:"), port, len(self.heard) + 1)
        self.heard.append(heard)
        return functools.partial(self._meet, connection, heard)

    def _meet(self, connection: socket.socket, heard: Heard) -> None:
        with self._held(connection):
            if not self._stopping.is_set():
                self._greet(connection, heard)

    def _greet(self, connection: socket.socket, heard: Heard) -> None:
        scene = self._play.scene
        if scene.greet is not None and heard.host == self._play.host and scene.greet(connection, self._stopping.wait):
            return
        if not self._contexts or connection.recv(1, socket.MSG_PEEK) != _TLS_RECORD:
            self._talk(connection, heard)
            return
        context = self._contexts[scene.certificates.get(heard.host, "good")]
        secure = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._held(secure):
            secure.do_handshake()
            heard.tls = True
            if self._talk(secure, heard) and not self._stopping.is_set():
                # The end of TLS is said, so that an answer that ends with the connection is known to be whole.
                secure.settimeout(1)
                secure.unwrap()

    def _talk(self, connection: socket.socket, heard: Heard) -> bool:
        """Answer requests until a script ends the connection. Returns whether it ends in peace."""
        make = functools.partial(Received, tls=heard.tls, port=heard.port, connection=heard.number)

        def respond(request: Received) -> Script:
            heard.requests.append(request)
            return self._play.answer(request, heard.host)

        with io.BufferedReader(_Kept(connection, heard.data)) as stream:  # type: ignore[type-var]
            return self._converse(connection, stream, make, respond)


class _Kept(io.RawIOBase):
    """A connection to read from, and a copy of what was read."""

    def __init__(self, connection: socket.socket, copy: bytearray) -> None:
        self._connection = connection
        self._copy = copy

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read what is there."""
        count = self._connection.recv_into(buffer)
        self._copy += memoryview(buffer)[:count]
        return count
