"""A login with dockpass, and every client that people use finds it without further set-up; after the logout none does.

docker-credential-dockpass is on the clients' PATH as ``dockpass helper install`` puts it there. What each client reads,
and what it cannot do, is told in docs/how-to/use-with-other-tools.md.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from real.clients import CLIENTS, MODULES, NEEDS_DAEMON, need_module, refused, use

if TYPE_CHECKING:
    from real.home import Home
    from real.registry import Registry

STORES = {"vault": "age", "file": "file", "nothing configured": None}
EVERY = (*CLIENTS, *MODULES)

each_client = pytest.mark.parametrize("client", EVERY)


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
def store(request: pytest.FixtureRequest, home: Home) -> str | None:
    """What ``DOCKPASS_STORE`` says in the home; ``None``: it is not set."""
    named: str | None = request.param
    if named is not None:
        home.env["DOCKPASS_STORE"] = named
    return named


@pytest.fixture
def installed(home: Home) -> str:
    """The path of docker-credential-dockpass, where every client finds it."""
    folder = home.folder / "bin"
    done = home.dockpass("helper", "install", "dockpass", "--dir", str(folder))
    assert done.code == 0, done.stderr
    home.env["PATH"] = os.pathsep.join((str(folder), home.env["PATH"]))
    return str(folder / "docker-credential-dockpass")


def _daemon(request: pytest.FixtureRequest, client: str) -> str:
    return str(request.getfixturevalue("docker_host")) if client in NEEDS_DAEMON else ""


def _secrets(home: Home) -> list[str]:
    """What config.json has of secrets."""
    entries = home.read_config().get("auths", {}).values()
    return [entry[name] for entry in entries for name in ("auth", "identitytoken") if entry.get(name)]


@each_client
def test_it_finds_the_login_until_the_logout(
    home: Home,
    installed: str,
    store: str | None,
    client: str,
    registry_htpasswd: Registry,
    request: pytest.FixtureRequest,
) -> None:
    docker_host = _daemon(request, client)
    done = home.login(registry_htpasswd)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr
    if store is not None:
        assert bool(_secrets(home)) == (store == "file")
    used = use(client, home, registry_htpasswd, docker_host)
    assert used.code == 0, used.stderr
    done = home.dockpass("logout", registry_htpasswd.address)
    assert done.code == 0, done.stderr
    assert refused(client, use(client, home, registry_htpasswd, docker_host), registry_htpasswd)
    # Nothing is left that a client would stumble over, either.
    config = home.read_config()
    assert registry_htpasswd.address not in config.get("auths", {})
    assert registry_htpasswd.address not in config.get("credHelpers", {})


@each_client
def test_a_login_that_is_an_identity_token(
    home: Home, installed: str, client: str, registry_token: Registry, request: pytest.FixtureRequest
) -> None:
    home.env |= {"SSL_CERT_FILE": registry_token.ca, "DOCKPASS_STORE": "age"}
    docker_host = _daemon(request, client)
    done = home.login(registry_token)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr
    used = use(client, home, registry_token, docker_host)
    if client == "oras-py":
        # It knows no identity tokens: it takes the mark for a user name, and the token for a password.
        assert used.code != 0
        assert "This endpoint requires a token" in used.stderr
        return
    assert used.code == 0, used.stderr
    assert home.dockpass("logout", registry_token.address).code == 0
    assert refused(client, use(client, home, registry_token, docker_host), registry_token)


@pytest.mark.parametrize("client", MODULES)
def test_where_docker_config_says(
    home: Home, installed: str, client: str, registry_htpasswd: Registry, request: pytest.FixtureRequest
) -> None:
    home.env |= {"DOCKER_CONFIG": str(home.folder / "elsewhere"), "DOCKPASS_STORE": "age"}
    docker_host = _daemon(request, client)
    assert home.login(registry_htpasswd).code == 0
    used = use(client, home, registry_htpasswd, docker_host)
    if client == "oras-py":
        # It looks into ~/.docker/config.json alone.
        assert refused(client, used, registry_htpasswd)
        return
    assert used.code == 0, used.stderr


LOOK_UP = """
import json, sys
import docker
client = docker.APIClient(base_url="unix:///nowhere.sock", version="1.41")  # asks no daemon for anything
found = client._auth_configs.resolve_authconfig(sys.argv[1])
every = client._auth_configs.get_all_credentials()
print(json.dumps([found, every[sys.argv[1]]]))
"""


def test_what_docker_py_finds(home: Home, installed: str, store: str | None, registry_htpasswd: Registry) -> None:
    need_module("docker-py")
    assert home.login(registry_htpasswd).code == 0
    done = home.run(sys.executable, "-c", LOOK_UP, registry_htpasswd.address)
    assert done.code == 0, done.stderr
    # A pull looks for one registry, a build takes along what there is for all.
    for found in json.loads(done.stdout):
        fields = {name.lower(): value for name, value in found.items()}
        assert fields["username"] == registry_htpasswd.user
        assert fields["password"] == registry_htpasswd.password
        assert fields["serveraddress"] == registry_htpasswd.address
