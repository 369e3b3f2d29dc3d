"""Every call of a program to the system, and what happens at one of them."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from real.need import need

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from real.home import Done
    from rough.box import Box

_LINE = re.compile(r"^(?P<pid>\d+) +(?P<name>\w+)\((?P<arguments>.*?)(?:\)? += (?P<result>.*)| <unfinished \.\.\.>)?$")
_END = re.compile(r"^(?P<pid>\d+) +(?P<end>\+\+\+ .* \+\+\+)$")
_STRING = r'"(?:[^"\\]|\\.)*"'
_PLACE = re.compile(rf"(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>(?:, (?P<name>{_STRING}))?|(?P<path>{_STRING})")
_RANDOM = re.compile(r"((?:dockpass-(?:new|swap)-|pipe:|socket:))[][0-9a-f-]+")

# Those that are given the number of an open file, and no name.
_BY_NUMBER = re.compile(
    "p?writev?(64|2)?|p?readv?(64|2)?|fsync|fdatasync|ftruncate|fallocate|fchmod|fchown|flock|fcntl|close|lseek|fstat|"
    "getdents64|copy_file_range|sendfile"
)
_CHANGING = re.compile(
    "p?writev?(64|2)?|fsync|fdatasync|f?truncate(64)?|fallocate|copy_file_range|sendfile|rename(at2?)?|(sym)?link(at)?|"
    "unlink(at)?|rmdir|(mkdir|mknod)(at)?|creat|[fl]?ch(mod|own)(at2?)?|utimes?|utimensat|futimesat|[fl]?setxattr"
)
_OPENING = re.compile(r"\bO_(?:WRONLY|RDWR|CREAT|TRUNC)\b")


class Call(NamedTuple):
    """One call.

    Attributes:
        name: Of the system call.
        nth: The how manieth of its name it is, from 1.
        arguments: As strace shows them.
        result: As strace shows it; ``""`` if it never returned.
        paths: The full paths that it is about; of what it reads or writes, that of the file.

    """

    name: str
    nth: int
    arguments: str
    result: str
    paths: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether it changes a file, brings one to the disk, or opens one to be changed."""
        return bool(_CHANGING.fullmatch(self.name)) or (
            self.name.startswith("open") and bool(_OPENING.search(self.arguments))
        )

    @property
    def failed(self) -> bool:
        """Whether it answered with an error."""
        return self.result.startswith("-1 ")

    def likeness(self, folder: Path) -> tuple[str, ...]:
        """What is the same of it in a run in another folder than ``folder``."""
        return (self.name, *(_RANDOM.sub(r"\1", path.replace(str(folder), "~")) for path in self.paths))


class Aim(NamedTuple):
    """A call that is still to come.

    Attributes:
        name: Of the system call.
        nth: The how manieth of its name it will be.
        path: Count only those that are given an open file of this path; ``""``: count all.

    """

    name: str
    nth: int
    path: str = ""

    def options(self, what: str) -> tuple[str, ...]:
        """How strace is told to do ``what`` there."""
        only = ("-P", self.path) if self.path else ()
        return (*only, f"--inject={self.name}:{what}:when={self.nth}")


class Trace(NamedTuple):
    """One run of dockpass, seen from the system.

    Attributes:
        done: What it left behind.
        calls: Those of its first process, in order.
        end: How that ended, such as ``+++ exited with 0 +++``.

    """

    done: Done
    calls: list[Call]
    end: str

    def about(self, folder: Path) -> list[Call]:
        """The calls that are about anything below ``folder``."""
        return [call for call in self.calls if any(is_below(path, folder) for path in call.paths)]


def is_below(path: str, folder: Path) -> bool:
    """Whether ``path`` is ``folder`` or in it."""
    return path == str(folder) or path.startswith(f"{folder}/")


@functools.cache
def need_strace() -> str:
    """Where strace is. Where the system lets nobody be traced the test is skipped: no set-up can change that."""
    strace = need("strace")
    tried = subprocess.run((strace, "-f", "-o", os.devnull, "true"), capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"ptrace is not permitted here: {tried.stderr.strip()}")
    return strace


def trace(box: Box, command: Sequence[str], *, stdin: str = "", without: Sequence[tuple[str, str]] = ()) -> Trace:
    """Run dockpass and write down all its calls.

    Args:
        box: Where.
        command: The arguments of dockpass.
        stdin: What it can read.
        without: Calls that always fail, and with which error.

    """
    return _run(box, command, stdin, _always(without))


def killed_at(
    box: Box, command: Sequence[str], aim: Aim, *, stdin: str = "", without: Sequence[tuple[str, str]] = ()
) -> Trace:
    """Run dockpass and kill it (SIGKILL) as it enters a call, which is not carried out any more."""
    names = ",".join((aim.name, *(name for name, _error in without)))  # only what is traced can be tampered with
    # With --seccomp-bpf the signal would be lost.
    return _run(box, command, stdin, (f"--trace={names}", *aim.options("signal=KILL"), *_always(without)))


def failing_at(box: Box, command: Sequence[str], aim: Aim, error: str, *, stdin: str = "") -> Trace:
    """Run dockpass and let a call fail with ``error``, such as ``"EIO"``, without being carried out.

    Only calls of its name are in the trace; but all are where it is ``fsync``.
    """
    chosen = () if aim.name == "fsync" else (f"--trace={aim.name}",)
    return _run(box, command, stdin, ("--seccomp-bpf", *chosen, *aim.options(f"error={error}")))


def failing_always(box: Box, command: Sequence[str], without: Sequence[tuple[str, str]], *, stdin: str = "") -> Trace:
    """Run dockpass where every call of some names fails; see :func:`trace`."""
    names = ",".join(name for name, _error in without)
    return _run(box, command, stdin, ("--seccomp-bpf", f"--trace={names}", *_always(without)))


def _always(without: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"--inject={name}:error={error}" for name, error in without)


def _run(box: Box, command: Sequence[str], stdin: str, options: Sequence[str]) -> Trace:
    log = box.folder / "strace.out"
    log.unlink(missing_ok=True)
    done = box.run(*command, stdin=stdin, under=(need_strace(), "-f", "-y", "-o", str(log), *options))
    calls, end = _read(log.read_text("utf-8", "replace").splitlines())
    return Trace(done, calls, end)


def _read(lines: Iterable[str]) -> tuple[list[Call], str]:
    calls: list[Call] = []
    counts: dict[str, int] = {}
    first = end = ""
    for line in lines:
        ended = _END.match(line)
        if ended is not None:
            if ended["pid"] == first:
                end = ended["end"]
            continue
        found = _LINE.match(line)
        if found is None:
            continue  # a signal, or the second half of a call that another process came between
        first = first or found["pid"]
        if found["pid"] != first:
            continue
        name = found["name"]
        counts[name] = counts.get(name, 0) + 1
        result = found["result"] or ""
        calls.append(Call(name, counts[name], found["arguments"], result, _paths(name, found["arguments"])))
    return calls, end


def _paths(name: str, arguments: str) -> tuple[str, ...]:
    paths = []
    for found in _PLACE.finditer(arguments):
        folder, relative, path = found["folder"], found["name"], found["path"]
        if _BY_NUMBER.fullmatch(name):
            return (folder,) if folder is not None else ()
        if path is not None:
            paths.append(path[1:-1])
        elif relative is not None:
            paths.append(os.path.join(folder, relative[1:-1]).removesuffix("/"))
        else:
            paths.append(folder)
        if name.startswith(("open", "execve")):
            break
    return tuple(paths)
