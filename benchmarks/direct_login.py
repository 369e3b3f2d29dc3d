"""A login without a daemon, the whole process: dockpass, docker, podman and skopeo on the same docker-registry.

Over plain HTTP on loopback, and over verified HTTPS: for that the registry has a name and an address that is not
loopback (docker skips verification there), in a network namespace of the benchmark's own.
"""

from __future__ import annotations

import base64
import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from measure import Contestant, race, table
from registry import PASSWORD, USER, registry

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME, IP = "registry.test", "10.99.0.1"
INSIDE = "DOCKPASS_BENCHMARK_INSIDE"


def contestants(folder: str, server: str, *, tls: bool) -> list[Contestant]:
    """Each program's own way to say: log in here, the password comes on standard input, keep it in this folder."""
    login = ["login", "-u", USER, "--password-stdin"]
    # An empty PATH: docker takes a credential helper unasked where it sees one.
    environ = {"PATH": "/nonexistent", "HOME": folder}
    found = [
        Contestant("dockpass", [dockpass(), *login, server], environ={**environ, "DOCKER_CONFIG": f"{folder}/dockpass"})
    ]
    for path in dockers():
        # docker alone, no daemon: it is told of one that is not there.
        keep = {**environ, "DOCKER_CONFIG": f"{folder}/docker", "DOCKER_HOST": "unix:///nonexistent.sock"}
        found.append(Contestant(_version(path), [path, *login, server], environ=keep))
    verify = [] if tls else ["--tls-verify=false"]
    for path in filter(None, map(shutil.which, ("podman", "skopeo"))):
        authfile = f"--authfile={folder}/{os.path.basename(path)}/auth.json"
        found.append(Contestant(_version(path), [path, *login, authfile, *verify, server], environ=environ))
    for one in found:
        one.stdin = PASSWORD.encode()
        one.fresh = os.path.join(folder, one.name.split()[0])
    return found


def dockpass() -> str:
    """The installed program."""
    return os.path.join(os.path.dirname(sys.executable), "dockpass")


def dockers() -> list[str]:
    """Every docker CLI on PATH, each once."""
    paths = [os.path.join(folder, "docker") for folder in os.environ["PATH"].split(os.pathsep)]
    return list({os.path.realpath(path): path for path in paths if os.access(path, os.X_OK)}.values())


def _version(path: str) -> str:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    name = os.path.basename(path)
    return f"{name} {said.lower().split('version')[1].split()[0].strip(',').split('+')[0]}"


def over_http(rounds: int) -> str:
    """The race on loopback, as a Markdown table."""
    with tempfile.TemporaryDirectory() as folder, registry(folder, "127.0.0.1") as server:
        return _race(folder, server, rounds, tls=False)


def over_https(rounds: int) -> str:
    """The race over verified TLS, as a Markdown table, or why there is none."""
    if os.geteuid():
        return "Not measured: a network namespace needs root."
    inside = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, __file__, str(rounds)],
        env={**os.environ, INSIDE: "1"}, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    return inside.stdout if inside.returncode == 0 else "Not measured: no network namespace could be made here."


def _race(folder: str, server: str, rounds: int, *, tls: bool) -> str:
    all_of_them = contestants(folder, server, tls=tls)
    bare = Contestant("python3 -c pass", [sys.executable, "-I", "-c", "pass"])
    start = Contestant("dockpass --version", [dockpass(), "--version"])
    race([*all_of_them, bare, start], rounds)
    return table([*all_of_them, bare, start], all_of_them[0])


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
        print(_race(folder, server, rounds, tls=True))


def where_the_time_goes(count: int = 15) -> str:
    """What one login over loopback is made of: the registry's own time, and what is imported, as a Markdown table."""
    with tempfile.TemporaryDirectory() as folder, registry(folder, "127.0.0.1") as server:
        asked = _registrys_own_time(server)
        words = [sys.executable, "-X", "importtime", "-m", "dockpass", "login", "-u", USER, "--password-stdin", server]
        environ = {"PATH": os.environ["PATH"], "HOME": folder}
        said = subprocess.run(words, input=PASSWORD, capture_output=True, text=True, check=True, env=environ).stderr
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
    rest = sum(spent for _, (spent, _) in rows[count:])
    total = sum(spent for _, (spent, _) in rows)
    shown += [f"| {len(rows[count:])} others | {rest:.1f} ms |", f"| all | {total:.1f} ms |"]
    return "\n".join(
        [
            f"The registry takes {asked:.1f} ms for the two requests of a login. What is imported, read off",
            "`python3 -X importtime`, which slows everything down a little:",
            "",
            *("| import | time in it alone |", "|---|---|", *shown),
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
