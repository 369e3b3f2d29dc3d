"""A server socket, and the threads that read requests from it and play scripts on it.

No HTTP library stands between a script and the wire: none would send what the scripts want sent.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING, Any

from dockpass.testing.answers import FOREVER, Answer
from dockpass.testing.received import BadRequest, Received, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.testing.answers import Script

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Listener:
    """Serves on ``bound`` from daemon threads, from the moment it is made until :meth:`close`.

    Args:
        bound: A bound stream socket; it belongs to the listener from now on.
        respond: Says what to play in answer to a request. Called from many threads.
        tls: Speak TLS, with this context.

    Attributes:
        port: The port it listens on; 0 for a unix socket.
        connections: How many were accepted.
        failed_handshakes: Why the TLS handshake of a connection failed, one text each.
        errors: What ``respond`` raised. Such a connection is closed.

    """

    def __init__(
        self, bound: socket.socket, respond: Callable[[Received], Script], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.connections = 0
        self.failed_handshakes: list[str] = []
        self.errors: list[Exception] = []
        self._socket = bound
        self._respond = respond
        self._tls = tls
        self.port: int = bound.getsockname()[1] if bound.family != socket.AF_UNIX else 0
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._wake, self._woken = socket.socketpair()
        bound.listen(128)
        self._start(self._accept)

    def close(self) -> None:
        """Stop serving: every connection is cut, every thread has ended when this returns."""
        self._stopping.set()
        self._wake.close()
        with self._lock:
            for connection in self._open:
                _shut(connection)
        while self._threads:
            self._threads.pop().join(10)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True, name="dockpass-testing")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with self._socket, self._woken, selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                selector.select()
                if self._stopping.is_set():
                    return
                with contextlib.suppress(OSError):  # a client that gave up before it was accepted
                    connection, _peer = self._socket.accept()
                    self.connections += 1
                    self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            with self._lock:
                self._open.add(connection)
            if self._stopping.is_set():
                return
            if self._shook_hands(connection):
                self._converse(connection, number)
        except (OSError, ValueError):  # the client went, or the registry is being closed
            pass
        except Exception as error:  # noqa: BLE001 - a mistake in a script; whoever closes the registry gets to see it
            self.errors.append(error)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _shook_hands(self, connection: socket.socket) -> bool:
        if isinstance(connection, ssl.SSLSocket):
            try:
                connection.do_handshake()
            except OSError as error:
                self.failed_handshakes.append(getattr(error, "reason", None) or str(error))
                return False
        return True

    def _converse(self, connection: socket.socket, number: int) -> None:
        certificate = _common_name(connection)

        def make(**parts: object) -> Received:
            return Received(
                **parts,  # type: ignore[arg-type]
                tls=self._tls is not None,
                port=self.port,
                connection=number,
                client_certificate=certificate,
            )

        with connection.makefile("rb") as stream:
            while True:
                try:
                    request = read(stream, make)
                except BadRequest as error:
                    self._play(Answer(400, f"{error}\n"), "GET", connection)
                    return
                if request is None:
                    return
                script = self._respond(request)
                self._play(script, request.method, connection)
                if script.ending == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                if script.ending != "keep" or "close" in (request.header("connection") or "").lower():
                    return

    def _play(self, script: Script, method: str, connection: socket.socket) -> None:
        for step in script.steps(method):
            if isinstance(step, bytes):
                connection.sendall(step)
            else:
                self._stopping.wait(None if step == FOREVER else step)
            if self._stopping.is_set():
                return


def _shut(connection: socket.socket) -> None:
    # The method of the plain socket: SSLSocket.shutdown takes the TLS object away from under the thread that uses it.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _common_name(connection: socket.socket) -> str:
    if not isinstance(connection, ssl.SSLSocket):
        return ""
    certificate: dict[str, Any] = connection.getpeercert() or {}
    names = dict(part[0] for part in certificate.get("subject", ()))
    return str(names.get("commonName", ""))
