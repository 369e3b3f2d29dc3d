"""Helpers and the terminal: a PIN, Ctrl-C, Ctrl-Z, and what is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import termios
import time

import pexpect  # type: ignore[import-untyped]
import pytest

import dockpass
from dockpass.testing.helper_program import HelperProgram

from .processes import runs, soon

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
SCRIPT = """\
import sys
from dockpass.errors import DockpassError
from dockpass.stores import child
from dockpass.stores.program import ProgramStore

child._PATIENCE = {patience}
child.ALONE, child.ATTENDED = {alone}, {attended}
store = ProgramStore("scripted", environ={{"PATH": {folder!r}}}, waiting=lambda line: print(line, flush=True))
try:
    print("FOUND", store.get("reg.test"), flush=True)
except DockpassError as error:
    print("ERROR", error, flush=True)
except KeyboardInterrupt:
    print("INTERRUPTED", flush=True)
    if "exit" in sys.argv:
        sys.exit(130)
if "echo" in sys.argv:
    print("TYPED", input("Name? "), flush=True)
"""


@pytest.fixture
def helper(tmp_path: Path) -> HelperProgram:
    helper = HelperProgram(tmp_path)
    helper.keep("reg.test", "alice", "wonder")
    return helper


def script(helper: HelperProgram, *, patience: float = 3600, alone: float = 300, attended: float = 300) -> str:
    return SCRIPT.format(folder=helper.folder, patience=patience, alone=alone, attended=attended)


def on_terminal(helper: HelperProgram, *words: str, **limits: float) -> pexpect.spawn:
    environ = {**os.environ, "PYTHONPATH": SOURCE, "TERM": "dumb"}
    command = ["-c", script(helper, **limits), *words]
    return pexpect.spawn(sys.executable, command, env=environ, encoding="utf-8", timeout=60)


def in_shell(helper: HelperProgram, folder: Path) -> pexpect.spawn:
    path = folder / "script.py"
    path.write_text(script(helper))
    environ = {**os.environ, "PYTHONPATH": SOURCE, "TERM": "dumb", "PS1": "READY> ", "PYTHON": sys.executable}
    shell = pexpect.spawn("bash", ["--norc", "--noprofile", "-i"], env=environ, encoding="utf-8", timeout=60)
    shell.expect_exact("READY> ")
    return shell


def leave(shell: pexpect.spawn) -> None:
    shell.sendline("exit")
    shell.expect(pexpect.EOF)


def echoes(terminal: pexpect.spawn) -> bool:
    return bool(termios.tcgetattr(terminal.child_fd)[3] & termios.ECHO)


def test_a_helper_may_ask_for_a_pin(helper: HelperProgram) -> None:
    helper.behave("get", ask="PIN: ")
    terminal = on_terminal(helper, "echo")
    terminal.expect_exact("PIN: ")
    assert not echoes(terminal)
    terminal.sendline("1234")
    terminal.expect_exact("FOUND Credential('alice', Secret(****))")
    assert helper.calls[0].answer == "1234"
    # The terminal is ours again: a process in the background could not read from it.
    terminal.expect_exact("Name? ")
    assert echoes(terminal)
    terminal.sendline("alice")
    terminal.expect_exact("TYPED alice")
    terminal.expect(pexpect.EOF)


def test_one_that_does_not_ask_never_has_the_terminal(helper: HelperProgram) -> None:
    terminal = on_terminal(helper, "echo")
    terminal.expect_exact("FOUND Credential('alice'")
    terminal.expect_exact("Name? ")
    terminal.sendline("alice")
    terminal.expect_exact("TYPED alice")
    terminal.expect(pexpect.EOF)


def test_ctrl_c_ends_a_helper_that_hangs_and_its_children(helper: HelperProgram) -> None:
    helper.behave("get", hang=True, child=True)
    terminal = on_terminal(helper, "exit")
    assert soon(lambda: helper.calls)
    terminal.sendintr()
    terminal.expect_exact("INTERRUPTED")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    (call,) = helper.calls
    assert soon(lambda: not runs(call.pid) and not runs(call.child))


def test_ctrl_c_ends_one_that_would_not_end(helper: HelperProgram) -> None:
    helper.behave("get", hang=True, child=True, stubborn=True)
    terminal = on_terminal(helper)
    assert soon(lambda: helper.calls)
    terminal.sendintr()
    terminal.expect_exact("INTERRUPTED")
    terminal.expect(pexpect.EOF)
    (call,) = helper.calls
    assert soon(lambda: not runs(call.pid) and not runs(call.child))


def test_ctrl_c_twice(helper: HelperProgram) -> None:
    helper.behave("get", hang=True, child=True, stubborn=True)
    terminal = on_terminal(helper)
    assert soon(lambda: helper.calls)
    terminal.sendintr()
    time.sleep(0.1)
    terminal.sendintr()
    terminal.expect_exact("INTERRUPTED")
    terminal.expect(pexpect.EOF)
    (call,) = helper.calls
    assert soon(lambda: not runs(call.pid) and not runs(call.child))


def test_ctrl_c_while_it_asks(helper: HelperProgram) -> None:
    helper.behave("get", ask="PIN: ")
    terminal = on_terminal(helper, "echo")
    terminal.expect_exact("PIN: ")
    assert not echoes(terminal)
    terminal.sendintr()
    terminal.expect_exact("INTERRUPTED")
    terminal.expect_exact("Name? ")
    assert echoes(terminal)
    terminal.sendline("alice")
    terminal.expect_exact("TYPED alice")
    terminal.expect(pexpect.EOF)
    assert helper.calls == []


def test_the_time_limit_while_it_asks(helper: HelperProgram) -> None:
    helper.behave("get", ask="PIN: ")
    terminal = on_terminal(helper, "echo", attended=3)
    terminal.expect_exact("PIN: ")
    terminal.expect_exact("ERROR docker-credential-scripted get for reg.test did not answer in 3 seconds")
    terminal.expect_exact("Name? ")
    assert echoes(terminal)
    terminal.sendline("alice")
    terminal.expect_exact("TYPED alice")
    terminal.expect(pexpect.EOF)


def test_where_there_is_a_terminal_there_is_more_time(helper: HelperProgram) -> None:
    helper.behave("get", ask="PIN: ")
    terminal = on_terminal(helper, alone=0.01)
    terminal.expect_exact("PIN: ")
    terminal.sendline("1234")
    terminal.expect_exact("FOUND")


def test_where_there_is_none_there_is_less(helper: HelperProgram) -> None:
    helper.behave("get", hang=True)
    result = subprocess.run(
        [sys.executable, "-c", script(helper, alone=0.2, attended=3600)],
        env={**os.environ, "PYTHONPATH": SOURCE},
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (
        result.stdout
        == "ERROR docker-credential-scripted get for reg.test did not answer in 0.2 seconds and was stopped\n"
    )


def test_one_line_says_that_it_takes_long(helper: HelperProgram) -> None:
    helper.behave("get", hang=True)
    terminal = on_terminal(helper, patience=0.1)
    terminal.expect_exact("waiting for docker-credential-scripted")
    terminal.sendintr()
    terminal.expect_exact("INTERRUPTED")
    terminal.expect(pexpect.EOF)


def test_but_not_into_a_question(helper: HelperProgram) -> None:
    helper.behave("get", ask="PIN: ")
    terminal = on_terminal(helper, patience=2)
    terminal.expect_exact("PIN: ")
    time.sleep(2.5)
    terminal.sendline("1234")
    terminal.expect_exact("FOUND")
    assert "waiting" not in terminal.before


def test_ctrl_z_while_it_asks_and_back(helper: HelperProgram, tmp_path: Path) -> None:
    helper.behave("get", ask="PIN: ")
    shell = in_shell(helper, tmp_path)
    shell.sendline(f'"$PYTHON" {tmp_path}/script.py')
    shell.expect_exact("PIN: ")
    shell.sendcontrol("z")
    shell.expect_exact("Stopped")
    shell.expect_exact("READY> ")
    shell.sendline("echo still $((40 + 2))")
    shell.expect_exact("still 42")
    shell.expect_exact("READY> ")
    shell.sendline("fg")
    shell.expect_exact("script.py")
    time.sleep(0.5)
    shell.sendline("1234")
    shell.expect_exact("FOUND Credential('alice'")
    assert helper.calls[0].answer == "1234"
    shell.expect_exact("READY> ")
    leave(shell)


def test_ctrl_z_while_it_works_and_back(helper: HelperProgram, tmp_path: Path) -> None:
    helper.behave("get", hang=True)
    shell = in_shell(helper, tmp_path)
    shell.sendline(f'"$PYTHON" {tmp_path}/script.py')
    assert soon(lambda: helper.calls)
    shell.sendcontrol("z")
    shell.expect_exact("Stopped")
    shell.sendline("fg")
    shell.expect_exact("script.py")
    time.sleep(0.5)
    shell.sendintr()
    shell.expect_exact("INTERRUPTED")
    shell.expect_exact("READY> ")
    leave(shell)
    assert soon(lambda: not runs(helper.calls[0].pid))


def test_in_the_background_it_waits_until_it_is_fetched(helper: HelperProgram, tmp_path: Path) -> None:
    helper.behave("get", ask="PIN: ")
    shell = in_shell(helper, tmp_path)
    shell.sendline(f'"$PYTHON" {tmp_path}/script.py & sleep 1')
    with pytest.raises(pexpect.TIMEOUT):
        shell.expect_exact("PIN: ", timeout=2)
    shell.sendline("fg")
    shell.expect_exact("PIN: ")
    shell.sendline("1234")
    shell.expect_exact("FOUND Credential('alice'")
    assert helper.calls[0].answer == "1234"
    shell.expect_exact("READY> ")
    leave(shell)


def test_two_helpers_take_turns(helper: HelperProgram, tmp_path: Path) -> None:
    helper.behave("get", ask="PIN: ")
    threads = script(helper).replace(
        'try:\n    print("FOUND", store.get("reg.test"), flush=True)',
        "import threading\n"
        'threads = [threading.Thread(target=lambda: print("FOUND", store.get("reg.test"), flush=True)) for _ in "ab"]\n'
        "for thread in threads: thread.start()\n"
        "try:\n    for thread in threads: thread.join()",
    )
    environ = {**os.environ, "PYTHONPATH": SOURCE, "TERM": "dumb"}
    terminal = pexpect.spawn(sys.executable, ["-c", threads, "echo"], env=environ, encoding="utf-8", timeout=60)
    for pin in ("1234", "5678"):
        terminal.expect_exact("PIN: ")
        terminal.sendline(pin)
        terminal.expect_exact("FOUND Credential('alice'")
    assert sorted(call.answer for call in helper.calls) == ["1234", "5678"]
    terminal.expect_exact("Name? ")
    assert echoes(terminal)
