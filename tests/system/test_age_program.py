"""Nobody is locked in: age's own program opens what is in the vault, and what it seals the vault opens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest

from dockpass.credential import Credential, Secret
from dockpass.errors import CredentialDamaged, VaultLocked
from dockpass.vault.answer import render
from dockpass.vault.archive import Login, parse
from dockpass.vault.archive import render as archived
from dockpass.vault.collect import collect
from dockpass.vault.find import find
from dockpass.vault.home import Home
from dockpass.vault.identity import adopt, make
from dockpass.vault.keep import put
from dockpass.vault.passphrase import protect, unlock
from dockpass.vault.reseal import add
from dockpass.vault.restore import restore
from real.need import need

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = "reg.test:5000"
ALICE = Credential("alice", 'wonder "<&>" land')
PASSPHRASE = "correct horse  'battery' $taple"


@pytest.fixture(params=["pyrage", "age"], autouse=True)
def _engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "age":
        monkeypatch.setitem(sys.modules, "pyrage", None)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(str(tmp_path / "dockpass"), environ={"PATH": os.environ["PATH"]})


@pytest.fixture
def folder(home: Home) -> Path:
    return Path(home.path) / "vault" / "reg.test%3A5000"


@pytest.fixture
def runtime() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="dockpass-test-", dir="/dev/shm")
    yield folder
    shutil.rmtree(folder)


def age(*arguments: str | Path, stdin: bytes = b"") -> bytes:
    done = subprocess.run([need("age"), *map(str, arguments)], input=stdin, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def at_a_terminal(*arguments: str | Path, times: int = 1) -> None:
    """Run age and type the passphrase as often as it asks."""
    child = pexpect.spawn(need("age"), [str(each) for each in arguments], timeout=60)
    for _ in range(times):
        child.expect("assphrase.*: ")
        child.sendline(PASSPHRASE)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before


def credential(home: Home) -> Credential:
    found = find(home, SERVER)
    assert found is not None
    return found.credential()


def test_age_opens_what_is_in_the_vault(home: Home, folder: Path) -> None:
    put(home, SERVER, ALICE)
    plain = age("-d", "-i", Path(home.path, "identity.txt"), folder / "alice.age")
    assert plain == render(SERVER, "alice", ALICE.secret.reveal())
    assert json.loads(plain) == {"ServerURL": SERVER, "Username": "alice", "Secret": ALICE.secret.reveal()}


@pytest.mark.parametrize("options", [(), ("-a",)], ids=["binary", "text"])
def test_the_vault_opens_what_age_sealed(home: Home, folder: Path, options: tuple[str, ...]) -> None:
    put(home, SERVER, Credential("alice", "old"))
    plain = render(SERVER, "alice", "sealed by age")
    listed = Path(home.path, "recipients.txt")
    (folder / "alice.age").write_bytes(age("-e", *options, "-R", listed, stdin=plain))
    assert credential(home) == Credential("alice", "sealed by age")
    (folder / "alice.age").write_bytes(age("-e", *options, "-R", listed, stdin=render("evil.test", "alice", "x")))
    with pytest.raises(CredentialDamaged, match=r"is a login for evil\.test"):
        find(home, SERVER)


def test_a_key_that_age_made(home: Home, folder: Path, tmp_path: Path) -> None:
    subprocess.run([need("age-keygen"), "-o", str(tmp_path / "key")], check=True, capture_output=True)
    adopt(home, (tmp_path / "key").read_bytes())
    put(home, SERVER, ALICE)
    assert age("-d", "-i", tmp_path / "key", folder / "alice.age") == render(SERVER, "alice", ALICE.secret.reveal())
    assert credential(home) == ALICE


@pytest.mark.parametrize("kind", [("ed25519",), ("rsa", "-b", "3072")], ids=str)
def test_ssh_keys(home: Home, folder: Path, tmp_path: Path, kind: tuple[str, ...]) -> None:
    key = tmp_path / "ssh"
    subprocess.run([need("ssh-keygen"), "-q", "-t", *kind, "-N", "", "-f", str(key)], check=True)
    adopt(home, key.read_bytes())
    put(home, SERVER, ALICE)
    assert age("-d", "-i", key, folder / "alice.age") == render(SERVER, "alice", ALICE.secret.reveal())
    sealed = age("-e", "-R", key.with_suffix(".pub"), stdin=render(SERVER, "alice", "sealed by age"))
    (folder / "alice.age").write_bytes(sealed)
    assert credential(home) == Credential("alice", "sealed by age")


def test_a_shared_vault(home: Home, folder: Path, tmp_path: Path) -> None:
    """Two people, each with a key of their own, and one folder that is passed around."""
    subprocess.run([need("age-keygen"), "-o", str(tmp_path / "theirs")], check=True, capture_output=True)
    public = subprocess.run([need("age-keygen"), "-y", str(tmp_path / "theirs")], check=True, capture_output=True)
    put(home, SERVER, ALICE)
    add(home, public.stdout.decode())
    assert age("-d", "-i", tmp_path / "theirs", folder / "alice.age") == render(SERVER, "alice", ALICE.secret.reveal())
    copy = Home(str(tmp_path / "copy"), environ=home.environ)
    shutil.copytree(home.path, copy.path)
    Path(copy.path, "identity.txt").write_bytes((tmp_path / "theirs").read_bytes())
    assert credential(copy) == ALICE
    put(copy, SERVER, Credential("bob", "builder"))
    shutil.copy(Path(copy.path, "vault", folder.name, "bob.age"), folder / "bob.age")
    shutil.copy(Path(copy.path, "vault", folder.name, "active"), folder / "active")
    assert credential(home) == Credential("bob", "builder")


def test_a_passphrase_that_age_locked_by(home: Home, runtime: str) -> None:
    put(home, SERVER, ALICE)
    plain, locked = Path(home.path, "identity.txt"), Path(home.path, "identity.age")
    at_a_terminal("-p", "-o", locked, plain, times=2)
    plain.unlink()
    with pytest.raises(VaultLocked):
        find(home, SERVER)
    home.environ = {**home.environ, "XDG_RUNTIME_DIR": runtime}
    unlock(home, Secret(PASSPHRASE), 600)
    assert credential(home) == ALICE


def test_a_passphrase_that_we_locked_by(home: Home, folder: Path, tmp_path: Path) -> None:
    put(home, SERVER, ALICE)
    before = Path(home.path, "identity.txt").read_bytes()
    protect(home, Secret(PASSPHRASE))
    locked = Path(home.path, "identity.age")
    at_a_terminal("-d", "-o", tmp_path / "opened", locked)
    assert (tmp_path / "opened").read_bytes() == before
    # age opens a credential with the locked identity at once.
    at_a_terminal("-d", "-i", locked, "-o", tmp_path / "plain", folder / "alice.age")
    assert (tmp_path / "plain").read_bytes() == render(SERVER, "alice", ALICE.secret.reveal())


def test_a_vault_that_was_locked_from_the_beginning(home: Home, runtime: str, tmp_path: Path) -> None:
    home.environ = {**home.environ, "XDG_RUNTIME_DIR": runtime}
    make(home, Secret(PASSPHRASE))
    assert sorted(os.listdir(home.path)) == [".identity.lock", "identity.age", "recipients.txt"]
    at_a_terminal("-d", "-o", tmp_path / "opened", Path(home.path, "identity.age"))
    assert b"AGE-SECRET-KEY-1" in (tmp_path / "opened").read_bytes()
    unlock(home, Secret(PASSPHRASE), 600)
    put(home, SERVER, ALICE)
    assert credential(home) == ALICE


LOGINS = [
    Login(SERVER, Credential("bob", "t0ken", is_identity_token=True), active=False),
    Login(SERVER, ALICE, active=True),
]


def environ_of(home: Home) -> dict[str, str]:
    """For the program; without the module pyrage where this test has none."""
    paths = list(sys.path)
    if sys.modules.get("pyrage", sys) is None:
        without = Path(f"{home.path}.without")
        without.mkdir(exist_ok=True)
        (without / "pyrage.py").write_text("raise ImportError")
        paths.insert(0, str(without))
    return {
        "DOCKPASS_HOME": home.path,
        "DOCKER_CONFIG": f"{home.path}.docker",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(paths),
    }


def dockpass(home: Home, *words: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "dockpass", "vault", *map(str, words)],
        input=stdin,
        capture_output=True,
        check=False,
        env=environ_of(home),
    )


def dockpass_at_a_terminal(home: Home, *words: str | Path, asked: tuple[str, ...]) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "dockpass", "vault", *map(str, words)],
        env=environ_of(home),
        timeout=120,
    )
    for question in asked:
        child.expect_exact(question)
        child.sendline(PASSPHRASE)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before


def kept(home: Home) -> list[Login]:
    return collect(home).logins


def test_age_opens_an_export(home: Home, tmp_path: Path) -> None:
    restore(home, LOGINS)
    subprocess.run([need("age-keygen"), "-o", str(tmp_path / "theirs")], check=True, capture_output=True)
    public = subprocess.run([need("age-keygen"), "-y", str(tmp_path / "theirs")], check=True, capture_output=True)
    key = public.stdout.decode().strip()
    assert dockpass(home, "export", tmp_path / "own.age").returncode == 0
    assert dockpass(home, "export", "--recipient", key, tmp_path / "theirs.age").returncode == 0
    opened = age("-d", "-i", Path(home.path, "identity.txt"), tmp_path / "own.age")
    assert parse(opened) == LOGINS
    assert [row["active"] for row in json.loads(opened)["logins"]] == [False, True]
    assert parse(age("-d", "-i", tmp_path / "theirs", tmp_path / "theirs.age")) == LOGINS
    questions = ("New passphrase: ", "Once more: ")
    dockpass_at_a_terminal(home, "export", "--passphrase", tmp_path / "locked.age", asked=questions)
    at_a_terminal("-d", "-o", tmp_path / "plain", tmp_path / "locked.age")
    assert parse((tmp_path / "plain").read_bytes()) == LOGINS


@pytest.mark.parametrize("options", [(), ("-a",)], ids=["binary", "text"])
def test_what_age_sealed_by_hand_is_imported(home: Home, tmp_path: Path, options: tuple[str, ...]) -> None:
    make(home)
    rows = [
        {"server": SERVER, "username": "alice", "secret": "by hand", "identity_token": False, "active": True},
        {
            "active": True,
            "identity_token": True,
            "secret": "t",
            "username": "",
            "server": "https://index.docker.io/v1/",
        },
    ]
    plain = tmp_path / "plain.json"
    plain.write_text(json.dumps({"dockpass-vault": 1, "logins": rows}, indent=2))
    sealed = age("-e", *options, "-R", Path(home.path, "recipients.txt"), plain)
    assert dockpass(home, "import", "-", stdin=sealed).returncode == 0
    assert credential(home) == Credential("alice", "by hand")
    assert len(kept(home)) == 2
    for change in (sealed[:-2], sealed + b"x", sealed[: len(sealed) // 2]):
        done = dockpass(home, "import", "-", stdin=change)
        assert done.returncode == 1
        assert b"cannot open standard input: it is " in done.stderr, done.stderr


def test_what_age_locked_by_a_passphrase_is_imported(home: Home, tmp_path: Path) -> None:
    (tmp_path / "plain.json").write_bytes(archived(LOGINS, "2026-01-31T12:00:00Z"))
    at_a_terminal("-p", "-o", tmp_path / "locked.age", tmp_path / "plain.json", times=2)
    dockpass_at_a_terminal(home, "import", tmp_path / "locked.age", asked=("Passphrase: ",))
    assert kept(home) == LOGINS
