"""A move that is killed at any point: no login is lost, and the next run ends it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

import dockpass
from dockpass.account.moving.migrate import migrate
from dockpass.credential import Credential
from dockpass.stores.lead import leads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
LOGINS = {"a.test": Credential("alice", "wonder"), "https://index.docker.io/v1/": Credential("bob", "builder")}

# To be run after what kills it.
_MOVE = """
from dockpass.account.moving.migrate import migrate
done = migrate(source=sys.argv[2], target=sys.argv[3])
assert not (done.left or done.failed), (done.left, done.failed)
print(count)
"""


class Moving:
    """A move in another process, which is killed; each time from the same beginning."""

    def __init__(self, killing: str, house: Any, source: str, target: str, logins: dict[str, Credential]) -> None:
        self._killing = killing
        self.house = house
        self.source = source
        self.target = target
        self.logins = logins
        self.place = house.place.folder
        house.log_in(source, logins)
        self._beginning = self.place.parent / (self.place.name + ".beginning")
        shutil.copytree(self.place, self._beginning, symlinks=True)

    def killed_at(self, point: int) -> subprocess.CompletedProcess[bytes]:
        """Begin anew, move, and be killed before the nth change; 0 for never. Helpers end before this returns."""
        shutil.rmtree(self.place)
        shutil.copytree(self._beginning, self.place, symlinks=True)
        words = [sys.executable, "-c", self._killing + _MOVE, str(point), self.source, self.target]
        return subprocess.run(words, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": SOURCE})

    def check(self, point: int) -> None:
        """See that each login is where docker is led."""
        current = self.house.document
        stores = {helper: self.house.bare(name).store for name, helper in HELPERS.items()}
        for key, credential in self.logins.items():
            assert stores[leads(current, key)[0]].get(key) == credential, (key, point)

    def end(self) -> None:
        """Move what is left, and see that all is there, and nothing else."""
        done = migrate(source=self.source, target=self.target)
        assert (done.left, done.failed) == ([], [])
        self.house.check(self.target, self.logins)


HELPERS = {"file": "", "age": "dockpass", "scripted": "scripted", "other": "other"}
WAYS = [("file", "age"), ("age", "file"), ("file", "scripted"), ("scripted", "age"), ("scripted", "other")]
PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("source", "target"), WAYS)
def test_at_each_change_of_a_file(source: str, target: str, part: int, house: Any, killing: str) -> None:
    # A move out of a helper asks it and starts it many times.
    moving = Moving(killing, house, source, target, dict([*LOGINS.items()][: 1 if source == "scripted" else 2]))
    point = part + 1
    while True:
        done = moving.killed_at(point)
        moving.check(point)
        moving.end()
        if done.returncode == 0:
            assert done.stderr == b""
            break
        assert done.returncode == -signal.SIGKILL
        point += PARTS
    assert point > 10


def _hundred() -> Iterator[tuple[str, Credential]]:
    for number in range(100):
        yield f"registry{number}.test", Credential(f"user{number}", f"very-secret-{number}!")


@pytest.mark.parametrize(("source", "target", "runs"), [("file", "age", 20), ("scripted", "age", 2)])
def test_with_a_hundred_logins(source: str, target: str, runs: int, house: Any, killing: str) -> None:
    moving = Moving(killing, house, source, target, dict(_hundred()))
    whole = moving.killed_at(0)
    assert (whole.returncode, whole.stderr) == (0, b"")
    moving.check(0)
    points = random.Random(f"{source} {target}").sample(range(1, int(whole.stdout)), runs)  # noqa: S311 - no secret
    for point in points:
        assert moving.killed_at(point).returncode == -signal.SIGKILL
        moving.check(point)
        moving.end()
        readable = _readable(house.place.folder, moving.logins)
        assert [path for path in readable if not path.endswith(".calls")] == []  # what the helper was asked


def _readable(folder: Path, logins: dict[str, Credential]) -> list[str]:
    """The files in which one of the secrets can be read, as it is or as docker writes it."""
    found = []
    secrets = [credential.secret.reveal().encode() for credential in logins.values()]
    pairs = [f"{each.username}:{each.secret.reveal()}".encode() for each in logins.values()]
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if any(secret in data for secret in (*secrets, *map(b64encode, pairs))):
            found.append(str(path))
    return found
