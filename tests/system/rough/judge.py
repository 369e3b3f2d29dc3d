"""Whether what is there after rough treatment is what may be there."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from rough.kept import OLD, SECRETS, USER, joined
from rough.strace import is_below

if TYPE_CHECKING:
    from real.home import Done
    from rough.scenes import Stage
    from rough.strace import Call, Trace

_LARGE = 1 << 20
_MODE = re.compile(r"\b0[0-7]*\b")
_RENAMES = ("rename", "renameat", "renameat2", "link", "linkat")
_WRITES = ("write", "pwrite64", "writev", "ftruncate", "truncate", "fallocate")


def tells_nothing(done: Done) -> None:
    """No secret, and no trace of Python's, is in what was printed."""
    printed = done.stdout + done.stderr
    assert "Traceback" not in printed
    assert "a bug in dockpass" not in printed
    for secret in SECRETS:
        assert secret not in printed


def one_error(done: Done, *words: str, places: tuple[str, ...] = ()) -> None:
    """It failed, and says so once, in one line and a hint, with ``words`` and one of ``places`` in it."""
    tells_nothing(done)
    assert done.code == 1
    assert "Login Succeeded" not in done.stdout
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0], done.stderr
    assert not places or any(place in lines[0] for place in places), done.stderr


def old_or_new(stage: Stage) -> bool:
    """What is there is what was there or what is to be, whole; nobody else can read it. Whether it is the latter."""
    state = stage.state()
    assert state in (stage.old, stage.new)
    assert set(stage.box.loose()) <= stage.loose_at_first
    return state == stage.new


def goes_on(stage: Stage) -> None:
    """The next login works, everything else is still there, and nothing is left over."""
    done = stage.next_login()
    tells_nothing(done)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr
    assert stage.state() == stage.after_next_login()
    left, loose = stage.leftovers(), stage.box.loose()
    assert left == [], left
    assert loose == [], loose


def gone(stage: Stage) -> None:
    """After a logout that was killed, another one leaves nothing of the login anywhere in the home."""
    done = stage.box.run(*stage.command)
    tells_nothing(done)
    assert (done.code, done.stdout) == (0, stage.success), done.stderr
    assert stage.state() == stage.new
    traces = [word.encode() for word in (OLD, joined(USER, OLD))]
    for folder, _folders, files in os.walk(stage.box.home):
        for name in files:
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            assert not any(trace in data for trace in traces), f"a secret is left in {name}"


def brought_to_disk(trace: Trace, folder: Path) -> int:
    """What gets a name was brought to the disk before, and the name after; all of it before success is said.

    Returns:
        How many files got a name.

    """
    open_ends: set[str] = set()
    named = 0
    for call in trace.calls:
        if call.name == "write" and ("Login Succeeded" in call.arguments):
            assert not open_ends, f"{call} comes before these are on the disk: {open_ends}"
        if call.failed or not any(is_below(path, folder) for path in call.paths):
            continue
        if call.name in ("fsync", "fdatasync"):
            open_ends.discard(call.paths[0])
        elif call.name in _RENAMES:
            named += 1
            for path in call.paths if "RENAME_EXCHANGE" in call.arguments else call.paths[:1]:
                assert path not in open_ends, f"{call} comes before {path} is on the disk"
            open_ends.add(call.paths[1].rpartition("/")[0])
        elif call.name in ("mkdir", "mkdirat"):
            open_ends.add(call.paths[0].rpartition("/")[0])
        elif call.name in _WRITES or (call.changes and call.name.startswith("open") and "O_CREAT" in call.arguments):
            # The lock file holds nothing that would be missed.
            open_ends.update(path for path in call.paths if not path.endswith(".lock"))
        elif call.name in ("unlink", "unlinkat"):
            open_ends.discard(call.paths[0])
    assert not open_ends, f"never brought to the disk: {open_ends}"
    return named


def closed_to_others(trace: Trace, folder: Path) -> int:
    """Whatever was made was its owner's alone from the beginning. Returns how many files and folders were made."""
    made = 0
    for call in trace.about(folder):
        creates = call.name.startswith("open") and "O_CREAT" in call.arguments
        if creates or call.name.startswith(("mkdir", "mknod", "creat")):
            made += 1
            assert not _mode(call) & 0o077, call
            assert "O_EXCL" in call.arguments or not creates, call
        elif "chmod" in call.name:
            assert not _mode(call) & 0o077, call
    return made


def writes_nowhere_else(trace: Trace, folder: Path) -> None:
    """No file outside ``folder`` is changed."""
    for call in trace.calls:
        if call.changes and not call.failed:
            for path in call.paths:
                assert is_below(path, folder) or not path.startswith("/") or path in ("/dev/null", "/dev/tty"), call


def _mode(call: Call) -> int:
    return int(_MODE.findall(call.arguments)[-1], 8)


def picture(folder: Path) -> dict[str, object]:
    """Everything below ``folder`` that can be seen. Lock files hold nothing that matters."""
    paths = [os.path.join(above, name) for above, *names in os.walk(folder) for name in (*names[0], *names[1])]
    return {path: _details(path) for path in paths if not path.endswith(".lock")}


def _details(path: str) -> object:
    """Kind, mode, owner and contents."""
    status = None
    with contextlib.suppress(PermissionError):  # only where it is not root who looks
        status = os.lstat(path)
        if os.path.islink(path):
            return status.st_mode, status.st_uid, os.readlink(path)
        if os.path.isfile(path) and status.st_size < _LARGE:
            return status.st_mode, status.st_uid, Path(path).read_bytes()
        if os.path.isfile(path):
            return status.st_mode, status.st_uid, status.st_size, status.st_mtime_ns
    return status and (status.st_mode, status.st_uid)
