"""Python's keyring as a store, on one in memory."""

from __future__ import annotations

import json
import os
import sys

import pytest

from dockpass.credential import Credential
from dockpass.errors import FileUnreadable, StoreFailed, StoreLocked, StoreUnavailable
from dockpass.stores import keyring_
from dockpass.stores.keyring_ import KeyringStore
from dockpass.testing.stores import StoreSuite

pytest.importorskip("keyring", reason="Python's keyring is not installed: pip install keyring")
import keyring.backend
import keyring.backends.fail
import keyring.backends.null
import keyring.errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALICE = Credential("alice", "wonder")


class InMemory(keyring.backend.KeyringBackend):  # type: ignore[misc, unused-ignore]
    """A keyring; ``trouble`` is raised by whatever is asked."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call, unused-ignore]
        self.kept: dict[tuple[str, str], str] = {}
        self.trouble: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._fail()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._fail()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._fail()
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("not there")

    def _fail(self) -> None:
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture(autouse=True)
def backend() -> Iterator[InMemory]:
    before = keyring.get_keyring()
    backend = InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def store(tmp_path: Path) -> KeyringStore:
    return KeyringStore(environ={"DOCKPASS_HOME": str(tmp_path / "home")})


class TestKeyring(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make_store(self) -> KeyringStore:
        return KeyringStore(environ={"DOCKPASS_HOME": str(self.folder)})


def test_what_is_where(store: KeyringStore, backend: InMemory, tmp_path: Path) -> None:
    store.put("b.test", ALICE)
    store.put("a.test", Credential("", "token", is_identity_token=True))
    assert backend.kept == {("b.test", "alice"): "wonder", ("a.test", "<token>"): "token"}
    path = tmp_path / "home" / "keyring.json"
    assert json.loads(path.read_text()) == {"a.test": "<token>", "b.test": "alice"}
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert "wonder" not in path.read_text()


def test_what_another_program_has_is_not_taken_for_a_login(store: KeyringStore, backend: InMemory) -> None:
    backend.kept["reg.test", "alice"] = "of another program"
    assert store.get("reg.test") is None
    assert store.list() == {}
    assert store.erase("reg.test") is False
    assert backend.kept


def test_the_password_of_a_user_whose_place_was_taken_goes(store: KeyringStore, backend: InMemory) -> None:
    store.put("reg.test", ALICE)
    store.put("reg.test", Credential("bob", "builder"))
    assert backend.kept == {("reg.test", "bob"): "builder"}


def test_what_was_deleted_elsewhere_is_not_there(store: KeyringStore, backend: InMemory) -> None:
    store.put("reg.test", ALICE)
    backend.kept.clear()
    assert store.get("reg.test") is None
    assert store.list() == {"reg.test": "alice"}
    assert store.erase("reg.test") is True
    assert store.list() == {}


def test_one_that_cannot_be_deleted(store: KeyringStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("reg.test", ALICE)

    def refuse(*_words: object) -> None:
        raise keyring.errors.PasswordDeleteError("no")

    monkeypatch.setattr(InMemory, "delete_password", refuse)
    with pytest.raises(StoreFailed, match="the keyring could not be written: no"):
        store.erase("reg.test")
    assert store.get("reg.test") == ALICE


@pytest.mark.parametrize(
    ("trouble", "expected", "says"),
    [
        (keyring.errors.NoKeyringError("none"), StoreUnavailable, "keyring finds no keyring here"),
        (keyring.errors.KeyringLocked("Failed to unlock"), StoreLocked, "the keyring is locked: Failed to unlock"),
        (keyring.errors.KeyringError("it\x1b broke"), StoreFailed, r"the keyring could not be \w+: it\\x1b broke"),
        (RuntimeError(), StoreFailed, r"the keyring could not be \w+: RuntimeError"),
        (keyring.errors.PasswordSetError("cannot keep wonder2"), StoreFailed, "cannot keep"),
    ],
)
def test_trouble(
    trouble: Exception, expected: type[Exception], says: str, store: KeyringStore, backend: InMemory
) -> None:
    store.put("reg.test", ALICE)
    backend.trouble = trouble
    acts = (lambda: store.get("reg.test"), lambda: store.put("reg.test", Credential("al", "wonder2")))
    for act in (*acts, lambda: store.erase("reg.test")):
        with pytest.raises(expected, match=says) as caught:
            act()
    with pytest.raises(expected) as caught:
        acts[1]()
    assert "wonder2" not in str(caught.value)
    assert store.list() == {"reg.test": "alice"}
    backend.trouble = None
    assert store.get("reg.test") == ALICE


@pytest.mark.parametrize("content", ["", "{", "[]", '{"reg.test": 1}'])
def test_a_list_that_cannot_be_used(content: str, store: KeyringStore, tmp_path: Path) -> None:
    store.put("reg.test", ALICE)
    (tmp_path / "home" / "keyring.json").write_text(content)
    for act in (store.list, lambda: store.get("reg.test"), lambda: store.put("reg.test", ALICE)):
        with pytest.raises(FileUnreadable, match=r"keyring\.json cannot be used"):
            act()
    assert (tmp_path / "home" / "keyring.json").read_text() == content


def test_whether_it_can_be_used(store: KeyringStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.probe() is None
    for kind in (keyring.backends.fail.Keyring, keyring.backends.null.Keyring):
        keyring.set_keyring(kind())  # type: ignore[no-untyped-call, unused-ignore]
        assert store.probe() == "keyring finds no keyring here"

    def fail() -> None:
        raise RuntimeError("settings")

    monkeypatch.setattr(keyring, "get_keyring", fail)
    assert store.probe() == "keyring has trouble with its settings (RuntimeError)"


def test_without_the_package(store: KeyringStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert store.probe() == "Python's keyring is not installed beside dockpass"
    with pytest.raises(StoreUnavailable) as caught:
        store.put("reg.test", ALICE)
    assert caught.value.hint == "pip install 'dockpass[keyring]'"
    assert keyring_.INDEX == "keyring.json"
