"""A program that runs beside the tests, from when it says that it is ready until the end."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


STAY = "echo ready\nread -r _\n"
"""The end of a script for ``sh`` that :func:`staying` runs."""


@contextlib.contextmanager
def running(
    command: Sequence[str], *, ready: str, log: Path, env: Mapping[str, str] | None = None, timeout: float = 60
) -> Iterator[re.Match[str]]:
    """Run ``command`` for the length of a ``with`` block; only this process is ended, and only by its id.

    Args:
        command: The program and its arguments.
        ready: A pattern in what it writes, which it writes once it serves.
        log: The file that takes what it writes.
        env: Its environment; ``None`` for ours.
        timeout: How long it may take to become ready.

    Yields:
        The match of ``ready``.

    """
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env)
    try:
        yield _wait(process, re.compile(ready), log, time.monotonic() + timeout)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def staying(command: Sequence[str], what: str, *, env: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run a script that ends with :data:`STAY`, and stays there for the length of a ``with`` block.

    Args:
        command: What runs the script.
        what: What it makes, for the error if it does not.
        env: Its environment; ``None`` for ours.

    Yields:
        The number of its process, by which others enter where it is.

    """
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            if process.stdout.readline() != b"ready\n":
                raise RuntimeError(f"{what} could not be made: {process.stderr.read().decode()}")
            yield process.pid
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()


def _wait(process: subprocess.Popen[bytes], ready: re.Pattern[str], log: Path, until: float) -> re.Match[str]:
    while True:
        ended = process.poll() is not None
        written = log.read_text("utf-8", "replace")
        found = ready.search(written)
        if found:
            return found
        if ended or time.monotonic() > until:
            said = "ended" if ended else "is not ready"
            raise RuntimeError(f"{process.args!r} {said}, exit code {process.returncode}; it wrote:\n{written}")
        time.sleep(0.02)
