"""Read a file that may be anything: a pipe that never speaks, a device that never ends, a hundred megabytes."""

from __future__ import annotations

import os
import stat
import time

from dockpass.display import clean
from dockpass.errors import FileUnreadable
from dockpass.files.place import close, identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.files.place import Identity

_READ = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOINHERIT", 0)
)
_UNNOTICED = getattr(os, "O_NOATIME", 0)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a symbolic link",
}
_TRIES = 5
_PATIENCE = 2000


class Snapshot:
    """What was in a file at one moment.

    Attributes:
        data: The contents.
        status: What the system said about the opened file.

    """

    __slots__ = ("data", "status")

    def __init__(self, data: bytes, status: os.stat_result) -> None:
        self.data = data
        self.status = status

    @property
    def identity(self) -> Identity:
        """Which version of the file this is."""
        return identity(self.status)


def kind(mode: int) -> str:
    """What a file of this mode is called, such as ``"a folder"``; ``""`` for a regular one."""
    return _KINDS.get(stat.S_IFMT(mode), "")


def read(path: str, *, limit: int) -> Snapshot | None:
    """The contents of the file at ``path``, links followed; ``None`` if there is no such file.

    Raises:
        FileUnreadable: It is there but is no file, is larger than ``limit`` bytes, or cannot be read.

    """
    try:
        fd = _open(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError:
        raise FileUnreadable(f"not a path: {clean(path)}", "check the path", path=path) from None
    try:
        return _read(fd, path, limit)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        close(fd)


def _unreadable(path: str, error: OSError) -> FileUnreadable:
    from dockpass.files.cause import unreadable

    return unreadable(path, error)


def _open(path: str) -> int:
    """Open without waiting; but for a lease (:mod:`~dockpass.files.lease`), which is held for microseconds."""
    for _ in range(_PATIENCE):
        try:
            return _open_unnoticed(path)
        except BlockingIOError:
            time.sleep(0.001)
    return _open_unnoticed(path)


def _open_unnoticed(path: str) -> int:
    """Open without leaving a time of reading, where one may: that is how others' reading is told from ours."""
    if _UNNOTICED:
        try:
            return os.open(path, _READ | _UNNOTICED)
        except PermissionError:
            pass  # another user's file
    return os.open(path, _READ)


def _read(fd: int, path: str, limit: int) -> Snapshot:
    status = os.fstat(fd)
    for _ in range(_TRIES):
        if what := kind(status.st_mode):
            raise FileUnreadable(
                f"cannot read {clean(path)}: it is {what}, not a file", "look at what it is: ls -l", path=path
            )
        os.lseek(fd, 0, os.SEEK_SET)
        data = b"" if status.st_size > limit else contents(fd, limit + 1)
        if status.st_size > limit or len(data) > limit:
            raise FileUnreadable(
                f"cannot read {clean(path)}: it is larger than {_size(limit)}",
                "check that this is the right file",
                path=path,
            )
        before, status = status, os.fstat(fd)
        if identity(status) == identity(before):
            break
        # Somebody writes into it in this moment; the halves of two versions are no version.
    return Snapshot(data, status)


def _size(limit: int) -> str:
    return f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"


def contents(fd: int, limit: int) -> bytes:
    """What can be read from ``fd`` on, ``limit`` bytes at the most."""
    parts = []
    while limit > 0 and (part := os.read(fd, min(limit, 1 << 20))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)
