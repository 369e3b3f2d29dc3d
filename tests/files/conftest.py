from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
