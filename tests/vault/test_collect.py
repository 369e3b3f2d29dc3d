"""All logins of a vault: each whole, none left out, and what cannot be opened named."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pyrage
import pytest

from dockpass.credential import Credential
from dockpass.errors import IdentityUnusable, VaultLocked
from dockpass.vault.answer import render as answer
from dockpass.vault.archive import parse, render
from dockpass.vault.chosen import sealed_files
from dockpass.vault.collect import collect
from dockpass.vault.forget import erase
from dockpass.vault.keep import put
from dockpass.vault.name import encode

if TYPE_CHECKING:
    from dockpass.vault.folder import Folder
    from dockpass.vault.home import Home

ROUNDS = 30
SERVER, OTHER, LONG = "reg.test:5000", "Other.test/../x", "l" * 300
ALICE, BOB = Credential("Alice", 'won"der\n'), Credential("b" * 300, "builder")
NOBODYS, CAROLS = Credential("", "t1", is_identity_token=True), Credential("carol", "t2", is_identity_token=True)


@pytest.fixture
def vault(home: Home) -> Home:
    for server, credential in ((SERVER, BOB), (SERVER, CAROLS), (SERVER, ALICE), (OTHER, NOBODYS), (LONG, ALICE)):
        put(home, server, credential)
    return home


def folder(home: Home, server: str = SERVER) -> Path:
    return Path(home.path, "vault", encode(server))


def sealed_for(home: Home, plain: bytes) -> bytes:
    public = Path(home.path, "recipients.txt").read_text().strip()
    return bytes(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(public)]))


def test_every_account_of_every_server(vault: Home, engine: str) -> None:
    before = sorted(os.walk(vault.path))
    found = collect(vault)
    assert (found.damaged, found.notes) == ([], [])
    logins = {(login.server, login.credential): login.active for login in found.logins}
    assert logins == {
        (SERVER, BOB): False,
        (SERVER, CAROLS): False,
        (SERVER, ALICE): True,
        (OTHER, NOBODYS): True,
        (LONG, ALICE): True,
    }
    assert sorted(os.walk(vault.path)) == before  # not even a lock is left


def test_no_vault_and_an_empty_one(home: Home) -> None:
    with pytest.raises(IdentityUnusable, match="there is no vault"):
        collect(home)
    put(home, SERVER, ALICE)
    erase(home, SERVER)
    assert collect(home).logins == []
    shutil.rmtree(Path(home.path, "vault"))
    assert collect(home).logins == []


def test_a_locked_one(vault: Home) -> None:
    os.rename(Path(vault.path, "identity.txt"), Path(vault.path, "identity.age"))
    with pytest.raises(VaultLocked):
        collect(vault)


def test_what_is_damaged_is_named_and_the_rest_is_there(vault: Home) -> None:
    other = folder(vault, OTHER) / "%3Ctoken%3E.age"
    other.write_bytes(other.read_bytes()[:-1])
    (folder(vault) / "mallory.age").write_bytes(sealed_for(vault, answer("evil.test", "mallory", "x")))
    (folder(vault) / "%1Bm.age").write_bytes(sealed_for(vault, answer(SERVER, "\x1bm", "x")))
    Path(vault.path, "vault", "file").write_text("x")
    found = collect(vault)
    assert len(found.logins) == 4
    said = [error.message for error in found.damaged]
    assert [len([text for text in said if words in text]) for words in ("is damaged", "evil.test", "control", "not a folder")] == [1] * 4  # fmt: skip
    assert not any("\x1b" in text for text in said)


def test_where_it_is_not_said_which_one_is_in_use(vault: Home) -> None:
    (folder(vault) / "active").unlink()
    found = collect(vault)
    assert [login.server for login in found.logins if login.server == SERVER] == []
    assert ["active is missing" in error.message for error in found.damaged] == [True]
    (folder(vault) / "active").write_text("gone.age\n")
    assert ["gone.age is missing" in error.message for error in collect(vault).damaged] == [True]


def test_a_folder_that_is_not_of_our_making(vault: Home) -> None:
    Path(vault.path, "vault", "README").write_text("x")
    Path(vault.path, "vault", ".git").mkdir()
    found = collect(vault)
    assert (len(found.logins), found.damaged) == (5, [])
    assert ["README is not of dockpass's making" in note for note in found.notes] == [True]


@pytest.mark.parametrize("plain", [b"{}", answer("another.test", "Alice", "x")])
def test_a_digest_that_is_another_servers(vault: Home, plain: bytes) -> None:
    for file in folder(vault, LONG).glob("*.age"):
        file.write_bytes(sealed_for(vault, plain))
    found = collect(vault)
    assert (len(found.logins), len(found.damaged)) == (4, 1)


def test_a_login_in_the_middle_of_it(vault: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two reads somebody logs in with another account, and somebody logs out."""
    told: list[bool] = []

    def listed(where: Folder) -> list[str]:
        names = sealed_files(where)
        if not told:
            told.append(True)
            put(vault, SERVER, Credential("dave", "new"))
            (folder(vault) / "%41lice.age").unlink()
        return names

    monkeypatch.setattr("dockpass.vault.collect.sealed_files", listed)
    found = collect(vault)
    assert found.damaged == []
    users = {login.credential.username: login.active for login in found.logins if login.server == SERVER}
    assert users == {"b" * 300: False, "carol": False, "dave": True}


def test_while_others_log_in_and_out(vault: Home) -> None:
    """Whatever they do at that moment, each login is exported whole, and those that nobody touches always are."""
    ends = Event()

    def work(server: str) -> None:
        for number in count():
            if ends.is_set():
                return
            put(
                vault, server, Credential(f"user{number % 3}", f"secret{number % 3}", is_identity_token=number % 2 == 0)
            )
            if number % 5 == 4:
                erase(vault, server)

    threads = [Thread(target=work, args=(server,)) for server in ("busy.test", "also.test")]
    for thread in threads:
        thread.start()
    try:
        for _ in range(ROUNDS):
            found = collect(vault)
            assert [error.message for error in found.damaged] == []
            assert len([login for login in found.logins if login.server in (SERVER, OTHER, LONG)]) == 5
            for login in found.logins:
                if login.server not in (SERVER, OTHER, LONG):
                    assert login.credential.secret.reveal() == login.credential.username.replace("user", "secret")
            assert parse(render(found.logins, "")) == found.logins
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    assert collect(vault).damaged == []
