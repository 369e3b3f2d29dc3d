"""A new file that already has its name, but that nobody can open before it is known to be the right one.

Between the swap of two names and the look at what came out, another program could read the new file, change it and
write it back; and if what came out was a third version, with somebody's change in it, that change would be gone. So the
new file is leased for these microseconds: who opens it waits in the kernel, without noticing. Were it the wrong one, it
gets the contents of the right one before they read it.

Only Linux has this, not on every file system, and only for one's own files. Where it is refused, nothing happens.

Reference: https://man7.org/linux/man-pages/man2/fcntl.2.html (Leases)
"""

from __future__ import annotations

import os
import sys

from dockpass.files.place import close

if sys.platform == "linux":
    import fcntl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.files.place import Place


class Lease:
    """Keeps everybody else from opening a file, until :meth:`end`. Where that is not possible, it keeps nobody.

    Args:
        place: The folder.
        name: The name of a file that nobody has open.

    """

    __slots__ = ("_fd",)

    def __init__(self, place: Place, name: str) -> None:
        self._fd: int | None = None
        if sys.platform != "linux":
            return
        try:
            self._fd = place.open(name, os.O_RDWR)
            fcntl.fcntl(self._fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            # Nobody is told when somebody waits: the signal would end a process that does not expect it.
            fcntl.fcntl(self._fd, fcntl.F_SETOWN, 0)
        except OSError:
            self.end()

    def end(self, contents: bytes | None = None) -> None:
        """Let those who wait open the file.

        Args:
            contents: What they shall find in it; ``None``: what is in it.

        """
        fd, self._fd = self._fd, None
        if fd is None:
            return
        try:
            if contents is not None:
                os.write(fd, contents)
                os.ftruncate(fd, len(contents))
            # Explicitly, for a copy of fd in a forked process would keep it.
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError:
            pass
        finally:
            close(fd)
