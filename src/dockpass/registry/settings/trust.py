"""Which certificates are trusted and shown for a registry: those that the user names, and those in ``certs.d``.

The first folder that exists counts, and no other: docker's, then podman's, then containerd's.
"""

from __future__ import annotations

import os
import sys

from dockpass.display import clean
from dockpass.errors import FileUnreadable
from dockpass.http.trust import Trust
from dockpass.registry.settings import certs_d

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockpass.registry.network import Network


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


def check(network: Network) -> list[str]:
    """Read the files that the user names, before anything is asked or sent.

    Returns:
        What the user should hear of them, each one line.

    Raises:
        FileUnreadable: One of them is missing, or is not what it should be.

    """
    if not (network.ca_files or network.client_pairs or network.cert_dir):
        return []
    from dockpass.http.trust import context

    trust = _with(network, _named_folder(network.cert_dir) if network.cert_dir else Trust())
    context(Trust(trust.ca_files, trust.client_pairs, system=False))
    return _about_keys(trust, sys.platform)


def of_registry(
    network: Network, names: tuple[str, ...], environ: Mapping[str, str], *, root: str = "/"
) -> Certificates:
    """The certificates for the registry itself: those that the user names, and for the rest those that are found.

    What containerd has for every registry counts here, and for no token server: that is a host which the registry, not
    the user, has named.

    Args:
        network: What the user said. Its notes are those of :func:`check`, and are not repeated.
        names: As in :func:`find`.
        environ: As in :func:`find`.
        root: As in :func:`find`.

    Raises:
        FileUnreadable: As in :func:`check` and :func:`find`.

    """
    if network.cert_dir:
        return Certificates(network.cert_dir, _with(network, _named_folder(network.cert_dir)), [])
    found = find(names, environ, root=root)
    if names and not found.directory:
        default = certs_d.containerds_default(root)
        found = _first([default], names, root=root, platform=sys.platform, notes=found.notes)
    return Certificates(found.directory, _with(network, found.trust), found.notes)


def _with(network: Network, found: Trust) -> Trust:
    if not (network.ca_files or network.client_pairs):
        return found
    return Trust((*network.ca_files, *found.ca_files), network.client_pairs or found.client_pairs)


def _named_folder(directory: str) -> Trust:
    try:
        trust = certs_d.read(directory, sorted(os.listdir(directory)))
    except (OSError, ValueError) as error:
        words = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise FileUnreadable(
            f"the folder of certificates {clean(directory)} cannot be read: {words[:1].lower()}{words[1:]}",
            "name the folder in which the *.crt, *.cert and *.key files are",
            path=directory,
        ) from None
    if trust == Trust():
        raise FileUnreadable(
            f"the folder of certificates {clean(directory)} holds none",
            "name the folder in which the *.crt, *.cert and *.key files are",
            path=directory,
        )
    return trust


def find(
    names: tuple[str, ...],
    environ: Mapping[str, str],
    *,
    root: str = "/",
    platform: str = sys.platform,
    uid: int | None = None,
) -> Certificates:
    """The certificates for a host, where docker, podman and containerd have them.

    Args:
        names: How its folder may be called: ``host``, or ``host:port``, each known to be a host name or an IP literal.
        environ: The environment.
        root: The folder that stands for ``/``.
        platform: As ``sys.platform``.
        uid: The user's number; ``None`` for the one who asks.

    Raises:
        FileUnreadable: A certificate is there without its key, or a key without its certificate; or containerd's
            ``hosts.toml`` cannot be understood.

    """
    directories = certs_d.folders(names, environ, root=root, platform=platform, uid=uid)
    return _first(directories, names, root=root, platform=platform, notes=[])


def _first(
    directories: list[str], names: tuple[str, ...], *, root: str, platform: str, notes: list[str]
) -> Certificates:
    """What is in the first of these folders that is there and may be read."""
    for directory in directories:
        try:
            files = sorted(os.listdir(directory))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if os.path.isdir(directory):
                notes.append(f"{directory} cannot be read and is passed over: {error.strerror}")
            continue
        if "hosts.toml" in files and certs_d.is_containerds(directory, root):
            from dockpass.registry.settings import hosts_toml

            trust = hosts_toml.read(os.path.join(directory, "hosts.toml"), names, notes)
            if trust is None:
                continue
        else:
            trust = certs_d.read(directory, files)
        return Certificates(directory, trust, notes + _about_keys(trust, platform))
    return Certificates("", Trust(), notes)


def _about_keys(trust: Trust, platform: str) -> list[str]:
    """A line for each key that other users can read."""
    if platform == "win32":
        return []
    notes = []
    for _certificate, key in trust.client_pairs:
        try:
            mode = os.stat(key).st_mode
        except (OSError, ValueError):
            continue  # whoever loads it will say so
        if mode & 0o044:
            notes.append(f"{clean(key)} can be read by other users: chmod 600 it")
    return notes
