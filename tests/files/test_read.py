from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import FileUnreadable
from dockpass.files.read import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

LIMIT = 1 << 20


def test_contents_and_version(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"contents")
    snapshot = read(str(tmp_path / "file"), limit=LIMIT)
    assert snapshot is not None
    assert snapshot.data == b"contents"
    status = os.stat(tmp_path / "file")
    assert snapshot.identity == (status.st_dev, status.st_ino, status.st_mtime_ns, 8)


@pytest.mark.parametrize("path", ["missing", "missing/file", "dangling"])
def test_nothing_there(tmp_path: Path, path: str) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    assert read(str(tmp_path / path), limit=LIMIT) is None


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def make_large(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(100 << 20)


def make_slightly_large(path: Path) -> None:
    path.write_bytes(b"x" * (LIMIT + 1))


def make_socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (make_folder, "it is a folder"),
        (make_pipe, "it is a pipe"),
        (link_to_device, "it is a device"),
        (link_to_itself, "its symbolic links lead in a circle"),
        (make_large, "it is larger than 1 MiB"),
        (make_slightly_large, "it is larger than 1 MiB"),
        (make_socket, "it is a socket"),
    ],
)
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, make: Callable[[Path], None], what: str) -> None:
    path = tmp_path / "config.json"
    make(path)
    with pytest.raises(FileUnreadable) as caught:
        read(str(path), limit=LIMIT)
    assert caught.value.message.startswith(f"cannot read {path}: {what}")
    assert caught.value.hint
    assert caught.value.path == str(path)


def test_an_endless_file_that_says_it_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(os, "read", lambda _fd, size: b"x" * size)
    with pytest.raises(FileUnreadable, match="larger"):
        read(str(tmp_path / "file"), limit=LIMIT)


def test_a_small_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"xx")
    with pytest.raises(FileUnreadable, match="it is larger than 1 bytes"):
        read(str(tmp_path / "file"), limit=1)


def test_exactly_the_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * LIMIT)
    snapshot = read(str(tmp_path / "file"), limit=LIMIT)
    assert snapshot is not None
    assert len(snapshot.data) == LIMIT


def test_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileUnreadable, match="a part of its path is not a folder"):
        read(str(tmp_path / "file" / "config.json"), limit=LIMIT)


def test_no_path(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match=r"not a path: .*a\\x00b"):
        read(f"{tmp_path}/a\0b", limit=LIMIT)


def test_not_readable(open_path: str, acting_as: Callable[[int], AbstractContextManager[None]], somebody: int) -> None:
    path = Path(open_path, "config.json")
    path.write_text("{}")
    os.chown(path, somebody, somebody)
    path.chmod(0)
    with acting_as(somebody), pytest.raises(FileUnreadable, match="permission denied"):
        read(str(path), limit=LIMIT)


def test_io_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"x")

    def fail(*_: Any) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(FileUnreadable, match="the disk reports an error"):
        read(str(tmp_path / "file"), limit=LIMIT)


def test_unknown_error_in_the_systems_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"x")

    def fail(*_: Any) -> bytes:
        raise OSError(errno.EPROTO, "Protocol error")

    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(FileUnreadable, match="file: protocol error$"):
        read(str(tmp_path / "file"), limit=LIMIT)


def test_a_file_written_during_the_reading_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old" * 100)
    real = os.read
    writes = [b"new" * 200, b"newest" * 50]

    def slow(fd: int, size: int) -> bytes:
        data = real(fd, size)
        if writes:
            path.write_bytes(writes.pop(0))
        return data

    monkeypatch.setattr(os, "read", slow)
    snapshot = read(str(path), limit=LIMIT)
    assert snapshot is not None
    assert snapshot.data == b"newest" * 50
    assert snapshot.identity[3] == 300


def test_a_file_written_all_the_time_is_given_up_on_gracefully(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    real = os.read
    written: list[int] = []

    def busy(fd: int, size: int) -> bytes:
        data = real(fd, size)
        written.append(len(written))
        os.utime(path, ns=(0, len(written)))
        return data

    monkeypatch.setattr(os, "read", busy)
    snapshot = read(str(path), limit=100)
    assert snapshot is not None
    assert snapshot.data == b"x"
    assert len(written) == 10
