"""Credential helpers of ours: put on PATH, and made known in config.json.

How they are taken away again: :mod:`~dockpass.account.traces`.
"""

from __future__ import annotations

import os
import sys

from dockpass.account import launcher
from dockpass.account.installed import is_ours
from dockpass.config import document, location
from dockpass.display import clean
from dockpass.errors import DockpassError
from dockpass.stores import route
from dockpass.stores.lead import OWN, lead, lead_to_vault, leads
from dockpass.stores.on_path import find
from dockpass.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.config.document import Document


class Installed:
    """What :func:`install` did.

    Attributes:
        path: The program.
        is_new: Whether it was written; else it was there already.
        routes: The keys of the logins that docker and podman find only now.
        notes: What the user should hear, each one line.

    """

    __slots__ = ("is_new", "notes", "path", "routes")

    def __init__(self, path: str, *, is_new: bool) -> None:
        self.path = path
        self.is_new = is_new
        self.routes: list[str] = []
        self.notes: list[str] = []


def install(
    name: str,
    folder: str | None = None,
    *,
    replace: bool = False,
    config: str | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Installed:
    """Install a helper of ours, and write the routes that are due: to logins in its store that docker cannot find yet.

    Args:
        name: ``dockpass``, or one of :data:`~dockpass.account.installed.DROP_INS`.
        folder: Where to; ``None`` for a usual folder that is on PATH. Nothing is written then if docker finds the one
            of the virtual environment that runs this, and that works.
        replace: Whether it may take the place of somebody else's program.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        waiting: Called with one line when something takes long.

    Raises:
        UnknownStore: There is no such helper of ours.
        StoreUnavailable: This platform has not what it serves.
        FileUnwritable: It could not be written, or another program of that name is there.
        FileError: config.json cannot be read or written.

    """
    launcher.known(name)
    there = None if folder else _of_this_environment(name)
    path = there or launcher.install(name, folder, replace=replace)
    done = Installed(path, is_new=there is None)
    found = find(name, os.environ)
    if found is None:
        done.notes.append(
            f"{clean(os.path.dirname(path), 1000)} is not on PATH, so docker does not find it there: add it to "
            "PATH, then run this again"
        )
        return done
    if os.path.realpath(found) != os.path.realpath(path):
        other = clean(found, 1000)
        done.notes.append(
            f"docker finds {other} first, which stands before it on PATH"
            if _is_on_path(os.path.dirname(path))
            else f"{clean(os.path.dirname(path), 1000)} is not on PATH: docker finds {other} instead"
        )
        if not is_ours(found):
            return done  # no login is sent there
    directory = location.directory(config)
    kept = _kept(name, document.read(directory), done.notes, waiting)

    def edit(current: Document) -> None:
        # What lies there in plain text may be newer than what the vault has.
        done.routes[:] = [key for key in kept if leads(current, key) == ("", "") and not current.holds(key)]
        for key in done.routes:
            current.set_marker(key)
        for key in done.routes:
            if name == OWN:
                lead_to_vault(current, key, for_all=route.goes_to_vault(os.environ))
            else:
                lead(current, key, name)

    document.change(directory, edit, waiting=waiting)
    return done


def _of_this_environment(name: str) -> str | None:
    """The helper that docker finds, if it lies in the virtual environment that runs this and works as this dockpass."""
    found = find(name, os.environ)
    if found is None or sys.prefix == sys.base_prefix or not is_ours(found):
        return None
    prefix = os.path.realpath(sys.prefix)
    # A link to it from elsewhere is there whether or not the environment is activated: a launcher takes its place.
    if os.path.dirname(os.path.realpath(os.path.dirname(found))) != prefix:
        return None
    from dockpass.account.programs import said

    answer = said(found, os.environ)
    return found if (answer.package, answer.version) == ("dockpass", __version__) else None


def _is_on_path(folder: str) -> bool:
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return os.path.realpath(folder) in [os.path.realpath(each) for each in folders if os.path.isabs(each)]


def _kept(name: str, current: Document, notes: list[str], waiting: Callable[[str], None] | None) -> list[str]:
    """The keys of the logins that only the helper ``name`` can give to docker."""
    vault, _routes = route.vault(current, waiting=waiting)
    in_vault = vault.list()
    if name == OWN:
        return list(in_vault)
    from dockpass.stores import built_in

    store = built_in.make(name, None, waiting)
    try:
        kept = store.list() if store is not None else {}
    except DockpassError as error:
        notes.append(f"what {name} keeps is not known, so nothing in config.json was changed: {error.message}")
        return []
    return [key for key in kept if key not in in_vault]
