"""One origin, one connection: over plain HTTP, on real sockets."""

from __future__ import annotations

import _socket
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockpass.errors import DockpassError, ProtocolError, TimedOut, Unreachable
from dockpass.http.address import Origin
from dockpass.http.connection import Connection, Deadline
from dockpass.http.message import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Serve = Callable[..., Any]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


def http(port: int, host: str = "127.0.0.1") -> Origin:
    return Origin("http", host, port)


def get(connection: Connection, target: str = "/v2/", method: str = "GET", **options: Any) -> Response:
    return connection.exchange(Request(method, connection.origin, target), **options)


class TestKeepingAlive:
    def test_several_requests_on_one_connection(self, serve: Serve) -> None:
        server = serve([OK, OK, OK])
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            assert [get(connection, f"/{number}").body for number in range(3)] == [b"ok"] * 3
            assert connection.peer == "127.0.0.1"
        assert server.connections == 1
        assert [request.split(b" ")[1] for request in server.requests] == [b"/0", b"/1", b"/2"]

    def test_not_after_an_answer_that_says_close(self, serve: Serve) -> None:
        server = serve([CLOSING, OK])
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            get(connection)
            get(connection)
        assert server.connections == 2

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_closed_while_idle(self, serve: Serve, method: str) -> None:
        server = serve(OK)  # closes after one answer, without saying so
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            get(connection)
            wait_until_readable(connection)
            assert get(connection, method=method).body == b"ok"
        assert server.connections == 2
        assert len(server.requests) == 2

    def test_the_time_until_the_answer_can_be_used(self, serve: Serve) -> None:
        server = serve([OK, OK])
        seen: list[int] = []
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            get(connection)
            connection.meanwhile = lambda: seen.append(len(server.requests))
            get(connection)
            assert seen in ([1], [2])  # the second is under way, or there
            get(connection)
        assert len(seen) == 1

    def test_bytes_that_nobody_asked_for(self, serve: Serve) -> None:
        def unasked(peer: Any) -> None:
            peer.request()
            peer.send(OK)
            peer.server.stopping.wait(0.1)
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            peer.wait()

        server = serve(unasked, OK)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            get(connection)
            wait_until_readable(connection)
            assert get(connection).body == b"ok"
        assert server.connections == 2

    @pytest.mark.parametrize("how", ["close", "reset"])
    def test_a_get_that_met_a_closing_connection_is_sent_again(self, serve: Serve, how: str) -> None:
        server = serve(lambda peer: self._close_on_the_second(peer, how), OK)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            get(connection, "/1")
            assert get(connection, "/2").body == b"ok"
        assert [request.split(b" ")[1] for request in server.requests] == [b"/1", b"/2", b"/2"]

    @pytest.mark.parametrize("how", ["close", "reset"])
    def test_a_post_is_not(self, serve: Serve, how: str) -> None:
        server = serve(lambda peer: self._close_on_the_second(peer, how), OK)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            get(connection, "/1")
            with pytest.raises(ProtocolError, match="without an answer"):
                get(connection, "/2", "POST")
        assert len(server.requests) == 2

    def test_and_only_once(self, serve: Serve) -> None:
        server = serve(lambda peer: self._close_on_the_second(peer, "close"), b"")
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            get(connection, "/1")
            with pytest.raises(ProtocolError, match="without an answer"):
                get(connection, "/2")
        assert len(server.requests) == 3

    def test_not_when_an_answer_had_begun(self, serve: Serve) -> None:
        server = serve([OK, b"HTTP/1.1 2"], OK)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            get(connection)
            with pytest.raises(ProtocolError, match="cut its answer short"):
                get(connection)
        assert len(server.requests) == 2

    def test_not_on_a_new_connection(self, serve: Serve) -> None:
        server = serve(b"", OK)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            with pytest.raises(ProtocolError, match=f"127.0.0.1:{server.port} closed the connection without an answer"):
                get(connection)
            assert get(connection).body == b"ok"

    @staticmethod
    def _close_on_the_second(peer: Any, how: str) -> None:
        peer.request()
        peer.send(OK)
        peer.request()
        if how == "reset":
            peer.reset()


def wait_until_readable(connection: Connection) -> None:
    """Until what the server does on its own (closing, sending) has arrived."""
    import select

    wire = connection._opener.wire
    assert wire is not None
    assert select.select([wire._socket], [], [], 30)[0]


class TestFailures:
    def test_nothing_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        with pytest.raises(Unreachable, match=f"cannot connect to 127.0.0.1:{port}: connection refused") as caught:
            get(Connection(http(port), deadline=Deadline(30)))
        assert caught.value.hint == "is the registry running, and is the port right?"

    def test_a_reset_in_the_answer(self, serve: Serve) -> None:
        def play(peer: Any) -> None:
            peer.request()
            peer.send(OK[:-1])
            peer.server.stopping.wait(0.1)
            peer.reset()

        server = serve(play)
        with pytest.raises(Unreachable, match=f"the connection to 127.0.0.1:{server.port} broke: connection reset"):
            get(Connection(http(server.port), deadline=Deadline(30)))

    def test_an_answer_that_comes_before_the_request_is_read(self, serve: Serve) -> None:
        def play(peer: Any) -> None:
            peer.send(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            peer.socket.shutdown(socket.SHUT_RDWR)

        server = serve(play)
        connection = Connection(http(server.port), deadline=Deadline(30))
        request = Request("POST", connection.origin, "/", body=b"a" * 10_000_000)
        assert connection.exchange(request).status == 413

    def test_a_request_for_another_origin(self, serve: Serve) -> None:
        server = serve(OK)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            for other in (http(server.port, "localhost"), Origin("https", "127.0.0.1", server.port), http(1)):
                with pytest.raises(ValueError, match="on a connection to"):
                    connection.exchange(Request("GET", other, "/"))
        assert server.connections == 0

    def test_a_request_that_cannot_be_sent_opens_no_connection(self, serve: Serve) -> None:
        server = serve(OK)
        with Connection(http(server.port), deadline=Deadline(30)) as connection, pytest.raises(ProtocolError):
            connection.exchange(Request("GET", connection.origin, "/", (("Authorization", "a\r\nX: y"),)))
        assert server.connections == 0

    def test_usable_after_an_error(self, serve: Serve) -> None:
        server = serve(b"nonsense", OK)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            with pytest.raises(ProtocolError):
                get(connection)
            assert get(connection).body == b"ok"

    def test_closing_twice_and_unopened(self, serve: Serve) -> None:
        connection = Connection(http(serve(OK).port), deadline=Deadline(30))
        connection.close()
        assert connection.peer == ""
        get(connection)
        connection.close()
        connection.close()

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.binary(max_size=300))
    def test_garbage(self, serve: Serve, data: bytes) -> None:
        server = serve(data)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            try:
                get(connection)
            except DockpassError as error:
                assert str(server.port) in error.message


class TestLimits:
    HUGE = b"Content-Length: 1000000\r\n\r\n"

    def test_an_oversized_error_is_dropped_and_the_flow_goes_on(self, serve: Serve) -> None:
        def play(peer: Any) -> None:
            peer.request()
            peer.send(b"HTTP/1.1 401 U\r\nWWW-Authenticate: Basic\r\n" + self.HUGE)
            peer.wait()

        server = serve(play, OK)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            response = get(connection)
            assert (response.status, response.body, response.complete) == (401, b"", False)
            assert response.all("www-authenticate") == ["Basic"]
            assert get(connection).body == b"ok"
        assert server.connections == 2

    def test_an_oversized_success_is_an_error_unless_it_may_be_dropped(self, serve: Serve) -> None:
        server = serve(b"HTTP/1.1 200 OK\r\n" + self.HUGE)
        with Connection(http(server.port), deadline=Deadline(30)) as connection:
            with pytest.raises(ProtocolError, match="longer than 131072 bytes"):
                get(connection)
            assert get(connection, drop_oversized=True).complete is False

    def test_the_limit_is_the_callers(self, serve: Serve) -> None:
        with Connection(http(serve(OK).port), deadline=Deadline(30)) as connection:
            assert get(connection, limit=2).body == b"ok"
            with pytest.raises(ProtocolError, match="longer than 1 bytes"):
                get(connection, limit=1)

    def test_an_endless_body(self, serve: Serve) -> None:
        def endless(peer: Any) -> None:
            peer.request()
            peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not peer.server.stopping.is_set():
                peer.send(b"400\r\n" + b"a" * 1024 + b"\r\n")

        with Connection(http(serve(endless).port), deadline=Deadline(60)) as connection, pytest.raises(ProtocolError):
            get(connection)


class TestTheDeadline:
    @pytest.mark.parametrize(
        ("script", "words"),
        [
            (lambda peer: peer.wait(), "did not answer within 0.5 s"),
            (lambda peer: peer.drip(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 10000), "did not finish its answer"),
            (lambda peer: (peer.send(OK[:-2]), peer.wait()), "did not finish its answer"),
            (
                lambda peer: (peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), peer.drip(b"a" * 9999)),
                "did not finish its answer",
            ),
            (lambda peer: peer.drip(b"HTTP/1.1 100 C\r\n\r\n" * 1000), "did not finish its answer"),
        ],
    )
    def test_slow_servers(self, serve: Serve, script: Callable[[Any], object], words: str) -> None:
        def play(peer: Any) -> None:
            peer.request()
            script(peer)

        server = serve(play)
        with Connection(http(server.port), deadline=Deadline(0.5)) as connection:
            with pytest.raises(TimedOut, match=words) as caught:
                get(connection)
            assert f"127.0.0.1:{server.port}" in caught.value.message
            with pytest.raises(TimedOut):
                get(connection)
        assert server.connections == 1

    def test_a_server_that_does_not_read(self, serve: Serve) -> None:
        server = serve(lambda peer: peer.server.stopping.wait())
        with Connection(http(server.port), deadline=Deadline(0.5)) as connection, pytest.raises(TimedOut):
            connection.exchange(Request("POST", connection.origin, "/", body=b"a" * 50_000_000))

    def test_it_spans_all_requests(self, serve: Serve) -> None:
        def slow(peer: Any) -> None:
            while peer.request():
                peer.server.stopping.wait(0.2)
                peer.send(OK)

        with Connection(http(serve(slow).port), deadline=Deadline(0.7)) as connection, pytest.raises(TimedOut):
            for _ in range(10):
                get(connection)

    def test_the_limit_for_connecting_is_not_for_the_answer(self, serve: Serve) -> None:
        def slow(peer: Any) -> None:
            peer.request()
            peer.server.stopping.wait(1)
            peer.send(OK)

        origin = http(serve(slow).port)
        with Connection(origin, deadline=Deadline(60), connect_timeout=0.5) as connection:
            assert get(connection).body == b"ok"

    @pytest.mark.parametrize(("seconds", "connect_timeout"), [(0.3, 10.0), (30, 0.3)])
    def test_a_host_that_does_not_answer(self, seconds: float, connect_timeout: float) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as filler:
            filler.connect(full.getsockname())
            port = full.getsockname()[1]
            connection = Connection(http(port), deadline=Deadline(seconds), connect_timeout=connect_timeout)
            with pytest.raises(TimedOut, match=f"cannot connect to 127.0.0.1:{port}: no answer within 0.3 s"):
                get(connection)


class TestOtherPlaces:
    def test_ipv6(self, serve: Serve) -> None:
        server = serve(OK, family=socket.AF_INET6)
        with Connection(http(server.port, "::1"), deadline=Deadline(30)) as connection:
            assert get(connection).body == b"ok"
            assert connection.peer == "::1"
        assert b"\r\nHost: [::1]:%d\r\n" % server.port in server.requests[0]

    def test_a_name(self, serve: Serve) -> None:
        server = serve(OK)
        with Connection(http(server.port, "localhost"), deadline=Deadline(30)) as connection:
            assert get(connection).body == b"ok"
            assert connection.peer == "127.0.0.1"

    def test_a_unix_socket(self, serve: Serve, tmp_path: Path) -> None:
        path = str(tmp_path / "docker.sock")
        server = serve([OK, OK], path=path)
        forbid = pytest.fail
        with Connection(Origin("unix", path, 0), deadline=Deadline(30), permit=forbid) as connection:
            assert [get(connection, "/_ping").body, get(connection, "/info").body] == [b"ok", b"ok"]
            assert connection.peer == ""
        assert b"\r\nHost: localhost\r\n" in server.requests[0]

    def test_no_unix_socket(self, tmp_path: Path) -> None:
        path = str(tmp_path / "docker.sock")
        with pytest.raises(Unreachable, match=f"cannot connect to {path}: no such file") as caught:
            get(Connection(Origin("unix", path, 0), deadline=Deadline(30)))
        assert "running" in str(caught.value.hint)

    def test_a_path_that_is_too_long(self) -> None:
        with pytest.raises(Unreachable, match="too long"):
            get(Connection(Origin("unix", "/" + "a" * 200, 0), deadline=Deadline(30)))


class TestPermission:
    def test_is_asked_for_each_address_before_any_is_connected_to(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(OK)

        def look_up(*_args: object, **_options: object) -> list[Any]:
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, server.port))
                for ip in ("127.0.0.1", "169.254.169.254")
            ]

        class Forbidden(Exception):
            pass

        asked: list[str] = []

        def permit(ip: str) -> None:
            asked.append(ip)
            if ip.startswith("169.254."):
                raise Forbidden

        monkeypatch.setattr(_socket, "getaddrinfo", look_up)
        with pytest.raises(Forbidden):
            get(Connection(http(server.port, "reg.example"), deadline=Deadline(30), permit=permit))
        assert asked == ["127.0.0.1", "169.254.169.254"]
        assert server.connections == 0

    def test_is_asked_for_a_literal_and_again_for_a_new_connection(self, serve: Serve) -> None:
        asked: list[str] = []
        server = serve(CLOSING)
        with Connection(http(server.port), deadline=Deadline(30), permit=asked.append) as connection:
            get(connection)
            get(connection)
        assert asked == ["127.0.0.1", "127.0.0.1"]
