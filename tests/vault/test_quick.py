"""The short way: what it takes on, what it leaves to the long one, and what it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import dockpass
from dockpass.credential import Credential, Secret
from dockpass.vault import quick
from dockpass.vault.answer import render
from dockpass.vault.home import Home
from dockpass.vault.keep import put
from dockpass.vault.passphrase import unlock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SERVER = "reg.test:5000"
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))

# -I -S: nothing but what is imported by us, and by the interpreter itself.
CHILD = """
import os, sys
sys.path[:0] = {path!r}
before = set(sys.modules)
from dockpass.vault.home import directory
from dockpass.vault.quick import answer
found = answer({server!r}, directory({{"DOCKPASS_HOME": {home!r}}}))
after = set(sys.modules) - before
sys.stdout.buffer.write(b"none" if found is None else found)
print("\\0", *sorted(after), sep="\\n")
"""

PYRAGE = {"pyrage", "pyrage.pyrage", "pyrage.x25519", "pyrage.ssh", "pyrage.passphrase", "pyrage.plugin"}
PYRAGE |= {"pyrage.tag", "pyrage.tagpq"}
OURS = {"dockpass", "dockpass.vault", "dockpass.vault.home", "dockpass.vault.layout", "dockpass.vault.name"}
OURS |= {"dockpass.vault.quick"}


def child(home: Home, server: str, **environ: str) -> tuple[str, set[str]]:
    import pyrage

    path = [SOURCE, os.path.dirname(os.path.dirname(pyrage.__file__))]
    code = CHILD.format(path=path, server=server, home=home.path)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False, env=environ
    )
    assert (done.stderr, done.returncode) == ("", 0)
    found, _mark, modules = done.stdout.partition("\0")
    return found, set(modules.split())


def test_it_imports_pyrage_and_a_handful_of_ours(kept: Home) -> None:
    found, modules = child(kept, SERVER)
    assert found.encode() == render(SERVER, "alice", "wonder")
    assert modules <= PYRAGE | OURS | {"__future__"}


def test_where_there_is_nothing_it_does_not_even_import_pyrage(kept: Home) -> None:
    found, modules = child(kept, "other.test")
    assert found == "none"
    assert modules <= OURS | {"__future__"}


def test_an_unlocked_identity_costs_next_to_nothing(
    kept: Home, path: Path, runtime: Path, by_passphrase: Callable[..., bytes]
) -> None:
    (path / "identity.age").write_bytes(by_passphrase((path / "identity.txt").read_bytes(), "open sesame"))
    (path / "identity.txt").unlink()
    unlock(Home(kept.path, environ={"XDG_RUNTIME_DIR": str(runtime)}), Secret("open sesame"), 600)
    found, modules = child(kept, SERVER, XDG_RUNTIME_DIR=str(runtime))
    assert found.encode() == render(SERVER, "alice", "wonder")
    assert modules <= PYRAGE | OURS | {"__future__", "dockpass.vault.unlocked"}


def test_names_that_need_quoting_cost_a_little_more(kept: Home) -> None:
    put(kept, SERVER, Credential("<élan>", "x"))
    found, modules = child(kept, SERVER)
    assert found.encode() == render(SERVER, "<élan>", "x")
    assert modules <= PYRAGE | OURS | {"__future__", "_json", "dockpass.strictjson", "dockpass.vault.answer"}


def test_nothing_there(home: Home, path: Path) -> None:
    assert quick.answer(SERVER, home.path) is None
    path.mkdir(parents=True)
    assert quick.answer(SERVER, home.path) is None
    (path / "vault").mkdir()
    assert quick.answer(SERVER, home.path) is None
    (path / "vault" / "reg.test%3A5000").mkdir()
    assert quick.answer(SERVER, home.path) is None
    assert quick.answer("a\0b", home.path) is None
    assert quick.answer("\ud800", home.path) is None
    assert quick.answer("", home.path) is None
    assert quick.answer("..", home.path) is None


def test_no_open_file_is_left(kept: Home, path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        assert quick.answer(SERVER, kept.path)
        assert quick.answer("other.test", kept.path) is None
    (path / "identity.txt").chmod(0o644)
    with pytest.raises(Exception, match="others can read it"):
        quick.answer(SERVER, kept.path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_without_relative_calls_the_long_way_is_taken(kept: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "_RELATIVE", False)
    with pytest.raises(quick._Otherwise):
        quick._answer(SERVER, kept.path, {})
    monkeypatch.setattr("dockpass.vault.folder._RELATIVE", False)
    assert quick.answer(SERVER, kept.path) == render(SERVER, "alice", "wonder")


def test_an_interruption_is_not_taken_for_something_else(kept: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(quick, "_read", interrupt)
    with pytest.raises(KeyboardInterrupt):
        quick.answer(SERVER, kept.path)
