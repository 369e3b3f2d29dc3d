"""Forgetting a server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dockpass.credential import Credential
from dockpass.errors import FileUnwritable
from dockpass.vault.find import find, version
from dockpass.vault.folder import Folder
from dockpass.vault.forget import erase, erase_only
from dockpass.vault.keep import put

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.vault.home import Home

SERVER = "reg.test:5000"
ALICE, BOB = Credential("alice", "wonder"), Credential("bob", "builder")


def test_all_accounts_go_and_the_folder_too(home: Home, path: Path) -> None:
    put(home, SERVER, ALICE)
    put(home, SERVER, BOB)
    put(home, "other.test", ALICE)
    assert erase(home, SERVER) is True
    assert os.listdir(path / "vault") == ["other.test"]
    assert erase(home, SERVER) is False
    assert find(home, "other.test") is not None


def test_nothing_to_forget_makes_nothing(home: Home, path: Path) -> None:
    assert erase(home, SERVER) is False
    assert not path.exists()
    path.mkdir(parents=True)
    assert erase(home, SERVER) is False
    assert os.listdir(path) == []


def test_no_key_is_needed(kept: Home, path: Path) -> None:
    (path / "identity.txt").unlink()
    (path / "recipients.txt").chmod(0o666)
    assert erase(kept, SERVER) is True


@pytest.mark.parametrize("active", [None, "", "nobody.age\n", "x"])
def test_what_is_damaged_goes_too(home: Home, path: Path, active: str | None) -> None:
    put(home, SERVER, ALICE)
    put(home, SERVER, BOB)
    folder = path / "vault" / "reg.test%3A5000"
    (folder / "alice.age").write_bytes(b"")
    (folder / "active").unlink()
    if active is not None:
        (folder / "active").write_text(active)
    os.symlink(path / "identity.txt", folder / "x.age")
    os.mkfifo(folder / "y.age")
    (folder / "Z.age").write_bytes(b"")
    assert erase(home, SERVER) is True
    assert os.listdir(path / "vault") == []
    assert (path / "identity.txt").exists()


def test_only_what_names_somebody_is_left(home: Home, path: Path) -> None:
    put(home, SERVER, ALICE)
    (path / "vault" / "reg.test%3A5000" / "alice.age").unlink()
    assert erase(home, SERVER) is True
    assert os.listdir(path / "vault") == []


def test_what_is_not_ours_stays_and_is_no_login(home: Home, path: Path) -> None:
    put(home, SERVER, ALICE)
    folder = path / "vault" / "reg.test%3A5000"
    (folder / "notes.txt").write_text("hello")
    assert erase(home, SERVER) is True
    assert sorted(os.listdir(folder)) == [".login.lock", "notes.txt"]
    assert erase(home, SERVER) is False
    assert find(home, SERVER) is None


def test_what_cannot_be_removed_is_said(home: Home, path: Path) -> None:
    put(home, SERVER, ALICE)
    put(home, SERVER, BOB)
    file = path / "vault" / "reg.test%3A5000" / "alice.age"
    file.unlink()
    file.mkdir()
    with pytest.raises(FileUnwritable, match=r"cannot remove .*alice\.age"):
        erase(home, SERVER)
    assert find(home, SERVER) is not None


def test_the_account_in_use_goes_last(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, SERVER, ALICE)
    put(home, SERVER, BOB)
    gone: list[str] = []
    real = Folder.delete

    def delete(self: Folder, name: str) -> None:
        found = find(home, SERVER)
        assert found is not None
        assert found.credential() == BOB
        gone.append(name)
        real(self, name)

    monkeypatch.setattr(Folder, "delete", delete)
    erase(home, SERVER)
    assert gone == ["alice.age", "active", "bob.age"]


def test_only_what_was_looked_at_is_erased(home: Home) -> None:
    assert erase_only(home, SERVER, None) is False
    put(home, SERVER, ALICE)
    before = version(home, SERVER)
    put(home, SERVER, BOB)
    assert erase_only(home, SERVER, before) is False
    assert find(home, SERVER) is not None
    assert erase_only(home, SERVER, version(home, SERVER)) is True
    assert find(home, SERVER) is None
