"""Change a file, and make sure that the change stays: under the lock, merged with what others write meanwhile.

The change is a function from the old contents to the new ones. It may be asked for several times, for each time
somebody wrote in between it starts again from what they wrote.

Programs that take no lock can also undo it without knowing: they read before us and write after us. So the file is
looked at again for a few milliseconds; for longer where there are signs that somebody is at work: in the last seconds
the file was read by others, or written by them. How long they take between reading and writing cannot be known, though:
docker takes from the start to the end of a login. Who wants to be safe from that must not run both at once.
"""

from __future__ import annotations

import os
import time

from dockpass.display import clean
from dockpass.errors import FileError, FileUnwritable
from dockpass.files.lock import lock
from dockpass.files.place import Place, identity, resolve
from dockpass.files.read import read
from dockpass.files.replace import ANY, Changed, is_tidy, replace, tidy
from dockpass.files.unread import is_recent, was_read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.files.lock import Lock
    from dockpass.files.place import Identity
    from dockpass.files.read import Snapshot
    from dockpass.files.replace import Anything

    Edit = Callable[[Snapshot | None], bytes | None]

_ATTEMPTS = 200  # at changing the file while others change it
_SAME = 10  # times that only the number of the file was another
_STUBBORN = 5.0  # seconds of looking after the changed file while others change it
_SHORT, _LONG, _LONGEST = 3, 40, 200  # milliseconds
_LOADS = "/proc/loadavg"
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
    # What is left by one who was killed may hold a secret, and has to go even if there is nothing to change.
    if is_tidy(path) and edit(read(path, limit=limit)) is None:
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
            return place.is_half_written()
    except (OSError, FileError):
        return False


class _Change:
    """One change, from the first reading to the last look."""

    __slots__ = (
        "_at",
        "_busy_at",
        "_edit",
        "_failures",
        "_filler",
        "_held",
        "_last",
        "_limit",
        "_path",
        "_same",
        "_seen",
        "_until",
    )

    def __init__(self, path: str, edit: Edit, limit: int, filler: bytes, held: Lock) -> None:
        self._path = path
        self._edit = edit
        self._limit = limit
        self._filler = filler
        self._held = held
        self._last, self._busy_at = _recall(held.memo)
        self._failures = 0
        self._seen: bytes | None = None  # the contents at the last look
        self._same = 0  # how often only the number of the file was another
        self._at = 0.0  # when it was written last
        self._until = 0.0  # once it is written: how long to look after it at the most

    def make(self) -> bool:
        while True:
            snapshot = self._read()
            found = snapshot.identity if snapshot is not None else None
            if found != self._last and snapshot is not None and is_recent(snapshot.status.st_mtime):
                self._busy_at = time.time()
            # Some network drivers give a file another number each time. Then nobody changes it but for the number.
            same = snapshot is not None and snapshot.data == self._seen
            self._same = self._same + 1 if same else 0
            self._seen = snapshot.data if snapshot is not None else None
            data = self._edit(snapshot)
            if data is not None:
                if not self._replace(data, found if self._same < _SAME else ANY):
                    continue
            elif not self._until:
                return False
            else:
                self._last = found
            self._held.leave(_remember(self._last, self._busy_at))
            if time.monotonic() > self._until or self._same >= _SAME or not self._moves():
                return True
            self._busy_at = time.time()

    def _replace(self, data: bytes, expected: Identity | Anything | None) -> bool:
        """Write; whether it was still the same file."""
        try:
            done = replace(self._path, data, expected=expected, filler=self._filler)
        except Changed:
            self._busy_at = time.time()
            self._failures += 1
            if self._failures < _ATTEMPTS:
                return False
            raise FileUnwritable(
                f"cannot write {clean(self._path)}: other programs change it all the time",
                "stop them, or wait until they are done, and try again",
                path=self._path,
            ) from None
        self._failures = 0
        self._last, self._seen, self._at = done.now, data, done.at
        # Nobody can be seen looking for a file that is not there; but one sees whether there is a crowd.
        if is_crowded() if done.before is None else was_read(done.before):
            self._busy_at = time.time()
        if not self._until:
            self._until = time.monotonic() + _STUBBORN
        return True

    def _read(self) -> Snapshot | None:
        """The file as it is. An empty one that is brand-new may be somebody's who is about to write into it."""
        while True:
            snapshot = read(self._path, limit=self._limit)
            if snapshot is None or snapshot.data or abs(time.time() - snapshot.status.st_mtime) > _JUST_EMPTIED:
                return snapshot
            time.sleep(0.01)

    def _moves(self) -> bool:
        """Wait a little for somebody who read before us to write; whether that happens."""
        busy = is_recent(self._busy_at)
        for waited in range(_LONGEST):
            # While more programs want to run than can, whoever read may not have had the time to write.
            if waited >= (_LONG if busy else _SHORT) and not (busy and is_crowded()):
                break
            # Where nobody is known to be at work, the time that the disk took counts.
            time.sleep(0.001 if busy else max(0.0, self._at + (waited + 1) / 1000 - time.monotonic()))
            try:
                now = identity(os.stat(self._path))
            except OSError:
                return True
            if now != self._last:
                return True
        return False


def is_crowded() -> bool:
    """Whether more programs want to run in this moment than there are processors, as far as the system says."""
    try:
        with open(_LOADS, "rb") as file:
            running = int(file.read().split()[3].partition(b"/")[0])
    except (OSError, ValueError, IndexError):
        return False
    return running > (os.cpu_count() or 1)


def _remember(last: Identity | None, busy_at: float) -> str:
    return " ".join(str(number) for number in (*(last or ()), int(busy_at * 1000)))


def _recall(memo: str) -> tuple[Identity | None, float]:
    """Which version was written last by one of us, and when others were last seen at work."""
    try:
        device, inode, written, size, busy_at = map(int, memo.split(" "))
    except ValueError:
        return None, 0.0
    return (device, inode, written, size), busy_at / 1000
