"""Credential helpers of ours: put on PATH, made known in config.json, and taken away again without a trace."""

from __future__ import annotations

import os
import sys

from dockpass.account import launcher
from dockpass.account.installed import is_launcher, is_ours
from dockpass.config import document, location
from dockpass.display import clean
from dockpass.errors import DockpassError, FileUnwritable
from dockpass.stores import route
from dockpass.stores.lead import OWN, also_asked, lead, lead_to_vault, leads
from dockpass.stores.on_path import PREFIX, find
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


class Uninstalled:
    """What :func:`uninstall` did.

    Attributes:
        removed: The programs that are gone.
        notes: What the user should hear, each one line.

    """

    __slots__ = ("notes", "removed")

    def __init__(self) -> None:
        self.removed: list[str] = []
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
                lead_to_vault(current, key)
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


class Traces:
    """What there is of a helper of ours.

    Attributes:
        logins: The keys of the logins in config.json for which docker asks it.
        is_default: Whether config.json names it for all registries.
        programs: The launchers on PATH.
        cred_helpers: The keys in ``credHelpers`` that name it.
        markers: The keys of the entries in ``auths`` that only mark what it has.

    """

    __slots__ = ("cred_helpers", "is_default", "logins", "markers", "programs")

    def __init__(self, logins: list[str], programs: list[str], *, is_default: bool) -> None:
        self.logins = logins
        self.programs = programs
        self.is_default = is_default
        self.cred_helpers: list[str] = []
        self.markers: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.logins or self.programs or self.is_default)


def traces(name: str, *, config: str | None = None, folder: str | None = None) -> Traces:
    """What :func:`uninstall` would remove.

    Raises:
        UnknownStore: There is no such helper of ours.
        FileError: config.json cannot be read or understood.

    """
    launcher.known(name)
    current = document.read(location.directory(config))
    programs = _programs(name, folder)
    if _remains(name, programs):
        return Traces([], programs, is_default=False)
    led = _led(current, name)
    logins: list[str] = []
    for key in sorted(led, key=lambda key: not current.has_auth(key)):
        # One login may be looked up under several keys.
        known = any(key in also_asked(other) or other in also_asked(key) for other in logins)
        if not known or current.has_auth(key):
            logins.append(key)
    there = Traces(logins, programs, is_default=current.creds_store == name)
    there.cred_helpers = [key for key in led if current.cred_helpers.get(key) == name]
    there.markers = [key for key in led if current.is_bare(key)]
    return there


def uninstall(
    name: str,
    *,
    config: str | None = None,
    folder: str | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Uninstalled:
    """Remove a helper of ours from PATH, after every trace of it from config.json. What it keeps stays as it is.

    Where somebody else's program of that name is on PATH too, config.json is left to lead to that.

    Args:
        name: As for :func:`install`.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        folder: Another folder than those on PATH where it was installed to.
        waiting: Called with one line when something takes long.

    Raises:
        UnknownStore: There is no such helper of ours.
        FileUnwritable: A program could not be removed.
        FileError: config.json cannot be read or written. The program is still there.

    """
    launcher.known(name)
    done = Uninstalled()

    def edit(current: Document) -> None:
        for key in _led(current, name):
            current.remove_helper(key)
            if current.is_bare(key):
                current.remove_auth(key)
        if current.creds_store == name:
            current.set_creds_store("")

    programs = _programs(name, folder)
    if not _remains(name, programs):
        document.change(location.directory(config), edit, waiting=waiting)
    for path in programs:
        try:
            os.unlink(path)
        except OSError as error:
            raise FileUnwritable(
                f"cannot remove {clean(path, 1000)}: {os.strerror(error.errno or 0).lower()}",
                "remove it by hand; config.json does not name it any more",
                path=path,
            ) from None
        done.removed.append(path)
    left = find(name, os.environ)
    if left is not None and not is_ours(left):
        done.notes.append(f"docker goes on asking {clean(left, 1000)}, which is not dockpass's")
    elif left is not None:
        done.notes.append(f"{clean(left, 1000)} was installed together with dockpass, and goes with it")
    return done


def _led(current: Document, name: str) -> list[str]:
    """The keys for which config.json leads to the helper, by name, or as docker's markers of what it has."""
    by_name = [key for key, helper in current.cred_helpers.items() if helper == name]
    marked = [key for key in current.auth_keys() if current.is_bare(key) and leads(current, key)[0] == name]
    return list(dict.fromkeys((*by_name, *marked)))


def _remains(name: str, ours: list[str]) -> bool:
    """Whether somebody else's program of that name is on PATH beside ours. None but ours can be called dockpass."""
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
    paths = [os.path.join(folder, PREFIX + name) for folder in folders]
    return name != OWN and any(path not in ours and os.access(path, os.X_OK) for path in paths)


def _programs(name: str, folder: str | None) -> list[str]:
    """The programs of that name on PATH, or in ``folder``, that are launchers of ours."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    folders = [os.path.abspath(folder)] if folder else [each for each in folders if os.path.isabs(each)]
    paths = [os.path.join(each, PREFIX + name) for each in folders]
    return [path for path in dict.fromkeys(paths) if is_launcher(path)]
