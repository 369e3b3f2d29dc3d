"""Credential helper programs that do not work, each in its own way."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from dockpass.credential import Credential
from dockpass.errors import HelperFailed, HelperGarbled, HelperNotExecutable, HelperTimedOut, ReadOnlyStore, StoreError
from dockpass.stores.program import ProgramStore
from dockpass.testing.helper_program import HelperProgram

from .processes import runs, soon

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALICE = Credential("alice", "wonder")
NOT_FOUND = "credentials not found in native keychain"


@pytest.fixture
def helper(tmp_path: Path) -> HelperProgram:
    return HelperProgram(tmp_path)


@pytest.fixture
def store(helper: HelperProgram) -> ProgramStore:
    return ProgramStore("scripted", environ={"PATH": helper.folder})


@pytest.fixture
def hasty(helper: HelperProgram) -> ProgramStore:
    return ProgramStore("scripted", environ={"PATH": helper.folder}, time_limit=2)


# It says that it failed


@pytest.mark.parametrize(
    "output", [NOT_FOUND, f"{NOT_FOUND}\n", f" {NOT_FOUND}\r\n", f"error: {NOT_FOUND}.\n", f"x\n{NOT_FOUND}\ny"]
)
def test_not_found(output: str, helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(output=output, exit_code=1)
    assert store.get("reg.test") is None
    assert store.erase("reg.test") is False


def test_not_found_is_a_failure_where_nothing_is_looked_for(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(output=NOT_FOUND, exit_code=1)
    with pytest.raises(HelperFailed):
        store.put("reg.test", ALICE)
    with pytest.raises(HelperFailed):
        store.list()


def test_not_found_on_standard_error_is_not_heard(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(output="", errors=NOT_FOUND, exit_code=1)
    with pytest.raises(HelperFailed):
        store.get("reg.test")


def test_what_pass_says_when_there_is_nothing_to_erase(helper: HelperProgram, store: ProgramStore) -> None:
    said = "exit status 1: Error: docker-credential-helpers/cmVnLnRlc3Q= is not in the password store.\n"
    helper.behave(output=said, exit_code=1)
    assert store.erase("reg.test") is False
    with pytest.raises(HelperFailed):
        store.get("reg.test")


@pytest.mark.parametrize(
    ("act", "asked"),
    [
        (lambda store: store.get("reg.test"), "docker-credential-scripted get for reg.test"),
        (lambda store: store.put("reg.test", ALICE), "docker-credential-scripted store for reg.test"),
        (lambda store: store.erase("reg.test"), "docker-credential-scripted erase for reg.test"),
        (lambda store: store.list(), "docker-credential-scripted list"),
    ],
)
def test_a_failure_names_the_helper_the_action_the_status_and_its_words(
    act: Callable[[ProgramStore], object], asked: str, helper: HelperProgram, store: ProgramStore
) -> None:
    helper.behave(output="boom:\n\x1b[1mno luck\x1b[0m\n", exit_code=3)
    with pytest.raises(HelperFailed) as caught:
        act(store)
    assert caught.value.message == f"{asked} failed (exit status 3): boom: no luck"
    assert caught.value.hint == (
        "see what it says on standard error, and what `docker-credential-scripted list` says when run by hand; or name "
        "another helper in config.json (credsStore, credHelpers)"
    )


def test_a_failure_without_words(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(output="", errors="", exit_code=1)
    with pytest.raises(HelperFailed, match=r"failed \(exit status 1\): it did not say why"):
        store.get("reg.test")


def test_a_failure_comes_with_the_next_step(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(output='pass not initialized: exit status 1: Error: Try "pass init".', exit_code=1)
    with pytest.raises(HelperFailed) as caught:
        store.get("reg.test")
    assert caught.value.hint == "set it up: gpg --quick-generate-key YOUR-NAME, then: pass init YOUR-NAME"


def test_a_failure_does_not_repeat_the_secret(helper: HelperProgram, store: ProgramStore) -> None:
    helper.replace(b'#!/bin/sh\necho "cannot keep:"; /bin/cat; exit 1\n')
    with pytest.raises(HelperFailed) as caught:
        store.put("reg.test", Credential("alice", "hunter<2>"))
    assert 'cannot keep: {"ServerURL":"reg.test","Username":"alice","Secret":"****"}' in caught.value.message
    assert "hunter" not in caught.value.message


def test_a_failure_after_the_answer_does_not_show_the_answer(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(output='{"Username":"alice","Secret":"wonder"}', exit_code=1)
    with pytest.raises(HelperFailed) as caught:
        store.get("reg.test")
    assert "wonder" not in caught.value.message


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_killed_by_a_signal(number: signal.Signals, helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(signal=int(number))
    with pytest.raises(HelperFailed, match=rf"failed \(killed by {number.name}\)"):
        store.get("reg.test")


def test_killed_by_a_signal_without_a_name(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(signal=signal.SIGRTMIN + 3)
    with pytest.raises(HelperFailed, match=r"failed \(killed by signal \d+\)"):
        store.get("reg.test")


def test_a_server_that_acts_on_terminals_is_cleaned(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(output="no", exit_code=1)
    with pytest.raises(HelperFailed, match=r"get for reg\\x9b2J failed"):
        store.get("reg\x9b2J")


# It makes its credentials itself


@pytest.mark.parametrize("said", ["not implemented\n", "add is unimplemented\n"])
def test_a_helper_that_keeps_nothing(said: str, helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(output=said, exit_code=1)
    for act in (lambda: store.put("reg.test", ALICE), lambda: store.erase("reg.test")):
        with pytest.raises(ReadOnlyStore, match="makes its credentials itself and keeps none"):
            act()
    for ask in (lambda: store.get("reg.test"), store.list):
        with pytest.raises(HelperFailed, match="unimplemented|not implemented"):
            ask()


# It cannot be started


def test_no_program_for_this_system(helper: HelperProgram, store: ProgramStore) -> None:
    helper.replace(b"\x7fELF nonsense")
    with pytest.raises(HelperNotExecutable, match="no program for this system") as caught:
        store.get("reg.test")
    assert helper.path in caught.value.message
    assert "install it anew" in str(caught.value.hint)


def test_a_script_that_does_not_say_by_what_it_is_run(helper: HelperProgram, store: ProgramStore) -> None:
    helper.replace(b"echo '{}'\n")
    with pytest.raises(HelperNotExecutable, match="exec format error"):
        store.list()


def test_its_interpreter_is_missing(helper: HelperProgram, store: ProgramStore) -> None:
    helper.replace(b"#!/nowhere/python\n")
    with pytest.raises(HelperNotExecutable, match="does not exist") as caught:
        store.list()
    assert caught.value.hint == f"look at its first line: head -n 1 {helper.path}"


def test_its_interpreter_must_not_be_executed(helper: HelperProgram, store: ProgramStore) -> None:
    helper.replace(f"#!{helper.folder}\n".encode())
    with pytest.raises(HelperNotExecutable, match="permission denied"):
        store.list()


def test_it_is_gone_since_it_was_found(helper: HelperProgram, store: ProgramStore) -> None:
    store.find()
    os.unlink(helper.path)
    with pytest.raises(HelperNotExecutable, match="cannot be run"):
        store.list()


def test_the_environment_is_too_large_for_the_system(helper: HelperProgram) -> None:
    store = ProgramStore("scripted", environ={"PATH": helper.folder, "LARGE": "x" * 5_000_000})
    with pytest.raises(HelperNotExecutable, match="[Aa]rgument list too long"):
        store.list()


# Its answer is no answer


def test_a_warning_before_the_answer(helper: HelperProgram, store: ProgramStore) -> None:
    helper.keep("reg.test", "alice", "wonder")
    helper.behave(before="WARNING: this helper is old")
    with pytest.raises(HelperGarbled, match="printed other text before its JSON answer") as caught:
        store.get("reg.test")
    assert "wonder" not in caught.value.message


def test_text_after_the_answer(helper: HelperProgram, store: ProgramStore) -> None:
    helper.keep("reg.test", "alice", "wonder")
    helper.behave(after="have a nice day")
    assert store.get("reg.test") == ALICE
    assert store.list() == {"reg.test": "alice"}


def test_success_without_an_answer(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(output="")
    with pytest.raises(
        HelperGarbled, match="docker-credential-scripted get for reg.test succeeded but answered nothing"
    ):
        store.get("reg.test")
    with pytest.raises(HelperGarbled, match="docker-credential-scripted list succeeded but answered nothing"):
        store.list()


def test_whatever_is_printed_by_store_and_erase_means_nothing(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(before="stored!", after=NOT_FOUND)
    store.put("reg.test", ALICE)
    assert helper.kept == {"reg.test": ("alice", "wonder")}
    assert store.erase("reg.test") is True


def test_ten_megabytes(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(size=10_000_000)
    with pytest.raises(HelperGarbled, match="answered with more than 1 MiB and was stopped"):
        store.get("reg.test")
    store.put("reg.test", ALICE)
    assert store.erase("reg.test") is True


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1])
def test_one_megabyte_is_the_limit(size: int, helper: HelperProgram, store: ProgramStore) -> None:
    answer = b'{"reg.test":"' + b"x" * (size - 15) + b'"}'
    assert len(answer) == size
    with open(helper.folder + "/answer", "wb") as file:
        file.write(answer)
    helper.replace(b'#!/bin/sh\nexec /bin/cat "${0%/*}/answer"\n')
    if size == 1 << 20:
        assert store.list() == {"reg.test": "x" * (size - 15)}
    else:
        with pytest.raises(HelperGarbled, match="more than 1 MiB"):
            store.list()


def test_an_answer_without_end(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave(endless=True)
    with pytest.raises(HelperGarbled, match="answered with more than 1 MiB"):
        store.get("reg.test")
    assert not runs(helper.calls[0].pid)


def test_an_answer_without_end_where_none_is_read(helper: HelperProgram, hasty: ProgramStore) -> None:
    helper.behave(endless=True)
    with pytest.raises(HelperTimedOut):
        hasty.put("reg.test", ALICE)
    assert not runs(helper.calls[0].pid)


# It does not end


def test_it_hangs(helper: HelperProgram, hasty: ProgramStore) -> None:
    helper.behave(hang=True)
    with pytest.raises(HelperTimedOut) as caught:
        hasty.get("reg.test")
    assert caught.value.message == (
        "docker-credential-scripted get for reg.test did not answer in 2 seconds and was stopped"
    )
    assert "unlock" in str(caught.value.hint)
    assert not runs(helper.calls[0].pid)


def test_it_hangs_with_its_output_closed(helper: HelperProgram, hasty: ProgramStore) -> None:
    helper.behave(hang=True, closes_output=True)
    with pytest.raises(HelperTimedOut):
        hasty.get("reg.test")
    assert not runs(helper.calls[0].pid)


def test_it_hangs_with_a_child_and_both_are_deaf_to_requests(helper: HelperProgram, hasty: ProgramStore) -> None:
    helper.behave(hang=True, child=True, stubborn=True)
    with pytest.raises(HelperTimedOut):
        hasty.get("reg.test")
    (call,) = helper.calls
    assert call.child
    assert not runs(call.pid)
    assert soon(lambda: not runs(call.child))


def test_it_hangs_without_reading_a_large_input(helper: HelperProgram, hasty: ProgramStore) -> None:
    helper.behave(hang=True, deaf=True)
    with pytest.raises(HelperTimedOut):
        hasty.put("reg.test", Credential("alice", "s" * 300_000))
    assert not runs(helper.calls[0].pid)


def test_it_does_not_read_its_input_and_succeeds(helper: HelperProgram, store: ProgramStore) -> None:
    helper.behave("store", deaf=True, exit_code=0)
    helper.behave("get", deaf=True, output='{"Username":"alice","Secret":"wonder"}')
    store.put("reg.test", Credential("alice", "s" * 300_000))
    assert store.get("reg.test") == ALICE


def test_it_ends_while_a_child_holds_on_to_its_output(helper: HelperProgram, store: ProgramStore) -> None:
    helper.keep("reg.test", "alice", "wonder")
    helper.behave(child=True)
    assert store.get("reg.test") == ALICE
    (call,) = helper.calls
    # An agent that a helper starts may live on.
    assert runs(call.child)
    os.kill(call.child, signal.SIGKILL)


def test_it_ends_while_a_child_prints_without_end(helper: HelperProgram, store: ProgramStore) -> None:
    helper.replace(b'#!/bin/sh\n/usr/bin/yes & echo $! > "$0.child"\nexit 0\n')
    store.put("reg.test", ALICE)
    with open(helper.path + ".child", encoding="utf-8") as file:
        child = int(file.read())
    assert soon(lambda: not runs(child))  # nobody reads what it prints


def test_it_is_stopped_from_outside(helper: HelperProgram, hasty: ProgramStore) -> None:
    helper.behave(signal=int(signal.SIGSTOP))
    with pytest.raises(HelperTimedOut):
        hasty.list()
    assert not runs(helper.calls[0].pid)


# Somebody waits


def test_one_line_says_that_it_takes_long(helper: HelperProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockpass.stores.child._PATIENCE", 0.05)
    said: list[str] = []
    store = ProgramStore("scripted", environ={"PATH": helper.folder}, waiting=said.append, time_limit=0.5)
    helper.behave(hang=True)
    with pytest.raises(HelperTimedOut):
        store.get("reg.test")
    assert said == ["waiting for docker-credential-scripted; it may be asking for a PIN or a touch (Ctrl-C stops it)"]


def test_nothing_is_said_of_one_that_is_quick(helper: HelperProgram) -> None:
    said: list[str] = []
    ProgramStore("scripted", environ={"PATH": helper.folder}, waiting=said.append).list()
    assert said == []


def test_one_that_hangs_does_not_hold_up_other_threads(helper: HelperProgram, tmp_path: Path) -> None:
    other = HelperProgram(tmp_path, "other")
    helper.behave(hang=True)
    errors: list[StoreError] = []

    def hang() -> None:
        try:
            ProgramStore("scripted", environ={"PATH": helper.folder}, time_limit=300).list()
        except StoreError as error:
            errors.append(error)

    thread = threading.Thread(target=hang)
    thread.start()
    assert soon(lambda: helper.calls)
    assert ProgramStore("other", environ={"PATH": other.folder}).list() == {}
    assert errors == []
    os.kill(helper.calls[0].pid, signal.SIGKILL)
    thread.join()
    assert [type(error) for error in errors] == [HelperFailed]
