"""What the vault has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dockpass.credential import Credential
from dockpass.errors import FileUnreadable
from dockpass.vault.account import Account
from dockpass.vault.keep import put
from dockpass.vault.listing import listing
from dockpass.vault.name import encode

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.vault.home import Home

ALICE, BOB = Credential("alice", "wonder"), Credential("bob", "builder")
LONG = "reg.test/" + "a" * 300


def test_nothing(home: Home, path: Path) -> None:
    assert listing(home).logins == {}
    path.mkdir(parents=True)
    assert listing(home).logins == {}
    (path / "vault").mkdir()
    assert listing(home).logins == {}


def test_the_account_in_use_of_each(home: Home, path: Path) -> None:
    put(home, "https://index.docker.io/v1/", ALICE)
    put(home, "reg.test:5000", ALICE)
    put(home, "reg.test:5000", BOB)
    put(home, "token.test", Credential("", "t", is_identity_token=True))
    (path / "identity.txt").unlink()  # nothing is opened
    found = listing(home)
    assert found.notes == []
    assert found.logins == {
        "https://index.docker.io/v1/": Account("alice"),
        "reg.test:5000": Account("bob"),
        "token.test": Account("", is_token=True),
    }


def test_names_that_are_too_long_are_read_out_of_the_files(home: Home, path: Path, engine: str) -> None:
    put(home, LONG, ALICE)
    put(home, LONG, Credential("u" * 300, "x"))
    put(home, "reg.test", Credential("v" * 300, "x"))
    put(home, "other.test", BOB)
    assert listing(home).logins == {
        LONG: Account("u" * 300),
        "reg.test": Account("v" * 300),
        "other.test": Account("bob"),
    }
    (path / "identity.txt").unlink()
    found = listing(home)
    assert found.logins == {"other.test": Account("bob")}
    assert len(found.notes) == 2
    assert all("identity.txt is missing" in note for note in found.notes)


def test_a_long_name_that_is_not_in_its_file(home: Home, path: Path) -> None:
    put(home, LONG, ALICE)
    put(home, "other.test", BOB)
    (path / "vault" / encode(LONG)).rename(path / "vault" / ("%23" + "0" * 64))
    found = listing(home)
    assert found.logins == {"other.test": Account("bob")}
    assert "is not the folder of reg.test/aaa" in found.notes[0]


def test_a_long_name_whose_file_is_damaged(home: Home, path: Path) -> None:
    from dockpass.vault.find import find

    put(home, LONG, ALICE)
    folder = path / "vault" / encode(LONG)
    (folder / "alice.age").write_bytes(b"")
    assert "it is empty" in listing(home).notes[0]
    (folder / "alice.age").unlink()
    assert "is missing" in listing(home).notes[0]
    put(home, "x.test", Credential("x", "x"))
    import pyrage

    own = pyrage.x25519.Recipient.from_str((path / "recipients.txt").read_text().strip())
    (folder / "alice.age").write_bytes(pyrage.encrypt(b"hello", [own]))
    assert "is not a login" in listing(home).notes[0]
    assert list(listing(home).logins) == ["x.test"]
    assert find(home, "x.test") is not None


def test_what_is_damaged_is_listed_and_said(home: Home, path: Path) -> None:
    for server in ("missing.test", "dangling.test", "empty.test", "well.test"):
        put(home, server, BOB)
        put(home, server, ALICE)
    vault = path / "vault"
    (vault / "missing.test" / "active").unlink()
    (vault / "dangling.test" / "alice.age").unlink()
    (vault / "empty.test" / "active").write_bytes(b"")
    found = listing(home)
    assert found.logins == dict.fromkeys(("missing.test", "dangling.test", "empty.test", "well.test"), Account("alice"))
    assert sorted(note.split(" ", 1)[1] for note in found.notes) == [
        "is damaged: it is empty",
        "is missing",
        f"is missing, and {vault}/missing.test has 2 logins",
    ]


def test_what_is_not_ours_is_passed_over_and_said(home: Home, path: Path, tmp_path: Path) -> None:
    put(home, "reg.test", ALICE)
    vault = path / "vault"
    (vault / "empty.test").mkdir()
    (vault / "emptied.test").mkdir()
    (vault / "emptied.test" / "active").write_bytes(b"")
    (vault / ".hidden").mkdir()
    (vault / "Upper.test").mkdir()
    (vault / "file.test").write_bytes(b"")
    os.symlink(vault / "reg.test", vault / "link.test")
    os.mkfifo(vault / "pipe.test")
    found = listing(home)
    assert found.logins == {"reg.test": Account("alice")}
    assert len(found.notes) == 4
    text = "\n".join(found.notes)
    for name in (
        "Upper.test is not of dockpass's making",
        "file.test: it is a file",
        "link.test: it is a symbolic",
        "pipe.test: it is a pipe",
    ):
        assert name in text


def test_a_vault_that_cannot_be_read(home: Home, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, "reg.test", ALICE)

    def fail(_fd: int) -> list[str]:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "listdir", fail)
    with pytest.raises(FileUnreadable, match="the disk reports an error"):
        listing(home)
