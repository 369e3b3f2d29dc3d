"""Ctrl-C, at every moment: the program ends at once and leaves nothing behind. In a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Serve = Callable[..., Any]

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open sockets as Linux shows them")

# Without Ctrl-C it would go on for ten minutes; the test gives up before that.
CHILD = """
import _socket, os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from dockpass.http.address import Origin
from dockpass.http.connection import Connection, Deadline
from dockpass.http.message import Request
from dockpass.http.trust import Trust

def sockets():
    links = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink("/proc/self/fd/" + fd))
        except OSError:
            pass
    return [link for link in links if link.startswith("socket:")]

scheme, host, port, ca, names = sys.argv[1:]
slow_name_server = names == "slow"
if slow_name_server:
    _socket.getaddrinfo = lambda *args, **options: (print("waiting", flush=True), time.sleep(600))
if names == "two":
    address = (_socket.AF_INET, _socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(port)))
    _socket.getaddrinfo = lambda *args, **options: [address, address]
origin = Origin(scheme, host, int(port))
trust = Trust((ca,)) if ca else None
connection = Connection(origin, deadline=Deadline(600), connect_timeout=600, trust=trust)
before = sockets()
try:
    if not slow_name_server:
        print("waiting", flush=True)
    connection.exchange(Request("GET", origin, "/v2/"))
except KeyboardInterrupt:
    print("interrupted", len(sockets()) - len(before), flush=True)
    sys.exit(130)
"""


def interrupt(
    scheme: str,
    port: int,
    *,
    ready: threading.Event | None = None,
    host: str = "127.0.0.1",
    ca: str = "",
    names: str = "",
) -> None:
    command = [sys.executable, "-W", "error", "-c", CHILD, scheme, host, str(port), ca, names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "waiting\n"
            if ready is not None:
                assert ready.wait(60)
            wait_until_asleep(child.pid)
            child.send_signal(signal.SIGINT)
            output, errors = child.communicate(timeout=60)
        finally:
            child.kill()
    assert (output, errors, child.returncode) == ("interrupted 0\n", "", 130)


def wait_after(ready: threading.Event) -> Callable[[Any], None]:
    """A server that reads a request, says so by ``ready``, and does not answer."""

    def play(peer: Any) -> None:
        peer.request()
        ready.set()
        peer.wait()

    return play


def wait_until_asleep(pid: int) -> None:
    """Until the process does nothing but wait, as far as can be told: it sleeps, several times in a row."""
    import time

    in_a_row = 0
    while in_a_row < 5:
        time.sleep(0.05)
        with open(f"/proc/{pid}/stat") as file:
            state = file.read().rpartition(")")[2].split()[0]
        in_a_row = in_a_row + 1 if state == "S" else 0


def test_while_the_name_is_looked_up() -> None:
    interrupt("http", 80, host="reg.example", names="slow")


def test_while_connecting() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as filler:
        filler.connect(full.getsockname())
        interrupt("http", full.getsockname()[1])


def test_while_connecting_to_several_addresses() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as filler:
        filler.connect(full.getsockname())
        interrupt("http", full.getsockname()[1], host="reg.example", names="two")


def test_while_the_answer_is_awaited(serve: Serve) -> None:
    ready = threading.Event()
    server = serve(wait_after(ready))
    interrupt("http", server.port, ready=ready)


def test_in_the_middle_of_the_answer(serve: Serve) -> None:
    ready = threading.Event()

    def play(peer: Any) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234")
        ready.set()
        peer.wait()

    interrupt("http", serve(play).port, ready=ready)


def test_in_the_tls_handshake(serve: Serve) -> None:
    ready = threading.Event()

    def play(peer: Any) -> None:
        peer.socket.recv(65536)
        ready.set()
        peer.wait()

    interrupt("https", serve(play).port, ready=ready)


def test_while_the_answer_is_awaited_over_tls(serve: Serve, authority: Any) -> None:
    ready = threading.Event()
    server = serve(wait_after(ready), tls=authority.context())
    interrupt("https", server.port, ready=ready, ca=authority.file)
