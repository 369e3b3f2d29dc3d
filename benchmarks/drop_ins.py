"""`get` of our `docker-credential-secretservice` and `docker-credential-pass` against docker's own, the whole process.

Ours are what `dockpass helper install` writes; docker's are those that Debian ships. The two of a pair ask the same
keyring, or open the same file. The password store is measured twice: with a gpg-agent that runs, as after the first
`get` of a session, and with one that gpg has to start.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import made_of
import peers
from measure import Contestant, Target, installed, race, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEYRING, PASS, COLD = "secretservice", "pass", "pass, no gpg-agent yet"
_LIMITS = {KEYRING: 2.2, PASS: 1.0, COLD: 1.0}
_STORES = {KEYRING: peers.secret_service, PASS: peers.pass_store, COLD: peers.pass_store}
_ENDS = "import os; os._exit(0)"
_TIMES = 20
# The launcher is run twice in one process. What the first time takes longer is loading; what the second time takes
# without working, it waits.
_TWICE = """
import os, sys, time
class Ended(BaseException):
    pass
def end(status):
    raise Ended(status)
leave, os._exit = os._exit, end
program, answers = sys.argv.pop(1), os.dup(2)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
for _ in range(2):
    os.lseek(0, 0, os.SEEK_SET)
    wall, worked = time.perf_counter(), time.process_time()
    try:
        with open(program, encoding="utf-8") as file:
            exec(compile(file.read(), program, "exec"), {})
    except Ended as ended:
        assert ended.args == (0,)
    wall, worked = time.perf_counter() - wall, time.process_time() - worked
    os.write(answers, f"{wall * 1000} {worked * 1000}\\n".encode())
leave(0)
"""


class Pair:
    """docker's helper and ours, over one store with one login in it.

    Attributes:
        environ: The environment of both.
        theirs: The path of docker's.
        ours: The path of ours.
        excuse: Whether the store's own program has crashed; ``None`` where there is none.

    """

    def __init__(self, name: str, folder: str, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.excuse = partial(peers.revived, environ) if name == KEYRING else None
        self.theirs = peers.program(name)
        subprocess.run(
            [installed("dockpass"), "helper", "install", name, "--dir", folder],
            env=environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.ours = os.path.join(folder, os.path.basename(self.theirs))
        for program in (self.ours, self.theirs):
            if not peers.gives([program, "get"], peers.SERVER, environ):
                raise SystemExit(f"{program} does not give the login of {peers.SERVER}")


@contextmanager
def _pairs(*names: str) -> Iterator[list[Pair]]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        found = []
        for number, name in enumerate(names):
            place, programs = f"{folder}/{number}", f"{folder}/{number}-bin"
            for made in (place, programs):
                os.mkdir(made)
            environ = stack.enter_context(_STORES[name](place))
            found.append(Pair(name.partition(",")[0], programs, environ))
        yield found


def against_dockers(rounds: int) -> tuple[str, list[Target]]:
    """The race, as a Markdown table, and what was aimed at."""
    with _pairs(*_LIMITS) as pairs:
        raced = []
        for name, pair in zip(_LIMITS, pairs, strict=True):
            before = peers.without_agent(pair.environ) if name == COLD else None
            for whose, program in (("dockpass's", pair.ours), ("docker's", pair.theirs)):
                raced.append(
                    Contestant(
                        f"{whose} {name}", [program, "get"],
                        stdin=peers.SERVER, environ=pair.environ, before=before, excuse=pair.excuse,
                    )
                )  # fmt: skip
        bare = Contestant("python3 -c pass", [installed("python3"), "-c", "pass"])
        floor = Contestant("python3 -IS, no clean-up", [installed("python3"), "-IS", "-c", _ENDS])
        opening = Contestant("gpg --decrypt, by itself", _opening(pairs[1]), environ=pairs[1].environ)
        everybody = [*raced, bare, floor, opening]
        race(everybody, rounds)
        limits = zip(raced[::2], raced[1::2], _LIMITS.values(), strict=True)
        return table(everybody, bare), [Target("`get`", ours, theirs, limit) for ours, theirs, limit in limits]


def _opening(pair: Pair) -> list[str]:
    """The command that opens the only file of a password store."""
    for folder, _, names in os.walk(pair.environ["PASSWORD_STORE_DIR"]):
        for name in names:
            if name.endswith(".gpg"):
                return ["gpg", "--batch", "--decrypt", "--", os.path.join(folder, name)]
    raise SystemExit("the password store is empty")


def where_the_time_goes() -> str:
    """What a get of ours is made of, as Markdown tables: start, loading, own work, waiting; imports; system calls."""
    names = (KEYRING, PASS)
    with _pairs(*names) as pairs:
        parts = list(zip(*(_parts(pair) for pair in pairs), strict=True))
        titles = (
            "Python's start and end, with nothing in between",
            "loading dockpass's modules and what they need",
            "dockpass's own work",
            "waiting for the keyring, or for gpg",
            "all",
        )
        rows = [
            f"| {title} | {' | '.join(f'{each:.1f} ms' for each in row)} |"
            for title, row in zip(titles, parts, strict=True)
        ]
        seen = [made_of.calls([pair.ours, "get"], peers.SERVER, pair.environ) for pair in pairs]
        number = " | ".join(str(each.number) if each else "not measured" for each in seen)
        imported = [
            made_of.imports(
                [installed("python3"), "-IS", "-X", "importtime", pair.ours, "get"], peers.SERVER, pair.environ, 6
            )
            for pair in pairs
        ]
    return "\n".join(
        [
            f"| part | {' | '.join(names)} |",
            "|---|---|---|",
            *rows,
            f"| system calls, gpg's with them | {number} |",
            "",
            "What the keyring's imports, read off `python3 -X importtime`:",
            "",
            imported[0],
            "",
            "And what that for pass imports:",
            "",
            imported[1],
        ]
    )


def _parts(pair: Pair) -> tuple[float, float, float, float, float]:
    """Milliseconds, each the middle one of several runs: start, loading, work, waiting, and their sum."""
    runs: list[tuple[float, float, float, float]] = []
    with tempfile.TemporaryFile() as asked:
        asked.write(peers.SERVER.encode())
        asked.flush()
        while len(runs) < _TIMES:
            start = time.perf_counter()
            subprocess.run([installed("python3"), "-IS", "-c", _ENDS], env=pair.environ, check=True)
            started = (time.perf_counter() - start) * 1000
            words = [installed("python3"), "-IS", "-c", _TWICE, pair.ours, "get"]
            said = subprocess.run(words, stdin=asked, stderr=subprocess.PIPE, env=pair.environ, text=True, check=False)
            if said.returncode:
                if pair.excuse is not None and pair.excuse():
                    continue
                raise SystemExit(f"{pair.ours} failed: {said.stderr}")
            (first, _), (second, worked) = (map(float, line.split()) for line in said.stderr.splitlines())
            runs.append((started, first - second, worked, second - worked))
    start, load, work, wait = map(statistics.median, zip(*runs, strict=True))
    return start, load, work, wait, start + load + work + wait


if __name__ == "__main__":
    print(against_dockers(5)[0], where_the_time_goes(), sep="\n\n")
