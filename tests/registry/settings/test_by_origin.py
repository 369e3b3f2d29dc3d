"""Which certificates count at which origin of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockpass.errors import FileUnreadable
from dockpass.http.address import Origin
from dockpass.registry.network import Network
from dockpass.registry.settings.by_origin import ByOrigin
from dockpass.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    Trusting = Callable[..., dict[str, str]]


def by_origin(server: str, environ: dict[str, str], notes: list[str] | None = None, **said: object) -> ByOrigin:
    network = Network(**said)  # type: ignore[arg-type]
    return ByOrigin(Server.parse(server), network, environ, (notes if notes is not None else []).append)


def at(host: str, port: int = 443) -> Origin:
    return Origin("https", host, port)


def test_docker_hub_has_no_folder(trusting: Trusting) -> None:
    environ = trusting("registry-1.docker.io", "docker.io", "r.test")
    assert by_origin("docker.io", environ).trust(at("registry-1.docker.io")).ca_files == ()
    assert by_origin("r.test", environ).trust(at("r.test")).ca_files


def test_a_token_server_has_the_registrys_authorities_and_its_own(trusting: Trusting) -> None:
    found = by_origin("r.test", trusting("r.test", "t.test"))
    registry, token = found.trust(at("r.test")), found.trust(at("t.test"))
    assert token.ca_files[: len(registry.ca_files)] == registry.ca_files
    assert [path.split("/")[-2] for path in token.ca_files] == ["r.test", "t.test"]


def test_the_registrys_client_certificate_is_for_its_host_alone(trusting: Trusting) -> None:
    found = by_origin("r.test", trusting("r.test", client=True))
    pairs = found.trust(at("r.test")).client_pairs
    assert pairs
    assert found.trust(at("r.test", 8443)).client_pairs == pairs
    assert found.trust(at("t.test")).client_pairs == ()


def test_so_is_one_that_the_user_named() -> None:
    found = by_origin("r.test", {}, client_pairs=(("a.crt", "a.key"),), ca_files=("ca.crt",))
    assert found.trust(at("r.test")).client_pairs == (("a.crt", "a.key"),)
    other = found.trust(at("t.test"))
    assert (other.ca_files, other.client_pairs) == (("ca.crt",), ())


def test_each_is_looked_for_once_and_said_once(trusting: Trusting) -> None:
    import os

    environ = trusting("r.test", "t.test", client=True)
    for host in ("r.test", "t.test"):
        os.chmod(os.path.join(environ["XDG_CONFIG_HOME"], "containers", "certs.d", host, "client.key"), 0o644)
    notes: list[str] = []
    found = by_origin("r.test", environ, notes)
    for origin in (at("r.test"), at("t.test")) * 2:
        found.trust(origin)
    assert [note.split("/")[-2] for note in notes] == ["r.test", "t.test"]
    assert found.trust(at("r.test")) is found.trust(at("r.test"))


def test_half_a_client_certificate(trusting: Trusting) -> None:
    import os

    environ = trusting("t.test", client=True)
    os.remove(os.path.join(environ["XDG_CONFIG_HOME"], "containers", "certs.d", "t.test", "client.key"))
    with pytest.raises(FileUnreadable):
        by_origin("r.test", environ).trust(at("t.test"))
