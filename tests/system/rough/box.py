"""A home of its own for dockpass, and dockpass run in it as a stranger's shell would run it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import dockpass
from real.home import DOCKPASS, Done
from real.need import without

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

HANG = 60
"""Seconds after which a run is taken for one that never ends."""

NOBODY = 65534
PYTHONS = (sys.executable, "/usr/bin/python3")
_HELPER = "from dockpass.helper.own import run; run()"
LONG_AGO = 1_000_000_000


class User(NamedTuple):
    """Who runs dockpass, and how it is started for them.

    Attributes:
        uid: Their number; ``None``: whoever runs the tests.
        program: The program.
        env: The environment that it needs.

    """

    uid: int | None
    program: tuple[str, ...]
    env: Mapping[str, str]


def whoever() -> User:
    """Whoever runs the tests."""
    env = {}
    if "PYTHONPATH" in os.environ:
        # Programs run in another folder.
        env["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, os.environ["PYTHONPATH"].split(os.pathsep)))
    return User(None, DOCKPASS, env)


def ordinary(folder: Path) -> User:
    """Somebody to whom the system says no: nobody, if root runs the tests, else whoever does.

    Args:
        folder: A folder that everybody can look into; a copy of dockpass goes there, for root's may be out of reach.

    """
    if os.geteuid() != 0:
        return whoever()
    copy = folder / "dockpass"
    shutil.copytree(os.path.dirname(dockpass.__file__), copy, ignore=shutil.ignore_patterns("__pycache__"))
    users = [User(NOBODY, (python, "-m", "dockpass"), {"PYTHONPATH": str(folder)}) for python in PYTHONS]
    return next(filter(_can_run, users), None) or without("no Python that nobody (uid 65534) may run")


def _can_run(user: User) -> bool:
    command = (*user.program, "--version")
    try:
        done = subprocess.run(
            command,
            env=user.env,
            user=user.uid,
            group=user.uid,
            extra_groups=(),
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False  # in a folder that is closed to others
    return done.returncode == 0


class Box:
    """A folder with a home in it.

    Args:
        folder: An empty folder.
        user: Who runs dockpass, and owns the home.

    Attributes:
        home, docker, config: The home, its folder ``.docker``, and config.json in that. The last two are not there at
            first.
        file: Where the contents of config.json can be looked at; another path than ``config`` where that is mounted.
        under: The command that every program is run by, such as one that enters other mounts.
        umask: What every program is run with; the most careless one, unless a test says so.
        env: The environment of every program. Of the tests' own only PATH is in it: what measures coverage there would
            write files too. Nor does Python write any.

    """

    def __init__(self, folder: Path, user: User | None = None) -> None:
        self.folder = folder
        self.user = user or whoever()
        self.home = folder / "home"
        self.docker = self.home / ".docker"
        self.config = self.file = self.docker / "config.json"
        self.under: tuple[str, ...] = ()
        self.umask = 0
        self.home.mkdir(mode=0o700)
        self.own(self.home)
        self.env = {
            "PATH": os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            # Where config.json names no store. A test that is about another one says so.
            "DOCKPASS_STORE": "file",
            **self.user.env,
        }

    def own(self, path: Path) -> None:
        """Give ``path``, and everything below it, to the user of the box."""
        if self.user.uid is None:
            return
        os.chown(path, self.user.uid, self.user.uid, follow_symlinks=False)
        if path.is_dir() and not path.is_symlink():
            for inner in path.iterdir():
                self.own(inner)

    def write(self, data: bytes, mode: int = 0o600) -> None:
        """Put a config.json there."""
        self.docker.mkdir(mode=0o700, exist_ok=True)
        self.config.write_bytes(data)
        self.config.chmod(mode)
        self.settle()

    def settle(self) -> None:
        """Let config.json be one that was written long ago: it is watched for less time."""
        os.utime(self.config, (LONG_AGO, LONG_AGO))
        self.own(self.docker)

    def run(
        self, *arguments: str, stdin: str = "", under: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> Done:
        """Run dockpass to its end.

        Args:
            arguments: Its arguments.
            stdin: What it can read.
            under: The command that it is run by, within :attr:`under`.
            env: Another environment than :attr:`env`.

        """
        process = subprocess.Popen(
            (*self.under, *under, *self.user.program, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.env if env is None else env,
            cwd=self.folder,
            umask=self.umask,
            user=self.user.uid,
            group=self.user.uid,
            extra_groups=None if self.user.uid is None else (),
        )
        try:
            out, err = process.communicate(stdin.encode(), timeout=HANG)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"{arguments} did not end within {HANG} s; it said: {out!r} {err!r}") from None
        return Done(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def login(self, address: str, user: str, password: str, *, under: Sequence[str] = ()) -> Done:
        """``dockpass login`` as a script does it."""
        return self.run("login", "-u", user, "--password-stdin", address, stdin=password, under=under)

    def get(self, server: str) -> Done:
        """What our credential helper answers to ``get``."""
        user = self.user
        python = user.program[0] if user.program[1:2] == ("-m",) else sys.executable
        self.user = user._replace(program=(python, "-c", _HELPER))
        try:
            return self.run("get", stdin=server)
        finally:
            self.user = user

    def names(self) -> list[str]:
        """What is in the folder of config.json, sorted."""
        return sorted(os.listdir(self.docker)) if self.docker.is_dir() else []

    def loose(self) -> list[str]:
        """What is below the home, save the home itself, and can be read or written by others than its owner."""
        found = []
        for folder, folders, files in os.walk(self.home):
            for name in (*folders, *files):
                path = os.path.join(folder, name)
                mode = os.lstat(path).st_mode
                if not stat.S_ISLNK(mode) and mode & 0o077:
                    found.append(f"{path} {stat.filemode(mode)}")
        return found
