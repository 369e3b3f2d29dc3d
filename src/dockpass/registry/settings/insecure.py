"""Whether podman's ``registries.conf`` calls a registry insecure, and what that allows here.

For podman the word means two things: certificates are not checked, and plain HTTP follows upon any failure of HTTPS.
Here it means less. Plain HTTP is spoken if the registry, asked once by HTTPS, did not answer in TLS: refused, closed,
or plain HTTP on the port. Where it did, its certificate is checked as any other, and there is no plain HTTP. Only an
entry with the registry's literal name counts: no pattern, no address, nothing that is resolved.

The files are read only where HTTPS has failed.

Reference: https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import FileUnreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockpass.server import Server


def instead(
    server: Server,
    environ: Mapping[str, str],
    note: Callable[[str], None],
    *,
    heard_tls: bool,
    root: str = "/",
) -> Server | None:
    """The same registry with consent to plain HTTP, after a first request by HTTPS that got no answer.

    Args:
        server: The registry.
        environ: The environment, which says where the files are.
        note: Called with what the user should hear, one line each.
        heard_tls: Whether the other side said anything in TLS, an alert included. Then there is no plain HTTP.
        root: The folder that stands for ``/``.

    Returns:
        ``None`` if there is no consent.

    """
    if server.is_docker_hub or server.is_loopback or server.plain_http:
        return None
    path = named_by(server, environ, note, root=root)
    if not path:
        return None
    if heard_tls:
        note(
            f"{path} calls {server.name} insecure: dockpass checks its certificate all the same, for it does speak TLS"
        )
        return None
    note(
        f"{server.name} does not speak TLS, and {path} calls it insecure: so plain HTTP is spoken, which anybody on "
        "the way can read (where there is TLS, certificates are checked all the same)"
    )
    return type(server).parse(server.typed, plain_http=True)


def named_by(server: Server, environ: Mapping[str, str], note: Callable[[str], None], *, root: str = "/") -> str:
    """The path of the file that calls the registry insecure, ``""`` if none does. Of two entries the last counts."""
    names = {server.key.lower(), server.origin("https").netloc}
    found = ""
    for path in files(environ, root=root):
        for entry in _entries(path, note):
            said = _insecure(entry, names)
            if said is not None:
                found = clean(path) if said else ""
    return found


def files(environ: Mapping[str, str], *, root: str = "/") -> list[str]:
    """The files that podman reads, in its order: the user's own or the system's, and what lies in their folders."""
    home = environ.get("HOME") or os.path.expanduser("~")
    own = os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "containers")
    system = os.path.join(root, "etc", "containers")
    named = environ.get("CONTAINERS_REGISTRIES_CONF")
    if named:
        found = [named, *_folder(system), *_folder(own)]
    elif os.path.exists(os.path.join(own, "registries.conf")):
        found = [os.path.join(own, "registries.conf"), *_folder(own)]
    else:
        found = [os.path.join(system, "registries.conf"), *_folder(system), *_folder(own)]
    return found


def _folder(above: str) -> list[str]:
    folder = os.path.join(above, "registries.conf.d")
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name.endswith(".conf")]


def _entries(path: str, note: Callable[[str], None]) -> list[Mapping[str, object]]:
    """The ``[[registry]]`` tables of a file; none of one that cannot be read or understood, which is said."""
    from dockpass.registry.settings import toml

    try:
        table = toml.read(path)
    except toml.Passed as passed:
        note(str(passed))
        return []
    except FileUnreadable as error:
        note(f"{error.message}; it is passed over")
        return []
    entries = table.get("registry") if table is not None else None
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _insecure(entry: Mapping[str, object], names: set[str]) -> bool | None:
    """What an entry says of the registry, ``None`` if it is about another.

    Where it has a prefix and another location, what is insecure is the location.
    """
    location = entry.get("location", "")
    prefix = entry.get("prefix", "") or location
    if not isinstance(prefix, str) or not isinstance(location, str) or prefix.lower() not in names:
        return None
    if location and location.partition("/")[0].lower() not in names:
        return None
    return entry.get("insecure") is True
