"""A new file is new, and its owner's alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dockpass.files.fresh import write_new
from dockpass.files.place import Place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["file", "link", "dangling link"])
def test_nothing_is_written_into_what_is_there_already(tmp_path: Path, kind: str) -> None:
    """Somebody who can guess the name could have put it there, open for reading."""
    others = tmp_path / "others"
    if kind != "dangling link":
        others.write_bytes(b"theirs")
    name = tmp_path / "new"
    if kind == "file":
        others.rename(name)
        others = name
    else:
        name.symlink_to(others)
    with Place(str(tmp_path / "target")) as place, pytest.raises(FileExistsError):
        write_new(place, "new", b"secret")
    assert kind == "dangling link" or others.read_bytes() == b"theirs"
    assert not (kind == "dangling link" and others.exists())


def test_nobody_else_can_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Place(str(tmp_path / "target")) as place:
            write_new(place, "new", b"secret")
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").read_bytes() == b"secret"
