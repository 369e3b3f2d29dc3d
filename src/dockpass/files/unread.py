"""Whether others have read a version of a file since one of us wrote it: they may be about to change it.

The system notes when a file was last read, but in steps of some milliseconds, and most systems only the first time
after a change ("relatime"). So a new file gets a time of reading that no reading gives: exactly one second before it
was written. As long as that stands, nobody has read it; we ourselves read without leaving a time (O_NOATIME). Where
the system notes no such times at all, nothing is noticed.

Reference: https://man7.org/linux/man-pages/man8/mount.8.html (noatime, relatime)
"""

from __future__ import annotations

import os
import time

RECENT = 2.0
"""What happened in the last so many seconds may still go on."""

_MARK = 10**9  # nanoseconds
_BY_FD = os.utime in os.supports_fd


def mark(fd: int) -> None:
    """Mark the open file, which was just written, as one that nobody has read."""
    if not _BY_FD:
        return
    try:
        written = os.fstat(fd).st_mtime_ns
        os.utime(fd, ns=(written - _MARK, written))
    except OSError:
        return


def was_read(status: os.stat_result) -> bool:
    """Whether somebody else has read this version lately."""
    return status.st_atime_ns != status.st_mtime_ns - _MARK and is_recent(status.st_atime)


def is_recent(moment: float) -> bool:
    """Whether ``moment``, in seconds since 1970, was just now."""
    return abs(time.time() - moment) < RECENT
