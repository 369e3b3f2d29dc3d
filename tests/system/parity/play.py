"""Run one scenario with one program, and write down what can be seen afterwards."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import tempfile
import tomllib
from itertools import groupby
from typing import TYPE_CHECKING, Any

from parity.world import put_helpers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.world import World

HERE = os.path.dirname(__file__)

Seen = dict[str, Any]
"""What one command left: `code`, `stdout`, `files` (path below home: [mode, text]), `calls` of helpers, `stderr`."""


def scenarios() -> list[dict[str, Any]]:
    """All of them, in the order of the file."""
    with open(os.path.join(HERE, "scenarios.toml"), "rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["scenario"]
    return found


def docker28() -> str | None:
    """A docker CLI of version 28 on PATH, whose answers the record holds."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, "docker")
        if os.access(path, os.X_OK):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
            if said.startswith("Docker version 28."):
                return path
    return None


def play(scenario: dict[str, Any], program: Sequence[str], world: World, extra: dict[str, str]) -> list[Seen]:
    """Run the scenario's commands one after the other in a home of their own.

    Args:
        scenario: One of :func:`scenarios`.
        program: How the program is started; the words of each command follow.
        world: The stage.
        extra: More environment: what only this program is to see.

    """
    with tempfile.TemporaryDirectory(prefix="p") as folder:
        home, tools = os.path.join(folder, "home"), os.path.join(folder, "tools")
        os.mkdir(home)
        os.mkdir(tools)
        put_helpers(tools)
        names = {"{home}": home, "{registry}": world.registry, "{registry6}": world.registry6}
        _lay(scenario, home, names)
        environ = {
            "HOME": home,
            "PATH": tools,
            "HTTPS_PROXY": world.proxy,
            "SSL_CERT_FILE": world.ca,
            "LANG": "C.UTF-8",
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
            **extra,
        }
        environ |= {name: _fill(value, names) for name, value in scenario.get("env", {}).items()}
        if scenario.get("daemon") and "DOCKER_HOST" in environ:
            environ["DOCKER_HOST"] = f"unix://{world.socket}"
        back = {value: name for name, value in names.items() if value}
        seen = []
        for command in scenario["run"]:
            words = [_fill(word, names) for word in shlex.split(command)]
            done = subprocess.run(
                [*program, *words],
                input=scenario.get("stdin", "").encode(),
                capture_output=True,
                check=False,
                env=environ,
                cwd=folder,
                timeout=120,
            )
            seen.append(
                {
                    "code": done.returncode,
                    "stdout": _fill(done.stdout.decode("utf-8", "backslashreplace"), back),
                    "files": _files(home, back),
                    "calls": _calls(tools, back),
                    "stderr": _fill(done.stderr.decode("utf-8", "backslashreplace"), back),
                }
            )
        # What cannot be removed by somebody who is not root.
        for path, folders, _ in os.walk(folder):
            for name in folders:
                os.chmod(os.path.join(path, name), 0o700)
        return seen


def _lay(scenario: dict[str, Any], home: str, names: dict[str, str]) -> None:
    files: dict[str, str] = dict(scenario.get("files", {}))
    if "config" in scenario:
        files[".docker/config.json"] = scenario["config"]
    for path, text in files.items():
        target = os.path.join(home, path)
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        with open(target, "w", encoding="utf-8", newline="") as file:
            file.write(_fill(text, names))
        os.chmod(target, scenario.get("mode", 0o600))
    for path, target in scenario.get("links", {}).items():
        os.makedirs(os.path.dirname(os.path.join(home, path)), mode=0o700, exist_ok=True)
        os.symlink(_fill(target, names), os.path.join(home, path))


def _fill(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def _files(home: str, names: dict[str, str]) -> dict[str, list[str]]:
    found = {}
    for folder, _, files in os.walk(home):
        for name in files:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                found[os.path.relpath(path, home)] = ["link", _fill(os.readlink(path), names)]
            elif stat.S_ISREG(status.st_mode) and not name.endswith(".lock"):
                with open(path, encoding="utf-8", errors="backslashreplace", newline="") as file:
                    found[os.path.relpath(path, home)] = [f"{status.st_mode & 0o777:04o}", _fill(file.read(), names)]
    return dict(sorted(found.items()))


def _calls(tools: str, names: dict[str, str]) -> list[str]:
    """What the helpers were told to change, in order; and a clean log for the next command.

    A call that only repeats the one before changes nothing: docker erases the same key twice when it logs out.
    """
    path = os.path.join(tools, "log")
    try:
        with open(path, encoding="utf-8") as file:
            calls = [call for call, _ in groupby(_fill(line, names) for line in file.read().splitlines())]
    except FileNotFoundError:
        return []
    os.unlink(path)
    return calls


def compared(seen: Seen) -> Seen:
    """What is compared: everything but standard error, whose words are each program's own."""
    return {name: value for name, value in seen.items() if name != "stderr"}
