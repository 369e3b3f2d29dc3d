"""An export on the disk: its owner's alone, all of it or nothing, and over nothing that it may not replace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.account import export_vault
from dockpass.credential import Credential
from dockpass.errors import FileUnwritable, UsageError
from dockpass.vault.archive import Login
from dockpass.vault.home import Home
from dockpass.vault.keep import put

if TYPE_CHECKING:
    from pathlib import Path

ALICE = Login("reg.test", Credential("alice", "wonder"), active=True)


@pytest.fixture
def home(place: Any) -> Home:
    home = Home(str(place.folder / "vault"))
    put(home, ALICE.server, ALICE.credential)
    return home


def test_a_file_that_came_there_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.age"
    path.write_text("mine")
    with pytest.raises(FileUnwritable, match="it is there already"):
        export_vault.write(str(path), b"export", force=False)
    assert path.read_text() == "mine"
    export_vault.write(str(path), b"export", force=True)
    assert path.read_bytes() == b"export"
    assert os.listdir(tmp_path) == ["x.age"]


def test_others_cannot_read_it_from_the_first_byte_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        modes.append(os.fstat(descriptor).st_mode & 0o777)
        return real(descriptor, data)

    before = os.umask(0)
    try:
        monkeypatch.setattr(os, "write", write)
        (tmp_path / "old.age").touch(0o644)
        for name in ("x.age", "old.age"):
            export_vault.write(str(tmp_path / name), b"export", force=True)
    finally:
        os.umask(before)
    assert modes
    assert set(modes) == {0o600}
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("x.age", "old.age")] == [0o600, 0o600]


def test_the_vaults_own_folder_by_any_way(home: Home, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(home.path)
    (tmp_path / "file").symlink_to(os.path.join(home.path, "identity.txt"))
    for path in (tmp_path / "link" / "identity.txt", tmp_path / "file", tmp_path / "link" / "new"):
        with pytest.raises(UsageError, match="in the folder of the vault itself"):
            export_vault.check_target(home, str(path), force=True)
    export_vault.check_target(home, str(tmp_path / "vault2"), force=False)


def test_more_than_an_import_takes(home: Home) -> None:
    many = [Login(f"{number}.test", Credential("a", "x" * 1_000_000), active=True) for number in range(9)]
    with pytest.raises(UsageError, match="more than 8 MiB"):
        export_vault.sealed(home, many)


def test_who_opens_it(home: Home) -> None:
    done = export_vault.sealed(home, [ALICE])
    assert (len(done.recipients), done.only_ours) == (1, True)
    with open(os.path.join(home.path, "recipients.txt"), "a") as file:
        file.write("age1gde3ncmahlqd9gg50tanl99r960llztrhfapnmx853s4tjum03uqfssgdh\n")
    done = export_vault.sealed(home, [ALICE])
    assert (len(done.recipients), done.only_ours) == (2, False)
