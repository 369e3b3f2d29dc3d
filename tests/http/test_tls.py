"""TLS as a stream."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import ProtocolError, TLSFailed, Unreachable
from dockpass.http import tls
from dockpass.http.connection import Connection, Deadline
from dockpass.http.message import Request
from dockpass.http.trust import Trust, context

from .reaching import OK, get, origin, reach

if TYPE_CHECKING:
    from collections.abc import Callable

    Serve = Callable[..., Any]


class TestTheStream:
    def test_several_requests_on_one_connection(self, serve: Serve, authority: Any) -> None:
        server = serve([OK, OK, OK], tls=authority.context())
        with Connection(origin(server), deadline=Deadline(30), trust=Trust((authority.file,))) as connection:
            assert [get(connection).body for _ in range(3)] == [b"ok"] * 3
        assert server.connections == 1

    @pytest.mark.parametrize("notice", [True, False])
    def test_closed_while_idle(self, serve: Serve, authority: Any, *, notice: bool) -> None:
        def play(peer: Any) -> None:
            peer.request()
            peer.send(OK)
            if not notice:
                peer.socket.close()

        server = serve(play, tls=authority.context())
        with Connection(origin(server), deadline=Deadline(30), trust=Trust((authority.file,))) as connection:
            get(connection)
            server.wait_until_played()
            assert get(connection, "POST").body == b"ok"
        assert server.connections == 2

    @pytest.mark.parametrize("notice", [True, False])
    def test_closed_instead_of_an_answer(self, serve: Serve, authority: Any, *, notice: bool) -> None:
        def play(peer: Any) -> None:
            peer.request()
            peer.send(OK)
            peer.request()
            if not notice:
                peer.socket.close()

        server = serve(play, [OK], tls=authority.context())
        with Connection(origin(server), deadline=Deadline(30), trust=Trust((authority.file,))) as connection:
            get(connection)
            assert get(connection).body == b"ok"
        assert len(server.requests) == 3

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_an_answer_that_ends_with_the_connection(
        self, serve: Serve, authority: Any, version: ssl.TLSVersion
    ) -> None:
        settings = authority.context()
        settings.minimum_version = settings.maximum_version = version
        data = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"

        def cut(peer: Any) -> None:
            peer.request()
            peer.send(data)
            peer.socket.close()  # without a close_notify

        server = serve(data, cut, tls=settings)
        trust = Trust((authority.file,))
        assert reach(server, trust).body == b"hello"
        with pytest.raises(ProtocolError, match="cut its answer short: TLS ended without saying so"):
            reach(server, trust)

    def test_a_reset_in_the_answer(self, serve: Serve, authority: Any) -> None:
        def play(peer: Any) -> None:
            peer.request()
            peer.send(OK[:-1])
            peer.server.stopping.wait(0.1)
            peer.reset()

        with pytest.raises(Unreachable, match="the connection to localhost:[0-9]+ broke: connection reset"):
            reach(serve(play, tls=authority.context()), Trust((authority.file,)))

    def test_a_long_request_and_answer(self, serve: Serve, authority: Any) -> None:
        body = bytes(range(256)) * 4000
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        server = serve(head + body, tls=authority.context())
        with Connection(origin(server), deadline=Deadline(60), trust=Trust((authority.file,))) as connection:
            request = Request("POST", connection.origin, "/", body=body)
            assert connection.exchange(request, limit=len(body)).body == body
        assert server.requests[0].endswith(body)

    def test_tampered_bytes(self, serve: Serve, authority: Any) -> None:
        def play(peer: Any) -> None:
            peer.request()
            socket.socket.send(peer.socket, b"\x17\x03\x03\x00\x20" + b"x" * 32)

        with pytest.raises(TLSFailed, match="failed: decryption failed or bad record mac"):
            reach(serve(play, tls=authority.context()), Trust((authority.file,)))


class TestPolling:
    """Without sockets: the server is an object in memory."""

    class Below:
        def __init__(self, settings: ssl.SSLContext) -> None:
            self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.server = settings.wrap_bio(self.incoming, self.outgoing, server_side=True)
            self.greeted = False
            self.pieces: list[bytes] = []

        def send(self, data: bytes) -> None:
            self.incoming.write(data)
            if not self.greeted:
                with contextlib.suppress(ssl.SSLWantReadError):
                    self.server.do_handshake()
                    self.greeted = True

        def recv(self, _size: int) -> bytes:
            return self.outgoing.read()

        def poll(self) -> bytes | None:
            return self.pieces.pop(0) if self.pieces else None

    @pytest.fixture
    def below(self, authority: Any) -> TestPolling.Below:
        return self.Below(authority.context())

    @pytest.fixture
    def stream(self, below: Any, authority: Any) -> tls.Stream:
        made = tls.Stream(below, context(Trust((authority.file,))), "localhost")
        made.handshake()
        assert below.greeted
        return made

    def test_tickets_are_nothing(self, below: Below, stream: tls.Stream) -> None:
        tickets = below.outgoing.read()
        assert tickets
        below.pieces = [tickets[:100], tickets[100:]]
        assert stream.poll() is None
        assert below.pieces == []

    def test_content(self, below: Below, stream: tls.Stream) -> None:
        below.server.write(b"unasked")
        below.pieces = [below.outgoing.read()]
        assert stream.poll() == b"unasked"

    @pytest.mark.parametrize("last", [b"", b"\x17\x03\x03\x00\x20" + b"x" * 32])
    def test_the_end_or_nonsense_after_tickets(self, below: Below, stream: tls.Stream, last: bytes) -> None:
        below.pieces = [below.outgoing.read(), last]
        assert stream.poll() == b""

    def test_a_record_that_never_ends_is_not_waited_for(self, below: Below, stream: tls.Stream) -> None:
        below.pieces = [b"\x17", b"\x03", b"\x03", b"\x40", b"\0"] + [b"x"] * 1000
        assert stream.poll() == b""
        assert below.pieces
