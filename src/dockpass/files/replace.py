"""Give a file new contents: all of them or none, and only if it is still the file that was read.

The new contents go to a temporary file beside the real target, which is the owner's alone from its first byte on; that
is brought to the disk, gets the file's name, and the folder is brought to the disk. Whatever kills the process, and
wherever: the old or the new file is there. What may be left is a temporary file, 0600, which the next writer removes
(:func:`tidy`).

How it gets its name depends on what was read:

- Nothing was there: a hard link, which fails if something is there by now.
- A file was there: the two swap names (:mod:`~dockpass.files.exchange`). What comes out under the temporary name must
  be the version that was read; if it is not, somebody replaced the file in between, and theirs goes back at once. The
  temporary name says which file was ours and which one was read, so that if we are killed between the two steps the
  next writer can still tell, and finish them.
- Where names cannot be swapped, or links not be made: the file is looked at right before the rename. Between the two
  calls some microseconds remain.

Where renaming is impossible the file is written in place (:mod:`~dockpass.files.inplace`).
"""

from __future__ import annotations

import errno
import os
import stat

from dockpass.display import clean
from dockpass.errors import FileError, FileUnwritable
from dockpass.files import inplace
from dockpass.files.cause import unwritable
from dockpass.files.exchange import NoExchange, exchange
from dockpass.files.inplace import Changed, write_new
from dockpass.files.place import Place, identity, make_folder, resolve
from dockpass.files.read import kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockpass.files.place import Identity

__all__ = ["ANY", "Changed", "replace", "tidy"]


class _Any:
    """The type of :data:`ANY`."""


ANY: Final = _Any()
"""For ``expected``: whatever is there."""

_NEW = "dockpass-new"
_SWAP = "dockpass-swap"
_NO_FOLDER = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_RENAME = (errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM)
_BITS = 0xFFFF_FFFF_FFFF_FFFF
_TRIES = 20


def replace(path: str, data: bytes, *, expected: Identity | _Any | None = ANY, filler: bytes = b"") -> Identity:
    """Make ``data`` the contents of the file at ``path``, durably.

    Links are followed to the real file. A missing file is made with mode 0600, missing folders with 0700. An existing
    file keeps its owner, its group and its mode less what group and others may do. It is never written to
    through another of its names.

    Args:
        path: The file.
        data: The new contents.
        expected: Which version was read (``Snapshot.identity``); ``None`` if there was no file.
        filler: One byte that may follow the contents without changing their meaning, such as a space in JSON; makes
            writing in place safer, where that has to be.

    Returns:
        Which version is there now.

    Raises:
        Changed: Something else than ``expected`` is there. It was not touched.
        FileUnwritable: It could not be written. What was there is still there.

    """
    target = resolve(path)
    try:
        make_folder(os.path.dirname(target))
        with Place(target) as place:
            return _replace(place, data, expected, filler)
    except OSError as error:
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


def tidy(path: str) -> None:
    """Finish what a killed process has left beside the file at ``path``. Only for who holds its lock.

    Raises:
        FileUnwritable: The file was being written in place, and cannot be mended.

    """
    target = resolve(path)
    try:
        with Place(target) as place:
            _sweep(place)
            inplace.mend(place)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unwritable(path, error) from None


def _replace(place: Place, data: bytes, expected: Identity | _Any | None, filler: bytes) -> Identity:
    old = place.status(place.name)
    if not isinstance(expected, _Any) and (old and identity(old)) != expected:
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
        return inplace.overwrite(place, data, expected=identity(old), filler=filler)
    try:
        try:
            _commit(place, name, new, old, expected)
        except OSError as error:
            if old is None or error.errno not in _NO_RENAME:
                raise
            return inplace.overwrite(place, data, expected=identity(old), filler=filler)
    finally:
        place.remove(name)
    return new


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


def _commit(
    place: Place, name: str, new: Identity, old: os.stat_result | None, expected: Identity | _Any | None
) -> None:
    """Give the finished file ``name`` the target's name, if what is there is what was expected."""
    if isinstance(expected, _Any):
        place.move(name, place.name)
        place.sync()
    elif old is None:
        _commit_first(place, name, new)
    else:
        _commit_swap(place, name, new, old)


def _commit_first(place: Place, name: str, new: Identity) -> None:
    try:
        place.link(name, place.name)
    except FileExistsError:
        raise Changed from None
    except (OSError, NotImplementedError):
        # No hard links here.
        if place.status(place.name) is not None:
            raise Changed from None
        place.move(name, place.name)
    try:
        place.sync()
    except OSError:
        now = place.status(place.name)
        if now is not None and now.st_ino == new[1]:
            place.remove(place.name)
        raise


def _commit_swap(place: Place, name: str, new: Identity, old: os.stat_result) -> None:
    _close_to_others(place, old)
    swap = _swap_name(place, new, identity(old))
    place.move(name, swap)
    try:
        exchange(place, swap, place.name)
    except NoExchange:
        place.move(swap, name)
        _compare_and_move(place, name, old)
        return
    except FileNotFoundError:
        place.remove(swap)
        raise Changed from None
    except OSError:
        place.move(swap, name)
        raise
    if not _settle(place, swap, new, identity(old)):
        raise Changed
    try:
        place.sync()
    except OSError:
        exchange(place, swap, place.name)
        place.remove(swap)
        raise
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


def _compare_and_move(place: Place, name: str, old: os.stat_result) -> None:
    now = place.status(place.name)
    if now is None or identity(now) != identity(old):
        raise Changed
    place.move(name, place.name)
    place.sync()


def _settle(place: Place, swap: str, new: Identity, read: Identity) -> bool:
    """After a swap: is what came out the version that was read? If not, the newest version gets the name back.

    Returns:
        Whether our file has the name now. If not, ``swap`` is gone.

    """
    placed, out = new[1], place.status(swap)
    if out is None or _mark(identity(out)) == _mark(read):
        return True
    for _ in range(_TRIES):
        # What came out is newer than what we put in its place, and has to go back.
        try:
            exchange(place, swap, place.name)
        except FileNotFoundError:
            place.move(swap, place.name)
            return False
        came = place.status(swap)
        if came is None or came.st_ino == placed:
            break
        placed, out = out.st_ino, came
    place.remove(swap)
    return False


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
            exchange(place, swap, place.name)
    place.remove(swap)
