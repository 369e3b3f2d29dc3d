"""Take guards out, one at a time, and see a test fail for each: ``scripts/guards [HOW MANY [SEED]]``.

A guard is a line or two that stop an attack. `guards.toml` names each with its text in the source, and the tests that
are to notice when it is gone. Each guard that is drawn is taken out of a copy of the source, and those tests run on the
copy. One that they do not miss is an untested guard: then this fails.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

LONGEST = 300
"""Seconds; the tests of a guard take a tenth of that."""
MOST_MEMORY = 4 << 30

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


class Guard:
    """A place in the source that stops an attack.

    Attributes:
        name: What it is called.
        stops: The attack.
        file: Where it stands, below ``src/dockpass``.
        remove: Its text, which stands there once.
        instead: What is put in its place, so that the rest still runs.
        tests: The arguments of pytest.

    """

    def __init__(self, name: str, fields: dict[str, str]) -> None:
        self.name = name
        self.stops = fields["stops"]
        self.file = fields["file"]
        self.remove = fields["remove"]
        self.instead = fields.get("instead", "")
        self.tests = fields["tests"].split()

    def without(self, source: str) -> str:
        """``source`` without the guard.

        Raises:
            ValueError: It does not stand there, or more than once.

        """
        if source.count(self.remove) != 1:
            raise ValueError(f"{self.name}: its text stands {source.count(self.remove)} times in {self.file}")
        return source.replace(self.remove, self.instead)


def load() -> list[Guard]:
    """All guards, in the order of the file."""
    with open(os.path.join(HERE, "guards.toml"), "rb") as file:
        return [Guard(name, fields) for name, fields in tomllib.load(file).items()]


def path(guard: Guard, tree: str) -> str:
    """The file of ``guard`` in a tree of sources."""
    return os.path.join(tree, "dockpass", *guard.file.split("/"))


def missed(guard: Guard) -> str:
    """The first test that fails, or does not end, without ``guard``; ``""`` if there is none."""
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, "src")
        shutil.copytree(os.path.join(ROOT, "src"), tree, ignore=shutil.ignore_patterns("__pycache__"))
        with open(path(guard, tree), encoding="utf-8") as file:
            source = guard.without(file.read())
        with open(path(guard, tree), "w", encoding="utf-8") as file:
            file.write(source)
        compile(source, guard.file, "exec")  # a test must fail for what is missing, not for a typing error
        try:
            ran = subprocess.run(
                [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *guard.tests],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": tree, "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                text=True,
                check=False,
                timeout=LONGEST,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY)),
            )
        except subprocess.TimeoutExpired:
            return "(a test that does not end)"
    if ran.returncode not in (0, 1):
        raise SystemExit(f"{guard.name}: the tests did not run\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    failed = [line.split(" ")[1] for line in ran.stdout.splitlines() if line.startswith("FAILED ")]
    return failed[0].removeprefix("tests/") if failed else ""


def main(how_many: int, seed: int) -> int:
    """Draw, take out, and print a table. Returns the exit code."""
    guards = load()
    drawn = random.Random(seed).sample(guards, min(how_many, len(guards)))
    print(f"{len(drawn)} of {len(guards)} guards, drawn with seed {seed}\n", flush=True)
    print("| guard | what it stops | without it fails |\n|---|---|---|", flush=True)
    survivors = []
    for guard in drawn:
        test = missed(guard)
        if not test:
            survivors.append(guard.name)
        print(f"| {guard.name} | {guard.stops} | {f'`{test}`' if test else '**nothing**'} |", flush=True)
    print(
        f"\n{len(drawn) - len(survivors)} of {len(drawn)} are missed by a test"
        + (f"; not: {survivors}" if survivors else "")
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]]
    sys.exit(main(arguments[0] if arguments else 20, arguments[1] if len(arguments) > 1 else time.localtime().tm_yday))
