"""A server socket on which scripts are played in answer to requests, with TLS or without."""

from __future__ import annotations

import functools
import socket
import ssl
from typing import TYPE_CHECKING, Any

from dockpass.testing.received import Received
from dockpass.testing.reception import Reception

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.testing.answers import Script


class Listener(Reception):
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
        super().__init__((bound,))
        self.connections = 0
        self.failed_handshakes: list[str] = []
        self._respond = respond
        self._tls = tls
        self.port: int = bound.getsockname()[1] if bound.family != socket.AF_UNIX else 0
        self._begin()

    def _took(self, connection: socket.socket) -> Callable[[], None]:
        self.connections += 1
        return functools.partial(self._greet, connection, self.connections)

    def _greet(self, connection: socket.socket, number: int) -> None:
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._held(connection):
            if not self._stopping.is_set() and self._shook_hands(connection):
                make = functools.partial(
                    Received,
                    tls=self._tls is not None,
                    port=self.port,
                    connection=number,
                    client_certificate=_common_name(connection),
                )
                with connection.makefile("rb") as stream:
                    self._converse(connection, stream, make, self._respond)

    def _shook_hands(self, connection: socket.socket) -> bool:
        if isinstance(connection, ssl.SSLSocket):
            try:
                connection.do_handshake()
            except OSError as error:
                self.failed_handshakes.append(getattr(error, "reason", None) or str(error))
                return False
        return True


def _common_name(connection: socket.socket) -> str:
    if not isinstance(connection, ssl.SSLSocket):
        return ""
    certificate: dict[str, Any] = connection.getpeercert() or {}
    names = dict(part[0] for part in certificate.get("subject", ()))
    return str(names.get("commonName", ""))
