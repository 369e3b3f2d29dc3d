"""Credential helpers of ours: put on PATH, made known in config.json, and taken away again without a trace."""

from __future__ import annotations

import os

from dockpass.account import launcher
from dockpass.config import document, location
from dockpass.display import clean
from dockpass.errors import FileUnwritable
from dockpass.stores import route
from dockpass.stores.lead import lead_to_vault, leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockpass.config.document import Document

_PREFIX = "docker-credential-"


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
        self.is_ours = launcher.is_ours(path)


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
    found = launcher.find(name)
    if found is None:
        done.notes.append(
            f"{clean(os.path.dirname(path), 1000)} is not on PATH, so docker does not find it there: add it to "
            "PATH, then run this again"
        )
        return done
    if os.path.realpath(found) != os.path.realpath(path):
        done.notes.append(f"docker finds {clean(found, 1000)} first, which stands before it on PATH")
    directory = location.directory(config)
    due = _due(document.read(directory), waiting)
    if due:

        def edit(current: Document) -> None:
            for key in due:
                if not leads(current, key)[1]:
                    current.set_marker(key)
                    lead_to_vault(current, key)

        document.change(directory, edit, waiting=waiting)
    done.routes += due
    return done


def uninstall(name: str, *, config: str | None = None, waiting: Callable[[str], None] | None = None) -> Uninstalled:
    """Remove a helper of ours from PATH, after every trace of it from config.json. The vault stays as it is.

    Raises:
        FileUnwritable: A program could not be removed.
        FileError: config.json cannot be read or written. The program is still there.

    """
    done = Uninstalled()
    keys = used_by(name, config=config)

    def edit(current: Document) -> None:
        for key in keys:
            current.remove_helper(key)
            if current.has_auth(key) and not current.holds(key):
                current.remove_auth(key)
        if current.creds_store == name:
            current.set_creds_store("")

    document.change(location.directory(config), edit, waiting=waiting)
    for path in _programs(name):
        try:
            os.unlink(path)
        except OSError as error:
            raise FileUnwritable(
                f"cannot remove {clean(path, 1000)}: {os.strerror(error.errno or 0)}",
                "remove it by hand; config.json does not name it any more",
                path=path,
            ) from None
        done.removed.append(path)
    if keys:
        done.notes.append(
            f"{len(keys)} logins stay in the vault, where dockpass finds them; log in with --store file to give "
            "docker one of them"
        )
    return done


def used_by(name: str, *, config: str | None = None) -> list[str]:
    """The keys for which config.json names the helper ``name``.

    Raises:
        FileError: config.json cannot be read or understood.

    """
    current = document.read(location.directory(config))
    return [key for key, helper in current.cred_helpers.items() if helper == name]


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
            if file.startswith(_PREFIX) and os.path.isfile(path) and os.access(path, os.X_OK):
                found.setdefault(file, OnPath(file.removeprefix(_PREFIX), path))
    return sorted(found.values(), key=lambda helper: helper.name)


def _due(current: Document, waiting: Callable[[str], None] | None) -> list[str]:
    """The logins in the vault to which config.json should lead, and names nothing for."""
    vault, _routes = route.vault(current, waiting=waiting)
    return [key for key in vault.list() if leads(current, key) == ("", "")]


def _programs(name: str) -> list[str]:
    """The programs of that name on PATH that are launchers of ours."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    paths = [os.path.join(folder, _PREFIX + name) for folder in folders if os.path.isabs(folder)]
    return [path for path in dict.fromkeys(paths) if launcher.is_launcher(path)]
