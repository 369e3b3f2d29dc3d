"""What a plain-HTTP exchange loads: importing is most of what a login costs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

# -I -S: nothing but what is imported by us, and by the interpreter itself.
CHILD = """
import sys
sys.path[:0] = {path!r}
import socket
before = set(sys.modules)
from dockpass.errors import TimedOut
from dockpass.http import proxy, trust
from dockpass.http.address import Origin
from dockpass.http.connection import Connection, Deadline
from dockpass.http.message import Request
from dockpass.http.probe import speaks_tls
deadline = Deadline(60)
assert not speaks_tls("127.0.0.1", {port}, deadline)
origin = Origin("http", "localhost", {port})
environ = {{"HTTP_PROXY": "http://proxy.example", "NO_PROXY": "10.0.0.0/8,localhost"}}
with Connection(origin, deadline=deadline, proxy=proxy.choose(origin, environ), trust=trust.Trust(("x",))) as connection:
    assert connection.exchange(Request("GET", origin, "/v2/")).body == b"ok"
    assert connection.exchange(Request("POST", origin, "/v2/", body=b"x")).body == b"ok"
with Connection(origin, deadline=Deadline(0.3)) as connection:
    try:
        connection.exchange(Request("GET", origin, "/v2/"))
    except TimedOut:
        print(*sorted(set(sys.modules) - before))
"""


def test_plain_http_loads_socket_and_nothing_else(serve: Callable[..., Any]) -> None:
    server = serve(b"HTTP/1.1 400 Bad Request\r\n\r\n", [OK, OK], lambda peer: peer.wait())
    code = CHILD.format(path=sys.path, port=server.port)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], check=False, capture_output=True, text=True)
    assert (done.stderr, done.returncode) == ("", 0)
    loaded = done.stdout.split()
    assert "dockpass.http.connection" in loaded
    others = [name for name in loaded if name.partition(".")[0] != "dockpass"]
    # __future__ is a handful of flags, and what a socket brings stands before.
    assert set(others) <= {"__future__"}


def test_ssl_and_re_are_not_what_a_socket_brings() -> None:
    code = "import socket, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True)
    assert not {"ssl", "re", "ipaddress", "urllib", "http", "email", "threading"} & set(done.stdout.split())
