"""Log in to real registries; let real programs use the login; log out, and see them refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from real.clients import CLIENTS, refused, use
from real.home import DOCKPASS
from real.need import need_mounts

if TYPE_CHECKING:
    from real.home import Done, Home
    from real.registry import Registry

REGISTRIES = ("registry_htpasswd", "registry_tls", "registry_token", "registry_token_x5c")
WRONG = "not this one"


@pytest.fixture
def home(home: Home) -> Home:
    """A home whose logins go into config.json, where they can be looked at."""
    home.env["DOCKPASS_STORE"] = "file"
    return home


@pytest.fixture(params=REGISTRIES)
def registry(request: pytest.FixtureRequest, home: Home) -> Registry:
    """Each of them in turn, with its authority trusted in the home."""
    found: Registry = request.getfixturevalue(request.param)
    if found.ca:
        home.env["SSL_CERT_FILE"] = found.ca
    return found


def _fails(done: Done, registry: Registry, *words: str) -> None:
    """It says that it failed, where and why, and nothing else."""
    assert done.code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    for word in (registry.address, *words):
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_the_right_password(home: Home, registry: Registry) -> None:
    done = home.login(registry)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n")
    assert registry.password not in done.stderr
    assert list(home.read_config()["auths"]) == [registry.address]


def test_an_identity_token_is_kept_in_place_of_the_password(home: Home, registry_token: Registry) -> None:
    home.env["SSL_CERT_FILE"] = registry_token.ca
    assert home.login(registry_token).code == 0
    entry = home.read_config()["auths"][registry_token.address]
    assert registry_token.tokens is not None
    assert registry_token.tokens.refresh_token_user(entry["identitytoken"]) == registry_token.user
    assert registry_token.password not in home.passwords().values()


def test_the_wrong_password(home: Home, registry: Registry) -> None:
    done = home.login(registry, password=WRONG)
    _fails(done, registry)
    assert WRONG not in done.stderr
    assert "auths" not in home.read_config()


def test_the_wrong_password_leaves_the_login_that_was_there(home: Home, registry: Registry) -> None:
    assert home.login(registry).code == 0
    before = home.config.read_bytes()
    _fails(home.login(registry, password=WRONG), registry)
    assert home.config.read_bytes() == before


def test_whether_it_lets_in_anybody_is_found_out(
    home: Home, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:  # case 158
    said = f"{registry.address} lets in anybody, so the password may not have been checked\n"
    done = home.login(registry, "--verify")
    assert (done.code, done.stdout) == (0, "Login Succeeded\n")
    assert said not in done.stderr
    if registry.tokens is not None:
        monkeypatch.setattr(registry.tokens, "anonymous", True)
        assert said in home.login(registry, "--verify").stderr
        assert said not in home.login(registry).stderr


def test_again_with_what_is_kept(home: Home, registry: Registry) -> None:
    assert home.login(registry).code == 0
    done = home.dockpass("login", registry.address)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n")


def test_what_is_kept_but_no_longer_right(home: Home, registry: Registry) -> None:
    home.write_login(registry.address, registry.user, WRONG)
    done = home.dockpass("login", registry.address)
    assert (done.code, done.stdout) == (1, "")
    assert registry.address in done.stderr
    assert WRONG not in done.stderr


@pytest.mark.parametrize("client", CLIENTS)
def test_the_login_is_used_until_the_logout(
    home: Home, registry: Registry, client: str, request: pytest.FixtureRequest
) -> None:
    docker_host = request.getfixturevalue("docker_host") if client == "docker" else ""
    assert refused(client, use(client, home, registry, docker_host), registry)
    assert home.login(registry).code == 0
    used = use(client, home, registry, docker_host)
    assert used.code == 0, used.stderr
    done = home.dockpass("logout", registry.address)
    assert (done.code, done.stdout) == (0, f"Removing login credentials for {registry.address}\n")
    assert registry.address not in home.read_config().get("auths", {})
    assert refused(client, use(client, home, registry, docker_host), registry)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_wrong_login_is_refused_to_clients_too(
    home: Home, registry: Registry, client: str, request: pytest.FixtureRequest
) -> None:
    # Otherwise a registry that lets everybody in would make the test above worth nothing.
    docker_host = request.getfixturevalue("docker_host") if client == "docker" else ""
    home.write_login(registry.address, registry.user, WRONG)
    assert refused(client, use(client, home, registry, docker_host), registry)
    home.write_login(registry.address, registry.user, registry.password)
    used = use(client, home, registry, docker_host)
    assert used.code == 0, used.stderr


@pytest.mark.parametrize("name", ["registry_tls", "registry_token"])
def test_an_unknown_authority(home: Home, name: str, request: pytest.FixtureRequest) -> None:
    registry: Registry = request.getfixturevalue(name)
    done = home.login(registry)
    _fails(done, registry, "certs.d")
    assert registry.password not in done.stderr
    assert home.read_config() == {}


@pytest.mark.parametrize("name", ["registry_tls", "registry_token"])
def test_the_authority_from_dockers_certs_d(home: Home, name: str, request: pytest.FixtureRequest) -> None:
    registry: Registry = request.getfixturevalue(name)
    # In a mount namespace: nothing is written to the machine's own folder.
    script = 'mount -t tmpfs tmpfs /etc/docker; mkdir -p "$1"; cp "$2" "$1/ca.crt"; shift 2; exec "$@"'
    folder = f"/etc/docker/certs.d/{registry.address}"
    within = (need_mounts("put a certificate under /etc/docker"), "--mount", "sh", "-ec", script, "sh", folder)
    command = (*DOCKPASS, "login", "-u", registry.user, "--password-stdin", registry.address)
    done = home.run(*within, registry.ca, *command, stdin=registry.password)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr


@pytest.mark.parametrize("name", ["registry_tls", "registry_token"])
def test_the_authority_from_podmans_certs_d(home: Home, name: str, request: pytest.FixtureRequest) -> None:
    registry: Registry = request.getfixturevalue(name)
    folder = home.folder / "home" / ".config" / "containers" / "certs.d" / registry.address
    folder.mkdir(parents=True)
    os.symlink(registry.ca, folder / "ca.crt")
    done = home.login(registry)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr


def test_a_registry_that_stopped(home: Home, registry_htpasswd: Registry) -> None:
    # Nobody listens on port 1.
    done = home.dockpass("login", "-u", "alice", "--password-stdin", "127.0.0.1:1", stdin="secret")
    assert (done.code, done.stdout) == (1, "")
    assert "127.0.0.1:1" in done.stderr
    assert home.read_config() == {}


def test_logging_out_without_a_login(home: Home, registry_htpasswd: Registry) -> None:
    done = home.dockpass("logout", registry_htpasswd.address)
    assert (done.code, done.stdout) == (0, f"Removing login credentials for {registry_htpasswd.address}\n")


@pytest.mark.parametrize("client", CLIENTS)
def test_where_docker_config_says(
    home: Home, registry_htpasswd: Registry, client: str, request: pytest.FixtureRequest
) -> None:
    docker_host = request.getfixturevalue("docker_host") if client == "docker" else ""
    home.env["DOCKER_CONFIG"] = str(home.folder / "elsewhere")
    assert home.login(registry_htpasswd).code == 0
    assert not home.config.exists()
    used = use(client, home, registry_htpasswd, docker_host)
    assert used.code == 0, used.stderr
    assert home.dockpass("logout", registry_htpasswd.address).code == 0
    assert refused(client, use(client, home, registry_htpasswd, docker_host), registry_htpasswd)
