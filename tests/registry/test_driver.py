"""Steps over real connections: what may be connected to, and how often."""

from __future__ import annotations

import _socket
import socket
import ssl
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockpass import errors
from dockpass.http.address import Origin
from dockpass.http.deadline import Deadline
from dockpass.registry import driver
from dockpass.registry.driver import MOST_REQUESTS, Connections, drive
from dockpass.registry.network import Network
from dockpass.registry.step import ANY, INSIDE, LIKE_REGISTRY, Step
from dockpass.server import Server
from dockpass.testing.answers import Answer, json_answer
from dockpass.testing.listener import Listener
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from dockpass.http.message import Response


@pytest.fixture
def registry() -> Iterator[ScriptedRegistry]:
    with ScriptedRegistry(auth="none") as registry:
        yield registry


def connections(
    registry: ScriptedRegistry | str,
    environ: dict[str, str] | None = None,
    notes: list[str] | None = None,
    pinned: Callable[[], str | None] | None = None,
) -> Connections:
    return Connections(
        Server.parse(registry if isinstance(registry, str) else registry.address),
        deadline=Deadline(10),
        network=Network(),
        environ=environ or {},
        note=(notes if notes is not None else []).append,
        pinned=pinned,
    )


def at(registry: ScriptedRegistry, scheme: str = "http", host: str = "127.0.0.1") -> Origin:
    return Origin(scheme, host, registry.port)


def test_what_a_generator_returns_and_raises_comes_out(registry: ScriptedRegistry) -> None:
    def flow() -> Generator[Step, Response, int]:
        answer = yield Step("GET", at(registry), "/v2/")
        if answer.status == 404:
            raise errors.NotARegistry("no")
        return answer.status

    run = connections(registry)
    assert drive(flow(), run) == 200
    registry.answer("/v2/", Answer(404))
    with pytest.raises(errors.NotARegistry):
        drive(flow(), run)
    run.close()
    assert registry.connections == 1


def test_a_generator_is_closed_when_the_connection_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    ended = []

    def flow() -> Generator[Step, Response, None]:
        try:
            yield Step("GET", Origin("http", "127.0.0.1", port), "/v2/")
        finally:
            ended.append(True)

    with pytest.raises(errors.Unreachable):
        drive(flow(), connections(f"127.0.0.1:{port}"))
    assert ended == [True]


def test_a_run_has_an_end(registry: ScriptedRegistry) -> None:
    def flow() -> Generator[Step, Response, None]:
        while True:
            yield Step("GET", at(registry), "/v2/")

    with closing(connections(registry)) as run, pytest.raises(errors.ProtocolError, match="20 requests"):
        drive(flow(), run)
    assert len(registry.requests) == MOST_REQUESTS


def test_connections_are_kept_and_closed(registry: ScriptedRegistry) -> None:
    run = connections(registry)
    for _ in range(3):
        run.send(Step("GET", at(registry), "/v2/"))
    assert {request.connection for request in registry.requests} == {1}
    run.close()
    run.close()


def test_it_waits_as_long_as_the_step_says(registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(driver, "sleep", slept.append)
    run = connections(registry)
    step = Step("GET", at(registry), "/v2/")
    run.send(step)
    run.send(step.again(pause=2))
    assert slept == [2]
    run.send(step.again(pause=3600))  # cut to what is left of the deadline
    assert slept[1] <= 10
    run.close()


def test_a_long_body_is_dropped_where_nothing_is_wanted_of_it(registry: ScriptedRegistry) -> None:  # case 108
    run = connections(registry)
    registry.answer("/v2/", Answer(200, b"x" * 65537), Answer(200, b"x" * 65536))
    assert run.send(Step("GET", at(registry), "/v2/")).complete is False
    assert run.send(Step("GET", at(registry), "/v2/")).complete is True
    registry.answer("/token", Answer(200, b"x" * 131072), Answer(200, b"x" * 131073))
    step = Step("GET", at(registry), "/token", wants_token=True)
    assert len(run.send(step).body) == 131072
    with pytest.raises(errors.ProtocolError, match="longer"):
        run.send(step)
    run.close()


def test_plain_http_ends_where_https_began(authority: Any, trusting: Callable[..., dict[str, str]]) -> None:
    with (
        ScriptedRegistry(auth="none", tls=authority.server) as secure,
        ScriptedRegistry(auth="none") as plain,
    ):
        run = connections(secure, trusting(secure.address))
        run.send(Step("GET", at(plain), "/v2/"))
        run.send(Step("GET", at(secure, "https"), "/v2/"))
        with pytest.raises(errors.ProtocolError, match="plain HTTP"):
            run.send(Step("GET", at(plain), "/v2/"))
        run.close()
        assert len(plain.requests) == 1


def test_https_of_a_token_server_says_nothing_about_the_registry(
    authority: Any, trusting: Callable[..., dict[str, str]]
) -> None:
    with (
        ScriptedRegistry(auth="none", tls=authority.server) as token,
        ScriptedRegistry(auth="none") as plain,
    ):
        run = connections(plain, trusting(token.address))
        run.send(Step("GET", at(token, "https"), "/v2/", reach=INSIDE))
        run.send(Step("GET", at(plain), "/v2/"))
        run.close()


def test_a_host_that_the_user_has_not_named_is_said_to_be_the_token_server() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    run = connections(f"localhost:{port}", {})
    messages = []
    for host, wants_token in (("127.0.0.1", True), ("127.0.0.1", False), ("localhost", True)):
        with pytest.raises(errors.Unreachable) as caught:
            run.send(Step("GET", Origin("http", host, port), "/token", reach=INSIDE, wants_token=wants_token))
        assert str(caught.value) == caught.value.message
        messages.append(caught.value.message)
        assert (type(caught.value), caught.value.hint is None) == (errors.Unreachable, False)
    run.close()
    assert messages == [
        f"cannot connect to 127.0.0.1:{port}: connection refused; 127.0.0.1 is the token server of localhost:{port}",
        f"cannot connect to 127.0.0.1:{port}: connection refused",
        f"cannot connect to localhost:{port}: connection refused",
    ]


# Where a name leads


@pytest.mark.usefixtures("names")
def test_a_token_server_inside_is_for_a_registry_inside(
    authority: Any, trusting: Callable[..., dict[str, str]]
) -> None:
    with (
        ScriptedRegistry(auth="none", tls=authority.server) as token,
        ScriptedRegistry(auth="none") as registry,
    ):
        step = Step("GET", Origin("https", "t.r.test", token.port), "/v2/", reach=LIKE_REGISTRY)
        run = connections(f"r.test:{registry.port}", trusting(f"t.r.test:{token.port}"))
        with pytest.raises(errors.UntrustedTokenHost) as caught:  # case 66
            run.send(step)
        assert "t.r.test, named as the token server of r.test" in caught.value.message
        assert "is at 127.0.0.1: this computer itself" in caught.value.message
        assert (caught.value.host, caught.value.hint) == ("t.r.test", "if that is right, say so: --token-host t.r.test")
        assert token.connections == 0
        run.send(Step("GET", Origin("https", "t.r.test", token.port), "/v2/", reach=INSIDE))
        with pytest.raises(errors.UntrustedTokenHost):  # where a token server is says nothing about the registry
            run.send(step)
        run.send(Step("GET", Origin("http", "r.test", registry.port), "/v2/"))
        assert run.send(step).status == 200  # case 67
        run.close()


@pytest.mark.usefixtures("names")
def test_a_token_server_inside_may_be_one_that_the_user_approved_of_earlier(
    authority: Any, trusting: Callable[..., dict[str, str]]
) -> None:
    with ScriptedRegistry(auth="none", tls=authority.server) as token:
        step = Step("GET", Origin("https", "t.r.test", token.port), "/v2/", reach=LIKE_REGISTRY)
        environ = trusting(f"t.r.test:{token.port}")
        for host in ("t.r.test", f"t.r.test:{token.port}"):
            run = connections("r.test", environ, pinned=lambda host=host: host)  # type: ignore[misc]
            assert run.send(step).status == 200
            run.close()
        for host in ("other.test", "t.r.test:1"):
            run = connections("r.test", environ, pinned=lambda host=host: host)  # type: ignore[misc]
            with pytest.raises(errors.TokenHostChanged) as caught:
                run.send(step)
            assert (caught.value.host, caught.value.pinned) == ("t.r.test", host)
        with pytest.raises(errors.UntrustedTokenHost):
            connections("r.test", environ, pinned=lambda: None).send(step)
        assert token.connections == 2


@pytest.mark.parametrize("reach", [INSIDE, LIKE_REGISTRY])
@pytest.mark.parametrize("ip", ["169.254.169.254", "169.254.1.1", "0.0.0.0", "224.0.0.1"])
def test_some_addresses_are_for_nobody(reach: str, ip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443))]
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *_args, **_options: found)
    connected: list[object] = []

    class Counted(_socket.socket):
        def connect(self, target: Any) -> None:
            connected.append(target)

    monkeypatch.setattr(_socket, "socket", Counted)
    run = connections("r.test", pinned=lambda: "t.r.test")
    with pytest.raises(errors.UntrustedTokenHost, match="is at") as caught:
        run.send(Step("GET", Origin("https", "t.r.test", 443), "/token", reach=reach))
    assert caught.value.host == ""
    assert connected == []


def test_the_registry_may_be_anywhere(registry: ScriptedRegistry) -> None:
    run = connections(registry)
    assert run.send(Step("GET", at(registry), "/v2/", reach=ANY)).status == 200
    run.close()


# Proxies


@pytest.mark.usefixtures("names")
def test_a_proxy_that_can_read_the_password_is_said() -> None:
    notes: list[str] = []
    with closing(Listener(socket.create_server(("127.0.0.1", 0)), lambda _request: json_answer({}))) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        run = connections("r.test:80", {"HTTP_PROXY": address}, notes)
        for _ in range(2):
            assert run.send(Step("GET", Origin("http", "r.test", 80), "/v2/")).status == 200
        run.close()
        assert proxy.connections == 1
    assert notes == [f"the proxy {address} can read the user name and password: http://r.test is not encrypted"]


@pytest.mark.usefixtures("names")
def test_a_proxy_of_config_json_is_said() -> None:
    notes: list[str] = []
    with closing(Listener(socket.create_server(("127.0.0.1", 0)), lambda _request: json_answer({}))) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        run = Connections(
            Server.parse("r.test:80"),
            deadline=Deadline(10),
            network=Network().through({"HTTP_PROXY": address.replace("//", "//u:s3cret@")}, "/home/a/config.json"),
            environ={},
            note=notes.append,
        )
        assert run.send(Step("GET", Origin("http", "r.test", 80), "/v2/")).status == 200
        run.close()
        assert proxy.connections == 1
    place = "httpProxy in /home/a/config.json"
    assert notes[0] == f"the proxy {address} is used, from {place}: the environment names none"
    assert "s3cret" not in str(notes)


# Certificates


@pytest.mark.parametrize("own", [False, True])
def test_a_client_certificate_is_for_the_registrys_host(
    authority: Any, trusting: Callable[..., dict[str, str]], *, own: bool
) -> None:  # cases 132, 135
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.server)
    context.load_verify_locations(authority.ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    with ScriptedRegistry(auth="none", tls=context, apart=True) as registry:
        environ = trusting(registry.address, client=True)
        if own:
            environ = trusting(f"localhost:{registry.token_port}", client=True)
        run = connections(registry, environ)
        run.send(Step("GET", at(registry, "https"), "/v2/"))
        for host in ("127.0.0.1", "localhost"):
            run.send(Step("GET", Origin("https", host, registry.token_port), "/v2/", reach=INSIDE))
        run.close()
        shown = [request.client_certificate for request in registry.requests]
    assert shown == ["alice", "alice", "alice" if own else ""]


def test_a_folder_of_its_own_is_used_for_a_token_server(
    authority: Any, trusting: Callable[..., dict[str, str]]
) -> None:
    with ScriptedRegistry(auth="none", tls=authority.server, apart=True) as registry:
        run = connections(registry, trusting(f"localhost:{registry.token_port}"))
        run.send(Step("GET", Origin("https", "localhost", registry.token_port), "/v2/", reach=INSIDE))
        with pytest.raises(errors.TLSFailed):
            run.send(Step("GET", at(registry, "https"), "/v2/"))
        run.close()


def test_notes_about_certificates_are_passed_on(authority: Any, trusting: Callable[..., dict[str, str]]) -> None:
    import os

    notes: list[str] = []
    with ScriptedRegistry(auth="none", tls=authority.server) as registry:
        environ = trusting(registry.address, client=True)
        key = os.path.join(environ["XDG_CONFIG_HOME"], "containers", "certs.d", registry.address, "client.key")
        os.chmod(key, 0o644)
        run = connections(registry, environ, notes)
        run.send(Step("GET", at(registry, "https"), "/v2/"))
        run.close()
    assert notes == [f"{key} can be read by other users: chmod 600 it"]


class TestMeanwhile:
    def test_a_step_for_each_answer_and_the_rest_for_the_first_to_credentials(self) -> None:
        heard: list[str] = []

        def steps() -> Iterator[None]:
            for number in range(4):
                heard.append(f"step {number}")
                yield

        with (
            ScriptedRegistry({"foo": "bar"}) as registry,
            closing(
                Connections(
                    Server.parse(registry.address),
                    deadline=Deadline(10),
                    network=Network(),
                    environ={},
                    note=heard.append,
                    trace=lambda line: heard.append(line.partition(" ")[0]),
                    meanwhile=steps(),
                )
            ) as used,
        ):
            shown = (("Authorization", "Basic Zm9vOmJhcg=="),)
            for headers in ((), shown, shown, ()):
                used.send(Step("GET", at(registry), "/v2/", headers))
        first, second = ["GET", "step 0", "401"], ["GET", "step 1", "step 2", "step 3", "200"]
        assert heard == [*first, *second, "GET", "200", "GET", "401"]
