"""Several stores as one: the first that can be used takes what is new, and no error is taken for "not mine"."""

from __future__ import annotations

import json
import sys

import pytest

from dockpass.account import look_up
from dockpass.config.document import read
from dockpass.credential import Credential
from dockpass.errors import StoreFailed, StoreLocked, StoreUnavailable, UnknownStore
from dockpass.stores import built_in
from dockpass.stores.chain import ChainStore
from dockpass.stores.configured import configured
from dockpass.stores.memory import MemoryStore
from dockpass.stores.route import choose
from dockpass.testing.helper_program import HelperProgram
from dockpass.testing.stores import StoreSuite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.stores.contract import Store

ALICE = Credential("alice", "wonder")
BOB = Credential("bob", "builder")


class First(MemoryStore):
    """A store that may be absent, or broken."""

    name = "first"
    absent: str | None = None
    broken = False
    kept = MemoryStore()

    def __init__(self, **_how: object) -> None:
        super().__init__()
        self._kept = self.kept._kept

    def probe(self) -> str | None:
        return self.absent

    def get(self, server: str) -> Credential | None:
        if self.broken:
            raise StoreLocked("it is locked")
        return super().get(server)

    def erase(self, server: str) -> bool:
        if self.broken:
            raise StoreFailed("it cannot be erased")
        return super().erase(server)


class TestChain(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self) -> None:
        self.stores = MemoryStore(), MemoryStore()

    def make_store(self) -> ChainStore:
        return ChainStore(self.stores)


class Locked(MemoryStore):
    def check_open(self) -> None:
        raise StoreLocked("it is locked")


def test_only_a_lock_of_the_store_that_would_take_the_login_counts() -> None:
    ChainStore((MemoryStore(), Locked())).check_open()
    with pytest.raises(StoreLocked):
        ChainStore((Locked(), MemoryStore())).check_open()


class TestChainOfWhichTheSecondHasOtherLogins(TestChain):
    """The suite for the second store alone would be the same; with another login there, all must be left as it is."""

    def test_what_the_second_has_is_found_until_the_first_has_it(self) -> None:
        chain = self.make_store()
        first, second = self.stores
        second.put("reg.example.com", BOB)
        assert chain.get("reg.example.com") == BOB
        assert chain.list() == {"reg.example.com": "bob"}
        chain.put("reg.example.com", ALICE)
        assert second.get("reg.example.com") == BOB
        assert chain.get("reg.example.com") == ALICE
        assert chain.list() == {"reg.example.com": "alice"}
        assert chain.erase("reg.example.com") is True
        assert (first.list(), second.list()) == ({}, {})

    def test_a_login_is_exchanged_where_it_is(self) -> None:
        chain = self.make_store()
        first, second = self.stores
        second.put("reg.example.com", ALICE)
        assert chain.exchange("reg.example.com", ALICE, BOB)
        assert (first.list(), second.get("reg.example.com")) == ({}, BOB)


def test_an_error_is_not_passed_over() -> None:
    first, second = First(), MemoryStore()
    first.broken = True
    second.put("reg.test", ALICE)
    chain = ChainStore([first, second])
    with pytest.raises(StoreLocked):
        chain.get("reg.test")
    with pytest.raises(StoreLocked):
        chain.exchange("reg.test", ALICE, BOB)
    with pytest.raises(StoreFailed):
        chain.erase("reg.test")
    assert second.list() == {}  # erased all the same
    assert chain.name == "first"


def test_what_the_stores_say_beside_a_list_is_said() -> None:
    first, second = MemoryStore(), MemoryStore()
    first.notes, second.notes = ["one"], ["two"]
    chain = ChainStore([first, second])
    chain.list()
    assert chain.notes == ["one", "two"]


class Machine:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        self.environ = {"PATH": str(folder / "bin"), "DOCKPASS_HOME": str(folder / "vault")}

    def choose(self, names: str) -> Store:
        return choose(read(str(self.folder)), "reg.test", environ={**self.environ, "DOCKPASS_STORE": names})

    def configured(self, names: str) -> list[str]:
        environ = {**self.environ, "DOCKPASS_STORE": names}
        return [store.name for store in configured(read(str(self.folder)), environ=environ)]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setitem(sys.modules, "store_of_a_chain", sys.modules[__name__])
    monkeypatch.setitem(built_in.STORES, "first", ("store_of_a_chain", "First"))
    monkeypatch.setattr(First, "kept", MemoryStore())
    return Machine(tmp_path)


def test_the_first_that_can_be_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.choose("first,age").put("reg.test", ALICE)
    assert First.kept.get("reg.test") == ALICE
    monkeypatch.setattr(First, "absent", "there is no bus")
    store = machine.choose("first, age")
    assert store.name == "age"
    assert store.get("reg.test") is None
    store.put("reg.test", BOB)
    monkeypatch.undo()


def test_one_that_is_locked_is_not_passed_over(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(First, "broken", True)
    with pytest.raises(StoreLocked):
        machine.choose("first,age").get("reg.test")


def test_a_program_that_is_not_there_is_passed_over(machine: Machine) -> None:
    assert machine.choose("absent,first").name == "first"
    program = HelperProgram(machine.folder / "bin", "absent")
    machine.choose("absent,first").put("reg.test", ALICE)
    assert program.kept == {"reg.test": ("alice", "wonder")}
    assert json.loads((machine.folder / "config.json").read_bytes())["credHelpers"] == {"reg.test": "absent"}


def test_none_can_be_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(First, "absent", "there is no bus")
    with pytest.raises(StoreUnavailable) as caught:
        machine.choose("first,absent")
    assert caught.value.message.startswith(
        "none of the stores that DOCKPASS_STORE names can be used here: first: there is no bus; absent: the credential "
        "helper docker-credential-absent is not on PATH"
    )
    assert machine.configured("first,absent") == ["file", "first", "absent"]


@pytest.mark.parametrize("names", ["first,", ",", "first,../x"])
def test_a_name_that_no_store_has(names: str, machine: Machine) -> None:
    with pytest.raises(UnknownStore):
        machine.choose(names)


def test_those_that_can_be_used_are_listed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.configured("first,age,file,memory") == ["file", "first", "age", "memory"]
    monkeypatch.setattr(First, "absent", "there is no bus")
    assert machine.configured("first,dockpass") == ["file", "age"]


def test_what_a_chain_has_is_listed_by_where_it_is(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        **machine.environ,
        "DOCKPASS_STORE": "first, age",
        "DOCKER_CONFIG": str(machine.folder),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DOCKER_AUTH_CONFIG", raising=False)
    First.kept.put("a.test", ALICE)
    machine.choose("age").put("b.test", BOB)
    found = [(entry.server, entry.store) for entry in look_up.survey().logins]
    assert found == [("a.test", "first"), ("b.test", "age")]
