"""Change a file, and make sure that the change stays: under the lock, merged with what others write meanwhile.

The change is a function from the old contents to the new ones. It may be asked for several times, for each time
somebody wrote in between it starts again from what they wrote.

Programs that take no lock can also undo it without knowing: they read before us and write after us. So the file is
looked at once more after a few milliseconds; for longer where there are signs that somebody is at work, that is, where
the file was not what one of us had left, and was written in the last seconds. Only the time between reading and
writing of the others matters, and that cannot be known: docker takes it from start to end of a login. Who wants to be
safe from that must not run both at once.
"""

from __future__ import annotations

import os
import time

from dockpass.display import clean
from dockpass.errors import FileError, FileUnwritable
from dockpass.files import inplace
from dockpass.files.lock import lock
from dockpass.files.place import Place, identity, resolve
from dockpass.files.read import read
from dockpass.files.replace import ANY, Changed, replace, tidy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.files.lock import Lock
    from dockpass.files.place import Identity
    from dockpass.files.read import Snapshot

    Edit = Callable[[Snapshot | None], bytes | None]

_ATTEMPTS = 200  # at changing the file while others change it
_SAME = 10  # times that only the number of the file was another
_LOOKS = 12  # at the changed file while others change it
_RECENT = 2.0  # seconds
_SHORT = (0.001, 0.001, 0.001)
_LONG = (0.002,) * 20
_JUST_EMPTIED = 0.2  # seconds


def rewrite(
    path: str, edit: Edit, *, limit: int, filler: bytes = b"", waiting: Callable[[str], None] | None = None
) -> bool:
    """Change the file at ``path`` by ``edit``. When this returns, the change is made, on the disk, and still there.

    Args:
        path: The file; it need not exist.
        edit: Gets the file as it is (``None`` if there is none) and returns the new contents, or ``None`` if there is
            nothing to change. Called once without the lock, and if that changes something, again with it, until it is
            done. What it raises is raised, and nothing is written.
        limit: How large the file may be, in bytes.
        filler: See :func:`~dockpass.files.replace.replace`.
        waiting: See :func:`~dockpass.files.lock.lock`.

    Returns:
        Whether something was written.

    Raises:
        FileLocked: Another process has the lock and does not let go.
        FileUnreadable: The file is there, but cannot be read.
        FileUnwritable: It cannot be written, or others change it without end.

    """
    if not _is_pending(path) and edit(read(path, limit=limit)) is None:
        return False
    with lock(path, waiting=waiting) as held:
        if held.firm:
            tidy(path)
        return _Change(path, edit, limit, filler, held).make()


def mended(path: str) -> bool:
    """Whether the file at ``path`` had been left half written, and is whole again now.

    Raises:
        FileLocked: Another process is writing it, and does not end.

    """
    if not _is_pending(path):
        return False
    try:
        with lock(path) as held:
            if held.firm:
                tidy(path)
    except FileUnwritable:
        return False
    return not _is_pending(path)


def _is_pending(path: str) -> bool:
    try:
        with Place(resolve(path)) as place:
            return inplace.pending(place)
    except (OSError, FileError):
        return False


class _Change:
    """One change, from the first reading to the last look."""

    __slots__ = ("_busy_at", "_edit", "_filler", "_held", "_last", "_limit", "_path")

    def __init__(self, path: str, edit: Edit, limit: int, filler: bytes, held: Lock) -> None:
        self._path = path
        self._edit = edit
        self._limit = limit
        self._filler = filler
        self._held = held
        self._last, self._busy_at = _recall(held.memo)

    def make(self) -> bool:
        written = False
        looks = 0
        same = 0
        before: bytes | None = None
        for _ in range(_ATTEMPTS):
            snapshot = self._read()
            found = snapshot.identity if snapshot is not None else None
            if found != self._last and snapshot is not None and _is_recent(snapshot.status.st_mtime):
                self._busy_at = time.time()
            data = self._edit(snapshot)
            if data is not None:
                # Some network drivers give a file another number each time. Then nobody changes it but for the number.
                same = same + 1 if snapshot is not None and snapshot.data == before else 0
                try:
                    expected = found if same < _SAME else ANY
                    self._last = replace(self._path, data, expected=expected, filler=self._filler)
                except Changed:
                    before = snapshot.data if snapshot is not None else None
                    self._busy_at = time.time()
                    continue
                before = None
                written = True
            elif not written:
                return False
            else:
                self._last = found
            self._held.leave(_remember(self._last, self._busy_at))
            looks += 1
            if looks > _LOOKS or not self._moves():
                return True
            self._busy_at = time.time()
        raise FileUnwritable(
            f"cannot write {clean(self._path)}: other programs change it all the time",
            "stop them, or wait until they are done, and try again",
            path=self._path,
        )

    def _read(self) -> Snapshot | None:
        """The file as it is. An empty one that is brand-new may be somebody's who is about to write into it."""
        while True:
            snapshot = read(self._path, limit=self._limit)
            if snapshot is None or snapshot.data or abs(time.time() - snapshot.status.st_mtime) > _JUST_EMPTIED:
                return snapshot
            time.sleep(0.01)

    def _moves(self) -> bool:
        """Wait a little for somebody who read before us to write; whether that happens."""
        for pause in _LONG if _is_recent(self._busy_at) else _SHORT:
            time.sleep(pause)
            try:
                now = identity(os.stat(self._path))
            except OSError:
                return True
            if now != self._last:
                return True
        return False


def _is_recent(moment: float) -> bool:
    return abs(time.time() - moment) < _RECENT


def _remember(last: Identity | None, busy_at: float) -> str:
    return " ".join(str(number) for number in (*(last or ()), int(busy_at * 1000)))


def _recall(memo: str) -> tuple[Identity | None, float]:
    """Which version was written last by one of us, and when others were last seen at work."""
    try:
        device, inode, written, size, busy_at = map(int, memo.split(" "))
    except ValueError:
        return None, 0.0
    return (device, inode, written, size), busy_at / 1000
