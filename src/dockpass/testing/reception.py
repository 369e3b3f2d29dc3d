"""Sockets that are listened on, a thread for each connection, scripts played there, and the end of all of it.

No HTTP library stands between a script and the wire: none would send what the scripts want sent.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from typing import TYPE_CHECKING

from dockpass.testing.answers import FOREVER, Answer
from dockpass.testing.received import BadRequest, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from dockpass.testing.answers import Script
    from dockpass.testing.received import Received

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Reception:
    """Takes connections, and serves them from daemon threads, from :meth:`_begin` until :meth:`close`.

    Who derives from it says in :meth:`_took` what is done with a connection.

    Args:
        bound: Bound stream sockets; they belong to this from now on.
        most: Bytes that are sent in answer to one request; then it falls silent.

    Attributes:
        errors: What was raised while a connection was served, where neither the client nor the end of all is to blame.
            Such a connection is closed.

    """

    def __init__(self, bound: Iterable[socket.socket], *, most: float = FOREVER) -> None:
        self.errors: list[Exception] = []
        self._bound = tuple(bound)
        self._most = most
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._wake, self._woken = socket.socketpair()

    def close(self) -> None:
        """Stop serving: every connection is cut, every thread has ended when this returns."""
        self._stopping.set()
        self._wake.close()
        with self._lock:
            for connection in self._open:
                _shut(connection)
        while self._threads:
            self._threads.pop().join(10)

    def _begin(self) -> None:
        """Listen: everything that :meth:`_took` needs is there."""
        for listening in self._bound:
            listening.listen(128)
            listening.setblocking(False)
        self._start(self._accept)

    def _took(self, connection: socket.socket) -> Callable[[], None]:
        """A connection came. Called for one after the other; what it returns is called in a thread of its own."""
        raise NotImplementedError

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True, name="dockpass-testing")
        thread.start()
        self._threads.append(thread)  # not before: who closes waits for all that are here

    def _accept(self) -> None:
        with contextlib.ExitStack() as stack:
            selector = stack.enter_context(selectors.DefaultSelector())
            for each in (*self._bound, self._woken):
                selector.register(stack.enter_context(each), selectors.EVENT_READ, each)
            while True:
                ready = selector.select()
                if self._stopping.is_set():
                    return
                for key, _events in ready:
                    with contextlib.suppress(OSError):  # a client that gave up before it was accepted
                        connection, _peer = key.data.accept()
                        connection.setblocking(True)
                        self._start(self._serve, connection, self._took(connection))

    def _serve(self, connection: socket.socket, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, ValueError):  # the client went, or all is being closed
            pass
        except Exception as error:  # noqa: BLE001 - a mistake in a script; whoever closes this gets to see it
            self.errors.append(error)
        finally:
            connection.close()

    @contextlib.contextmanager
    def _held(self, connection: socket.socket) -> Iterator[None]:
        """``connection``, which :meth:`close` cuts from now on; it is closed in the end."""
        with self._lock:
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _converse(
        self,
        connection: socket.socket,
        stream: BinaryIO,
        make: Callable[..., Received],
        respond: Callable[[Received], Script],
    ) -> bool:
        """Answer requests until a script ends the connection. Returns whether it ends in peace.

        Args:
            connection: Where answers go.
            stream: Where requests come from.
            make: As for :func:`dockpass.testing.received.read`.
            respond: Says what to play in answer to a request.

        """
        while True:
            try:
                request = read(stream, make)
            except BadRequest as error:
                self._send(Answer(400, f"{error}\n"), "GET", connection)
                return False
            if request is None:
                return True
            script = respond(request)
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
            if sent > self._most:
                self._stopping.wait()
            elif not isinstance(step, bytes):
                self._stopping.wait(None if step == FOREVER else step)
            if self._stopping.is_set():
                return


def _shut(connection: socket.socket) -> None:
    # The method of the plain socket: SSLSocket.shutdown takes the TLS object away from under the thread that uses it.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
