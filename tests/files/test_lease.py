from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.files import replace as replace_module
from dockpass.files.exchange import exchange
from dockpass.files.lease import Lease
from dockpass.files.place import Place
from dockpass.files.read import read
from dockpass.files.replace import Changed, replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    ActingAs = Callable[[int], AbstractContextManager[None]]

# Newer Pythons warn of forking beside threads, such as those of the test runner. The children do no more than is here.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_bytes(b"old")
    with Place(str(path)) as place:
        fd = os.open(path, os.O_RDWR)
        try:
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError:
            pytest.skip("this file system has no leases")
        finally:
            os.close(fd)
        assert place.name == "config.json"
    return path


def rename_over(path: Path, data: bytes) -> None:
    (path.parent / "theirs").write_bytes(data)
    os.replace(path.parent / "theirs", path)


def is_leased(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except BlockingIOError:
        return True
    return False


class Reader(threading.Thread):
    """Reads the file as other programs do: it waits where it has to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.found = b""

    def run(self) -> None:
        self.found = self.path.read_bytes()


def test_who_opens_the_file_waits_until_the_end(file: Path) -> None:
    with Place(str(file)) as place:
        lease = Lease(place, file.name)
        assert is_leased(file)
        reader = Reader(file)
        reader.start()
        lease.end()
        reader.join()
        assert reader.found == b"old"
        assert not is_leased(file)
        lease.end()


def test_who_waits_finds_what_shall_be_found(file: Path) -> None:
    for contents in (b"longer contents", b"x"):
        with Place(str(file)) as place:
            lease = Lease(place, file.name)
            reader = Reader(file)
            reader.start()
            reader.join(0.05)
            assert reader.is_alive()
            file.unlink()
            assert lease.contents(100) is None
            lease.end(contents)
            reader.join()
            assert reader.found == contents
            file.write_bytes(b"old")


def test_a_file_that_has_a_name_is_never_written(file: Path) -> None:
    os.link(file, file.parent / "second")
    with Place(str(file)) as place:
        lease = Lease(place, file.name)
        file.unlink()
        assert lease.contents(100) == b"old"
        lease.end(b"new")
    assert (file.parent / "second").read_bytes() == b"old"


@pytest.mark.parametrize("is_open", [False, True])
def test_nobody_reads_our_file_where_theirs_should_have_been(
    file: Path, monkeypatch: pytest.MonkeyPatch, is_open: bool
) -> None:
    # Somebody writes right before the swap, and somebody else reads right after it.
    snapshot = read(str(file), limit=100)
    assert snapshot is not None
    reader = Reader(file)
    count: list[str] = []

    def swap(place: Place, one: str, other: str) -> None:
        count.append(one)
        if len(count) == 1:
            rename_over(file, b"theirs")
            if is_open:  # then theirs is not leased
                stack.callback(os.close, os.open(file, os.O_RDONLY))
        elif len(count) == 2:
            reader.start()
            reader.join(0.05)
        exchange(place, one, other)

    monkeypatch.setattr(replace_module, "exchange", swap)
    with contextlib.ExitStack() as stack, pytest.raises(Changed):
        replace(str(file), b"ours", expected=snapshot.identity)
    reader.join()
    assert len(count) == 2
    assert reader.found == b"theirs"
    assert file.read_bytes() == b"theirs"


def test_nobody_reads_the_older_one_where_two_came_out(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # One of theirs comes out of the swap, and has the name again for a moment, while there is a newer one already.
    snapshot = read(str(file), limit=100)
    assert snapshot is not None
    reader = Reader(file)
    count: list[str] = []

    def swap(place: Place, one: str, other: str) -> None:
        count.append(one)
        if len(count) <= 2:
            rename_over(file, b"theirs" * len(count))
        elif len(count) == 3:
            assert is_leased(file)
            reader.start()
            reader.join(0.05)
        exchange(place, one, other)

    monkeypatch.setattr(replace_module, "exchange", swap)
    with pytest.raises(Changed):
        replace(str(file), b"ours", expected=snapshot.identity)
    reader.join()
    assert len(count) == 3
    assert reader.found == file.read_bytes() == b"theirstheirs"
    assert not is_leased(file)
    assert os.listdir(file.parent) == ["config.json"]


@pytest.mark.parametrize("leases", [True, False])
def test_what_came_out_is_not_put_back_over_a_newer_one(
    file: Path, monkeypatch: pytest.MonkeyPatch, leases: bool
) -> None:
    snapshot = read(str(file), limit=100)
    assert snapshot is not None
    count: list[str] = []

    def swap(place: Place, one: str, other: str) -> None:
        count.append(one)
        rename_over(file, b"older")
        exchange(place, one, other)
        # The second one may get the inode of ours, if nobody has that open.
        rename_over(file, b"newer")
        rename_over(file, b"newest")

    if not leases:

        def refuse(*_: Any, **__: Any) -> None:
            raise OSError(errno.EINVAL, "Invalid argument")

        monkeypatch.setattr(fcntl, "fcntl", refuse)
    monkeypatch.setattr(replace_module, "exchange", swap)
    with pytest.raises(Changed):
        replace(str(file), b"ours", expected=snapshot.identity)
    assert len(count) == 1
    assert file.read_bytes() == b"newest"
    assert os.listdir(file.parent) == ["config.json"]


def test_our_own_readers_wait_too(file: Path) -> None:
    with Place(str(file)) as place:
        lease = Lease(place, file.name)
        timer = threading.Timer(0.02, lease.end)
        timer.start()
        snapshot = read(str(file), limit=100)
        timer.join()
    assert snapshot is not None
    assert snapshot.data == b"old"


def test_a_lease_that_never_ends(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dockpass.errors import FileUnreadable

    monkeypatch.setattr("dockpass.files.read._PATIENCE", 2)
    with Place(str(file)) as place:
        lease = Lease(place, file.name)
        with pytest.raises(FileUnreadable):
            read(str(file), limit=100)
        lease.end()


def test_no_signal_is_sent_to_who_has_the_lease(file: Path) -> None:
    child = os.fork()
    if child == 0:
        with Place(str(file)) as place:
            lease = Lease(place, file.name)
            is_leased(file)
            lease.end()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_a_file_that_somebody_has_open_is_not_leased(file: Path) -> None:
    with open(file, "rb"), Place(str(file)) as place:
        lease = Lease(place, file.name)
        assert not is_leased(file)
        lease.end(b"not written")
    assert file.read_bytes() == b"old"


def test_a_file_that_one_may_only_read_is_not_leased_but_known(
    open_path: str, acting_as: ActingAs, somebody: int
) -> None:
    path = Path(open_path) / "config.json"
    path.write_bytes(b"theirs")
    path.chmod(0o644)
    with acting_as(somebody), Place(str(path)) as place:
        lease = Lease(place, path.name)
        assert not is_leased(path)
        assert lease.contents(100) == b"theirs"
        lease.end(b"not written")
    assert path.read_bytes() == b"theirs"


@pytest.mark.parametrize("call", ["open", "fcntl"])
def test_where_it_is_refused_nothing_happens(file: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    if call == "open":
        monkeypatch.setattr(Place, "open", refuse)
    else:
        monkeypatch.setattr(fcntl, "fcntl", refuse)
    with Place(str(file)) as place:
        lease = Lease(place, file.name)
        assert not is_leased(file)
        lease.end()


def test_on_another_system(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with Place(str(file)) as place:
        lease = Lease(place, file.name)
        assert not is_leased(file)
        lease.end()
