"""What there is of a credential helper of ours, on PATH and in config.json; and how all of it is taken away again.

A helper that config.json names and that is not there breaks every pull, even one that needs no login. So config.json is
changed first, and the program goes last.
"""

from __future__ import annotations

import os

from dockpass.account import launcher
from dockpass.account.installed import is_launcher, is_ours
from dockpass.config import document, location
from dockpass.display import clean
from dockpass.errors import FileUnwritable
from dockpass.stores.lead import OWN, also_asked, leads
from dockpass.stores.on_path import PREFIX, find
from dockpass.stores.route import VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.config.document import Document


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
    was_named = False

    def edit(current: Document) -> None:
        nonlocal was_named
        led = _led(current, name)
        was_named = bool(led) or current.creds_store == name
        for key in led:
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
    if was_named and (elsewhere := found_by_name(name)):
        done.notes.append(elsewhere)
    left = find(name, os.environ)
    if left is not None and not is_ours(left):
        done.notes.append(f"docker goes on asking {clean(left, 1000)}, which is not dockpass's")
    elif left is not None:
        done.notes.append(f"{clean(left, 1000)} was installed together with dockpass, and goes with it")
    return done


def found_by_name(name: str) -> str:
    """What to tell of logins that config.json does not lead to any more: how dockpass itself comes to them.

    ``""`` for the vault, where it looks in any case, and where the variable names the store already.
    """
    named = [each.strip() for each in os.environ.get(VARIABLE, "").split(",")]
    if name == OWN or name in named:
        return ""
    return f"dockpass finds what is in {name} only where the store is named: {VARIABLE}={name}"


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
