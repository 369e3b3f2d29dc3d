"""Stores that other packages bring."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dockpass.config.document import read
from dockpass.credential import Credential
from dockpass.errors import HelperMissing, StoreFailed, StoreUnavailable
from dockpass.stores import plugged
from dockpass.stores.configured import configured
from dockpass.stores.route import choose
from dockpass.testing.helper_program import HelperProgram

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.stores.contract import Store

ALICE = Credential("alice", "wonder")
MODULE = """
from dockpass.stores.memory import MemoryStore

KEPT = MemoryStore()

class {kind}(MemoryStore):
    name = "plug"
    def __init__(self, environ, waiting):
        super().__init__()
        self._kept = KEPT._kept
"""


class Machine:
    """A folder of packages, a config.json and a PATH."""

    def __init__(self, folder: Path) -> None:
        self.packages = folder / "packages"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.folder = folder
        self.environ = {"PATH": str(self.bin), "DOCKPASS_HOME": str(folder / "vault")}

    def package(self, name: str, points: str, module: str = "", group: str = plugged.GROUP) -> None:
        info = self.packages / f"{name}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{points}\n")
        (self.packages / f"{name}.py").write_text(module)

    def choose(self, store: str | None = None) -> Store:
        return choose(read(str(self.folder)), "reg.test", store=store, environ=self.environ)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    machine.packages.mkdir()
    monkeypatch.syspath_prepend(machine.packages)
    return machine


def test_one_that_is_named(machine: Machine) -> None:
    machine.package("dockpass_plug_a", "plug = dockpass_plug_a:PlugStore", MODULE.format(kind="PlugStore"))
    assert "dockpass_plug_a" not in sys.modules
    machine.choose("plug").put("reg.test", ALICE)
    machine.environ["DOCKPASS_STORE"] = "plug"
    assert machine.choose().get("reg.test") == ALICE
    assert not (machine.folder / "config.json").exists()
    stores = configured(read(str(machine.folder)), environ=machine.environ)
    assert [store.name for store in stores] == ["file", "plug"]
    assert stores[1].list() == {"reg.test": "alice"}
    (machine.folder / "config.json").write_text('{"credsStore": "plug"}')
    del machine.environ["DOCKPASS_STORE"]
    assert machine.choose().get("reg.test") == ALICE


def test_a_program_of_that_name_comes_first_and_nothing_is_loaded(machine: Machine) -> None:
    machine.package("dockpass_plug_b", "plug = dockpass_plug_b:PlugStore", "raise SystemExit('loaded')")
    HelperProgram(machine.bin, "plug")
    assert machine.choose("plug").get("reg.test") is None
    assert "dockpass_plug_b" not in sys.modules


def test_ours_come_first(machine: Machine) -> None:
    machine.package("dockpass_plug_c", "pass = dockpass_plug_c:PlugStore", "raise SystemExit('loaded')")
    assert machine.choose("pass").name == "pass"


@pytest.mark.parametrize("group", ["keyring.backends", "dockpass"])
def test_another_group_is_not_looked_at(group: str, machine: Machine) -> None:
    machine.package("dockpass_plug_d", "plug = dockpass_plug_d:PlugStore", "raise SystemExit('loaded')", group)
    with pytest.raises(HelperMissing):
        machine.choose("plug")


def test_another_name_is_not_looked_at(machine: Machine) -> None:
    machine.package("dockpass_plug_e", "plug = dockpass_plug_e:PlugStore", "raise SystemExit('loaded')")
    with pytest.raises(HelperMissing):
        machine.choose("plug2")


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("import nothing_has_this_name", "ModuleNotFoundError: No module named 'nothing_has_this_name'"),
        ("raise ValueError('a\\x1bb')", r"ValueError: a\x1bb"),
        ("", "has no attribute 'PlugStore'"),
        ("def PlugStore(): pass", "TypeError: "),
    ],
)
def test_one_that_cannot_be_loaded(module: str, says: str, machine: Machine) -> None:
    sys.modules.pop("dockpass_plug_f", None)
    machine.package("dockpass_plug_f", "plug = dockpass_plug_f:PlugStore", module)
    with pytest.raises(StoreFailed, match="the store plug cannot be loaded from dockpass_plug_f:PlugStore") as caught:
        machine.choose("plug")
    assert says in caught.value.message
    machine.environ["DOCKPASS_STORE"] = "plug"
    _file, unusable = configured(read(str(machine.folder)), environ=machine.environ)
    with pytest.raises(StoreFailed):
        unusable.list()


def test_one_that_says_itself_what_is_wrong(machine: Machine) -> None:
    module = (
        "from dockpass.errors import StoreUnavailable\ndef PlugStore(**_): raise StoreUnavailable('no disk', 'mount')"
    )
    machine.package("dockpass_plug_i", "plug = dockpass_plug_i:PlugStore", module)
    with pytest.raises(StoreUnavailable) as caught:
        machine.choose("plug")
    assert (caught.value.message, caught.value.hint) == ("no disk", "mount")


def test_two_that_have_the_same_name(machine: Machine) -> None:
    for letter in "gh":
        machine.package(f"dockpass_plug_{letter}", f"plug = dockpass_plug_{letter}:PlugStore")
    with pytest.raises(StoreFailed, match="dockpass_plug_g:PlugStore, dockpass_plug_h:PlugStore"):
        machine.choose("plug")


def test_nothing_is_looked_for_where_nothing_is_named(machine: Machine) -> None:
    code = (
        "import sys; from dockpass.config.document import read; from dockpass.stores.route import choose\n"
        f"store = choose(read({str(machine.folder)!r}), 'reg.test', environ={machine.environ!r}); store.get('reg.test')\n"
        "sys.exit('importlib.metadata' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
