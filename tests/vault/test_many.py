"""Many at once, and many in all."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pyrage

import dockpass
from dockpass.credential import Credential
from dockpass.vault.account import Account
from dockpass.vault.answer import render
from dockpass.vault.find import find
from dockpass.vault.keep import put
from dockpass.vault.listing import listing
from dockpass.vault.quick import _answer

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.vault.home import Home

PROCESSES = 50
LOTS = 10_000
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))

CHILD = """
import sys
sys.path[:0] = {path!r}
from dockpass.credential import Credential
from dockpass.vault.home import Home
from dockpass.vault.keep import put
from dockpass.vault.find import find
from dockpass.vault.forget import erase
number, home = sys.argv[1], Home(sys.argv[2])
sys.stdin.read()
put(home, "same.test", Credential("user" + number, "secret" + number))
put(home, "own" + number + ".test", Credential("user" + number, "secret" + number))
put(home, "comes-and-goes.test", Credential("user" + number, "secret" + number))
erase(home, "comes-and-goes.test")
assert find(home, "same.test") is not None
"""


def test_fifty_processes_lose_nothing(home: Home, path: Path) -> None:
    code = CHILD.format(path=[SOURCE, os.path.dirname(os.path.dirname(pyrage.__file__))])
    # They start together, when all are there: on an empty vault, so that they make one identity among them.
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(number), home.path], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for number in range(PROCESSES)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.close()
        child.stdin = None
    ends = [(child.communicate()[1].decode(), child.returncode) for child in children]
    assert ends == [("", 0)] * PROCESSES
    users = {Account(f"user{number}") for number in range(PROCESSES)}
    there = os.listdir(os.path.join(home.path, "vault", "same.test"))
    assert {Account.parse(name) for name in there if name.endswith(".age")} == users
    found = listing(home)
    assert found.notes == []
    same = found.logins.pop("same.test")
    assert same in users
    assert found.logins == {f"own{number}.test": Account(f"user{number}") for number in range(PROCESSES)}
    for number in range(PROCESSES):
        assert (kept := find(home, f"own{number}.test")) is not None
        assert kept.credential() == Credential(f"user{number}", f"secret{number}")
    left = [name for _folder, folders, files in os.walk(path) for name in (*folders, *files)]
    assert not any("dockpass-new" in name or "comes-and-goes" in name for name in left)


def test_ten_thousand(home: Home, path: Path) -> None:
    put(home, "first.test", Credential("alice", "wonder"))
    public = [pyrage.x25519.Recipient.from_str((path / "recipients.txt").read_text().strip())]
    # As put would write them, without bringing each to the disk.
    for number in range(LOTS):
        folder = path / "vault" / f"reg{number}.test%3A5000"
        folder.mkdir(mode=0o700)
        plain = render(f"reg{number}.test:5000", "alice", f"secret{number}")
        (folder / "alice.age").write_bytes(pyrage.encrypt(plain, public))
        (folder / "active").write_text("alice.age\n")
    found = listing(home)
    assert len(found.logins) == LOTS + 1
    assert found.notes == []
    for number in range(0, LOTS, 7):
        server = f"reg{number}.test:5000"
        assert _answer(server, home.path, {}) == render(server, "alice", f"secret{number}")
    put(home, "last.test", Credential("bob", "builder"))
    assert len(listing(home).logins) == LOTS + 2


def test_one_is_read_and_no_other_is_looked_at(home: Home, path: Path) -> None:
    """However many there are, the same few calls lead to one."""
    put(home, "reg.test", Credential("alice", "wonder"))
    calls: list[str] = []
    real_open, real_list = os.open, os.listdir

    def note_open(name: str, *arguments: int, **named: int) -> int:
        calls.append(name)
        return real_open(name, *arguments, **named)

    def note_list(*arguments: object) -> list[str]:
        calls.append("list")
        return real_list(*arguments)  # type: ignore[call-overload, no-any-return]

    os.open, os.listdir = note_open, note_list  # type: ignore[assignment]
    try:
        assert _answer("reg.test", home.path, {})
    finally:
        os.open, os.listdir = real_open, real_list
    assert calls == [home.path, "vault", "reg.test", "active", "alice.age", "identity.txt"]
