"""Programs that a test cannot do without."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import NoReturn

import pytest

_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def need(program: str) -> str:
    """Where ``program`` is. Without it the test is skipped, and says so; with ``CI=true`` it fails, for there the
    set-up has installed everything, and a test that quietly does not run is no test.
    """
    found = shutil.which(program, path=_PATH)
    if found is None:
        without(f"{program} is not on PATH")
    return found


def need_mounts(purpose: str) -> str:
    """Where the program is that gives others a mount namespace. Where the system does not allow that, the test is
    skipped, and never a failure: no set-up can change it.
    """
    unshare = need("unshare")
    tried = subprocess.run((unshare, "--mount", "true"), capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"mounts of its own, to {purpose}, are not allowed here: {tried.stderr.strip()}")
    return unshare


def without(reason: str) -> NoReturn:
    """End the test for want of something that the set-up provides."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{reason}, and CI=true says that everything is installed")
    pytest.skip(reason)
