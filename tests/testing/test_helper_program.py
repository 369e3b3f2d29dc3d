"""The credential helper program that does as it is told, run by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest

from dockpass.testing.helper_program import HelperProgram

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def helper(tmp_path: Path) -> HelperProgram:
    return HelperProgram(tmp_path)


def run(helper: HelperProgram, *arguments: str, given: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [helper.path, *arguments], input=given, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout


def test_it_is_a_helper(helper: HelperProgram) -> None:
    assert os.path.basename(helper.path) == "docker-credential-scripted"
    given = json.dumps({"ServerURL": "reg.test", "Username": "alice", "Secret": 'won"der'})
    assert run(helper, "store", given=given) == (0, "")
    code, answer = run(helper, "get", given=" reg.test\r\n")
    assert code == 0
    assert json.loads(answer) == {"ServerURL": "reg.test", "Username": "alice", "Secret": 'won"der'}
    assert run(helper, "list") == (0, '{"reg.test": "alice"}\n')
    assert run(helper, "erase", given="reg.test") == (0, "")
    for action in ("get", "erase"):
        assert run(helper, action, given="reg.test") == (1, "credentials not found in native keychain\n")
    assert run(helper, "list") == (0, "{}\n")


@pytest.mark.parametrize("arguments", [[], ["GET"], ["version"]])
def test_what_it_does_not_know(arguments: list[str], helper: HelperProgram) -> None:
    code, answer = run(helper, *arguments)
    assert code == 1
    assert answer.startswith("unknown action: ")


def test_it_writes_down_what_it_was_given(helper: HelperProgram) -> None:
    assert helper.calls == []
    run(helper, "get", "more", given="reg.test")
    run(helper, given="x")
    first, second = helper.calls
    assert (first.argv, first.action, first.stdin) == (["get", "more"], "get", "reg.test")
    assert first.environ["PATH"] == os.environ["PATH"]
    assert (second.argv, second.action) == ([], "")
    assert repr(first) == "Call(['get', 'more'], stdin='reg.test')"


def test_what_it_keeps_can_be_seen_and_changed(helper: HelperProgram) -> None:
    assert helper.kept == {}
    helper.keep("reg.test", "alice", "wonder")
    helper.keep("b.test", "bob", "x")
    assert helper.kept == {"reg.test": ("alice", "wonder"), "b.test": ("bob", "x")}
    assert run(helper, "list") == (0, '{"reg.test": "alice", "b.test": "bob"}\n')


def test_it_does_as_it_is_told_until_it_is_told_otherwise(helper: HelperProgram) -> None:
    helper.behave(output="all", exit_code=2)
    helper.behave("list", output="list")
    assert run(helper, "get") == (2, "all")
    assert run(helper, "list") == (2, "list")
    helper.behave()
    helper.behave("list")
    assert run(helper, "list") == (0, "{}\n")


def test_it_dies_of_a_signal(helper: HelperProgram) -> None:
    helper.behave(signal=int(signal.SIGKILL))
    assert run(helper, "get")[0] == -signal.SIGKILL


def test_a_silent_erase(helper: HelperProgram) -> None:
    helper.behave("erase", silent_erase=True)
    assert run(helper, "erase", given="reg.test") == (0, "")


def test_something_else_in_its_place(helper: HelperProgram) -> None:
    helper.replace(b"#!/bin/sh\necho other\n")
    assert run(helper, "get") == (0, "other\n")
    helper.replace(b"", 0o600)
    assert not os.access(helper.path, os.X_OK)


def test_a_python_that_a_shell_could_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/$python")
    with pytest.raises(ValueError, match="a shell would not take"):
        HelperProgram(tmp_path)
