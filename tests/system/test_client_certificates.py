"""Registries that want a client certificate, as docker, podman, skopeo and dockpass meet them.

All four find the same files, in /etc/docker/certs.d. The registry has a name and an address that is no loopback, in a
network of its own: docker looks at no certificates for the loopback, neither at the registry's nor at its own.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from real.apart import ADDRESS, apart
from real.authority import Authority
from real.daemon import docker_daemon
from real.home import DOCKPASS
from real.nginx import nginx
from real.registry import PASSWORD, USER, empty_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from real.apart import Apart
    from real.home import Done, Home

NAME = "registry.test"
NGINX, DISTRIBUTION = f"{NAME}:5443", f"{NAME}:5444"
CLIENTS = ("dockpass", "podman", "skopeo", "docker")


class Place:
    """Where the registries are.

    Attributes:
        inside: Their network.
        authority: Whose certificates they have, and want.
        certs_d: A folder as /etc/docker/certs.d: with the authority and a client's certificate for each registry.
        poor: The same without the client's certificates.
        log: What nginx saw.

    """

    def __init__(self, folder: Path, inside: Apart, authority: Authority, log: Path) -> None:
        self.inside = inside
        self.authority = authority
        self.log = log
        self.certs_d, self.poor = folder / "certs.d", folder / "poor"
        for registry in (NGINX, DISTRIBUTION):
            for top in (self.certs_d, self.poor):
                (top / registry).mkdir(parents=True)
                shutil.copy(authority.path, top / registry / "ca.crt")
            authority.client(self.certs_d / registry)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    authority = Authority(folder, NAME)
    with (
        apart([NAME], folder) as inside,
        empty_registry(folder / "behind", "127.0.0.1:5000", under=inside.under),
        nginx(folder / "nginx", f"{ADDRESS}:5443", "127.0.0.1:5000", authority, under=inside.under) as log,
        empty_registry(folder / "registry", f"{ADDRESS}:5444", authority, under=inside.under, client_certificates=True),
    ):
        yield Place(folder, inside, authority, log)


@pytest.fixture
def home(home: Home, place: Place) -> Home:
    home.under = place.inside.under
    home.env["DOCKPASS_STORE"] = "file"
    return home


# Nothing is written to the machine's own folder: each program gets mounts of its own.
_WITH = 'mount -t tmpfs tmpfs /etc/docker; cp -R "$1" /etc/docker/certs.d; shift; exec "$@"'


def log_in(client: str, home: Home, certs_d: Path, registry: str) -> Done:
    storage = ("--root", f"{home.folder}/storage", "--runroot", f"{home.folder}/run/storage", "--storage-driver=vfs")
    programs: dict[str, tuple[str, ...]] = {
        "dockpass": DOCKPASS,
        "podman": ("podman", *storage, "--cgroup-manager=cgroupfs", "--events-backend=none"),
        "skopeo": ("skopeo",),
        "docker": ("docker",),
    }
    command = (*programs[client], "login", "-u", USER, "--password-stdin", registry)
    if client != "docker":
        within = ("unshare", "--mount", "sh", "-ec", _WITH, "sh", str(certs_d))
        return home.run(*within, *command, stdin=PASSWORD)
    # With a login in the file docker looks for no helper to keep the next one.
    home.write_login("other.test", "nobody", "secret")
    with docker_daemon(under=home.under, certs_d=str(certs_d)) as host:
        return home.run(*command, stdin=PASSWORD, env={"DOCKER_HOST": host})


@pytest.mark.parametrize("registry", [NGINX, DISTRIBUTION], ids=["nginx", "distribution"])
@pytest.mark.parametrize("client", CLIENTS)
def test_with_the_certificate(home: Home, place: Place, client: str, registry: str) -> None:
    done = log_in(client, home, place.certs_d, registry)
    assert done.code == 0, done.stderr
    assert "Login Succeeded" in done.stdout


@pytest.mark.parametrize("registry", [NGINX, DISTRIBUTION], ids=["nginx", "distribution"])
@pytest.mark.parametrize("client", CLIENTS)
def test_without_it(home: Home, place: Place, client: str, registry: str) -> None:
    done = log_in(client, home, place.poor, registry)
    assert done.code != 0, done.stdout
    assert "Succeeded" not in done.stdout
    if client == "dockpass":
        assert f"{registry} wants a client certificate" in done.stderr
        assert f"/etc/docker/certs.d/{registry}/client.cert and client.key" in done.stderr
        assert "--cert and --key" in done.stderr


@pytest.mark.parametrize("registry", [NGINX, DISTRIBUTION], ids=["nginx", "distribution"])
def test_with_that_of_another_authority(home: Home, place: Place, registry: str, tmp_path: Path) -> None:
    (tmp_path / "certs").mkdir()
    Authority(tmp_path).client(tmp_path / "certs")
    shutil.copy(place.authority.path, tmp_path / "certs" / "ca.crt")
    words = ("login", "-u", USER, "--password-stdin", "--cert-dir", str(tmp_path / "certs"), registry)
    done = home.dockpass(*words, stdin=PASSWORD)
    assert done.code == 1
    assert f"{registry} refuses the client certificate" in done.stderr


@pytest.mark.parametrize("registry", [NGINX, DISTRIBUTION], ids=["nginx", "distribution"])
def test_with_options(home: Home, place: Place, registry: str) -> None:
    folder = place.certs_d / registry
    files = ("--cacert", str(folder / "ca.crt"), "--cert", str(folder / "client.cert"))
    words = ("login", "-u", USER, "--password-stdin", *files, "--key", str(folder / "client.key"), registry)
    done = home.dockpass(*words, stdin=PASSWORD)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr
    if registry == NGINX:
        assert ' 200 SUCCESS "dockpass/' in place.log.read_text("utf-8").splitlines()[-1]


def test_plain_http_on_a_port_for_tls(home: Home, place: Place) -> None:
    for registry in (NGINX, DISTRIBUTION):
        done = home.dockpass("login", "-u", USER, "--password-stdin", "--plain-http", registry, stdin=PASSWORD)
        assert done.code == 1
        assert f"{registry} speaks TLS, not plain HTTP" in done.stderr
