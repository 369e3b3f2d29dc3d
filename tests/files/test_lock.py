from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import FileLocked, FileUnwritable
from dockpass.files import flock
from dockpass.files import lock as lock_module
from dockpass.files.lock import Lock, lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

# Newer Pythons warn of forking beside threads, such as those of the test runner. The children do no more than is here.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

# Takes the lock of argv[1], says so, and holds it until its input ends.
HOLDER = """
import sys
from dockpass.files.lock import lock
with lock(sys.argv[1]) as held:
    held.leave("from the holder")
    print("held", flush=True)
    sys.stdin.read()
"""


class Holder:
    def __init__(self, path: str, code: str = HOLDER) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def hold() -> Iterator[Callable[..., Holder]]:
    holders: list[Holder] = []

    def start(path: Path | str, code: str = HOLDER) -> Holder:
        holders.append(Holder(str(path), code))
        return holders[-1]

    yield start
    for holder in holders:
        holder.end()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_lock_file_stands_beside_the_file_and_stays(tmp_path: Path) -> None:
    with lock(str(tmp_path / "config.json")) as held:
        assert held.firm
        assert os.listdir(tmp_path) == [".config.json.lock"]
    assert os.listdir(tmp_path) == [".config.json.lock"]
    assert not (tmp_path / "config.json").exists()


@pytest.mark.parametrize("umask", [0, 0o22, 0o777])
def test_lock_file_and_folder_are_the_owners_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with lock(str(tmp_path / "a" / "b" / "config.json")):
            pass
        with lock(str(tmp_path / "a" / "b" / "config.json")):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(tmp_path / "a").st_mode) == 0o700
    assert stat.S_IMODE(os.stat(tmp_path / "a" / "b").st_mode) == 0o700
    assert stat.S_IMODE(os.stat(tmp_path / "a" / "b" / ".config.json.lock").st_mode) == 0o600


def test_long_names_have_locks_of_their_own(tmp_path: Path) -> None:
    one, other = tmp_path / ("x" * 250), tmp_path / ("x" * 249 + "y")
    with lock(str(one)), lock(str(other), timeout=0):
        pass
    assert len(os.listdir(tmp_path)) == 2


def test_processes_and_threads_take_turns(tmp_path: Path) -> None:
    # Each adds 1 by reading and writing, which loses additions as soon as two do it at once.
    counter = tmp_path / "counter"
    counter.write_text("0")
    code = """
import sys, threading
from dockpass.files.lock import lock
def add():
    for _ in range(5):
        with lock(sys.argv[1], timeout=300):
            number = int(open(sys.argv[1]).read())
            open(sys.argv[1], "w").write(str(number + 1))
threads = [threading.Thread(target=add) for _ in range(3)]
[each.start() for each in threads]
[each.join() for each in threads]
"""
    children = [subprocess.Popen([sys.executable, "-c", code, str(counter)]) for _ in range(6)]
    assert [child.wait() for child in children] == [0] * 6
    assert counter.read_text() == str(6 * 3 * 5)


def test_two_links_to_one_file_share_its_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "link.json").symlink_to(tmp_path / "real" / "config.json")
    with (
        lock(str(tmp_path / "folder" / "config.json")),
        pytest.raises(FileLocked),
        lock(str(tmp_path / "link.json"), timeout=0),
    ):
        pytest.fail("both were held")
    assert os.listdir(tmp_path / "real") == [".config.json.lock"]


def test_error_names_file_and_holder(tmp_path: Path, hold: Callable[..., Holder]) -> None:
    holder = hold(tmp_path / "config.json")
    with pytest.raises(FileLocked) as caught, lock(str(tmp_path / "config.json"), timeout=0.01):
        pytest.fail("it was held")
    assert str(tmp_path / "config.json") in caught.value.message
    assert f"process {holder.process.pid} on {os.uname().nodename}" in caught.value.message
    assert caught.value.path == str(tmp_path / "config.json")
    assert caught.value.hint


@pytest.mark.parametrize("within", ["processes", "threads"])
def test_who_waits_has_patience_with_each_in_turn(
    tmp_path: Path, hold: Callable[..., Holder], monkeypatch: pytest.MonkeyPatch, within: str
) -> None:
    """As when a hundred log in at once on a busy machine: together they take longer than one may."""
    path = str(tmp_path / "config.json")
    clock = 0.0
    holder: Holder | Lock = hold(path) if within == "processes" else lock(path).__enter__()
    turns = 0

    def sleep() -> None:
        nonlocal clock, holder, turns
        clock += 20
        turns += 1
        if turns == 10:
            holder.end() if isinstance(holder, Holder) else holder.__exit__()
        elif isinstance(holder, Holder):
            (tmp_path / ".config.json.lock").write_text(f"{turns} elsewhere\n\n")
        else:
            lock_module._turns[str(tmp_path / ".config.json.lock")] += 1

    time_of_ours = types.SimpleNamespace(monotonic=lambda: clock, monotonic_ns=lambda: 0, sleep=lambda _: sleep())
    monkeypatch.setattr(lock_module, "time", time_of_ours)
    with lock(path, timeout=30):
        assert turns == 10


def test_waiting_is_told_once_and_names_the_holder(
    tmp_path: Path, hold: Callable[..., Holder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "_QUIET", 0.01)
    holder = hold(tmp_path / "config.json")
    said: list[str] = []

    timer = threading.Timer(0.2, holder.end)

    def waiting(text: str) -> None:
        said.append(text)
        timer.start()

    with lock(str(tmp_path / "config.json"), waiting=waiting):
        pass
    timer.join()
    assert said == [
        f"waiting for {tmp_path}/config.json: it is locked by process {holder.process.pid} on {os.uname().nodename}"
    ]


def test_nothing_is_said_where_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "_QUIET", 0)
    with lock(str(tmp_path / "config.json"), waiting=pytest.fail):
        pass


def test_lock_file_of_a_holder_is_not_touched_by_who_waits(tmp_path: Path, hold: Callable[..., Holder]) -> None:
    hold(tmp_path / "config.json")
    before = (tmp_path / ".config.json.lock").read_bytes()
    with pytest.raises(FileLocked), lock(str(tmp_path / "config.json"), timeout=0.05):
        pytest.fail("it was held")
    assert (tmp_path / ".config.json.lock").read_bytes() == before
    assert b"from the holder" in before


def test_a_line_is_left_for_the_next_holder(tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")
    with lock(path) as held:
        assert held.memo == ""
        held.leave("one two")
        held.leave("three")
        assert held.memo == "three"
    with lock(path) as held:
        assert held.memo == "three"
    with lock(path) as held:
        assert held.memo == "three"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\n\xff", b"x" * 5000, b"\n\n\n\n", b"12 host"])
def test_lock_file_with_odd_contents_is_a_lock_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".config.json.lock").write_bytes(content)
    with lock(str(tmp_path / "config.json")) as held:
        assert held.memo == ""
        with pytest.raises(FileLocked, match="another thread"), lock(str(tmp_path / "config.json"), timeout=0):
            pytest.fail("it was held")


def test_holder_without_a_readable_name(tmp_path: Path) -> None:
    with open(tmp_path / ".config.json.lock", "wb") as file:
        file.write(b"\x1b[31m who knows\n")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        with (
            pytest.raises(FileLocked, match="locked by another process,"),
            lock(str(tmp_path / "config.json"), timeout=0),
        ):
            pytest.fail("it was held")


def test_a_killed_holder_lets_go(tmp_path: Path, hold: Callable[..., Holder]) -> None:
    holder = hold(tmp_path / "config.json")
    os.kill(holder.process.pid, signal.SIGKILL)
    holder.process.wait()
    with lock(str(tmp_path / "config.json")) as held:
        assert held.memo == "from the holder"


FORKING = """
import os, sys, time
from dockpass.files.lock import lock
with lock(sys.argv[1]):
    child = os.fork()
    if child == 0:
        # Neither the end of the block nor the end of the child may free the parent's lock.
        pass
    else:
        os.waitpid(child, 0)
        child = os.fork()
        if child == 0:
            sys.stdin.read()  # until the test ends, with whatever it inherited
            os._exit(0)
        print("held", flush=True)
        time.sleep(1000)
"""


def test_a_forked_child_neither_frees_nor_keeps_the_lock(tmp_path: Path, hold: Callable[..., Holder]) -> None:
    holder = hold(tmp_path / "config.json", FORKING)
    with pytest.raises(FileLocked), lock(str(tmp_path / "config.json"), timeout=0.05):
        pytest.fail("the first child freed it")
    os.kill(holder.process.pid, signal.SIGKILL)
    holder.process.wait()
    with lock(str(tmp_path / "config.json")):
        pass


def test_a_child_can_lock_for_itself(tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")
    with lock(path):
        child = os.fork()
        if child == 0:
            try:
                with lock(path, timeout=0.05):
                    os._exit(1)
            except FileLocked as error:
                os._exit(0 if f"process {os.getppid()}" in error.message else 2)
        assert os.waitpid(child, 0)[1] == 0


def test_lock_file_removed_while_one_waits(tmp_path: Path, hold: Callable[..., Holder]) -> None:
    path = tmp_path / "config.json"
    holder = hold(path)
    os.unlink(tmp_path / ".config.json.lock")
    waiter = hold(path)  # makes a new lock file, and has that
    holder.end()
    with pytest.raises(FileLocked), lock(str(path), timeout=0.05):
        pytest.fail("it was held")
    waiter.end()
    with lock(str(path)):
        pass


def test_lock_of_a_removed_file_is_taken_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = flock.grab
    removed: list[int] = []

    def grab(fd: int, *, shared: bool = False) -> bool:
        if not removed:
            os.unlink(tmp_path / ".config.json.lock")
            removed.append(fd)
        return real(fd, shared=shared)

    monkeypatch.setattr(lock_module, "grab", grab)
    with lock(str(tmp_path / "config.json")):
        assert (tmp_path / ".config.json.lock").read_text().startswith(str(os.getpid()))


def test_link_turned_while_one_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").symlink_to("one.json")
    real = flock.grab

    def grab(fd: int, *, shared: bool = False) -> bool:
        if os.readlink(tmp_path / "config.json") == "one.json":
            os.unlink(tmp_path / "config.json")
            (tmp_path / "config.json").symlink_to("other.json")
        return real(fd, shared=shared)

    monkeypatch.setattr(lock_module, "grab", grab)
    with lock(str(tmp_path / "config.json")):
        with lock(str(tmp_path / "one.json"), timeout=0):
            pass
        with pytest.raises(FileLocked), lock(str(tmp_path / "other.json"), timeout=0):
            pytest.fail("it was held")


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "config.json").symlink_to("other.json")
    (tmp_path / "other.json").symlink_to("config.json")
    with pytest.raises(FileUnwritable, match="circle"), lock(str(tmp_path / "config.json")):
        pytest.fail("it was held")


def test_a_path_with_a_nul(tmp_path: Path) -> None:
    with pytest.raises(FileUnwritable, match="not a path"), lock(f"{tmp_path}/a\0b"):
        pytest.fail("it was held")


def test_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileUnwritable) as caught, lock(str(tmp_path / "file" / "config.json")):
        pytest.fail("it was held")
    assert str(tmp_path / "file") in caught.value.message


def make_link(path: Path) -> None:
    path.symlink_to("elsewhere")


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [make_link, make_fifo, make_folder])
def test_something_else_in_the_lock_files_place(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / ".config.json.lock")
    with pytest.raises(FileUnwritable, match=r"\.config\.json\.lock") as caught, lock(str(tmp_path / "config.json")):
        pytest.fail("it was held")
    assert caught.value.hint == "look at what it is, and remove it"
    assert not (tmp_path / "elsewhere").exists()


def test_interruption_while_waiting_leaves_nothing_held(
    tmp_path: Path, hold: Callable[..., Holder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "_QUIET", 0)
    holder = hold(tmp_path / "config.json")

    def interrupt(_text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), lock(str(tmp_path / "config.json"), waiting=interrupt):
        pytest.fail("it was held")
    holder.end()
    with lock(str(tmp_path / "config.json"), timeout=0):
        pass


class TestNetworkFileSystems:
    """flock fails there; POSIX record locks may work, or nothing."""

    @pytest.fixture(autouse=True)
    def no_flock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_fd: int, _how: int) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", refuse)

    def test_record_locks_exclude_processes(self, tmp_path: Path) -> None:
        path = str(tmp_path / "config.json")
        with lock(path) as held:
            assert held.firm
            child = os.fork()
            if child == 0:
                try:
                    with lock(path, timeout=0.05):
                        os._exit(1)
                except FileLocked:
                    os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
        with lock(path, timeout=0):
            pass

    def test_threads_are_excluded_too(self, tmp_path: Path) -> None:
        path = str(tmp_path / "config.json")
        with lock(path), pytest.raises(FileLocked, match="another thread"), lock(path, timeout=0.01):
            pytest.fail("it was held")

    def test_without_any_locks_it_is_not_firm(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: Any) -> None:
            raise OSError(errno.ENOSYS, "Function not implemented")

        monkeypatch.setattr(fcntl, "lockf", refuse)
        with lock(str(tmp_path / "config.json")) as held:
            assert not held.firm
            with pytest.raises(FileLocked, match="another thread"), lock(str(tmp_path / "config.json"), timeout=0.01):
                pytest.fail("it was held")

    def test_a_folder_without_locks_does_not_matter_to_who_has_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = fcntl.lockf

        def files_only(fd: int, how: int) -> None:
            if stat.S_ISDIR(os.fstat(fd).st_mode):
                raise OSError(errno.EBADF, "Bad file descriptor")
            real(fd, how)

        monkeypatch.setattr(fcntl, "lockf", files_only)
        with lock(str(tmp_path / "config.json")) as held:
            assert held.firm


def refuse_new_files(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    real = os.open

    def refuse(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if flags & os.O_CREAT:
            raise OSError(number, os.strerror(number))
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT])
def test_where_the_lock_file_cannot_be_made_the_folder_is_locked(
    tmp_path: Path, hold: Callable[..., Holder], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = tmp_path / "config.json"
    with monkeypatch.context() as patch:
        refuse_new_files(patch, number)
        with lock(str(path)) as held:
            held.leave("cannot be kept")
            assert held.firm
            assert os.listdir(tmp_path) == []
            patch.undo()
            # Whoever can make the lock file waits all the same.
            with pytest.raises(FileLocked, match="by another process"):
                run_in_child(str(path))
    holder = hold(path)
    os.rename(tmp_path / ".config.json.lock", tmp_path / "hidden")
    refuse_new_files(monkeypatch, number)
    with pytest.raises(FileLocked, match="by another process"), lock(str(path), timeout=0.05):
        pytest.fail("it was held")
    holder.end()
    with lock(str(path), timeout=0):
        pass


def run_in_child(path: str) -> None:
    """Lock ``path`` in another process, and raise what it raised."""
    code = """
import sys
from dockpass.files.lock import lock
from dockpass.errors import FileLocked
try:
    with lock(sys.argv[1], timeout=0.05): print("held")
except FileLocked as error: print(error)
"""
    child = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    if child.stdout != "held\n":
        raise FileLocked(child.stdout.strip())


def test_a_folder_of_no_locks_and_no_lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuse)
    monkeypatch.setattr(fcntl, "lockf", refuse)
    refuse_new_files(monkeypatch, errno.EROFS)
    with lock(str(tmp_path / "config.json")) as held:
        assert not held.firm


def test_a_folder_that_can_neither_be_written_nor_read(
    open_path: str, acting_as: Callable[[int], AbstractContextManager[None]], somebody: int
) -> None:
    folder = os.path.join(open_path, "folder")
    os.mkdir(folder, 0o700)
    os.chmod(folder, 0o111)
    with acting_as(somebody), pytest.raises(FileUnwritable, match="permission denied") as caught:
        lock(os.path.join(folder, "config.json")).__enter__()
    assert ".config.json.lock" in caught.value.message


def test_another_users_lock_file_does_not_lock_one_out(
    open_path: str, acting_as: Callable[[int], AbstractContextManager[None]], somebody: int, hold: Callable[..., Holder]
) -> None:
    path = os.path.join(open_path, "config.json")
    holder = hold(path)
    os.chown(os.path.join(open_path, ".config.json.lock"), 0, 0)
    with acting_as(somebody):
        with pytest.raises(FileLocked), lock(path, timeout=0.05):
            pytest.fail("it was held")
        holder.end()
        with lock(path, timeout=0.05) as held:
            assert held.firm
            with pytest.raises(FileLocked):
                run_in_child_as_root(path)


def run_in_child_as_root(path: str) -> None:
    os.seteuid(0)
    run_in_child(path)


def test_the_lock_file_that_root_makes_belongs_to_the_folders_owner(
    open_path: str, acting_as: Callable[[int], AbstractContextManager[None]], somebody: int
) -> None:
    os.chown(open_path, somebody, somebody)
    path = os.path.join(open_path, "config.json")
    with lock(path):
        pass
    status = os.stat(os.path.join(open_path, ".config.json.lock"))
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (somebody, somebody, 0o600)
    with acting_as(somebody), lock(path) as held:
        held.leave("mine")
        assert Path(open_path, ".config.json.lock").read_text().endswith("mine\n")


def test_a_file_system_without_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    monkeypatch.setattr(os, "fchmod", refuse)
    with lock(str(tmp_path / "config.json")) as held:
        assert held.firm


@pytest.mark.parametrize("broken", ["write", "ftruncate", "read"])
def test_a_lock_file_that_cannot_be_written_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    (tmp_path / ".config.json.lock").write_text("1234 elsewhere\nmemo\n")

    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, refuse)
        with lock(str(tmp_path / "config.json")) as held:
            assert held.firm
            with pytest.raises(FileLocked), lock(str(tmp_path / "config.json"), timeout=0):
                pytest.fail("it was held")
    assert b"1234" not in (tmp_path / ".config.json.lock").read_bytes()


@pytest.mark.parametrize("broken", ["fstat", "stat", "close"])
def test_a_disk_that_says_nothing_about_the_lock_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    (tmp_path / ".config.json.lock").touch()
    real = getattr(os, broken)

    def refuse(what: Any, *more: Any, **named: Any) -> Any:
        if broken == "close":
            real(what)
        if broken != "stat" or str(what).endswith(".lock"):
            raise OSError(errno.EIO, "Input/output error")
        return real(what, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, refuse)
        with lock(str(tmp_path / "config.json")) as held:
            assert held.firm
            with pytest.raises(FileLocked), lock(str(tmp_path / "config.json"), timeout=0):
                pytest.fail("it was held")
    with lock(str(tmp_path / "config.json"), timeout=0):
        pass


def test_a_full_disk_does_not_prevent_locking(tmp_path: Path, in_mounts: Callable[..., str]) -> None:
    code = """
import os
from dockpass.files.lock import lock
folder = os.environ["D"]
with open(folder + "/filler", "wb", 0) as file:
    try:
        while True: file.write(b"x" * 4096)
    except OSError: pass
with lock(folder + "/config.json") as held:
    print(held.firm, sorted(os.listdir(folder)))
number = 0
try:
    while True:
        open(f"{folder}/{number}", "w").close()
        number += 1
except OSError: pass
os.unlink(folder + "/.config.json.lock")
open(folder + "/last", "w").close()
with lock(folder + "/config.json") as held:
    print(held.firm, ".config.json.lock" in os.listdir(folder))
"""
    out = in_mounts(tmp_path, 'mount -t tmpfs -o size=64k,nr_inodes=30 none "$D"', code)
    assert out == "True ['.config.json.lock', 'filler']\nTrue False\n"


def test_a_read_only_file_system(tmp_path: Path, in_mounts: Callable[..., str]) -> None:
    code = """
import os
from dockpass.files.lock import lock
with lock(os.environ["D"] + "/config.json") as held: print(held.firm)
"""
    assert in_mounts(tmp_path, 'mount -t tmpfs -o ro none "$D"', code) == "True\n"


def test_threads_come_and_go_in_order(tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(10):
            with lock(path):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_it_is_known_what_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with lock(str(tmp_path / "config.json")) as held:
        assert held.by_file
    assert not held.by_file

    def full(*_arguments: object) -> int:
        raise lock_module._NoLockFile(FileUnwritable("no space left"))

    monkeypatch.setattr(lock_module, "_open", full)
    with lock(str(tmp_path / "config.json")) as held:
        assert not held.by_file
