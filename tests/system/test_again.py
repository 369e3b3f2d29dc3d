"""A test is run again where its keyring has crashed, and only there."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from real.need import need

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """
import os, signal
import pytest
from real.keyring import session

runs = {"crashed": 0, "crashed always": 0, "failed": 0, "crashed and passed": 0}

@pytest.fixture
def keyring():
    with session() as found:
        found.start_keyring()
        yield found

def crash(keyring):
    os.kill(keyring._keyring.pid, signal.SIGTRAP)

def test_crashed(keyring):
    runs["crashed"] += 1
    if runs["crashed"] == 1:
        crash(keyring)
        raise ValueError

def test_crashed_always(keyring):
    runs["crashed always"] += 1
    crash(keyring)
    raise ValueError

def test_failed(keyring):
    runs["failed"] += 1
    raise ValueError

def test_crashed_and_passed(keyring):
    runs["crashed and passed"] += 1
    crash(keyring)

def test_runs():
    assert runs == {"crashed": 2, "crashed always": 2, "failed": 1, "crashed and passed": 1}
"""


def test_a_test_whose_keyring_has_crashed(tmp_path: Path) -> None:
    need("gnome-keyring-daemon")
    (tmp_path / "test_it.py").write_text(TESTS)
    environ = {**os.environ, "PYTHONPATH": os.path.dirname(__file__), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    options = ["-p", "real.again", "-p", "no:cacheprovider", "-W", "error"]
    command = [sys.executable, "-m", "pytest", *options, "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert "2 failed, 3 passed, 2 warnings" in done.stdout, done.stdout + done.stderr
    assert "run again, for its keyring has crashed (SIGTRAP)" in done.stdout
    failures = [line.split(" - ")[0] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert failures == ["FAILED test_it.py::test_crashed_always", "FAILED test_it.py::test_failed"]
