"""The age vault as a store, with both engines."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from dockpass.credential import Credential
from dockpass.errors import BadCredential, CredentialDamaged, VaultLocked
from dockpass.stores.age import AgeStore
from dockpass.testing.stores import StoreSuite

ALICE, BOB = Credential("alice", "wonder"), Credential("bob", "builder")


class TestWithPyrage(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.home = tmp_path / "dockpass"

    def make_store(self) -> AgeStore:
        return AgeStore(str(self.home))


class TestWithTheProgram(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert shutil.which("age"), "the program age is missing: scripts/setup test"
        monkeypatch.setitem(sys.modules, "pyrage", None)
        self.home = tmp_path / "dockpass"

    def make_store(self) -> AgeStore:
        return AgeStore(str(self.home))


class TestOnTopOfOtherThings(StoreSuite):
    """In a folder that is reached by a link, with things in the vault that are not the vault's."""

    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        (tmp_path / "disk" / "vault" / "Not-Ours").mkdir(parents=True)
        (tmp_path / "disk" / "vault" / "README").write_text("hello")
        self.home = tmp_path / "link"
        os.symlink(tmp_path / "disk", self.home)

    def make_store(self) -> AgeStore:
        return AgeStore(str(self.home))


@pytest.fixture
def store(tmp_path: Path) -> AgeStore:
    return AgeStore(str(tmp_path / "dockpass"))


def test_it_says_what_it_is() -> None:
    assert AgeStore.name == "age"
    assert AgeStore.plaintext is False


def test_the_environment_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = AgeStore(environ={"HOME": str(tmp_path), "PATH": ""})
    store.put("reg.test", ALICE)
    assert (tmp_path / ".local" / "share" / "dockpass" / "vault" / "reg.test" / "alice.age").exists()
    monkeypatch.setenv("DOCKPASS_HOME", str(tmp_path / "moved"))
    AgeStore().put("reg.test", BOB)
    assert (tmp_path / "moved" / "vault" / "reg.test" / "bob.age").exists()


def test_the_secret_is_in_no_file(store: AgeStore, tmp_path: Path) -> None:
    store.put("reg.test", Credential("alice", "a-very-long-secret"))
    for folder, _folders, files in os.walk(tmp_path):
        for name in files:
            assert b"a-very-long-secret" not in Path(folder, name).read_bytes()


def test_the_user_of_an_identity_token_is_known(store: AgeStore) -> None:
    token = Credential("alice", "identity.token", is_identity_token=True)
    store.put("reg.test", token)
    assert store.get("reg.test") == token
    assert store.list() == {"reg.test": "alice"}


def test_another_user_is_kept_beside(store: AgeStore, tmp_path: Path) -> None:
    store.put("reg.test", ALICE)
    store.put("reg.test", BOB)
    assert store.list() == {"reg.test": "bob"}
    assert sorted(path.name for path in tmp_path.rglob("*.age")) == ["alice.age", "bob.age"]
    assert store.erase("reg.test") is True
    assert store.get("reg.test") is None


def test_what_is_damaged_is_named_and_no_other_suffers(store: AgeStore, tmp_path: Path) -> None:
    store.put("broken.test", ALICE)
    store.put("reg.test", ALICE)
    folder = tmp_path / "dockpass" / "vault" / "broken.test"
    (folder / "alice.age").unlink()
    with pytest.raises(CredentialDamaged, match=r"alice\.age is missing"):
        store.get("broken.test")
    assert store.get("reg.test") == ALICE
    assert store.list() == {"broken.test": "alice", "reg.test": "alice"}
    assert store.notes == [f"{folder}/alice.age is missing"]
    store.put("broken.test", BOB)
    assert store.list() == {"broken.test": "bob", "reg.test": "alice"}
    assert store.notes == []


@pytest.mark.parametrize("bad", [Credential("alice", "\udcff"), Credential("<token>", "x"), Credential("\udcff", "x")])
def test_what_the_protocol_cannot_say_is_refused(store: AgeStore, bad: Credential) -> None:
    store.put("reg.test", ALICE)
    with pytest.raises(BadCredential):
        store.put("reg.test", bad)
    assert store.get("reg.test") == ALICE


def test_another_instance_of_another_home_has_nothing(store: AgeStore, tmp_path: Path) -> None:
    store.put("reg.test", ALICE)
    assert AgeStore(str(tmp_path / "other")).get("reg.test") is None
    assert AgeStore(str(tmp_path / "other")).list() == {}


def test_who_logs_in_while_a_login_is_exchanged_is_not_overwritten(
    store: AgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("reg.test", ALICE)
    look = AgeStore.get

    def meanwhile(self: AgeStore, server: str) -> Credential | None:
        found = look(self, server)
        store.put(server, Credential("alice", "by another process"))
        return found

    monkeypatch.setattr(AgeStore, "get", meanwhile)
    assert not store.exchange("reg.test", ALICE, Credential("alice", "new"))
    monkeypatch.undo()
    assert store.get("reg.test") == Credential("alice", "by another process")


def test_a_lock_is_noticed_before_there_is_anything_to_keep(tmp_path: Path) -> None:
    store = AgeStore(str(tmp_path / "dockpass"), environ={"PATH": os.environ["PATH"]})
    store.check_open()
    assert not (tmp_path / "dockpass").exists()
    (tmp_path / "dockpass").mkdir(mode=0o700)
    (tmp_path / "dockpass/identity.age").write_text("x")
    with pytest.raises(VaultLocked, match="needs its passphrase"):
        store.check_open()
    # Where both are, as when locking was interrupted, the open one counts.
    (tmp_path / "dockpass/identity.txt").touch(mode=0o600)
    store.check_open()


def test_an_account_that_is_not_in_use_is_told_of(store: AgeStore) -> None:
    assert store.others("reg.test") == []
    long = Credential("c" * 300, "secret")
    for credential in (BOB, long, Credential("dora", "t0ken", is_identity_token=True), ALICE):
        store.put("reg.test", credential)
    assert sorted(store.others("reg.test")) == ["", "bob", "dora"]
    assert store.others("other.test") == []


@pytest.mark.parametrize("new", [None, BOB])
@pytest.mark.parametrize("old", [None, ALICE])
def test_who_logs_in_meanwhile_is_neither_erased_nor_overwritten(
    old: Credential | None, new: Credential | None, store: AgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    if old is not None:
        store.put("reg.test", old)
    real = AgeStore.get
    late = Credential("alice", "late")

    def get(mine: AgeStore, server: str) -> Credential | None:
        monkeypatch.setattr(AgeStore, "get", real)
        found = mine.get(server)
        mine.put(server, late)
        return found

    monkeypatch.setattr(AgeStore, "get", get)
    assert store.exchange("reg.test", old, new) is (old is new is None)
    assert store.get("reg.test") == late
