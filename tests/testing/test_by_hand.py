"""Waiting for Ctrl-C, with a real process that is sent it."""

from __future__ import annotations

import signal
import subprocess
import sys

_PROGRAM = r"""
import os, signal, sys
from dockpass.testing.by_hand import until_ctrl_c
signal.signal(signal.SIGINT, signal.default_int_handler)
until_ctrl_c("waits\n")
os.kill(os.getpid(), signal.SIGINT)
print("closes", flush=True)
"""


def test_a_second_ctrl_c_does_not_interrupt_what_follows_the_first() -> None:
    with subprocess.Popen([sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "closes\n"
        assert process.wait(20) == 0


def test_who_ignores_it_goes_on_ignoring_it() -> None:
    """As a shell has it for what it starts in the background."""
    program = (
        "import signal, time; from dockpass.testing import by_hand;"
        "signal.signal(signal.SIGINT, signal.SIG_IGN);"
        "time.sleep = lambda _: (signal.raise_signal(signal.SIGINT), exit(7));"
        "by_hand.until_ctrl_c('')"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 7
