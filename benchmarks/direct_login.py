"""A login without a daemon, the whole process: dockpass, docker, podman and skopeo on the same docker-registry.

dockpass takes part four times. As it comes: then the login goes into its vault, and the routes by which docker and
podman find it there into config.json. That is measured where nothing is there yet, where there is a vault but no login
for this registry, and where there is one. And once it is told to write a plain file, which is what the others do.

Over plain HTTP on loopback, and over verified HTTPS: for that the registry has a name and an address that is not
loopback (docker skips verification there), in a network namespace of the benchmark's own.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import made_of
from helper_get import LAUNCHER, programs
from measure import Contestant, Target, installed, race, table, unnoticed
from registry import PASSWORD, USER, registry

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME, IP = "registry.test", "10.99.0.1"
INSIDE = "DOCKPASS_BENCHMARK_INSIDE"
FIRST, VAULT, AGAIN = "dockpass, first login of all", "dockpass", "dockpass, same login again"
FILE = "dockpass, plain file"
BARE = "python3 -c pass"


def contestants(folder: str, server: str, *, tls: bool) -> list[Contestant]:
    """Each program's own way to say: log in here, the password comes on standard input, keep it in this folder."""
    login = ["login", "-u", USER, "--password-stdin"]
    # An empty PATH: docker takes a credential helper unasked where it sees one.
    environ = {"PATH": "/nonexistent", "HOME": folder}
    words = [installed("dockpass"), *login, server]
    found = [
        Contestant(FIRST, words, environ=with_helper(folder, "first"), fresh=f"{folder}/first"),
        Contestant(
            VAULT, words, environ=with_helper(folder, "new"), fresh=f"{folder}/new", filled=_used(folder, server)
        ),
        Contestant(AGAIN, words, environ=with_helper(folder, "again")),
        Contestant(
            FILE, words, fresh=f"{folder}/file",
            environ={**environ, "DOCKPASS_STORE": "file", "HOME": f"{folder}/file"},
        ),
    ]  # fmt: skip
    for path in dockers():
        # docker alone, no daemon: it is told of one that is not there.
        keep = {**environ, "DOCKER_CONFIG": f"{folder}/docker", "DOCKER_HOST": "unix:///nonexistent.sock"}
        found.append(Contestant(_version(path), [path, *login, server], environ=keep, fresh=f"{folder}/docker"))
    verify = [] if tls else ["--tls-verify=false"]
    for path in filter(None, map(shutil.which, ("podman", "skopeo"))):
        place = f"{folder}/{os.path.basename(path)}"
        words = [path, *login, f"--authfile={place}/auth.json", *verify, server]
        found.append(Contestant(_version(path), words, environ=environ, fresh=place))
    for one in found:
        one.stdin = PASSWORD.encode()
    return found


def with_helper(folder: str, home: str) -> dict[str, str]:
    """The environment of a user whose home is ``home`` in ``folder``, and who has installed the helper."""
    return {"PATH": os.path.dirname(programs(folder)[LAUNCHER]), "HOME": os.path.join(folder, home)}


def _used(folder: str, server: str) -> str:
    """The home of a user who has a vault and a config.json, but no login there for this registry."""
    home = os.path.join(folder, "used")
    environ = with_helper(folder, "used")
    login = [installed("dockpass"), "login", "-u", USER, "--password-stdin", server]
    for words in (login, [installed("dockpass"), "logout", server]):
        subprocess.run(words, input=PASSWORD.encode(), env=environ, check=True, capture_output=True)
    return home


def dockers() -> list[str]:
    """Every docker CLI on PATH, each once."""
    paths = [os.path.join(folder, "docker") for folder in os.environ["PATH"].split(os.pathsep)]
    return list({os.path.realpath(path): path for path in paths if os.access(path, os.X_OK)}.values())


def _version(path: str) -> str:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    name = os.path.basename(path)
    return f"{name} {said.lower().split('version')[1].split()[0].strip(',').split('+')[0]}"


def over_http(rounds: int) -> tuple[str, list[Target]]:
    """The race on loopback, as a Markdown table, and what was aimed at."""
    with tempfile.TemporaryDirectory() as folder, registry(folder, "127.0.0.1") as server:
        return _judged(_race(folder, server, rounds, tls=False), 1.8)


def over_https(rounds: int) -> tuple[str, list[Target]]:
    """The race over verified TLS, as a Markdown table, or why there is none; and what was aimed at."""
    if os.geteuid():
        return "Not measured: a network namespace needs root.", []
    inside = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, __file__, str(rounds)],
        env={**os.environ, INSIDE: "1"}, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if inside.returncode:
        return "Not measured: no network namespace could be made here.", []
    everybody = []
    for name, times, worked in json.loads(inside.stdout):
        everybody.append(Contestant(name, []))
        everybody[-1].times, everybody[-1].worked = times, worked
    return _judged(everybody, 1.4)


def _race(folder: str, server: str, rounds: int, *, tls: bool) -> list[Contestant]:
    everybody = contestants(folder, server, tls=tls)
    for one in everybody[:2]:
        one.run()
        with open(os.path.join(one.fresh, ".docker/config.json"), encoding="utf-8") as file:
            if server not in json.load(file)["credHelpers"]:
                raise SystemExit(f"{one.name} wrote no route")
    modules = "socket, ssl" if tls else "_socket"  # the latter is what the former is made of, and all that is needed
    floor = Contestant(
        f"python3 -c 'import {modules}', no clean-up",
        [installed("python3"), "-c", f"import {modules}, os; os._exit(0)"],
    )
    everybody += [
        Contestant(BARE, [installed("python3"), "-c", "pass"]),
        Contestant("dockpass --version", [installed("dockpass"), "--version"]),
        floor,
    ]
    race(everybody, rounds)
    return everybody


def _judged(everybody: list[Contestant], limit: float) -> tuple[str, list[Target]]:
    """The table, and what was aimed at: ``limit`` times docker, and less than podman."""
    by_name = {one.name: one for one in everybody}
    what = "login over HTTPS" if limit == 1.4 else "login over HTTP"
    targets = []
    for name in (VAULT, FIRST):
        targets += [Target(what, by_name[name], one, limit) for one in everybody if one.name.startswith("docker ")]
        targets += [Target(what, by_name[name], one) for one in everybody if one.name.startswith("podman ")]
    return table(everybody, by_name[VAULT]), targets


@contextmanager
def _network(folder: str) -> Iterator[None]:
    """Inside the namespaces: an address that is not loopback, its name, and where all four look for its authority."""

    def run(*words: str) -> None:
        subprocess.run(words, check=True)

    run("ip", "link", "set", "lo", "up")
    run("ip", "address", "add", f"{IP}/32", "dev", "lo")
    hosts = os.path.join(folder, "hosts")
    with open(hosts, "w", encoding="utf-8") as file:
        file.write(f"127.0.0.1 localhost\n{IP} {NAME}\n")
    run("mount", "--bind", hosts, "/etc/hosts")
    os.makedirs("/etc/docker", exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", "/etc/docker")
    yield


def _inside(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, _network(folder), registry(folder, IP, name=NAME) as server:
        trusted = f"/etc/docker/certs.d/{server}"
        os.makedirs(trusted)
        shutil.copy(f"{folder}/ca.pem", f"{trusted}/ca.crt")
        everybody = _race(folder, server, rounds, tls=True)
        print(json.dumps([(one.name, one.times, one.worked) for one in everybody]))


def where_the_time_goes() -> str:
    """What a login over loopback is made of: the registry's own time, imports, system calls, as Markdown tables."""
    with tempfile.TemporaryDirectory() as folder, registry(folder, "127.0.0.1") as server:
        shutil.copytree(_used(folder, server), os.path.join(folder, "new"), copy_function=unnoticed)
        asked = _registrys_own_time(server)
        words = ["login", "-u", USER, "--password-stdin", server]
        timed = [installed("python3"), "-X", "importtime", installed("dockpass"), *words]
        imported = made_of.imports(timed, PASSWORD, with_helper(folder, "used"))
        rows = ["| program | system calls | of them for files that are not there | waits for the disk |"]
        rows.append("|---|---|---|---|")
        for name, environ in (
            (FIRST, with_helper(folder, "first")),
            (VAULT, with_helper(folder, "new")),
            (AGAIN, with_helper(folder, "new")),
            (FILE, {"PATH": "/nonexistent", "HOME": f"{folder}/file", "DOCKPASS_STORE": "file"}),
        ):
            seen = made_of.calls([installed("dockpass"), *words], PASSWORD, environ)
            cells = "not measured | |"
            if seen:
                cells = f"{seen.number} | {seen.missed} | {seen.syncs}, {seen.waited:.1f} ms"
            rows.append(f"| {name} | {cells} |")
    return "\n".join(
        [
            f"The registry takes {asked:.1f} ms for the two requests of a login. What a login into a vault imports,",
            "read off `python3 -X importtime`, which slows everything down a little:",
            "",
            imported,
            "",
            "What strace sees, over plain HTTP:",
            "",
            *rows,
        ]
    )


def _registrys_own_time(server: str) -> float:
    """Milliseconds for the two requests of a login on a connection that stands: the middle one of 20 tries."""
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    took = []
    connection = http.client.HTTPConnection(server)
    connection.connect()
    for _ in range(20):
        start = time.perf_counter()
        for headers, status in (({}, 401), ({"Authorization": f"Basic {basic}"}, 200)):
            connection.request("GET", "/v2/", headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != status:
                raise SystemExit(f"the registry answered {answer.status} where {status} was expected")
        took.append((time.perf_counter() - start) * 1000)
    connection.close()
    return statistics.median(took)


if __name__ == "__main__" and os.environ.pop(INSIDE, ""):
    _inside(int(sys.argv[1]))
