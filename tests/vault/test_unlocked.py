"""An opened identity in memory: for a while, for us alone, and nowhere else."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

import pytest

from dockpass.credential import Credential, Secret
from dockpass.errors import IdentityUnusable, UnlockUnsafe, UsageError, VaultLocked, WrongPassphrase
from dockpass.vault import unlocked
from dockpass.vault.find import find
from dockpass.vault.forget import erase
from dockpass.vault.home import Home
from dockpass.vault.keep import put
from dockpass.vault.listing import listing
from dockpass.vault.passphrase import lock, unlock
from dockpass.vault.quick import _answer, answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SERVER = "reg.test:5000"
ALICE = Credential("alice", "wonder")
PASSPHRASE = Secret("open sesame")


@pytest.fixture
def locked(kept: Home, path: Path, runtime: Path, by_passphrase: Callable[..., bytes]) -> Home:
    """A vault with alice's login, whose identity is locked."""
    plain = (path / "identity.txt").read_bytes()
    (path / "identity.age").write_bytes(by_passphrase(plain, PASSPHRASE.reveal()))
    (path / "identity.txt").unlink()
    return Home(str(path), environ={"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(runtime)})


def file_of(runtime: Path) -> Path:
    found = list((runtime / "dockpass").iterdir())
    assert len(found) == 1
    return found[0]


def is_locked(home: Home) -> None:
    for act in (
        lambda: find(home, SERVER),
        lambda: answer(SERVER, home.path, home.environ),
        lambda: put(home, SERVER, ALICE),
    ):
        with pytest.raises(VaultLocked, match=r"the vault is locked: .*identity\.age needs its passphrase") as caught:
            act()
        assert caught.value.hint == "unlock it: dockpass vault unlock"


def is_open(home: Home) -> None:
    found = find(home, SERVER)
    assert found is not None
    assert found.credential() == ALICE
    assert answer(SERVER, home.path, home.environ) == found.answer


def test_locked_unlocked_locked(locked: Home, runtime: Path, engine: str) -> None:
    is_locked(locked)
    unlock(locked, PASSPHRASE, 60)
    is_open(locked)
    if engine == "pyrage":
        assert _answer(SERVER, locked.path, locked.environ)  # the short way knows it too
    put(locked, "other.test", ALICE)
    assert lock(locked) is True
    is_locked(locked)
    assert lock(locked) is False
    assert os.listdir(runtime / "dockpass") == []


def test_what_needs_no_key_works_on_a_locked_vault(locked: Home) -> None:
    assert list(listing(locked).logins) == [SERVER]
    assert find(locked, "other.test") is None
    assert erase(locked, SERVER) is True


def test_modes_and_contents(locked: Home, runtime: Path, path: Path) -> None:
    unlock(locked, PASSPHRASE, 60)
    file = file_of(runtime)
    assert stat.S_IMODE((runtime / "dockpass").stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert text.startswith("# dockpass unlocked: ")
    assert "AGE-SECRET-KEY-1" in text
    assert not any(b"AGE-SECRET-KEY-1" in each.read_bytes() for each in path.iterdir() if each.is_file())


def test_the_wrong_passphrase(locked: Home, runtime: Path, engine: str) -> None:
    with pytest.raises(WrongPassphrase, match="the passphrase does not open"):
        unlock(locked, Secret("open barley"), 60)
    for bad in ("", "tab\there", "x" * 2000):
        with pytest.raises(WrongPassphrase):
            unlock(locked, Secret(bad), 60)
    is_locked(locked)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_time_that_is_none(locked: Home, seconds: float) -> None:
    with pytest.raises(UsageError):
        unlock(locked, PASSPHRASE, seconds)


def shift(monkeypatch: pytest.MonkeyPatch, *, wall: float = 0, boot: float = 0) -> None:
    real, real_boot = time.time, time.clock_gettime
    monkeypatch.setattr(time, "time", lambda: real() + wall)
    monkeypatch.setattr(time, "clock_gettime", lambda which: real_boot(which) + boot)


def test_it_is_over_by_either_clock(locked: Home, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wall, boot in ((61, 0), (0, 61), (61, 61), (-(10**6), 61), (10**6, 0), (0, -(10**6))):
        unlock(locked, PASSPHRASE, 60)
        is_open(locked)
        with monkeypatch.context() as patch:
            shift(patch, wall=wall, boot=boot)
            is_locked(locked)
        # It is gone, not only passed over: turning the clock back does not bring it back.
        assert os.listdir(runtime / "dockpass") == []
        is_locked(locked)


def test_a_clock_set_back_does_not_prolong_it(locked: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    unlock(locked, PASSPHRASE, 60)
    shift(monkeypatch, wall=-3600, boot=30)
    is_open(locked)
    shift(monkeypatch, wall=-3600, boot=61)
    is_locked(locked)


def test_until_when(locked: Home, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = (path.stat(), (path / "identity.age").stat())
    assert unlocked.until(*statuses, locked.environ) is None
    now = time.time()
    unlock(locked, PASSPHRASE, 10_000)
    assert unlocked.until(*statuses, locked.environ) == pytest.approx(now + 10_000, abs=1000)
    shift(monkeypatch, wall=-50_000, boot=4000)
    assert unlocked.until(*statuses, locked.environ) == pytest.approx(now - 50_000 + 6000, abs=1000)


def test_another_locked_identity_is_not_opened_by_it(
    locked: Home, path: Path, by_passphrase: Callable[..., bytes]
) -> None:
    unlock(locked, PASSPHRASE, 60)
    (path / "identity.age").write_bytes(by_passphrase(b"another", "x"))
    is_locked(locked)


def test_another_vault_has_another(locked: Home, runtime: Path, tmp_path: Path) -> None:
    unlock(locked, PASSPHRASE, 60)
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    os.link(os.path.join(locked.path, "identity.age"), other / "identity.age")
    second = Home(str(other), environ=locked.environ)
    assert lock(second) is False
    unlock(second, PASSPHRASE, 60)
    assert len(os.listdir(runtime / "dockpass")) == 2
    assert lock(second) is True
    is_open(locked)


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o601])
def test_one_that_is_open_to_others_is_refused(locked: Home, runtime: Path, mode: int) -> None:
    unlock(locked, PASSPHRASE, 60)
    file_of(runtime).chmod(mode)
    with pytest.raises(UnlockUnsafe, match=f"is open to others .mode {mode:04o}"):
        find(locked, SERVER)
    with pytest.raises(UnlockUnsafe):
        answer(SERVER, locked.path, locked.environ)
    assert lock(locked) is True


def test_a_folder_that_is_open_to_others_is_refused(locked: Home, runtime: Path) -> None:
    unlock(locked, PASSPHRASE, 60)
    (runtime / "dockpass").chmod(0o750)
    acts: list[Callable[[], object]] = [lambda: find(locked, SERVER), lambda: unlock(locked, PASSPHRASE, 60)]
    for act in acts:
        with pytest.raises(UnlockUnsafe, match=r"dockpass is open to others .mode 0750.") as caught:
            act()
        assert "chmod" in (caught.value.hint or "")
    (runtime / "dockpass").chmod(0o700)
    runtime.chmod(0o755)
    with pytest.raises(UnlockUnsafe, match="open to others"):
        unlock(locked, PASSPHRASE, 60)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_foreign_one_is_refused(locked: Home, runtime: Path) -> None:
    unlock(locked, PASSPHRASE, 60)
    os.chown(file_of(runtime), 4321, 4321)
    with pytest.raises(UnlockUnsafe, match="belongs to somebody else"):
        find(locked, SERVER)
    os.chown(runtime / "dockpass", 4321, 4321)
    with pytest.raises(UnlockUnsafe, match="belongs to somebody else"):
        find(locked, SERVER)
    os.chown(runtime, 4321, 4321)
    with pytest.raises(UnlockUnsafe, match="belongs to somebody else"):
        unlock(locked, PASSPHRASE, 60)


def test_on_a_disk_it_is_refused(locked: Home, path: Path, runtime: Path, tmp_path: Path) -> None:
    disk = tmp_path / "run"
    disk.mkdir(mode=0o700)
    if unlocked._is_in_memory(disk.stat().st_dev):
        pytest.skip("the tests' own files are in memory here")
    home = Home(str(path), environ={**locked.environ, "XDG_RUNTIME_DIR": str(disk)})
    with pytest.raises(UnlockUnsafe, match="is on a disk") as caught:
        unlock(home, PASSPHRASE, 60)
    assert "tmpfs" in (caught.value.hint or "")
    assert os.listdir(disk / "dockpass") == []
    unlock(locked, PASSPHRASE, 60)
    name = file_of(runtime).name
    (disk / "dockpass" / name).write_bytes(b"")
    with pytest.raises(UnlockUnsafe, match="is on a disk"):
        find(home, SERVER)


def test_where_mounts_cannot_be_known_nothing_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError

    assert not unlocked._is_in_memory(os.makedev(4000, 4000))
    monkeypatch.setattr("builtins.open", refuse)
    assert not unlocked._is_in_memory(os.stat("/dev/shm").st_dev)


def test_links_and_other_things_are_refused(locked: Home, runtime: Path, path: Path) -> None:
    unlock(locked, PASSPHRASE, 60)
    file = file_of(runtime)
    file.rename(runtime / "moved")
    os.symlink(runtime / "moved", file)
    with pytest.raises(UnlockUnsafe, match="it is no file of yours"):
        find(locked, SERVER)
    file.unlink()
    os.link(runtime / "moved", file)
    with pytest.raises(UnlockUnsafe, match="second name"):
        find(locked, SERVER)
    file.unlink()
    os.mkfifo(file, 0o600)
    with pytest.raises(UnlockUnsafe, match="it is no file"):
        find(locked, SERVER)
    file.unlink()
    file.mkdir(mode=0o700)
    with pytest.raises(UnlockUnsafe, match="it is no file"):
        find(locked, SERVER)
    with pytest.raises(UnlockUnsafe, match="cannot remove"):
        lock(locked)
    with pytest.raises(UnlockUnsafe, match="cannot keep"):
        unlock(locked, PASSPHRASE, 60)
    file.rmdir()
    (runtime / "dockpass").rmdir()
    os.symlink(path, runtime / "dockpass")
    for act in (lambda: find(locked, SERVER), lambda: unlock(locked, PASSPHRASE, 60), lambda: lock(locked)):
        with pytest.raises(UnlockUnsafe, match="it is no folder of yours"):
            act()


@pytest.mark.parametrize(
    "text", ["", "x", "# dockpass unlocked: 1 2\nkey", "# dockpass unlocked: 1 2 3 4 5 x\nkey", "# dockpass unlocked:"]
)
def test_a_damaged_one_is_no_unlocked_identity(locked: Home, runtime: Path, text: str) -> None:
    unlock(locked, PASSPHRASE, 60)
    file_of(runtime).write_text(text)
    is_locked(locked)
    assert os.listdir(runtime / "dockpass") == []


@pytest.mark.parametrize("value", ["", "relative", None, "/nonexistent/run"])
def test_no_place_for_it(locked: Home, value: str | None) -> None:
    environ = {"PATH": os.environ["PATH"]} | ({} if value is None else {"XDG_RUNTIME_DIR": value})
    home = Home(locked.path, environ=environ)
    is_locked(home)
    assert lock(home) is False
    with pytest.raises(UnlockUnsafe, match="XDG_RUNTIME_DIR"):
        unlock(home, PASSPHRASE, 60)


def test_no_space_for_it(locked: Home, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda _fd, data: len(data) - 1)
    with pytest.raises(UnlockUnsafe, match="no space is left"):
        unlock(locked, PASSPHRASE, 60)
    monkeypatch.undo()
    assert os.listdir(runtime / "dockpass") == []


def test_nothing_to_unlock(kept: Home, home: Home, path: Path, runtime: Path) -> None:
    with pytest.raises(IdentityUnusable, match="there is nothing to unlock"):
        unlock(kept, PASSPHRASE, 60)
    (path / "identity.txt").unlink()
    with pytest.raises(IdentityUnusable, match="it has no"):
        unlock(kept, PASSPHRASE, 60)
    nowhere = Home(str(path / "nowhere"))
    with pytest.raises(IdentityUnusable, match="there is no vault"):
        unlock(nowhere, PASSPHRASE, 60)
    assert lock(nowhere) is False


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"hello", "it is not an age file"),
        (b"age-encryption.org/v1\n-> X25519 a\nb\n--- c\n", "not locked by a passphrase"),
        (b"age-encryption.org/v1\n-> scrypt c2FsdA 21\nb\n--- c\n", "its work factor is 21, over 20"),
        (
            b"age-encryption.org/v1\n-> scrypt c2FsdA 2\nb\n--- c\n",
            "[Hh]eader|[Ff]ailed|malformed|invalid|Unknown age format",
        ),
    ],
)
def test_a_locked_identity_that_cannot_be_opened(locked: Home, path: Path, engine: str, data: bytes, why: str) -> None:
    (path / "identity.age").write_bytes(data)
    with pytest.raises(IdentityUnusable, match=why) as caught:
        unlock(locked, PASSPHRASE, 60)
    assert caught.value.path == str(path / "identity.age")
    assert (path / "identity.age").read_bytes() == data


def test_a_locked_identity_in_its_text_form(locked: Home, path: Path) -> None:
    import base64

    body = base64.encodebytes((path / "identity.age").read_bytes())
    text = b"-----BEGIN AGE ENCRYPTED FILE-----\n" + body + b"-----END AGE ENCRYPTED FILE-----\n"
    (path / "identity.age").write_bytes(text)
    unlock(locked, PASSPHRASE, 60)
    is_open(locked)


def test_what_is_locked_is_no_identity(locked: Home, path: Path, by_passphrase: Callable[..., bytes]) -> None:
    (path / "identity.age").write_bytes(by_passphrase(b"hello", PASSPHRASE.reveal()))
    with pytest.raises(IdentityUnusable, match="its line 1 is not a key"):
        unlock(locked, PASSPHRASE, 60)
    is_locked(locked)


def test_a_folder_that_cannot_be_made(locked: Home, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(UnlockUnsafe, match="cannot make .*dockpass: No space left"):
        unlock(locked, PASSPHRASE, 60)
    monkeypatch.setattr(os, "mkdir", lambda *_arguments: None)
    monkeypatch.setattr(os, "chmod", lambda *_arguments: None)
    with pytest.raises(UnlockUnsafe, match="was removed meanwhile"):
        unlock(locked, PASSPHRASE, 60)


def test_one_that_is_over_and_cannot_be_removed_is_over_all_the_same(
    locked: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise OSError(30, "Read-only file system")

    unlock(locked, PASSPHRASE, 60)
    monkeypatch.setattr(os, "unlink", refuse)
    shift(monkeypatch, boot=61)
    is_locked(locked)
