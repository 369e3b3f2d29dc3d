"""Make a new file that is there for its owner alone, and on the disk, before it gets the name that it is meant for."""

from __future__ import annotations

import errno
import os
import stat

from dockpass.files import unread
from dockpass.files.place import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.files.place import Identity, Place


def write_new(place: Place, name: str, data: bytes, owner: os.stat_result | None = None, mode: int = 0o600) -> Identity:
    """Make the file ``name`` with ``data`` in it, on the disk, and readable by its owner alone from its first byte on.

    Args:
        place: The folder.
        name: A name that nothing has yet.
        data: The contents.
        owner: Give it to this owner and group, if they are others (root can).
        mode: Its mode in the end; never wider than 0700.

    Raises:
        OSError: It could not be written; nothing is left of it.

    """
    fd = place.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            _equip(fd, owner, mode & 0o700)
            write_all(fd, data)
            unread.mark(fd)
            _sync(fd)
            return identity(os.fstat(fd))
        finally:
            os.close(fd)
    except BaseException:
        place.remove(name)
        raise


def write_all(fd: int, data: bytes) -> None:
    """Write all of ``data``, in as many calls as the system wants; one, if it takes all at once.

    Raises:
        OSError: Not all of it could be written.

    """
    rest = memoryview(data)
    while rest:
        written = os.write(fd, rest)
        if written <= 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rest = rest[written:]


def _equip(fd: int, owner: os.stat_result | None, mode: int) -> None:
    if os.name != "posix":
        return
    status = os.fstat(fd)
    if owner is not None and (status.st_uid, status.st_gid) != (owner.st_uid, owner.st_gid) and os.geteuid() == 0:
        try:
            os.fchown(fd, owner.st_uid, owner.st_gid)
        except OSError:
            # Root of a container, where the owner has no number. The file may still be written in place.
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM)) from None
    if stat.S_IMODE(status.st_mode) != mode:
        try:
            # The umask took something away, or the old file was stricter. Of what is ours this can only fail where the
            # file system has no modes.
            os.fchmod(fd, mode)
        except PermissionError:
            return


def _sync(fd: int) -> None:
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
