"""Ways to an origin: through proxies, and TLS through them."""

from __future__ import annotations

import base64
import socket
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import ProxyFailed, TimedOut, TLSFailed
from dockpass.http.address import Origin
from dockpass.http.connection import Connection, Deadline
from dockpass.http.message import Request, Response
from dockpass.http.proxy import Proxy
from dockpass.http.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Callable

    Serve = Callable[..., Any]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PAIR = "Basic " + base64.b64encode(b"proxy-user:proxy-secret").decode()
REGISTRY = Origin("https", "reg.example", 443)


def get(connection: Connection) -> Response:
    return connection.exchange(Request("GET", connection.origin, "/v2/", (("Authorization", "Basic cmVnaXN0cnk="),)))


def at(server: Any, scheme: str = "http", *, authorization: str = "") -> Proxy:
    host = "localhost" if scheme == "https" else "127.0.0.1"
    return Proxy(scheme, host, server.port, authorization=authorization, variable="https_proxy")


def failure(connection: Connection) -> ProxyFailed:
    with connection, pytest.raises(ProxyFailed) as caught:
        get(connection)
    shown = caught.value.message + str(caught.value.hint)
    assert "proxy-secret" not in shown
    assert PAIR not in shown
    assert caught.value.hint
    return caught.value


def tunnel(context: Any, *answers: bytes) -> Callable[[Any], None]:
    """A proxy that agrees, and then plays the registry itself: it speaks TLS, and gives answers."""

    def play(peer: Any) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        peer.start_tls(context)
        for answer in answers:
            peer.request()
            peer.send(answer)
        peer.wait()

    return play


class TestHttps:
    def test_a_tunnel(self, serve: Serve, authority: Any) -> None:
        server = serve(tunnel(authority.context("reg.example"), OK, OK))
        with Connection(
            REGISTRY,
            deadline=Deadline(30),
            trust=Trust((authority.file,)),
            proxy=at(server, authorization=PAIR),
            permit=pytest.fail,
        ) as connection:
            assert [get(connection).body, get(connection).body] == [b"ok", b"ok"]
            assert connection.peer == ""
        connect, first, second = server.requests
        assert connect.startswith(b"CONNECT reg.example:443 HTTP/1.1\r\nHost: reg.example:443\r\n")
        assert b"\r\nProxy-Authorization: " + PAIR.encode() + b"\r\n" in connect
        # The registry's credentials are for the registry, and the proxy's for the proxy.
        assert b"cmVnaXN0cnk=" not in connect
        for request in (first, second):
            assert request.startswith(b"GET /v2/ HTTP/1.1\r\n")
            assert b"\r\nAuthorization: Basic cmVnaXN0cnk=\r\n" in request
            assert b"Proxy-Authorization" not in request

    def test_without_credentials(self, serve: Serve, authority: Any) -> None:
        server = serve(tunnel(authority.context("::1"), OK))
        trust = Trust((authority.file,))
        origin = Origin("https", "::1", 5000)
        with Connection(origin, deadline=Deadline(30), trust=trust, proxy=at(server)) as connection:
            get(connection)
        assert server.requests[0].startswith(b"CONNECT [::1]:5000 HTTP/1.1\r\n")
        assert b"Authorization" not in server.requests[0]

    def test_the_registrys_certificate_is_verified_all_the_same(self, serve: Serve, authority: Any) -> None:
        server = serve(tunnel(authority.context("other.example")))
        connection = Connection(REGISTRY, deadline=Deadline(30), trust=Trust((authority.file,)), proxy=at(server))
        with pytest.raises(TLSFailed, match="reg.example is not for the name reg.example, but for other.example"):
            get(connection)

    def test_a_proxy_that_wants_a_login(self, serve: Serve) -> None:  # case 131
        server = serve(
            b'HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 9\r\n\r\nreflected'
        )
        error = failure(Connection(REGISTRY, deadline=Deadline(30), proxy=at(server)))
        assert f"the proxy http://127.0.0.1:{server.port} wants a user name" in error.message
        assert "https_proxy" in str(error.hint)
        error = failure(Connection(REGISTRY, deadline=Deadline(30), proxy=at(server, authorization=PAIR)))
        assert "refuses the user name and password that https_proxy has" in error.message
        assert all(b"cmVnaXN0cnk=" not in request for request in server.requests)
        assert len(server.requests) == 2

    @pytest.mark.parametrize(
        ("status", "hint"),
        [(b"403 Forbidden", "may forbid"), (b"502 Bad Gateway", "may not find or reach"), (b"302 Found", "may forbid")],
    )
    def test_a_proxy_that_refuses(self, serve: Serve, status: bytes, hint: str) -> None:
        server = serve(b"HTTP/1.1 " + status + b"\r\n\r\nwhy")
        error = failure(Connection(REGISTRY, deadline=Deadline(30), proxy=at(server)))
        assert f"does not connect to reg.example: status {status.decode()[:3]}" in error.message
        assert hint in str(error.hint)

    def test_a_proxy_that_says_401_for_407(self, serve: Serve) -> None:
        server = serve(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        error = failure(Connection(REGISTRY, deadline=Deadline(30), proxy=at(server, authorization=PAIR)))
        assert "refuses the user name and password that https_proxy has for it (401)" in error.message

    @pytest.mark.parametrize(
        "answer",
        [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03", b"HTTP/1.1 200 OK\r\nX\r\n\r\n", b"HTTP/1.1 2"],
    )
    def test_a_proxy_that_speaks_badly(self, serve: Serve, answer: bytes) -> None:
        server = serve(answer)
        error = failure(Connection(REGISTRY, deadline=Deadline(30), proxy=at(server)))
        assert f"the proxy http://127.0.0.1:{server.port} " in error.message

    def test_a_proxy_that_resets(self, serve: Serve) -> None:
        def play(peer: Any) -> None:
            peer.request()
            peer.reset()

        error = failure(Connection(REGISTRY, deadline=Deadline(30), proxy=at(serve(play))))
        assert "broke: connection reset" in error.message

    def test_a_proxy_that_says_nothing(self, serve: Serve) -> None:
        server = serve(lambda peer: peer.wait())
        connection = Connection(REGISTRY, deadline=Deadline(30), proxy=at(server), connect_timeout=0.3)
        error = failure(connection)
        assert "did not connect to reg.example within 0.3 s" in error.message
        assert "--connect-timeout" in str(error.hint)

    def test_the_handshake_has_a_limit_of_its_own(self, serve: Serve, authority: Any) -> None:
        def play(peer: Any) -> None:
            peer.request()
            peer.server.stopping.wait(1.5)
            peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
            peer.server.stopping.wait(1.5)
            peer.start_tls(authority.context("reg.example"))
            peer.request()
            peer.send(OK)

        trust = Trust((authority.file,))
        with Connection(
            REGISTRY, deadline=Deadline(60), trust=trust, proxy=at(serve(play)), connect_timeout=2.5
        ) as connection:
            assert get(connection).body == b"ok"

    def test_a_registry_behind_it_that_says_nothing(self, serve: Serve) -> None:
        def play(peer: Any) -> None:
            peer.request()
            peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
            peer.wait()

        proxy = at(serve(play))
        for seconds, connect_timeout, option in ((30, 2, "--connect-timeout"), (2, 10, "--timeout")):
            deadline = Deadline(seconds, "--timeout")
            connection = Connection(REGISTRY, deadline=deadline, proxy=proxy, connect_timeout=connect_timeout)
            words = "no TLS handshake with reg.example: no answer within 2 s"
            with pytest.raises(TimedOut, match=words) as caught:
                get(connection)
            assert f"; {option} SECONDS allows more" in str(caught.value.hint)


class TestHttp:
    ORIGIN = Origin("http", "reg.example", 5000)

    def test_the_proxy_is_told_the_origin(self, serve: Serve) -> None:
        server = serve([OK, OK])
        with Connection(
            self.ORIGIN, deadline=Deadline(30), proxy=at(server, authorization=PAIR), permit=pytest.fail
        ) as connection:
            get(connection)
            get(connection)
            assert connection.peer == ""
        assert server.connections == 1
        for request in server.requests:
            assert request.startswith(b"GET http://reg.example:5000/v2/ HTTP/1.1\r\nHost: reg.example:5000\r\n")
            assert b"\r\nProxy-Authorization: " + PAIR.encode() + b"\r\n" in request

    def test_a_proxy_that_wants_a_login(self, serve: Serve) -> None:
        server = serve(b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n")
        assert "wants a user name" in failure(Connection(self.ORIGIN, deadline=Deadline(30), proxy=at(server))).message

    def test_407_without_a_proxy_is_the_registrys_answer(self, serve: Serve) -> None:
        server = serve(b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n")
        with Connection(Origin("http", "127.0.0.1", server.port), deadline=Deadline(30)) as connection:
            assert get(connection).status == 407


class TestReachingTheProxy:
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_nothing_listens(self, scheme: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        proxy = Proxy("http", "127.0.0.1", port, authorization=PAIR)
        error = failure(Connection(Origin(scheme, "reg.example", 443), deadline=Deadline(30), proxy=proxy))
        assert error.message == f"cannot connect to the proxy http://127.0.0.1:{port}: connection refused"
        assert error.hint == "check HTTPS_PROXY, or add the registry's host to NO_PROXY"

    def test_no_such_host(self) -> None:
        proxy = Proxy("http", "a" * 64 + ".example", 3128)
        assert (
            "cannot find the proxy http://aaa"
            in failure(Connection(REGISTRY, deadline=Deadline(30), proxy=proxy)).message
        )

    def test_no_answer(self) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as filler:
            filler.connect(full.getsockname())
            proxy = Proxy("http", "127.0.0.1", full.getsockname()[1])
            connection = Connection(REGISTRY, deadline=Deadline(30), proxy=proxy, connect_timeout=0.3)
            error = failure(connection)
            assert "does not answer within 0.3 s" in error.message
            assert "--connect-timeout" in str(error.hint)

    def test_not_for_a_unix_socket(self, serve: Serve, tmp_path: Any) -> None:
        path = str(tmp_path / "a.sock")
        serve(OK, path=path)
        proxy = Proxy("http", "127.0.0.1", 1)
        with Connection(Origin("unix", path, 0), deadline=Deadline(30), proxy=proxy) as connection:
            assert get(connection).body == b"ok"


class TestAProxySpokenToByTls:
    @pytest.fixture(autouse=True)
    def trusted(self, authority: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """By the system: what a registry's own settings trust does not count for a proxy."""
        monkeypatch.setenv("SSL_CERT_FILE", authority.file)

    def test_plain_http_through_it(self, serve: Serve, authority: Any) -> None:
        server = serve([OK], tls=authority.context())
        origin = Origin("http", "reg.example", 80)
        with Connection(origin, deadline=Deadline(30), proxy=at(server, "https", authorization=PAIR)) as connection:
            assert get(connection).body == b"ok"
        assert server.requests[0].startswith(b"GET http://reg.example/v2/ ")

    def test_tls_in_tls(self, serve: Serve, authority: Any) -> None:
        registry = serve([OK, OK], tls=authority.context("reg.example"))
        proxy = serve(forward_to(registry.port), tls=authority.context())
        with Connection(REGISTRY, deadline=Deadline(30), proxy=at(proxy, "https", authorization=PAIR)) as connection:
            assert [get(connection).body, get(connection).body] == [b"ok", b"ok"]
        assert registry.connections == proxy.connections == 1
        assert b"Proxy-Authorization" in proxy.requests[0]
        assert b"Proxy-Authorization" not in registry.requests[0]

    def test_one_that_is_not_trusted(self, serve: Serve, stranger: Any) -> None:
        server = serve(lambda peer: peer.wait(), tls=stranger.context())
        proxy = at(server, "https", authorization=PAIR)
        trust = Trust((stranger.file,))
        error = failure(Connection(REGISTRY, deadline=Deadline(30), proxy=proxy, trust=trust))
        assert f"the certificate of the proxy https://localhost:{server.port} is signed by an unknown" in error.message
        assert "certs.d" not in str(error.hint)

    def test_one_that_speaks_plain_http(self, serve: Serve) -> None:
        server = serve(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        error = failure(Connection(REGISTRY, deadline=Deadline(30), proxy=at(server, "https")))
        assert "speaks plain HTTP" in error.message
        assert "--plain-http" not in str(error.hint)

    def test_one_that_breaks_in_the_tunnel(self, serve: Serve, authority: Any) -> None:
        def play(peer: Any) -> None:
            peer.request()
            peer.socket.close()

        server = serve(play, tls=authority.context())
        assert (
            f"https://localhost:{server.port}"
            in failure(Connection(REGISTRY, deadline=Deadline(30), proxy=at(server, "https"))).message
        )


def forward_to(port: int) -> Callable[[Any], None]:
    """A proxy that carries bytes to and fro."""

    def play(peer: Any) -> None:
        import select

        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as onward:
            while True:
                ready = [peer.socket] if peer.socket.pending() else select.select([peer.socket, onward], [], [], 30)[0]
                for source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    (onward if source is peer.socket else peer.socket).sendall(data)

    return play
