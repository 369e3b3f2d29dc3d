"""The vault with its routes: what a login writes, and that a logout takes back exactly that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.account import launcher
from dockpass.config.document import read
from dockpass.credential import Credential
from dockpass.errors import BadCredential, HelperMissing, VaultError
from dockpass.stores.age import AgeStore
from dockpass.stores.configured import configured
from dockpass.stores.lead import also_asked
from dockpass.stores.route import choose
from dockpass.stores.vaulted import Vaulted
from dockpass.testing.stores import StoreSuite

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.stores.contract import Store

ALICE = Credential("alice", "wonder")
ALICES = {"auth": "YWxpY2U6d29uZGVy"}
BOBS = {"auth": "Ym9iOnBsYWlu"}
HUB = "https://index.docker.io/v1/"
REG = "reg.test:5000"


class Machine:
    """A folder with config.json, a vault, and PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vault = folder / "vault"
        self.tools = folder / "bin"
        self.tools.mkdir()
        self.environ = {"PATH": str(self.tools), "DOCKPASS_HOME": str(self.vault), "DOCKPASS_STORE": "age"}

    def install(self) -> None:
        launcher.install("dockpass", str(self.tools))

    def write(self, config: object) -> None:
        (self.folder / "config.json").write_text(json.dumps(config))

    @property
    def config(self) -> Any:
        path = self.folder / "config.json"
        return json.loads(path.read_bytes()) if path.exists() else None

    def choose(self, server: str = REG, store: str | None = None) -> Store:
        return choose(read(str(self.folder)), server, store=store, environ=self.environ)


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def machine(bare: Machine) -> Machine:
    bare.install()
    return bare


def test_where_nothing_is_configured(machine: Machine) -> None:
    store = machine.choose()
    assert (store.name, store.plaintext) == ("age", False)
    store.put(REG, ALICE)
    assert machine.config == {"auths": {REG: {}}, "credHelpers": {REG: "dockpass"}, "credsStore": "dockpass"}
    assert machine.choose().get(REG) == ALICE
    assert machine.choose().list() == {REG: "alice"}
    assert machine.choose().erase(REG) is True
    assert machine.config == {"auths": {}, "credsStore": "dockpass"}
    assert machine.choose().get(REG) is None
    assert machine.choose().erase(REG) is False


@pytest.mark.parametrize(
    ("variable", "is_default"), [("", True), ("age", True), ("dockpass", True), ("age,file", True), ("file", False)]
)
def test_it_becomes_the_default_only_where_logins_go_there_anyway(
    variable: str, is_default: bool, machine: Machine
) -> None:
    machine.environ["DOCKPASS_STORE"] = variable
    machine.choose(store="age").put(REG, ALICE)
    assert machine.config["credHelpers"] == {REG: "dockpass"}
    assert machine.config.get("credsStore") == ("dockpass" if is_default else None)


def test_docker_hub_has_two_keys(machine: Machine) -> None:
    machine.choose(HUB).put(HUB, ALICE)
    assert machine.config["credHelpers"] == {HUB: "dockpass", "docker.io": "dockpass"}
    assert machine.config["auths"] == {HUB: {}}
    machine.choose(HUB).erase(HUB)
    assert machine.config == {"auths": {}, "credsStore": "dockpass"}


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({}, True),
        ({"auths": {"m.test": {}}}, True),
        ({"credHelpers": {"x.test": "dockpass"}}, True),
        ({"auths": {REG: BOBS}}, True),  # the one that is replaced
        ({"auths": {"p.test": BOBS}}, False),
        ({"auths": {"p.test": {"auth": "!"}}}, False),
        ({"auths": {"p.test": {"identitytoken": "t"}}}, False),
        ({"credHelpers": {"x.test": "pass"}}, False),
        ({"credHelpers": {"x.test": ""}}, False),
    ],
)
def test_it_becomes_the_default_only_where_that_hides_nothing(
    config: dict[str, Any], named: bool, machine: Machine
) -> None:
    machine.write(config)
    machine.choose().put(REG, ALICE)
    assert machine.config == {
        "auths": {**config.get("auths", {}), REG: {}},
        "credHelpers": {**config.get("credHelpers", {}), REG: "dockpass"},
        **({"credsStore": "dockpass"} if named else {}),
    }


def test_what_is_configured_is_obeyed(machine: Machine) -> None:
    (machine.tools / "docker-credential-pass").write_text("#!/bin/sh\n")
    (machine.tools / "docker-credential-pass").chmod(0o755)
    for config in ({"credsStore": "pass"}, {"credHelpers": {REG: "pass"}}):
        machine.write(config)
        assert machine.choose().name == "pass"
    machine.write({"credHelpers": {REG: ""}})
    assert machine.choose().name == "file"
    # Podman's own helper for Docker Hub.
    machine.write({"credHelpers": {"docker.io": "pass"}})
    machine.choose(HUB).put(HUB, ALICE)
    assert machine.config["credHelpers"] == {"docker.io": "pass", HUB: "dockpass"}
    machine.choose(HUB).erase(HUB)
    assert machine.config["credHelpers"] == {"docker.io": "pass"}


@pytest.mark.parametrize("config", [{"credsStore": "pass"}, {"credHelpers": {REG: "pass"}}, {"credHelpers": {REG: ""}}])
@pytest.mark.parametrize("name", ["age", "dockpass"])
def test_for_this_login_the_vault_all_the_same(config: dict[str, Any], name: str, bare: Machine) -> None:
    bare.write(config)
    with pytest.raises(HelperMissing, match="cannot lead to the vault") as caught:
        bare.choose(store=name)
    assert caught.value.hint == "dockpass helper install dockpass"
    bare.install()
    bare.choose(store=name).put(REG, ALICE)
    assert bare.config == {**config, "auths": {REG: {}}, "credHelpers": {REG: "dockpass"}}
    assert bare.choose().get(REG) == ALICE


def test_by_the_default_alone(machine: Machine) -> None:
    machine.write({"credsStore": "dockpass"})
    machine.environ["DOCKPASS_STORE"] = "file"
    assert machine.choose().name == "age"
    machine.choose().put(REG, ALICE)
    assert machine.config == {"auths": {REG: {}}, "credHelpers": {REG: "dockpass"}, "credsStore": "dockpass"}


@pytest.mark.parametrize("config", [None, {"auths": {REG: BOBS}, "HttpHeaders": {}}])
def test_without_the_helper_no_route_is_written(config: dict[str, Any] | None, bare: Machine) -> None:
    if config is not None:
        bare.write(config)
    bare.choose().put(REG, ALICE)
    assert bare.config == config
    assert bare.choose().get(REG) == ALICE
    assert bare.choose(store="age").erase(REG) is True
    assert bare.choose(store="age").get(REG) is None


def test_a_logout_without_the_helper_takes_the_route_back(machine: Machine) -> None:
    machine.choose().put(REG, ALICE)
    (machine.tools / "docker-credential-dockpass").unlink()
    assert machine.choose().erase(REG) is True
    assert machine.config == {"auths": {}, "credsStore": "dockpass"}


def test_a_plain_secret_under_a_route_is_erased_too(machine: Machine) -> None:
    machine.write({"auths": {REG: BOBS}, "credHelpers": {REG: "dockpass"}})
    assert machine.choose().get(REG) is None  # as docker, which asks the helper only
    assert machine.choose().erase(REG) is True
    assert machine.config == {"auths": {}}


def test_what_the_vault_refuses_changes_nothing(machine: Machine) -> None:
    machine.write({"auths": {REG: BOBS}})
    with pytest.raises(BadCredential):
        machine.choose().put(REG, Credential("a:b", "s"))
    assert machine.config == {"auths": {REG: BOBS}}


def test_a_vault_that_is_broken_changes_nothing(machine: Machine) -> None:
    machine.choose().put(REG, ALICE)
    before = machine.config
    (machine.vault / "identity.txt").write_text("")
    with pytest.raises(VaultError):
        machine.choose().get(REG)
    with pytest.raises(VaultError):
        machine.choose().put(REG, ALICE)
    assert machine.config == before


def test_the_vault_is_listed_once(machine: Machine) -> None:
    machine.write({"credsStore": "dockpass", "credHelpers": {"a.test": "dockpass"}})
    assert [store.name for store in configured(read(str(machine.folder)), environ=machine.environ)] == ["file", "age"]


@pytest.mark.parametrize(
    ("server", "others"),
    [
        (REG, []),
        (HUB, ["docker.io"]),
        ("docker.io", [HUB]),
        ("https://index.docker.io/v2/", [HUB, "docker.io"]),
        ("https://reg.test/v1/", ["reg.test"]),
        ("reg.test/team", []),
        (f"{HUB}access-token", []),
        ("not a host", []),
    ],
)
def test_the_other_keys_of_a_registry(server: str, others: list[str]) -> None:
    assert also_asked(server) == others


class TestVaulted(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make_store(self) -> Vaulted:
        return Vaulted(AgeStore(str(self.folder / "vault")), str(self.folder), routes=True)


def test_the_routes_come_and_go_with_a_login_that_is_exchanged(machine: Machine) -> None:
    machine.write({"credsStore": "other"})
    store = machine.choose(store="age")
    assert store.exchange(REG, None, ALICE)
    assert machine.config == {"auths": {REG: {}}, "credHelpers": {REG: "dockpass"}, "credsStore": "other"}
    before = machine.config
    new = Credential("alice", "new")
    assert store.exchange(REG, ALICE, new)
    assert not store.exchange(REG, ALICE, None)
    assert machine.config == before
    assert store.exchange(REG, new, None)
    assert machine.config == {"auths": {}, "credsStore": "other"}
