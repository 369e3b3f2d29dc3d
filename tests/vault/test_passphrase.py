"""Locking an identity that lies open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dockpass.credential import Secret
from dockpass.errors import AgeFailed, IdentityUnusable, WrongPassphrase
from dockpass.vault.by_pyrage import ByPyrage
from dockpass.vault.engine import Trouble
from dockpass.vault.home import Home
from dockpass.vault.passphrase import protect, unlock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PASSPHRASE = Secret("open sesame")


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch, by_passphrase: Callable[..., bytes]) -> None:
    """Locking takes seconds on purpose; here it takes none."""
    monkeypatch.setattr(ByPyrage, "lock", lambda _self, data, passphrase: by_passphrase(data, passphrase))


def test_it_is_locked_and_the_open_one_is_gone(kept: Home, path: Path, runtime: Path, engine: str) -> None:
    if engine == "pyrage":
        pytest.importorskip("pyrage")
    protect(kept, PASSPHRASE)
    assert sorted(os.listdir(path)) == [".identity.lock", "identity.age", "recipients.txt", "vault"]
    unlock(Home(str(path), environ={**kept.environ, "XDG_RUNTIME_DIR": str(runtime)}), PASSPHRASE, 60)


@pytest.mark.usefixtures("quickly")
def test_killed_in_the_middle_it_can_be_ended(kept: Home, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dockpass.vault.folder import Folder

    def die(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            protect(kept, PASSPHRASE)
    assert {"identity.txt", "identity.age"} <= set(os.listdir(path))
    with pytest.raises(WrongPassphrase):
        protect(kept, Secret("another"))
    assert (path / "identity.txt").exists()
    protect(kept, PASSPHRASE)
    assert not (path / "identity.txt").exists()


@pytest.mark.usefixtures("quickly")
def test_another_identity_that_is_there_locked_is_not_taken_for_it(
    kept: Home, path: Path, by_passphrase: Callable[..., bytes]
) -> None:
    (path / "identity.age").write_bytes(by_passphrase(b"another", PASSPHRASE.reveal()))
    with pytest.raises(IdentityUnusable, match="has another key in it"):
        protect(kept, PASSPHRASE)
    assert (path / "identity.txt").exists()


def test_nothing_to_lock(kept: Home, path: Path) -> None:
    (path / "identity.txt").unlink()
    with pytest.raises(IdentityUnusable, match="cannot lock .*identity.txt: it is not there"):
        protect(kept, PASSPHRASE)


@pytest.mark.parametrize("bad", ["", "\n", "a\x03b", "x" * 1001, "\ud800"])
def test_a_passphrase_that_cannot_be_typed(kept: Home, path: Path, bad: str) -> None:
    with pytest.raises(WrongPassphrase):
        protect(kept, Secret(bad))
    assert (path / "identity.txt").exists()
    assert not (path / "identity.age").exists()


def test_one_that_would_be_too_much_work_to_open_is_not_kept(
    kept: Home, path: Path, monkeypatch: pytest.MonkeyPatch, by_passphrase: Callable[..., bytes]
) -> None:
    monkeypatch.setattr(ByPyrage, "lock", lambda _self, data, word: by_passphrase(data, word, written="22"))
    with pytest.raises(AgeFailed, match="work factor is 22"):
        protect(kept, PASSPHRASE)
    assert (path / "identity.txt").exists()
    assert not (path / "identity.age").exists()


def test_an_engine_that_cannot(kept: Home, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> bytes:
        raise Trouble("out of memory", "free some")

    monkeypatch.setattr(ByPyrage, "lock", refuse)
    with pytest.raises(AgeFailed, match="cannot lock the private key: out of memory") as caught:
        protect(kept, PASSPHRASE)
    assert caught.value.hint == "free some"
    assert (path / "identity.txt").exists()


@pytest.mark.usefixtures("quickly")
def test_an_engine_that_cannot_open(kept: Home, path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protect(kept, PASSPHRASE)

    def refuse(*_arguments: object) -> bytes:
        raise Trouble("out of memory", "free some")

    monkeypatch.setattr(ByPyrage, "unlock", refuse)
    with pytest.raises(AgeFailed, match="cannot unlock .*: out of memory"):
        unlock(kept, PASSPHRASE, 60)
