from __future__ import annotations

import fcntl
import itertools
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from dockpass.errors import FileUnreadable, FileUnwritable
from dockpass.files import rewrite as rewrite_module
from dockpass.files.exchange import NoExchange, exchange
from dockpass.files.lock import lock
from dockpass.files.place import Changed, Place
from dockpass.files.read import read as read_file
from dockpass.files.rewrite import mended, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from dockpass.files.read import Snapshot

LIMIT = 1 << 20


def adding(word: bytes) -> Callable[[Snapshot | None], bytes | None]:
    """An edit that makes sure that a word is in the file."""

    def edit(snapshot: Snapshot | None) -> bytes | None:
        words = snapshot.data.split() if snapshot is not None else []
        return None if word in words else b"\n".join([*words, word])

    return edit


def rename_over(path: Path, data: bytes) -> None:
    (path.parent / "theirs").write_bytes(data)
    os.replace(path.parent / "theirs", path)


def while_sleeping(monkeypatch: pytest.MonkeyPatch, acts: Iterable[Callable[[], object]]) -> None:
    """Instead of each pause, do something."""
    rest = iter(acts)

    def sleep(_seconds: float) -> None:
        act = next(rest, None)
        if act is not None:
            act()

    monkeypatch.setattr("time.sleep", sleep)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; without making them."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr(rewrite_module, "is_crowded", lambda: False)
    monkeypatch.setattr("dockpass.files.unread.RECENT", 3600.0)
    return pauses


def test_a_change_is_written_once(file: Path) -> None:
    assert rewrite(str(file), adding(b"one"), limit=LIMIT)
    assert not rewrite(str(file), adding(b"one"), limit=LIMIT)
    assert rewrite(str(file), adding(b"two"), limit=LIMIT)
    assert file.read_bytes() == b"one\ntwo"
    assert sorted(os.listdir(file.parent)) == [".file.lock", "file"]


def test_no_change_leaves_no_trace(tmp_path: Path) -> None:
    assert not rewrite(str(tmp_path / "a" / "file"), lambda _snapshot: None, limit=LIMIT)
    assert os.listdir(tmp_path) == []


def test_what_the_edit_raises_is_raised_and_nothing_written(file: Path) -> None:
    file.write_bytes(b"one")
    calls = itertools.count()

    def edit(_snapshot: Snapshot | None) -> bytes:
        if next(calls) == 1:
            raise ZeroDivisionError
        return b"two"

    with pytest.raises(ZeroDivisionError):
        rewrite(str(file), edit, limit=LIMIT)
    assert file.read_bytes() == b"one"
    with lock(str(file), timeout=0):
        pass


def test_what_cannot_be_read_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(FileUnreadable):
        rewrite(str(tmp_path / "file"), adding(b"one"), limit=LIMIT)


def test_a_change_that_others_made_meanwhile_is_not_made_again(file: Path) -> None:
    calls: list[int] = []

    def edit(snapshot: Snapshot | None) -> bytes | None:
        if not calls:
            rename_over(file, b"one")  # between the first look and the lock
        calls.append(1)
        return None if len(calls) > 1 and snapshot is not None and snapshot.data == b"one" else b"one"

    assert not rewrite(str(file), edit, limit=LIMIT)
    assert len(calls) == 2


def test_what_others_write_between_reading_and_writing_is_merged(file: Path) -> None:
    file.write_bytes(b"zero")
    theirs = iter([None, b"zero\ntheirs", b"zero\ntheirs\nmore"])

    def edit(snapshot: Snapshot | None) -> bytes | None:
        data = adding(b"ours")(snapshot)
        if data is not None and (new := next(theirs, None)) is not None:
            rename_over(file, new)
        return data

    assert rewrite(str(file), edit, limit=LIMIT)
    assert file.read_bytes() == b"zero\ntheirs\nmore\nours"


def test_a_change_that_others_undo_right_after_is_made_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(b"zero")
    while_sleeping(monkeypatch, [lambda: rename_over(file, b"zero\none"), lambda: rename_over(file, b"zero\none\ntwo")])
    assert rewrite(str(file), adding(b"ours"), limit=LIMIT)
    assert file.read_bytes() == b"zero\none\ntwo\nours"


def test_others_who_kept_the_change_are_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    while_sleeping(monkeypatch, [lambda: rename_over(file, b"theirs\nours")])
    assert rewrite(str(file), adding(b"ours"), limit=LIMIT)
    assert file.read_bytes() == b"theirs\nours"


def test_a_file_that_others_remove_right_after_is_made_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    while_sleeping(monkeypatch, [file.unlink])
    assert rewrite(str(file), adding(b"ours"), limit=LIMIT)
    assert file.read_bytes() == b"ours"


def test_one_looks_longer_where_others_are_at_work(file: Path, slept: list[float]) -> None:
    rewrite(str(file), adding(b"one"), limit=LIMIT)
    alone = len(slept)
    slept.clear()
    rewrite(str(file), adding(b"two"), limit=LIMIT)
    assert len(slept) == alone  # the file is as one of us had left it
    rename_over(file, b"theirs")
    slept.clear()
    rewrite(str(file), adding(b"three"), limit=LIMIT)
    busy = len(slept)
    assert busy > 3 * alone
    slept.clear()
    rewrite(str(file), adding(b"four"), limit=LIMIT)
    assert len(slept) == busy  # it is known for some seconds
    os.utime(file, (1, 1))
    (file.parent / ".file.lock").unlink()
    slept.clear()
    rewrite(str(file), adding(b"five"), limit=LIMIT)
    assert len(slept) == alone  # theirs, but from long ago


def test_one_looks_longer_where_others_have_read(file: Path, slept: list[float]) -> None:
    rewrite(str(file), adding(b"one"), limit=LIMIT)
    alone = len(slept)
    for word, reads in ((b"two", False), (b"three", True), (b"four", False)):
        if reads:
            before = file.stat().st_atime_ns
            assert file.read_bytes()
            if file.stat().st_atime_ns == before:
                pytest.skip("this file system does not note when a file is read")
        slept.clear()
        rewrite(str(file), adding(word), limit=LIMIT)
        assert (len(slept) > alone) == (word != b"two")


def test_one_looks_longer_in_a_crowd_where_there_was_no_file(
    file: Path, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    crowds = iter([True, True, True, False])
    monkeypatch.setattr(rewrite_module, "is_crowded", lambda: next(crowds, False))
    rewrite(str(file), adding(b"one"), limit=LIMIT)
    assert len(slept) == rewrite_module._LONG + 2  # and two more, for as long as the crowd stayed


def test_a_crowd_is_more_programs_than_processors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loads = tmp_path / "loadavg"
    monkeypatch.setattr(rewrite_module, "_LOADS", str(loads))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    for text, crowded in (
        ("0.1 0.1 0.1 5/200 1\n", True),
        ("9 9 9 4/200 1", False),
        ("", False),
        ("a b c d/e f", False),
    ):
        loads.write_text(text)
        assert rewrite_module.is_crowded() is crowded
    loads.unlink()
    assert rewrite_module.is_crowded() is False


def test_others_who_never_stop(file: Path, monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    def changed(*_: object, **__: object) -> None:
        # Other contents each time, or it would be taken for a file without a number of its own.
        rename_over(file, os.urandom(8).hex().encode())
        raise Changed

    file.write_bytes(b"zero")
    monkeypatch.setattr(rewrite_module, "replace", changed)
    with pytest.raises(FileUnwritable, match="other programs change it all the time") as caught:
        rewrite(str(file), adding(b"ours"), limit=LIMIT)
    assert caught.value.path == str(file)
    assert slept == []


def test_others_who_never_stop_undoing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In the end it gives up looking, not for ever holding the lock.
    monkeypatch.setattr(rewrite_module, "_STUBBORN", 0.05)
    numbers = itertools.count()
    monkeypatch.setattr("time.sleep", lambda _: rename_over(file, b"theirs %d\nours" % next(numbers)))
    assert rewrite(str(file), adding(b"ours"), limit=LIMIT)
    assert file.read_bytes().endswith(b"\nours")
    with lock(str(file), timeout=0):
        pass


def test_a_file_with_another_number_at_each_look(
    file: Path, monkeypatch: pytest.MonkeyPatch, slept: list[float]
) -> None:
    real = read_file
    numbers = itertools.count(1)

    def read(path: str, *, limit: int) -> Snapshot | None:
        snapshot = real(path, limit=limit)
        if snapshot is not None:
            fields = list(snapshot.status)
            fields[1] = next(numbers)
            snapshot.status = os.stat_result(fields)
        return snapshot

    file.write_bytes(b"zero")
    monkeypatch.setattr(rewrite_module, "read", read)
    assert rewrite(str(file), adding(b"ours"), limit=LIMIT)
    assert file.read_bytes() == b"zero\nours"


def test_a_file_that_was_just_emptied_is_being_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As by a shell: > file, and the contents a moment later.
    file.write_bytes(b"zero")
    while_sleeping(monkeypatch, [lambda: None, lambda: file.write_bytes(b"theirs")])
    calls: list[bytes] = []

    def edit(snapshot: Snapshot | None) -> bytes | None:
        assert snapshot is not None
        calls.append(snapshot.data)
        if len(calls) == 1:
            file.write_bytes(b"")
        return adding(b"ours")(snapshot)

    rewrite(str(file), edit, limit=LIMIT)
    assert calls[:2] == [b"zero", b"theirs"]
    assert file.read_bytes() == b"theirs\nours"


def test_an_empty_file_from_long_ago_is_empty(file: Path, slept: list[float]) -> None:
    file.write_bytes(b"")
    os.utime(file, (1, 1))
    assert rewrite(str(file), adding(b"ours"), limit=LIMIT)
    assert file.read_bytes() == b"ours"


@pytest.mark.parametrize("memo", ["", "1 2 3", "a b c d e", "1 2 3 4 5 6"])
def test_a_lock_file_with_an_odd_line(file: Path, memo: str) -> None:
    with lock(str(file)) as held:
        held.leave(memo)
    assert rewrite(str(file), adding(b"ours"), limit=LIMIT)


class TestHalfWritten:
    """Somebody was killed while writing in place."""

    @pytest.fixture
    def half(self, file: Path) -> Path:
        from dockpass.files import inplace

        file.write_bytes(b"old\nwords")
        with Place(str(file)) as place:
            inplace._begin_journal(place, file.stat(), b"old\nwords", b"new\nletters")
        file.write_bytes(b"new\nwords")
        return file

    def test_a_change_mends_it_first(self, half: Path) -> None:
        assert rewrite(str(half), adding(b"ours"), limit=LIMIT)
        assert half.read_bytes() == b"old\nwords\nours"
        assert sorted(os.listdir(half.parent)) == [".file.lock", "file"]

    def test_it_is_mended_even_if_there_is_nothing_to_change(self, half: Path) -> None:
        assert not rewrite(str(half), adding(b"words"), limit=LIMIT)
        assert half.read_bytes() == b"old\nwords"

    def test_by_somebody_who_reads(self, half: Path) -> None:
        assert mended(str(half))
        assert half.read_bytes() == b"old\nwords"
        assert not mended(str(half))

    def test_by_somebody_who_cannot(self, half: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_path: str) -> None:
            raise FileUnwritable("no")

        monkeypatch.setattr(rewrite_module, "tidy", refuse)
        assert not mended(str(half))

    def test_not_where_others_are_not_kept_out(self, half: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def none(*_: object) -> None:
            raise OSError(38, "Function not implemented")

        monkeypatch.setattr(fcntl, "flock", none)
        monkeypatch.setattr(fcntl, "lockf", none)
        assert not mended(str(half))
        assert rewrite(str(half), adding(b"ours"), limit=LIMIT)


@pytest.mark.parametrize("kind", ["new-0123456789abcdef", "swap-1-2-3-4"])
def test_what_a_killed_process_left_goes_even_if_there_is_nothing_to_change(file: Path, kind: str) -> None:
    """It may hold the secret that somebody is just making sure of that it is gone."""
    file.write_bytes(b"one")
    left = file.parent / f".file.dockpass-{kind}"
    left.write_bytes(b"secret")
    assert not rewrite(str(file), adding(b"one"), limit=LIMIT)
    assert file.read_bytes() == b"one"
    assert not left.exists()


def test_no_such_folder_has_nothing_to_mend(tmp_path: Path) -> None:
    assert not mended(str(tmp_path / "a" / "file"))
    (tmp_path / "circle").symlink_to("circle")
    assert not mended(str(tmp_path / "circle"))


def test_waiting_is_handed_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockpass.files.lock._QUIET", 0)
    said: list[str] = []
    entered, over = threading.Event(), threading.Event()

    def hold() -> None:
        with lock(str(file)):
            entered.set()
            over.wait(60)

    def waiting(text: str) -> None:
        said.append(text)
        over.set()

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(60)
    assert rewrite(str(file), adding(b"ours"), limit=LIMIT, waiting=waiting)
    thread.join()
    assert len(said) == 1


OURS = """
import sys
from dockpass.files.rewrite import rewrite
def adding(word):
    def edit(snapshot):
        words = snapshot.data.split() if snapshot else []
        return None if word in words else b"\\n".join([*words, word])
    return edit
for number in range(int(sys.argv[3])):
    rewrite(sys.argv[1], adding(f"{sys.argv[2]}-{number}".encode()), limit=1 << 20)
"""

# As docker: reads, changes it in memory, writes another file and renames it. They take turns among themselves.
THEIRS = """
import fcntl, os, sys
turn = open(sys.argv[1] + ".theirs", "w")
for number in range(int(sys.argv[3])):
    fcntl.flock(turn, fcntl.LOCK_EX)
    try: words = open(sys.argv[1], "rb").read().split()
    except FileNotFoundError: words = []
    words.append(f"{sys.argv[2]}-{number}".encode())
    new = f"{sys.argv[1]}{os.getpid()}"
    with open(new, "wb") as file: file.write(b"\\n".join(words))
    os.rename(new, sys.argv[1])
    fcntl.flock(turn, fcntl.LOCK_UN)
"""


def is_closed(folder: Path) -> bool:
    """Whether two names can be swapped in ``folder``, and the files be leased meanwhile: then there is no gap at all."""
    (folder / "one").touch()
    (folder / "other").touch()
    with Place(str(folder / "one")) as place:
        try:
            exchange(place, "one", "other")
            fd = place.open("one", os.O_RDWR)
            try:
                fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            finally:
                os.close(fd)
        except (NoExchange, OSError):
            return False
    return True


@pytest.mark.parametrize("swap", [True, False], ids=["swap", "plain"])
def test_nothing_of_anybody_is_lost(file: Path, swap: bool) -> None:
    """Processes of ours and outsiders change one file at the same time."""
    ours = OURS if swap else "import dockpass.files.exchange as e; e._found[:] = [None]\n" + OURS
    start = time.monotonic()
    children = []
    for number in range(8):
        children += [subprocess.Popen([sys.executable, "-c", ours, str(file), f"ours{number}", "4"])]
        children += [subprocess.Popen([sys.executable, "-c", THEIRS, str(file), f"theirs{number}", "4"])]
    assert [child.wait() for child in children] == [0] * 16
    assert time.monotonic() - start < 600
    words = file.read_bytes().decode().split()
    lost = {f"{who}{n}-{m}" for who in ("ours", "theirs") for n in range(8) for m in range(4)} - set(words)
    if swap and is_closed(file.parent):
        assert lost == set()
    else:
        # Between the last look and the rename there is a gap of microseconds; nearly nothing falls into it.
        assert len(lost) <= 3
