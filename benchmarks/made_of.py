"""What the time of a process is made of: the modules that it imports, and what it asks of the system."""

from __future__ import annotations

import collections
import os
import re
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def imports(words: Sequence[str], stdin: str, environ: Mapping[str, str], count: int = 15) -> str:
    """The slowest imports of ``words``, a Python command with ``-X importtime`` in it, as a Markdown table."""
    said = subprocess.run(words, input=stdin, capture_output=True, text=True, check=True, env=environ).stderr
    times: dict[str, tuple[float, int]] = {}
    for line in said.splitlines():
        parts = line.removeprefix("import time:").split("|")
        if line.startswith("import time:") and parts[0].strip().isdigit():
            module = parts[2].strip()
            group = module if not module.startswith("dockpass") else "dockpass's own modules"
            spent, modules = times.get(group, (0.0, 0))
            times[group] = spent + int(parts[0]) / 1000, modules + 1
    rows = sorted(times.items(), key=lambda item: -item[1][0])
    shown = [
        f"| {name}{f' ({modules})' if modules > 1 else ''} | {spent:.1f} ms |"
        for name, (spent, modules) in rows[:count]
    ]
    if rest := rows[count:]:
        shown.append(f"| {len(rest)} others | {sum(spent for _, (spent, _) in rest):.1f} ms |")
    shown.append(f"| all | {sum(spent for _, (spent, _) in rows):.1f} ms |")
    return "\n".join(["| import | time in it alone |", "|---|---|", *shown])


class Calls:
    """The system calls of one process and its children.

    Attributes:
        number: How many.
        missed: How many of them looked for a file that is not there.
        syncs: How many waited for the disk.
        waited: Milliseconds that those took, under strace.

    """

    def __init__(self, trace: str) -> None:
        by_name = collections.Counter(re.findall(r"^(?:\d+ +)?(\w+)\(", trace, re.MULTILINE))
        self.number = sum(by_name.values())
        self.missed = trace.count("ENOENT")
        self.syncs = by_name["fsync"] + by_name["fdatasync"]
        self.waited = 1000 * sum(map(float, re.findall(r"(?:fsync|fdatasync).*<([\d.]+)>$", trace, re.MULTILINE)))


def calls(words: Sequence[str], stdin: str, environ: Mapping[str, str]) -> Calls | None:
    """What strace sees of it; ``None`` where there is no strace, or it may not look."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace")
        done = subprocess.run(
            [strace, "-f", "-T", "-o", path, *words],
            input=stdin, env=environ, text=True, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return None
        with open(path, encoding="utf-8", errors="replace") as file:
            return Calls(file.read())
