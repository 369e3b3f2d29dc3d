from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.errors import FileLocked, FileUnwritable
from dockpass.files import inplace
from dockpass.files.place import Changed, Place
from dockpass.files.read import read
from dockpass.files.replace import replace, tidy

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    ActingAs = Callable[[int], AbstractContextManager[None]]

OLD, NEW = b'{"old": 1}', b'{"newer": 22}'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_bytes(OLD)
    path.chmod(0o600)
    return path


def overwrite(path: Path, data: bytes, filler: bytes = b" ") -> None:
    with Place(str(path)) as place:
        inplace.overwrite(place, data, expected=None, filler=filler)


@pytest.mark.parametrize("filler", [b" ", b""])
@pytest.mark.parametrize("data", [NEW, b"{}", b"", b"x" * 10, b"y" * 100_000])
def test_the_same_file_has_the_new_contents(file: Path, data: bytes, filler: bytes) -> None:
    before = file.stat().st_ino
    overwrite(file, data, filler)
    assert file.read_bytes() == data
    assert file.stat().st_ino == before
    assert os.listdir(file.parent) == ["config.json"]


def test_the_new_contents_are_written_in_one_call(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[tuple[int, bytes]] = []
    real = os.write

    def write(fd: int, data: bytes) -> int:
        if os.path.samestat(os.fstat(fd), os.stat(file)):
            writes.append((os.lseek(fd, 0, os.SEEK_CUR), bytes(data)))
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    overwrite(file, NEW)
    assert writes == [(10, b"   "), (0, NEW)]
    writes.clear()
    overwrite(file, b"{}")
    assert writes == [(0, b"{}           ")]


def test_no_room_for_longer_contents_loses_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    full: list[int] = []

    def write(fd: int, data: bytes) -> int:
        if os.path.samestat(os.fstat(fd), os.stat(file)) and os.lseek(fd, 0, os.SEEK_CUR) >= 10:
            if full:
                raise OSError(errno.ENOSPC, "No space left on device")
            full.append(fd)
            data = data[:1]
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space"):
        overwrite(file, NEW)
    assert file.read_bytes() == OLD
    assert os.listdir(file.parent) == ["config.json"]


def test_a_broken_disk_leaves_the_journal(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    count: list[int] = []

    def write(fd: int, data: bytes) -> int:
        if os.path.samestat(os.fstat(fd), os.stat(file)):
            count.append(fd)
            if len(count) == 2:
                return real(fd, data[:5])
            if len(count) > 2:
                raise OSError(errno.EIO, "Input/output error")
        return real(fd, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(OSError, match="Input/output"):
            overwrite(file, NEW)
    assert file.read_bytes() == NEW[:5] + OLD[5:] + b"   "
    assert stat.S_IMODE(os.stat(file.parent / ".config.json.dockpass-journal").st_mode) == 0o600
    with Place(str(file)) as place:
        assert place.is_half_written()
    tidy(str(file))
    assert file.read_bytes() == OLD
    assert os.listdir(file.parent) == ["config.json"]


def test_another_version_than_the_one_that_was_read(file: Path) -> None:
    snapshot = read(str(file), limit=100)
    assert snapshot is not None
    file.write_bytes(b"theirs")
    with Place(str(file)) as place, pytest.raises(Changed):
        inplace.overwrite(place, NEW, expected=snapshot.identity, filler=b" ")
    assert file.read_bytes() == b"theirs"


def test_a_second_name_is_not_written_through(file: Path) -> None:
    os.link(file, file.parent / "other")
    with pytest.raises(FileUnwritable, match="a second name"):
        overwrite(file, NEW)
    assert file.read_bytes() == OLD


def test_a_loose_mode_is_ended_before_anything_is_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.chmod(0o664)
    modes: list[int] = []
    real = os.write

    def write(fd: int, data: bytes) -> int:
        modes.append(stat.S_IMODE(os.fstat(fd).st_mode))
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    overwrite(file, NEW)
    assert modes == [0o600] * 3


def refuse(*_: Any, **__: Any) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_a_file_system_without_modes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.chmod(0o755)
    monkeypatch.setattr(os, "fchmod", refuse)
    overwrite(file, NEW)
    assert file.read_bytes() == NEW


def test_a_loose_mode_that_cannot_be_ended(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.chmod(0o644)
    monkeypatch.setattr(os, "fchmod", refuse)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(PermissionError):
        overwrite(file, NEW)
    assert file.read_bytes() == OLD


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_without_room_for_the_journal_nothing_is_touched(
    file: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, fail)
    before = file.stat().st_mtime_ns
    with pytest.raises(OSError, match=os.strerror(number)):
        overwrite(file, NEW)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (OLD, before)
    assert os.listdir(file.parent) == ["config.json"]


def test_two_take_turns_on_the_file_itself(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Two containers have the same file, and each a folder and a lock file of its own.
    monkeypatch.setattr(inplace, "_TURN", 0.05)
    with open(file, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(FileLocked, match=r"config\.json is locked by another process"):
            overwrite(file, NEW)
    overwrite(file, NEW)
    assert file.read_bytes() == NEW


def test_a_file_system_without_locks(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", none)
    monkeypatch.setattr(fcntl, "lockf", none)
    overwrite(file, NEW)
    assert file.read_bytes() == NEW


class TestMend:
    def journal(self, file: Path, old: bytes = OLD, new: bytes = NEW) -> Path:
        with Place(str(file)) as place:
            assert inplace._begin_journal(place, file.stat(), old, new)
        return file.parent / ".config.json.dockpass-journal"

    @pytest.mark.parametrize("there", [OLD, OLD + b"  ", NEW, b"somebody else's", b"x" * 100, b"{}"])
    def test_a_whole_file_is_left_as_it_is(self, file: Path, there: bytes) -> None:
        self.journal(file)
        file.write_bytes(there)
        tidy(str(file))
        assert file.read_bytes() == there
        assert os.listdir(file.parent) == ["config.json"]

    @pytest.mark.parametrize(
        "there", [NEW[:4] + OLD[4:] + b"   ", NEW[:11], b"", b"\0" * 10, OLD[:3] + NEW[3:], NEW[:3]]
    )
    def test_a_mixture_becomes_the_old_contents(self, file: Path, there: bytes) -> None:
        self.journal(file)
        file.write_bytes(there)
        tidy(str(file))
        assert file.read_bytes() == OLD
        assert os.listdir(file.parent) == ["config.json"]

    def test_by_the_next_who_writes_in_place(self, file: Path) -> None:
        self.journal(file)
        file.write_bytes(NEW[:4] + OLD[4:])
        snapshot = read(str(file), limit=100)
        assert snapshot is not None
        with Place(str(file)) as place, pytest.raises(Changed):
            inplace.overwrite(place, b"newest", expected=snapshot.identity, filler=b" ")
        assert file.read_bytes() == OLD
        assert os.listdir(file.parent) == ["config.json"]

    def test_the_file_is_gone(self, file: Path) -> None:
        self.journal(file)
        file.unlink()
        tidy(str(file))
        assert os.listdir(file.parent) == []

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"dockpass journal 1",
            b"dockpass journal 1 10 13 77\n" + OLD + NEW,
            b"dockpass journal 1 10 -3 77\n" + OLD + NEW,
            b"dockpass journal 1 10 999999999999999 77\n" + OLD + NEW,
            b"dockpass journal 1 1 2\n",
            b"dockpass journal 1 3 3 0\nshort",
        ],
    )
    def test_a_journal_that_is_none(self, file: Path, content: bytes) -> None:
        journal = file.parent / ".config.json.dockpass-journal"
        journal.write_bytes(content)
        file.write_bytes(b"")
        tidy(str(file))
        assert file.read_bytes() == b""

    def test_a_pipe_or_a_link_in_the_journals_place(self, file: Path) -> None:
        journal = file.parent / ".config.json.dockpass-journal"
        os.mkfifo(journal)
        tidy(str(file))
        journal.unlink()
        journal.symlink_to(file)
        tidy(str(file))
        assert file.read_bytes() == OLD

    def test_somebody_elses_journal_is_not_trusted(self, file: Path, somebody: int) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can give a file away")
        os.chown(self.journal(file), somebody, somebody)
        file.write_bytes(b"")
        tidy(str(file))
        assert file.read_bytes() == b""

    def test_what_root_left_can_be_mended_by_the_owner(
        self, open_path: str, acting_as: ActingAs, somebody: int
    ) -> None:
        os.chown(open_path, somebody, somebody)
        path = Path(open_path, "config.json")
        path.write_bytes(OLD)
        os.chown(path, somebody, somebody)
        self.journal(path)
        path.write_bytes(NEW[:5])
        with acting_as(somebody):
            tidy(str(path))
            assert path.read_bytes() == OLD

    @given(st.binary(max_size=30), st.binary(max_size=30), st.data())
    def test_every_mixture_is_known(self, old: bytes, new: bytes, data: st.DataObject) -> None:
        length = max(len(old), len(new))
        padded = [old.ljust(length), new.ljust(length)]
        choice = data.draw(st.lists(st.sampled_from((0, 1)), min_size=length, max_size=length))
        mixed = bytes(padded[one][at] for at, one in enumerate(choice))
        whole = mixed.rstrip() in (old.rstrip(), new.rstrip())
        assert inplace._is_mixture(mixed, old, new) is not whole

    @given(st.binary(min_size=1, max_size=30), st.binary(min_size=1, max_size=30), st.integers(0, 29))
    def test_nothing_else_is(self, old: bytes, new: bytes, at: int) -> None:
        at %= max(len(old), len(new))
        there = bytearray(old.ljust(len(new)))
        free = set(range(1, 256)) - {old.ljust(30)[at], new.ljust(30)[at]}
        there[at] = min(free - set(b" \t\n\r\x0b\x0c"))
        assert not inplace._is_mixture(bytes(there), old, new)
        assert not inplace._is_mixture(old + new + b"x", old, new)


def test_a_folder_that_cannot_be_written(open_path: str, acting_as: ActingAs, somebody: int) -> None:
    path = Path(open_path, "config.json")
    path.write_bytes(OLD)
    path.chmod(0o644)
    os.chown(path, somebody, somebody)
    before = path.stat().st_ino
    with acting_as(somebody):
        snapshot = read(str(path), limit=100)
        assert snapshot is not None
        replace(str(path), NEW, expected=snapshot.identity, filler=b" ")
    assert path.read_bytes() == NEW
    assert path.stat().st_ino == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(open_path) == ["config.json"]


def test_a_bind_mount(tmp_path: Path, in_mounts: Callable[..., str]) -> None:
    code = """
import os
from dockpass.files.read import read
from dockpass.files.replace import replace
folder = os.environ["D"]
path = folder + "/here/config.json"
for data in (b"longer than before", b"short"):
    replace(path, data, expected=read(path, limit=100).identity, filler=b" ")
    print(open(path).read(), open(folder + "/real.json").read(), os.listdir(folder + "/here"))
replace(path, b"whatever it is")
print(open(folder + "/real.json").read())
"""
    shell = (
        'echo one > "$D/real.json"; mkdir "$D/here"; touch "$D/here/config.json"; '
        'mount --bind "$D/real.json" "$D/here/config.json"'
    )
    out = in_mounts(tmp_path, shell, code)
    assert out == "".join(
        f"{line}\n"
        for line in (
            "longer than before longer than before ['config.json']",
            "short short ['config.json']",
            "whatever it is",
        )
    )


def test_a_bind_mount_on_a_read_only_system(tmp_path: Path, in_mounts: Callable[..., str]) -> None:
    # A container with a read-only root, into which one file is mounted.
    code = """
import os
from dockpass.files.lock import lock
from dockpass.files.read import read
from dockpass.files.replace import replace
path = os.environ["D"] + "/here/config.json"
with lock(path):
    replace(path, b"two", expected=read(path, limit=100).identity, filler=b" ")
print(open(os.environ["D"] + "/real.json").read())
"""
    shell = (
        'echo one > "$D/real.json"; mkdir "$D/here"; touch "$D/here/config.json"; '
        'mount --bind "$D/here" "$D/here"; mount --bind "$D/real.json" "$D/here/config.json"; '
        'mount -o remount,bind,ro "$D/here"'
    )
    assert in_mounts(tmp_path, shell, code) == "two\n"


def test_a_bind_mount_of_a_full_disk(tmp_path: Path, in_mounts: Callable[..., str]) -> None:
    code = """
import os
from dockpass.errors import FileUnwritable
from dockpass.files.read import read
from dockpass.files.replace import replace
folder = os.environ["D"]
path = folder + "/here/config.json"
with open(folder + "/full/filler", "wb", 0) as file:
    try:
        while True: file.write(b"x" * 4096)
    except OSError: pass
try: replace(path, b"n" * 10000, expected=read(path, limit=100).identity, filler=b" ")
except FileUnwritable as error: print(error.message)
print(open(path).read(), os.listdir(folder + "/here"))
replace(path, b"fits", expected=read(path, limit=100).identity, filler=b" ")
print(open(path).read(), os.listdir(folder + "/here"))
"""
    shell = (
        'mkdir "$D/here" "$D/full"; touch "$D/here/config.json"; mount -t tmpfs -o size=64k none "$D/full"; '
        'printf "contents" > "$D/full/real.json"; mount --bind "$D/full/real.json" "$D/here/config.json"'
    )
    assert in_mounts(tmp_path, shell, code) == (
        f"cannot write {tmp_path}/here/config.json: no space left on the disk\n"
        "contents ['config.json']\nfits ['config.json']\n"
    )
