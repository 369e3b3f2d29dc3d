"""Which certificates are trusted and shown for a registry: the folders that docker and podman read.

``certs.d/HOST[:PORT]/`` holds ``*.crt``, authorities trusted besides the system's, and pairs ``NAME.cert`` and
``NAME.key``, certificates to show. The first folder that exists counts, and no other: docker's place, then podman's.

Reference: https://docs.docker.com/engine/security/certificates/ and
https://github.com/containers/image/blob/main/docs/containers-certs.d.5.md
"""

from __future__ import annotations

import os
import sys

from dockpass.errors import FileUnreadable
from dockpass.http.tls import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Certificates:
    """What was found for one host.

    Attributes:
        directory: The folder, ``""`` if there is none.
        trust: What is in it.
        notes: What the user should hear, each one line.

    """

    __slots__ = ("directory", "notes", "trust")

    def __init__(self, directory: str, trust: Trust, notes: list[str]) -> None:
        self.directory = directory
        self.trust = trust
        self.notes = notes


def find(
    names: tuple[str, ...],
    environ: Mapping[str, str],
    *,
    root: str = "/",
    platform: str = sys.platform,
    uid: int | None = None,
) -> Certificates:
    """The certificates for a host.

    Args:
        names: How its folder may be called: ``host``, or ``host:port``, each known to be a host name or an IP literal.
        environ: The environment.
        root: The folder that stands for ``/``.
        platform: As ``sys.platform``.
        uid: The user's number; ``None`` for the one who asks.

    Raises:
        FileUnreadable: A certificate is there without its key, or a key without its certificate.

    """
    notes: list[str] = []
    for place in places(environ, root=root, platform=platform, uid=uid):
        for name in names:
            directory = os.path.join(place, name.replace(":", "") if platform == "win32" else name)
            try:
                files = sorted(os.listdir(directory))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                if os.path.isdir(directory):
                    notes.append(f"{directory} cannot be read and is passed over: {error.strerror}")
                continue
            trust = _trust(directory, files)
            if platform != "win32":
                notes += [f"{key} can be read by other users: chmod 600 it" for key in _open_keys(trust)]
            return Certificates(directory, trust, notes)
    return Certificates("", Trust(), notes)


def places(environ: Mapping[str, str], *, root: str, platform: str, uid: int | None) -> list[str]:
    """The ``certs.d`` folders to look into, in order."""
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


def _trust(directory: str, files: list[str]) -> Trust:
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


def _open_keys(trust: Trust) -> list[str]:
    open_keys = []
    for _certificate, key in trust.client_pairs:
        try:
            mode = os.stat(key).st_mode
        except OSError:
            continue  # whoever loads it will say so
        if mode & 0o044:
            open_keys.append(key)
    return open_keys
