"""The command line: picks the scenes, runs a client against each, and prints what was wrong and a score."""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from dockpass.testing.hostile import network
from dockpass.testing.hostile.judge import CHECKS
from dockpass.testing.hostile.runner import Client, run
from dockpass.testing.hostile.servers import SCENES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dockpass.testing.hostile.runner import Result
    from dockpass.testing.hostile.scene import Scene
    from dockpass.testing.hostile.wire import Contexts

_ABOUT = """\
Run a program that logs in to registries against hostile and odd ones, and score it. In its words {server}, {user},
{home} and {ca} are filled in; without {user} and {server}, "-u USER --password-stdin" and SERVER are put behind them.
The password comes on standard input. It runs in a network that leads nowhere; where none can be made, only those
servers are tried that do without.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it. Returns 0 if nothing was wrong, 1 if something was, 2 if it could not be tried."""
    given = _parser().parse_args(arguments)
    chosen = [scene for scene in SCENES if any(fnmatch.fnmatch(scene.name, glob) for glob in given.only or ("*",))]
    if given.list:
        _print_list(chosen, given.json)
        return 0
    if not chosen:
        sys.stderr.write("no server has such a name\n")
        return 2
    if not given.command:
        sys.stderr.write("name the program to try, behind --, such as: -- docker login\n")
        return 2
    if shutil.which(given.command[0]) is None:
        sys.stderr.write(f"no such program: {given.command[0]}\n")
        return 2
    folder = tempfile.mkdtemp(prefix="hostile-", dir="/tmp" if os.path.isdir("/tmp") else None)  # noqa: S108
    try:
        contexts = {} if given.loopback else _stage(folder)
        if not contexts:
            chosen = [scene for scene in chosen if not scene.apart]
        if not chosen:
            sys.stderr.write("no server of such a name does without a network of its own\n")
            return 2
        client = Client(given.command, folder, contexts, given.seconds)
        results = list(_results(chosen, client, given))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _print_end(results, given.json)
    return 1 if any(result.wrong for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dockpass.testing.hostile", description=_ABOUT)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--only", action="append", metavar="GLOB", help="only servers of such a name; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the servers, and what is right with each")
    parser.add_argument("--jobs", type=int, default=16, metavar="N", help="how many at once (default: 16)")
    parser.add_argument(
        "--seconds", type=float, default=35, metavar="S", help="how long a login may take (default: 35)"
    )
    parser.add_argument("--loopback", action="store_true", help="only servers that do without a network of their own")
    parser.add_argument("-v", "--verbose", action="store_true", help="print what the program said where it was wrong")
    parser.add_argument("command", nargs="*", help='the program, behind "--"')
    return parser


def _stage(folder: str) -> Contexts:
    """Certificates and a network of its own; nothing, and why, where they cannot be had."""
    try:
        from dockpass.testing.hostile.certificates import make

        contexts = make(folder)
        network.prepare(folder)
        network.enter(folder)
    except ImportError:
        reason = "certificates are made with trustme: pip install trustme"
    except network.Unavailable as unavailable:
        reason = f"no network of its own: {unavailable}"
    else:
        return contexts
    sys.stderr.write(f"only servers on the loopback are tried: {reason}\n")
    return {}


def _results(chosen: Iterable[Scene], client: Client, given: argparse.Namespace) -> Iterator[Result]:
    with ThreadPoolExecutor(max_workers=max(1, given.jobs)) as pool:
        # Those that wait are begun with, so that the others run meanwhile.
        for result in pool.map(lambda scene: run(scene, client), sorted(chosen, key=lambda scene: not scene.slow)):
            if result.wrong and not given.json:
                seen = "; ".join(text for _check, text in result.wrong)
                sys.stdout.write(f"{result.scene.name} ({result.scene.does}): {seen}\n")
                if given.verbose:
                    sys.stdout.write(f"    {result.run.output[:500].decode('utf-8', 'replace')!a}\n")
                sys.stdout.flush()
            yield result


def _print_list(chosen: Iterable[Scene], as_json: bool) -> None:  # noqa: FBT001
    if as_json:
        sys.stdout.write(json.dumps([{"name": s.name, "does": s.does, "right": s.right} for s in chosen]) + "\n")
        return
    for scene in chosen:
        sys.stdout.write(f"{scene.name:40} {scene.right:8} {scene.does}\n")


def _print_end(results: list[Result], as_json: bool) -> None:  # noqa: FBT001
    right = [result for result in results if not result.wrong]
    failed = {check: sum(check in dict(result.wrong) for result in results) for check in CHECKS}
    if as_json:
        report = {
            "version": 1,
            "right": len(right),
            "of": len(results),
            "failed": {check: count for check, count in failed.items() if count},
            "servers": [_as_json(result) for result in results],
        }
        sys.stdout.write(json.dumps(report) + "\n")
        return
    for check, count in failed.items():
        if count:
            sys.stdout.write(f"{count:4}  not kept: {CHECKS[check]} ({check})\n")
    parts = []
    for kind, wanted in (("good or odd ones", True), ("others", False)):
        some = [result for result in results if (result.scene.right == "logs in") is wanted]
        if some:
            parts.append(f"{sum(not result.wrong for result in some)} of {len(some)} {kind}")
    sys.stdout.write(f"{len(right)} of {len(results)} right: {', '.join(parts)}\n")


def _as_json(result: Result) -> dict[str, object]:
    seen = result.run
    return {
        "name": result.scene.name,
        "right": result.scene.right,
        "wrong": [{"check": check, "seen": text} for check, text in result.wrong],
        "code": seen.code,
        "seconds": round(seen.seconds, 3),
        "memory": round(seen.memory, 1),
        "requests": seen.requests,
        "output": seen.output[:4096].decode("utf-8", "replace"),
    }
