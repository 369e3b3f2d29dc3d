"""A registry, and somebody who may not do everything, for scenes in which something odd lies in a file's place."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dockpass.testing.registry import ScriptedRegistry
from rough.box import User, ordinary
from rough.kept import USERS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ScriptedRegistry(USERS) as registry:
        yield registry.address


@pytest.fixture(scope="module")
def stranger() -> Iterator[User]:
    """Somebody to whom the system says no."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield ordinary(Path(folder))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody can enter, as pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)
