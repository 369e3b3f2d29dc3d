"""What the system says when it refuses, in words, and with what to do about it."""

from __future__ import annotations

import errno

from dockpass.display import clean
from dockpass.errors import FileUnreadable, FileUnwritable

_MORE_ROOM = "free some space there and try again"
_ELSEWHERE = "use a folder that can be written to"

_WORDS = {
    errno.ENOSPC: ("no space left on the disk", _MORE_ROOM),
    errno.EDQUOT: ("the disk quota is used up", _MORE_ROOM),
    errno.EFBIG: ("it would be larger than allowed", "check the limits of this session: ulimit -f"),
    errno.EIO: ("the disk reports an error", "check the disk and the system's log before trying again"),
    errno.EROFS: ("the file system is read-only", _ELSEWHERE),
    errno.EACCES: ("permission denied", "check who owns the file and its folder, and their modes: ls -ld"),
    errno.EPERM: (
        "not permitted",
        "check the owner and the modes of the file and its folder, and whether the file is immutable: lsattr",
    ),
    errno.EBUSY: ("it is in use by the system, such as a mount point", _ELSEWHERE),
    errno.ENOTDIR: ("a part of its path is not a folder", "check the path"),
    errno.ENOENT: ("a part of its path does not exist", "check the path"),
    errno.EISDIR: ("it is a folder", "check the path"),
    errno.ELOOP: ("its symbolic links lead in a circle", "check where the links point: ls -l"),
    errno.ENAMETOOLONG: ("its name is too long", "use a shorter path"),
    errno.EMFILE: ("too many open files in this process", "close some, or raise the limit: ulimit -n"),
    errno.ENFILE: ("too many open files on this system", "close some programs and try again"),
    errno.ENXIO: ("it is a socket or a device that is not there", "check the path"),
    errno.ESTALE: ("the file server has forgotten it", "mount the folder again and try again"),
}


def words(error: OSError) -> tuple[str, str]:
    """The cause of ``error``, lower case and without a full stop, and what to do next."""
    number = error.errno or 0
    if number in _WORDS:
        return _WORDS[number]
    text = error.strerror or str(error) or "unknown error"
    return clean(text[:1].lower() + text[1:]), "check the file and its folder, and try again"


def unwritable(path: str, error: OSError) -> FileUnwritable:
    """The error to raise where ``path`` could not be written because of ``error``."""
    why, hint = words(error)
    return FileUnwritable(f"cannot write {clean(path)}: {why}", hint, path=path)


def unreadable(path: str, error: OSError) -> FileUnreadable:
    """The error to raise where ``path`` could not be read because of ``error``."""
    why, hint = words(error)
    return FileUnreadable(f"cannot read {clean(path)}: {why}", hint, path=path)
