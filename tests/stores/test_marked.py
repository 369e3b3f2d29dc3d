"""A helper's credentials, and their marks in config.json."""

from __future__ import annotations

import json

import pytest

from dockpass.credential import Credential
from dockpass.errors import BadCredential, ConfigMalformed, HelperFailed
from dockpass.stores.beside import Beside
from dockpass.stores.file import FileStore
from dockpass.stores.marked import Marked
from dockpass.stores.memory import MemoryStore
from dockpass.stores.program import ProgramStore
from dockpass.testing.helper_program import HelperProgram
from dockpass.testing.stores import StoreSuite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

ALICE = Credential("alice", "wonder")
PLAIN = {"auth": "Ym9iOnBsYWlu"}  # bob:plain


class TestMarked(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.memory = MemoryStore()

    def make_store(self) -> Marked:
        return Marked(self.memory, str(self.folder))


class TestBeside(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.memory = MemoryStore()

    def make_store(self) -> Beside:
        return Beside(self.memory, FileStore(str(self.folder)))


@pytest.fixture
def helper(tmp_path: Path) -> HelperProgram:
    (tmp_path / "bin").mkdir()
    return HelperProgram(tmp_path / "bin")


@pytest.fixture
def store(tmp_path: Path, helper: HelperProgram) -> Marked:
    return Marked(ProgramStore("scripted", environ={"PATH": helper.folder}), str(tmp_path))


def write(folder: Path, content: object) -> bytes:
    data = json.dumps(content).encode()
    (folder / "config.json").write_bytes(data)
    return data


def config(folder: Path) -> Any:
    return json.loads((folder / "config.json").read_bytes())


def test_it_has_the_name_of_what_it_marks(store: Marked) -> None:
    assert store.name == "scripted"
    assert store.plaintext is False


def test_put_leaves_dockers_mark_and_no_route_beside_that_there_is(tmp_path: Path, store: Marked) -> None:
    write(tmp_path, {"credsStore": "scripted"})
    store.put("reg.test", ALICE)
    assert config(tmp_path) == {"credsStore": "scripted", "auths": {"reg.test": {}}}


@pytest.mark.parametrize("helpers", [{}, {"reg.test": "other"}, {"reg.test": ""}])
def test_put_leads_back_where_the_logins_were_moved_elsewhere_meanwhile(
    helpers: dict[str, str], tmp_path: Path, store: Marked
) -> None:
    write(tmp_path, {"auths": {"reg.test": PLAIN}, "credHelpers": helpers})
    store.put("reg.test", ALICE)
    assert config(tmp_path) == {"auths": {"reg.test": {}}, "credHelpers": {"reg.test": "scripted"}}


def test_the_mark_comes_and_goes_with_a_login_that_is_exchanged(tmp_path: Path, store: Marked) -> None:
    write(tmp_path, {"credsStore": "scripted"})
    assert store.exchange("reg.test", None, ALICE)
    assert config(tmp_path)["auths"] == {"reg.test": {}}
    before = (tmp_path / "config.json").stat()
    new = Credential("alice", "new")
    assert store.exchange("reg.test", ALICE, new)
    assert not store.exchange("reg.test", ALICE, None)
    assert (tmp_path / "config.json").stat() == before
    assert store.exchange("reg.test", new, None)
    assert config(tmp_path)["auths"] == {}


def test_put_again_writes_nothing(tmp_path: Path, store: Marked) -> None:
    store.put("reg.test", ALICE)
    before = (tmp_path / "config.json").stat()
    store.put("reg.test", Credential("alice", "new"))
    after = (tmp_path / "config.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_put_takes_an_old_secret_out_of_the_file(tmp_path: Path, store: Marked) -> None:
    led = {"credsStore": "scripted"}
    write(tmp_path, {"auths": {"reg.test": {**PLAIN, "email": "a@b"}, "other.test": PLAIN}, **led})
    store.put("reg.test", ALICE)
    assert config(tmp_path) == {"auths": {"reg.test": {"email": "a@b"}, "other.test": PLAIN}, **led}


def test_put_takes_out_an_identity_token_too(tmp_path: Path, store: Marked) -> None:
    write(tmp_path, {"auths": {"reg.test": {"identitytoken": "old"}}, "credsStore": "scripted"})
    store.put("reg.test", ALICE)
    assert config(tmp_path)["auths"] == {"reg.test": {}}


def test_put_that_fails_leaves_the_file_as_it_was(tmp_path: Path, helper: HelperProgram, store: Marked) -> None:
    data = write(tmp_path, {"auths": {"reg.test": PLAIN}})
    helper.behave("store", output="no", exit_code=1)
    with pytest.raises(HelperFailed):
        store.put("reg.test", ALICE)
    with pytest.raises(BadCredential):
        store.put("reg.test", Credential("alice", ""))
    assert (tmp_path / "config.json").read_bytes() == data


def test_put_into_a_file_that_cannot_be_understood(tmp_path: Path, helper: HelperProgram, store: Marked) -> None:
    (tmp_path / "config.json").write_bytes(b"{")
    with pytest.raises(ConfigMalformed):
        store.put("reg.test", ALICE)
    assert (tmp_path / "config.json").read_bytes() == b"{"
    assert helper.kept == {"reg.test": ("alice", "wonder")}


def test_a_plain_entry_is_never_used(tmp_path: Path, helper: HelperProgram, store: Marked) -> None:
    write(tmp_path, {"auths": {"reg.test": PLAIN}})
    assert store.get("reg.test") is None
    assert store.list() == {}
    helper.keep("reg.test", "alice", "wonder")
    assert store.get("reg.test") == ALICE
    helper.behave("get", output="broken", exit_code=1)
    with pytest.raises(HelperFailed):
        store.get("reg.test")


def test_erase_asks_the_helper_first(tmp_path: Path, helper: HelperProgram, store: Marked) -> None:
    data = write(tmp_path, {"auths": {"reg.test": {}}})
    helper.behave("erase", output="no", exit_code=1)
    with pytest.raises(HelperFailed):
        store.erase("reg.test")
    assert (tmp_path / "config.json").read_bytes() == data
    helper.behave("erase")
    helper.keep("reg.test", "alice", "wonder")
    assert store.erase("reg.test") is True
    assert config(tmp_path) == {"auths": {}}
    assert helper.kept == {}


def test_erase_takes_out_what_the_helper_never_had(tmp_path: Path, store: Marked) -> None:
    write(tmp_path, {"auths": {"reg.test": PLAIN, "marked.test": {}}})
    assert store.erase("reg.test") is True
    assert store.erase("marked.test") is False
    assert config(tmp_path) == {"auths": {}}


def test_leading_to_the_helper(tmp_path: Path, helper: HelperProgram) -> None:
    write(tmp_path, {"credsStore": "other"})
    program = ProgramStore("scripted", environ={"PATH": helper.folder})
    Marked(program, str(tmp_path), leads=True).put("reg.test", ALICE)
    assert config(tmp_path) == {
        "auths": {"reg.test": {}},
        "credsStore": "other",
        "credHelpers": {"reg.test": "scripted"},
    }


def test_beside_the_file_both_are_looked_at(tmp_path: Path) -> None:
    memory = MemoryStore()
    store = Beside(memory, FileStore(str(tmp_path)))
    write(tmp_path, {"auths": {"reg.test": PLAIN, "other.test": PLAIN}})
    assert store.name == "memory"
    assert store.get("reg.test") == Credential("bob", "plain")
    store.put("reg.test", ALICE)
    assert store.get("reg.test") == ALICE
    assert store.list() == {"reg.test": "alice", "other.test": "bob"}
    assert store.erase("reg.test") is True
    assert store.get("reg.test") is None
    assert config(tmp_path) == {"auths": {"other.test": PLAIN}}


def test_a_login_is_exchanged_where_it_is(tmp_path: Path) -> None:
    """docker goes on using what is in config.json, so that is where the new one must be."""
    memory, plain = MemoryStore(), FileStore(str(tmp_path))
    both = Beside(memory, plain)
    old, new, newer = (Credential("alice", secret) for secret in ("old", "new", "newer"))
    plain.put("reg.test", old)
    assert both.exchange("reg.test", old, new)
    assert (memory.get("reg.test"), plain.get("reg.test")) == (None, new)
    memory.put("reg.test", new)
    assert both.exchange("reg.test", new, newer)
    assert (memory.get("reg.test"), plain.get("reg.test")) == (newer, new)


def test_exchanging_leaves_config_json_alone(tmp_path: Path) -> None:
    memory = MemoryStore()
    memory.put("reg.test", Credential("alice", "old"))
    assert Marked(memory, str(tmp_path)).exchange("reg.test", Credential("alice", "old"), Credential("alice", "new"))
    assert not (tmp_path / "config.json").exists()
