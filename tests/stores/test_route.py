"""Which store serves which server."""

from __future__ import annotations

import json

import pytest

from dockpass.config.document import read
from dockpass.credential import Credential
from dockpass.errors import HelperMissing, HelperNotExecutable, UnknownStore
from dockpass.stores import on_path
from dockpass.stores.configured import configured
from dockpass.stores.memory import OF_THIS_PROCESS
from dockpass.stores.route import choose, decide
from dockpass.testing.helper_program import HelperProgram

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from dockpass.stores.contract import Store

ALICE = Credential("alice", "wonder")
ALICES = {"auth": "YWxpY2U6d29uZGVy"}
BOBS = {"auth": "Ym9iOnBsYWlu"}  # bob:plain


class Machine:
    """A folder with config.json, and helpers a, b and file on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        self.a, self.b, self.file = (HelperProgram(folder / "bin", name) for name in ("a", "b", "file"))
        self.environ = {"PATH": self.a.folder, "DOCKPASS_HOME": str(folder / "vault")}

    def write(self, config: object) -> None:
        (self.folder / "config.json").write_text(json.dumps(config))

    @property
    def config(self) -> Any:
        return json.loads((self.folder / "config.json").read_bytes())

    def choose(self, server: str = "reg.test", store: str | None = None) -> Store:
        return choose(read(str(self.folder)), server, store=store, environ=self.environ)

    def configured(self) -> list[Store]:
        return configured(read(str(self.folder)), environ=self.environ)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def memory() -> Iterator[None]:
    yield
    for server in OF_THIS_PROCESS.list():
        OF_THIS_PROCESS.erase(server)


@pytest.mark.parametrize(
    ("config", "variable", "name"),
    [
        ({}, None, "age"),
        ({}, "", "age"),
        ({}, "file", "file"),
        ({}, "a", "a"),
        ({}, "memory", "memory"),
        ({"credsStore": "a"}, None, "a"),
        ({"credsStore": "a"}, "b", "a"),
        ({"credHelpers": {"reg.test": "b"}, "credsStore": "a"}, None, "b"),
        ({"credHelpers": {"reg.test": ""}, "credsStore": "a"}, "b", "file"),
        ({"credHelpers": {"other.test": "b"}}, None, "age"),
        ({"credsStore": "dockpass"}, "b", "age"),
        ({}, "dockpass", "age"),
        ({"credHelpers": {"https://reg.test": "b"}, "credsStore": "a"}, None, "a"),
    ],
)
def test_config_json_decides_and_then_the_variable(
    config: object, variable: str | None, name: str, machine: Machine
) -> None:
    machine.write(config)
    if variable is not None:
        machine.environ["DOCKPASS_STORE"] = variable
    assert machine.choose().name == name


def test_the_variable_of_this_process(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", machine.a.folder)
    monkeypatch.setenv("DOCKPASS_STORE", "a")
    assert choose(read(str(machine.folder)), "reg.test").name == "a"
    assert [store.name for store in configured(read(str(machine.folder)))] == ["file", "a"]


def test_in_config_json_every_name_is_a_helpers(machine: Machine) -> None:
    machine.write({"credsStore": "file"})
    machine.choose().put("reg.test", ALICE)
    assert machine.file.kept == {"reg.test": ("alice", "wonder")}
    assert machine.config["auths"] == {"reg.test": {}}


def test_what_config_json_names_leaves_the_routes_alone(machine: Machine) -> None:
    machine.write({"credsStore": "a"})
    machine.choose().put("reg.test", ALICE)
    assert machine.config == {"auths": {"reg.test": {}}, "credsStore": "a"}
    assert [call.action for call in machine.a.calls] == ["store"]


@pytest.mark.parametrize("config", [{}, {"credsStore": "a"}, {"credHelpers": {"reg.test": "a"}}])
def test_another_helper_for_this_login(config: dict[str, object], machine: Machine) -> None:
    machine.write({**config, "auths": {"reg.test": BOBS}})
    machine.choose(store="b").put("reg.test", ALICE)
    assert machine.config == {**config, "auths": {"reg.test": {}}, "credHelpers": {"reg.test": "b"}}
    assert machine.b.kept == {"reg.test": ("alice", "wonder")}
    assert not machine.a.calls
    assert machine.choose().get("reg.test") == ALICE


def test_the_helper_that_is_named_already(machine: Machine) -> None:
    machine.write({"credsStore": "a"})
    machine.choose(store="a").put("reg.test", ALICE)
    assert machine.config == {"auths": {"reg.test": {}}, "credsStore": "a"}


@pytest.mark.parametrize("config", [{"credsStore": "a"}, {"credHelpers": {"reg.test": "a"}}])
def test_the_file_for_this_login(config: dict[str, object], machine: Machine) -> None:
    machine.write(config)
    store = machine.choose(store="file")
    assert store.plaintext
    store.put("reg.test", ALICE)
    assert machine.config == {**config, "auths": {"reg.test": ALICES}, "credHelpers": {"reg.test": ""}}
    assert machine.choose().get("reg.test") == ALICE
    assert not machine.a.calls


def test_the_file_where_nothing_is_configured(machine: Machine) -> None:
    machine.environ["DOCKPASS_STORE"] = "a"
    machine.choose(store="file").put("reg.test", ALICE)
    assert machine.config == {"auths": {"reg.test": ALICES}}
    assert machine.choose().get("reg.test") == ALICE


def test_memory_for_this_login(memory: None, machine: Machine) -> None:
    machine.write({"credsStore": "a"})
    machine.choose(store="memory").put("reg.test", ALICE)
    assert machine.choose(store="memory").get("reg.test") == ALICE
    assert machine.config == {"credsStore": "a"}


def test_the_variable_makes_config_json_lead_to_it(machine: Machine) -> None:
    machine.environ["DOCKPASS_STORE"] = "a"
    machine.choose().put("reg.test", ALICE)
    assert machine.config == {"auths": {"reg.test": {}}, "credHelpers": {"reg.test": "a"}}
    del machine.environ["DOCKPASS_STORE"]
    assert machine.choose().get("reg.test") == ALICE


def test_with_the_variable_a_login_in_config_json_is_still_one(memory: None, machine: Machine) -> None:
    machine.write({"auths": {"reg.test": BOBS, "other.test": BOBS}})
    for name in ("a", "memory"):
        machine.environ["DOCKPASS_STORE"] = name
        assert machine.choose().get("reg.test") == Credential("bob", "plain")
    assert machine.choose().erase("reg.test") is True
    assert machine.config == {"auths": {"other.test": BOBS}}


@pytest.mark.parametrize("name", ["../x", "", "a b", "-x", "/bin/sh"])
def test_a_name_that_no_store_has(name: str, machine: Machine) -> None:
    with pytest.raises(UnknownStore, match=r"can have the name .* \(--store names it\)"):
        machine.choose(store=name)


@pytest.mark.parametrize(
    ("config", "member"),
    [({"credsStore": "../x"}, "credsStore"), ({"credHelpers": {"reg.test": "../x"}}, "credHelpers")],
)
def test_a_name_in_config_json_that_no_helper_has(config: object, member: str, machine: Machine) -> None:
    machine.write(config)
    with pytest.raises(UnknownStore) as caught:
        machine.choose()
    assert f"{member} in {machine.folder / 'config.json'} names it" in caught.value.message


@pytest.mark.parametrize(
    ("config", "choose_it", "source"),
    [
        ({"credsStore": "absent"}, lambda machine: machine.choose(), "credsStore in "),
        ({}, lambda machine: machine.choose(store="absent"), "--store"),
        ({}, lambda machine: machine.choose(), "DOCKPASS_STORE"),
    ],
)
def test_a_helper_that_is_not_there_is_known_before_anything_else(
    config: object, choose_it: Callable[[Machine], Store], source: str, machine: Machine
) -> None:
    machine.write(config)
    machine.environ["DOCKPASS_STORE"] = "absent"
    with pytest.raises(HelperMissing, match="docker-credential-absent is not on PATH") as caught:
        choose_it(machine)
    assert source in caught.value.message
    assert source in str(caught.value.hint)
    machine.a.replace(b"", 0o600)
    with pytest.raises(HelperNotExecutable):
        machine.choose(store="a")


def test_everything_that_is_configured_once(memory: None, machine: Machine) -> None:
    machine.write({"credsStore": "a", "credHelpers": {"1.test": "b", "2.test": "", "3.test": "b", "4.test": "a"}})
    assert [store.name for store in machine.configured()] == ["file", "a", "b", "age"]
    machine.environ["DOCKPASS_STORE"] = "memory"
    assert [store.name for store in machine.configured()] == ["file", "a", "b", "memory"]
    machine.environ["DOCKPASS_STORE"] = "file"
    assert [store.name for store in machine.configured()] == ["file", "a", "b"]
    machine.environ["DOCKPASS_STORE"] = "b"
    assert [store.name for store in machine.configured()] == ["file", "a", "b"]
    machine.write({})
    assert [store.name for store in machine.configured()] == ["file", "b"]


def test_one_that_cannot_be_used_does_not_hide_the_others(machine: Machine) -> None:
    machine.a.keep("reg.test", "alice", "wonder")
    machine.write({"credsStore": "a", "credHelpers": {"1.test": "../x", "2.test": "absent"}, "auths": {"b.test": BOBS}})
    file, a, bad, absent, _vault = machine.configured()
    assert file.list() == {"b.test": "bob"}
    assert a.list() == {"reg.test": "alice"}
    assert bad.name == "../x"
    for act in (
        lambda: bad.get("1.test"),
        lambda: bad.put("1.test", ALICE),
        lambda: bad.erase("1.test"),
        bad.list,
    ):
        with pytest.raises(UnknownStore):
            act()
    with pytest.raises(HelperMissing):
        absent.list()


def test_what_a_helper_is_given(machine: Machine) -> None:
    machine.write({"credsStore": "a"})
    said: list[str] = []
    environ = {**machine.environ, "MY_PASSWORD": "x", "DOCKER_AUTH_CONFIG": "x"}
    document = read(str(machine.folder))
    store = choose(document, "reg.test", environ=environ, withhold=["MY_PASSWORD"], waiting=said.append)
    assert store.get("reg.test") is None
    assert not {"MY_PASSWORD", "DOCKER_AUTH_CONFIG"} & set(machine.a.calls[0].environ)


# Who decided, and how docker comes to the login


@pytest.mark.parametrize(
    ("config", "variable", "store", "by"),
    [
        ({}, None, None, ""),
        ({}, "", None, ""),
        ({}, "a", None, "DOCKPASS_STORE"),
        ({}, "file", None, "DOCKPASS_STORE"),
        ({"credsStore": "a"}, "b", None, "credsStore"),
        ({"credsStore": "dockpass"}, "b", None, "credsStore"),
        ({"credHelpers": {"reg.test": "b"}, "credsStore": "a"}, None, None, "credHelpers"),
        ({"credHelpers": {"*.test": "b"}}, None, None, "credHelpers"),
        ({"credHelpers": {"reg.test": ""}, "credsStore": "a"}, "b", None, "credHelpers"),
        ({"credHelpers": {"reg.test": "a"}}, "b", "file", "--store"),
    ],
)
def test_who_decides(config: object, variable: str | None, store: str | None, by: str, machine: Machine) -> None:
    machine.write(config)
    if variable is not None:
        machine.environ["DOCKPASS_STORE"] = variable
    chosen = decide(read(str(machine.folder)), "reg.test", store=store, environ=machine.environ)
    assert chosen.by == by
    assert chosen.by_config == by.startswith("cred")
    assert chosen.store.name == machine.choose(store=store).name


@pytest.mark.parametrize("config", [{}, {"credsStore": "a"}])
@pytest.mark.parametrize("store", [None, "a"])
def test_where_docker_finds_the_helper(
    config: object, store: str | None, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PATH is searched once, however often that is asked."""
    machine.write(config)
    machine.environ["DOCKPASS_STORE"] = "a"
    chosen = decide(read(str(machine.folder)), "reg.test", store=store, environ=machine.environ)
    monkeypatch.setattr(on_path, "_files", None)
    assert chosen.helper == machine.a.path


def test_the_vaults_helper_has_another_name(machine: Machine) -> None:
    machine.write({})
    assert decide(read(str(machine.folder)), "reg.test", environ=machine.environ).helper is None
    ours = HelperProgram(machine.folder / "bin", "dockpass")
    assert decide(read(str(machine.folder)), "reg.test", environ=machine.environ).helper == ours.path


def test_a_store_of_ours_in_place_of_a_program_that_is_not_there(machine: Machine) -> None:
    machine.write({"credsStore": "pass"})
    assert decide(read(str(machine.folder)), "reg.test", environ=machine.environ).helper is None
