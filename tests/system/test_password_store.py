"""pass as a store, with the real one: GPG with throw-away keys, without, and with all that can be wrong with them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest

import dockpass
from dockpass.credential import Credential
from dockpass.display import quoted
from dockpass.errors import (
    BadCredential,
    BadServer,
    FileUnreadable,
    PromptDismissed,
    StoreFailed,
    StoreLocked,
    StoreTimedOut,
    StoreUnavailable,
)
from dockpass.stores.password_store import PassStore
from dockpass.testing.stores import SECRETS, USERNAMES, StoreSuite
from real.loaded import loaded
from real.need import need
from real.password_store import KEY, PasswordStore, password_store

if TYPE_CHECKING:
    from collections.abc import Iterator

ALICE = Credential("alice", "wonder")
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
# "reg.test" in base64.
REG = "docker-credential-helpers/cmVnLnRlc3Q="


@pytest.fixture
def bare() -> Iterator[PasswordStore]:
    with password_store() as found:
        yield found


@pytest.fixture
def ready(bare: PasswordStore) -> PasswordStore:
    """Set up, with a key that has no passphrase."""
    bare.make_key()
    bare.init()
    return bare


@pytest.fixture
def locked(bare: PasswordStore) -> PasswordStore:
    """Set up, with a key that has a passphrase; a login of alice's is kept."""
    bare.ask_with(need("pinentry-curses"))
    bare.make_key(passphrase="open sesame")
    bare.init()
    store(bare).put("reg.test", ALICE)
    bare.forget()
    return bare


def store(where: PasswordStore) -> PassStore:
    return PassStore(environ=where.environ)


class TestPass(StoreSuite):
    refused_usernames = tuple(name for name in USERNAMES if "/" in name or name.startswith("."))
    # docker's helper would cut their ends off.
    refused_secrets = tuple(secret for secret in SECRETS if secret.endswith(("\n", "\r")))

    @pytest.fixture(autouse=True)
    def place(self, ready: PasswordStore) -> None:
        self.ready = ready

    def make_store(self) -> PassStore:
        return store(self.ready)


# Where it is, and what lies there


def test_the_layout_is_that_of_dockers_helper(ready: PasswordStore) -> None:
    store(ready).put("reg.test", ALICE)
    assert os.listdir(f"{ready.folder}/{REG}") == ["alice.gpg"]
    assert ready.run(["pass", "show", f"{REG}/alice"]) == b"wonder"
    assert stat.S_IMODE(os.stat(f"{ready.folder}/{REG}/alice.gpg").st_mode) == 0o600


def test_without_a_variable_it_is_in_the_home(bare: PasswordStore) -> None:
    del bare.environ["PASSWORD_STORE_DIR"]
    bare.make_key()
    bare.init()
    store(bare).put("reg.test", ALICE)
    assert os.path.isfile(f"{bare.home}/.password-store/{REG}/alice.gpg")
    assert store(bare).get("reg.test") == ALICE


def test_a_folder_may_be_for_another_key(ready: PasswordStore) -> None:
    ready.make_key("other@example.test")
    ready.run(["pass", "init", "--path=docker-credential-helpers", "other@example.test"])
    store(ready).put("reg.test", ALICE)
    said = subprocess.run(
        ["gpg", "--list-packets", f"{ready.folder}/{REG}/alice.gpg"], env=ready.environ, capture_output=True, check=True
    )
    assert b"other@example.test" in said.stderr
    assert store(ready).get("reg.test") == ALICE


def test_a_key_may_be_named_by_a_variable(bare: PasswordStore) -> None:
    bare.make_key()
    bare.environ["PASSWORD_STORE_KEY"] = KEY
    store(bare).put("reg.test", ALICE)
    assert store(bare).get("reg.test") == ALICE


def test_history_is_kept_where_there_is_one(ready: PasswordStore) -> None:
    need("git")
    for name in ("AUTHOR", "COMMITTER"):
        ready.environ |= {f"GIT_{name}_NAME": "alice", f"GIT_{name}_EMAIL": "alice@example.test"}
    ready.run(["pass", "git", "init"])
    store(ready).put("reg.test", ALICE)
    store(ready).put("reg.test", Credential("bob", "builder"))
    store(ready).erase("reg.test")
    log = ready.run(["pass", "git", "log", "--format=%s", "--reverse"]).decode().splitlines()
    assert [line.split()[0] for line in log[-4:]] == ["Add", "Add", "Remove", "Remove"]
    assert ready.run(["pass", "git", "status", "--porcelain"]) == b""


def test_what_was_typed_in_by_hand_is_found(ready: PasswordStore) -> None:
    ready.run(["pass", "insert", "--echo", f"{REG}/alice"], b"wonder\n")
    assert store(ready).get("reg.test") == ALICE
    ready.run(["pass", "insert", "--multiline", "--force", f"{REG}/alice"], b"\nwon\nder\r\n\n")
    assert store(ready).get("reg.test") == Credential("alice", "\nwon\nder")


def test_an_entry_without_a_secret_is_none(ready: PasswordStore) -> None:
    ready.run(["pass", "insert", "--multiline", f"{REG}/alice"], b"\n")
    assert store(ready).get("reg.test") is None
    assert store(ready).erase("reg.test") is True


def test_of_several_users_the_first_by_name_counts_and_put_leaves_one(ready: PasswordStore) -> None:
    for name in ("amy", "ZZZ", "\u00e9lan"):
        ready.run(["pass", "insert", "--multiline", f"{REG}/{name}"], name.encode())
    assert store(ready).get("reg.test") == Credential("ZZZ", "ZZZ")
    assert store(ready).list() == {"reg.test": "ZZZ"}
    store(ready).put("reg.test", ALICE)
    assert os.listdir(f"{ready.folder}/{REG}") == ["alice.gpg"]


def test_odd_things_in_the_folder_hide_nothing(ready: PasswordStore) -> None:
    store(ready).put("reg.test", ALICE)
    root = f"{ready.folder}/docker-credential-helpers"
    os.mkdir(f"{root}/not base64")
    os.mkdir(f"{root}/cmVnLnRlc3Q")  # without its padding
    os.mkdir(f"{root}/ZW1wdHk=")
    os.mkdir(f"{root}/.hidden")
    with open(f"{root}/file.gpg", "wb"):
        pass
    for name in (".gpg-id", "A", "A.txt", ".a.gpg"):
        with open(f"{root}/cmVnLnRlc3Q=/{name}", "wb") as file:
            file.write(b"" if name != ".gpg-id" else KEY.encode())
    os.makedirs(f"{root}/cmVnLnRlc3Q=/a.gpg")
    found = store(ready)
    assert found.get("reg.test") == ALICE
    assert found.get("empty") is None
    assert found.list() == {"reg.test": "alice"}
    assert len(found.notes) == 2
    assert "not base64 is no login" in found.notes[1]


def test_what_the_layout_cannot_hold_is_refused_and_nothing_is_written(ready: PasswordStore) -> None:
    for username in ("a/b", "../../evil", "/evil", "..", ".", ".gpg-id", "u" * 252, "\u00e9" * 126):
        with pytest.raises(BadCredential) as caught:
            store(ready).put("reg.test", Credential(username, "hunter2"))
        assert caught.value.hint
    with pytest.raises(BadServer) as refused:
        store(ready).put("r" * 190, ALICE)
    assert "--store age" in str(refused.value.hint)
    assert sorted(os.listdir(ready.folder)) == [".gpg-id"]
    for server in ("r" * 190, "r" * 5000):
        assert (store(ready).get(server), store(ready).erase(server)) == (None, False)
    store(ready).put("r" * 189, Credential("u" * 251, "secret"))
    assert store(ready).get("r" * 189) == Credential("u" * 251, "secret")


@pytest.mark.parametrize("server", [" reg.test", "reg.test\n", "reg\n.test", "", "reg\udc80"])
def test_what_a_helper_cannot_be_asked_for_is_not_there(server: str, ready: PasswordStore) -> None:
    assert store(ready).get(server) is None
    assert store(ready).erase(server) is False
    with pytest.raises(BadServer):
        store(ready).put(server, ALICE)


def test_a_folder_that_is_none(ready: PasswordStore) -> None:
    with open(f"{ready.folder}/docker-credential-helpers", "wb"):
        pass
    with pytest.raises(FileUnreadable):
        store(ready).get("reg.test")
    with pytest.raises(FileUnreadable):
        store(ready).list()


# What can be missing


def test_nothing_is_there_before_it_is_set_up(bare: PasswordStore) -> None:
    assert store(bare).get("reg.test") is None
    assert store(bare).list() == {}
    assert store(bare).erase("reg.test") is False
    with pytest.raises(StoreUnavailable, match="the password store .*/store is not set up") as caught:
        store(bare).put("reg.test", ALICE)
    assert caught.value.hint == "set it up: gpg --quick-generate-key YOUR-NAME, then: pass init YOUR-NAME"
    assert not os.path.exists(bare.folder)


def only(where: PasswordStore, *programs: str) -> dict[str, str]:
    """The environment with these programs alone on PATH."""
    os.mkdir(f"{where.home}/bin")
    for program in programs:
        os.symlink(need(program), f"{where.home}/bin/{program}")
    return {**where.environ, "PATH": f"{where.home}/bin"}


def test_reading_needs_gpg_alone(ready: PasswordStore) -> None:
    store(ready).put("reg.test", ALICE)
    found = PassStore(environ=only(ready, "gpg"))
    assert found.get("reg.test") == ALICE
    assert found.list() == {"reg.test": "alice"}
    for act in (lambda: found.put("reg.test", ALICE), lambda: found.erase("reg.test")):
        with pytest.raises(StoreUnavailable, match="pass, which writes to the password store, is not on PATH"):
            act()


def test_no_gpg(ready: PasswordStore) -> None:
    store(ready).put("reg.test", ALICE)
    with pytest.raises(StoreUnavailable, match="gpg, which opens"):
        PassStore(environ=only(ready)).get("reg.test")


def test_a_key_that_is_not_here(ready: PasswordStore) -> None:
    ready.run(["pass", "init", KEY, "nobody@example.test"])
    with pytest.raises(
        StoreFailed, match=r"for the GPG key nobody@example\.test, which this GPG keyring lacks"
    ) as caught:
        store(ready).put("reg.test", Credential("alice", "hunter2"))
    assert "gpg --import" in str(caught.value.hint)
    assert "hunter2" not in caught.value.message
    assert not os.path.exists(f"{ready.folder}/{REG}")


def test_a_key_that_has_expired(bare: PasswordStore) -> None:
    # A second ago, by the clock that gpg is given.
    bare.run(
        [
            *("gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""),
            *("--faked-system-time", "20200101T000000", "--quick-generate-key", KEY),
            *("future-default", "default", "seconds=1"),
        ]
    )
    bare.init()
    with pytest.raises(StoreFailed, match="which has expired") as caught:
        store(bare).put("reg.test", ALICE)
    assert "--quick-set-expire" in str(caught.value.hint)


def test_a_key_that_is_not_trusted(bare: PasswordStore) -> None:
    bare.make_key()
    public = bare.run(["gpg", "--export", KEY])
    with password_store() as other:
        other.run(["gpg", "--quiet", "--batch", "--import"], public)
        other.init()
        script = f"from dockpass.stores.password_store import PassStore as store\n{TRY_PUT}"
        assert "GPG does not trust the key" in apart(script, other.environ)


TRY_PUT = """
from dockpass.credential import Credential
from dockpass.errors import DockpassError
try: store().put('reg.test', Credential('alice', 'wonder'))
except DockpassError as error: print(error.id, '|', error.message, '|', error.hint)
"""
TRY_GET = """
from dockpass.errors import DockpassError
from dockpass.stores.password_store import PassStore
try: print(PassStore().get('reg.test'))
except DockpassError as error: print(error.id, '|', error.message, '|', error.hint)
"""


def apart(script: str, environ: dict[str, str]) -> str:
    """What it prints without a terminal."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**environ, "PYTHONPATH": SOURCE},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


# A key with a passphrase


def test_nobody_to_ask(locked: PasswordStore) -> None:
    said = apart(TRY_GET, locked.environ)
    assert said.startswith("store-locked | ")
    assert "export GPG_TTY=$(tty)" in said


def test_nothing_to_ask_with(locked: PasswordStore) -> None:
    locked.ask_with("/nonexistent")
    with pytest.raises(StoreLocked, match="no program that asks for the passphrase"):
        store(locked).get("reg.test")


PINENTRY = """#!/bin/sh
echo OK
while read -r line; do
    case "$line" in
        GETPIN*) {answer} ;;
        BYE*) echo OK; exit ;;
        *) echo OK ;;
    esac
done
"""


def pinentry(where: PasswordStore, answer: str) -> None:
    with open(
        f"{where.home}/pinentry", "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o700)
    ) as f:
        f.write(PINENTRY.format(answer=answer))
    where.ask_with(f"{where.home}/pinentry")


def test_a_passphrase_that_is_given(locked: PasswordStore) -> None:
    pinentry(locked, "echo 'D open sesame'; echo OK")
    assert store(locked).get("reg.test") == ALICE


def test_a_wrong_passphrase(locked: PasswordStore) -> None:
    pinentry(locked, "echo 'D open barley'; echo OK")
    with pytest.raises(StoreLocked, match="the passphrase is wrong"):
        store(locked).get("reg.test")


def test_a_question_that_is_dismissed(locked: PasswordStore) -> None:
    pinentry(locked, "echo 'ERR 83886179 Operation cancelled'")
    with pytest.raises(PromptDismissed):
        store(locked).get("reg.test")


def test_a_question_that_nobody_answers(locked: PasswordStore) -> None:
    pinentry(locked, "sleep 60")
    with pytest.raises(StoreTimedOut, match="was stopped"):
        PassStore(environ=locked.environ, time_limit=0.5).get("reg.test")


def test_a_question_on_the_terminal_whose_name_nobody_told(locked: PasswordStore) -> None:
    environ = {**locked.environ, "PYTHONPATH": SOURCE, "TERM": "xterm"}
    assert "GPG_TTY" not in environ
    terminal = pexpect.spawn(sys.executable, ["-c", TRY_GET], env=environ, encoding="utf-8", timeout=60)
    terminal.expect("(?i)passphrase")
    terminal.expect("<OK>")
    terminal.send("open sesame\r")
    terminal.expect_exact("Credential('alice', Secret(****))")
    terminal.expect(pexpect.EOF)


def test_a_key_that_cannot_open_it(locked: PasswordStore) -> None:
    pinentry(locked, "echo 'D open sesame'; echo OK")
    listing = locked.run(["gpg", "--list-keys", "--with-colons", KEY]).decode()
    fingerprint = next(line for line in listing.splitlines() if line.startswith("fpr:")).split(":")[9]
    locked.run(["gpg", "--batch", "--yes", "--delete-secret-keys", fingerprint])
    with pytest.raises(StoreFailed, match="this GPG keyring lacks the key"):
        store(locked).get("reg.test")


def test_a_file_that_is_none_of_gpgs(ready: PasswordStore) -> None:
    store(ready).put("reg.test", ALICE)
    with open(f"{ready.folder}/{REG}/alice.gpg", "wb") as file:
        file.write(b"garbage")
    with pytest.raises(StoreFailed, match="no file of GPG's"):
        store(ready).get("reg.test")


def test_the_secret_is_in_no_argument(ready: PasswordStore) -> None:
    environ = only(ready, "gpg")
    with open(
        f"{ready.home}/bin/pass", "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o700)
    ) as f:
        f.write(
            f'#!/bin/sh\nPATH={quoted(ready.environ["PATH"])}\necho "$@" >>{ready.home}/seen\nenv >>{ready.home}/seen\nexec pass "$@"\n'
        )
    environ["DOCKER_AUTH_CONFIG"] = "hunter2"
    PassStore(environ=environ).put("reg.test", Credential("alice", "hunter2"))
    with open(f"{ready.home}/seen", encoding="utf-8") as file:
        seen = file.read()
    assert "insert" in seen
    assert "hunter2" not in seen
    # GPG is told not to ask the network for a key that is not here.
    assert "PASSWORD_STORE_GPG_OPTS=--no-auto-key-locate " in seen


def executable(path: str, script: str) -> None:
    with open(path, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o700)) as file:
        file.write(f"#!/bin/sh\n{script}\n")


def test_a_pass_that_removes_nothing(ready: PasswordStore) -> None:
    store(ready).put("reg.test", ALICE)
    environ = only(ready, "gpg")
    real = f'PATH={quoted(ready.environ["PATH"])} exec pass "$@"'
    executable(f"{ready.home}/bin/pass", f'[ "$1" = rm ] && {{ echo no >&2; exit 0; }}\n{real}')
    with pytest.raises(StoreFailed, match="is kept, but an older one beside it could not be removed"):
        PassStore(environ=environ).put("reg.test", Credential("bob", "builder"))
    with pytest.raises(StoreFailed, match="could not be removed: no"):
        PassStore(environ=environ).erase("reg.test")
    assert sorted(os.listdir(f"{ready.folder}/{REG}")) == ["alice.gpg", "bob.gpg"]


def test_a_login_that_another_process_replaces_meanwhile(ready: PasswordStore) -> None:
    store(ready).put("reg.test", Credential("bob", "builder"))
    with open(f"{ready.folder}/{REG}/alice.gpg", "wb"):
        pass
    environ = only(ready)
    real = f'PATH={quoted(ready.environ["PATH"])} exec gpg "$@"'
    executable(f"{ready.home}/bin/gpg", f"/bin/rm -f {ready.folder}/{REG}/alice.gpg\n{real}")
    assert PassStore(environ=environ).get("reg.test") == Credential("bob", "builder")


def test_whether_it_can_be_used_is_told_without_running_anything(bare: PasswordStore) -> None:
    assert str(store(bare).probe()).endswith("is not set up")
    bare.environ["PASSWORD_STORE_KEY"] = KEY
    assert store(bare).probe() is None
    assert "pass, which writes" in str(PassStore(environ={**bare.environ, "PATH": "/nonexistent"}).probe())


def test_preparing_loads_what_put_needs(bare: PasswordStore) -> None:
    assert list(store(bare).prepare()) == [None]


def test_a_look_up_loads_nothing_that_costs(ready: PasswordStore) -> None:
    store(ready).put("reg.test", ALICE)
    found = loaded(
        "from dockpass.stores.password_store import PassStore\nassert PassStore().get('reg.test')", ready.environ
    )
    assert found <= {
        *("__future__", "os", "os.path", "posixpath", "genericpath", "stat", "_stat", "_collections_abc"),
        *("binascii", "select", "termios", "time"),
    }
