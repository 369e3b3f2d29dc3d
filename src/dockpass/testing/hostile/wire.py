"""Sockets that keep every byte that came in, and play scripts on what they read."""

from __future__ import annotations

import contextlib
import functools
import io
import selectors
import socket
import struct
import threading
from typing import TYPE_CHECKING

from dockpass.testing.answers import FOREVER, Answer
from dockpass.testing.hostile.names import name_of
from dockpass.testing.received import BadRequest, Received, read

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play

    Contexts = dict[str, ssl.SSLContext]

_TLS_RECORD = b"\x16"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MOST = 256 << 20
"""Bytes that are sent on one connection; then it falls silent. No client that is right reads so many."""


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


class Wire:
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
        self.heard: list[Heard] = []
        self.errors: list[Exception] = []
        self._play = play
        self._bound = tuple(bound)
        self._contexts = contexts
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._wake, self._woken = socket.socketpair()
        for listening in self._bound:
            listening.listen(64)
            listening.setblocking(False)
        self._start(self._accept)

    def close(self) -> None:
        """Cut every connection, and wait for the threads."""
        self._stopping.set()
        self._wake.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
        while self._threads:
            self._threads.pop().join(10)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True, name="hostile")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.ExitStack() as stack:
            selector = stack.enter_context(selectors.DefaultSelector())
            for each in (*self._bound, self._woken):
                stack.enter_context(each)
                selector.register(each, selectors.EVENT_READ)
            while not self._stopping.is_set():
                for key, _events in selector.select():
                    if isinstance(key.fileobj, socket.socket) and key.fileobj is not self._woken:
                        with contextlib.suppress(OSError):  # a client that gave up before it was accepted
                            connection, _peer = key.fileobj.accept()
                            connection.setblocking(True)
                            address, port = connection.getsockname()[:2]
                            heard = Heard(address.removeprefix("::ffff:"), port, len(self.heard) + 1)
                            self.heard.append(heard)
                            self._start(self._serve, connection, heard)

    def _serve(self, connection: socket.socket, heard: Heard) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            if not self._stopping.is_set():
                self._greet(connection, heard)
        except (OSError, ValueError):  # the client went, or all is being closed
            pass
        except Exception as error:  # noqa: BLE001 - a mistake in a scene; whoever plays it gets to see it
            self.errors.append(error)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _greet(self, connection: socket.socket, heard: Heard) -> None:
        scene = self._play.scene
        if scene.greet is not None and heard.host == self._play.host and scene.greet(connection, self._stopping.wait):
            return
        if not self._contexts or connection.recv(1, socket.MSG_PEEK) != _TLS_RECORD:
            self._converse(connection, heard)
            return
        context = self._contexts[scene.certificates.get(heard.host, "good")]
        secure = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.add(secure)
        try:
            secure.do_handshake()
            heard.tls = True
            if self._converse(secure, heard) and not self._stopping.is_set():
                # The end of TLS is said, so that an answer that ends with the connection is known to be whole.
                secure.settimeout(1)
                secure.unwrap()
        finally:
            with self._lock:
                self._open.discard(secure)
            secure.close()

    def _converse(self, connection: socket.socket, heard: Heard) -> bool:
        """Answer requests until a script ends the connection. Returns whether it ends in peace."""
        make = functools.partial(Received, tls=heard.tls, port=heard.port, connection=heard.number)
        with io.BufferedReader(_Kept(connection, heard.data)) as stream:  # type: ignore[type-var]
            while True:
                try:
                    request = read(stream, make)
                except BadRequest as error:
                    connection.sendall(b"".join(_bytes(Answer(400, f"{error}\n"))))
                    return False
                if request is None:
                    return True
                heard.requests.append(request)
                script = self._play.answer(request, heard.host)
                self._send(script, request.method, connection)
                if script.ending == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                    return False
                if script.ending != "keep" or "close" in (request.header("connection") or "").lower():
                    return True

    def _send(self, script: Script, method: str, connection: socket.socket) -> None:
        sent = 0
        for step in script.steps(method):
            if isinstance(step, bytes):
                connection.sendall(step)
                sent += len(step)
            if not isinstance(step, bytes) or sent > _MOST:
                self._stopping.wait(None if sent > _MOST or step == FOREVER else float(step))
            if self._stopping.is_set():
                return


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


def _bytes(answer: Answer) -> list[bytes]:
    return [step for step in answer.steps("GET") if isinstance(step, bytes)]
