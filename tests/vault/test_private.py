"""Whether a file is for us alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dockpass.vault.private import loose, owner_besides

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("mode", "bits", "wrong"),
    [
        (0o600, 0o077, ""),
        (0o400, 0o077, ""),
        (0o644, 0o022, ""),
        (0o640, 0o077, "others can read it (mode 0640)"),
        (0o601, 0o077, "others can write it (mode 0601)"),
        (0o622, 0o022, "others can write it (mode 0622)"),
    ],
)
def test_modes(tmp_path: Path, mode: int, bits: int, wrong: str) -> None:
    file = tmp_path / "file"
    file.touch()
    file.chmod(mode)
    assert loose(file.stat(), bits) == wrong


def test_where_there_are_no_modes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o777)
    status = tmp_path.stat()
    monkeypatch.setattr(os, "name", "nt")
    assert loose(status, 0o077) == ""
    assert owner_besides(status) is None


def test_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    status = tmp_path.stat()
    owner = status.st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    expected = "" if owner == 0 else f"it belongs to somebody else (uid {owner})"
    assert loose(status, 0o077) == expected
    assert loose(status, 0o077, besides=owner) == ""
    assert owner_besides(status) is None
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert owner_besides(status) == owner
