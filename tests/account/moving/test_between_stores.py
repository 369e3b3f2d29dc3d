"""Logins moved between any two stores: none is lost, none is left behind, and docker is led to where they are."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.account.look_up import get
from dockpass.account.moving.migrate import migrate
from dockpass.credential import Credential
from dockpass.errors import (
    BadServer,
    DockpassError,
    HelperFailed,
    HelperMissing,
    NotMoved,
    ReadOnlyStore,
    StoreLocked,
    StoreUnavailable,
    UnknownStore,
    UsageError,
)
from dockpass.stores.age import AgeStore
from dockpass.stores.file import FileStore
from dockpass.stores.lead import leads, plain_keys
from dockpass.stores.memory import OF_THIS_PROCESS
from dockpass.stores.program import ProgramStore
from dockpass.stores.route import choose

if TYPE_CHECKING:
    from collections.abc import Callable

ALICE, BOB = Credential("alice", "wonder"), Credential("bob", "plain")
TOKEN = Credential("", "t0ken", is_identity_token=True)
HUB = "https://index.docker.io/v1/"
LOGINS = {"a.test": ALICE, HUB: BOB, "t.test:5000": TOKEN}
STORES = ("file", "age", "scripted", "other")
PAIRS = [(source, target) for source in STORES for target in STORES if source != target]


@pytest.mark.parametrize(
    ("source", "target", "by_default"),
    [(*pair, by_default) for pair in PAIRS for by_default in (False, True) if not (by_default and pair[0] == "file")],
)
def test_all_are_moved_and_found_where_they_are(source: str, target: str, by_default: bool, house: Any) -> None:
    house.log_in(source, LOGINS, by_default=by_default)
    house.check(source, LOGINS)
    done = migrate(source=source, target=target)
    assert (done.moved, done.left, done.failed) == (list(house.bare(target).store.list()), [], [])
    house.check(target, LOGINS)
    if by_default:
        assert house.document.creds_store == {"file": "", "age": "dockpass"}.get(target, target)
    again = migrate(source=source, target=target)
    assert (again.moved, again.left, again.failed) == ([], [], [])
    house.check(target, LOGINS)
    # And back, as if nothing had been.
    assert sorted(migrate([*LOGINS], source=target, target=source).moved) == sorted(LOGINS)
    house.check(source, LOGINS)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_dry_run_says_the_same_and_changes_nothing(source: str, target: str, house: Any) -> None:
    house.log_in(source, LOGINS)
    before = house.document.render()
    kept = {name: helper.kept for name, helper in house.helpers.items()}
    done = migrate(source=source, target=target, dry_run=True)
    assert sorted(done.moved) == sorted(LOGINS)
    assert house.document.render() == before
    assert {name: helper.kept for name, helper in house.helpers.items()} == kept
    house.check(source, LOGINS)


def test_the_user_of_an_identity_token_stays_where_it_can(house: Any) -> None:
    token = Credential("alice", "t0ken", is_identity_token=True)
    house.log_in("file", {"t.test": token})
    assert migrate(source="file", target="age").moved == ["t.test"]
    assert house.bare("age").store.get("t.test") == token
    assert migrate(source="age", target="scripted").moved == ["t.test"]
    assert house.helpers["scripted"].kept == {"t.test": ("<token>", "t0ken")}
    assert migrate(source="scripted", target="file").moved == ["t.test"]
    house.check("file", {"t.test": Credential("", "t0ken", is_identity_token=True)})


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_another_login_in_the_new_store_stays_in_use(source: str, target: str, house: Any) -> None:
    house.log_in(source, {"a.test": ALICE, "b.test": BOB})
    newer = Credential("alice", "newer?")
    house.bare(target).store.put("a.test", newer)
    for dry_run in (True, False):
        done = migrate(source=source, target=target, dry_run=dry_run)
        assert done.moved == ["b.test"]
        [(key, reason)] = done.left
        assert (key, "another login" in reason) == ("a.test", True)
    assert house.bare(source).store.get("a.test") == ALICE
    assert house.bare(target).store.get("a.test") == newer


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_same_login_in_both_is_only_taken_from_the_old_store(source: str, target: str, house: Any) -> None:
    house.log_in(source, LOGINS)
    for key, credential in LOGINS.items():
        house.bare(target).store.put(key, credential)
    if "file" in (source, target):
        # As an interrupted run leaves it: config.json still leads to the old store.
        house.place.write({**house.place.config, "credHelpers": dict.fromkeys(LOGINS, _named(source))})
    assert sorted(migrate([*LOGINS], source=source, target=target).moved) == sorted(LOGINS)
    house.check(target, LOGINS)


def _named(store: str) -> str:
    return {"file": "", "age": "dockpass"}.get(store, store)


def test_what_the_new_store_cannot_hold_stays(house: Any) -> None:
    house.log_in("file", {"a.test": ALICE, "b.test": Credential("bob", "x\udcff")})
    done = migrate(source="file", target="scripted")
    assert done.moved == ["a.test"]
    assert "not UTF-8" in dict(done.left)["b.test"]
    assert plain_keys(house.document) == ["b.test"]


def test_a_login_that_config_json_says_is_elsewhere_stays(house: Any) -> None:
    house.log_in("scripted", {"a.test": ALICE})
    house.helpers["other"].keep("a.test", "alice", "old")
    done = migrate(source="other", target="age")
    assert dict(done.left) == {"a.test": "config.json says that docker-credential-scripted has it"}
    assert house.helpers["other"].kept == {"a.test": ("alice", "old")}


def test_a_login_that_was_to_stay_in_the_file_is_moved_if_it_is_named(house: Any) -> None:
    house.place.write({"credsStore": "other"})
    house.log_in("file", {"a.test": ALICE})
    assert house.document.cred_helpers == {"a.test": ""}
    [(_key, reason)] = migrate(target="other").left
    assert reason == "config.json says that it is to stay in the file; to move it all the same: dockpass migrate a.test"
    assert migrate(["A.test"], target="other").moved == ["a.test"]
    house.check("other", {"a.test": ALICE})


def test_what_nobody_used_does_not_take_the_place_of_what_is_in_use(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A helper that config.json does not name may have logins from long ago."""
    for key in ("plain.test", "vault.test", "free.test"):
        house.helpers["other"].keep(key, "alice", "long ago")
    house.log_in("file", {"plain.test": ALICE})
    AgeStore().put("vault.test", BOB)
    monkeypatch.setenv("DOCKPASS_STORE", "age")
    done = migrate(source="other", target="scripted")
    assert done.moved == ["free.test"]
    assert dict(done.left) == {
        "plain.test": "config.json has another login for plain.test; say which is right: dockpass login plain.test",
        "vault.test": "the vault has another login for it, which is in use; say which is right: dockpass login --store "
        "scripted vault.test",
    }
    assert house.document.auth("plain.test") == ALICE
    assert {key for key, helper in house.document.cred_helpers.items() if helper == "scripted"} == {"free.test"}


def test_a_secret_in_config_json_that_no_one_would_use_is_not_dropped_either(house: Any) -> None:
    house.log_in("scripted", {"a.test": ALICE})
    house.place.write({"auths": {"a.test": {"auth": "Ym9iOnBsYWlu"}}, "credHelpers": {"a.test": "scripted"}})
    done = migrate(source="scripted", target="age")
    assert "config.json has another login" in dict(done.left)["a.test"]
    assert house.document.auth("a.test") == BOB
    assert house.helpers["scripted"].kept == {"a.test": ("alice", "wonder")}


def test_other_users_logins_are_not_erased_with_the_one_in_use(house: Any) -> None:
    house.log_in("age", {"a.test": BOB, "b.test": BOB})
    house.log_in("age", {"a.test": ALICE})
    done = migrate(source="age", target="scripted")
    assert done.moved == ["b.test"]
    [(key, reason)] = done.left
    assert (key, "logins of other users for it too (bob)" in reason) == ("a.test", True)
    assert house.bare("age").store.others("a.test") == ["bob"]
    assert house.bare("age").store.get("a.test") == ALICE


def test_parts_of_a_registry_stay_but_on_the_way_into_the_file(house: Any) -> None:
    for key in ("a.test/team", "a.test"):
        house.helpers["other"].keep(key, "alice", "wonder")
    [(key, reason)] = migrate(["a.test/team"], source="other", target="age").left
    assert (key, "part of a registry" in reason) == ("a.test/team", True)
    assert migrate(["a.test/team"], source="other", target="file").moved == ["a.test/team"]
    assert migrate(source="other", target="age").moved == ["a.test"]
    assert house.document.auth("a.test/team") == ALICE


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [
        ("file", "file", UsageError),
        ("age", "dockpass", UsageError),
        ("memory", "age", UsageError),
        ("file", "memory", UsageError),
        ("file", "age,file", UsageError),
        ("file", "../x", UnknownStore),
        ("file", "nothere", HelperMissing),
        ("nothere", "file", HelperMissing),
    ],
)
def test_what_is_no_way(source: str, target: str, error: type[DockpassError], house: Any) -> None:
    house.log_in("file", LOGINS)
    before = house.document.render()
    for dry_run in (True, False):
        with pytest.raises(error) as caught:
            migrate(source=source, target=target, dry_run=dry_run)
        assert caught.value.hint
    assert house.document.render() == before
    assert OF_THIS_PROCESS.list() == {}


def test_a_store_that_docker_would_not_find_takes_nothing(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    house.log_in("file", LOGINS)
    monkeypatch.setenv("BAO_ADDR", "http://127.0.0.1:1")
    with pytest.raises(HelperMissing) as caught:
        migrate(target="openbao")
    assert caught.value.hint == "dockpass helper install openbao"
    assert sorted(plain_keys(house.document)) == sorted(LOGINS)
    # But where the variable names it, dockpass finds it: that is what was asked for.
    monkeypatch.setenv("DOCKPASS_STORE", "age")
    os.unlink(house.place.tools / "docker-credential-dockpass")
    assert sorted(migrate().moved) == sorted(LOGINS)
    current = house.document
    assert (current.auth_keys(), current.cred_helpers, current.creds_store) == ([], {}, "")
    assert get("a.test") == ALICE
    # Not where config.json would hide it.
    house.log_in("scripted", {"b.test": BOB}, by_default=True)
    [(key, reason)] = migrate(source="scripted").left
    assert (key, "would hide it" in reason) == ("b.test", True)
    house.place.write({**house.place.config, "credsStore": "", "credHelpers": {"*.test": "scripted"}})
    [(key, reason)] = migrate(source="scripted").left
    assert (key, "would hide it" in reason) == ("b.test", True)
    assert house.helpers["scripted"].kept == {"b.test": ("bob", "plain")}


@pytest.mark.skipif(os.name == "nt", reason="Windows has that store")
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_store_that_cannot_be_used_here_takes_nothing(house: Any, dry_run: bool) -> None:
    house.log_in("scripted", LOGINS, by_default=True)
    with pytest.raises(StoreUnavailable) as caught:
        migrate(source="scripted", target="wincred", dry_run=dry_run)
    assert caught.value.message.startswith("the store wincred is for Windows")
    house.check("scripted", LOGINS)


def test_a_pattern_goes_on_leading_for_what_was_not_moved(house: Any) -> None:
    house.place.write({"credHelpers": {"*.test": "scripted"}})
    house.helpers["scripted"].keep("a.test", "alice", "wonder")
    house.helpers["scripted"].keep("b.test", "bob", "plain")
    assert migrate(["a.test"], source="scripted", target="age").moved == ["a.test"]
    assert leads(house.document, "a.test") == ("dockpass", "credHelpers")
    assert leads(house.document, "b.test") == ("scripted", "credHelpers")


def test_the_default_stays_where_something_does(house: Any) -> None:
    house.log_in("scripted", {"a.test": ALICE, "b.test": BOB}, by_default=True)
    assert migrate(["a.test"], source="scripted", target="other").creds_store is None
    house.helpers["other"].keep("b.test", "bob", "newer")
    assert migrate(source="scripted", target="other").creds_store is None
    assert house.document.creds_store == "scripted"
    house.helpers["other"].keep("b.test", "bob", "plain")
    assert migrate(source="scripted", target="other", dry_run=True).creds_store == "other"
    assert house.document.creds_store == "scripted"
    assert migrate(source="scripted", target="other").creds_store == "other"
    assert house.document.creds_store == "other"


def test_the_vault_does_not_become_the_default_where_that_would_hide_plain_logins(house: Any) -> None:
    house.log_in("scripted", {"a.test": ALICE}, by_default=True)
    house.place.write({**house.place.config, "auths": {"a.test": {}, "b.test": {"auth": "Ym9iOnBsYWlu"}}})
    assert migrate(source="scripted", target="age").creds_store is None
    assert house.document.creds_store == "scripted"


def test_a_helper_that_makes_its_logins_anew_keeps_them(house: Any) -> None:
    house.log_in("scripted", {"a.test": ALICE})
    house.helpers["scripted"].behave("erase", output="not implemented", exit_code=1)
    done = migrate(source="scripted", target="age")
    [(key, error)] = done.failed
    assert (key, type(error)) == ("a.test", ReadOnlyStore)
    assert house.bare("age").store.get("a.test") is None
    assert leads(house.document, "a.test")[0] == "scripted"
    assert get("a.test") == ALICE


def test_two_names_of_one_place_lose_nothing(house: Any) -> None:
    one = house.helpers["scripted"]
    os.unlink(house.place.tools / "docker-credential-other")
    path = house.place.tools / "docker-credential-other"
    path.write_text(f'#!/bin/sh\nexec "{house.place.tools}/docker-credential-scripted" "$@"\n')
    path.chmod(0o755)
    house.log_in("scripted", {"a.test": ALICE})
    done = migrate(source="scripted", target="other")
    [(key, error)] = done.failed
    assert (key, type(error)) == ("a.test", NotMoved)
    assert "in the same place" in error.message
    assert one.kept == {"a.test": ("alice", "wonder")}
    assert leads(house.document, "a.test")[0] == "scripted"


def test_one_that_cannot_be_erased_is_in_both_and_is_said(house: Any) -> None:
    house.log_in("scripted", {"a.test": ALICE, "b.test": BOB})
    house.helpers["scripted"].behave("erase", output="the disk is full", exit_code=1)
    done = migrate(source="scripted", target="other")
    assert [key for key, _error in done.failed] == ["a.test", "b.test"]
    assert all(isinstance(error, HelperFailed) and "disk is full" in error.message for _key, error in done.failed)
    assert {key: get(key) for key in ("a.test", "b.test")} == {"a.test": ALICE, "b.test": BOB}
    house.helpers["scripted"].behave("erase")
    assert migrate(source="scripted", target="other").moved == ["a.test", "b.test"]
    house.check("other", {"a.test": ALICE, "b.test": BOB})


def test_a_helper_that_keeps_something_else_loses_nothing(house: Any) -> None:
    house.log_in("file", {"a.test": ALICE})
    answer = json.dumps({"ServerURL": "a.test", "Username": "alice", "Secret": "wond"})
    real = ProgramStore.exchange

    def exchange(store: ProgramStore, *words: Any) -> bool:
        kept = real(store, *words)
        house.helpers["scripted"].behave("get", output=answer)
        return kept

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgramStore, "exchange", exchange)
        done = migrate(target="scripted")
    [(key, error)] = done.failed
    assert (key, type(error), "does not give back" in error.message) == ("a.test", NotMoved, True)
    assert house.document.auth("a.test") == ALICE


def test_a_locked_store_stops_all(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    house.log_in("scripted", {"a.test": ALICE, "b.test": BOB})

    def locked(*_words: object) -> None:
        raise StoreLocked("it is locked", "unlock it")

    monkeypatch.setattr(ProgramStore, "get", locked)
    with pytest.raises(StoreLocked):
        migrate(source="scripted", target="age")
    assert house.bare("age").store.list() == {}


CLASSES = {"file": FileStore, "age": AgeStore, "scripted": ProgramStore, "other": ProgramStore}


STEPS = [("get", 1), ("get", 2), ("get", 3), ("exchange", 1), ("exchange", 2)]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("source", "target", "step", "nth"),
    # Out of config.json there is one exchange only, into the new store.
    [(*pair, *step) for pair in PAIRS for step in STEPS if (pair[0], *step) != ("file", "exchange", 2)],
)
def test_an_older_login_is_never_put_over_a_newer_one(
    source: str, target: str, step: str, when: str, nth: int, house: Any
) -> None:
    """Somebody logs in, as config.json says at that moment, just before or after a step of the move."""
    house.log_in(source, {"a.test": ALICE})
    newer = Credential("alice", "newer")
    with pytest.MonkeyPatch.context() as patch:
        count = 0

        def at(cls: Any) -> Callable[..., Any]:
            real = getattr(cls, step)

            def call(store: Any, *words: Any) -> Any:
                nonlocal count
                count += 1
                is_now = count == nth
                if is_now and when == "before":
                    choose(house.document, "a.test").put("a.test", newer)
                done = real(store, *words)
                if is_now and when == "after":
                    choose(house.document, "a.test").put("a.test", newer)
                return done

            return call

        for cls in dict.fromkeys((CLASSES[source], CLASSES[target])):
            patch.setattr(cls, step, at(cls))
        migrate(source=source, target=target)
    assert count >= nth
    assert get("a.test") == newer
    migrate(source=source, target=target)
    assert get("a.test") == newer


@pytest.mark.parametrize("store", ["file", "age", "scripted"])
def test_who_logs_in_with_what_he_saw_before_the_move_is_found(store: str, house: Any) -> None:
    """A login takes seconds, and looks at config.json at its beginning."""
    house.log_in(store, {"a.test": ALICE})
    serving = choose(house.document, "a.test")
    assert migrate(source=store, target="other").moved == ["a.test"]
    newer = Credential("alice", "newer")
    serving.put("a.test", newer)
    assert get("a.test") == newer


def test_docker_can_be_led_to_all_of_it(house: Any) -> None:
    """The programs that config.json names give what docker asks for."""
    house.log_in("file", LOGINS)
    migrate(target="scripted")
    for key, helper in house.document.cred_helpers.items():
        command = [str(house.place.tools / f"docker-credential-{helper}"), "get"]
        done = subprocess.run(command, input=key.encode(), capture_output=True, check=True)
        assert json.loads(done.stdout)["Secret"] == LOGINS[key].secret.reveal()


OLD = {"https://a.test/v1/": ALICE, "http://b.test:5000": BOB}


@pytest.mark.parametrize("target", ["scripted", "age"])
@pytest.mark.parametrize("source", ["file", "other"])
def test_an_old_spelling_is_kept_where_docker_and_podman_ask(source: str, target: str, house: Any) -> None:
    for key, credential in OLD.items():
        house.bare(source).store.put(key, credential)
    house.place.write({**(house.place.config if source == "file" else {}), "HttpHeaders": {"X": "y"}})
    assert sorted(migrate(source=source, target=target).moved) == sorted(OLD)
    helper = "dockpass" if target == "age" else target
    for key, credential in (("a.test", ALICE), ("b.test:5000", BOB)):
        assert house.document.cred_helpers[key] == helper
        program = str(house.place.tools / f"docker-credential-{helper}")
        answer = subprocess.run([program, "get"], input=key.encode(), capture_output=True, check=True)
        assert json.loads(answer.stdout)["Secret"] == credential.secret.reveal()
        assert get(key) == credential
    if target == "scripted":
        assert house.document.auth_keys() == ["a.test", "b.test:5000"]
        assert set(house.document.cred_helpers) == {"a.test", "b.test:5000"}
    assert migrate(source=source, target=target).moved == []


@pytest.mark.parametrize("source", ["file", "other"])
def test_of_two_spellings_none_takes_the_place_of_the_other(source: str, house: Any) -> None:
    for key, credential in (("https://a.test/v1/", ALICE), ("a.test", BOB)):
        house.bare(source).store.put(key, credential)
    for _ in range(2):
        done = migrate(source=source, target="scripted")
        assert [key for key, _reason in done.left] == ["https://a.test/v1/"]
        assert house.helpers["scripted"].kept == {"a.test": ("bob", "plain")}
        assert house.bare(source).store.get("https://a.test/v1/") == ALICE
    assert get("a.test") == BOB


def test_a_login_that_another_store_has_under_the_registrys_own_key_is_not_hidden(house: Any) -> None:
    house.log_in("other", {"a.test": BOB})
    FileStore(house.directory).put("https://a.test/v1/", ALICE)
    [(key, reason)] = migrate(target="scripted").left
    assert (key, "docker-credential-other has the login for a.test" in reason) == ("https://a.test/v1/", True)
    assert get("a.test") == BOB


def test_podman_is_led_there_too_where_docker_is_by_default(house: Any) -> None:
    house.log_in("scripted", {"a.test": ALICE}, by_default=True)
    house.place.write({**house.place.config, "auths": {"a.test": {}, "b.test": {"auth": "Ym9iOnBsYWlu"}}})
    assert migrate(target="scripted").moved == ["b.test"]
    assert house.document.cred_helpers == {"b.test": "scripted"}


def test_what_podman_does_not_find_any_more_is_said(house: Any) -> None:
    house.log_in("file", LOGINS)
    assert migrate(target="age").notes == []
    [note] = migrate(source="age", target="scripted").notes
    assert note.endswith("podman login docker.io")
    assert migrate(source="scripted", target="file").notes == []


def test_an_empty_server_moves_nothing(house: Any) -> None:
    house.log_in("file", LOGINS)
    with pytest.raises(BadServer, match="a server is empty"):
        migrate([""])
    house.check("file", LOGINS)


def test_an_old_store_that_cannot_be_used_is_not_taken_for_an_empty_one(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProgramStore, "probe", lambda _store: "it is broken")
    with pytest.raises(StoreUnavailable, match="scripted cannot be used here: it is broken"):
        migrate(source="scripted", target="age")


@pytest.mark.parametrize(("name", "meant"), [("vault", "age"), ("config.json", "file")])
def test_a_name_that_somebody_may_mistake(name: str, meant: str, house: Any) -> None:
    with pytest.raises(UnknownStore) as caught:
        migrate(source="scripted", target=name)
    assert caught.value.hint == f"meant is perhaps: --to {meant}"
    assert house.helpers["scripted"].kept == {}
