from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOMEBODY = 64123
"""A user number that nobody has."""

ChildCode = "str"


@contextlib.contextmanager
def _acting_as(uid: int) -> Iterator[None]:
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@pytest.fixture
def acting_as() -> Callable[[int], contextlib.AbstractContextManager[None]]:
    """A context in which this process has the rights of another user."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    return _acting_as


@pytest.fixture
def somebody() -> int:
    return SOMEBODY


@pytest.fixture
def open_path() -> Iterator[str]:
    """A folder that every user can reach, unlike pytest's own."""
    folder = tempfile.mkdtemp(prefix="dockpass-test-")
    os.chmod(folder, 0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def in_mounts() -> Callable[..., str]:
    """Run Python code in a mount namespace of its own, after some shell commands; gives what it printed."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root can mount")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mount namespaces are not permitted here")

    def run(folder: Path | str, shell: str, code: str) -> str:
        child = subprocess.run(
            ["unshare", "-m", "--propagation", "private", "sh", "-ec", f'{shell}\nexec "$PYTHON" -c "$CODE"'],
            env={**os.environ, "PYTHON": sys.executable, "CODE": code, "D": str(folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert child.returncode == 0, child.stderr
        return child.stdout

    return run
