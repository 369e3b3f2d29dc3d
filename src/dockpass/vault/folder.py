"""A folder of the vault, held open: what is done in it is done relative to it, and no link is followed.

Only the vault's own folder may be reached by a link; somebody may keep it on another disk. Below it a link could lead
the writer of one file to another that is not the vault's, so there it is refused, like a pipe that nobody answers, or a
device that never ends.
"""

from __future__ import annotations

import errno
import os
import stat

from dockpass.display import clean
from dockpass.errors import FileUnreadable, FileUnwritable
from dockpass.files.fresh import write_new
from dockpass.files.place import Place, close, make_folder, sibling
from dockpass.files.read import contents, kind
from dockpass.vault.home import leads_nowhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from dockpass.errors import FileError

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_BELOW = _FOLDER | getattr(os, "O_NOFOLLOW", 0)
_RELATIVE = os.open in os.supports_dir_fd
_NEW = "dockpass-new"


class Folder(Place):
    """An open folder. Use it in a ``with`` statement.

    Args:
        path: Its path, for messages, and for systems without relative calls.
        fd: It, opened; ``None`` on such systems.

    """

    __slots__ = ()

    def __init__(self, path: str, fd: int | None) -> None:
        self.target = self.folder = path
        self.name = ""
        self.fd = fd

    @classmethod
    def top(cls, path: str, *, make: bool = False) -> Self | None:
        """The folder at ``path``, links followed; ``None`` if there is none.

        Args:
            path: Where it is.
            make: Whether to make it, for its owner alone, where there is none.

        Raises:
            FileUnreadable, FileUnwritable: It is no folder, leads nowhere, or cannot be opened or made.

        """
        try:
            if make:
                make_folder(os.path.abspath(path))
            if not _RELATIVE:
                return cls(path, None) if os.path.isdir(path) else None
            return cls(path, os.open(path, _FOLDER))
        except FileNotFoundError:
            if leads_nowhere(path):
                raise _no_folder(path, make=make) from None
            return None
        except NotADirectoryError:
            raise _no_folder(path, make=make) from None
        except ValueError:
            raise FileUnreadable(f"not a path: {clean(path)}", "check DOCKPASS_HOME", path=path) from None
        except OSError as error:
            raise (_unwritable if make else _unreadable)(path, error) from None

    def below(self, name: str, *, make: bool = False) -> Folder | None:
        """The folder ``name`` in this one; ``None`` if there is none.

        Raises:
            FileUnreadable, FileUnwritable: It is no folder, or cannot be opened or made.

        """
        path = os.path.join(self.folder, name)
        try:
            if make:
                self._make(name)
            if self.fd is None:
                there = self.status(name)
                if there is None:
                    return None
                if not stat.S_ISDIR(there.st_mode):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
                return Folder(path, None)
            return Folder(path, os.open(name, _BELOW, dir_fd=self.fd))
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP, errno.EMLINK):
                raise self._not(name, "folder") from None
            raise (_unwritable if make else _unreadable)(path, error) from None

    def read(self, name: str, limit: int) -> tuple[bytes, os.stat_result] | None:
        """What is in the file ``name``, and its status; ``None`` if there is none.

        Raises:
            FileUnreadable: It is no file, is larger than ``limit`` bytes, or cannot be read.

        """
        path = os.path.join(self.folder, name)
        try:
            fd = self.open(name, os.O_RDONLY)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
                raise self._not(name, "file") from None
            raise _unreadable(path, error) from None
        try:
            status = os.fstat(fd)
            if kind(status.st_mode):
                raise self._not(name, "file")
            data = contents(fd, limit + 1)
            if len(data) > limit:
                raise FileUnreadable(
                    f"cannot read {clean(path)}: it is larger than {limit} bytes, which no such file is",
                    "look at what it is, and move it out of the vault",
                    path=path,
                )
            return data, status
        except OSError as error:
            raise _unreadable(path, error) from None
        finally:
            close(fd)

    def write(self, name: str, data: bytes, *, fresh: bool = False) -> bool:
        """Make ``data`` the file ``name``, durably: the old one or the new one is there, whatever happens.

        Whatever has the name is replaced, never written into. What root writes belongs to the folder's owner.

        Args:
            name: The name.
            data: The contents.
            fresh: Only if nothing has the name.

        Returns:
            Whether it was written.

        Raises:
            FileUnwritable: It could not be.

        """
        path = os.path.join(self.folder, name)
        temporary = f"{sibling(name, _NEW)}-{os.urandom(8).hex()}"
        try:
            write_new(self, temporary, data, self._owner())
            try:
                if not fresh:
                    self.move(temporary, name)
                elif not self._move_fresh(temporary, name):
                    return False
            finally:
                self.remove(temporary)
            self.sync()
        except OSError as error:
            raise _unwritable(path, error) from None
        return True

    def delete(self, name: str) -> None:
        """Remove the file ``name``, if it is there.

        Raises:
            FileUnwritable: It cannot be removed.

        """
        try:
            os.unlink(self.path(name), dir_fd=self.fd)
        except FileNotFoundError:
            return
        except OSError as error:
            failed = self._refused(name, error)
            path = os.path.join(self.folder, name)
            why = failed.message.partition(": ")[2]
            raise FileUnwritable(f"cannot remove {clean(path)}: {why}", failed.hint, path=path) from None

    def tidy(self, *files: str) -> None:
        """Remove what writers have left that were killed. Only for who holds the lock of the files.

        Args:
            files: The names of the files that they wrote; none: all here.

        """
        for name in self.strays(*files):
            self.remove(name)

    def strays(self, *files: str) -> list[str]:
        """The names of what :meth:`tidy` would remove; somebody may be writing it."""
        beginnings = tuple(sibling(file, _NEW) + "-" for file in files)
        return [name for name in self.names() if name.startswith(beginnings or ".") and f".{_NEW}-" in name]

    def files(self) -> list[str]:
        """The names in the folder, sorted.

        Raises:
            FileUnreadable: It cannot be listed.

        """
        try:
            return sorted(os.listdir(self.folder if self.fd is None else self.fd))
        except OSError as error:
            raise _unreadable(self.folder, error) from None

    def on_disk(self) -> None:
        """Bring the names in the folder to the disk.

        Raises:
            FileUnwritable: That failed.

        """
        try:
            self.sync()
        except OSError as error:
            raise _unwritable(self.folder, error) from None

    def mode(self) -> os.stat_result:
        """The status of the folder itself."""
        return os.stat(self.folder if self.fd is None else self.fd)

    def _owner(self) -> os.stat_result | None:
        return self.mode() if os.name == "posix" and os.geteuid() == 0 else None

    def _make(self, name: str) -> None:
        try:
            os.mkdir(self.path(name), 0o700, dir_fd=self.fd)
        except FileExistsError:
            return
        if os.name == "posix":
            fd = os.open(self.path(name), _BELOW, dir_fd=self.fd)
            try:
                owner = self._owner()
                if owner is not None:
                    os.fchown(fd, owner.st_uid, owner.st_gid)
                os.fchmod(fd, 0o700)
            finally:
                close(fd)
        self.sync()

    def _move_fresh(self, temporary: str, name: str) -> bool:
        try:
            self.link(temporary, name)
        except FileExistsError:
            return False
        except (OSError, NotImplementedError):
            # No hard links here. Who makes files so holds a lock.
            if self.status(name) is not None:
                return False
            self.move(temporary, name)
        return True

    def _refused(self, name: str, error: OSError) -> FileUnwritable:
        failed = _unwritable(os.path.join(self.folder, name), error)
        if error.errno == errno.EISDIR:
            failed.hint = "look at what is in it, and move it away"
        return failed

    def _not(self, name: str, wanted: str) -> FileUnreadable:
        path = os.path.join(self.folder, name)
        there = self.status(name)
        what = (kind(there.st_mode) or "a file") if there is not None else "something else"
        followed = ", and no link is followed in the vault" if what == "a symbolic link" else ""
        return FileUnreadable(
            f"cannot use {clean(path)}: it is {what}, not a {wanted}{followed}",
            "look at what it is: ls -l; then move it away, and put back what belongs there, or log in again",
            path=path,
        )


def _no_folder(path: str, *, make: bool) -> FileError:
    """The error to raise where the vault's own folder is none, or a link on the way to it leads to nothing."""
    try:
        what = kind(os.stat(path).st_mode) or "a file"
    except OSError as error:
        link = leads_nowhere(path) if error.errno == errno.ENOENT else ""
        if not link:
            return (_unwritable if make else _unreadable)(path, error)
        return FileUnreadable(
            f"cannot use {clean(path)}: {clean(link)} is a symbolic link to nothing",
            f"check where it leads, and whether that disk is mounted: ls -l {clean(link)}",
            path=path,
        )
    return FileUnreadable(
        f"cannot use {clean(path)}: it is {what}, not a folder", "look at what it is, and move it away", path=path
    )


def _unreadable(path: str, error: OSError) -> FileUnreadable:
    from dockpass.files.cause import unreadable

    return unreadable(path, error)


def _unwritable(path: str, error: OSError) -> FileUnwritable:
    from dockpass.files.cause import unwritable

    return unwritable(path, error)
