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
            folder = self._open()
            if folder is None:
                if not self._make:
                    return None
                continue  # it was there, and then it was not
            # It is held open from before the lock on. Folders that were removed do not come back: so if the path leads
            # to this one afterwards, it did so all the time, and the lock is this one's.
            self._folder = folder
            try:
                if self._take(folder):
                    return folder
            except BaseException:
                self._leave()
                raise
            self._leave()
        path = os.path.join(self._top.folder, CREDENTIALS, self._name)
        raise FileUnwritable(
            f"cannot write {clean(path)}: other processes remove it all the time", "try again", path=path
        )

    def __exit__(self, *_error: object) -> None:
        try:
            if self._folder is not None:
                self._remove_if_empty(self._folder)
        finally:
            self._leave()

    def _leave(self) -> None:
        held, self._lock = self._lock, None
        folder, self._folder = self._folder, None
        if held is not None:
            held.__exit__()
        if folder is not None:
            folder.__exit__()

    def _open(self) -> Folder | None:
        servers = self._top.below(CREDENTIALS, make=self._make)
        if servers is None:
            return None
        with servers:
            return servers.below(self._name, make=self._make)

    def _take(self, folder: Folder) -> bool:
        """Lock it. Returns whether it is still there then."""
        path = os.path.join(folder.folder, _WHAT)
        there = folder.status(_WHAT)
        if there is not None and stat.S_ISLNK(there.st_mode):
            raise FileUnreadable(f"cannot use {clean(path)}: it is a symbolic link", "remove it", path=path)
        held = lock(path, waiting=self._home.waiting)
        try:
            held.__enter__()
        except FileUnwritable:
            if _is_still(folder):
                raise
            return False  # whoever had it removed the folder with all that was in it
        self._lock = held
        if not _is_still(folder):
            return False
        if held.firm:
            folder.tidy()
        return True

    def _remove_if_empty(self, folder: Folder) -> None:
        # Only who has locked the lock's file may remove it; others may be waiting with it where the folder is locked.
        ours = {_LOCK_FILE} if self._lock is not None and self._lock.by_file else set()
        try:
            if set(folder.files()) - ours:
                return
            servers = self._top.below(CREDENTIALS)
            if servers is None:
                return
            with servers:
                for name in ours:
                    folder.remove(name)
                os.rmdir(servers.path(self._name), dir_fd=servers.fd)
                servers.sync()
        except (OSError, FileError):
            return  # somebody came before us, or something of theirs is in it


def _is_still(folder: Folder) -> bool:
    """Whether the open folder still has its name."""
    try:
        return os.path.samestat(os.stat(folder.folder, follow_symlinks=False), folder.mode())
    except OSError:
        return False
