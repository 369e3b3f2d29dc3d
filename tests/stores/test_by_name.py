"""Stores of our own that have the name of a program: which of the two a name means, and where config.json leads."""

from __future__ import annotations

import json
import sys

import pytest

from dockpass.config.document import read
from dockpass.credential import Credential
from dockpass.errors import HelperMissing, HelperNotExecutable
from dockpass.stores import built_in
from dockpass.stores.configured import configured
from dockpass.stores.memory import MemoryStore
from dockpass.stores.route import choose
from dockpass.testing.helper_program import HelperProgram

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from dockpass.stores.contract import Store

ALICE = Credential("alice", "wonder")
BOB = Credential("bob", "builder")


class OwnStore(MemoryStore):
    """What stands for the store of ours that is called ``own``."""

    name = "own"
    kept = MemoryStore()

    def __init__(
        self, *, environ: Mapping[str, str] | None = None, waiting: Callable[[str], None] | None = None
    ) -> None:
        super().__init__()
        self.made_of = environ, waiting
        self._kept = self.kept._kept


class Machine:
    """A folder with config.json and a PATH, and a store of ours that is called ``own``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        self.environ = {"PATH": str(folder / "bin"), "DOCKPASS_HOME": str(folder / "vault")}

    def write(self, config: object) -> None:
        (self.folder / "config.json").write_text(json.dumps(config))

    @property
    def config(self) -> Any:
        path = self.folder / "config.json"
        return json.loads(path.read_bytes()) if path.exists() else {}

    def program(self, name: str = "own") -> HelperProgram:
        return HelperProgram(self.folder / "bin", name)

    def choose(self, server: str = "reg.test", store: str | None = None) -> Store:
        return choose(read(str(self.folder)), server, store=store, environ=self.environ)

    def configured(self) -> list[Store]:
        return configured(read(str(self.folder)), environ=self.environ)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setitem(sys.modules, "own_store_of_a_test", sys.modules[__name__])
    monkeypatch.setitem(built_in.STORES, "own", ("own_store_of_a_test", "OwnStore"))
    monkeypatch.setitem(built_in.STORES, "coming", ("dockpass.stores.coming", "ComingStore"))
    monkeypatch.setattr(OwnStore, "kept", MemoryStore())
    return Machine(tmp_path)


@pytest.mark.parametrize("name", sorted(built_in.STORES))
def test_each_of_ours_has_the_name_that_it_is_known_by(name: str) -> None:
    store = built_in.make(name, {}, None)
    assert store is None or store.name == name


def test_what_is_not_ours_is_none() -> None:
    assert built_in.make("ecr-login", {}, None) is None


def test_one_that_lacks_something_else_is_not_taken_for_one_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store_that_lacks_something.py").write_text("import nothing_has_this_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(built_in.STORES, "lacking", ("store_that_lacks_something", "Store"))
    with pytest.raises(ModuleNotFoundError, match="nothing_has_this_name"):
        built_in.make("lacking", {}, None)


def test_the_variable_means_our_store_in_this_process(machine: Machine) -> None:
    machine.environ["DOCKPASS_STORE"] = "own"
    machine.choose().put("reg.test", ALICE)
    assert OwnStore.kept.get("reg.test") == ALICE
    assert machine.choose().get("reg.test") == ALICE
    assert machine.config == {}  # docker would look for a program that is not there


def test_the_option_means_our_store_even_where_there_is_a_program(machine: Machine) -> None:
    program = machine.program()
    machine.choose(store="own").put("reg.test", ALICE)
    assert OwnStore.kept.get("reg.test") == ALICE
    assert not program.calls
    assert machine.config == {"auths": {"reg.test": {}}, "credHelpers": {"reg.test": "own"}}


def test_config_json_means_the_program_if_there_is_one(machine: Machine) -> None:
    program = machine.program()
    machine.write({"credsStore": "own"})
    machine.choose().put("reg.test", ALICE)
    assert program.kept == {"reg.test": ("alice", "wonder")}
    assert OwnStore.kept.list() == {}


@pytest.mark.parametrize("config", [{"credsStore": "own"}, {"credHelpers": {"reg.test": "own"}}])
def test_config_json_means_our_store_where_there_is_no_program(config: dict[str, object], machine: Machine) -> None:
    machine.write(config)
    machine.choose().put("reg.test", ALICE)
    assert OwnStore.kept.get("reg.test") == ALICE
    assert machine.config == {**config, "auths": {"reg.test": {}}}
    assert machine.choose().erase("reg.test") is True
    assert machine.choose().get("reg.test") is None
    assert "auths" not in machine.config or not machine.config["auths"]


def test_a_program_that_cannot_be_executed_is_none(machine: Machine) -> None:
    machine.write({"credsStore": "own"})
    machine.program().replace(b"", 0o600)
    assert machine.choose().get("reg.test") is None


@pytest.mark.parametrize("config", [{"credsStore": "another"}, {"credHelpers": {"reg.test": ""}}])
def test_a_login_that_config_json_would_hide_is_refused_before_it_is_kept(config: object, machine: Machine) -> None:
    machine.write(config)
    with pytest.raises(HelperMissing, match="config.json cannot lead to own") as caught:
        machine.choose(store="own")
    assert caught.value.hint == "set DOCKPASS_STORE=own, and take out what config.json names for this registry"
    machine.program()
    machine.choose(store="own").put("reg.test", ALICE)
    assert machine.config["credHelpers"] == {"reg.test": "own"}


def test_config_json_that_names_it_already_hides_nothing(machine: Machine) -> None:
    machine.write({"credsStore": "own"})
    machine.choose(store="own").put("reg.test", ALICE)
    assert machine.choose().get("reg.test") == ALICE


def test_one_that_this_dockpass_lacks_is_a_programs_name(machine: Machine) -> None:
    with pytest.raises(HelperMissing, match="docker-credential-coming is not on PATH"):
        machine.choose(store="coming")
    program = machine.program("coming")
    machine.choose(store="coming").put("reg.test", ALICE)
    assert program.kept == {"reg.test": ("alice", "wonder")}
    program.replace(b"", 0o600)
    machine.write({"credsStore": "coming"})
    with pytest.raises(HelperNotExecutable):
        machine.choose()


def test_ours_are_listed_once(machine: Machine) -> None:
    OwnStore.kept.put("reg.test", ALICE)
    machine.environ["DOCKPASS_STORE"] = "own"
    file, own = machine.configured()
    assert (file.name, own.name) == ("file", "own")
    assert own.list() == {"reg.test": "alice"}
    machine.write({"credsStore": "own", "credHelpers": {"reg.test": "own"}})
    assert [store.name for store in machine.configured()] == ["file", "own"]
    machine.program().keep("other.test", "bob", "builder")
    assert machine.configured()[1].list() == {"other.test": "bob"}
