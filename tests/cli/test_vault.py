"""``dockpass vault``: made, locked, opened for a while, shared, and looked at in every state."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyrage  # type: ignore[import-not-found, unused-ignore]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.cli.vault_key import _seconds
from dockpass.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockpass.testing.registry import ScriptedRegistry

PASSPHRASE = "correct horse"


@pytest.fixture
def runtime(home: Any) -> Iterator[Path]:
    """A folder in memory, for us alone, as ``XDG_RUNTIME_DIR`` is."""
    if not os.path.isdir("/dev/shm"):
        pytest.skip("there is no file system in memory here")
    folder = Path(tempfile.mkdtemp(prefix="dockpass-test-", dir="/dev/shm"))
    folder.chmod(0o700)
    home.environ["XDG_RUNTIME_DIR"] = str(folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def vault_of(home: Any) -> Path:
    return Path(home.folder) / ".local/share/dockpass"


def lines(home: Any, **environ: str) -> dict[str, str]:
    done = home.run("vault", "status", **environ)
    assert done.code in (0, 1), done
    return {name: value.strip() for name, _colon, value in (line.partition(":") for line in done.out.splitlines())}


def log_in(home: Any, registry: ScriptedRegistry) -> None:
    home.log_in(registry.address, "--store", "age")


def new_key() -> tuple[str, str]:
    key = pyrage.x25519.Identity.generate()
    return str(key), str(key.to_public())


def sit_long(sit: Any, *words: str) -> Any:
    """A passphrase costs a second on purpose, and much more on a busy machine."""
    session = sit("vault", *words)
    session._process.timeout = 120
    return session


def lock_by_passphrase(sit: Any, *words: str) -> Any:
    session = sit_long(sit, *words)
    session.see("New passphrase: ")
    session.type(PASSPHRASE)
    session.see("Once more: ")
    session.type(PASSPHRASE)
    assert session.end() == 0, session.seen
    assert PASSPHRASE not in session.seen
    return session


def test_init_without_a_passphrase(home: Any) -> None:
    assert lines(home) == {"Vault": str(vault_of(home)), "Key": "none yet; the first login makes one"}
    done = home.run("vault", "init")
    assert (done.code, done.err) == (0, "")
    first, second = done.out.splitlines()
    assert first == f"Vault made in {vault_of(home)}"
    assert second.startswith("Public key: age1")
    assert home.run("vault", "recipients").out == second.removeprefix("Public key: ") + "\n"
    assert lines(home) == {
        "Vault": str(vault_of(home)),
        "Key": f"{vault_of(home)}/identity.txt",
        "Readers": "this vault's own key",
        "Logins": "0",
    }
    again = home.run("vault", "init")
    assert again.code == 1
    assert "there is a vault already" in again.err


def test_the_first_login_needs_no_init(home: Any, registry: ScriptedRegistry) -> None:
    log_in(home, registry)
    assert lines(home)["Logins"] == "1"
    assert home.places_of("bar") == []


def test_a_vault_with_a_passphrase_from_making_to_locking(
    home: Any, sit: Any, runtime: Path, registry: ScriptedRegistry
) -> None:
    session = lock_by_passphrase(sit, "init", "--passphrase")
    assert "Open it for a while with: dockpass vault unlock" in session.seen
    assert sorted(file.name for file in vault_of(home).glob("identity*")) == ["identity.age"]
    assert lines(home)["Key"].endswith("identity.age, locked; open it with: dockpass vault unlock")
    locked = home.run("login", "--store", "age", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
    assert locked.code == 1
    assert "dockpass vault unlock" in locked.err
    assert registry.requests == []
    for words in ((), ("-u", "foo"), ("--store", "age")):  # nobody types anything for a vault that is locked
        early = sit("login", *words, registry.address, columns=500, DOCKPASS_STORE="age")
        assert early.end() == 1
        assert "the vault is locked" in early.seen
        assert "sername" not in early.seen
        assert "Password" not in early.seen

    wrong = sit_long(sit, "unlock")
    wrong.see("Passphrase: ")
    wrong.type("wrong")
    assert wrong.end() == 1
    assert "the passphrase does not open" in wrong.seen
    assert home.run("vault", "lock").out == "It was not unlocked\n"

    session = sit_long(sit, "unlock", "--for", "30m")
    session.see("Passphrase: ")
    assert not session.echoes
    session.type(PASSPHRASE)
    assert session.end() == 0
    assert "Unlocked for 30m" in session.seen
    assert ", open until 20" in lines(home)["Key"]
    log_in(home, registry)
    assert home.run("vault", "lock").out == "Locked\n"
    assert list((runtime / "dockpass").iterdir()) == []
    assert lines(home)["Logins"] == "1"


def test_what_is_not_locked_asks_for_no_passphrase(home: Any, sit: Any) -> None:
    for made in (False, True):
        if made:
            home.run("vault", "init")
        session = sit("vault", "unlock")
        assert session.end() == 1
        assert "Passphrase" not in session.seen
        assert ("no vault" in session.seen) is not made


def test_a_locked_one_has_to_be_opened_on_a_terminal(home: Any, runtime: Path) -> None:
    vault_of(home).mkdir(parents=True, mode=0o700)
    (vault_of(home) / "identity.age").write_text("x")
    done = home.run("vault", "unlock", stdin=b"correct horse\n")
    assert done.code == 1
    assert "there is no terminal here" in done.err


def test_a_passphrase_for_a_vault_that_had_none(home: Any, sit: Any, registry: ScriptedRegistry) -> None:
    log_in(home, registry)
    session = lock_by_passphrase(sit, "lock", "--passphrase")
    assert "Locked by a passphrase from now on" in session.seen
    assert not (vault_of(home) / "identity.txt").exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [(["one", "another"], "the two passphrases differ"), ([""], "the passphrase is empty")],
)
def test_a_passphrase_that_is_none(typed: list[str], says: str, home: Any, sit: Any) -> None:
    session = sit("vault", "init", "--passphrase")
    for question, answer in zip(("New passphrase: ", "Once more: "), typed, strict=False):
        session.see(question)
        session.type(answer)
    assert session.end() == 1
    assert says in session.seen
    assert not list(vault_of(home).glob("identity*"))


def test_nobody_types_a_passphrase_where_there_is_a_vault_already(home: Any, sit: Any) -> None:
    home.run("vault", "init")
    session = sit("vault", "init", "--passphrase")
    assert session.end() == 1
    assert "there is a vault already" in session.seen
    assert "passphrase: " not in session.seen


@pytest.mark.parametrize("words", [("init", "--passphrase"), ("lock", "--passphrase")])
def test_a_passphrase_has_to_be_typed(words: tuple[str, ...], home: Any) -> None:
    done = home.run("vault", *words, stdin=b"correct horse\n")
    assert done.code == 1
    assert "there is no terminal here" in done.err


def test_a_key_that_one_has(home: Any, registry: ScriptedRegistry) -> None:
    secret, public = new_key()
    (home.folder / "key.txt").write_text(secret + "\n")
    done = home.run("vault", "init", "--identity", "key.txt")
    assert (done.code, done.out.splitlines()[1:]) == (0, [f"Public key: {public}"])
    log_in(home, registry)
    assert lines(home)["Logins"] == "1"


def test_an_ssh_key(home: Any, registry: ScriptedRegistry) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home.folder / "id")]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    done = home.run("vault", "init", "--identity", "id")
    assert done.code == 0, done
    assert "Public key: ssh-ed25519 " in done.out
    log_in(home, registry)


def test_a_key_that_is_none(home: Any) -> None:
    (home.folder / "large").write_bytes(b"x" * 65537)
    (home.folder / "other").write_text("hello\n")
    for path, says in (("absent", "no such file"), ("large", "larger than any identity"), ("other", "")):
        done = home.run("vault", "init", "--identity", path)
        assert done.code == 1
        assert says in done.err
    done = home.run("vault", "init", "--identity", "other", "--passphrase")
    assert "--identity and --passphrase were given" in done.err


def test_a_shared_vault(home: Any, registry: ScriptedRegistry) -> None:
    log_in(home, registry)
    own = home.run("vault", "recipients", "list").out.strip()
    secret, public = new_key()
    added = home.run("vault", "recipients", "add", public)
    assert (added.code, added.err) == (0, "1 of 1 servers are sealed for those on the list\n")
    assert home.run("vault", "recipients").out.split() == [own, public]
    assert lines(home)["Readers"] == "2 keys"
    [sealed] = vault_of(home).glob("vault/*/*.age")
    other = pyrage.x25519.Identity.from_str(secret)
    assert b'"Secret":"bar"' in pyrage.decrypt(sealed.read_bytes(), [other])

    assert home.run("vault", "recipients", "add", public).err == "There was nothing to change\n"
    assert home.run("vault", "recipients", "again").err == "1 of 1 servers are sealed for those on the list\n"

    removed = home.run("vault", "recipients", "remove", public)
    assert removed.code == 0
    assert removed.err.startswith("What that key could read before, it may have kept")
    assert home.run("vault", "recipients").out.split() == [own]
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed.read_bytes(), [other])
    assert home.run("vault", "recipients", "remove", own).code == 1
    gone = home.run("vault", "recipients", "remove", public)
    assert (gone.code, gone.out) == (1, "")
    assert f"cannot take {public} off {vault_of(home)}/recipients.txt: it is not on that list\n" in gone.err
    assert "dockpass vault recipients list" in gone.err


def test_progress_is_for_a_terminal(home: Any, sit: Any, registry: ScriptedRegistry) -> None:
    log_in(home, registry)
    session = sit("vault", "recipients", "again")
    assert session.end() == 0
    assert "1 of 1 sealed again" in session.seen
    quiet = sit("vault", "recipients", "again", "--quiet")
    assert (quiet.end(), quiet.seen) == (0, "")


def test_one_that_cannot_be_opened_is_named_and_the_rest_is_sealed_again(home: Any, registry: ScriptedRegistry) -> None:
    log_in(home, registry)
    [sealed] = vault_of(home).glob("vault/*/*.age")
    sealed.write_bytes(b"x")
    done = home.run("vault", "recipients", "add", new_key()[1])
    assert done.code == 1
    assert f"cannot open {sealed}" in done.err
    assert "0 of 1 servers are sealed" in done.err


@pytest.mark.parametrize("words", [("add",), ("remove",), ("list", "x"), ("again", "x"), ("frobnicate",)])
def test_what_can_be_done_with_recipients(words: tuple[str, ...], home: Any) -> None:
    done = home.run("vault", "recipients", *words)
    assert done.code == 1
    assert "list, add KEY, remove KEY, or again" in done.err


def test_where_there_is_no_vault(home: Any) -> None:
    done = home.run("vault", "recipients")
    assert done.code == 1
    assert "dockpass vault init" in done.err
    assert not vault_of(home).exists()


def test_a_key_that_is_no_key(home: Any) -> None:
    home.run("vault", "init")
    done = home.run("vault", "recipients", "add", "age1nonsense")
    assert done.code == 1
    assert "cannot use age1nonsense as a recipient: it is no public key" in done.err
    secret = new_key()[0]
    done = home.run("vault", "recipients", "add", secret)
    assert done.code == 1
    assert "is a private key" in done.err
    assert secret[-20:] not in done.err


def test_status_of_a_vault_with_something_wrong(home: Any, runtime: Path, registry: ScriptedRegistry) -> None:
    log_in(home, registry)
    vault = vault_of(home)
    (vault / "recipients.txt").write_text("nonsense\n")
    done = home.run("vault", "status")
    assert done.code == 1
    assert "Readers:     recipients.txt cannot be used" in done.out
    assert "Warning: " in done.err
    (vault / "recipients.txt").unlink()
    assert lines(home)["Readers"] == "this vault's own key"
    (vault / "identity.txt").chmod(0o644)
    done = home.run("vault", "status")
    assert done.code == 1
    assert "identity.txt, which cannot be used" in done.out
    (vault / "identity.txt").unlink()
    assert lines(home)["Key"] == "none yet; the first login makes one"


def test_status_of_an_unlocked_key_that_lies_where_it_must_not(home: Any, sit: Any, runtime: Path) -> None:
    lock_by_passphrase(sit, "init", "--passphrase")
    (runtime / "dockpass").mkdir(mode=0o755)
    done = home.run("vault", "status")
    assert done.code == 1
    assert "locked; open it with: dockpass vault unlock" in done.out
    assert "is open to others" in done.err


def test_status_of_a_change_that_was_interrupted(home: Any, registry: ScriptedRegistry) -> None:
    from dockpass.vault.layout import RESEALING

    log_in(home, registry)
    (vault_of(home) / RESEALING).write_text("\n")
    (vault_of(home) / RESEALING).chmod(0o600)
    done = home.run("vault", "status")
    assert done.code == 1
    assert "go on with: dockpass vault recipients again" in done.err
    assert home.run("vault", "recipients", "again").code == 0
    assert home.run("vault", "status").code == 0


@pytest.mark.parametrize("words", [(), ("--help",)])
def test_the_group_shows_its_commands(words: tuple[str, ...], home: Any) -> None:
    done = home.run("vault", *words)
    assert done.code == 0
    for name in ("init", "recipients", "unlock", "lock", "status"):
        assert f"\n  {name} " in done.out
    assert home.run("help", "vault").out == done.out
    assert home.run("help", "vault", "init").out == home.run("vault", "init", "--help").out
    assert "Usage:  dockpass vault init [OPTIONS]" in home.run("vault", "--help", "init").out


def test_a_command_that_the_group_does_not_have(home: Any) -> None:
    done = home.run("vault", "frobnicate")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("dockpass: unknown command: dockpass vault frobnicate\n")
    assert home.run("vault", "--frobnicate").code == 125
    assert home.run("vault", "status", "--frobnicate").code == 125


def test_no_place_for_an_unlocked_key_asks_for_no_passphrase(home: Any, sit: Any, tmp_path: Path) -> None:
    lock_by_passphrase(sit, "init", "--passphrase")
    disk = tmp_path / "run"
    disk.mkdir(mode=0o700)
    for value, says in (
        (None, "XDG_RUNTIME_DIR names no folder"),
        ("/nonexistent/run", "cannot use /nonexistent/run"),
        (str(disk), "must be in memory only"),
    ):
        if value == str(disk) and is_in_memory(disk):
            continue
        session = sit("vault", "unlock", XDG_RUNTIME_DIR=value, columns=500)
        assert session.end() == 1
        assert says in session.seen
        assert "Passphrase" not in session.seen


def is_in_memory(folder: Path) -> bool:
    from dockpass.vault.unlocked import _is_in_memory

    return _is_in_memory(folder.stat().st_dev)


@given(st.integers(1, 99999), st.sampled_from("smhd"))
def test_a_time_is_a_number_and_a_unit(number: int, unit: str) -> None:
    assert _seconds(f"{number}{unit}") == number * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]


@given(
    st.text() | st.from_regex(r"\A[-+ _0-9.]*[smhd]?\Z") | st.integers(0, 20).map(lambda n: "9" * 10**4 + "h" * (n % 2))
)
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    number = text[:-1]
    is_time = text[-1:] in ("s", "m", "h", "d") and number.isascii() and number.isdigit() and len(number) < 6
    if is_time and int(number):
        assert _seconds(text) > 0
        return
    with pytest.raises(UsageError) as caught:
        _seconds(text)
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("time", ["", "0h", "8", "h", "-1h", "1.5h"])
def test_a_time_that_is_none_asks_for_no_passphrase(time: str, home: Any) -> None:
    done = home.run("vault", "unlock", "--for", time)
    assert done.code == 1
    assert f"--for {time!r} is not a time" in done.err
