"""Docker Hub, as far as a login goes: a registry and a token server under its names, in a network of their own."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
import trustme

from dockpass.server import DOCKER_HUB
from dockpass.testing.registry import ScriptedRegistry
from real.apart import ADDRESS, Apart, apart
from real.clients import need_module
from real.daemon import docker_daemon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from real.home import Done, Home

USER, PASSWORD, WRONG = "alice", "hub-secret-5c1e", "not this one"
REGISTRY, TOKENS = "registry-1.docker.io", "auth.docker.io"
NAMES = ("docker.io", "index.docker.io", REGISTRY, "registry.hub.docker.com")
IMAGE = "docker.io/library/x:1.0"
STORES = {"vault": "age", "file": "file", "nothing configured": None}
CLIENTS = ("skopeo", "podman", "buildah", "docker")


class Hub(NamedTuple):
    """The scripted Docker Hub, and how to get there."""

    registry: ScriptedRegistry
    ca: str
    world: Apart


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    authority = trustme.CA()
    issued = authority.issue_cert(*NAMES, TOKENS)
    authority.cert_pem.write_to_path(str(folder / "ca.crt"))
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    registry = ScriptedRegistry(
        {USER: PASSWORD},
        auth="bearer",
        service="registry.docker.io",
        challenge=f'Bearer realm="https://{TOKENS}/token",service="registry.docker.io"',
        repository="library/x",
        tls=(str(folder / "server.pem"), str(folder / "server.pem")),
        host=ADDRESS,
        port=443,
    )
    with apart((*NAMES, TOKENS), folder) as world:
        world.call(registry.__enter__)
        try:
            yield Hub(registry, str(folder / "ca.crt"), world)
        finally:
            registry.__exit__(None, None, None)


@pytest.fixture(scope="module")
def daemon(hub: Hub) -> Iterator[str]:
    """A docker daemon that trusts this Docker Hub; the value is for ``DOCKER_HOST``."""
    with docker_daemon(under=hub.world.under, ca=hub.ca) as host:
        yield host


@pytest.fixture
def there(home: Home, hub: Hub) -> Home:
    """A home whose programs trust this Docker Hub, with docker-credential-dockpass on PATH."""
    folder = home.folder / "bin"
    done = home.dockpass("helper", "install", "dockpass", "--dir", str(folder))
    assert done.code == 0, done.stderr
    home.env["PATH"] = os.pathsep.join((str(folder), home.env["PATH"]))
    home.env["SSL_CERT_FILE"] = hub.ca
    home.under = hub.world.under
    hub.registry.requests.clear()
    return home


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
def store(request: pytest.FixtureRequest, there: Home) -> str | None:
    """What ``DOCKPASS_STORE`` says there; ``None``: it is not set."""
    named: str | None = request.param
    if named is not None:
        there.env["DOCKPASS_STORE"] = named
    return named


def _login(home: Home, *server: str, password: str = PASSWORD) -> Done:
    return home.dockpass("login", "-u", USER, "--password-stdin", *server, stdin=password)


def _use(home: Home, client: str, env: Mapping[str, str] | None = None) -> Done:
    storage = ("--root", f"{home.folder}/storage", "--runroot", f"{home.folder}/run/storage", "--storage-driver=vfs")
    commands = {
        "skopeo": ("skopeo", "inspect", f"docker://{IMAGE}"),
        "podman": ("podman", *storage, "--cgroup-manager=cgroupfs", "--events-backend=none", "pull", IMAGE),
        "buildah": ("buildah", *storage, "pull", "--policy=always", IMAGE),
        "docker": ("docker", "pull", IMAGE),
    }
    return home.run(*commands[client], env=env)


def _ask(home: Home, key: str) -> Done:
    return home.run(str(home.folder / "bin" / "docker-credential-dockpass"), "get", stdin=key)


def _refused(done: Done) -> bool:
    words = ("unauthorized", "authentication required", "invalid username/password", "401", "access denied")
    return done.code != 0 and any(word in done.stderr for word in words)


def _shown_to(hub: Hub) -> set[tuple[str | None, str]]:
    """Which hosts were shown the password, and for what."""
    return {(request.header("host"), request.path) for request in hub.registry.requests if request.basic is not None}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_login_is_used_until_the_logout(
    there: Home, hub: Hub, store: str | None, client: str, request: pytest.FixtureRequest
) -> None:
    env = {"DOCKER_HOST": str(request.getfixturevalue("daemon"))} if client == "docker" else {}
    assert _refused(_use(there, client, env))
    done = _login(there)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr
    # The registry itself is never shown the password.
    assert _shown_to(hub) == {(TOKENS, "/token")}
    used = _use(there, client, env)
    assert used.code == 0, used.stderr
    assert there.dockpass("logout").code == 0
    assert _refused(_use(there, client, env))


def test_dockers_key_and_podmans(there: Home) -> None:
    there.env["DOCKPASS_STORE"] = "age"
    assert _login(there).code == 0
    config = there.read_config()
    assert config["auths"] == {DOCKER_HUB: {}}
    assert config["credHelpers"] == {DOCKER_HUB: "dockpass", "docker.io": "dockpass"}
    for key in (DOCKER_HUB, "docker.io", *NAMES):
        done = _ask(there, key)
        assert done.code == 0, done.stdout
        assert json.loads(done.stdout) == {"ServerURL": key, "Username": USER, "Secret": PASSWORD}


def test_in_the_file_it_has_dockers_key(there: Home) -> None:
    there.env["DOCKPASS_STORE"] = "file"
    assert _login(there).code == 0
    assert there.passwords() == {DOCKER_HUB: PASSWORD}
    assert "credHelpers" not in there.read_config()


def test_what_the_modules_of_python_find(there: Home, store: str | None) -> None:
    for module in ("docker-py", "oras-py"):
        need_module(module)
    assert _login(there).code == 0
    program = """
import json, docker.auth, oras.client
found = docker.auth.load_config().resolve_authconfig("docker.io")
client = oras.client.OrasClient()
client.auth.load_configs(client.get_container("index.docker.io/library/x:1.0"))
print(json.dumps([{name.lower(): value for name, value in found.items()}, hasattr(client.auth, "_basic_auth")]))
"""
    done = there.run(sys.executable, "-c", program)
    assert done.code == 0, done.stderr
    found, oras_finds = json.loads(done.stdout)
    assert (found["username"], found["password"]) == (USER, PASSWORD)
    # oras-py asks by the host alone: credsStore leads it to the vault, but docker's key in the file does not match.
    if store is not None:
        assert oras_finds == (store == "age")


@pytest.mark.parametrize("name", [(), *((name,) for name in NAMES)], ids=["no name", *NAMES])
def test_the_wrong_password(there: Home, hub: Hub, name: tuple[str, ...]) -> None:
    done = _login(there, *name, password=WRONG)
    assert (done.code, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert WRONG not in done.stderr
    assert _shown_to(hub) == {(TOKENS, "/token")}
    assert there.read_config() == {}
    assert not list((there.folder / "home").rglob("*.age"))


@pytest.mark.parametrize("kept", ["age", "file"])
@pytest.mark.parametrize("name", NAMES)
def test_one_registry_under_each_of_its_names(there: Home, hub: Hub, name: str, kept: str) -> None:
    there.env["DOCKPASS_STORE"] = kept
    # In by one name, out by another.
    assert _login(there, NAMES[NAMES.index(name) - 1]).code == 0
    if kept == "age":
        assert _ask(there, "docker.io").code == 0
    done = there.dockpass("logout", name)
    assert done.code == 0, done.stderr
    assert there.read_config().get("auths", {}) == {}
    assert there.read_config().get("credHelpers", {}) == {}
    done = _ask(there, "docker.io")
    assert (done.code, done.stdout) == (1, "credentials not found in native keychain\n")
    assert _refused(_use(there, "skopeo"))
