"""Two files swap their names, in one step of the kernel.

A rename throws away whatever had the name, unseen. After a swap it is still there, under the other name, and can be
looked at: was it the version that was read, or one that somebody wrote in between?

Only Linux has this, and not on every file system. Python has no function for it. :mod:`ctypes` can call that of the C
library, but takes 2 ms to load; so the module beneath it is asked, which takes a tenth of that. Its names are not
promised to stay: where one is missing, ctypes does it.

Reference: https://man7.org/linux/man-pages/man2/rename.2.html
"""

from __future__ import annotations

import errno
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.files.place import Place

_RENAME_EXCHANGE = 2
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM)


class NoExchange(Exception):
    """Here two names cannot be swapped: not on this system, or not on this file system."""


def exchange(place: Place, one: str, other: str) -> None:
    """Swap the names ``one`` and ``other`` in the folder of ``place``. Both must exist.

    Raises:
        NoExchange: Not known here (or forbidden: some sandboxes answer so to calls that they do not know).
        OSError: Known, but it failed.

    """
    call = _renameat2()
    if place.fd is None or call is None:
        raise NoExchange
    number = call(place.fd, os.fsencode(one), os.fsencode(other))
    if number in _UNKNOWN:
        raise NoExchange
    if number:
        raise OSError(number, os.strerror(number))


def prepare() -> None:
    """Load what :func:`exchange` needs, while there is time."""
    _renameat2()


_found: list[Callable[[int, bytes, bytes], int] | None] = []


def _renameat2() -> Callable[[int, bytes, bytes], int] | None:
    """The system call, as a function that returns 0 or the number of the error; ``None`` if there is none."""
    if not _found:
        _found.append(_find())
    return _found[0]


def _find() -> Callable[[int, bytes, bytes], int] | None:
    if sys.platform != "linux":
        return None
    for way in (_beneath_ctypes, _by_ctypes):
        try:
            return way()
        except (ImportError, AttributeError, TypeError, OSError):
            continue
    return None


def _beneath_ctypes() -> Callable[[int, bytes, bytes], int]:
    """The call, by the C module that ctypes is made of.

    Raises:
        ImportError, AttributeError, TypeError: This Python has no such module, or another one.
        OSError, AttributeError: The C library has no such call.

    """
    import _ctypes

    class Int(_ctypes._SimpleCData):  # type: ignore[type-arg]  # noqa: SLF001
        _type_ = "i"

    class Function(_ctypes.CFuncPtr):
        _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
        _restype_ = Int

    library = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]  # what is linked into Python: the C library too
    function = Function(_ctypes.dlsym(library, "renameat2"))
    get_errno = _ctypes.get_errno

    def swap(folder: int, one: bytes, other: bytes) -> int:
        return 0 if function(folder, one, folder, other, _RENAME_EXCHANGE) == 0 else get_errno()

    return swap


def _by_ctypes() -> Callable[[int, bytes, bytes], int]:
    """The call, by ctypes.

    Raises:
        ImportError: This Python has no ctypes.
        OSError, AttributeError: The C library has no such call.

    """
    import ctypes

    function = ctypes.CDLL(None, use_errno=True).renameat2
    function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)

    def swap(folder: int, one: bytes, other: bytes) -> int:
        return 0 if function(folder, one, folder, other, _RENAME_EXCHANGE) == 0 else ctypes.get_errno()

    return swap
