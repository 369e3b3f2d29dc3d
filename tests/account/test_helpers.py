"""Helpers of ours: installed with the routes that are due."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from dockpass.account import helpers, launcher, traces
from dockpass.credential import Credential
from dockpass.errors import ConfigMalformed, StoreUnavailable
from dockpass.stores import built_in
from dockpass.stores.memory import MemoryStore

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(helpers.__file__))))

ALICE = Credential("alice", "wonder")
ALICES = {"auth": "YWxpY2U6d29uZGVy"}
BOBS = {"auth": "Ym9iOnBsYWlu"}
HUB = "https://index.docker.io/v1/"


def test_it_is_installed_and_the_logins_in_the_vault_are_made_known(place: Any) -> None:
    place.vault.put("reg.test:5000", ALICE)
    place.vault.put(HUB, ALICE)
    done = helpers.install("dockpass", str(place.tools))
    assert done.path == str(place.tools / "docker-credential-dockpass")
    assert (sorted(done.routes), done.notes) == ([HUB, "reg.test:5000"], [])
    assert place.config == {
        "auths": {"reg.test:5000": {}, HUB: {}},
        "credHelpers": {"reg.test:5000": "dockpass", HUB: "dockpass", "docker.io": "dockpass"},
        "credsStore": "dockpass",
    }
    again = helpers.install("dockpass", str(place.tools))
    assert (again.routes, again.notes) == ([], [])


def test_what_config_json_says_is_obeyed(place: Any) -> None:
    for server in ("a.test", "b.test", "c.test", "plain.test"):
        place.vault.put(server, ALICE)
    config = {"auths": {"plain.test": BOBS}, "credHelpers": {"a.test": "pass", "b.test": ""}}
    place.write(config)
    assert helpers.install("dockpass", str(place.tools)).routes == ["c.test"]
    assert place.config == {
        "auths": {"c.test": {}, "plain.test": BOBS},
        "credHelpers": {"a.test": "pass", "b.test": "", "c.test": "dockpass"},
    }
    place.write({"credsStore": "pass"})
    assert helpers.install("dockpass", str(place.tools)).routes == []
    assert place.config == {"credsStore": "pass"}


def test_a_folder_that_is_not_on_path_gets_no_routes(place: Any) -> None:
    place.vault.put("reg.test", ALICE)
    done = helpers.install("dockpass", str(place.folder / "off"))
    assert done.routes == []
    assert "is not on PATH" in done.notes[0]
    assert not (place.docker / "config.json").exists()


def test_another_program_that_stands_before_it(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place.vault.put("reg.test", ALICE)
    first = place.program()
    behind = place.folder / "behind"
    monkeypatch.setenv("PATH", f"{place.tools}{os.pathsep}{behind}")
    done = helpers.install("dockpass", str(behind))
    assert done.notes == [f"docker finds {first} first, which stands before it on PATH"]
    assert done.routes == []
    assert not (place.docker / "config.json").exists()
    # One of ours is as good.
    first.unlink()
    launcher.install("dockpass", str(place.tools))
    done = helpers.install("dockpass", str(behind))
    assert (len(done.notes), done.routes) == (1, ["reg.test"])


def test_another_program_where_the_folder_is_not_on_path(place: Any) -> None:
    place.vault.put("reg.test", ALICE)
    found = place.program()
    off = place.folder / "off"
    done = helpers.install("dockpass", str(off))
    assert done.notes == [f"{off} is not on PATH: docker finds {found} instead"]
    assert done.routes == []
    found.unlink()
    launcher.install("dockpass", str(place.tools))
    done = helpers.install("dockpass", str(off))
    assert done.notes == [f"{off} is not on PATH: docker finds {found} instead"]
    assert done.routes == ["reg.test"]


PIPS = f"""\
#!/bin/sh
"exec" '{sys.executable}' "$0" "$@"
import sys
sys.path[:0] = [{SOURCE!r}]
from dockpass.helper.own import run
sys.exit(run())
"""


@pytest.fixture
def environment(place: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A virtual environment that runs this, whose programs stand before the usual folder on PATH."""
    local = place.folder / ".local" / "bin"
    local.mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(place.folder))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setenv("PATH", f"{place.tools}{os.pathsep}{local}")
    return local


def test_the_copy_of_this_environment_is_enough(place: Any, environment: Any) -> None:
    place.vault.put("reg.test", ALICE)
    own = place.program(PIPS.encode())
    done = helpers.install("dockpass")
    assert (done.path, done.is_new, done.notes, done.routes) == (str(own), False, [], ["reg.test"])
    assert os.listdir(environment) == []
    assert own.read_text() == PIPS
    # It is asked for elsewhere.
    done = helpers.install("dockpass", str(environment))
    assert (os.path.dirname(done.path), done.is_new) == (str(environment), True)


@pytest.mark.parametrize(
    "text",
    [
        PIPS.replace(sys.executable, "/gone/python"),
        "#!/bin/sh\n# from dockpass.helper.own import run\necho 'docker-credential-dockpass (dockpass) 0.0.0'\n",
    ],
)
def test_one_that_is_broken_or_of_another_version_is_not(text: str, place: Any, environment: Any) -> None:
    own = place.program(text.encode())
    done = helpers.install("dockpass")
    assert (os.path.dirname(done.path), done.is_new) == (str(environment), True)
    assert done.notes == [f"docker finds {own} first, which stands before it on PATH"]


def test_neither_is_one_of_another_environment(place: Any, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place.program(PIPS.encode())
    monkeypatch.setattr(sys, "prefix", str(place.folder / "another"))
    assert helpers.install("dockpass").is_new


def test_a_config_json_that_cannot_be_read(place: Any) -> None:
    (place.docker / "config.json").write_text("{")
    with pytest.raises(ConfigMalformed):
        helpers.install("dockpass", str(place.tools))
    with pytest.raises(ConfigMalformed):
        traces.uninstall("dockpass")
    assert (place.tools / "docker-credential-dockpass").exists()


class Kept(MemoryStore):
    """What stands for the keyring of this session."""

    name = "secretservice"
    servers = ("reg.test", "led.test", "plain.test", "vault.test")

    def __init__(self, **_how: object) -> None:
        super().__init__()
        for server in self.servers:
            self.put(server, ALICE)


class Silent(Kept):
    def list(self) -> dict[str, str]:
        raise StoreUnavailable("there is no keyring")


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(sys.modules, "keyring_of_a_test", sys.modules[__name__])
    monkeypatch.setitem(built_in.STORES, "secretservice", ("keyring_of_a_test", "Kept"))
    return monkeypatch


def test_a_drop_in_makes_known_what_only_it_has(place: Any, keyring: Any) -> None:
    place.vault.put("vault.test", ALICE)
    config = {"auths": {"plain.test": BOBS}, "credHelpers": {"led.test": "pass"}}
    place.write(config)
    done = helpers.install("secretservice", str(place.tools))
    assert (done.routes, done.notes) == (["reg.test"], [])
    assert place.config["credHelpers"] == {"led.test": "pass", "reg.test": "secretservice"}
    assert place.config["auths"] == {"plain.test": BOBS, "reg.test": {}}
    assert "credsStore" not in place.config
    gone = traces.uninstall("secretservice")
    assert gone.removed == [done.path]
    assert place.config == config


def test_a_drop_in_whose_store_does_not_answer_is_installed(place: Any, keyring: Any) -> None:
    keyring.setitem(built_in.STORES, "secretservice", ("keyring_of_a_test", "Silent"))
    done = helpers.install("secretservice", str(place.tools))
    assert done.routes == []
    assert "there is no keyring" in done.notes[0]


def test_config_json_goes_on_to_lead_to_somebody_elses_program(
    place: Any, keyring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = place.program(name="docker-credential-secretservice")
    before = place.folder / "before"
    monkeypatch.setenv("PATH", f"{before}:{place.tools}")
    done = helpers.install("secretservice", str(before))
    assert sorted(place.config["credHelpers"]) == sorted(Kept.servers)
    config = place.config
    assert not traces.traces("secretservice").logins
    gone = traces.uninstall("secretservice")
    assert gone.removed == [done.path]
    assert gone.notes == [f"docker goes on asking {other}, which is not dockpass's"]
    assert place.config == config
    assert other.exists()


def test_podman_finds_docker_hub_in_openbao_by_a_route_of_its_own(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring_of_a_test", sys.modules[__name__])
    monkeypatch.setitem(built_in.STORES, "openbao", ("keyring_of_a_test", "Kept"))
    monkeypatch.setattr(Kept, "servers", (HUB,))
    place.write({"auths": {}})
    assert helpers.install("openbao", str(place.tools)).routes == [HUB]
    assert place.config["credHelpers"] == {HUB: "openbao", "docker.io": "openbao"}
    assert len(traces.traces("openbao").logins) == 1
    traces.uninstall("openbao")
    assert place.config == {"auths": {}}
