"""Who is shown a client certificate, and who is believed because of an authority that the user names."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from dockpass import errors
from dockpass.credential import Credential
from dockpass.http.address import Origin
from dockpass.http.deadline import Deadline
from dockpass.registry.client import log_in
from dockpass.registry.driver import Connections
from dockpass.registry.network import Network
from dockpass.server import Server
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ALICE = Credential("alice", "hunter2")
CHALLENGE = 'Bearer realm="https://t.r.test:{token_port}/token",service="scripted.registry"'


@pytest.fixture
def strict(authority: Any) -> ssl.SSLContext:
    """For a server that wants a certificate from everybody."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*authority.server)
    made.load_verify_locations(authority.ca)
    made.verify_mode = ssl.CERT_REQUIRED
    return made


@pytest.fixture
def registry(strict: ssl.SSLContext) -> Iterator[ScriptedRegistry]:
    """A registry with its token server on another host, and both want a client certificate."""
    with ScriptedRegistry({"alice": "hunter2"}, auth="bearer", tls=strict, apart=True, challenge=CHALLENGE) as registry:
        yield registry


def named(authority: Any) -> Network:
    return Network(ca_files=(authority.ca,), client_pairs=((authority.client, authority.client_key),))


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("by", ["options", "certs.d"])
def test_the_registrys_certificate_is_not_shown_to_its_token_server(
    registry: ScriptedRegistry, authority: Any, trusting: Callable[..., dict[str, str]], by: str
) -> None:  # case 132
    address = f"r.test:{registry.port}"
    environ = trusting(address, client=True) if by == "certs.d" else trusting()
    network = named(authority) if by == "options" else None
    with pytest.raises(errors.TLSFailed) as caught:
        log_in(Server.parse(address), ALICE, network=network, environ=environ)
    assert caught.value.message == (
        f"t.r.test:{registry.token_port} wants a client certificate; t.r.test is the token server of {address}"
    )
    assert f"certs.d/t.r.test:{registry.token_port}/client.cert" in str(caught.value.hint)
    assert [request.port for request in registry.requests] == [registry.port]


@pytest.mark.usefixtures("names")
def test_a_token_server_with_a_folder_of_its_own_is_shown_what_is_in_it(
    registry: ScriptedRegistry, authority: Any, trusting: Callable[..., dict[str, str]]
) -> None:
    environ = trusting(f"t.r.test:{registry.token_port}", client=True)
    log_in(Server.parse(f"r.test:{registry.port}"), ALICE, network=named(authority), environ=environ)
    assert [request.port for request in registry.requests] == [registry.port, registry.token_port, registry.port]


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("by", ["cacert", "cert-dir"])
def test_a_named_authority_counts_for_the_token_server_too(
    authority: Any, trusting: Callable[..., dict[str, str]], by: str
) -> None:  # case 135
    both = ScriptedRegistry({"alice": "hunter2"}, auth="bearer", tls=authority.server, apart=True, challenge=CHALLENGE)
    with both as registry:
        server = Server.parse(f"r.test:{registry.port}")
        environ = trusting("elsewhere.test")
        folder = f"{environ['XDG_CONFIG_HOME']}/containers/certs.d/elsewhere.test"
        with pytest.raises(errors.TLSFailed, match="unknown authority"):
            log_in(server, ALICE, environ=environ)
        network = Network(ca_files=(authority.ca,)) if by == "cacert" else Network(cert_dir=folder)
        assert log_in(server, ALICE, network=network, environ=environ).token_host == "t.r.test"


def test_who_is_shown_what(authority: Any, trusting: Callable[..., dict[str, str]]) -> None:  # case 132
    environ = trusting("t.r.test", client=True)
    run = Connections(
        Server.parse("r.test:5000"), deadline=Deadline(10), network=named(authority), environ=environ, note=print
    )
    shown = (authority.client, authority.client_key)
    assert run.certificate(Origin("https", "r.test", 5000)) == shown
    assert run.certificate(Origin("https", "r.test", 443)) == shown  # the registry's own host
    assert run.certificate(Origin("http", "r.test", 5000)) == ()
    assert run.certificate(Origin("https", "other.test", 5000)) == ()
    assert run.certificate(Origin("https", "x.r.test", 5000)) == ()
    folder = f"{environ['XDG_CONFIG_HOME']}/containers/certs.d/t.r.test"
    assert run.certificate(Origin("https", "t.r.test", 443)) == (f"{folder}/client.cert", f"{folder}/client.key")
    assert run.certificate(Origin("https", "t.r.test", 444)) == ()
