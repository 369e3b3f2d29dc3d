"""Whole logins over real sockets."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockpass import errors
from dockpass.credential import Credential, Secret
from dockpass.http import probe
from dockpass.http.deadline import Deadline
from dockpass.registry import client
from dockpass.registry.client import Outcome, log_in
from dockpass.registry.network import Network
from dockpass.server import Server
from dockpass.testing.answers import Answer, endless, gzipped, json_answer, redirect, retry_after, silence, truncated
from dockpass.testing.listener import Listener
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

USERS = {"alice": "hunter2"}
ALICE = Credential("alice", "hunter2")
WRONG = Credential("alice", "hunter3")


def go(registry: ScriptedRegistry | str, credential: Credential = ALICE, **options: Any) -> Outcome:
    address = registry if isinstance(registry, str) else registry.address
    options.setdefault("environ", {})
    plain_http = options.pop("plain_http", False)
    return log_in(Server.parse(address, plain_http=plain_http), credential, **options)


def refused(kind: type[errors.DockpassError], *args: Any, **options: Any) -> errors.DockpassError:
    with pytest.raises(errors.DockpassError) as caught:
        go(*args, **options)
    assert type(caught.value) is kind, caught.value
    text = caught.value.message + str(caught.value.hint)
    assert "hunter" not in text
    assert text.isprintable()
    return caught.value


@pytest.fixture
def foreign() -> Iterator[Listener]:
    """Somebody else, on another port. Whoever connects is counted."""
    listener = Listener(socket.create_server(("127.0.0.1", 0)), lambda _request: json_answer({"token": "x"}))
    with closing(listener):
        yield listener


@pytest.mark.parametrize("auth", ["basic", "bearer", "both", "none"])
def test_a_login(auth: Any) -> None:
    with ScriptedRegistry(USERS, auth=auth) as registry:
        outcome = go(registry)
        assert outcome.identity_token is None
        assert bool(outcome.notes) is (auth == "none")
        assert registry.requests[0].header("authorization") is None
        # One connection of the probe, which sends no request, and one for all that followed.
        assert registry.connections == 2


@pytest.mark.parametrize("auth", ["basic", "bearer", "both"])
def test_a_wrong_password_is_sent_once(auth: Any) -> None:
    with ScriptedRegistry(USERS, auth=auth) as registry:
        error = refused(errors.Refused, registry, WRONG)
        assert registry.address in error.message
        assert "refused the user name or password: unauthorized: " in error.message
        assert [request.basic for request in registry.requests if request.basic] == [("alice", "hunter3")]


def test_an_anonymous_registry_may_still_refuse() -> None:  # case 160
    with ScriptedRegistry(USERS, open_ping=True) as registry:
        assert go(registry).notes
        refused(errors.Refused, registry, WRONG)


def test_a_token_that_is_good_for_nothing_is_no_login() -> None:  # case 155
    with ScriptedRegistry(USERS, auth="bearer", forgiving="scoped", scope="repository:user/image:pull") as registry:
        refused(errors.Refused, registry, WRONG)
        assert all("scope" not in request.query for request in registry.asked("/token"))


def test_identity_tokens_are_issued_used_and_renewed() -> None:  # cases 99, 101
    with ScriptedRegistry(USERS, auth="bearer", refresh_tokens=True, rotate=True) as registry:
        first = go(registry).identity_token
        assert first is not None
        kept: list[Secret] = []
        second = go(registry, Credential("alice", first, is_identity_token=True), rotated=kept.append).identity_token
        assert second is not None
        assert kept == [second]
        assert second != first
        error = refused(errors.LoginExpired, registry, Credential("alice", first, is_identity_token=True))
        assert error.hint == f"log in again: dockpass login -u NAME {registry.address}"
        assert all(first.reveal() not in str(request.headers) for request in registry.requests)


def test_bad_credentials_are_refused_before_anything_is_connected_to() -> None:
    with ScriptedRegistry(USERS) as registry:
        refused(errors.BadCredential, registry, Credential("a:b", "hunter2"))
        assert registry.connections == 0


# By which scheme


def test_loopback_that_speaks_tls_is_spoken_to_by_tls_alone(
    authority: Any, trusting: Callable[..., dict[str, str]]
) -> None:
    with ScriptedRegistry(USERS, auth="bearer", tls=authority.server) as registry:
        assert go(registry, environ=trusting(registry.address)).notes == []
        assert all(request.tls for request in registry.requests)


def test_tls_that_is_not_trusted_is_not_replaced_by_plain_http(authority: Any, tmp_path: Any) -> None:  # case 20
    with ScriptedRegistry(USERS, tls=authority.server) as registry:
        error = refused(errors.TLSFailed, registry, environ={"HOME": str(tmp_path)})
        assert f"/etc/docker/certs.d/{registry.address}/ca.crt" in str(error.hint)
        assert registry.requests == []


def test_loopback_goes_through_no_proxy(foreign: Listener) -> None:  # case 22
    with ScriptedRegistry(USERS) as registry:
        proxy = f"http://127.0.0.1:{foreign.port}"
        go(registry, environ={"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "http_proxy": proxy})
    assert foreign.connections == 0


@pytest.mark.usefixtures("names")
def test_a_name_is_spoken_to_by_https_without_consent_to_less() -> None:  # case 21
    with ScriptedRegistry(USERS) as registry:
        error = refused(errors.TLSFailed, f"r.test:{registry.port}")
        assert "--plain-http" in str(error.hint)
        assert registry.requests == []
        assert go(f"r.test:{registry.port}", plain_http=True).notes == []
        assert registry.requests[1].basic == ("alice", "hunter2")


@pytest.mark.usefixtures("names")
def test_plain_http_is_followed_up_to_https_and_not_back(
    authority: Any, trusting: Callable[..., dict[str, str]]
) -> None:  # case 23
    with ScriptedRegistry(USERS, tls=authority.server) as secure, ScriptedRegistry(USERS) as plain:
        environ = trusting(f"r.test:{secure.port}")
        plain.answer("/v2/", *[redirect(f"https://r.test:{secure.port}/v2/")] * 2)
        go(f"r.test:{plain.port}", plain_http=True, environ=environ)
        assert [request.basic for request in secure.requests] == [None, ("alice", "hunter2")]
        secure.answer("/v2/", redirect(f"http://r.test:{plain.port}/v2/"))
        refused(errors.RedirectedElsewhere, f"r.test:{plain.port}", plain_http=True, environ=environ)
        assert [request.basic for request in plain.requests] == [None, None]


def test_without_a_port_80_is_the_second_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_host: str, _port: int, _deadline: object) -> bool:
        raise errors.Unreachable("closed")

    def slow(_host: str, _port: int, _deadline: object) -> bool:
        raise errors.TimedOut("slow")

    deadline = Deadline(1)
    monkeypatch.setattr(probe, "speaks_tls", closed)
    assert str(client.begin_at(Server.parse("localhost"), deadline)) == "http://localhost"
    with pytest.raises(errors.Unreachable):
        client.begin_at(Server.parse("localhost:5000"), deadline)
    monkeypatch.setattr(probe, "speaks_tls", slow)
    with pytest.raises(errors.TimedOut):
        client.begin_at(Server.parse("localhost"), deadline)


def test_a_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    refused(errors.Unreachable, f"127.0.0.1:{port}")


# Whom the registry names


@pytest.mark.parametrize(
    "realm",
    [
        "https://localhost:{}/token",  # cases 54, 66
        "http://127.0.0.1:{}/token",  # case 69
        "http://localhost:{}/token",
        "https://[::ffff:127.0.0.1]:{}/token",  # case 61
        "https://2130706433:{}/token",
        "https://u:p@127.0.0.1:{}/token",
        "https://x@127.0.0.1:{}\\@r.example/token",
        "//127.0.0.1:{}/token",
    ],
)
def test_a_token_server_that_is_not_the_registrys_is_not_connected_to(foreign: Listener, realm: str) -> None:
    with ScriptedRegistry(USERS, challenge=f'Bearer realm="{realm.format(foreign.port)}",service="s"') as registry:
        refused(errors.UntrustedTokenHost, registry)
        assert len(registry.requests) == 1
    assert foreign.connections == 0


@pytest.mark.usefixtures("names")
def test_a_token_server_by_name(authority: Any, trusting: Callable[..., dict[str, str]]) -> None:
    challenge = 'Bearer realm="https://t.r.test:{token_port}/token",service="scripted.registry"'
    with ScriptedRegistry(USERS, auth="bearer", tls=authority.server, apart=True, challenge=challenge) as registry:
        address = f"r.test:{registry.port}"
        outcome = go(address, environ=trusting(address))  # cases 67, 135
        assert outcome.token_host == "t.r.test"
        assert [request.port for request in registry.requests] == [registry.port, registry.token_port, registry.port]


@pytest.mark.usefixtures("names")
def test_a_foreign_token_server_needs_the_users_word(authority: Any, trusting: Callable[..., dict[str, str]]) -> None:
    challenge = 'Bearer realm="https://other.test:{token_port}/token",service="scripted.registry"'
    with ScriptedRegistry(USERS, auth="bearer", tls=authority.server, apart=True, challenge=challenge) as registry:
        address = f"r.test:{registry.port}"
        environ = trusting(address)
        error = refused(errors.UntrustedTokenHost, address, environ=environ)
        assert isinstance(error, errors.UntrustedTokenHost)
        assert registry.asked("/token") == []
        assert go(address, environ=environ, token_host=error.host).token_host == "other.test"  # case 55


@pytest.mark.parametrize("ask", [redirect, lambda place: redirect(place, 302)])
def test_a_redirect_elsewhere_is_not_connected_to(foreign: Listener, ask: Callable[[str], Answer]) -> None:
    for place in (f"http://127.0.0.1:{foreign.port}/v2/", f"http://localhost:{foreign.port}/v2/"):
        with ScriptedRegistry(USERS, auth="bearer") as registry:
            registry.answer("/v2/", ask(place))
            refused(errors.RedirectedElsewhere, registry)
            registry.answer("/v2/", None, ask(place))
            refused(errors.RedirectedElsewhere, registry)
            registry.answer("/token", ask(place))
            refused(errors.RedirectedElsewhere, registry)
    assert foreign.connections == 0


def test_an_identity_token_is_not_carried_elsewhere(foreign: Listener) -> None:  # case 79
    with ScriptedRegistry(USERS, auth="bearer", refresh_tokens=True) as registry:
        token = registry.token_server.issue_refresh_token("alice")
        identity = Credential("alice", token, is_identity_token=True)
        for place in (f"http://127.0.0.1:{foreign.port}/token", "/token"):
            registry.answer("/token", redirect(place))
            refused(errors.RedirectedElsewhere, registry, identity)
        assert len(registry.asked("/token")) == 2
        registry.answer("/token", Answer(404))
        refused(errors.Refused, registry, identity)  # case 78
        assert [request.method for request in registry.asked("/token")] == ["POST"] * 3
    assert foreign.connections == 0


# What comes back


def test_a_large_401_does_not_stop_a_login() -> None:
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        challenge = f'Bearer realm="{registry.realm}",service="scripted.registry"'
        registry.answer("/v2/", Answer(401, b"x" * 1_000_000, {"WWW-Authenticate": challenge}))
        assert go(registry).identity_token is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"x" * 131_073),  # case 108
        endless(),  # case 109
        gzipped(json_answer({"token": "x"})),  # case 111
        truncated(json_answer({"token": "x"})),  # case 112
    ],
    ids=["long", "endless", "gzip", "truncated"],
)
def test_an_answer_that_is_none_is_no_login(answer: Any) -> None:
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        registry.answer("/token", answer)
        refused(errors.ProtocolError, registry)


def test_a_busy_registry_is_asked_again() -> None:  # cases 9, 10
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        registry.answer("/v2/", retry_after(0, 503))
        registry.answer("/token", retry_after(0))
        assert go(registry)
        assert len(registry.requests) == 5
        registry.answer("/v2/", retry_after(3600))
        assert "1 hour" in refused(errors.RateLimited, registry).message


def test_silence_has_an_end() -> None:  # case 110
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        registry.answer("/token", silence())
        refused(errors.TimedOut, registry, network=Network(timeout=0.3))


def test_what_is_to_be_heard_meanwhile_may_be_left_unheard(
    authority: Any, trusting: Callable[..., dict[str, str]]
) -> None:
    import os

    with ScriptedRegistry(USERS, tls=authority.server) as registry:
        environ = trusting(registry.address, client=True)
        os.chmod(
            os.path.join(environ["XDG_CONFIG_HOME"], "containers", "certs.d", registry.address, "client.key"), 0o644
        )
        assert go(registry, environ=environ).notes == []
        notes: list[str] = []
        go(registry, environ=environ, note=notes.append)
        assert len(notes) == 1


def test_the_trace_of_a_login_holds_no_secret() -> None:  # case 137
    lines: list[str] = []
    with ScriptedRegistry(USERS, auth="bearer", refresh_tokens=True) as registry:
        registry.answer("/v2/", redirect("/v2"))
        registry.answer("/v2", lambda _request: registry._behave(registry.requests[0]))
        registry.answer("/token", redirect("/token/hunter2?hunter2"))
        refused(errors.ProtocolError, registry, trace=lines.append)
        url = registry.url
    assert lines == [
        f"GET {url}/v2/",
        "307 from 127.0.0.1",
        f"GET {url}/v2",
        "401 from 127.0.0.1",
        f"GET {url}/token with Basic credentials",
        "307 from 127.0.0.1",
        f"GET {url}/… with Basic credentials",
        "404 from 127.0.0.1",
    ]


def test_the_trace_of_an_identity_token_holds_no_secret() -> None:  # case 137
    lines: list[str] = []
    with ScriptedRegistry(USERS, auth="bearer", refresh_tokens=True) as registry:
        token = registry.token_server.issue_refresh_token("alice")
        registry.answer("/v2/", None, lambda request: redirect(f"/x/{request.bearer}"))
        refused(errors.NotARegistry, registry, Credential("alice", token, is_identity_token=True), trace=lines.append)
        url = registry.url
    assert lines == [
        f"GET {url}/v2/",
        "401 from 127.0.0.1",
        f"POST {url}/token with an identity token",
        "200 from 127.0.0.1",
        f"GET {url}/v2/ with Bearer credentials",
        "307 from 127.0.0.1",
        f"GET {url}/… with Bearer credentials",
        "404 from 127.0.0.1",
    ]


@pytest.mark.usefixtures("names")
def test_a_name_in_two_forms_is_heard_before_anything_is_sent() -> None:  # case 140
    notes: list[str] = []
    refused(errors.Unreachable, "xn--mller-kva.test:1", plain_http=True, note=notes.append)
    assert notes == ["xn--mller-kva.test is the name müller.test"]


def test_the_processs_own_environment_is_the_default(monkeypatch: pytest.MonkeyPatch, foreign: Listener) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{foreign.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("REQUEST_METHOD", raising=False)
    assert log_in(Server.parse("r.test", plain_http=True), ALICE).notes
    assert foreign.connections == 1


def test_plain_http_loads_nothing_heavy() -> None:
    import os
    import subprocess
    import sys

    import dockpass

    program = """
import sys
from dockpass.credential import Credential
from dockpass.registry.client import log_in
from dockpass.server import Server
log_in(Server.parse(sys.argv[1]), Credential("alice", "hunter2"), environ={})
heavy = {"ssl", "re", "json", "dataclasses", "typing", "pathlib", "subprocess", "logging", "threading",
         "email", "urllib", "http", "ipaddress", "publicsuffixlist", "base64", "datetime", "contextlib"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    path = [os.path.dirname(os.path.dirname(dockpass.__file__))]
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {path!r}\n" + program, registry.address],
            check=True,
        )
