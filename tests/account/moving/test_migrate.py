"""Logins moved from config.json into the vault: none is lost, wherever it stops and whoever else is at work."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import dockpass
from dockpass.account.moving import one
from dockpass.account.moving.migrate import migrate, movable
from dockpass.config import document
from dockpass.credential import Credential, Secret
from dockpass.errors import (
    AgeFailed,
    BadServer,
    DockpassError,
    FileUnreadable,
    FileUnwritable,
    HelperMissing,
    NotMoved,
    VaultLocked,
)
from dockpass.stores.age import AgeStore
from dockpass.stores.vaulted import Vaulted
from dockpass.vault.home import Home
from dockpass.vault.identity import make

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.vault.chosen import Version

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
ALICE = Credential("alice", "wonder")
ALICES = {"auth": "YWxpY2U6d29uZGVy"}
BOB = Credential("bob", "plain")
BOBS = {"auth": "Ym9iOnBsYWlu"}
HUB = "https://index.docker.io/v1/"


def test_every_plain_login_is_moved_and_docker_is_led_to_it(helped: Any) -> None:
    token = {"auth": "YWxpY2U6", "identitytoken": "t0ken"}
    helped.write({"auths": {"a.test": ALICES, HUB: BOBS, "t.test": token}, "HttpHeaders": {"X": "y"}})
    said: list[tuple[str, int, int]] = []
    done = migrate(said=lambda *words: said.append(words))
    assert (done.moved, done.left) == (["a.test", HUB, "t.test"], [])
    assert said == [("a.test", 1, 3), (HUB, 2, 3), ("t.test", 3, 3)]
    assert helped.config == {
        "auths": {"a.test": {}, HUB: {}, "t.test": {}},
        "HttpHeaders": {"X": "y"},
        "credHelpers": {"a.test": "dockpass", HUB: "dockpass", "docker.io": "dockpass", "t.test": "dockpass"},
        "credsStore": "dockpass",
    }
    assert helped.vault.get("a.test") == ALICE
    assert helped.vault.get(HUB) == BOB
    assert helped.vault.get("t.test") == Credential("alice", "t0ken", is_identity_token=True)
    again = migrate()
    assert (again.moved, again.left) == ([], [])


def test_other_fields_of_an_entry_stay(helped: Any) -> None:
    helped.write({"auths": {"a.test": {**ALICES, "email": "a@b", "registrytoken": "r"}}})
    migrate()
    assert helped.config["auths"] == {"a.test": {"email": "a@b", "registrytoken": "r"}}


def test_an_old_spelling_is_led_to_under_the_key_that_docker_asks_for(helped: Any) -> None:
    helped.write({"auths": {"https://a.test/v1/": ALICES}})
    migrate()
    assert helped.config["credHelpers"] == {"https://a.test/v1/": "dockpass", "a.test": "dockpass"}
    program = str(helped.tools / "docker-credential-dockpass")
    done = subprocess.run([program, "get"], input=b"a.test", capture_output=True, check=True)
    assert json.loads(done.stdout) == {"ServerURL": "a.test", "Username": "alice", "Secret": "wonder"}


def test_dockers_own_tokens_are_moved_and_parts_of_a_registry_are_not(helped: Any) -> None:
    helped.write({"auths": {f"{HUB}access-token": ALICES, "a.test/team": BOBS, "not a host": BOBS}})
    done = migrate()
    assert done.moved == [f"{HUB}access-token"]
    assert [key for key, _reason in done.left] == ["a.test/team", "not a host"]
    assert "part of a registry" in done.left[0][1]
    assert helped.config["auths"] == {f"{HUB}access-token": {}, "a.test/team": BOBS, "not a host": BOBS}
    assert "credsStore" not in helped.config


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"credsStore": "pass"}, "docker-credential-pass has it"),
        ({"credHelpers": {"a.test": "pass"}}, "docker-credential-pass has it"),
        ({"credHelpers": {"a.test": ""}}, "it is to stay in the file"),
    ],
)
def test_what_config_json_says_is_obeyed(config: dict[str, object], reason: str, helped: Any) -> None:
    config = {"auths": {"a.test": ALICES}, **config}
    helped.write(config)
    done = migrate()
    assert done.moved == []
    assert reason in done.left[0][1]
    assert helped.config == config
    assert helped.vault.list() == {}


def test_a_broken_entry_and_one_with_two_secrets_stay(helped: Any) -> None:
    both = {"auth": ALICES["auth"], "identitytoken": "t"}
    helped.write({"auths": {"broken.test": {"auth": "!"}, "both.test": both, "a.test": ALICES}})
    assert movable(document.read(str(helped.docker))) == 1
    done = migrate()
    assert done.moved == ["a.test"]
    assert "not base64" in dict(done.left)["broken.test"]
    assert "a password beside its identity token" in dict(done.left)["both.test"]
    assert helped.config["auths"] == {"broken.test": {"auth": "!"}, "both.test": both, "a.test": {}}


def test_what_the_vault_cannot_hold_stays_and_the_others_are_moved(helped: Any) -> None:
    helped.write({"auths": {"odd.test": {"auth": "YWxpY2U6/w=="}, "b.test": BOBS}})
    done = migrate()
    assert done.moved == ["b.test"]
    assert "not text" in dict(done.left)["odd.test"]
    assert helped.config["auths"]["odd.test"] == {"auth": "YWxpY2U6/w=="}


def test_a_dry_run_changes_nothing(place: Any) -> None:
    config = {"auths": {"a.test": ALICES, "broken.test": {"auth": "!"}}}
    place.write(config)
    said: list[str] = []
    done = migrate(dry_run=True, said=lambda key, _number, _total: said.append(key))
    assert (done.moved, said, len(done.left)) == (["a.test"], ["a.test"], 1)
    assert place.config == config
    assert place.vault.list() == {}


def test_without_the_helper_nothing_is_moved(place: Any) -> None:
    migrate()  # there is nothing
    place.write({"auths": {"a.test": ALICES}})
    with pytest.raises(HelperMissing) as caught:
        migrate()
    assert caught.value.hint == "dockpass helper install dockpass"
    assert place.config == {"auths": {"a.test": ALICES}}


def test_a_locked_vault_takes_nothing(helped: Any) -> None:
    make(Home(), Secret("correct horse"))
    helped.write({"auths": {"a.test": ALICES}})
    with pytest.raises(VaultLocked):
        migrate()
    assert helped.config == {"auths": {"a.test": ALICES}}


def test_another_login_in_the_vault_stays_in_use(helped: Any) -> None:
    helped.vault.put("a.test", Credential("alice", "newer?"))
    helped.vault.put("b.test", ALICE)
    helped.vault.put("c.test", ALICE)
    helped.write({"auths": {"a.test": ALICES, "b.test": BOBS, "c.test": ALICES}})
    done = migrate()
    assert done.moved == ["c.test"]
    assert dict(done.left) == {
        key: f"the vault has another login for it; say which is right: dockpass login --store age {key}"
        for key in ("a.test", "b.test")
    }
    assert helped.vault.get("a.test") == Credential("alice", "newer?")
    assert helped.vault.get("b.test") == ALICE
    assert helped.config["auths"] == {"a.test": ALICES, "b.test": BOBS, "c.test": {}}


class LoggingIn:
    """Somebody who logs in while a login for the same key is moved: into the vault first, then config.json."""

    def __init__(self, helped: Any, credential: Credential) -> None:
        self.store = Vaulted(helped.vault, str(helped.docker), routes=True)
        self.vault = helped.vault
        self.docker = str(helped.docker)
        self.credential = credential

    def first_half(self) -> None:
        AgeStore.put(self.vault, "a.test", self.credential)

    def whole(self) -> None:
        self.store.put("a.test", self.credential)


@pytest.mark.parametrize("credential", [Credential("alice", "newer"), BOB])
@pytest.mark.parametrize("part", ["first_half", "whole"])
@pytest.mark.parametrize(
    ("step", "when"),
    [
        ("version", "before"),
        ("version", "after"),
        ("get", "before"),
        ("get", "after"),
        ("put_over", "before"),
        ("put_over", "after"),
        ("_out_of_file", "before"),
        ("_out_of_file", "after"),
    ],
)
def test_an_older_login_is_never_put_over_a_newer_one(
    credential: Credential, part: str, step: str, when: str, helped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    helped.write({"auths": {"a.test": ALICES}})
    log_in = getattr(LoggingIn(helped, credential), part)
    where: Any = one if step == "_out_of_file" else AgeStore
    real = getattr(where, step)

    def call(*words: Any) -> Any:
        monkeypatch.setattr(where, step, real)
        if when == "before":
            log_in()
        done = real(*words)
        if when == "after":
            log_in()
        return done

    monkeypatch.setattr(where, step, call)
    migrate()
    assert helped.vault.get("a.test") == credential
    current = document.read(str(helped.docker))
    if current.cred_helpers.get("a.test") == "dockpass":
        assert not current.holds_secrets
    else:  # the newer one is not in config.json yet, and so what was there still is
        assert (part, current.auth("a.test")) == ("first_half", ALICE)


@pytest.mark.parametrize(("step", "when"), [("get", "before"), ("erase_only", "before"), ("erase_only", "after")])
def test_a_newer_login_is_not_erased_with_one_that_was_logged_out(
    step: str, when: str, helped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    helped.write({"auths": {"a.test": ALICES}})
    newer = Credential("alice", "newer")
    real, real_put = getattr(AgeStore, step), AgeStore.put_over

    def call(*words: Any) -> Any:
        monkeypatch.setattr(AgeStore, step, real)
        if when == "before":
            helped.vault.put("a.test", newer)
        done = real(*words)
        if when == "after":
            helped.vault.put("a.test", newer)
        return done

    def log_out(*words: Any) -> Any:
        done = real_put(*words)
        helped.write({})
        monkeypatch.setattr(AgeStore, "get", real_get)
        monkeypatch.setattr(AgeStore, step, call)
        return done

    real_get = AgeStore.get
    monkeypatch.setattr(AgeStore, "put_over", log_out)
    assert migrate().moved == []
    assert helped.vault.get("a.test") == newer


def test_a_damaged_login_in_the_vault_stops_no_other(helped: Any) -> None:
    helped.vault.put("a.test", ALICE)
    [sealed] = (helped.folder / ".local/share/dockpass/vault/a.test").glob("*.age")
    sealed.write_bytes(b"x")
    helped.write({"auths": {"a.test": ALICES, "b.test": BOBS}})
    done = migrate()
    assert done.moved == ["b.test"]
    [(key, error)] = done.failed
    assert (key, error.id, done.left) == ("a.test", "credential-damaged", [])
    assert str(sealed) in error.message
    assert helped.config["auths"]["a.test"] == ALICES


@pytest.mark.parametrize("given", [None, Credential("alice", "other")])
def test_a_vault_that_does_not_give_it_back_loses_nothing(
    given: Credential | None, helped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    helped.write({"auths": {"a.test": ALICES}})
    answers = iter((None, None, given, given))
    with monkeypatch.context() as patch:
        patch.setattr(AgeStore, "get", lambda _store, _server: next(answers))
        done = migrate()
    [(key, error)] = done.failed
    assert (key, type(error), done.moved, done.left) == ("a.test", NotMoved, [], [])
    assert "does not give back" in error.message
    assert helped.config == {"auths": {"a.test": ALICES}}


@pytest.mark.parametrize("failure", [AgeFailed, FileUnreadable, FileUnwritable])
@pytest.mark.parametrize("step", ["version", "get", "put_over"])
def test_what_breaks_with_one_login_stops_no_other(
    step: str, failure: type[DockpassError], helped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    helped.write({"auths": {"a.test": ALICES, "b.test": BOBS}})
    real = getattr(AgeStore, step)

    def call(store: AgeStore, server: str, *words: Any) -> Any:
        if server == "a.test":
            raise failure("it is broken", "mend it")
        return real(store, server, *words)

    with monkeypatch.context() as patch:
        patch.setattr(AgeStore, step, call)
        done = migrate()
    assert (done.moved, [key for key, _error in done.failed]) == (["b.test"], ["a.test"])
    assert helped.config["auths"] == {"a.test": ALICES, "b.test": {}}
    assert migrate().moved == ["a.test"]


ALIASES = {"a.test": ALICES, "https://a.test/v1/": ALICES, "a.test/team": BOBS, HUB: BOBS, f"{HUB}access-token": BOBS}


@pytest.mark.parametrize(
    ("named", "moved"),
    [
        ((), ["a.test", "https://a.test/v1/", HUB, f"{HUB}access-token"]),
        (("HTTPS://A.test/",), ["a.test", "https://a.test/v1/"]),
        (("https://a.test/v1/",), ["a.test", "https://a.test/v1/"]),
        (("docker.io", "a.test"), ["a.test", "https://a.test/v1/", HUB, f"{HUB}access-token"]),
        ((f"{HUB}access-token",), [f"{HUB}access-token"]),
        (("a.test/team",), []),
        (("other.test",), []),
    ],
)
def test_only_the_servers_that_are_named_are_moved(named: tuple[str, ...], moved: list[str], helped: Any) -> None:
    helped.write({"auths": ALIASES})
    done = migrate(named)
    assert done.moved == moved
    assert [key for key, _reason in done.left] == (["a.test/team"] if named in ((), ("a.test/team",)) else [])
    assert [server.key for server in done.unknown] == (["other.test"] if named == ("other.test",) else [])
    assert {key for key, entry in helped.config["auths"].items() if entry} == {*ALIASES} - {*moved}


def test_a_name_that_is_no_server_moves_nothing(helped: Any) -> None:
    helped.write({"auths": {"a.test": ALICES}})
    with pytest.raises(BadServer):
        migrate(["a.test", "not a host"])
    assert helped.config == {"auths": {"a.test": ALICES}}


@pytest.mark.parametrize(("where", "name"), [(AgeStore, "put_over"), (one, "_out_of_file"), (document, "change")])
def test_stopped_between_two_steps_and_run_again(
    where: object, name: str, helped: Any, killed: Callable[[object, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"auths": {"a.test": ALICES, "b.test": BOBS}}
    helped.write(config)
    with monkeypatch.context():
        killed(where, name)
        with pytest.raises(KeyboardInterrupt):
            migrate()
    assert helped.config == config
    monkeypatch.undo()


def test_a_login_that_changes_meanwhile_is_moved_as_it_is_now(helped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    helped.write({"auths": {"a.test": ALICES}})
    real = AgeStore.put_over
    times: list[int] = []

    def put(store: AgeStore, server: str, credential: Credential, before: Version | None) -> Version | None:
        done = real(store, server, credential, before)
        if not times:
            times.append(1)
            document.change(str(helped.docker), lambda current: current.set_auth(server, Credential("alice", "new")))
        return done

    monkeypatch.setattr(AgeStore, "put_over", put)
    assert migrate().moved == ["a.test"]
    assert helped.vault.get("a.test") == Credential("alice", "new")
    assert helped.config["auths"] == {"a.test": {}}


def test_one_that_changes_all_the_time_stays(helped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    helped.write({"auths": {"a.test": ALICES}})
    real = AgeStore.put_over
    times: list[int] = []

    def put(store: AgeStore, server: str, credential: Credential, before: Version | None) -> Version | None:
        done = real(store, server, credential, before)
        times.append(1)
        new = Credential("alice", f"new{len(times)}")
        document.change(str(helped.docker), lambda current: current.set_auth(server, new))
        return done

    monkeypatch.setattr(AgeStore, "put_over", put)
    done = migrate()
    assert (done.moved, len(done.left)) == ([], 1)
    assert document.read(str(helped.docker)).auth("a.test") == Credential("alice", f"new{len(times)}")


@pytest.mark.parametrize("before", [None, ALICE])
def test_who_logs_out_meanwhile_is_logged_out(
    before: Credential | None, helped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before is not None:
        helped.vault.put("a.test", before)
    helped.write({"auths": {"a.test": ALICES}})
    real = one._out_of_file

    def take_out(*words: Any) -> bool:
        helped.write({})
        return real(*words)

    monkeypatch.setattr(one, "_out_of_file", take_out)
    done = migrate()
    assert (done.moved, done.left) == ([], [])
    # What was there before is not ours to erase.
    assert (helped.vault.get("a.test") is None) is (before is None)


def test_an_entry_that_breaks_or_goes_elsewhere_meanwhile(helped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    helped.write({"auths": {"a.test": ALICES}})
    real = AgeStore.put_over

    def put(store: AgeStore, server: str, credential: Credential, before: Version | None) -> Version | None:
        done = real(store, server, credential, before)
        helped.write({"auths": {"a.test": {"auth": "!"}}})
        return done

    monkeypatch.setattr(AgeStore, "put_over", put)
    done = migrate()
    assert done.moved == []
    assert "not base64" in done.left[0][1]
    assert helped.config == {"auths": {"a.test": {"auth": "!"}}}
