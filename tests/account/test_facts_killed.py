"""Killed, or refused by the disk, at any call that changes something: a fact is the old one or the new one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import dockpass
from dockpass.account import facts
from dockpass.server import Server
from dockpass.vault.home import Home

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
R = Server.parse("r.example")

# Does the same again and again, each time on a fresh folder, and gets a call further each time.
CHILD = """
import errno, os, signal, sys
sys.path[:0] = {path!r}
from dockpass.account import facts
from dockpass.errors import DockpassError
from dockpass.server import Server
from dockpass.vault.home import Home
os.umask(0)

def end_at(point):
    left = point
    def wrap(name):
        real = getattr(os, name)
        def call(*arguments, **named):
            nonlocal left
            if name != "open" or arguments[1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
                left -= 1
                if left == -1:
                    if {kill!r}:
                        os.kill(os.getpid(), signal.SIGKILL)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **named)
        setattr(os, name, call)
    for name in "open write fsync replace link unlink mkdir rmdir fchmod fchown ftruncate utime".split():
        wrap(name)
    return lambda: left < 0

for point in range(300):
    home = os.path.join({folder!r}, str(point))
    if {before!r} is not None:
        facts.change(Home(home), Server.parse("r.example"), "token_host", {before!r})
    child = os.fork()
    if child == 0:
        ended = end_at(point)
        try:
            facts.change(Home(home), Server.parse("r.example"), "token_host", {after!r})
        except DockpassError as error:
            os._exit(0 if home in error.message else 9)
        os._exit(0 if ended() else 42)
    _pid, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 42:
        print(point)
        sys.exit(0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(f"point {{point}}: {{os.WEXITSTATUS(status)}}")
sys.exit("it does not end")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    ("before", "after"), [(None, "new.example"), ("old.example", "new.example"), ("old.example", None)]
)
@pytest.mark.parametrize("kill", [True, False], ids=["killed", "full disk"])
def test_what_was_remembered_or_what_is_to_be(
    kill: bool, before: str | None, after: str | None, tmp_path: Path
) -> None:
    code = CHILD.format(path=[SOURCE, *sys.path], folder=str(tmp_path), before=before, after=after, kill=kill)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    points = int(done.stdout)
    assert points >= 5
    seen = set()
    for point in range(points):
        home = Home(str(tmp_path / str(point)))
        found = facts.find(home, R)
        seen.add(None if found is None else found.values["token_host"])
        for folder, folders, files in os.walk(home.path):
            for name in (*folders, *files):
                assert not stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) & 0o077, (point, name)
        # The next change works, and leaves nothing behind.
        facts.change(home, R, "token_host", "next.example")
        assert os.listdir(os.path.join(home.path, "state")) == ["r.example.json"]
    assert seen == {before, after}
