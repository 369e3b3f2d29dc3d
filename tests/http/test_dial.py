from __future__ import annotations

import _socket
import socket
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.http import dial
from dockpass.http.address import Address
from dockpass.http.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def v4(port: int) -> Address:
    return Address(socket.AF_INET, ("127.0.0.1", port))


def test_without_delay(listener: socket.socket) -> None:
    wire, _address = dial.tcp([v4(listener.getsockname()[1])], Deadline(10))
    assert wire._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    wire.close()


def test_of_several_addresses_the_first_that_agrees(listener: socket.socket, closed_port: int) -> None:
    good = v4(listener.getsockname()[1])
    wire, address = dial.tcp([v4(closed_port), Address(12345, ("127.0.0.1", 1)), good, v4(closed_port)], Deadline(10))
    assert address is good
    assert wire._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    wire.send(b"x")  # and it is a socket like any other
    other, _name = listener.accept()
    assert other.recv(1) == b"x"
    other.close()
    wire.close()


def test_one_that_refuses(closed_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        dial.tcp([v4(closed_port)], Deadline(10))


def test_one_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as filler:
        filler.connect(full.getsockname())
        with pytest.raises(TimeoutError):
            dial.tcp([v4(full.getsockname()[1])], Deadline(0.3))


def test_no_time_left(listener: socket.socket, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        dial.tcp([v4(listener.getsockname()[1])], Deadline(0))
    with pytest.raises(TimeoutError):
        dial.unix(str(tmp_path / "a.sock"), Deadline(0))
    wire, _address = dial.tcp([v4(listener.getsockname()[1])], Deadline(10))
    wire.deadline = Deadline(0)
    with pytest.raises(TimeoutError):
        wire.send(b"x")
    with pytest.raises(TimeoutError):
        wire.recv(1)
    wire.close()


def test_poll(listener: socket.socket) -> None:
    wire, _address = dial.tcp([v4(listener.getsockname()[1])], Deadline(10))
    other, _name = listener.accept()
    assert wire.poll() is None
    other.sendall(b"x")
    assert wire.recv(1) == b"x"
    other.close()
    assert wire.recv(1) == b""
    assert wire.poll() == b""
    wire.close()
    assert wire.poll() == b""
    wire.close()


def test_unix(tmp_path: Path) -> None:
    path = str(tmp_path / "a.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        wire = dial.unix(path, Deadline(10))
        wire.send(b"hello")
        other, _name = listening.accept()
        assert other.recv(5) == b"hello"
        other.close()
        wire.close()


def test_a_system_without_unix_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_socket, "AF_UNIX")
    with pytest.raises(OSError, match="no unix sockets"):
        dial.unix("/a", Deadline(10))


@pytest.mark.parametrize("where", ["setsockopt", "connect"])
def test_an_interrupt_leaves_no_socket(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    made: list[_socket.socket] = []

    def interrupt(itself: _socket.socket, *_arguments: Any) -> None:
        made.append(itself)
        raise KeyboardInterrupt

    monkeypatch.setattr(_socket, "socket", type("Interrupted", (_socket.socket,), {where: interrupt}))
    with pytest.raises(KeyboardInterrupt):
        dial.tcp([v4(1)], Deadline(10))
    assert [each.fileno() for each in made] == [-1]
