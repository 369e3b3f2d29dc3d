"""Where a file really is: its folder, held open, and its name in it.

Everything that is done to the file is done relative to the open folder, so that nobody can slip another folder in
between two steps. Where the system has no such calls (Windows), full paths are used.
"""

from __future__ import annotations

import binascii
import errno
import os
import stat

from dockpass.display import clean
from dockpass.errors import FileUnwritable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    Identity = tuple[int, int, int, int]

_RELATIVE = os.open in os.supports_dir_fd
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
# The same without the right to list the folder: enough to work in it.
_FOLDER_UNREAD = getattr(os, "O_PATH", 0) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
SAFELY = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOINHERIT", 0)
)
"""Flags for opening whatever may be there: follow no link, wait for no pipe, keep nothing open in other programs."""

_JOURNAL = "dockpass-journal"
_LONGEST = 100
_CANNOT_SYNC = (errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class Changed(Exception):
    """The file is not the one that was read: somebody wrote it since. No error: read it again and go on from there."""


def identity(status: os.stat_result) -> Identity:
    """What tells one version of a file from another: device, inode, time of the last write, size."""
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def sibling(name: str, kind: str) -> str:
    """The name of a file of ours beside the file ``name``: ``.NAME.KIND``, a long NAME cut to fit (255 bytes)."""
    encoded = os.fsencode(name)
    if len(encoded) > _LONGEST:
        name = f"{os.fsdecode(encoded[:_LONGEST])}~{binascii.crc32(encoded):08x}"
    return f".{name}.{kind}"


def close(fd: int) -> None:
    """Close a file through which nothing was written that is not on the disk already: an error means nothing then."""
    try:
        os.close(fd)
    except OSError:
        return


def resolve(path: str) -> str:
    """The absolute path of the file that ``path`` leads to, all links followed; it need not exist.

    Raises:
        FileUnwritable: The links lead in a circle, or the path is none (a NUL in it).

    """
    try:
        target = os.path.realpath(path)
    except OSError as error:
        raise _unwritable(path, error) from None  # a relative path, in a folder that is gone
    except ValueError:
        raise FileUnwritable(f"not a path: {clean(path)}", "check the path", path=path) from None
    try:
        looped = stat.S_ISLNK(os.lstat(target).st_mode)
    except OSError as error:
        looped = error.errno == errno.ELOOP  # whatever else it is, the next steps will tell
    if looped:
        raise _unwritable(path, OSError(errno.ELOOP, os.strerror(errno.ELOOP)))
    return target


def _unwritable(path: str, error: OSError) -> FileUnwritable:
    from dockpass.files.cause import unwritable

    return unwritable(path, error)


def make_folder(folder: str) -> None:
    """Make ``folder``, and those above it that are missing: for the owner alone, whatever the umask.

    Raises:
        OSError: One of them cannot be made.

    """
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    for new in reversed(missing):
        try:
            os.mkdir(new, 0o700)
        except FileExistsError:
            if not os.path.isdir(new):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), new) from None
            continue
        if os.name == "posix" and stat.S_IMODE(os.stat(new).st_mode) & 0o700 != 0o700:
            os.chmod(new, 0o700)
        _sync_folder(os.path.dirname(new))


class Place:
    """A file's real folder and its name there. Use it in a ``with`` statement.

    Args:
        target: The path of the file, without links (:func:`resolve`).

    Raises:
        OSError: The folder cannot be opened.

    """

    __slots__ = ("fd", "folder", "name", "target")

    def __init__(self, target: str) -> None:
        self.target = target
        self.folder, self.name = os.path.split(target)
        self.fd: int | None = None
        if _RELATIVE:
            try:
                self.fd = os.open(self.folder, _FOLDER)
            except PermissionError:
                if not getattr(os, "O_PATH", 0):
                    raise
                self.fd = os.open(self.folder, _FOLDER_UNREAD)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        fd, self.fd = self.fd, None
        if fd is not None:
            close(fd)

    def sibling(self, kind: str) -> str:
        """The name of a file of ours beside this one, such as ``.config.json.lock``."""
        return sibling(self.name, kind)

    @property
    def journal(self) -> str:
        """The name of what lies beside the file while it is written in place (:mod:`~dockpass.files.inplace`)."""
        return self.sibling(_JOURNAL)

    def is_half_written(self) -> bool:
        """Whether the journal is there: somebody is writing the file in place, or was killed while doing it."""
        return self.status(self.journal) is not None

    def path(self, name: str) -> str:
        """What to hand to the system for ``name``, together with :attr:`fd`."""
        return name if self.fd is not None else os.path.join(self.folder, name)

    def status(self, name: str) -> os.stat_result | None:
        """What is at ``name`` (a link itself, not what it leads to), or ``None``."""
        try:
            return os.stat(self.path(name), dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open ``name`` without following a link or waiting for a pipe."""
        return os.open(self.path(name), flags | SAFELY, mode, dir_fd=self.fd)

    def move(self, old: str, new: str) -> None:
        """Give ``old`` the name ``new``, in place of what has it."""
        os.replace(self.path(old), self.path(new), src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def link(self, old: str, new: str) -> None:
        """Give ``old`` a second name, which nothing may have yet."""
        os.link(self.path(old), self.path(new), src_dir_fd=self.fd, dst_dir_fd=self.fd, follow_symlinks=False)

    def remove(self, name: str) -> None:
        """Remove ``name``, or leave it where that is not possible: the next writer tries again."""
        try:
            os.unlink(self.path(name), dir_fd=self.fd)
        except OSError:
            return

    def names(self) -> list[str]:
        """The names in the folder; none where it cannot be listed."""
        try:
            return os.listdir(self.folder if self.fd is None else self.fd)
        except OSError:
            return []

    def sync(self) -> None:
        """Bring the names in the folder to the disk."""
        if self.fd is not None:
            _sync(self.fd)


def _sync_folder(folder: str) -> None:
    if not _RELATIVE:
        return
    try:
        fd = os.open(folder, _FOLDER)
    except PermissionError:
        return
    try:
        _sync(fd)
    finally:
        os.close(fd)


def _sync(fd: int) -> None:
    try:
        os.fsync(fd)
    except OSError as error:
        # Some file systems know no syncing of folders; there is no other way then.
        if error.errno not in _CANNOT_SYNC:
            raise
