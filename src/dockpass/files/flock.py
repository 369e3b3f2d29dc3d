"""The kernel's lock on an open file: take it now, or learn that somebody has it.

The kernel drops such a lock when its holder dies, whatever the way; no file has to be removed, and none can be left
over.

``flock`` is asked first: it belongs to the open file, and so keeps threads apart too. Network file systems without it
get POSIX record locks, which belong to the process (:mod:`~dockpass.files.lock` keeps threads apart by itself). On
Windows one byte far behind the end of the file is locked, so that the rest can still be read by those who wait. That
variant is tested with a stand-in for the system's module only.

Reference: https://man7.org/linux/man-pages/man2/flock.2.html
"""

from __future__ import annotations

import errno
import os
import sys

from dockpass.files.place import close

if sys.platform != "win32":
    import fcntl

_WINDOWS = os.name == "nt"
_FAR = 1 << 30


class NoLocks(Exception):
    """The file system of this file has no locks at all (Lustre mounted without them, some FUSE drivers)."""


def grab(fd: int, *, shared: bool = False) -> bool:
    """Try to lock the open file ``fd``, without waiting.

    Args:
        fd: The open file; for an exclusive lock best open for writing, which network file systems want.
        shared: Whether others may hold a shared lock at the same time.

    Returns:
        Whether it is locked now; ``False`` means that somebody else holds a lock that excludes this one.

    Raises:
        NoLocks: The file system has none.

    """
    if _WINDOWS:
        return _grab_windows(fd)
    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
    try:
        fcntl.flock(fd, how)
    except BlockingIOError:
        return False
    except OSError:
        return _grab_record(fd, how)
    return True


def release(fd: int) -> None:
    """Unlock and close ``fd``. Explicitly, for a copy of ``fd`` in a forked process would keep the lock."""
    try:
        if _WINDOWS:
            _release_windows(fd)
        else:
            fcntl.flock(fd, fcntl.LOCK_UN)
    except OSError:
        pass  # a record lock; closing drops it
    finally:
        close(fd)


def _grab_record(fd: int, how: int) -> bool:
    try:
        fcntl.lockf(fd, how)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN):
            return False
        raise NoLocks from error
    return True


def _grab_windows(fd: int) -> bool:
    import msvcrt

    os.lseek(fd, _FAR, os.SEEK_SET)
    try:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EDEADLK):
            return False
        raise NoLocks from error
    return True


def _release_windows(fd: int) -> None:
    import msvcrt

    os.lseek(fd, _FAR, os.SEEK_SET)
    msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined, unused-ignore]
