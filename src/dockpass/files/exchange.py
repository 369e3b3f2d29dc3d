"""Two files swap their names, in one step of the kernel.

A rename throws away whatever had the name, unseen. After a swap it is still there, under the other name, and can be
looked at: was it the version that was read, or one that somebody wrote in between?

Only Linux has this, and not on every file system. Python has no function for it; loading :mod:`ctypes` costs 1.5 ms.

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


_found: list[Callable[[int, bytes, bytes], int] | None] = []


def _renameat2() -> Callable[[int, bytes, bytes], int] | None:
    """The system call, as a function that returns 0 or the number of the error; ``None`` if there is none."""
    if not _found:
        _found.append(_find())
    return _found[0]


def _find() -> Callable[[int, bytes, bytes], int] | None:
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (ImportError, OSError, AttributeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)

    def swap(folder: int, one: bytes, other: bytes) -> int:
        return 0 if function(folder, one, folder, other, _RENAME_EXCHANGE) == 0 else ctypes.get_errno()

    return swap
