"""One run of a helper, where the process or the system around it is odd."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
import sys
import termios

import pytest

import dockpass
from dockpass.errors import HelperFailed, HelperTimedOut
from dockpass.stores.child import Child, run
from dockpass.stores.foreground import Foreground
from dockpass.stores.program import ProgramStore
from dockpass.testing.helper_program import HelperProgram

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))


@pytest.fixture
def helper(tmp_path: Path) -> HelperProgram:
    helper = HelperProgram(tmp_path)
    helper.keep("reg.test", "alice", "wonder")
    return helper


def python(script: str, helper: HelperProgram, shell: str = '"$@"') -> str:
    """What ``script`` prints in a process of its own, started by ``shell``."""
    environ = {**os.environ, "PYTHONPATH": SOURCE, "HELPERS": helper.folder}
    top = (
        "import os, signal, sys\n"
        "from dockpass.errors import DockpassError\n"
        "from dockpass.stores.program import ProgramStore\n"
        "store = ProgramStore('scripted', environ={'PATH': os.environ['HELPERS']})\n"
    )
    return subprocess.run(
        ["/bin/sh", "-c", shell, "sh", sys.executable, "-c", top + script],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


def test_a_process_that_ignores_its_children(helper: HelperProgram) -> None:
    script = (
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "try: store.get('reg.test')\n"
        "except DockpassError as error: print(error)\n"
    )
    # What it answered is not taken for an answer where it is not known whether it succeeded.
    assert "its exit status is not known, because this process ignores SIGCHLD" in python(script, helper)


@pytest.mark.parametrize("closed", ["<&-", "<&- >&-", "<&- 2>&-", "<&- >&- 2>&-"])
def test_a_process_without_standard_files(closed: str, helper: HelperProgram, tmp_path: Path) -> None:
    script = "with open(os.environ['HELPERS'] + '/result', 'w') as file: file.write(repr(store.get('reg.test')))"
    python(script, helper, f'"$@" {closed}')
    assert (tmp_path / "result").read_text() == "Credential('alice', Secret(****))"


def test_a_system_that_does_not_tell_when_a_process_ends(
    helper: HelperProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pid: int) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "pidfd_open", refuse, raising=False)
    helper.behave("list", hang=True, closes_output=True)
    helper.behave("store", child=True)
    store = ProgramStore("scripted", environ={"PATH": helper.folder})
    assert store.get("reg.test") is not None
    with pytest.raises(HelperTimedOut):
        ProgramStore("scripted", environ={"PATH": helper.folder}, time_limit=0.3).list()
    helper.behave("list", child=True)
    assert store.list() == {"reg.test": "alice"}
    os.kill(helper.calls[-1].child, 9)


def test_nothing_is_left_open(helper: HelperProgram) -> None:
    store = ProgramStore("scripted", environ={"PATH": helper.folder})
    before = sorted(os.listdir("/proc/self/fd"))
    store.get("reg.test")
    helper.behave("get", output="", exit_code=1)
    with pytest.raises(HelperFailed):
        store.get("reg.test")
    helper.behave("get", hang=True)
    with pytest.raises(HelperTimedOut):
        ProgramStore("scripted", environ={"PATH": helper.folder}, time_limit=0.2).get("reg.test")
    for nonsense in (b"", b"#!/nowhere\n"):
        helper.replace(nonsense)
        with pytest.raises(Exception, match="cannot be run"):
            store.get("reg.test")
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_files_of_ours_are_not_inherited(helper: HelperProgram) -> None:
    helper.replace(b'#!/bin/sh\nfor each in /proc/$$/fd/*; do echo "${each##*/}"; done; exit 1\n')
    with open(helper.path, "rb") as file:
        secret = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 200)
    try:
        with pytest.raises(HelperFailed) as caught:
            ProgramStore("scripted", environ={"PATH": helper.folder}).list()
    finally:
        os.close(secret)
    theirs = caught.value.message.rpartition(": ")[2].split()
    assert {"0", "1", "2"} <= set(theirs)
    assert str(secret) not in theirs


@pytest.fixture
def few_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))
    spare = [os.open("/dev/null", os.O_RDONLY) for _ in range(highest)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(spare) + 1, hard))
    os.close(spare.pop())
    os.close(spare.pop())
    os.close(spare.pop())
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    for descriptor in spare:
        os.close(descriptor)


def test_too_many_open_files(few_files: None, helper_path: str) -> None:
    for _ in range(3):
        with pytest.raises(OSError, match="Too many open files"):
            run([helper_path, "list"], b"", {}, capacity=10)


@pytest.fixture
def helper_path(tmp_path: Path) -> str:
    return HelperProgram(tmp_path).path


@pytest.mark.parametrize("cut", [False, True])
def test_the_last_byte_counts_when_it_comes_with_the_end(
    cut: bool, helper: HelperProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late:
        """Says that nothing has come, because it asked a moment before."""

        def poll(self, _: float) -> list[tuple[int, int]]:
            return []

        def unregister(self, _: int) -> None:
            pass

    helper.replace(b"#!/bin/sh\nprintf 1234567890\n")
    assert run([helper.path], b"", {}, capacity=10, cut=cut).output == b"1234567890"
    # Ten bytes fit, and are there before the eleventh.
    helper.replace(b'#!/bin/sh\nprintf 1234567890\nuntil [ -e "$0.go" ]; do :; done\nprintf x\n')
    child = Child([helper.path], b"", {}, 10, cut=cut)
    try:
        while len(child.output) < 10:
            assert not child.attend(0.1)
        with open(helper.path + ".go", "w", encoding="utf-8"):
            pass
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        monkeypatch.setattr(child, "_poll", Late())
        assert child.attend(0) is True
    finally:
        child.close()
    assert bytes(child.output) == b"1234567890"
    assert child.too_long is not cut


# A terminal that goes away: what a user sees who closes the window


def test_no_terminal_at_all() -> None:
    script = "from dockpass.stores.foreground import Foreground; print(Foreground.find())"
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": SOURCE},
        start_new_session=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "None\n"


def test_a_terminal_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open
    monkeypatch.setattr(os, "open", lambda path, flags: opened("/dev/null", flags))
    before = sorted(os.listdir("/proc/self/fd"))
    assert Foreground.find() is None
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_a_terminal_that_has_gone_away() -> None:
    ours, theirs = os.openpty()
    modes = termios.tcgetattr(theirs)
    terminal = Foreground(theirs, modes)
    assert not terminal.in_use
    assert not terminal.ours  # it is not this process's own
    os.close(ours)
    terminal.lend(2**22 + 1)  # no process has such a number
    assert terminal.lent
    terminal.take_back()
    assert not terminal.lent
    assert not terminal.in_use
    terminal.close(mend=True)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(theirs)
