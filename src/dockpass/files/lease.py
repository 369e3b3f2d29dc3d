"""A new file that already has its name, but that nobody can open before it is known to be the right one.

Between the swap of two names and the look at what came out, another program could read the new file, change it and
write it back; and if what came out was a third version, with somebody's change in it, that change would be gone. So the
new file is leased for these microseconds: who opens it waits in the kernel, without noticing. Were it the wrong one, it
gets the contents of the right one before they read it.

The same goes for what came out and is put back. By then somebody may have written a newer version, which comes out in
turn; whoever opened the older one in between would write their change on top of that, and undo the newer one.

Only Linux has this, not on every file system, only for one's own files, and not for one that somebody has open. Where
it is refused nobody waits, and a gap of microseconds remains: the change of another program is lost if it is written
between our reading and the swap, and a second program reads between the swap and the end, and writes after that.

Reference: https://man7.org/linux/man-pages/man2/fcntl.2.html (Leases)
"""

from __future__ import annotations

import os
import sys

from dockpass.files.place import close
from dockpass.files.read import contents

if sys.platform == "linux":
    import fcntl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.files.place import Place


class Lease:
    """Keeps everybody else from opening a file, until :meth:`end`. Where that is not possible, it keeps nobody.

    Until then no other file can get the inode of this one, either, though its last name be gone.

    Args:
        place: The folder.
        name: The name of a file that nobody has open.

    """

    __slots__ = ("_fd", "_is_ours")

    def __init__(self, place: Place, name: str) -> None:
        self._fd: int | None = None
        self._is_ours = False
        if sys.platform != "linux":
            return
        try:
            self._fd = _open(place, name)
            fcntl.fcntl(self._fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            self._is_ours = True
            # Nobody is told when somebody waits: the signal would end a process that does not expect it.
            fcntl.fcntl(self._fd, fcntl.F_SETOWN, 0)
        except OSError:
            return  # somebody has it open, or it is somebody else's, or there are none here

    def contents(self, limit: int) -> bytes | None:
        """What is in the file, ``limit`` bytes at the most; ``None`` if it has no name any more, or is not known."""
        try:
            if self._fd is None or not os.fstat(self._fd).st_nlink:
                return None
            os.lseek(self._fd, 0, os.SEEK_SET)
            return contents(self._fd, limit)
        except OSError:
            return None

    def end(self, contents: bytes | None = None) -> None:
        """Let those who wait open the file.

        Args:
            contents: What they shall find in it, if it has no name any more; ``None``: what is in it.

        """
        fd, self._fd = self._fd, None
        if fd is None:
            return
        try:
            if contents is not None and self._is_ours and not os.fstat(fd).st_nlink:
                os.lseek(fd, 0, os.SEEK_SET)
                os.write(fd, contents)
                os.ftruncate(fd, len(contents))
            # Explicitly, for a copy of fd in a forked process would keep it.
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError:
            pass
        finally:
            close(fd)


def _open(place: Place, name: str) -> int:
    try:
        return place.open(name, os.O_RDWR)
    except PermissionError:
        return place.open(name, os.O_RDONLY)
