"""Credential helpers of ours: put on PATH, made known in config.json, and taken away again without a trace."""

from __future__ import annotations

import os

from dockpass.account import launcher
from dockpass.account.installed import is_launcher, is_ours
from dockpass.config import document, location
from dockpass.display import clean
from dockpass.errors import FileUnwritable
from dockpass.stores import route
from dockpass.stores.lead import also_asked, lead_to_vault, leads
from dockpass.stores.on_path import PREFIX, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockpass.config.document import Document


class Installed:
    """What :func:`install` did.

    Attributes:
        path: The program.
        routes: The keys of the logins that docker and podman find only now.
        notes: What the user should hear, each one line.

    """

    __slots__ = ("notes", "path", "routes")

    def __init__(self, path: str) -> None:
        self.path = path
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


class OnPath:
    """A credential helper that docker would find.

    Attributes:
        name: The suffix of its program.
        path: The program.
        is_ours: Whether it is dockpass's.

    """

    __slots__ = ("is_ours", "name", "path")

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = path
        self.is_ours = is_ours(path)


def install(
    name: str,
    folder: str | None = None,
    *,
    config: str | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Installed:
    """Install a helper of ours, and write the routes that are due: to logins in the vault that docker cannot find yet.

    Args:
        name: ``dockpass``.
        folder: Where to; ``None`` for a usual folder that is on PATH.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        waiting: Called with one line when something takes long.

    Raises:
        UnknownStore: There is no such helper of ours.
        FileUnwritable: It could not be written.
        FileError: config.json cannot be read or written.

    """
    path = launcher.install(name, folder)
    done = Installed(path)
    found = find(name, os.environ)
    if found is None:
        done.notes.append(
            f"{clean(os.path.dirname(path), 1000)} is not on PATH, so docker does not find it there: add it to "
            "PATH, then run this again"
        )
        return done
    if os.path.realpath(found) != os.path.realpath(path):
        done.notes.append(f"docker finds {clean(found, 1000)} first, which stands before it on PATH")
        if not is_ours(found):
            return done  # no login is sent there
    directory = location.directory(config)
    vault, _routes = route.vault(document.read(directory), waiting=waiting)
    kept = list(vault.list())

    def edit(current: Document) -> None:
        # What lies there in plain text may be newer than what the vault has.
        done.routes[:] = [key for key in kept if leads(current, key) == ("", "") and not current.holds(key)]
        for key in done.routes:
            current.set_marker(key)
        for key in done.routes:
            lead_to_vault(current, key)

    document.change(directory, edit, waiting=waiting)
    return done


class Traces:
    """What there is of a helper of ours.

    Attributes:
        logins: The keys of the logins in config.json for which docker asks it.
        is_default: Whether config.json names it for all registries.
        programs: The launchers on PATH.

    """

    __slots__ = ("is_default", "logins", "programs")

    def __init__(self, logins: list[str], programs: list[str], *, is_default: bool) -> None:
        self.logins = logins
        self.programs = programs
        self.is_default = is_default

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
    logins: list[str] = []
    for key in sorted(_led(current, name), key=lambda key: not current.has_auth(key)):
        # One login may be looked up under several keys.
        known = any(key in also_asked(other) or other in also_asked(key) for other in logins)
        if not known or current.has_auth(key):
            logins.append(key)
    return Traces(logins, _programs(name, folder), is_default=current.creds_store == name)


def uninstall(
    name: str,
    *,
    config: str | None = None,
    folder: str | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Uninstalled:
    """Remove a helper of ours from PATH, after every trace of it from config.json. The vault stays as it is.

    Args:
        name: ``dockpass``.
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

    document.change(location.directory(config), edit, waiting=waiting)
    for path in _programs(name, folder):
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
    if left is not None and is_ours(left):
        done.notes.append(f"{clean(left, 1000)} was installed together with dockpass, and goes with it")
    return done


def _led(current: Document, name: str) -> list[str]:
    """The keys for which config.json leads to the helper, by name, or as docker's markers of what it has."""
    by_name = [key for key, helper in current.cred_helpers.items() if helper == name]
    marked = [key for key in current.auth_keys() if current.is_bare(key) and leads(current, key)[0] == name]
    return list(dict.fromkeys((*by_name, *marked)))


def on_path(environ: Mapping[str, str]) -> list[OnPath]:
    """Every credential helper that docker would find, by name."""
    found: dict[str, OnPath] = {}
    for folder in environ.get("PATH", "").split(os.pathsep):
        if not os.path.isabs(folder):
            continue
        try:
            files = sorted(os.listdir(folder))
        except OSError:
            continue
        for file in files:
            path = os.path.join(folder, file)
            if file.startswith(PREFIX) and os.path.isfile(path) and os.access(path, os.X_OK):
                found.setdefault(file, OnPath(file.removeprefix(PREFIX), path))
    return sorted(found.values(), key=lambda helper: helper.name)


def _programs(name: str, folder: str | None) -> list[str]:
    """The programs of that name on PATH, or in ``folder``, that are launchers of ours."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    folders = [os.path.abspath(folder)] if folder else [each for each in folders if os.path.isabs(each)]
    paths = [os.path.join(each, PREFIX + name) for each in folders]
    return [path for path in dict.fromkeys(paths) if is_launcher(path)]
