"""The sockets and threads: that nothing is left behind, and that mistakes of a script are seen."""

from __future__ import annotations

import contextlib
import gc
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

import pytest
import trustme

from dockpass.testing import answers
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from dockpass.testing.answers import Answer
    from dockpass.testing.received import Received

_GET = b"GET /v2/ HTTP/1.1\r\nHost: h\r\n\r\n"


def _ours() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "dockpass-testing"]


def _contexts(*, client_certificate: bool = False) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    if client_certificate:
        authority.configure_trust(server)
        server.verify_mode = ssl.CERT_REQUIRED
        authority.issue_cert("alice@example.com", common_name="alice").configure_cert(client)
    return server, client


def test_a_connection_is_kept_and_counted() -> None:
    with (
        ScriptedRegistry(auth="none") as registry,
        socket.create_connection(("127.0.0.1", registry.port)) as connection,
    ):
        with connection.makefile("rb") as stream:
            for _time in range(2):
                connection.sendall(_GET)
                assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
                while stream.readline() != b"\r\n":
                    pass
                assert stream.read(2) == b"{}"
        assert [request.connection for request in registry.requests] == [1, 1]
        assert registry.connections == 1
        assert registry.requests[0].port == registry.port


def test_closing_cuts_silent_stalled_and_idle_connections() -> None:
    before = set(_ours())  # those of a server that another test shares
    with contextlib.ExitStack() as clients:
        with ScriptedRegistry(auth="none") as registry:
            registry.answer("/v2/", answers.silence(), answers.endless(), answers.raw(b"HTTP/1.1 200", 3600.0))
            address = ("127.0.0.1", registry.port)
            connections = [clients.enter_context(socket.create_connection(address)) for _number in range(4)]
            for connection in connections[:3]:
                connection.sendall(_GET)
            while len(registry.requests) < 3 or registry.connections < 4:
                time.sleep(0.01)
            assert len(set(_ours()) - before) >= 4
        assert set(_ours()) <= before
    gc.collect()  # a socket left open would be a ResourceWarning, which is an error


def test_what_is_no_http_is_answered_and_cut() -> None:
    with ScriptedRegistry() as registry, socket.create_connection(("127.0.0.1", registry.port)) as connection:
        connection.sendall(b"\x16\x03\x01\r\n")
        with connection.makefile("rb") as stream:
            assert stream.read().startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert registry.requests == []


def test_tls_and_the_clients_certificate() -> None:
    server, client = _contexts(client_certificate=True)
    with (
        ScriptedRegistry(auth="none", tls=server) as registry,
        socket.create_connection(("127.0.0.1", registry.port)) as plain,
        client.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(_GET)
        assert connection.recv(12) == b"HTTP/1.1 200"
        assert registry.requests[0].tls
        assert registry.requests[0].client_certificate == "alice"
        assert registry.failed_handshakes == []


def test_tls_without_a_clients_certificate() -> None:
    server, client = _contexts()
    with (
        ScriptedRegistry(auth="none", tls=server) as registry,
        socket.create_connection(("127.0.0.1", registry.port)) as plain,
        client.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(_GET)
        assert connection.recv(12) == b"HTTP/1.1 200"
        assert registry.requests[0].client_certificate == ""


@pytest.mark.parametrize("sent", [b"GET /v2/ HTTP/1.1\r\n\r\n", b""])
def test_a_failed_handshake_is_noted(sent: bytes) -> None:
    server, _client = _contexts()
    with ScriptedRegistry(auth="none", tls=server) as registry:
        with socket.create_connection(("127.0.0.1", registry.port)) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError), connection.makefile("rb") as stream:
                stream.read()
        assert len(registry.failed_handshakes) == 1
        assert registry.requests == []


def _mistaken(request: Received) -> Answer:
    raise LookupError("a mistake of the test")


def _use_a_mistaken_script(*, then: Exception | None = None) -> None:
    with ScriptedRegistry(auth="none") as registry:
        registry.answer("/v2/", _mistaken)
        with socket.create_connection(("127.0.0.1", registry.port)) as connection:
            connection.sendall(_GET)
            assert connection.recv(1) == b""
        if then is not None:
            raise then


def test_a_mistake_in_a_script_is_raised_at_the_end() -> None:
    with pytest.raises(LookupError, match="a mistake of the test"):
        _use_a_mistaken_script()


def test_a_mistake_in_a_script_does_not_hide_a_failed_test() -> None:
    with pytest.raises(AssertionError):
        _use_a_mistaken_script(then=AssertionError())
