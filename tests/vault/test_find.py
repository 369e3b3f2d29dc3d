"""Every way in which a credential can be damaged has its own words, and touches no other credential."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pyrage
import pytest

from dockpass.credential import Credential
from dockpass.errors import AgeFailed, AgeMissing, CredentialDamaged, FileUnreadable
from dockpass.vault.answer import render
from dockpass.vault.find import Found, find
from dockpass.vault.folder import Folder
from dockpass.vault.forget import erase
from dockpass.vault.keep import put
from dockpass.vault.listing import listing
from dockpass.vault.quick import _answer, answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dockpass.vault.home import Home

SERVER, OTHER = "reg.test:5000", "other.test"
ALICE, BOB, CAROL = Credential("alice", "wonder"), Credential("bob", "builder"), Credential("carol", "singer")


@pytest.fixture
def vault(home: Home) -> Home:
    """Alice and bob on one server, bob in use; carol on another."""
    put(home, SERVER, ALICE)
    put(home, SERVER, BOB)
    put(home, OTHER, CAROL)
    return home


@pytest.fixture
def folder(vault: Home, path: Path) -> Path:
    return path / "vault" / "reg.test%3A5000"


def own(path: Path) -> str:
    return (path / "recipients.txt").read_text().strip()


def sealed(path: Path, plain: bytes) -> bytes:
    return bytes(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(own(path))]))


def credential(home: Home, server: str) -> Credential | None:
    found = find(home, server)
    assert answer(server, home.path, home.environ) == (None if found is None else found.answer)
    return None if found is None else found.credential()


def damaged(home: Home, why: str, at: Path, error: type[Exception] = CredentialDamaged) -> None:
    """It is said, with the file's path and what to do; nothing else suffers, and a new login mends it."""
    for act in (lambda: find(home, SERVER), lambda: answer(SERVER, home.path, home.environ)):
        with pytest.raises(error, match=why) as caught:
            act()
        text = str(caught.value)
        assert str(at) in text
        assert getattr(caught.value, "path", None) == str(at)
        assert getattr(caught.value, "hint", None)
        assert not any(secret in text for secret in ("wonder", "builder", "singer"))
    assert credential(home, OTHER) == CAROL
    put(home, OTHER, CAROL)
    found = listing(home)
    assert found.logins[OTHER].username == "carol"
    if error is CredentialDamaged:
        put(home, SERVER, BOB)
        assert credential(home, SERVER) == BOB
        assert erase(home, SERVER) is True
        assert credential(home, SERVER) is None
    assert credential(home, OTHER) == CAROL


def test_nothing_is_wrong(vault: Home, engine: str) -> None:
    assert credential(vault, SERVER) == BOB
    assert credential(vault, OTHER) == CAROL
    assert credential(vault, "nowhere.test") is None


def test_it_is_not_printed(vault: Home) -> None:
    found = find(vault, SERVER)
    assert isinstance(found, Found)
    assert repr(found) == "Found('reg.test:5000', Account('bob'), ****)"


def test_missing(vault: Home, folder: Path) -> None:
    (folder / "bob.age").unlink()
    damaged(vault, r"bob\.age is missing, and active beside it says that it is in use", folder / "bob.age")


def test_empty(vault: Home, folder: Path, engine: str) -> None:
    (folder / "bob.age").write_bytes(b"")
    damaged(vault, r"bob\.age: it is empty", folder / "bob.age")


@pytest.mark.parametrize("length", [5, 30, 150, -17, -1])
def test_cut_off(vault: Home, folder: Path, engine: str, length: int) -> None:
    data = (folder / "bob.age").read_bytes()
    (folder / "bob.age").write_bytes(data[:length])
    damaged(vault, r"bob\.age: it is (cut off|damaged)", folder / "bob.age")


def test_a_flipped_bit_anywhere(vault: Home, folder: Path) -> None:
    data = (folder / "bob.age").read_bytes()
    for position in range(0, len(data), 7):
        (folder / "bob.age").write_bytes(data[:position] + bytes([data[position] ^ 4]) + data[position + 1 :])
        with pytest.raises(CredentialDamaged, match=r"bob\.age"):
            find(vault, SERVER)
        with pytest.raises(CredentialDamaged, match=r"bob\.age"):
            answer(SERVER, vault.path, vault.environ)


def test_not_ours(vault: Home, folder: Path, engine: str) -> None:
    (folder / "bob.age").write_bytes(b"PK\x03\x04 a zip")
    damaged(vault, r"bob\.age: it is not an age file", folder / "bob.age")


def test_sealed_for_others(vault: Home, folder: Path, engine: str) -> None:
    other = pyrage.x25519.Identity.generate().to_public()
    (folder / "bob.age").write_bytes(pyrage.encrypt(render(SERVER, "bob", "x"), [other]))
    damaged(vault, r"bob\.age: it is sealed for others, and not for .*identity\.txt", folder / "bob.age")


def test_sealed_by_a_passphrase(vault: Home, folder: Path, engine: str, by_passphrase: Callable[..., bytes]) -> None:
    (folder / "bob.age").write_bytes(by_passphrase(render(SERVER, "bob", "x"), "x"))
    damaged(vault, r"bob\.age: it is sealed by a passphrase", folder / "bob.age")


def test_sealed_by_a_passphrase_that_takes_all_day(
    vault: Home, folder: Path, engine: str, by_passphrase: Callable[..., bytes]
) -> None:
    (folder / "bob.age").write_bytes(by_passphrase(b"x", "x", written="63"))
    damaged(vault, "its work factor is 63, over 20", folder / "bob.age")


def test_moved_from_another_server(vault: Home, path: Path, folder: Path, engine: str) -> None:
    put(vault, "evil.test", Credential("bob", "for evil"))
    shutil.copy(path / "vault" / "evil.test" / "bob.age", folder / "bob.age")
    damaged(vault, r"bob\.age is a login for evil\.test, and was found as one for reg\.test:5000", folder / "bob.age")


def test_a_whole_folder_moved(vault: Home, path: Path, engine: str) -> None:
    (path / "vault" / "reg.test%3A5000").rename(path / "vault" / "evil.test")
    for act in (lambda: find(vault, "evil.test"), lambda: answer("evil.test", vault.path)):
        with pytest.raises(CredentialDamaged, match=r"is a login for reg\.test:5000, and was found as one for evil"):
            act()


def test_two_accounts_swapped(vault: Home, folder: Path, engine: str) -> None:
    (folder / "alice.age").replace(folder / "bob.age")
    damaged(vault, r"bob\.age is a login of alice, and its name says that of another", folder / "bob.age")


def test_a_token_in_the_place_of_a_password(vault: Home, folder: Path) -> None:
    put(vault, SERVER, Credential("bob2", "t", is_identity_token=True))
    (folder / "%3Ctoken%3Ebob2.age").replace(folder / "bob.age")
    switch_to = (folder / "active").write_text("bob.age\n")
    assert switch_to
    damaged(vault, r"bob\.age is a login of <token>", folder / "bob.age")


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"hello",
        b"[]",
        b'{"ServerURL":"reg.test:5000"}',
        b"\xff",
        b'{"ServerURL":"reg.test:5000","Username":"bob","Secret":1}',
    ],
)
def test_not_a_login(vault: Home, path: Path, folder: Path, engine: str, plain: bytes) -> None:
    (folder / "bob.age").write_bytes(sealed(path, plain))
    damaged(vault, r"bob\.age is sealed for this vault, and is not a login in it", folder / "bob.age")


@pytest.mark.parametrize("begins", ['{"ServerURL":"reg.test:5000","Username":"bob","Secret":"', '{"ServerURL":"'])
def test_a_forged_one_that_only_begins_like_it(vault: Home, path: Path, folder: Path, begins: str) -> None:
    (folder / "bob.age").write_bytes(sealed(path, begins.encode()))
    damaged(vault, "is not a login in it", folder / "bob.age")
    put(vault, SERVER, BOB)
    twice = b'{"ServerURL":"reg.test:5000","Username":"bob","Secret":"a","Secret":"b"}\n'
    (folder / "bob.age").write_bytes(sealed(path, twice))
    with pytest.raises(CredentialDamaged, match="is not a login in it"):
        find(vault, SERVER)


def test_one_that_somebody_sealed_by_hand(vault: Home, path: Path, folder: Path, engine: str) -> None:
    plain = json.dumps({"Secret": "by hand", "Username": "bob", "ServerURL": SERVER}, indent=2).encode()
    (folder / "bob.age").write_bytes(sealed(path, plain))
    found = find(vault, SERVER)
    assert found is not None
    assert found.answer == render(SERVER, "bob", "by hand")
    assert answer(SERVER, vault.path, vault.environ) == found.answer
    armored = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(own(path))], armored=True)
    (folder / "bob.age").write_bytes(armored)
    assert credential(vault, SERVER) == Credential("bob", "by hand")


def test_a_damaged_text_form(vault: Home, folder: Path) -> None:
    (folder / "bob.age").write_bytes(b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n")
    damaged(vault, "it is cut off: its last line is missing", folder / "bob.age")


def test_too_large(vault: Home, folder: Path) -> None:
    with (folder / "bob.age").open("r+b") as file:
        file.truncate((1 << 20) + 1)
    damaged(vault, r"bob\.age: it is larger than 1048576 bytes", folder / "bob.age", FileUnreadable)


@pytest.mark.parametrize("name", ["bob.age", "active"])
@pytest.mark.parametrize("what", ["link", "dangling link", "pipe", "folder"])
def test_no_file(vault: Home, folder: Path, path: Path, tmp_path: Path, name: str, what: str) -> None:
    file = folder / name
    file.rename(tmp_path / "moved")
    if "link" in what:
        os.symlink(tmp_path / ("moved" if what == "link" else "nowhere"), file)
    elif what == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
    kind = {"pipe": "a pipe", "folder": "a folder"}.get(what, "a symbolic link")
    damaged(vault, f"{name}: it is {kind}, not a file", file, FileUnreadable)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("what", ["link", "pipe", "file"])
def test_no_folder(vault: Home, folder: Path, tmp_path: Path, what: str) -> None:
    folder.rename(tmp_path / "moved")
    if what == "link":
        os.symlink(tmp_path / "moved", folder)
    elif what == "pipe":
        os.mkfifo(folder)
    else:
        folder.write_bytes(b"")
    kind = {"link": "a symbolic link", "pipe": "a pipe", "file": "a file"}[what]
    damaged(vault, f"it is {kind}, not a folder", folder, FileUnreadable)
    for act in (lambda: erase(vault, SERVER), lambda: put(vault, SERVER, BOB)):
        with pytest.raises(FileUnreadable, match=f"it is {kind}, not a folder"):
            act()
    assert sorted(os.listdir(tmp_path / "moved")) == [".login.lock", "active", "alice.age", "bob.age"]


def test_the_vaults_folder_is_a_link(vault: Home, path: Path, tmp_path: Path) -> None:
    (path / "vault").rename(tmp_path / "moved")
    os.symlink(tmp_path / "moved", path / "vault")
    for act in (
        lambda: find(vault, SERVER),
        lambda: answer(SERVER, vault.path),
        lambda: put(vault, SERVER, BOB),
        lambda: erase(vault, SERVER),
        lambda: listing(vault),
    ):
        with pytest.raises(FileUnreadable, match=r"/vault: it is a symbolic link, not a folder"):
            act()


def test_the_whole_vault_may_be_behind_a_link(vault: Home, path: Path, tmp_path: Path) -> None:
    path.rename(tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", path)
    assert credential(vault, SERVER) == BOB
    put(vault, SERVER, ALICE)
    assert _answer(SERVER, vault.path, vault.environ) == render(SERVER, "alice", "wonder")


@pytest.mark.parametrize("name", ["bob.age", "active", "reg.test%3A5000"])
@pytest.mark.parametrize(
    ("number", "why"),
    [(5, "the disk reports an error"), (13, "permission denied"), (116, "the file server has forgotten")],
)
def test_not_readable(
    vault: Home, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int, why: str
) -> None:
    real = os.open
    at = folder if name == folder.name else folder / name

    def fail(path: str, *arguments: int, **named: int) -> int:
        if path == name and os.path.samestat(os.fstat(named["dir_fd"]), at.parent.stat()):
            raise OSError(number, os.strerror(number))
        return real(path, *arguments, **named)

    monkeypatch.setattr(os, "open", fail)
    damaged(vault, f"cannot read .*{at.name}: {why}", at, FileUnreadable)


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"bob", b"../alice.age\n", b"%62ob.age\n", b"\xff.age\n", b"active\n", b"bob.age\nx"]
)
def test_active_is_damaged(vault: Home, folder: Path, text: bytes) -> None:
    (folder / "active").write_bytes(text)
    why = "it is empty" if not text.strip() else "it does not name the file of a login"
    damaged(vault, f"active is damaged: {why}", folder / "active")


def test_active_is_missing(vault: Home, folder: Path) -> None:
    (folder / "active").unlink()
    damaged(vault, r"active is missing, and .*reg\.test%3A5000 has 2 logins", folder / "active")


def test_a_single_account_needs_not_be_named(vault: Home, folder: Path) -> None:
    (folder / "active").unlink()
    (folder / "alice.age").unlink()
    assert credential(vault, SERVER) == BOB
    (folder / "bob.age").unlink()
    assert credential(vault, SERVER) is None


def test_active_without_a_newline_does(vault: Home, folder: Path) -> None:
    (folder / "active").write_text("alice.age")
    assert credential(vault, SERVER) == ALICE


def test_files_that_are_not_ours_do_not_matter(vault: Home, folder: Path, path: Path) -> None:
    (folder / "notes.txt").write_text("hello")
    (folder / "Alice.age").write_text("hello")
    (path / "vault" / "README").write_text("hello")
    assert credential(vault, SERVER) == BOB
    (folder / "active").unlink()
    (folder / "alice.age").unlink()
    assert credential(vault, SERVER) == BOB


def test_a_new_login_while_we_look(vault: Home, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Folder.read
    done: list[str] = []

    def read(self: Folder, name: str, limit: int) -> object:
        if name == "bob.age" and not done:
            done.append(name)
            erase(vault, SERVER)
            put(vault, SERVER, ALICE)
        return real(self, name, limit)

    monkeypatch.setattr(Folder, "read", read)
    found = find(vault, SERVER)
    assert found is not None
    assert found.credential() == ALICE


def test_a_file_that_cannot_be_opened_for_want_of_an_engine(
    vault: Home, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "age":
        vault.environ = {"PATH": ""}
        with pytest.raises(AgeMissing):
            find(vault, SERVER)
        return
    from dockpass.vault.by_pyrage import ByPyrage
    from dockpass.vault.engine import Trouble

    def refuse(*_arguments: object) -> bytes:
        raise Trouble("no memory", "free some")

    monkeypatch.setattr(ByPyrage, "unseal", refuse)
    with pytest.raises(AgeFailed, match=r"cannot open .*bob\.age: no memory"):
        find(vault, SERVER)


def test_names_too_long_for_a_file(home: Home, path: Path, engine: str) -> None:
    server, user = "reg.test/" + "a" * 300, "u" * 300
    put(home, server, Credential(user, "secret"))
    assert credential(home, server) == Credential(user, "secret")
    folder = next((path / "vault").iterdir())
    assert folder.name.startswith("%23")
    file = (folder / "active").read_text().strip()
    assert file.startswith("%23")
    (folder / file).write_bytes(sealed(path, render(server, "u" * 301, "x")))
    with pytest.raises(CredentialDamaged, match="its name says that of another account"):
        find(home, server)
    put(home, server, Credential("x" * 300, "token", is_identity_token=True))
    assert credential(home, server) == Credential("", "token", is_identity_token=True)
