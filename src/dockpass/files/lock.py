"""One at a time: a lock on a file, among processes and among threads.

The lock is the kernel's, on a file beside the real target (``.config.json.lock``). That file is made once and never
removed: whoever removes a lock file lets two processes hold two locks. It says who holds the lock, so that a waiting
process can say it too, and keeps one line from each holder to the next; both are conveniences, and nothing is wrong
where they could not be written.

Where the lock file cannot be made (a full disk, a read-only folder, somebody else's file in its place) the folder
itself is locked. Whoever has the lock file also takes a shared lock on the folder, so that the two ways exclude each
other. Where the file system has no locks at all, :attr:`Lock.firm` is false, and only the threads of this process take
turns.
"""

from __future__ import annotations

import _thread
import errno
import os
import stat
import time

from dockpass.display import clean
from dockpass.errors import FileLocked, FileUnwritable
from dockpass.files.flock import NoLocks, grab, release
from dockpass.files.place import SAFELY, close, make_folder, resolve, sibling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

TIMEOUT = 30.0
"""How long to wait for one who has the lock, in seconds."""

_QUIET = 2.0  # seconds of waiting before anything is said
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)

_threads: dict[str, _thread.LockType] = {}
_turns: dict[str, int] = {}
_held: set[Lock] = set()


def lock(path: str, *, waiting: Callable[[str], None] | None = None, timeout: float = TIMEOUT) -> Lock:
    """The lock of the file at ``path``, to be used in a ``with`` statement.

    Args:
        path: The file. Links are followed first: two links to one file share its lock. It need not exist; its folder is
            made, for the owner alone.
        waiting: Called once, with a line that names the holder, after two seconds of waiting.
        timeout: How long to wait for each who has the lock before us, in seconds.

    Raises:
        FileLocked: On entering: a holder did not let go in time.
        FileUnwritable: On entering: there is no folder, and it cannot be made; or neither the lock file nor the folder
            can be opened; or something else than a file stands where the lock file should.

    """
    return Lock(path, waiting, timeout)


class Lock:
    """A lock that is held inside a ``with`` statement.

    Attributes:
        memo: The line that the previous holder left with :meth:`leave`; ``""`` if there is none.
        firm: Whether other processes are kept out. False only where the file system has no locks.

    """

    __slots__ = ("_file", "_folder", "_path", "_patience", "_thread", "firm", "memo")

    def __init__(self, path: str, waiting: Callable[[str], None] | None, timeout: float) -> None:
        self._path = path
        self._patience = _Patience(path, waiting, timeout)
        self._thread: _thread.LockType | None = None
        self._file: int | None = None
        self._folder: int | None = None
        self.firm = True
        self.memo = ""

    def __enter__(self) -> Self:
        self._patience.start()
        _held.add(self)  # first, so that a fork in another thread never leaves an open copy
        while True:
            try:
                target = resolve(self._path)
                self._take(target)
                # A dotfiles tool may have turned the link elsewhere while we waited.
                if resolve(self._path) == target:
                    return self
            except BaseException:
                self.__exit__()
                raise
            self._drop()

    def __exit__(self, *_error: object) -> None:
        self._drop()
        _held.discard(self)

    @property
    def by_file(self) -> bool:
        """Whether it is the lock file that is locked; else, in its stead, the folder."""
        return self._file is not None

    def leave(self, memo: str) -> None:
        """Leave one line for the next holder, as far as that is possible."""
        self.memo = memo
        if self._file is not None:
            _write(self._file, memo)

    def _take(self, target: str) -> None:
        folder, name = os.path.split(target)
        beside = os.path.join(folder, sibling(name, "lock"))
        try:
            make_folder(folder)
        except OSError as error:
            from dockpass.files.cause import unwritable

            raise unwritable(folder, error) from None
        # Before the file is opened: closing it, in whatever thread, would drop a record lock of this process.
        turn = _threads.setdefault(beside, _thread.allocate_lock())
        while not turn.acquire(blocking=False):
            self._patience.wait(f"another thread of this process ({os.getpid()})", _turns.get(beside))
        self._thread = turn
        _turns[beside] = _turns.get(beside, 0) + 1
        try:
            self._take_file(beside, folder)
            self._take_folder(folder, shared=True)
        except _NoLockFile as obstacle:
            self._take_folder(folder, shared=False, obstacle=obstacle)

    def _take_file(self, beside: str, folder: str) -> None:
        while True:
            file = self._file = _open(beside, folder)
            try:
                while not grab(file):
                    holder = _holder(file)
                    self._patience.wait(holder, holder)
            except NoLocks:
                self.firm = False
                return
            if _is_still(beside, file):
                break
            self._close_file()
        self.memo = _read(file)[1]
        _write(file, self.memo)

    def _take_folder(self, folder: str, *, shared: bool, obstacle: _NoLockFile | None = None) -> None:
        try:
            self._folder = os.open(folder, _FOLDER)
        except OSError:
            if obstacle is None:
                return  # then nobody without the lock file can open it either
            raise obstacle.explained from None
        try:
            while not grab(self._folder, shared=shared):
                self._patience.wait("another process")
        except NoLocks:
            self.firm = self.firm and shared

    def _drop(self) -> None:
        if self._folder is not None:
            release(self._folder)
            self._folder = None
        self._close_file()
        if self._thread is not None:
            self._thread.release()
            self._thread = None

    def _close_file(self) -> None:
        if self._file is not None:
            release(self._file)
            self._file = None

    def forget(self) -> None:
        """In a forked child: the lock stays with the parent."""
        for fd in (self._file, self._folder):
            if fd is not None:
                os.close(fd)
        self._file = self._folder = self._thread = None


def _after_fork() -> None:
    for held in _held:
        held.forget()
    _held.clear()
    _threads.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class _Patience:
    """How long to wait yet, and what to say meanwhile."""

    __slots__ = ("_begun", "_path", "_pause", "_since", "_timeout", "_turn", "_waiting")

    def __init__(self, path: str, waiting: Callable[[str], None] | None, timeout: float) -> None:
        self._path = path
        self._waiting = waiting
        self._timeout = timeout
        self.start()

    def start(self) -> None:
        self._begun = self._since = time.monotonic()
        self._turn: object = None
        self._pause = 0.001

    def wait(self, holder: str, turn: object = None) -> None:
        """Sleep a little. Many who wait must not wake at the same moments, nor keep the processor from who works.

        Args:
            holder: Who has the lock.
            turn: Another one for each who has it. While they take turns nobody hangs, and the time starts anew.

        """
        now = time.monotonic()
        if turn != self._turn:
            self._turn, self._since = turn, now
        waited = now - self._begun
        if now - self._since >= self._timeout:
            raise FileLocked(
                f"{clean(self._path)} is locked by {holder}, which did not let go within {self._timeout:g} seconds",
                "let that process finish, or stop it, and try again",
                path=self._path,
            )
        if self._waiting is not None and waited >= _QUIET:
            tell, self._waiting = self._waiting, None
            tell(f"waiting for {clean(self._path)}: it is locked by {holder}")
        time.sleep(self._pause * (0.5 + time.monotonic_ns() // 1000 % 1000 / 1000))
        self._pause = min(self._pause * 1.5, 0.025)


class _NoLockFile(Exception):
    """The lock file cannot be opened or made; ``explained`` is what to raise if the folder is no way out either."""

    def __init__(self, explained: FileUnwritable) -> None:
        super().__init__()
        self.explained = explained


def _open(beside: str, folder: str) -> int:
    """The lock file, made if need be. In two steps, for systems may refuse O_CREAT on a file that somebody else
    made.
    """
    while True:
        try:
            file = os.open(beside, os.O_RDWR | SAFELY)
        except FileNotFoundError:
            try:
                file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | SAFELY, 0o600)
            except FileExistsError:
                continue
            except OSError as error:
                raise _NoLockFile(_cannot(beside, error)) from None
            _give_away(file, folder)
            return file
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
                raise _not_a_file(beside) from None
            raise _NoLockFile(_cannot(beside, error)) from None
        try:
            is_file = stat.S_ISREG(os.fstat(file).st_mode)
        except OSError as error:
            close(file)
            raise _NoLockFile(_cannot(beside, error)) from None
        if not is_file:
            close(file)
            raise _not_a_file(beside)
        return file


def _give_away(file: int, folder: str) -> None:
    """A new lock file: for its owner alone, whatever the umask; and what root makes belongs to the folder's owner, who
    would be locked out otherwise. There is no secret in it.
    """
    if os.name != "posix":
        return
    try:
        if stat.S_IMODE(os.fstat(file).st_mode) != 0o600:
            os.fchmod(file, 0o600)
        if os.geteuid() == 0:
            owner = os.stat(folder)
            os.fchown(file, owner.st_uid, owner.st_gid)
    except OSError:
        return  # a file system without owners and modes


def _cannot(beside: str, error: OSError) -> FileUnwritable:
    from dockpass.files.cause import words

    why, _hint = words(error)
    return FileUnwritable(
        f"cannot open the lock file {clean(beside)}: {why}",
        "check the owner and the modes of this file and of its folder: ls -la",
        path=beside,
    )


def _not_a_file(beside: str) -> FileUnwritable:
    return FileUnwritable(
        f"cannot use the lock file {clean(beside)}: a link, a folder or something else that is no file has its name",
        "look at what it is, and remove it",
        path=beside,
    )


def _is_still(beside: str, file: int) -> bool:
    """Whether the lock file on the disk is still the one that we locked; somebody may have removed it."""
    try:
        return os.path.samestat(os.stat(beside, follow_symlinks=False), os.fstat(file))
    except FileNotFoundError:
        return False
    except OSError:
        return True  # not known; and a disk that never says must not keep anybody here for ever


def _holder(file: int) -> str:
    """Who holds the lock, as far as the lock file says."""
    pid, _space, host = _read(file)[0].partition(" ")
    if not pid.isdecimal():
        return "another process"
    return f"process {pid} on {clean(host, 64)}" if host else f"process {pid}"


def _read(file: int) -> tuple[str, str]:
    """The two lines of the lock file: the holder, and what the previous holder left."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        lines = os.read(file, 1024).decode("utf-8", "replace").split("\n")
    except OSError:
        return "", ""
    return lines[0], lines[1] if len(lines) > 2 else ""


def _write(file: int, memo: str) -> None:
    host = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    data = f"{os.getpid()} {host}\n{memo}\n".encode("utf-8", "replace")
    try:
        os.lseek(file, 0, os.SEEK_SET)
        written = os.write(file, data)
        os.ftruncate(file, written if written == len(data) else 0)
    except OSError:
        _empty(file)


def _empty(file: int) -> None:
    """A full disk: better nobody's name than the wrong one."""
    try:
        os.ftruncate(file, 0)
    except OSError:
        return
