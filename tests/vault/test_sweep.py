"""What killed processes left beside the vault's key and its list goes with the next login."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dockpass.credential import Credential
from dockpass.files.lock import lock
from dockpass.vault.keep import put

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.vault.home import Home

LEFT = [f".{name}.dockpass-new-0123" for name in ("identity.txt", "identity.age", "recipients.txt", "resealing")]
BOB = Credential("bob", "builder")


def left(path: Path) -> list[str]:
    return sorted(name for name in os.listdir(path) if "dockpass-new" in name)


@pytest.fixture
def littered(kept: Home, path: Path) -> Home:
    for name in LEFT:
        (path / name).write_bytes(b"x")
    return kept


def test_the_next_login_removes_it(littered: Home, path: Path) -> None:
    put(littered, "other.test", BOB)
    assert left(path) == []
    assert {"identity.txt", "recipients.txt"} <= set(os.listdir(path))


@pytest.mark.parametrize("turn", ["identity", "recipients"])
def test_where_somebody_is_at_work_it_is_not_left_over(turn: str, littered: Home, path: Path) -> None:
    with lock(str(path / turn)):
        put(littered, "other.test", BOB)
        assert left(path) == sorted(LEFT)
    put(littered, "other.test", BOB)
    assert left(path) == []


def test_where_nobody_can_be_kept_out_it_stays(littered: Home, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def none(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", none)
    monkeypatch.setattr(fcntl, "lockf", none)
    put(littered, "other.test", BOB)
    assert left(path) == sorted(LEFT)
