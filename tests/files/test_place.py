from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import FileUnwritable
from dockpass.files import place as place_module
from dockpass.files.place import Place, make_folder, resolve, sibling

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path


def test_links_are_followed_whatever_they_are(tmp_path: Path) -> None:
    folder = os.path.realpath(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("")
    (tmp_path / "relative").symlink_to("real/file")
    (tmp_path / "absolute").symlink_to(tmp_path / "relative")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere/file")
    assert resolve(str(tmp_path / "relative")) == f"{folder}/real/file"
    assert resolve(str(tmp_path / "absolute")) == f"{folder}/real/file"
    assert resolve(str(tmp_path / "folder" / "new")) == f"{folder}/real/new"
    assert resolve(str(tmp_path / "dangling")) == f"{folder}/nowhere/file"


@pytest.mark.parametrize("path", ["circle", "circle/file"])
def test_a_circle(tmp_path: Path, path: str) -> None:
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(FileUnwritable, match="circle"):
        resolve(str(tmp_path / path))


def test_relative_paths_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve("config.json") == f"{os.path.realpath(tmp_path)}/config.json"


def test_a_relative_path_in_a_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(FileUnwritable, match="a part of its path does not exist"):
        resolve("config.json")


@pytest.mark.parametrize("umask", [0, 0o77, 0o777])
def test_folders_are_the_owners_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        make_folder(str(tmp_path / "a" / "b" / "c"))
        make_folder(str(tmp_path / "a" / "b" / "c"))
    finally:
        os.umask(before)
    for folder in ("a", "a/b", "a/b/c"):
        assert stat.S_IMODE(os.stat(tmp_path / folder).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(tmp_path).st_mode) == 0o700


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    make_folder(str(tmp_path / "a"))
    assert stat.S_IMODE(os.stat(tmp_path / "a").st_mode) == 0o755


def test_a_file_in_the_folders_place(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    for path in ("a", "a/b"):
        with pytest.raises(NotADirectoryError):
            make_folder(str(tmp_path / path))


def test_a_folder_that_somebody_makes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.mkdir

    def twice(path: str, mode: int) -> None:
        real(path, mode)
        real(path, mode)

    monkeypatch.setattr(os, "mkdir", twice)
    make_folder(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()


def test_no_root_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "isdir", lambda _path: False)
    with pytest.raises(OSError, match="/"):
        make_folder("/")


def test_names_beside() -> None:
    assert sibling("config.json", "lock") == ".config.json.lock"
    longest = [sibling("é" * 120 + end, "x" * 80) for end in ("a", "b")]
    assert longest[0] != longest[1]
    assert max(len(os.fsencode(name)) for name in longest) < 256


def test_work_goes_on_in_the_folder_that_was_opened(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with Place(str(tmp_path / "folder" / "file")) as place:
        os.rename(tmp_path / "folder", tmp_path / "moved")
        (tmp_path / "folder").mkdir()
        os.close(place.open("file", os.O_WRONLY | os.O_CREAT))
        place.link("file", "second")
        place.move("second", "third")
        place.sync()
        assert sorted(place.names()) == ["file", "third"]
        place.remove("third")
        place.remove("third")
    assert os.listdir(tmp_path / "moved") == ["file"]
    assert os.listdir(tmp_path / "folder") == []


def test_no_link_is_followed_and_no_pipe_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "file").write_text("")
    with Place(str(tmp_path / "file")) as place:
        os.close(place.open("pipe", os.O_RDONLY))
        with pytest.raises(OSError, match="symbolic"):
            place.open("link", os.O_RDONLY)
        status = place.status("link")
        assert status is not None
        assert stat.S_ISLNK(status.st_mode)


def test_a_folder_that_cannot_be_listed(
    open_path: str, acting_as: Callable[[int], AbstractContextManager[None]], somebody: int
) -> None:
    os.chown(open_path, somebody, somebody)
    os.chmod(open_path, 0o300)
    with acting_as(somebody):
        with Place(os.path.join(open_path, "file")) as place:
            os.close(place.open("file", os.O_WRONLY | os.O_CREAT))
            place.sync()
            assert place.names() == []
        make_folder(os.path.join(open_path, "new"))
    assert sorted(os.listdir(open_path)) == ["file", "new"]


def test_a_folder_that_cannot_be_entered(
    open_path: str, acting_as: Callable[[int], AbstractContextManager[None]], somebody: int
) -> None:
    os.chmod(open_path, 0o700)
    os.mkdir(os.path.join(open_path, "a"))
    with acting_as(somebody), pytest.raises(PermissionError):
        Place(os.path.join(open_path, "a", "file"))


def test_a_system_without_such_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: Any, flags: int, *rest: Any) -> int:
        if flags & os.O_DIRECTORY:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.delattr(os, "O_PATH")
    with pytest.raises(PermissionError):
        Place(str(tmp_path / "file"))


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_sync_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(_fd: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with Place(str(tmp_path / "file")) as place:
        place.sync()


def test_full_paths_where_there_is_nothing_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As on Windows, where folders cannot be opened.
    monkeypatch.setattr(place_module, "_RELATIVE", False)
    make_folder(str(tmp_path / "a"))
    with Place(str(tmp_path / "a" / "file")) as place:
        os.close(place.open("one", os.O_WRONLY | os.O_CREAT))
        place.link("one", "two")
        place.move("two", "file")
        place.sync()
        assert sorted(place.names()) == ["file", "one"]
        assert place.status("file") is not None
        assert place.status("missing") is None
        place.remove("one")
    assert os.listdir(tmp_path / "a") == ["file"]
