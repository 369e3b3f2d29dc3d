"""Time whole processes side by side: the machine is noisy, so every round runs each of them once, in a new order."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Contestant:
    """A command that is measured.

    Attributes:
        name: What tables call it.
        words: The command line.
        stdin: What it reads.
        environ: Its whole environment.
        fresh: A folder that is emptied before each run, not counted; ``""`` for none.
        times: Milliseconds of each run.

    """

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        *,
        stdin: str = "",
        environ: Mapping[str, str] | None = None,
        fresh: str = "",
    ) -> None:
        self.name = name
        self.words = list(words)
        self.stdin = stdin.encode()
        self.environ = dict(os.environ if environ is None else environ)
        self.fresh = fresh
        self.times: list[float] = []

    @property
    def median(self) -> float:
        """Milliseconds."""
        return statistics.median(self.times)

    def run(self) -> float:
        """Run it once.

        Returns:
            Milliseconds from start to exit.

        """
        if self.fresh:
            shutil.rmtree(self.fresh, ignore_errors=True)
            os.makedirs(self.fresh, mode=0o700)
        start = time.perf_counter()
        done = subprocess.run(
            self.words,
            input=self.stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environ,
            check=False,
        )
        took = (time.perf_counter() - start) * 1000
        if done.returncode:
            raise SystemExit(f"{self.name} failed: {' '.join(self.words)}\n{done.stdout.decode(errors='replace')}")
        return took


def race(contestants: Sequence[Contestant], rounds: int) -> None:
    """Run all of them ``rounds`` times, after one round that does not count."""
    for number in range(rounds + 1):
        for contestant in random.sample(contestants, len(contestants)):
            took = contestant.run()
            if number:
                contestant.times.append(took)


def table(contestants: Sequence[Contestant], base: Contestant) -> str:
    """Medians, spreads, and how many times as long as ``base``, as a Markdown table."""
    rows = ["| program | median | middle half | against " + base.name + " |", "|---|---|---|---|"]
    for one in sorted(contestants, key=lambda one: one.median):
        low, _, high = statistics.quantiles(one.times, n=4)
        rows.append(f"| {one.name} | {one.median:.1f} ms | {low:.1f} to {high:.1f} | {one.median / base.median:.2f} |")
    return "\n".join(rows)
