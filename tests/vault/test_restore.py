"""Logins of an export put into a vault: nothing that is there is lost, and a second time there is nothing to do."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockpass.credential import Credential
from dockpass.errors import IdentityUnusable, VaultLocked
from dockpass.vault.archive import Login
from dockpass.vault.collect import collect
from dockpass.vault.find import find
from dockpass.vault.keep import put
from dockpass.vault.name import encode
from dockpass.vault.restore import Restored, restore

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.vault.home import Home

SERVER, OTHER, LONG = "reg.test:5000", "../../x", "l" * 300
ALICE, BOB, CAROL = Credential("Alice", 'won"der\n'), Credential("bob", "builder"), Credential("carol", "singer")
TOKEN, NOBODYS = Credential("bob", "t1", is_identity_token=True), Credential("", "t2", is_identity_token=True)
LOGINS = [
    Login(SERVER, ALICE, active=True),
    Login(SERVER, BOB, active=False),
    Login(OTHER, NOBODYS, active=True),
    Login(LONG, Credential("u" * 300, "x"), active=True),
]
NEW = Login(SERVER, Credential("Alice", "new"), active=True)


def found(home: Home) -> dict[tuple[str, Credential], bool]:
    there = collect(home)
    assert (there.damaged, there.notes) == ([], [])
    return {(login.server, login.credential): login.active for login in there.logins}


def wanted(logins: list[Login]) -> dict[tuple[str, Credential], bool]:
    return {(login.server, login.credential): login.active for login in logins}


def counts(done: Restored) -> dict[str, int]:
    return {name: len(getattr(done, name)) for name in done.__slots__ if getattr(done, name)}


def folder(home: Home, server: str = SERVER) -> Path:
    return Path(home.path, "vault", encode(server))


def in_use(home: Home, server: str = SERVER) -> str:
    there = find(home, server)
    assert there is not None
    return there.account.username


def test_into_a_new_vault(home: Home, engine: str, loose: Callable[[], list[str]], tmp_path: Path) -> None:
    assert counts(restore(home, LOGINS)) == {"added": 4}
    assert found(home) == wanted(LOGINS)
    assert loose() == []
    assert sorted(os.listdir(tmp_path)) == ["data"]
    assert sorted(os.listdir(tmp_path / "data")) == ["dockpass"]


def test_a_second_time_nothing_is_written(home: Home) -> None:
    restore(home, LOGINS)
    before = {path: path.stat().st_mtime_ns for path in Path(home.path).rglob("*")}
    assert counts(restore(home, LOGINS)) == {"same": 4}
    assert counts(restore(home, LOGINS, replace=True)) == {"same": 4}
    assert {path: path.stat().st_mtime_ns for path in Path(home.path).rglob("*")} == before


def test_what_differs_stays_and_the_rest_is_imported(home: Home) -> None:
    put(home, SERVER, BOB)
    put(home, SERVER, Credential("Alice", "newer"))
    done = restore(home, LOGINS)
    assert counts(done) == {"added": 2, "same": 1, "kept": 1}
    assert done.kept == [(LOGINS[0], "the vault has another secret for it")]
    assert in_use(home) == "Alice"
    assert (SERVER, Credential("Alice", "newer")) in found(home)
    assert counts(restore(home, LOGINS, replace=True)) == {"same": 3, "replaced": 1}
    assert found(home) == wanted(LOGINS)


def test_the_account_in_use_stays_in_use(home: Home) -> None:
    put(home, SERVER, ALICE)
    put(home, SERVER, CAROL)
    done = restore(home, LOGINS)
    assert counts(done) == {"added": 3, "same": 1, "in_use": 1}
    assert done.in_use == [(SERVER, "carol", "Alice")]
    assert in_use(home) == "carol"
    done = restore(home, LOGINS, replace=True)
    assert (counts(done), done.switched) == ({"same": 4, "switched": 1}, [(SERVER, "Alice")])
    assert found(home) == {**wanted(LOGINS), (SERVER, CAROL): False}


def test_an_account_whose_name_cannot_be_told(home: Home) -> None:
    put(home, SERVER, Credential("u" * 300, "x"))
    assert restore(home, LOGINS).in_use == [(SERVER, "", "Alice")]


def test_a_token_where_a_password_is(home: Home) -> None:
    put(home, SERVER, BOB)
    logins = [Login(SERVER, TOKEN, active=True)]
    done = restore(home, logins)
    assert [reason for _login, reason in done.kept] == ["the vault has a password for it, and no identity token"]
    assert found(home) == {(SERVER, BOB): True}
    assert counts(restore(home, logins, replace=True)) == {"replaced": 1, "switched": 1}
    assert found(home) == {(SERVER, TOKEN): True}
    done = restore(home, [Login(SERVER, BOB, active=True)])
    assert [reason for _login, reason in done.kept] == ["the vault has an identity token for it, and no password"]


def test_both_kinds_as_a_killed_login_leaves_them(home: Home) -> None:
    logins = [Login(SERVER, TOKEN, active=True), Login(SERVER, BOB, active=False)]
    assert counts(restore(home, logins)) == {"added": 2}
    assert found(home) == wanted(logins)


def test_a_damaged_one_is_there_too(home: Home) -> None:
    restore(home, LOGINS)
    file = folder(home) / "bob.age"
    file.write_bytes(file.read_bytes()[:-1])
    [(login, reason)] = restore(home, LOGINS).kept
    assert login == LOGINS[1]
    assert reason.startswith("the vault has one that cannot be used (cannot open")
    assert counts(restore(home, LOGINS, replace=True)) == {"same": 3, "replaced": 1}
    assert found(home) == wanted(LOGINS)


@pytest.mark.parametrize("active", [None, "gone.age\n", ""])
def test_where_it_is_not_said_which_one_is_in_use(active: str | None, home: Home) -> None:
    restore(home, LOGINS)
    (folder(home) / "active").unlink()
    if active is not None:
        (folder(home) / "active").write_text(active)
    assert counts(restore(home, LOGINS)) == {"same": 4}
    assert found(home) == wanted(LOGINS)


def test_a_single_one_that_nobody_named_stays_in_use(home: Home) -> None:
    put(home, SERVER, CAROL)
    (folder(home) / "active").unlink()
    assert restore(home, LOGINS).in_use == [(SERVER, "carol", "Alice")]
    assert in_use(home) == "carol"


@pytest.mark.parametrize("replace", [False, True])
def test_a_dry_run_says_the_same_and_writes_nothing(replace: bool, home: Home) -> None:
    would = restore(home, LOGINS, replace=replace, dry_run=True)
    assert counts(would) == {"added": 4}
    assert not os.path.lexists(home.path)
    put(home, SERVER, CAROL)
    put(home, SERVER, Credential("bob", "other"))
    before = sorted((str(path), path.stat().st_mtime_ns) for path in Path(home.path).rglob("*"))
    would = restore(home, LOGINS, replace=replace, dry_run=True)
    assert sorted((str(path), path.stat().st_mtime_ns) for path in Path(home.path).rglob("*")) == before
    done = restore(home, LOGINS, replace=replace)
    assert all(getattr(would, name) == getattr(done, name) for name in done.__slots__)


def test_a_dry_run_in_an_empty_folder(home: Home) -> None:
    os.makedirs(home.path, mode=0o700)
    assert counts(restore(home, LOGINS, dry_run=True)) == {"added": 4}
    assert os.listdir(home.path) == []


def meanwhile(monkeypatch: pytest.MonkeyPatch, home: Home, credential: Credential) -> None:
    """Somebody logs in when all was looked at, and before the server is locked."""
    from dockpass.vault import restore as module

    real = module.Turn  # type: ignore[attr-defined]
    told: list[bool] = []

    class Late(real):  # type: ignore[misc, valid-type]
        def __enter__(self) -> Any:
            if not told:
                told.append(True)
                put(home, SERVER, credential)
            return super().__enter__()

    monkeypatch.setattr(module, "Turn", Late)


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_a_login_meanwhile_is_the_newer_one(
    there: bool, replace: bool, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home, SERVER if there else "another.test", Credential("Alice", "old"))
    meanwhile(monkeypatch, home, Credential("Alice", "newest"))
    done = restore(home, LOGINS[:2], replace=replace)
    why = "somebody logged in there meanwhile" if replace else "the vault has another secret for it"
    assert done.kept == [(LOGINS[0], why)]
    assert done.added == [LOGINS[1]]
    there_now = find(home, SERVER)
    assert there_now is not None
    assert there_now.credential() == Credential("Alice", "newest")


def test_another_account_meanwhile_stays_in_use(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, SERVER, BOB)
    meanwhile(monkeypatch, home, CAROL)
    done = restore(home, LOGINS[:2], replace=True)
    assert (done.in_use, done.switched) == ([(SERVER, "carol", "Alice")], [])
    assert in_use(home) == "carol"


def test_a_token_meanwhile_is_the_newer_one(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, "another.test", ALICE)
    meanwhile(monkeypatch, home, TOKEN)
    done = restore(home, [Login(SERVER, BOB, active=True)], replace=True)
    assert done.kept == [(Login(SERVER, BOB, active=True), "somebody logged in there meanwhile")]
    assert found(home)[SERVER, TOKEN]


def test_what_breaks_for_one_server_stops_no_other(home: Home) -> None:
    put(home, "another.test", ALICE)
    os.symlink("/nowhere", folder(home, OTHER))
    for replace in (False, True):
        done = restore(home, LOGINS, replace=replace)
        assert [server for server, _error in done.failed] == [OTHER]
        assert len(done.added) + len(done.same) == 3
    assert in_use(home) == "Alice"


def test_a_vault_that_takes_nothing(kept: Home) -> None:
    os.rename(Path(kept.path, "identity.txt"), Path(kept.path, "identity.age"))
    for dry_run in (False, True):
        with pytest.raises(VaultLocked):
            restore(kept, LOGINS, dry_run=dry_run)
    os.unlink(Path(kept.path, "identity.age"))
    for dry_run in (False, True):
        with pytest.raises(IdentityUnusable):
            restore(kept, LOGINS, dry_run=dry_run)


def test_one_that_is_too_large_once_it_is_sealed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockpass.vault.restore.LIMIT", 300)
    assert [
        error.id for _server, error in restore(home, [Login(SERVER, Credential("a", "x" * 300), active=True)]).failed
    ] == ["bad-credential"]
    assert not folder(home).exists()


@st.composite
def vaults(draw: st.DrawFn) -> list[Login]:
    users = ["alice", "bob", "", "Bob", "x" * 250]
    found = []
    for server in draw(st.lists(st.sampled_from(["a.test", "b.test", "l" * 250]), unique=True, max_size=3)):
        made: dict[str, Credential] = {}
        for user, secret, is_token in draw(
            st.lists(st.tuples(st.sampled_from(users), st.sampled_from("xyz"), st.booleans()), min_size=1, max_size=3)
        ):
            login = Login(server, Credential(user or "u", secret), active=False)
            if is_token:
                login = Login(server, Credential(user, secret, is_identity_token=True), active=False)
            made[login.account.file] = login.credential
        active = draw(st.sampled_from(sorted(made)))
        found += [Login(server, credential, active=file == active) for file, credential in made.items()]
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=vaults(), two=vaults())
def test_any_vault_goes_there_and_back(one: list[Login], two: list[Login], home: Home) -> None:
    shutil.rmtree(home.path, ignore_errors=True)
    put(home, "so.test", ALICE)
    before = found(home)
    restore(home, one)
    first = found(home)
    assert first == {**before, **wanted(one)}
    done = restore(home, two)
    second = found(home)
    # What was there is there, and in use where it was; what was lacking came.
    assert all(second[key] == first[key] for key in first)
    assert {(login.server, login.credential) for login in (*done.added, *done.same)} <= set(second)
    again = restore(home, two)
    assert (again.added, again.kept, again.in_use) == ([], done.kept, done.in_use)
    restore(home, two, replace=True)
    third = found(home)
    assert all(third[key] == active for key, active in wanted(two).items())
