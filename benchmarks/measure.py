"""Time whole processes side by side: the machine is noisy, so every round runs each of them once, in a new order."""

from __future__ import annotations

import os
import random
import resource
import shutil
import statistics
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Contestant:
    """A command that is measured.

    Attributes:
        name: What tables call it.
        words: The command line.
        stdin: What it reads.
        environ: Its whole environment.
        fresh: A folder that is emptied before each run, not counted; ``""`` for none.
        filled: A folder of which ``fresh`` is made a copy each time; ``""`` for an empty one.
        before: Called before each run, not counted; ``None`` for nothing.
        excuse: Called after a run that failed: whether another program was the cause, so that it is to be run again;
            ``None`` where that cannot be.
        times: Milliseconds of each run.
        worked: How many of those a processor worked for it and its children.

    """

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        *,
        stdin: str = "",
        environ: Mapping[str, str] | None = None,
        fresh: str = "",
        filled: str = "",
        before: Callable[[], None] | None = None,
        excuse: Callable[[], bool] | None = None,
    ) -> None:
        self.name = name
        self.words = list(words)
        self.stdin = stdin.encode()
        self.environ = dict(os.environ if environ is None else environ)
        self.fresh = fresh
        self.filled = filled
        self.before = before
        self.excuse = excuse
        self.times: list[float] = []
        self.worked: list[float] = []

    @property
    def median(self) -> float:
        """Milliseconds."""
        return statistics.median(self.times)

    def run(self) -> tuple[float, float]:
        """Run it once.

        Returns:
            Milliseconds from start to exit, and how many of them it had a processor.

        """
        if self.fresh:
            shutil.rmtree(self.fresh, ignore_errors=True)
            if self.filled:
                shutil.copytree(self.filled, self.fresh, copy_function=unnoticed)
            else:
                os.makedirs(self.fresh, mode=0o700)
        if self.before is not None:
            self.before()
        before = _worked()
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
            if self.excuse is not None and self.excuse():
                return self.run()
            raise SystemExit(f"{self.name} failed: {' '.join(self.words)}\n{done.stdout.decode(errors='replace')}")
        return took, _worked() - before


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def unnoticed(source: str, target: str) -> None:
    """Copy a file, and leave no sign that it was read: dockpass looks longer after a file that others read."""
    was = os.stat(source)
    shutil.copy2(source, target)
    for path in (source, target):
        os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def race(contestants: Sequence[Contestant], rounds: int) -> None:
    """Run all of them ``rounds`` times, after one round that does not count."""
    for number in range(rounds + 1):
        for contestant in random.sample(contestants, len(contestants)):
            took, worked = contestant.run()
            if number:
                contestant.times.append(took)
                contestant.worked.append(worked)


def table(contestants: Sequence[Contestant], base: Contestant) -> str:
    """Medians, spreads, and how many times as long as ``base``, as a Markdown table."""
    rows = [f"| program | median | middle half | processor | against {base.name} |", "|---|---|---|---|---|"]
    for one in sorted(contestants, key=lambda one: one.median):
        low, _, high = statistics.quantiles(one.times, n=4)
        times = f"{one.median:.1f} ms | {low:.1f} to {high:.1f} | {statistics.median(one.worked):.1f} ms"
        rows.append(f"| {one.name} | {times} | {one.median / base.median:.2f} |")
    return "\n".join(rows)


class Target:
    """What was aimed at: that one takes at most ``limit`` times as long as the other.

    Attributes:
        text: In words.
        ratio: How many times as long it took.
        worked: How many times as long it had a processor, for when the machine had other work.
        verdict: Whether that was reached, and if not, by how much it was missed.

    """

    def __init__(self, what: str, one: Contestant, other: Contestant, limit: float = 1.0) -> None:
        times = f"at most {limit:g} times" if limit != 1 else "below"
        self.text = f"{what}, {one.name}: {times} {other.name}"
        self.ratio = one.median / other.median
        self.worked = statistics.median(one.worked) / statistics.median(other.worked)
        over = one.median - limit * other.median
        self.verdict = "met" if over <= 0 else f"missed by {self.ratio - limit:.2f}, which is {over:.1f} ms"


def verdicts(targets: Sequence[Target]) -> str:
    """What was aimed at and what came of it, as a Markdown table."""
    rows = [f"| {one.text} | {one.ratio:.2f} | {one.verdict} | {one.worked:.2f} |" for one in targets]
    return "\n".join(["| target | measured | | processor alone |", "|---|---|---|---|", *rows])


def installed(program: str) -> str:
    """The path of a program of the environment that is measured: dockpass and what it needs, and no more."""
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".cache/bench/bin", program)
