"""Give a file new contents: all of them or none, and only if it is still the file that was read.

The new contents go to a temporary file beside the real target, which is the owner's alone from its first byte on; that
is brought to the disk, gets the file's name, and the folder is brought to the disk. Whatever kills the process, and
wherever: the old or the new file is there. What may be left is a temporary file, 0600, which the next writer removes
(:func:`tidy`).

How it gets its name depends on what was read:

- Nothing was there: a hard link, which fails if something is there by now.
- A file was there: the two swap names (:mod:`~dockpass.files.exchange`). What comes out under the temporary name must
  be the version that was read; if it is not, somebody replaced the file in between, and theirs goes back at once,
  before anybody can have read ours (:mod:`~dockpass.files.lease`); unless a newer one of theirs has the name by now,
  which keeps it. The temporary name says which file was ours and which one was read, so that if we are killed between
  the two steps the next writer can still tell, and finish them.
- Where names cannot be swapped, or links not be made: the file is looked at right before the rename. Between the two
  calls some microseconds remain.

Where renaming is impossible the file is written in place (:mod:`~dockpass.files.inplace`).
"""

from __future__ import annotations

import errno
import os
import stat
import time

from dockpass.display import clean
from dockpass.errors import FileError, FileUnwritable
from dockpass.files.exchange import NoExchange, exchange
from dockpass.files.fresh import write_new
from dockpass.files.lease import Lease
from dockpass.files.place import Changed, Place, identity, make_folder, resolve
from dockpass.files.read import kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockpass.files.place import Identity

__all__ = ["ANY", "Changed", "is_tidy", "replace", "tidy"]


class Anything:
    """The type of :data:`ANY`."""


ANY: Final = Anything()
"""For ``expected``: whatever is there."""

_NEW = "dockpass-new"
_SWAP = "dockpass-swap"
_NO_FOLDER = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_RENAME = (errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM)
_BITS = 0xFFFF_FFFF_FFFF_FFFF
_TRIES = 20
_LARGEST = 1 << 30


class Replaced:
    """What :func:`replace` did.

    Attributes:
        now: Which version of the file is there now.
        before: The last look at what was there before; ``None`` if nothing was.
        at: When it came there, by :func:`time.monotonic`. Bringing it to the disk took until now.

    """

    __slots__ = ("at", "before", "now")

    def __init__(self, now: Identity, before: os.stat_result | None, at: float) -> None:
        self.now = now
        self.before = before
        self.at = at


def replace(path: str, data: bytes, *, expected: Identity | Anything | None = ANY, filler: bytes = b"") -> Replaced:
    """Make ``data`` the contents of the file at ``path``, durably.

    Links are followed to the real file. A missing file is made with mode 0600, missing folders with 0700. An existing
    file keeps its owner, its group and its mode less what group and others may do. It is never written to
    through another of its names. Who calls :func:`tidy` for a file must hold its lock for this too.

    Args:
        path: The file.
        data: The new contents.
        expected: Which version was read (``Snapshot.identity``); ``None`` if there was no file.
        filler: One byte that may follow the contents without changing their meaning, such as a space in JSON; makes
            writing in place safer, where that has to be.

    Returns:
        What is there now, and what was there.

    Raises:
        Changed: Something else than ``expected`` is there. It was not touched.
        FileUnwritable: It could not be written. What was there is still there. Only where two names cannot be swapped,
            and only if nothing but the last step fails, which brings the folder to the disk, the new contents are
            there; they might not survive if the power fails.

    """
    target = resolve(path)
    try:
        make_folder(os.path.dirname(target))
        with Place(target) as place:
            return _replace(place, data, expected, filler)
    except OSError as error:
        from dockpass.files.cause import unwritable

        raise unwritable(path, error) from None


def close_to_others(path: str) -> None:
    """Take from the file at ``path`` whatever its group and others may do with it; its owner and root can.

    Where that is not possible, nothing happens: this is for a file that needs no new contents.
    """
    try:
        with Place(resolve(path)) as place:
            there = place.status(place.name)
            if there is not None and not kind(there.st_mode):
                _close_to_others(place, there)
    except (OSError, FileError):
        return


def is_tidy(path: str) -> bool:
    """Whether there is nothing beside the file at ``path`` that :func:`tidy` would have to do with.

    If there is, somebody was killed, or is at work in this moment.
    """
    try:
        with Place(resolve(path)) as place:
            ours = tuple(f"{place.sibling(kind)}-" for kind in (_NEW, _SWAP))
            return not place.is_half_written() and not any(name.startswith(ours) for name in place.names())
    except (OSError, FileError):
        return True


def tidy(path: str) -> None:
    """Finish what a killed process has left beside the file at ``path``. Only for who holds its lock.

    Raises:
        FileUnwritable: The file was being written in place, and cannot be mended.

    """
    target = resolve(path)
    try:
        with Place(target) as place:
            _sweep(place)
            if place.is_half_written():
                from dockpass.files.inplace import mend

                mend(place)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        from dockpass.files.cause import unwritable

        raise unwritable(path, error) from None


def _replace(place: Place, data: bytes, expected: Identity | Anything | None, filler: bytes) -> Replaced:
    old = place.status(place.name)
    if not isinstance(expected, Anything) and (old and identity(old)) != expected:
        raise Changed
    if old is not None:
        _check(place, old)
    name = f"{place.sibling(_NEW)}-{os.urandom(8).hex()}"
    try:
        mode = 0o600 if old is None else stat.S_IMODE(old.st_mode)
        new = write_new(place, name, data, old, mode)
    except OSError as error:
        if old is None or error.errno not in _NO_FOLDER:
            raise
        return _overwrite(place, data, old, filler)
    try:
        try:
            return _commit(place, name, new, old, expected)
        except _NoRename as obstacle:
            if old is None:
                raise obstacle.error from None
            return _overwrite(place, data, old, filler)
    finally:
        place.remove(name)


def _overwrite(place: Place, data: bytes, old: os.stat_result, filler: bytes) -> Replaced:
    from dockpass.files.inplace import overwrite

    return Replaced(overwrite(place, data, expected=identity(old), filler=filler), old, time.monotonic())


def _check(place: Place, old: os.stat_result) -> None:
    if what := kind(old.st_mode):
        raise FileUnwritable(
            f"cannot write {clean(place.target)}: it is {what}, not a file",
            "look at what it is: ls -l",
            path=place.target,
        )
    if os.name == "posix" and os.geteuid() not in (0, old.st_uid):
        raise FileUnwritable(
            f"cannot write {clean(place.target)}: it belongs to {_user(old.st_uid)}, not to you",
            "have it given back (sudo chown), or run this as its owner or with sudo",
            path=place.target,
        )


def _user(uid: int) -> str:
    import pwd

    try:
        return f"{clean(pwd.getpwuid(uid).pw_name, 64)} (uid {uid})"
    except KeyError:
        return f"uid {uid}"


class _NoRename(Exception):
    """The file cannot be renamed over: a mount point, for instance. ``error`` is what the system said."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error


def _move(place: Place, name: str) -> None:
    try:
        place.move(name, place.name)
    except OSError as error:
        if error.errno in _NO_RENAME:
            raise _NoRename(error) from None
        raise


def _commit(
    place: Place, name: str, new: Identity, old: os.stat_result | None, expected: Identity | Anything | None
) -> Replaced:
    """Give the finished file ``name`` the target's name, if what is there is what was expected."""
    if isinstance(expected, Anything):
        return _commit_move(place, name, new, old)
    return _commit_first(place, name, new) if old is None else _commit_swap(place, name, new, old)


def _commit_move(place: Place, name: str, new: Identity, old: os.stat_result | None) -> Replaced:
    _move(place, name)
    at = time.monotonic()
    place.sync()
    return Replaced(new, old, at)


def _commit_first(place: Place, name: str, new: Identity) -> Replaced:
    try:
        place.link(name, place.name)
    except FileExistsError:
        raise Changed from None
    except (OSError, NotImplementedError):
        # No hard links here.
        if place.status(place.name) is not None:
            raise Changed from None
        _move(place, name)
    at = time.monotonic()
    try:
        place.sync()
    except OSError:
        now = place.status(place.name)
        if now is not None and now.st_ino == new[1]:
            place.remove(place.name)
        raise
    return Replaced(new, None, at)


def _commit_swap(place: Place, name: str, new: Identity, old: os.stat_result) -> Replaced:
    _close_to_others(place, old)
    swap = _swap_name(place, new, identity(old))
    place.move(name, swap)
    lease = Lease(place, swap)
    try:
        try:
            exchange(place, swap, place.name)
        except NoExchange:
            place.move(swap, name)
            return _compare_and_move(place, name, new, old)
        except FileNotFoundError:
            raise Changed from None
        except OSError as error:
            if error.errno in _NO_RENAME:
                raise _NoRename(error) from None
            raise
        at = time.monotonic()
        try:
            out = place.status(swap)
            if out is not None and _mark(identity(out)) != _mark(identity(old)):
                raise Changed
            lease.end()
            place.sync()
            return Replaced(new, out or old, at)
        except (Changed, OSError):
            _give_back(place, swap, new[1], lease)
            raise
    finally:
        lease.end()
        _clear(place, swap, new, identity(old))


def _clear(place: Place, swap: str, new: Identity, read: Identity) -> None:
    """Remove what has the name ``swap``, if it is our file or the version that was read: neither is needed there."""
    try:
        out = place.status(swap)
    except OSError:
        return  # the next writer tries again
    if out is not None and (out.st_ino == new[1] or _mark(identity(out)) == _mark(read)):
        place.remove(swap)


def _close_to_others(place: Place, old: os.stat_result) -> None:
    """The old file gets a new name for a moment, and under that nobody else may read it either."""
    if not stat.S_IMODE(old.st_mode) & 0o077:
        return
    try:
        fd = place.open(place.name, os.O_RDONLY)
    except OSError:
        return
    try:
        if identity(os.fstat(fd)) == identity(old):
            os.fchmod(fd, stat.S_IMODE(old.st_mode) & 0o700)
    except OSError:
        return
    finally:
        os.close(fd)


def _compare_and_move(place: Place, name: str, new: Identity, old: os.stat_result) -> Replaced:
    now = place.status(place.name)
    if now is None or identity(now) != identity(old):
        raise Changed
    return _commit_move(place, name, new, now)


def _give_back(place: Place, swap: str, placed: int, *leases: Lease) -> None:
    """What came out of a swap gets the file's name back, unless a newer version has it by now: then that keeps it.

    Who opens a file that has the name only for a moment waits for the end, and then finds in it what the last one has.

    Args:
        place: The file.
        swap: The name of what came out.
        placed: The inode of what went in.
        leases: That of what went in. It is ended.

    """
    held = list(leases)
    try:
        _put_back(place, swap, placed, held)
    finally:
        newest = next((data for lease in held if (data := lease.contents(_LARGEST)) is not None), None)
        for lease in held:
            lease.end(newest)


def _put_back(place: Place, swap: str, placed: int, held: list[Lease]) -> None:
    """See :func:`_give_back`. What is leased is added to ``held``."""
    going = _inode(place, swap)
    for _ in range(_TRIES):
        now = _inode(place, place.name)
        if now not in (placed, None):
            place.remove(swap)  # a newer one is there
            return
        held.append(Lease(place, swap))
        try:
            exchange(place, swap, place.name)
        except FileNotFoundError:
            place.move(swap, place.name)
            return
        came = _inode(place, swap)
        if came == placed:
            place.remove(swap)
        if came in (placed, None) or going is None:
            return
        # Somebody wrote in between: it is their version that came out now, and has to go back in turn.
        placed, going = going, came


def _inode(place: Place, name: str) -> int | None:
    """The inode of what has this name; ``None`` if nothing has, or if that cannot be found out."""
    try:
        status = place.status(name)
    except OSError:
        return None
    return None if status is None else status.st_ino


def _mark(version: Identity) -> tuple[int, int, int]:
    """What a temporary name can say of a version. The device is the folder's."""
    _device, inode, written, size = version
    return inode & _BITS, written & _BITS, size & _BITS


def _swap_name(place: Place, new: Identity, read: Identity) -> str:
    return "-".join((place.sibling(_SWAP), f"{new[1] & _BITS:x}", *(f"{number:x}" for number in _mark(read))))


def _sweep(place: Place) -> None:
    """Remove the temporary files of processes that were killed; they cannot be at work, for we hold the lock."""
    new, swap = place.sibling(_NEW) + "-", place.sibling(_SWAP) + "-"
    for name in place.names():
        if name.startswith(new):
            place.remove(name)
        elif name.startswith(swap):
            _finish(place, name, name.removeprefix(swap).split("-"))


def _finish(place: Place, swap: str, numbers: list[str]) -> None:
    """End the swap in which somebody was killed."""
    try:
        ours, *read = (int(number, 16) for number in numbers)
    except ValueError:
        return
    out, now = place.status(swap), place.status(place.name)
    if out is None:
        return
    if out.st_ino & _BITS != ours and list(_mark(identity(out))) != read:
        # A version that nobody of us had read came out, and the process was killed before it could put it back.
        if now is None:
            place.move(swap, place.name)
        elif now.st_ino & _BITS == ours:
            try:
                _give_back(place, swap, now.st_ino)
            except NoExchange:
                place.move(swap, place.name)  # another system has this disk now
            return
    place.remove(swap)
