"""What a program asks of the system, process by process."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from real.need import need, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from real.home import Done, Home

_TRACED = "%file,%network,write,writev,pwrite64,sendfile,fsync,fdatasync,fchmod,fchown,ftruncate"
_LINE = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>.*)")
_STRING = r'"(?:[^"\\]|\\.)*"'
_PLACE = re.compile(rf"(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, (?P<name>{_STRING})|(?P<path>{_STRING})")
_OPENED = re.compile(r"(?:AT_FDCWD|\d+)<(?P<path>.*?)>")
_MODE = re.compile(r"\b0[0-7]*\b")
_WRITING = re.compile(r"\bO_(?:WRONLY|RDWR|CREAT|TRUNC|TMPFILE)\b")


class Call(NamedTuple):
    """One call.

    Attributes:
        name: Of the system call.
        arguments, result: As strace shows them.

    """

    name: str
    arguments: str
    result: str

    @property
    def failed(self) -> bool:
        """Whether it answered with an error."""
        return self.result.startswith("-1 ")

    @property
    def opens_to_write(self) -> bool:
        """Whether it opens a file to change or make it."""
        return self.name == "creat" or (self.name.startswith("open") and bool(_WRITING.search(self.arguments)))

    @property
    def makes(self) -> bool:
        """Whether it may make a file or a folder, and says with which mode."""
        creates = self.name.startswith("open") and ("O_CREAT" in self.arguments or "O_TMPFILE" in self.arguments)
        return creates or self.name.startswith(("creat", "mkdir", "mknod"))

    @property
    def mode(self) -> int:
        """The mode in its arguments."""
        return int(_MODE.findall(self.arguments)[-1], 8)

    @property
    def file(self) -> str:
        """The path of what a descriptor in it, the one that it returns or else its first, stands for."""
        found = _OPENED.match(self.result) or _OPENED.match(self.arguments)
        return found["path"] if found else ""

    @property
    def paths(self) -> list[str]:
        """The full paths that it names."""
        found = []
        for place in _PLACE.finditer(self.arguments):
            name = (place["path"] or place["name"])[1:-1]
            found.append(os.path.join(place["folder"] or "", name).removesuffix("/"))
        return found


class Watched(NamedTuple):
    """One run.

    Attributes:
        done: What it left behind.
        processes: The calls of each process and thread, in order.

    """

    done: Done
    processes: list[list[Call]]

    @property
    def calls(self) -> list[Call]:
        """All of them."""
        return [call for process in self.processes for call in process]


@functools.cache
def need_strace() -> str:
    """Where strace is, and may trace."""
    strace = need("strace")
    tried = subprocess.run((strace, "-f", "-o", os.devnull, "true"), capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        without(f"nothing may be traced here: {tried.stderr.strip()}")
    return strace


def watch(home: Home, *command: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Watched:
    """Run a program in ``home`` and write down what it, and every process that it starts, asks of the system.

    What Python asks to keep what it has compiled is left out: an installed program has that already.
    """
    with tempfile.TemporaryDirectory(prefix="trace-") as folder:
        # One file a process, so that no call is interrupted by another; nothing is shortened.
        options = ("-ff", "-o", f"{folder}/calls", "-v", "-y", "-s", "1048576", "--signal=none")
        done = home.run(need_strace(), *options, f"--trace={_TRACED}", *command, stdin=stdin, env=env)
        processes = []
        for path in sorted(Path(folder).iterdir()):
            lines = path.read_text("utf-8", "replace").splitlines()
            found = [_LINE.fullmatch(line) for line in lines if "/__pycache__" not in line]
            processes.append([Call(line["name"], line["arguments"], line["result"]) for line in found if line])
    return Watched(done, processes)
