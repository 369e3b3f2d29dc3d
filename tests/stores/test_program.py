"""Credential helper programs that work."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from dockpass.credential import Credential
from dockpass.errors import BadCredential, BadServer, HelperMissing, HelperNotExecutable, UnknownStore
from dockpass.stores.program import ProgramStore
from dockpass.testing.helper_program import HelperProgram
from dockpass.testing.stores import StoreSuite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

ALICE = Credential("alice", "wonder")


@pytest.fixture
def helper(tmp_path: Path) -> HelperProgram:
    return HelperProgram(tmp_path)


@pytest.fixture
def store(helper: HelperProgram) -> ProgramStore:
    return ProgramStore("scripted", environ={"PATH": helper.folder})


class TestProgramStore(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.helper = HelperProgram(tmp_path)

    def make_store(self) -> ProgramStore:
        return ProgramStore("scripted", environ={"PATH": self.helper.folder})


class TestAHelperThatErasesSilently(StoreSuite):
    """Half of docker's own helpers say nothing when there is nothing to erase."""

    erase_tells = False

    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.helper = HelperProgram(tmp_path)
        self.helper.behave("erase", silent_erase=True)

    def make_store(self) -> ProgramStore:
        return ProgramStore("scripted", environ={"PATH": self.helper.folder})


# What the helper is given


def test_store_is_given_what_docker_gives(helper: HelperProgram, store: ProgramStore) -> None:
    store.put("reg.test", Credential("foo", "bar"))
    (call,) = helper.calls
    assert call.argv == ["store"]
    assert call.stdin == '{"ServerURL":"reg.test","Username":"foo","Secret":"bar"}\n'


def test_store_is_given_the_escapes_of_go(helper: HelperProgram, store: ProgramStore) -> None:
    store.put("reg.test", Credential("a&b", '<"\\\n\u2028ü\x7f\x01>'))
    assert helper.calls[0].stdin == (
        '{"ServerURL":"reg.test","Username":"a\\u0026b","Secret":"\\u003c\\"\\\\\\n\\u2028ü\x7f\\u0001\\u003e"}\n'
    )


def test_an_identity_token_is_marked_by_its_user_name(helper: HelperProgram, store: ProgramStore) -> None:
    store.put("reg.test", Credential("alice", "tok", is_identity_token=True))
    assert helper.calls[0].stdin == '{"ServerURL":"reg.test","Username":"\\u003ctoken\\u003e","Secret":"tok"}\n'
    assert store.get("reg.test") == Credential("", "tok", is_identity_token=True)
    assert store.list() == {"reg.test": ""}


def test_get_and_erase_are_given_the_bare_key_and_list_is_given_unused(
    helper: HelperProgram, store: ProgramStore
) -> None:
    store.get("https://index.docker.io/v1/")
    store.erase("https://index.docker.io/v1/")
    store.list()
    assert [(call.argv, call.stdin) for call in helper.calls] == [
        (["get"], "https://index.docker.io/v1/"),
        (["erase"], "https://index.docker.io/v1/"),
        (["list"], "unused"),
    ]


def test_put_asks_nothing_after_it_is_kept(helper: HelperProgram, store: ProgramStore) -> None:
    store.put("reg.test", ALICE)
    assert [call.action for call in helper.calls] == ["store"]


def test_the_secret_is_in_no_argument_and_no_variable(helper: HelperProgram, store: ProgramStore) -> None:
    store.put("reg.test", Credential("alice", "hunter2"))
    (call,) = helper.calls
    assert "hunter2" not in str(call.argv) + str(call.environ)
    assert "hunter2" in call.stdin


def test_it_has_the_callers_environment_less_what_is_secret(helper: HelperProgram) -> None:  # case 145
    environ = {
        "PATH": helper.folder,
        "HOME": "/home/alice",
        "AWS_PROFILE": "prod",
        "DOCKER_CONFIG": "/somewhere",
        "DOCKER_AUTH_CONFIG": "secret",
        "DOCKPASS_PASSWORD": "secret",
        "DOCKPASS_FUTURE": "secret",
        "DOCKPASS_STORE": "pass",
        "DOCKPASS_HOME": "/vault",
        "MY_PASSWORD": "secret",
        "BAD=NAME": "x",
        "": "y",
    }
    ProgramStore("scripted", environ=environ, withhold=["MY_PASSWORD", ""]).list()
    seen = helper.calls[0].environ
    assert "secret" not in seen.values()
    assert {name for name in seen if name not in ("PWD", "_", "SHLVL", "OLDPWD", "LC_CTYPE")} == {
        "PATH",
        "HOME",
        "AWS_PROFILE",
        "DOCKER_CONFIG",
        "DOCKPASS_STORE",
        "DOCKPASS_HOME",
    }


def test_it_has_the_environment_of_this_process_as_it_is_when_it_runs(
    helper: HelperProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ProgramStore("scripted")
    monkeypatch.setenv("PATH", helper.folder)
    monkeypatch.setenv("GPG_TTY", "/dev/pts/7")
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", "secret")
    store.list()
    assert helper.calls[0].environ["GPG_TTY"] == "/dev/pts/7"
    assert "DOCKER_AUTH_CONFIG" not in helper.calls[0].environ


def test_it_runs_in_a_process_group_of_its_own(helper: HelperProgram, store: ProgramStore) -> None:
    store.list()
    (call,) = helper.calls
    assert call.group == call.pid
    assert call.group != os.getpgrp()


def test_a_broken_pipe_ends_it_as_programs_expect(helper: HelperProgram, store: ProgramStore) -> None:
    # Python ignores SIGPIPE, and what is ignored is inherited.
    helper.replace(b"#!/bin/sh\n/bin/cat >/dev/null\nkill -PIPE $$\necho '{}'\n")
    with pytest.raises(Exception, match="killed by SIGPIPE"):
        store.list()


def test_its_standard_error_is_ours(
    helper: HelperProgram, store: ProgramStore, capfd: pytest.CaptureFixture[str]
) -> None:
    helper.behave("list", errors="touch your key\n")
    assert store.list() == {}
    assert capfd.readouterr().err == "touch your key\n"


def test_it_is_given_a_large_secret_while_it_answers_at_length(helper: HelperProgram, store: ProgramStore) -> None:
    secret = "s" * 300_000
    store.put("reg.test", Credential("alice", secret))
    assert store.get("reg.test") == Credential("alice", secret)


# Where it is found


@pytest.mark.parametrize(
    "suffix", ["", "-x", "../x", "/bin/x", "a b", "a/b", ".", "..", "a\n", "ä", "a;b", "$(id)", "x\0", "docker_*"]
)
def test_a_suffix_that_no_helper_has(suffix: str, helper: HelperProgram) -> None:
    with pytest.raises(UnknownStore, match="no credential helper can have the name") as caught:
        ProgramStore(suffix, environ={"PATH": helper.folder})
    assert caught.value.hint
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("suffix", ["pass", "desktop.exe", "ecr-login", "a_b", "x.", ".x", "9"])
def test_a_suffix_that_a_helper_may_have(suffix: str, tmp_path: Path) -> None:
    helper = HelperProgram(tmp_path, suffix)
    store = ProgramStore(suffix, environ={"PATH": helper.folder})
    assert store.name == suffix
    assert store.list() == {}


def test_missing(tmp_path: Path) -> None:
    store = ProgramStore("absent", environ={"PATH": str(tmp_path)})
    with pytest.raises(HelperMissing, match="docker-credential-absent is not on PATH") as caught:
        store.get("reg.test")
    assert "install it" in str(caught.value.hint)


@pytest.mark.parametrize("path", [None, ""])
def test_missing_where_there_is_no_path(
    path: str | None, helper: HelperProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(helper.folder)
    store = ProgramStore("scripted", environ={} if path is None else {"PATH": path})
    with pytest.raises(HelperMissing):
        store.find()


def test_one_in_the_current_folder_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sub"
    folder.mkdir()
    HelperProgram(folder)
    HelperProgram(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HelperMissing):
        ProgramStore("scripted", environ={"PATH": ":.:sub::./sub:"}).find()


def test_the_first_on_path_counts_and_stays(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    (folders[0] / "docker-credential-scripted").mkdir()
    second, third = HelperProgram(folders[1]), HelperProgram(folders[2])
    environ = {"PATH": os.pathsep.join(map(str, [tmp_path / "gone", *folders]))}
    store = ProgramStore("scripted", environ=environ)
    assert store.find() == second.path
    environ["PATH"] = third.folder
    store.list()
    assert len(second.calls) == 1
    assert not third.calls


def test_one_that_must_not_be_executed_is_passed_over_for_one_that_may(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    HelperProgram(folders[0]).replace(b"#!/bin/sh\n", 0o644)
    good = HelperProgram(folders[1])
    assert ProgramStore("scripted", environ={"PATH": os.pathsep.join(map(str, folders))}).find() == good.path


def test_only_one_that_must_not_be_executed(helper: HelperProgram, store: ProgramStore) -> None:
    helper.replace(b"#!/bin/sh\n", 0o644)
    with pytest.raises(HelperNotExecutable, match="is not executable") as caught:
        store.get("reg.test")
    assert caught.value.hint == f"make it executable: chmod +x {helper.path}"


# What it is not asked


@pytest.mark.parametrize("server", ["", " ", " reg.test", "reg.test\n", "reg\n.test", "reg\0.test", "\udc80"])
def test_a_key_that_helpers_would_take_for_another_is_not_asked_for(
    server: str, helper: HelperProgram, store: ProgramStore
) -> None:
    assert store.get(server) is None
    assert store.erase(server) is False
    with pytest.raises(BadServer):
        store.put(server, ALICE)
    assert helper.calls == []


def test_a_user_name_that_means_an_identity_token(helper: HelperProgram, store: ProgramStore) -> None:
    with pytest.raises(BadCredential, match="identity token"):
        store.put("reg.test", Credential("<token>", "secret"))
    assert helper.calls == []


@pytest.mark.parametrize("credential", [Credential("alice", "x\udcff"), Credential("\udcff", "x")])
def test_what_is_not_text_is_refused_instead_of_changed(
    credential: Credential, helper: HelperProgram, store: ProgramStore
) -> None:
    with pytest.raises(BadCredential, match="not UTF-8"):
        store.put("reg.test", credential)
    assert helper.calls == []


@pytest.mark.parametrize(
    ("credential", "why"),
    [
        (Credential("a/b", "x"), "cannot keep a user name"),
        (Credential("../../evil", "x"), "cannot keep a user name"),
        (Credential(".gpg-id", "x"), "cannot keep a user name"),
        (Credential("alice", "x\n"), "line break at the end"),
        (Credential("alice", "x\r"), "line break at the end"),
    ],
)
def test_what_docker_credential_pass_would_change_or_write_elsewhere(
    credential: Credential, why: str, tmp_path: Path
) -> None:
    helper = HelperProgram(tmp_path, "pass")
    store = ProgramStore("pass", environ={"PATH": helper.folder})
    with pytest.raises(BadCredential, match=why):
        store.put("reg.test", credential)
    assert helper.calls == []
    store.put("reg.test", ALICE)
    assert store.get("reg.test") == ALICE


# Cost and company


def test_threads_may_share_it(helper: HelperProgram, store: ProgramStore) -> None:
    threads = [threading.Thread(target=store.put, args=(f"reg{number}.test", ALICE)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(helper.kept) == 6


def test_a_call_imports_nothing_heavy(helper: HelperProgram) -> None:
    script = (
        "import sys; before = set(sys.modules)\n"
        "from dockpass.stores.program import ProgramStore\n"
        "from dockpass.credential import Credential\n"
        f"store = ProgramStore('scripted', environ={{'PATH': {helper.folder!r}}})\n"
        "store.put('reg.test', Credential('alice', 'wonder'))\n"
        "assert store.get('reg.test').secret.reveal() == 'wonder'\n"
        "assert store.list() and store.erase('reg.test')\n"
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('dockpass')))"
    )
    source = os.path.abspath(os.path.join(os.path.dirname(sys.modules["dockpass"].__file__ or ""), ".."))
    result = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {source!r})\n{script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(result.stdout.split()) <= {"__future__", "_json", "select", "termios", "errno", "fcntl", "time"}
