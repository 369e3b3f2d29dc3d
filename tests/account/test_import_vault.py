"""An import and config.json: docker is led to what it did not find, and nowhere else."""

from __future__ import annotations

import os
from typing import Any

import pytest

from dockpass.account import export_vault, import_vault
from dockpass.account.look_up import get
from dockpass.credential import Credential
from dockpass.errors import ArchiveUnusable, ConfigMalformed
from dockpass.vault.archive import Login
from dockpass.vault.collect import collect
from dockpass.vault.home import Home
from dockpass.vault.keep import put

HUB = "https://index.docker.io/v1/"
WONDER = Credential("alice", "wonder")


def logins(*servers: str) -> list[Login]:
    return [Login(server, WONDER, active=True) for server in servers]


def test_docker_and_podman_are_led_there(helped: Any) -> None:
    done = import_vault.put(Home(), logins("a.test", HUB))
    assert (done.routes, done.notes, done.is_whole) == (["a.test", HUB], [], True)
    assert helped.config == {
        "auths": {"a.test": {}, HUB: {}},
        "credHelpers": {"a.test": "dockpass", HUB: "dockpass", "docker.io": "dockpass"},
        "credsStore": "dockpass",
    }
    found = get("a.test")
    assert found == WONDER
    again = import_vault.put(Home(), logins("a.test", HUB))
    assert again.routes == []


def test_keys_that_no_registry_has_lead_nowhere(helped: Any) -> None:
    done = import_vault.put(Home(), logins("*", "*.test", "../../x", "a.test/team", "evil.test\u202e"))
    assert (done.routes, len(done.vault.added)) == ([], 5)
    assert not (helped.docker / "config.json").exists()


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"credHelpers": {"a.test": "pass"}}, "leads to docker-credential-pass"),
        ({"credHelpers": {"*.test": "pass"}}, "leads to docker-credential-pass"),
        ({"credsStore": "secretservice"}, "leads to docker-credential-secretservice"),
        ({"credHelpers": {"a.test": ""}}, "has, or is to have, its own"),
        ({"auths": {"a.test": {"auth": "YTpi"}}}, "has, or is to have, its own"),
        ({"auths": {"a.test": {"auth": "YTpi"}}, "credsStore": "dockpass"}, None),
    ],
)
def test_what_config_json_says_stays(config: Any, says: str | None, helped: Any) -> None:
    helped.write(config)
    done = import_vault.put(Home(), logins("a.test"))
    assert helped.config == config
    assert done.routes == []
    assert [(says or "") in note for note in done.notes] == ([True] if says else [])
    assert len(done.vault.added) == 1


def test_a_dry_run_leads_nowhere(helped: Any) -> None:
    done = import_vault.put(Home(), logins("a.test"), dry_run=True)
    assert done.routes == ["a.test"]
    assert not (helped.docker / "config.json").exists()
    assert not os.path.exists(Home().path)


def test_without_our_helper_a_route_would_break_every_pull(place: Any) -> None:
    done = import_vault.put(Home(), logins("a.test"))
    assert ["dockpass helper install dockpass" in note for note in done.notes] == [True]
    assert not (place.docker / "config.json").exists()
    assert import_vault.put(Home(), []).notes == []


def test_killed_before_the_routes_the_next_one_writes_them(helped: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_vault.document, "change", _gone)  # type: ignore[attr-defined]
        with pytest.raises(KeyboardInterrupt):
            import_vault.put(Home(), logins("a.test"))
    assert [login.server for login in collect(Home()).logins] == ["a.test"]
    assert import_vault.put(Home(), logins("a.test")).routes == ["a.test"]
    assert helped.config["credHelpers"] == {"a.test": "dockpass"}


def _gone(*_words: object, **_named: object) -> None:
    raise KeyboardInterrupt


def test_a_server_that_breaks_gets_no_route(helped: Any) -> None:
    put(Home(), "b.test", WONDER)
    os.symlink("/nowhere", os.path.join(Home().path, "vault", "a.test"))
    done = import_vault.put(Home(), logins("a.test", "b.test"))
    assert ([server for server, _error in done.vault.failed], done.routes) == (["a.test"], ["b.test"])
    assert not done.is_whole


def test_a_broken_config_json_stops_it_before_anything(place: Any) -> None:
    (place.docker / "config.json").write_text("{")
    with pytest.raises(ConfigMalformed):
        import_vault.put(Home(), logins("a.test"))
    assert not os.path.exists(Home().path)


def test_the_key_that_opens_it(place: Any, tmp_path: Any) -> None:
    old = Home(str(tmp_path / "old"))
    put(old, "a.test", WONDER)
    data = export_vault.sealed(old, collect(old).logins).data
    assert import_vault.opened(old, data, "x") == logins("a.test")
    with pytest.raises(ArchiveUnusable, match="there is no vault here that has one"):
        import_vault.opened(Home(), data, "x")
    with pytest.raises(ArchiveUnusable, match="is not an age file"):
        import_vault.opened(Home(), b"nothing", "x")
    key = (tmp_path / "old" / "identity.txt").read_bytes()
    assert import_vault.opened(Home(), data, "x", key, "key") == logins("a.test")
