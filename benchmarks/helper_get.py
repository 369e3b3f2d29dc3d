"""`docker-credential-dockpass get` from the vault, the whole process, against the Go helpers and a bare Python.

Two programs do it: the one that pip writes, and the launcher that `dockpass helper install dockpass` writes.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import ExitStack
from functools import partial

import made_of
import peers
from dockpass.credential import Credential
from dockpass.stores.age import AgeStore
from measure import Contestant, Target, installed, race, table

FEW, MANY = 10, 10_000
PIPS, LAUNCHER = "dockpass, pip's program", "dockpass, launcher"


def programs(folder: str) -> dict[str, str]:
    """The two, by their names in tables."""
    subprocess.run(
        [installed("dockpass"), "helper", "install", "dockpass", "--dir", folder],
        env=_environ(folder), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return {
        PIPS: installed("docker-credential-dockpass"),
        LAUNCHER: os.path.join(folder, "docker-credential-dockpass"),
    }


def among_peers(rounds: int) -> tuple[str, list[Target]]:
    """The race against the others, as a Markdown table, and what was aimed at."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = _vault(os.path.join(folder, "vault"), [peers.SERVER])
        environ = _environ(folder, home)
        ours = [_get(name, path, peers.SERVER, environ) for name, path in programs(folder).items()]
        others = []
        for name, store in (("pass", peers.pass_store), ("secretservice", peers.secret_service)):
            place = os.path.join(folder, name)
            os.mkdir(place)
            environ_there = stack.enter_context(store(place))
            others.append(_get(f"docker-credential-{name}", peers.program(name), peers.SERVER, environ_there))
        others[1].excuse = partial(peers.revived, others[1].environ)
        bare = _python("python3 -c pass", "-c", "pass", environ=environ)
        ends = "import os; os._exit(0)"
        floors = [
            _python("python3 -c 'import pyrage', no clean-up", "-c", f"import pyrage; {ends}", environ=environ),
            _python("python3 -IS, no clean-up", "-IS", "-c", ends, environ=environ),
        ]
        everybody = [*ours, *others, bare, *floors]
        race(everybody, rounds)
        targets = [Target("`get`", one, bare, 1.25) for one in ours]
        targets += [Target("`get`", one, other) for one in ours for other in others]
        return table(everybody, bare), targets


def among_many(rounds: int) -> tuple[str, list[Target]]:
    """The race of a large vault against a small one, as a Markdown table, and what was aimed at."""
    with tempfile.TemporaryDirectory() as folder:
        runs: dict[tuple[str, int], Contestant] = {}
        for count in (FEW, MANY):
            servers = [f"registry-{number:05}.example.com" for number in range(count)]
            environ = _environ(folder, _vault(os.path.join(folder, f"vault-{count}"), servers))
            for name, path in programs(folder).items():
                runs[name, count] = _get(f"{name}, {count:,} logins", path, servers[count // 2], environ)
        race(list(runs.values()), rounds)
        targets = [Target("`get`", runs[name, MANY], runs[name, FEW], 1.2) for name in (PIPS, LAUNCHER)]
        return table(list(runs.values()), runs[PIPS, FEW]), targets


def where_the_time_goes() -> str:
    """What one get is made of: what is imported and what is asked of the system, as Markdown tables."""
    with tempfile.TemporaryDirectory() as folder:
        environ = _environ(folder, _vault(os.path.join(folder, "vault"), [peers.SERVER]))
        both = programs(folder)
        words = [installed("python3"), "-X", "importtime", both[PIPS], "get"]
        imported = made_of.imports(words, peers.SERVER, environ, 12)
        rows = ["| program | system calls | of them for files that are not there |", "|---|---|---|"]
        commands = {"python3 -c pass": [installed("python3"), "-c", "pass"]}
        commands.update({name: [path, "get"] for name, path in both.items()})
        for name, command in commands.items():
            seen = made_of.calls(command, peers.SERVER, environ)
            rows.append(f"| {name} | {seen.number} | {seen.missed} |" if seen else f"| {name} | not measured | |")
    return "\n".join(
        [
            "What pip's program imports, read off `python3 -X importtime`, which slows everything down a little:",
            "",
            imported,
            "",
            "What strace sees:",
            "",
            *rows,
        ]
    )


def _get(name: str, program: str, server: str, environ: dict[str, str]) -> Contestant:
    words = [program, "get"]
    if not peers.gives(words, server, environ):
        raise SystemExit(f"{program} does not give the login of {server}")
    return Contestant(name, words, stdin=server, environ=environ)


def _python(name: str, *options: str, environ: dict[str, str]) -> Contestant:
    return Contestant(name, [installed("python3"), *options], environ=environ)


def _environ(folder: str, home: str = "") -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": folder, **({"DOCKPASS_HOME": home} if home else {})}


def _vault(home: str, servers: list[str]) -> str:
    store = AgeStore(home)
    for server in servers:
        store.put(server, Credential(peers.USER, peers.SECRET))
    return home
