"""The programs that use a login: each pulls, or asks for, the image of a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from real.home import Done, Home
    from real.registry import Registry

CLIENTS = ("skopeo", "podman", "buildah", "docker")


def use(client: str, home: Home, registry: Registry, docker_host: str = "") -> Done:
    """Let ``client`` get the registry's image, or what it can tell of it, with whatever login it finds in ``home``.

    Args:
        client: One of :data:`CLIENTS`.
        home: Where it runs, and keeps what it pulls.
        registry: Its authority is trusted; plain HTTP is allowed where it speaks that.
        docker_host: The daemon, for docker.

    """
    env = {"SSL_CERT_FILE": registry.ca} if registry.ca else {}
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


def refused(client: str, done: Done, registry: Registry) -> bool:
    """Whether a client failed because the registry did not let it in, and for no other reason."""
    words = ["unauthorized", "no basic auth credentials", "authentication required", "invalid username/password"]
    if client == "docker" and registry.ca and registry.tokens is None:
        # For the loopback dockerd follows a refusal by Basic over HTTPS with a try over plain HTTP, and tells of that
        # alone. Over HTTPS it would have got in.
        words += ["connection reset by peer", "malformed HTTP response", "HTTP request to an HTTPS server", "EOF"]
    return done.code != 0 and any(word in done.stderr for word in words)
