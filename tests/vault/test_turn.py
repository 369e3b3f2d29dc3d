"""One at a time in a server's folder, which goes when it is empty."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from dockpass.errors import FileUnreadable, FileUnwritable
from dockpass.vault.folder import Folder
from dockpass.vault.turn import Turn

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.vault.home import Home


@pytest.fixture
def top(home: Home) -> Folder:
    return Folder.top(home.path, make=True) or pytest.fail("there is none")


def test_an_empty_folder_goes(home: Home, top: Folder, path: Path) -> None:
    with Turn(home, top, "reg.test", make=True) as folder:
        assert folder is not None
        assert os.listdir(path / "vault" / "reg.test") == [".login.lock"]
    assert os.listdir(path / "vault") == []
    with Turn(home, top, "reg.test") as folder:
        assert folder is None


def test_one_with_something_in_it_stays(home: Home, top: Folder, path: Path) -> None:
    with Turn(home, top, "reg.test", make=True) as folder:
        assert folder is not None
        folder.write("x", b"data")
    assert sorted(os.listdir(path / "vault" / "reg.test")) == [".login.lock", "x"]


def test_leftovers_of_the_killed_are_removed(home: Home, top: Folder, path: Path) -> None:
    (path / "vault" / "reg.test").mkdir(parents=True)
    (path / "vault" / "reg.test" / ".alice.age.dockpass-new-00").write_bytes(b"")
    with Turn(home, top, "reg.test") as folder:
        assert folder is not None
    assert os.listdir(path / "vault") == []


def test_another_servers_turn_is_not_waited_for(home: Home, top: Folder) -> None:
    with Turn(home, top, "one.test", make=True), Turn(home, top, "two.test", make=True) as folder:
        assert folder is not None


def test_turns_of_one_server_do_not_overlap_though_the_folder_comes_and_goes(
    home: Home, top: Folder, path: Path
) -> None:
    inside = 0
    most = 0
    errors: list[Exception] = []

    def work(number: int) -> None:
        nonlocal inside, most
        try:
            for turn in range(15):
                with Turn(home, top, "reg.test", make=True) as folder:
                    assert folder is not None
                    inside += 1
                    most = max(most, inside)
                    folder.write("x", b"data")
                    if (number + turn) % 3:
                        folder.delete("x")
                    inside -= 1
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert most == 1


def test_a_link_in_the_way_of_the_locks_file(home: Home, top: Folder, path: Path, tmp_path: Path) -> None:
    (path / "vault" / "reg.test").mkdir(parents=True)
    os.symlink(tmp_path / "elsewhere", path / "vault" / "reg.test" / "login")
    with pytest.raises(FileUnreadable, match="symbolic link"), Turn(home, top, "reg.test"):
        pass
    (path / "vault" / "reg.test" / "login").unlink()
    os.symlink(tmp_path / "elsewhere", path / "vault" / "reg.test" / ".login.lock")
    with pytest.raises(FileUnwritable, match="lock file"), Turn(home, top, "reg.test"):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_goes_each_time_we_come(
    home: Home, top: Folder, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dockpass.vault import turn

    class Gone:
        def __enter__(self) -> None:
            (path / "vault" / "reg.test").rmdir()
            raise FileUnwritable("it is gone")

    monkeypatch.setattr(turn, "_TRIES", 5)
    monkeypatch.setattr(turn, "lock", lambda *_arguments, **_named: Gone())
    with pytest.raises(FileUnwritable, match="remove it all the time"), Turn(home, top, "reg.test", make=True):
        pass


def test_where_the_locks_file_cannot_be_made_the_folder_is_locked(
    home: Home, top: Folder, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dockpass.files import lock

    def full(*_arguments: object) -> int:
        raise lock._NoLockFile(FileUnwritable("no space left"))

    monkeypatch.setattr(lock, "_open", full)
    with Turn(home, top, "reg.test", make=True) as folder:
        assert folder is not None
        # Somebody else waits for the folder, with the lock's file in hand: it is theirs.
        (path / "vault" / "reg.test" / ".login.lock").write_bytes(b"")
    assert os.listdir(path / "vault" / "reg.test") == [".login.lock"]
    (path / "vault" / "reg.test" / ".login.lock").unlink()
    with Turn(home, top, "reg.test", make=True) as folder:
        assert folder is not None
    assert os.listdir(path / "vault") == []


def test_a_folder_that_is_another_by_then_is_not_ours(
    home: Home, top: Folder, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dockpass.files.lock import lock as real
    from dockpass.vault import turn

    done: list[int] = []

    def swap(*arguments: str, **named: object) -> object:
        if not done:
            done.append(1)
            (path / "vault" / "reg.test").rename(path / "vault" / "old.test")
            (path / "vault" / "reg.test").mkdir()
            (path / "vault" / "reg.test" / "x.age").write_bytes(b"")
        return real(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(turn, "lock", swap)
    with Turn(home, top, "reg.test", make=True) as folder:
        assert folder is not None
        assert folder.files() == [".login.lock", "x.age"]
