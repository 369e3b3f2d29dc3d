"""Which file is the helper's program, and what is said where there is none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dockpass.errors import HelperMissing, HelperNotExecutable
from dockpass.stores.on_path import find, missing

if TYPE_CHECKING:
    from pathlib import Path

NAME = "docker-credential-it"


def test_the_first_that_may_be_executed(tmp_path: Path) -> None:
    for folder, mode in (("a", 0o644), ("b", 0o755), ("c", 0o755)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / NAME).touch(mode)
    (tmp_path / "d" / NAME).mkdir(parents=True)
    environ = {"PATH": os.pathsep.join(str(tmp_path / folder) for folder in "dzabc")}
    assert find("it", environ) == str(tmp_path / "b" / NAME)
    environ = {"PATH": os.pathsep.join(str(tmp_path / folder) for folder in "da")}
    assert find("it", environ) is None
    error = missing("it", environ)
    assert isinstance(error, HelperNotExecutable)
    assert str(tmp_path / "a" / NAME) in error.message


def test_none(tmp_path: Path) -> None:
    for environ in ({}, {"PATH": ""}, {"PATH": f"{tmp_path}:."}):
        assert find("it", environ) is None
        error = missing("it", environ, "credsStore")
        assert isinstance(error, HelperMissing)
        assert error.message == f"the credential helper {NAME} is not on PATH (credsStore names it)"
        assert error.hint == "install it, or add its folder to PATH, or change credsStore"
