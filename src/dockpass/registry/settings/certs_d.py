"""The folders of certificates that docker, podman and containerd read, by host: ``certs.d/HOST[:PORT]/``.

They hold ``*.crt``, authorities trusted besides the system's, and pairs ``NAME.cert`` and ``NAME.key``, certificates to
show. In containerd's a file ``hosts.toml`` may stand for all that: :mod:`~dockpass.registry.settings.hosts_toml`.

Reference: https://docs.docker.com/engine/security/certificates/,
https://github.com/containers/image/blob/main/docs/containers-certs.d.5.md and
https://github.com/containerd/containerd/blob/main/docs/hosts.md
"""

from __future__ import annotations

import os

from dockpass.errors import FileUnreadable
from dockpass.http.trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTAINERD = ("etc", "containerd", "certs.d")


def folders(
    names: tuple[str, ...], environ: Mapping[str, str], *, root: str, platform: str, uid: int | None
) -> list[str]:
    """The folders that a host may have, in order: of docker and podman by its name, of containerd by other forms, too.

    Reference: https://github.com/containerd/containerd/blob/main/docs/hosts.md
    """
    if platform == "win32":
        names = tuple(name.replace(":", "") for name in names)
    found = [
        os.path.join(place, name) for place in places(environ, root=root, platform=platform, uid=uid) for name in names
    ]
    if platform != "win32":
        containerd = os.path.join(root, *_CONTAINERD)
        for name in names:
            host, colon, port = name.rpartition(":")
            if colon and port.isdecimal():
                found.append(os.path.join(containerd, f"{host}_{port}_"))
            found.append(os.path.join(containerd, name))
    return found


def is_containerds(directory: str, root: str) -> bool:
    """Whether a folder is one of containerd's, where ``hosts.toml`` counts."""
    return os.path.dirname(directory) == os.path.join(root, *_CONTAINERD)


def containerds_default(root: str) -> str:
    """The folder that containerd reads for a registry that has none of its own."""
    return os.path.join(root, *_CONTAINERD, "_default")


def places(environ: Mapping[str, str], *, root: str, platform: str, uid: int | None) -> list[str]:
    """The ``certs.d`` folders of docker and podman, in order."""
    if platform == "win32":
        data = environ.get("PROGRAMDATA")
        return [os.path.join(data, "docker", "certs.d")] if data else []
    home = environ.get("HOME") or os.path.expanduser("~")
    own = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    system = os.path.join(root, "etc", "docker", "certs.d")
    docker = os.path.join(own, "docker", "certs.d") if environ.get("ROOTLESSKIT_STATE_DIR") else system
    user = os.geteuid() if uid is None else uid
    kinds = ["certs.rootful.d"] if user == 0 else [os.path.join("certs.rootless.d", str(user)), "certs.rootless.d"]
    podman = [
        os.path.join(root, above, "containers", kind)
        for above in ("etc", os.path.join("usr", "share"))
        for kind in (*kinds, "certs.d")
    ]
    return list(dict.fromkeys([docker, os.path.join(own, "containers", "certs.d"), *podman, system]))


def read(directory: str, files: list[str]) -> Trust:
    """The certificates in a folder, whose files are these.

    Raises:
        FileUnreadable: A certificate is there without its key, or a key without its certificate.

    """
    authorities = []
    pairs = []
    for name in files:
        stem, extension = os.path.splitext(name)
        if extension == ".crt":
            authorities.append(os.path.join(directory, name))
        elif extension == ".cert":
            if f"{stem}.key" not in files:
                raise _half(directory, f"{stem}.key", f"the key of the client certificate {name}")
            pairs.append((os.path.join(directory, name), os.path.join(directory, f"{stem}.key")))
        elif extension == ".key" and f"{stem}.cert" not in files:
            raise _half(directory, f"{stem}.cert", f"the client certificate of the key {name}")
    return Trust(tuple(authorities), tuple(pairs))


def _half(directory: str, missing: str, what: str) -> FileUnreadable:
    path = os.path.join(directory, missing)
    return FileUnreadable(
        f"{path} is missing: {what} beside it",
        "put it there, or take the other away; the certificate of an authority ends in .crt",
        path=path,
    )
