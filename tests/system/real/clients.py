"""The programs that use a login: each pulls, or asks for, the image of a registry."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from dockpass.testing.image import tiny_image
from real.need import without

if TYPE_CHECKING:
    from real.home import Done, Home
    from real.registry import Registry

CLIENTS = ("skopeo", "podman", "buildah", "docker")

MODULES = {"docker-py": "docker", "oras-py": "oras", "python-on-whales": "python_on_whales"}
"""Clients that are modules of Python, and how they are imported."""

NEEDS_DAEMON = ("docker", "docker-py", "python-on-whales")

# Each is given the reference of an image, and finds the login by itself.
_PROGRAMS = {
    "docker-py": """
import docker
print(docker.from_env().images.pull(sys.argv[1]).id)
""",
    # Which way the registry asks must be said to it, and what kind of manifest is wanted; the login it finds. It tries a
    # refused request five times, longer and longer apart.
    "oras-py": """
import time
import oras.client
time.sleep = lambda seconds: None
image, ca, kind, media_type = sys.argv[1:]
client = oras.client.OrasClient(insecure=not ca, tls_verify=ca or True, auth_backend=kind)
client.auth.load_configs(client.get_container(image))
if kind == "basic" and not hasattr(client.auth, "_basic_auth"):
    sys.exit("oras-py finds no login: unauthorized")
print(client.get_manifest(image, [media_type])["config"]["digest"])
""",
    "python-on-whales": """
import python_on_whales
print(python_on_whales.docker.pull(sys.argv[1], quiet=True).id)
""",
}


def need_module(client: str) -> None:
    """Skip the test, or fail it, where this one of :data:`MODULES` is not installed; see :func:`real.need.need`."""
    if importlib.util.find_spec(MODULES[client]) is None:
        without(f"{client} is not installed")


def use(client: str, home: Home, registry: Registry, docker_host: str = "") -> Done:
    """Let ``client`` get the registry's image, or what it can tell of it, with whatever login it finds in ``home``.

    Args:
        client: One of :data:`CLIENTS` or :data:`MODULES`.
        home: Where it runs, and keeps what it pulls.
        registry: Its authority is trusted; plain HTTP is allowed where it speaks that.
        docker_host: The daemon, for those that need one (:data:`NEEDS_DAEMON`).

    """
    env = {"SSL_CERT_FILE": registry.ca} if registry.ca else {}
    if client in MODULES:
        return _use_module(client, home, registry, {**env, "DOCKER_HOST": docker_host})
    plain = () if registry.ca else ("--tls-verify=false",)
    # Their own storage, in the one way that needs nothing from the kernel.
    storage = ("--root", f"{home.folder}/storage", "--runroot", f"{home.folder}/run/storage", "--storage-driver=vfs")
    commands = {
        "skopeo": ("skopeo", "inspect", *plain, f"docker://{registry.image}"),
        "podman": (
            *("podman", *storage, "--cgroup-manager=cgroupfs", "--events-backend=none"),
            *("pull", *plain, registry.image),
        ),
        "buildah": ("buildah", *storage, "pull", "--policy=always", *plain, registry.image),
        # The daemon takes the loopback for insecure: it neither needs plain HTTP allowed nor looks at certificates.
        "docker": ("docker", "--host", docker_host, "pull", registry.image),
    }
    return home.run(*commands[client], env=env)


def _use_module(client: str, home: Home, registry: Registry, env: dict[str, str]) -> Done:
    need_module(client)
    arguments = [registry.image]
    if client == "oras-py":
        arguments += [registry.ca, "basic" if registry.tokens is None else "token", tiny_image().media_type]
    return home.run(sys.executable, "-c", "import sys" + _PROGRAMS[client], *arguments, env=env)


def refused(client: str, done: Done, registry: Registry) -> bool:
    """Whether a client failed because the registry did not let it in, and for no other reason."""
    words = ["unauthorized", "no basic auth credentials", "authentication required", "invalid username/password"]
    if client in NEEDS_DAEMON and registry.ca and registry.tokens is None:
        # For the loopback dockerd follows a refusal by Basic over HTTPS with a try over plain HTTP, and tells of that
        # alone. Over HTTPS it would have got in.
        words += ["connection reset by peer", "malformed HTTP response", "HTTP request to an HTTPS server", "EOF"]
    return done.code != 0 and any(word in done.stderr for word in words)
