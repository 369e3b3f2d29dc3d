"""A registry that speaks TLS, reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockpass.http.address import Origin
from dockpass.http.connection import Connection, Deadline
from dockpass.http.message import Request, Response

if TYPE_CHECKING:
    from dockpass.http.trust import Trust

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def origin(server: Any, host: str = "localhost") -> Origin:
    return Origin("https", host, server.port)


def get(connection: Connection, method: str = "GET") -> Response:
    return connection.exchange(Request(method, connection.origin, "/v2/"))


def reach(server: Any, trust: Trust | None, host: str = "localhost") -> Response:
    with Connection(origin(server, host), deadline=Deadline(30), trust=trust) as connection:
        return get(connection)
