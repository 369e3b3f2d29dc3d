"""A home, a config.json and a vault, for calls in this process."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

import dockpass
from dockpass.stores.age import AgeStore
from dockpass.stores.memory import OF_THIS_PROCESS
from dockpass.testing.helper_program import HelperProgram
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
ALICES = {"auth": "YWxpY2U6d29uZGVy"}  # alice:wonder


# Ends the process with SIGKILL before the nth call by which Python changes a file, or starts a helper.
_KILLING = """
import os, signal, sys
count = 0
last = int(sys.argv[1])
def counting(name):
    real = getattr(os, name)
    def call(*words, **named):
        global count
        changes = name != "open" or words[1] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        count += bool(changes)
        if changes and count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*words, **named)
    setattr(os, name, call)
names = ("open", "write", "fsync", "replace", "rename", "link", "unlink", "mkdir", "rmdir", "fchmod", "ftruncate")
for name in (*names, "posix_spawn"):
    counting(name)
    # What can take a folder's number is asked for by name.
    for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        able.add(getattr(os, name))
"""


class Place:
    """A home with nothing in it, and nothing on PATH but what is put there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.docker = folder / "docker"
        self.docker.mkdir()

    @property
    def vault(self) -> AgeStore:
        return AgeStore()

    def write(self, config: object) -> None:
        (self.docker / "config.json").write_text(json.dumps(config))

    @property
    def config(self) -> Any:
        return json.loads((self.docker / "config.json").read_bytes())

    def program(self, text: bytes = b"#!/bin/sh\n", name: str = "docker-credential-dockpass") -> Path:
        """A program on PATH."""
        path = self.tools / name
        path.write_bytes(text)
        path.chmod(0o755)
        return path


@pytest.fixture(autouse=True)
def _nothing_in_memory() -> Iterator[None]:
    """The store of this process is that of the next test, too."""
    yield
    for server in OF_THIS_PROCESS.list():
        OF_THIS_PROCESS.erase(server)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    for name in list(os.environ):
        if name.startswith(("DOCKER_", "DOCKPASS_", "XDG_", "REGISTRY_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(place.tools))
    monkeypatch.setenv("DOCKER_CONFIG", str(place.docker))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "elsewhere" / "dockpass")])
    return place


@pytest.fixture
def helped(place: Place) -> Place:
    """The same, with our helper on PATH."""
    from dockpass.account import launcher

    launcher.install("dockpass", str(place.tools))
    return place


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Callable[[object, str], None]:
    """Has a function of a module end the program when it is called: the process is gone before it does anything."""

    def kill(where: object, name: str) -> None:
        def gone(*_words: object, **_named: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(where, name, gone)

    return kill


@pytest.fixture
def killing() -> str:
    """The beginning of a program that ends itself before the nth change; ``count`` is how many there were."""
    return _KILLING


@pytest.fixture
def registry() -> Iterator[ScriptedRegistry]:
    """One that takes a password and gives no tokens."""
    with ScriptedRegistry({"foo": "bar"}) as registry:
        yield registry


@pytest.fixture
def tokens() -> Iterator[ScriptedRegistry]:
    """One that gives identity tokens, each good for one use."""
    with ScriptedRegistry({"foo": "bar"}, auth="bearer", refresh_tokens=True, rotate=True) as registry:
        yield registry


@pytest.fixture
def helper(place: Place) -> HelperProgram:
    """A helper that config.json names for every registry."""
    place.write({"credsStore": "scripted"})
    return HelperProgram(place.tools, "scripted")
