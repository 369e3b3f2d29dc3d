"""A hundred logins at once into one config.json, and others who write it meanwhile: everything is kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import pytest

import dockpass
import dockpass.aio
from dockpass.testing.helper_program import HelperProgram
from dockpass.testing.registry import ScriptedRegistry
from rough.box import HANG, Box
from rough.kept import Vault, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from real.home import Done

MANY = 100
OUTSIDERS = 20
HOST = "127.0.0.{}" if sys.platform == "linux" else "127.0.0.1"  # elsewhere the loopback has one address only
BEFORE: Any = {"auths": {"before.example.com": {"auth": joined("carol", "carols")}}, "someday": [1, None]}

# Reads, changes and renames, as docker does, and takes no lock of ours. Docker loses what another docker writes, so
# these take turns among themselves, by a lock that dockpass knows nothing of.
OUTSIDER = r"""
import fcntl, json, os, sys
path, turn, name = sys.argv[1:]
with open(turn, "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["auths"][name] = {"auth": "b3V0c2lkZXI6b3V0c2lkZQ=="}
    with open(path + name, "w", encoding="utf-8") as file:
        json.dump(config, file, indent="\t")
    os.rename(path + name, path)
"""


class Member:
    """One of the many: a registry, and the login there."""

    def __init__(self, registry: ScriptedRegistry, number: int) -> None:
        self.address = registry.address
        self.user, self.password = f"user-{number}", f"secret-{number}"


@pytest.fixture(scope="module")
def members() -> Iterator[list[Member]]:
    """A hundred registries; each takes one user."""
    with contextlib.ExitStack() as stack:
        registries = [
            ScriptedRegistry({f"user-{number}": f"secret-{number}"}, host=HOST.format(number + 2))
            for number in range(MANY)
        ]
        yield [Member(stack.enter_context(registry), number) for number, registry in enumerate(registries)]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A home with a config.json."""
    box = Box(tmp_path)
    box.write(json.dumps(BEFORE).encode())
    return box


@pytest.fixture(autouse=True)
def in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the library does in this process, it does where the programs do it."""
    monkeypatch.setenv("DOCKPASS_STORE", "file")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("DOCKER_CONFIG", "DOCKER_AUTH_CONFIG", "DOCKPASS_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)


class Reader(threading.Thread):
    """Reads config.json all the time, as any program may. It must be whole whenever it is read."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path, self._done = path, threading.Event()
        self.seen = 0
        self.broken: list[bytes] = []

    def run(self) -> None:
        while not self._done.wait(0.002):
            data = self._path.read_bytes()
            self.seen += 1
            try:
                json.loads(data)
            except ValueError:
                self.broken.append(data)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self.join()


def _at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """What the tasks return, which all run at the same time."""
    with ThreadPoolExecutor(len(tasks)) as threads:
        return [future.result() for future in [threads.submit(task) for task in tasks]]


def _process(box: Box, member: Member) -> Callable[[], Done]:
    return lambda: box.login(member.address, member.user, member.password)


def _outsider(box: Box, number: int) -> Callable[[], None]:
    command = (sys.executable, "-IS", "-c", OUTSIDER, box.config, box.folder / "turn", f"outside-{number}")

    def run() -> None:
        subprocess.run(command, check=True, timeout=HANG)

    return run


def _succeeded(results: list[Done]) -> None:
    assert [(done.code, done.stdout) for done in results] == [(0, "Login Succeeded\n")] * MANY, [
        done for done in results if done.code
    ]
    assert not any("secret-" in done.stderr or "Traceback" in done.stderr for done in results)


def _kept(box: Box, members: list[Member], outsiders: int = 0, *, before: Any = BEFORE) -> None:
    """Everything is in config.json, and nothing else is there."""
    config = json.loads(box.config.read_bytes())
    logins = {member.address: {"auth": joined(member.user, member.password)} for member in members}
    others = {f"outside-{number}": {"auth": joined("outsider", "outside")} for number in range(outsiders)}
    assert config == {**before, "auths": {**before["auths"], **logins, **others}}
    assert box.names() == [".config.json.lock", "config.json"]
    assert box.loose() == []


def test_a_hundred_processes_that_begin_with_nothing(tmp_path: Path, members: list[Member]) -> None:
    box = Box(tmp_path)
    _succeeded(_at_once(*(_process(box, member) for member in members)))
    _kept(box, members, before={"auths": {}})


def test_a_hundred_processes_while_others_rename_over_the_file(box: Box, members: list[Member]) -> None:
    # The others come all the time, from the first login to the last.
    tasks: list[Callable[[], Any]] = [_process(box, member) for member in members]
    for number in range(OUTSIDERS):
        tasks.insert(number * (MANY // OUTSIDERS + 1), _outsider(box, number))
    with Reader(box.config) as reader:
        results = _at_once(*tasks)
    _succeeded([done for done in results if done is not None])
    assert not reader.broken
    assert reader.seen > MANY
    box.config.chmod(0o600)  # an outsider may have been the last
    _kept(box, members, OUTSIDERS)


def test_a_hundred_processes_into_the_vault(tmp_path: Path, members: list[Member]) -> None:
    box, vault = Box(tmp_path), Vault()
    vault.enter(box)
    _succeeded(_at_once(*(_process(box, member) for member in members)))
    assert vault.seen(box) == {member.address: (member.user, member.password) for member in members}
    assert vault.leftovers(box) == []
    assert box.loose() == []


def test_a_hundred_processes_with_a_helper(box: Box, members: list[Member]) -> None:
    helper = HelperProgram(box.folder)
    box.env["PATH"] = f"{box.folder}:{box.env['PATH']}"
    box.write(json.dumps({**BEFORE, "credsStore": helper.name}).encode())
    _succeeded(_at_once(*(_process(box, member) for member in members)))
    assert helper.kept == {member.address: (member.user, member.password) for member in members}
    config = json.loads(box.config.read_bytes())
    assert config["auths"] == {**BEFORE["auths"], **{member.address: {} for member in members}}
    assert config["credsStore"] == helper.name
    assert config["someday"] == BEFORE["someday"]


def test_a_hundred_processes_with_the_vault(box: Box, members: list[Member]) -> None:
    box.env["DOCKPASS_STORE"] = "age"
    box.env["PATH"] = f"{box.folder}:{box.env['PATH']}"
    assert box.run("helper", "install", "dockpass", "--dir", str(box.folder)).code == 0
    _succeeded(_at_once(*(_process(box, member) for member in members)))
    for member in members:
        done = subprocess.run(
            [str(box.folder / "docker-credential-dockpass"), "get"],
            input=member.address.encode(),
            capture_output=True,
            env=box.env,
            check=True,
        )
        answer = json.loads(done.stdout)
        assert (answer["Username"], answer["Secret"]) == (member.user, member.password)
    config = json.loads(box.config.read_bytes())
    assert config["auths"] == {**BEFORE["auths"], **{member.address: {} for member in members}}
    assert config["credHelpers"] == {member.address: "dockpass" for member in members}
    assert config["someday"] == BEFORE["someday"]
    assert box.loose() == []


def test_a_hundred_threads(box: Box, members: list[Member]) -> None:
    def log_in(member: Member) -> Callable[[], Any]:
        return lambda: dockpass.login(member.address, member.user, member.password, config=str(box.docker))

    logins = _at_once(*(log_in(member) for member in members))
    assert [login.username for login in logins] == [member.user for member in members]
    _kept(box, members)


def test_a_hundred_tasks(box: Box, members: list[Member]) -> None:
    async def all_of_them() -> list[Any]:
        config = str(box.docker)
        return await asyncio.gather(
            *(dockpass.aio.login(member.address, member.user, member.password, config=config) for member in members)
        )

    logins = asyncio.run(all_of_them())
    assert [login.username for login in logins] == [member.user for member in members]
    _kept(box, members)


def test_processes_and_threads_that_log_in_and_out(box: Box, members: list[Member]) -> None:
    staying, leaving, coming = members[:20], members[20:50], members[50:80]
    auths = {member.address: {"auth": joined(member.user, member.password)} for member in (*staying, *leaving)}
    box.write(json.dumps({**BEFORE, "auths": {**BEFORE["auths"], **auths}}).encode())
    config = str(box.docker)

    def log_in(member: Member) -> Callable[[], Any]:
        return lambda: dockpass.login(member.address, member.user, member.password, config=config)

    def log_out(member: Member) -> Callable[[], Any]:
        return lambda: dockpass.logout(member.address, config=config)

    outside = [(lambda member=member: box.run("logout", member.address)) for member in leaving[:10]]
    inside = [log_out(member) for member in leaving[10:]]
    results = _at_once(*outside, *inside, *(log_in(member) for member in coming))
    assert [done.code for done in results[:10]] == [0] * 10
    assert all(result.erased for result in results[10:30])
    _kept(box, [*staying, *coming])


def test_the_outsiders_lose_each_other_where_nobody_takes_turns(box: Box) -> None:
    """The proof that such writers are what the other tests need them to be: without turns they do lose changes."""
    script = OUTSIDER.replace("    fcntl.flock(lock, fcntl.LOCK_EX)\n", "").replace(
        "config = json.load(file)", "config = json.load(file)\n        import time; time.sleep(0.2)"
    )
    commands = [
        (sys.executable, "-IS", "-c", script, box.config, box.folder / "turn", f"outside-{number}")
        for number in range(8)
    ]
    processes = [subprocess.Popen(command) for command in commands]
    assert [process.wait(HANG) for process in processes] == [0] * 8
    kept = [name for name in json.loads(box.config.read_bytes())["auths"] if name.startswith("outside-")]
    assert len(kept) < 8
