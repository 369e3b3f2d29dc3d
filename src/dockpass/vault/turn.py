"""One at a time in one server's folder. Different servers never wait for each other.

The lock's file lies in the server's own folder and goes with it, so that nothing of a server is left after a logout.
Whoever waits for it may find the folder gone, and then makes it anew.
"""

from __future__ import annotations

import os
import stat

from dockpass.display import clean
from dockpass.errors import FileError, FileUnreadable, FileUnwritable
from dockpass.files.lock import lock
from dockpass.files.place import sibling
from dockpass.vault.layout import CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.files.lock import Lock
    from dockpass.vault.folder import Folder
    from dockpass.vault.home import Home

_WHAT = "login"
_LOCK_FILE = sibling(_WHAT, "lock")
_TRIES = 1000


class Turn:
    """A server's folder, held by us alone inside a ``with`` statement; ``None`` where there is none and none is made.

    On leaving, a folder in which nothing is left is removed.

    Args:
        home: The vault.
        top: Its folder, open.
        name: The name of the server's folder.
        make: Whether to make it where there is none.

    Raises:
        FileLocked: On entering: another process has it and does not let go.
        FileUnreadable, FileUnwritable: On entering: it is no folder, or cannot be opened or made.

    """

    __slots__ = ("_folder", "_home", "_lock", "_make", "_name", "_top")

    def __init__(self, home: Home, top: Folder, name: str, *, make: bool = False) -> None:
        self._home = home
        self._top = top
        self._name = name
        self._make = make
        self._lock: Lock | None = None
        self._folder: Folder | None = None

    def __enter__(self) -> Folder | None:
        for _ in range(_TRIES):
            path = self._look()
            if path is None:
                return None
            held = lock(os.path.join(path, _WHAT), waiting=self._home.waiting)
            try:
                held.__enter__()
            except FileUnwritable:
                if os.path.lexists(path):
                    raise
                continue  # whoever had it removed the folder with all that was in it
            self._lock = held
            try:
                self._folder = self._open(make=False)
                if self._folder is not None:
                    if held.firm:
                        self._folder.tidy()
                    return self._folder
            except BaseException:
                self.__exit__()
                raise
            self._release()
        path = os.path.join(self._top.folder, CREDENTIALS, self._name)
        raise FileUnwritable(
            f"cannot write {clean(path)}: other processes remove it all the time", "try again", path=path
        )

    def __exit__(self, *_error: object) -> None:
        folder, self._folder = self._folder, None
        try:
            if folder is not None:
                with folder:
                    self._remove_if_empty(folder)
        finally:
            self._release()

    def _release(self) -> None:
        held, self._lock = self._lock, None
        if held is not None:
            held.__exit__()

    def _look(self) -> str | None:
        """The path of the folder, which is there now, and has no link where the lock's file will be."""
        folder = self._open(make=self._make)
        if folder is None:
            return None
        with folder:
            there = folder.status(_WHAT)
            if there is not None and stat.S_ISLNK(there.st_mode):
                path = os.path.join(folder.folder, _WHAT)
                raise FileUnreadable(f"cannot use {clean(path)}: it is a symbolic link", "remove it", path=path)
            return folder.folder

    def _open(self, *, make: bool) -> Folder | None:
        servers = self._top.below(CREDENTIALS, make=make)
        if servers is None:
            return None
        with servers:
            return servers.below(self._name, make=make)

    def _remove_if_empty(self, folder: Folder) -> None:
        try:
            if set(folder.files()) - {_LOCK_FILE}:
                return
            servers = self._top.below(CREDENTIALS)
            if servers is None:
                return
            with servers:
                folder.remove(_LOCK_FILE)
                os.rmdir(servers.path(self._name), dir_fd=servers.fd)
                servers.sync()
        except (OSError, FileError):
            return  # somebody came before us, or something of theirs is in it
