"""Keeping credentials, several of a server, and which is in use."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pyrage
import pytest

from dockpass.credential import Credential, Secret
from dockpass.errors import (
    AgeFailed,
    BadCredential,
    FileUnwritable,
    IdentityUnusable,
    RecipientsUnusable,
)
from dockpass.vault.answer import render
from dockpass.vault.by_pyrage import ByPyrage
from dockpass.vault.engine import Trouble
from dockpass.vault.find import find, version
from dockpass.vault.keep import put, put_over
from dockpass.vault.keys import BadKey
from dockpass.vault.quick import _answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dockpass.vault.home import Home

SERVER = "reg.test:5000"
ALICE, BOB = Credential("alice", "wonder"), Credential("bob", "builder")
TOKEN = Credential("alice", "identity.token", is_identity_token=True)


def credential(home: Home, server: str = SERVER) -> Credential | None:
    found = find(home, server)
    return None if found is None else found.credential()


def files(path: Path) -> list[str]:
    return sorted(name for name in os.listdir(path / "vault" / "reg.test%3A5000") if not name.startswith("."))


def test_what_is_on_the_disk(home: Home, path: Path, engine: str, loose: Callable[[], list[str]]) -> None:
    put(home, SERVER, ALICE)
    assert files(path) == ["active", "alice.age"]
    folder = path / "vault" / "reg.test%3A5000"
    assert (folder / "active").read_text() == "alice.age\n"
    key = pyrage.x25519.Identity.from_str((path / "identity.txt").read_text().splitlines()[2])
    data = (folder / "alice.age").read_bytes()
    assert pyrage.decrypt(data, [key]) == b'{"ServerURL":"reg.test:5000","Username":"alice","Secret":"wonder"}\n'
    assert loose() == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_another_user_is_kept_beside_and_is_in_use(home: Home, path: Path, engine: str) -> None:
    put(home, SERVER, ALICE)
    put(home, SERVER, BOB)
    assert credential(home) == BOB
    assert files(path) == ["active", "alice.age", "bob.age"]
    put(home, SERVER, ALICE)
    assert credential(home) == ALICE
    assert files(path) == ["active", "alice.age", "bob.age"]


def test_the_short_way_finds_what_was_kept(home: Home, path: Path) -> None:
    for kept in (ALICE, BOB, TOKEN, Credential("", "t", is_identity_token=True), Credential('É "x"', "a<b>")):
        put(home, SERVER, kept)
        written = "<token>" if kept.is_identity_token else kept.username
        assert _answer(SERVER, str(path), {}) == render(SERVER, written, kept.secret.reveal())


def test_a_token_takes_the_place_of_the_password_of_the_same_user_and_back(home: Home, path: Path) -> None:
    put(home, SERVER, BOB)
    put(home, SERVER, ALICE)
    put(home, SERVER, TOKEN)
    assert credential(home) == TOKEN
    assert files(path) == ["%3Ctoken%3Ealice.age", "active", "bob.age"]
    put(home, SERVER, ALICE)
    assert credential(home) == ALICE
    assert files(path) == ["active", "alice.age", "bob.age"]


def test_tokens_of_two_users_are_kept(home: Home, path: Path) -> None:
    other = Credential("bob", "another.token", is_identity_token=True)
    put(home, SERVER, TOKEN)
    put(home, SERVER, other)
    assert credential(home) == other
    assert files(path) == ["%3Ctoken%3Ealice.age", "%3Ctoken%3Ebob.age", "active"]


@pytest.mark.parametrize("text", ["", "nobody.age\n", "x"])
def test_the_next_login_mends_what_names_nobody(home: Home, path: Path, text: str) -> None:
    put(home, SERVER, ALICE)
    (path / "vault" / "reg.test%3A5000" / "active").write_text(text)
    put(home, SERVER, ALICE)
    assert credential(home) == ALICE


@pytest.mark.parametrize(
    ("server", "refused"),
    [
        (SERVER, Credential("", "x")),
        (SERVER, Credential("a:b", "x")),
        (SERVER, Credential("alice", "")),
        (SERVER, Credential("<token>", "x")),
        (SERVER, Credential("<token>alice", "x")),
        (SERVER, Credential("al\udcffice", "x")),
        (SERVER, Credential("alice", "x\udcff")),
        ("reg\ud800", ALICE),
        ("", ALICE),
        (SERVER, Credential("alice", "x" * (1 << 20))),
        (SERVER, Credential("alice", "\x01" * (1 << 19))),
    ],
    ids=str,
)
def test_what_the_vault_cannot_hold(home: Home, path: Path, server: str, refused: Credential) -> None:
    put(home, SERVER, BOB)
    with pytest.raises(BadCredential) as caught:
        put(home, server, refused)
    assert len(str(caught.value)) < 300
    assert credential(home) == BOB
    assert os.listdir(path / "vault") == ["reg.test%3A5000"]
    assert files(path) == ["active", "bob.age"]


def test_a_large_secret(home: Home, engine: str) -> None:
    large = Credential("alice", "x" * 900_000)
    put(home, SERVER, large)
    assert credential(home) == large


def test_a_full_disk_loses_nothing(home: Home, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, SERVER, ALICE)

    def full(_fd: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    for server in (SERVER, "new.test"):
        with pytest.raises(FileUnwritable, match="no space left"):
            put(home, server, BOB)
    monkeypatch.undo()
    assert credential(home) == ALICE
    assert files(path) == ["active", "alice.age"]
    assert credential(home, "new.test") is None


def test_what_cannot_be_opened_again_is_not_kept(home: Home, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, SERVER, ALICE)
    other = pyrage.x25519.Identity.generate()

    def for_others(_self: object, data: bytes, _public: object) -> bytes:
        return bytes(pyrage.encrypt(data, [other.to_public()]))

    monkeypatch.setattr(ByPyrage, "seal", for_others)
    with pytest.raises(RecipientsUnusable, match="cannot be opened by"):
        put(home, SERVER, BOB)
    monkeypatch.undo()
    assert credential(home) == ALICE
    assert files(path) == ["active", "alice.age"]


@pytest.mark.parametrize("method", ["seal", "unseal", "public"])
@pytest.mark.parametrize(
    ("error", "raised"),
    [(Trouble("no memory", "free some"), AgeFailed), (BadKey("odd"), (IdentityUnusable, RecipientsUnusable))],
    ids=["trouble", "bad key"],
)
def test_an_engine_that_cannot(
    home: Home, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception, raised: type[Exception]
) -> None:
    put(home, SERVER, ALICE)

    def refuse(*_arguments: object) -> bytes:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(ByPyrage, method, refuse)
        with pytest.raises(raised, match=str(error)):
            put(home, SERVER, BOB)
    assert credential(home) == ALICE


def test_no_engine_that_could_make_a_key(home: Home, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> bytes:
        raise Trouble("no memory", "free some")

    monkeypatch.setattr(ByPyrage, "generate", refuse)
    with pytest.raises(AgeFailed, match="cannot make a private key: no memory"):
        put(home, SERVER, ALICE)
    assert os.listdir(path) == [".identity.lock"]


def test_secrets_are_not_in_what_is_raised(home: Home) -> None:
    import traceback

    secret = f"{1 << 40}-hunter"
    for refused in (Credential("alice", Secret(secret + "\0")), Credential("alice", Secret(secret + "\udcff"))):
        with pytest.raises(BadCredential) as caught:
            put(home, SERVER, refused)
        assert secret not in "".join(traceback.format_exception(caught.value, limit=None))


def test_kept_only_over_what_was_looked_at(home: Home, path: Path) -> None:
    assert version(home, SERVER) is None
    first = put_over(home, SERVER, ALICE, None)
    assert first is not None
    assert first == version(home, SERVER)
    assert put_over(home, SERVER, BOB, None) is None
    put(home, SERVER, ALICE)
    assert version(home, SERVER) != first  # though the login is the same
    assert put_over(home, SERVER, BOB, first) is None
    assert credential(home) == ALICE
    assert put_over(home, SERVER, BOB, version(home, SERVER)) == version(home, SERVER)
    assert credential(home) == BOB
    (path / "vault" / "reg.test%3A5000" / "bob.age").unlink()
    assert version(home, SERVER) == ("bob.age", b"")


def test_nothing_is_made_where_it_was_not_kept(home: Home, path: Path) -> None:
    put(home, "other.test", ALICE)
    assert version(home, SERVER) is None
    assert put_over(home, SERVER, ALICE, ("alice.age", b"")) is None
    assert os.listdir(path / "vault") == ["other.test"]
