"""Folders that are held open: no link is followed, nothing waits, and what is written is whole."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from dockpass.errors import FileUnreadable, FileUnwritable
from dockpass.vault import folder as module
from dockpass.vault.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=[True, False], ids=["relative", "by path"])
def relative(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the system has calls relative to a folder. Windows has none."""
    monkeypatch.setattr(module, "_RELATIVE", request.param)
    return bool(request.param)


@pytest.fixture
def top(relative: bool, tmp_path: Path) -> Iterator[Folder]:
    found = Folder.top(str(tmp_path / "a" / "b"), make=True)
    assert found is not None
    with found:
        yield found


def mode(path: Path | str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_folder_is_made_for_its_owner_alone(top: Folder, tmp_path: Path) -> None:
    with top.below("c", make=True) or pytest.fail("there is none"):
        assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == mode(tmp_path / "a" / "b" / "c") == 0o700
    with top.below("c", make=True) or pytest.fail("there is none"):
        pass


def test_under_a_umask_that_takes_all_away(relative: bool, tmp_path: Path) -> None:
    os.umask(0o777)
    with (
        Folder.top(str(tmp_path / "a"), make=True) or pytest.fail("there is none") as top,
        top.below("c", make=True) or pytest.fail("there is none") as c,
    ):
        c.write("x", b"data")
    assert mode(tmp_path / "a" / "c") == 0o700
    assert mode(tmp_path / "a" / "c" / "x") == 0o600


def test_nothing_there(relative: bool, top: Folder, tmp_path: Path) -> None:
    assert Folder.top(str(tmp_path / "nowhere")) is None
    assert top.below("nothing") is None
    assert top.read("nothing", 10) is None
    top.delete("nothing")


def test_what_is_written_is_read(top: Folder, tmp_path: Path) -> None:
    assert top.write("x", b"one")
    assert top.write("x", b"two")
    data, status = top.read("x", 3) or pytest.fail("there is none")
    assert data == b"two"
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert top.files() == ["x"]
    assert not top.write("x", b"three", fresh=True)
    assert top.write("y", b"three", fresh=True)
    assert top.files() == ["x", "y"]
    top.delete("x")
    assert top.files() == ["y"]


def test_fresh_where_there_are_no_hard_links(top: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Folder, "link", refuse)
    assert top.write("x", b"one", fresh=True)
    assert not top.write("x", b"two", fresh=True)
    assert (top.read("x", 10) or pytest.fail("there is none"))[0] == b"one"
    assert top.files() == ["x"]


def test_a_link_is_not_followed(top: Folder, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"theirs")
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "secret", os.path.join(top.folder, "file"))
    os.symlink(tmp_path / "elsewhere", os.path.join(top.folder, "folder"))
    os.symlink(tmp_path / "nowhere", os.path.join(top.folder, "dangling"))
    for name in ("file", "dangling"):
        with pytest.raises(FileUnreadable, match="it is a symbolic link, not a file, and no link is followed"):
            top.read(name, 100)
    for name in ("folder", "file", "dangling"):
        for make in (True, False):
            with pytest.raises(FileUnreadable, match="it is a symbolic link, not a folder"):
                top.below(name, make=make)
    top.write("file", b"ours")
    top.write("dangling", b"ours")
    assert (tmp_path / "secret").read_bytes() == b"theirs"
    assert not (tmp_path / "nowhere").exists()
    assert (top.read("file", 100) or pytest.fail("there is none"))[0] == b"ours"
    top.delete("folder")
    assert (tmp_path / "elsewhere").is_dir()


def test_the_vaults_own_folder_may_be_a_link(relative: bool, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    os.symlink(tmp_path / "disk", tmp_path / "link")
    with Folder.top(str(tmp_path / "link")) or pytest.fail("there is none") as top:
        top.write("x", b"data")
    assert (tmp_path / "disk" / "x").read_bytes() == b"data"


def test_a_pipe_a_folder_and_a_socket_are_no_files(top: Folder) -> None:
    import socket

    os.mkfifo(os.path.join(top.folder, "pipe"))
    os.mkdir(os.path.join(top.folder, "folder"))
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(top.folder)
        server.bind("socket")
    for name, what in (("pipe", "a pipe"), ("folder", "a folder"), ("socket", "a socket")):
        with pytest.raises(FileUnreadable, match=f"it is {what}, not a file"):
            top.read(name, 10)
    with pytest.raises(FileUnreadable, match="it is a pipe, not a folder"):
        top.below("pipe")
    with pytest.raises(FileUnwritable, match="folder"):
        top.write("folder", b"x")
    with pytest.raises(FileUnwritable, match="cannot remove .*folder: it is a folder"):
        top.delete("folder")


def test_too_large(top: Folder) -> None:
    top.write("x", b"12345")
    with pytest.raises(FileUnreadable, match="larger than 4 bytes"):
        top.read("x", 4)


def test_hard_links_are_not_written_through(top: Folder, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"theirs")
    os.link(tmp_path / "other", os.path.join(top.folder, "x"))
    top.write("x", b"ours")
    assert (tmp_path / "other").read_bytes() == b"theirs"


def test_what_was_left_by_the_killed_is_removed(top: Folder) -> None:
    for name in (".alice.age.dockpass-new-0123", "alice.age", ".login.lock", "dockpass-new-x"):
        top.write(name, b"x")
    top.tidy("bob.age")
    assert len(top.files()) == 4
    top.tidy("bob.age", "alice.age")
    assert top.files() == [".login.lock", "alice.age", "dockpass-new-x"]
    top.write(".bob.age.dockpass-new-0123", b"x")
    top.tidy()
    assert top.files() == [".login.lock", "alice.age", "dockpass-new-x"]


def test_paths_that_are_none(relative: bool, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises((FileUnreadable, FileUnwritable)):
        Folder.top(str(tmp_path / "file"), make=True)
    if relative:
        with pytest.raises(FileUnreadable):
            Folder.top(str(tmp_path / "file"))
        with pytest.raises(FileUnreadable, match="not a path"):
            Folder.top("a\0b")


def test_a_full_disk_loses_nothing(top: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    top.write("x", b"old")

    def full(_fd: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(FileUnwritable, match="x: no space left"):
        top.write("x", b"new")
    monkeypatch.undo()
    assert (top.read("x", 10) or pytest.fail("there is none"))[0] == b"old"
    assert top.files() == ["x"]


def test_a_disk_that_fails(top: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise OSError(5, "Input/output error")

    top.write("x", b"old")
    for name, act, error in (
        ("read", lambda: top.read("x", 10), FileUnreadable),
        ("listdir", top.files, FileUnreadable),
        ("fsync", top.on_disk, FileUnwritable),
        ("unlink", lambda: top.delete("x"), FileUnwritable),
        ("mkdir", lambda: top.below("y", make=True), FileUnwritable),
        ("open", lambda: top.read("x", 10), FileUnreadable),
    ):
        if name == "fsync" and top.fd is None:
            continue
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fail)
            with pytest.raises(error, match="the disk reports an error"):
                act()
    if top.fd is not None:
        monkeypatch.setattr(os, "open", fail)
        with pytest.raises(FileUnreadable, match="the disk reports an error"):
            top.below("y")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_writes_belongs_to_the_folders_owner(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 1234, 1235)
    with Folder.top(str(tmp_path / "theirs")) or pytest.fail("there is none") as top:
        top.write("x", b"data")
        with top.below("y", make=True) or pytest.fail("there is none") as below:
            below.write("z", b"data")
    for name in ("x", "y", "y/z"):
        status = os.stat(tmp_path / "theirs" / name)
        assert (status.st_uid, status.st_gid) == (1234, 1235)
