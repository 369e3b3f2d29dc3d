from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import TimedOut, Unreachable
from dockpass.http.deadline import Deadline
from dockpass.http.probe import CLIENT_HELLO, speaks_tls

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("key", ["ECDSA", "RSA"])
def test_a_tls_server(serve: Callable[..., Any], authority: Any, version: ssl.TLSVersion, key: str) -> None:
    import trustme

    context = authority.context(key_type=trustme.KeyType[key])
    context.minimum_version = context.maximum_version = version
    server = serve(lambda peer: peer.wait(), tls=context)
    assert speaks_tls("127.0.0.1", server.port, Deadline(30)) is True


def test_the_greeting_is_one_that_openssl_answers_with_a_greeting(authority: Any) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = authority.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    incoming.write(CLIENT_HELLO)
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
    record = outgoing.read()
    assert (record[0], record[5]) == (0x16, 0x02)  # a handshake record, with a ServerHello


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x17\x03\x03", b"", b"\0"])
def test_a_server_that_says_something_else(serve: Callable[..., Any], answer: bytes) -> None:
    def play(peer: Any) -> None:
        # As servers do that read lines: the greeting holds an empty line.
        peer.request()
        peer.send(answer)

    assert speaks_tls("127.0.0.1", serve(play).port, Deadline(30)) is False


def test_a_server_that_resets(serve: Callable[..., Any]) -> None:
    def play(peer: Any) -> None:
        peer.request()
        peer.reset()

    assert speaks_tls("127.0.0.1", serve(play).port, Deadline(30)) is False


def test_a_server_that_says_nothing(serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockpass.http.probe._PATIENCE", 0.2)
    assert speaks_tls("127.0.0.1", serve(lambda peer: peer.wait()).port, Deadline(30)) is False


def test_a_server_that_says_nothing_until_the_end(serve: Callable[..., Any]) -> None:
    port = serve(lambda peer: peer.wait()).port
    with pytest.raises(TimedOut, match=f"127.0.0.1:{port}"):
        speaks_tls("127.0.0.1", port, Deadline(0.2))


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable, match=f"cannot connect to 127.0.0.1:{port}: connection refused") as caught:
        speaks_tls("127.0.0.1", port, Deadline(10))
    assert caught.value.hint == "is the registry running, and is the port right?"


def test_by_name(serve: Callable[..., Any], authority: Any) -> None:
    assert speaks_tls("localhost", serve(lambda peer: peer.wait(), tls=authority.context()).port, Deadline(30)) is True
