from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dockpass.files import unread
from dockpass.files.read import read
from dockpass.files.replace import replace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    replace(str(path), b"contents", expected=None)
    before = path.stat().st_atime_ns
    path.read_bytes()
    if path.stat().st_atime_ns == before:
        pytest.skip("this file system does not note when a file is read")
    replace(str(path), b"contents")
    return path


def test_a_new_file_is_unread_until_somebody_reads_it(file: Path) -> None:
    assert not unread.was_read(file.stat())
    file.read_bytes()
    assert unread.was_read(file.stat())


def test_our_own_reading_does_not_count(file: Path) -> None:
    for _ in range(3):
        assert read(str(file), limit=100) is not None
    assert not unread.was_read(file.stat())


def test_a_reading_long_ago_does_not_count(file: Path) -> None:
    file.read_bytes()
    written = file.stat().st_mtime_ns
    os.utime(file, ns=(written - 60 * 10**9, written))
    assert not unread.was_read(file.stat())


def test_the_mark_keeps_the_time_of_writing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    before = os.stat(tmp_path / "file").st_mtime_ns
    fd = os.open(tmp_path / "file", os.O_RDWR)
    unread.mark(fd)
    os.close(fd)
    assert os.stat(tmp_path / "file").st_mtime_ns == before


def test_where_it_cannot_be_marked_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unread.mark(-1)
    monkeypatch.setattr(unread, "_BY_FD", False)
    (tmp_path / "file").write_bytes(b"x")
    before = os.stat(tmp_path / "file").st_atime_ns
    fd = os.open(tmp_path / "file", os.O_RDWR)
    unread.mark(fd)
    os.close(fd)
    assert os.stat(tmp_path / "file").st_atime_ns == before


def test_another_users_file_can_be_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"x")
    real = os.open

    def refuse(path: str, flags: int) -> int:
        if flags & os.O_NOATIME:
            raise PermissionError(1, "Operation not permitted")
        return real(path, flags)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        snapshot = read(str(tmp_path / "file"), limit=100)
        patch.setattr("dockpass.files.read._UNNOTICED", 0)
        again = read(str(tmp_path / "file"), limit=100)
    assert snapshot is not None
    assert again is not None
    assert snapshot.data == again.data == b"x"
