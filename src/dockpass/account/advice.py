"""What to tell after a login into the vault: what keeps docker or podman from using it, and what is not in it.

Nothing here fails: the login is kept, whatever else there is.

Reference: https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
"""

from __future__ import annotations

import os

from dockpass.account.installed import MODULES, is_broken
from dockpass.config import document
from dockpass.display import clean, quoted
from dockpass.errors import DockpassError
from dockpass.files.read import read
from dockpass.stores import route
from dockpass.stores.lead import OWN, PODMANS_HUB, plain_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockpass.server import Server
    from dockpass.stores.route import Chosen


def advice(server: Server, directory: str, helper: str | None, environ: Mapping[str, str] | None = None) -> list[str]:
    """One line for each thing to be done, and for a launcher that was mended.

    Args:
        server: The registry that was logged in to.
        directory: The folder of config.json.
        helper: Where docker finds our helper; ``None`` if nowhere.
        environ: The environment; ``None`` for that of this process.

    """
    environ = os.environ if environ is None else environ
    if helper is None:
        return [unfound(OWN)]
    notes = [_launcher(helper, environ), _plain(directory), _podmans(server, environ)]
    return [note for note in notes if note]


def hidden(server: Server, current: document.Document, chosen: Chosen) -> list[str]:
    """What to tell of a login in another store of ours, of whose kind docker finds no helper.

    Args:
        server: The registry that was logged in to.
        current: config.json, as it was before.
        chosen: The store.

    """
    notes = [unfound(chosen.store.name)]
    if chosen.by == "--store" and not _is_found_again(server, current, chosen.store.name):
        notes.append(only_by_name(chosen.store.name))
    return notes


def _is_found_again(server: Server, current: document.Document, name: str) -> bool:
    """Whether the store of this name serves the registry, too, where ``--store`` does not name it."""
    try:
        return route.choose(current, server.key).name == name
    except DockpassError:
        return False  # what is named for the next time cannot be used


def unfound(name: str) -> str:
    """What to tell of a login in a store of ours whose program is not on PATH."""
    missing = f"docker-credential-{clean(name, 64)} is not on PATH, so docker and podman do not find this login"
    if name in MODULES:
        return f"{missing}: dockpass helper install {name}"
    return f"{missing}; keep it where they can: dockpass login --store age SERVER"


def only_by_name(name: str) -> str:
    """What to tell of a login in a store that only ``--store`` has named: neither config.json nor a variable does."""
    return f"dockpass finds this login only where the store is named: DOCKPASS_STORE={clean(name, 64)}"


def _launcher(helper: str, environ: Mapping[str, str]) -> str:
    if not is_broken(helper):
        return ""
    from dockpass.account import launcher

    try:
        path = launcher.renew(OWN, environ)
    except DockpassError as error:
        return f"docker-credential-{OWN} is broken: {error.message}; dockpass helper install {OWN} --dir DIR"
    return f"{clean(path, 1000)} was made anew for this Python" if path else ""


def _plain(directory: str) -> str:
    try:
        current = document.read(directory)
    except DockpassError:
        return ""
    if not plain_keys(current):
        return ""
    from dockpass.account.moving.migrate import movable

    number = movable(current)
    if not number:
        return ""
    logins = "another login lies" if number == 1 else f"{number} other logins lie"
    return f"{logins} in config.json in plain text; to move to the vault what is there: dockpass migrate"


def _podmans(server: Server, environ: Mapping[str, str]) -> str:
    """A note on an entry of podman's own, which podman, skopeo and buildah look at before they look at config.json."""
    host = PODMANS_HUB if server.is_docker_hub else server.key
    for number, path in enumerate(podmans_files(environ)):
        try:
            found = document.Document(path, read(path, limit=document.LIMIT))
        except DockpassError:
            continue  # podman will have something to say about it
        helpers = [key for key, name in found.cred_helpers.items() if name != OWN]
        if any(server.covers(key) for key in (*filter(found.holds, found.auth_keys()), *helpers)):
            where = "" if number == 0 else f" --authfile {_quoted(path)}"
            return (
                f"podman has another login for {host} in {clean(path, 1000)}, which podman, skopeo and buildah use "
                f"instead of this one: podman logout{where} {host}"
            )
    return ""


def podmans_files(environ: Mapping[str, str]) -> list[str]:
    """Where podman keeps logins, in the order in which it looks; the first is where its ``logout`` looks."""
    if named := environ.get("REGISTRY_AUTH_FILE"):
        return [named]
    runtime = environ.get("XDG_RUNTIME_DIR") or (f"/run/containers/{os.getuid()}" if hasattr(os, "getuid") else "")
    if environ.get("XDG_RUNTIME_DIR"):
        runtime = os.path.join(runtime, "containers")
    home = environ.get("HOME", "")
    settings = environ.get("XDG_CONFIG_HOME") or (os.path.join(home, ".config") if home else "")
    folders = (runtime, os.path.join(settings, "containers") if settings else "")
    return [os.path.join(folder, "auth.json") for folder in folders if folder]


def _quoted(path: str) -> str:
    """As one word for a shell."""
    plain = path.replace("/", "").replace(".", "").replace("-", "").replace("_", "")
    return path if plain.isalnum() and path.isascii() else quoted(path)
