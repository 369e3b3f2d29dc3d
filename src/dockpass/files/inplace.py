"""Write into a file that cannot be replaced, without ever losing what was in it.

A mount point cannot be renamed over, and in a folder that is not ours to write nothing can be renamed at all. Such a
file is written in place, in this order:

1. The journal: a file beside it with the old and the new contents, complete and on the disk before it gets its name.
2. If the new contents are longer, the file is first made longer with the filler (for JSON: spaces after the end). It
   still holds the old contents; and if the disk is full, it shows now, when nothing is lost.
3. The new contents are written in one single call; if they are shorter, filled up to the old length. Then fsync.
4. The file is cut to its new length. Then fsync, and the journal is removed.

So a process that is killed leaves the old contents, or the new ones, each perhaps with filler behind it; only within
the single call of step 3, between two pages of it (4 KiB), or when the power fails, can there be a mixture. Then the
journal is still there, and the next reader or writer (:func:`mend`) brings back the old contents, whose replacement
was never reported as done. A file that is no such mixture was changed by somebody else since, and is left as it is.

Where no journal can be made, because the folder is not ours to write, steps 2 to 4 have to do alone: a file of up to
one page is then still either old or new after a kill, a longer one only if the kill does not fall within that call.
"""

from __future__ import annotations

import binascii
import errno
import os
import stat
import time

from dockpass.display import clean
from dockpass.errors import FileLocked, FileUnwritable
from dockpass.files.flock import NoLocks, grab
from dockpass.files.fresh import write_all, write_new
from dockpass.files.place import Changed, close, identity
from dockpass.files.read import contents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.files.place import Identity, Place

_NO_FOLDER = (errno.EACCES, errno.EPERM, errno.EROFS)
_HEADER = b"dockpass journal 1"
_LARGEST = 1 << 30
_TURN = 10.0  # seconds


def overwrite(place: Place, data: bytes, *, expected: Identity | None, filler: bytes) -> Identity:
    """Put ``data`` into the existing file of ``place``, in place. The caller holds its lock.

    Args:
        place: The file.
        data: The new contents.
        expected: Which version must be there; ``None``: any.
        filler: One byte that may follow the contents without changing their meaning; ``b""`` if there is none.

    Returns:
        Which version is there now.

    Raises:
        Changed: Another version is there.
        FileUnwritable: The file has other names (hard links), which must not be written through to.
        FileLocked: Somebody else writes it in place, through another mount, and does not end.
        OSError: It could not be written; the old contents are there, or the journal that brings them back.

    """
    fd = place.open(place.name, os.O_RDWR)
    try:
        # In a container the lock file is in another folder than on the host; the file itself is the same.
        _take_turn(fd, place.target)
        _mend(place, fd)
        status = os.fstat(fd)
        if expected is not None and identity(status) != expected:
            raise Changed
        _refuse_links(place, status)
        _close_to_others(fd, status)
        _write(place, fd, status, data, filler)
        return identity(os.fstat(fd))
    finally:
        close(fd)


def mend(place: Place) -> None:
    """Bring back the old contents if somebody was killed while writing in place. The caller holds the lock.

    Raises:
        OSError: The file cannot be written. The journal stays.

    """
    if not place.is_half_written():
        return
    try:
        fd = place.open(place.name, os.O_RDWR)
    except FileNotFoundError:
        place.remove(place.journal)
        return
    try:
        _take_turn(fd, place.target)
        _mend(place, fd)
    finally:
        close(fd)


def _take_turn(fd: int, path: str) -> None:
    deadline = time.monotonic() + _TURN
    try:
        while not grab(fd):
            if time.monotonic() > deadline:
                raise FileLocked(
                    f"{clean(path)} is locked by another process, which did not let go within {_TURN:g} seconds",
                    "let that process finish, or stop it, and try again",
                    path=path,
                )
            time.sleep(0.005)
    except NoLocks:
        return


def _refuse_links(place: Place, status: os.stat_result) -> None:
    if status.st_nlink > 1:
        raise FileUnwritable(
            f"cannot write {clean(place.target)}: it cannot be replaced, and has a second name (a hard link), "
            "which would get the new contents too",
            "remove the other name: find it with find / -samefile FILE",
            path=place.target,
        )


def _close_to_others(fd: int, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077 and os.name == "posix":
        try:
            os.fchmod(fd, mode & 0o700)
        except PermissionError:
            # Of one's own file the mode can always be changed, unless the file system has no modes.
            if status.st_uid != os.geteuid():
                raise


def _write(place: Place, fd: int, status: os.stat_result, new: bytes, filler: bytes) -> None:
    old = _all(fd)
    journal = _begin_journal(place, status, old, new)
    try:
        if filler and len(new) > len(old):
            _put(fd, filler * (len(new) - len(old)), len(old))
            os.fsync(fd)
        length = max(len(old), len(new))
        _put(fd, new + filler * (length - len(new)), 0)
        os.fsync(fd)
        if len(new) < length:
            os.ftruncate(fd, len(new))
            os.fsync(fd)
    except BaseException:
        _restore(fd, old, filler)
        if journal:
            place.remove(place.journal)
        raise
    if journal:
        place.remove(place.journal)


def _restore(fd: int, old: bytes, filler: bytes) -> None:
    """The old contents again. If this fails too, the error leaves the journal where it is."""
    # No longer than the file is by now: there may be no room for more.
    _put(fd, old + filler * (os.fstat(fd).st_size - len(old)), 0)
    os.ftruncate(fd, len(old))
    os.fsync(fd)


def _put(fd: int, data: bytes, position: int) -> None:
    os.lseek(fd, position, os.SEEK_SET)
    write_all(fd, data)


def _all(fd: int) -> bytes:
    os.lseek(fd, 0, os.SEEK_SET)
    return contents(fd, _LARGEST)


def _begin_journal(place: Place, owner: os.stat_result, old: bytes, new: bytes) -> bool:
    """Write the journal. Returns whether there is one: not where the folder cannot be written."""
    name = f"{place.sibling('dockpass-new')}-{os.urandom(8).hex()}"
    check = binascii.crc32(new, binascii.crc32(old))
    head = b"%s %d %d %d\n" % (_HEADER, len(old), len(new), check)
    try:
        write_new(place, name, head + old + new, owner)
        place.move(name, place.journal)
        place.sync()
    except OSError as error:
        place.remove(name)
        if error.errno in _NO_FOLDER:
            return False
        place.remove(place.journal)
        raise
    return True


def _mend(place: Place, fd: int) -> None:
    name = place.journal
    journal = _read_journal(place, name, os.fstat(fd).st_uid)
    if journal is None:
        return
    old, new = journal
    there = _all(fd)
    if _is_mixture(there, old, new):
        _restore(fd, old, b"")
    place.remove(name)


def _read_journal(place: Place, name: str, owner: int) -> tuple[bytes, bytes] | None:
    """The old and the new contents; ``None`` if there is no journal, or none that we could trust."""
    try:
        fd = place.open(name, os.O_RDONLY)
    except OSError:
        return None
    try:
        status = os.fstat(fd)
        # Root's, or the file's owner's, who could have written the file itself.
        if not stat.S_ISREG(status.st_mode) or status.st_uid not in (owner, 0):
            return None
        head, _newline, body = contents(fd, _LARGEST).partition(b"\n")
    finally:
        os.close(fd)
    numbers = head.removeprefix(_HEADER + b" ").split(b" ")
    if len(numbers) != 3 or not all(number.isdigit() and len(number) < 12 for number in numbers):
        return None
    first, second, check = map(int, numbers)
    if len(body) != first + second or binascii.crc32(body) != check:
        return None
    return body[:first], body[first:]


def _is_mixture(there: bytes, old: bytes, new: bytes) -> bool:
    """Whether each byte comes from the old or the new contents (or was never written: zero), and not all from one."""
    length = max(len(old), len(new))
    if len(there) > length or there.rstrip() in (old.rstrip(), new.rstrip()):
        return False
    old, new = old.ljust(length), new.ljust(length)
    return all(byte in (0, old[at], new[at]) for at, byte in enumerate(there))
