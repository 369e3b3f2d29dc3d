from __future__ import annotations

import errno
import os
import sys
import types
from typing import TYPE_CHECKING

import pytest

from dockpass.files import flock
from dockpass.files.flock import NoLocks, grab, release

if TYPE_CHECKING:
    from pathlib import Path


def test_exclusive_keeps_all_out_and_shared_only_the_exclusive(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    one, other = os.open(path, os.O_RDWR), os.open(path, os.O_RDWR)
    assert grab(one)
    assert not grab(other)
    assert not grab(other, shared=True)
    release(one)
    one = os.open(path, os.O_RDWR)
    assert grab(one, shared=True)
    assert grab(other, shared=True)
    third = os.open(path, os.O_RDWR)
    assert not grab(third)
    release(one)
    release(other)
    assert grab(third)
    release(third)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(third)


def test_folders_can_be_locked(tmp_path: Path) -> None:
    one, other = os.open(tmp_path, os.O_RDONLY), os.open(tmp_path, os.O_RDONLY)
    assert grab(one)
    assert not grab(other, shared=True)
    release(one)
    release(other)


class TestWindows:
    """Windows' calls, against a stand-in for its module that behaves as the documentation says."""

    @pytest.fixture(autouse=True)
    def windows(self, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
        locked: dict[tuple[int, int], int] = {}
        module = types.ModuleType("msvcrt")

        def locking(fd: int, mode: int, size: int) -> None:
            place = (os.fstat(fd).st_ino, os.lseek(fd, 0, os.SEEK_CUR))
            assert size == 1
            if module.broken:
                raise OSError(errno.EINVAL, "Invalid argument")
            if mode == module.LK_UNLCK:
                assert locked.pop(place) == fd
            elif place in locked:
                raise PermissionError(errno.EACCES, "Permission denied")
            else:
                locked[place] = fd

        module.broken = False  # type: ignore[attr-defined]
        module.LK_UNLCK, module.LK_NBLCK = 0, 2  # type: ignore[attr-defined]
        module.locking = locking  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "msvcrt", module)
        monkeypatch.setattr(flock, "_WINDOWS", True)
        return module

    def test_one_at_a_time(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_text("1234 host\n")
        one, other = os.open(path, os.O_RDWR), os.open(path, os.O_RDWR)
        assert grab(one)
        assert not grab(other)
        # What is locked is far behind the text, which can be read by who waits.
        os.lseek(other, 0, os.SEEK_SET)
        assert os.read(other, 20) == b"1234 host\n"
        release(one)
        assert grab(other)
        release(other)
        assert path.read_text() == "1234 host\n"

    def test_a_file_system_without_locks(self, tmp_path: Path, windows: types.ModuleType) -> None:
        windows.broken = True  # type: ignore[attr-defined]
        fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
        with pytest.raises(NoLocks):
            grab(fd)
        release(fd)
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(fd)
