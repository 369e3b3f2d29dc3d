"""Questions on a real terminal: what is seen there, what is not, and in which state it is left."""

from __future__ import annotations

import json
import os
import shlex
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.testing.answers import silence

from .written import pair

if TYPE_CHECKING:
    from dockpass.testing.answers import Script
    from dockpass.testing.registry import ScriptedRegistry

    Home = Any
    Sit = Any

SHELLS = {
    # It mends the terminal itself when a job stops.
    "bash": ["bash", "--norc", "--noprofile", "--noediting", "-i"],
    # It does not.
    "sh": ["sh", "-i"],
}
READY = "READY> "


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, sit: Sit) -> Any:
    """A shell with job control, where commands can be stopped and continued."""
    shell = sit(command=SHELLS[request.param], PS1=READY, TERM="dumb", PATH=os.environ.get("PATH"), ENV=None)
    shell.see(READY)
    return shell


def until(shell: Any, command: str, text: str) -> None:
    """Give a command again and again, until it answers with ``text``."""
    for _ in range(500):
        shell.type(command)
        shell.see(f"{command}\r\n")
        if shell.see(text, READY) == 0:
            shell.see(READY)
            return
    pytest.fail(f"never seen: {text}")


def command(home: Home, *words: str) -> str:
    return shlex.join([*home.program, *words])


# What is asked


def test_user_name_and_password_are_asked_for(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    """The user name is seen, the password never is."""
    user = sit("login", registry.address)
    user.see("Username: ")
    assert user.echoes
    user.type("foo")
    user.see("foo\r\nPassword: ")
    assert not user.echoes
    user.type("bar")
    user.see("\r\n", "\r\n")
    user.see("Login Succeeded\r\n")
    assert user.echoes
    assert user.end() == 0
    assert user.echoes
    assert "bar" not in user.seen.replace(home.path, "")
    assert user.seen.startswith("Username: foo\nPassword: \n\nWARNING! Your credentials are stored unencrypted in ")
    assert registry.requests[-1].basic == ("foo", "bar")
    assert home.auths == {registry.address: {"auth": pair("foo", "bar")}}


def test_only_what_is_missing_is_asked_for(sit: Sit, registry: ScriptedRegistry) -> None:
    user = sit("login", "-p", "bar", registry.address)
    user.see("Using --password via the CLI is insecure.")
    user.see("Username: ")
    user.type("foo")
    assert user.end() == 0
    assert "Password: " not in user.seen
    user = sit("login", "-u", "foo", registry.address)
    user.see("Password: ")
    user.type("bar")
    assert user.end() == 0
    assert "Username" not in user.seen


@pytest.mark.parametrize("options", [["--password-stdin"], ["-p", "-"]], ids=" ".join)
def test_standard_input_that_is_a_terminal_is_asked(options: list[str], sit: Sit, registry: ScriptedRegistry) -> None:
    """docker would wait for Ctrl-D, and show what is typed."""
    user = sit("login", "-u", "foo", *options, registry.address)
    user.see("Password: ")
    assert not user.echoes
    user.type("bar")
    user.see("Login Succeeded\r\n")
    assert user.end() == 0


def test_blanks_around_what_is_typed_are_dropped(sit: Sit, registry: ScriptedRegistry) -> None:
    user = sit("login", registry.address)
    user.see("Username: ")
    user.type("  foo ")
    user.see("Password: ")
    user.type(" bar\t")
    user.see("Login Succeeded\r\n")
    assert user.end() == 0
    assert registry.requests[-1].basic == ("foo", "bar")


def test_what_was_typed_before_the_question_is_not_the_password(sit: Sit, registry: ScriptedRegistry) -> None:
    """It was seen."""
    user = sit("login", registry.address)
    user.see("Username: ")
    user.type("foo\nseen")
    user.see("Password: ")
    user.type("bar")
    user.see("Login Succeeded\r\n")
    assert user.end() == 0
    assert registry.requests[-1].basic == ("foo", "bar")


@pytest.mark.parametrize("answer", ["", "other"])
def test_a_user_name_that_is_known_is_offered(answer: str, home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    """Enter keeps it."""
    registry.users["other"] = "bar"
    home.write({"auths": {registry.address: {"auth": pair("foo", "")}}})
    user = sit("login", registry.address)
    user.see("Username (foo): ")
    user.type(answer)
    user.see("Password: ")
    user.type("bar")
    user.see("Login Succeeded\r\n")
    assert user.end() == 0
    assert registry.requests[-1].basic == (answer or "foo", "bar")


def test_a_user_name_that_a_helper_knows_is_offered(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    helper = home.helper()
    helper.keep(registry.address, "foo", "expired")
    home.write({"credsStore": "scripted"})
    user = sit("login", registry.address)
    user.see("Authenticating with existing credentials... [Username: foo]\r\n")
    user.see("Stored credentials invalid or expired\r\n")
    user.see("refused the user name or password")
    user.see("Username (foo): ")
    user.type("")
    user.see("Password: ")
    user.type("bar")
    user.see("Login Succeeded\r\n")
    assert user.end() == 0
    assert helper.kept == {registry.address: ("foo", "bar")}


def test_a_helper_that_is_broken_offers_no_user_name(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    """What is wrong with it is not said before it matters; here it is not asked again."""
    home.helper().behave("get", output="out of order\n", exit_code=1)
    home.write({"credsStore": "scripted"})
    user = sit("login", "-p", "bar", registry.address)
    user.see("Username: ")
    user.type("foo")
    user.see("Login Succeeded\r\n")
    assert user.end() == 0


def test_an_offered_name_cannot_act_on_the_terminal(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    home.write({"auths": {registry.address: {"auth": pair("\x1b]0;owned\x07", "")}}})
    user = sit("login", registry.address)
    user.see("Username (\\x1b]0;owned\\x07): ")
    assert "\x1b" not in user.seen
    user.press("c")
    assert user.end() == 130


@pytest.mark.parametrize("hints", [None, "true", "FALSE", "0"])
def test_docker_hub_wants_a_token_and_that_is_said(hints: str | None, sit: Sit) -> None:
    user = sit("login", DOCKER_CLI_HINTS=hints)
    user.see("Username: ")
    assert ("https://app.docker.com/settings/personal-access-tokens" in user.seen) == (hints in (None, "true"))
    user.press("c")
    assert user.end() == 130


def test_no_hints_for_other_registries(sit: Sit, registry: ScriptedRegistry) -> None:
    user = sit("login", registry.address)
    user.see("Username: ")
    assert user.seen == "Username: "
    user.press("c")
    assert user.end() == 130


# Where it is asked


def test_questions_stand_on_the_terminal_where_standard_output_is_none(
    home: Home, sit: Sit, registry: ScriptedRegistry
) -> None:
    """What a script catches is data only."""
    user = sit(command=["/bin/sh", "-c", f"{command(home, 'login', registry.address)} > out"])
    user.see("Username: ")
    user.type("foo")
    user.see("Password: ")
    assert not user.echoes
    user.type("bar")
    assert user.end() == 0
    with open(os.path.join(home.folder, "out"), encoding="utf-8") as file:
        assert file.read() == "Login Succeeded\n"


# Answers that are none


def test_an_empty_user_name(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    user = sit("login", registry.address, NO_COLOR="1")
    user.see("Username: ")
    user.type("  ")
    user.see("Error: username is required\r\n  hint: ")
    assert user.end() == 1
    assert (registry.requests, home.config) == ([], {})


@pytest.mark.parametrize("options", [[], ["--password-stdin"]], ids=["asked", "--password-stdin"])
def test_an_empty_password(options: list[str], home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    user = sit("login", "-u", "foo", *options, registry.address, NO_COLOR="1")
    user.see("Password: ")
    user.type("")
    user.see("Error: password is required\r\n  hint: ")
    assert user.echoes
    assert user.end() == 1
    assert user.seen.count("Password: ") == 1
    assert (registry.requests, home.config) == ([], {})


def test_a_wrong_password(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    user = sit("login", "-u", "foo", registry.address, NO_COLOR="1")
    user.see("Password: ")
    user.type("hunter2")
    user.see("Error: ")
    assert user.echoes
    assert user.end() == 1
    assert "hunter2" not in user.seen
    assert home.config == {}


def test_an_answer_that_a_terminal_cuts_off_is_not_taken_for_the_password(
    home: Home, sit: Sit, registry: ScriptedRegistry
) -> None:
    """A terminal drops what is beyond 4095 bytes of a line, and some tokens are longer than that."""
    user = sit("login", "-u", "foo", registry.address, NO_COLOR="1", columns=200)
    user.see("Password: ")
    user.type("x" * 5000)
    user.see("Error: the answer is longer than a terminal can take (4095 bytes), and its end is lost\r\n")
    user.see("  hint: put it into a file, and give it with --password-file\r\n")
    assert user.end() == 1
    assert user.echoes
    assert "xxx" not in user.seen
    assert (registry.requests, home.config) == ([], {})


# Ctrl-C, Ctrl-D and signals


def test_ctrl_c_at_the_user_name(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    user = sit("login", registry.address)
    user.see("Username: ")
    user.press("c")
    assert user.end() == 130
    assert user.seen == "Username: ^C\n"
    assert user.echoes
    assert home.config == {}


def test_ctrl_c_at_the_password(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    user = sit("login", "-u", "foo", registry.address)
    user.see("Password: ")
    user.press("c")
    assert user.end() == 130
    assert user.seen == "Password: \n"
    assert user.echoes
    assert (registry.requests, home.config) == ([], {})


def test_ctrl_c_while_the_registry_is_silent(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    asked = threading.Event()

    def wait(_request: object) -> Script:
        asked.set()
        return silence()

    registry.answer("/v2/", wait)
    user = sit("login", "-u", "foo", registry.address)
    user.see("Password: ")
    user.type("bar")
    assert asked.wait(60)
    assert user.echoes
    user.press("c")
    assert user.end() == 130
    assert user.seen == "Password: \n^C\n"
    assert home.config == {}


@pytest.mark.parametrize("at", ["Username: ", "Password: "])
def test_ctrl_d_is_an_error(at: str, home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    """docker waits for ever."""
    user = sit("login", *(["-u", "foo"] if at == "Password: " else []), registry.address, NO_COLOR="1")
    user.see(at)
    user.press("d")
    assert user.end() == 1
    assert user.seen == (
        f"{at}\nError: the input ended before an answer\n  hint: run it again, and answer the question\n"
    )
    assert user.echoes
    assert home.config == {}


def test_ctrl_d_behind_some_letters_asks_for_more(sit: Sit, registry: ScriptedRegistry) -> None:
    """It only sends them off; the second one ends the answer."""
    user = sit("login", "-p", "bar", registry.address)
    user.see("Username: ")
    user._process.send("fo")
    user.press("d")
    user._process.send("o")
    user.press("d")
    user.press("d")
    user.see("Login Succeeded\r\n")
    assert user.end() == 0
    assert registry.requests[-1].basic == ("foo", "bar")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_that_ends_it_leaves_the_terminal_as_it_was(
    number: signal.Signals, home: Home, sit: Sit, registry: ScriptedRegistry
) -> None:
    user = sit("login", "-u", "foo", registry.address)
    user.see("Password: ")
    assert not user.echoes
    os.kill(user.pid, number)
    assert user.end() == -number
    assert user.echoes
    assert home.config == {}


def test_signals_that_are_ignored_stay_so(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    """As under nohup."""
    script = f"trap '' HUP INT TERM TSTP; {command(home, 'login', '-u', 'foo', registry.address)}"
    user = sit(command=["/bin/sh", "-c", script])
    user.see("Password: ")
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        os.killpg(user.pid, number)
    user.press("z")
    user.type("bar")
    user.see("Login Succeeded\r\n")
    assert user.end() == 0


@pytest.mark.parametrize("at", ["Username: ", "Password: "])
def test_a_terminal_that_goes_away(at: str, home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    """Under nohup nothing else tells of it."""
    pipe = os.path.join(home.folder, "ended")
    os.mkfifo(pipe)
    options = ["-u", "foo"] if at == "Password: " else []
    script = f"trap '' HUP; {command(home, 'login', *options, registry.address)}; echo $? > {pipe}"
    user = sit(command=["/bin/sh", "-c", script])
    user.see(at)
    user.hang_up()
    with open(pipe, encoding="utf-8") as file:
        assert file.read() == "1\n"
    assert (registry.requests, home.config) == ([], {})


# Ctrl-Z, under a shell


@pytest.mark.parametrize("at", ["Username: ", "Password: "])
def test_ctrl_z_and_back(at: str, home: Home, shell: Any, registry: ScriptedRegistry) -> None:
    """The shell gets the terminal as it was; when the user comes back, the question is there again."""
    options = ["-u", "foo"] if at == "Password: " else ["-p", "bar"]
    shell.type(command(home, "login", *options, registry.address))
    shell.see(at)
    for _ in range(2):
        shell.press("z")
        shell.see("Stopped")
        shell.see(READY)
        assert shell.echoes
        shell.type("echo between")
        shell.see("between\r\nbetween\r\n")
        shell.see(READY)
        shell.type("fg")
        shell.see(at)
        assert shell.echoes == (at == "Username: ")
    shell.type("bar" if at == "Password: " else "foo")
    shell.see("Login Succeeded\r\n")
    shell.see(READY)
    assert shell.echoes
    assert registry.requests[-1].basic == ("foo", "bar")


def test_in_the_background_it_waits_for_the_terminal(home: Home, shell: Any, registry: ScriptedRegistry) -> None:
    """It must not turn off the echo of who has the terminal now."""
    shell.type(command(home, "login", "-u", "foo", registry.address))
    shell.see("Password: ")
    shell.press("z")
    shell.see("Stopped")
    shell.see(READY)
    shell.type("bg")
    shell.see(READY)
    # It runs, until the system stops it because it reaches for the terminal.
    until(shell, "jobs", "Stopped")
    assert shell.echoes
    shell.type("fg")
    shell.see("Password: ")
    assert not shell.echoes
    shell.type("bar")
    shell.see("Login Succeeded\r\n")
    shell.see(READY)


def test_while_it_is_stopped_it_can_be_ended(home: Home, shell: Any, registry: ScriptedRegistry) -> None:
    """A second time it must not reach for the terminal, which is the shell's: it would be stopped again."""
    shell.type(command(home, "login", "-u", "foo", registry.address))
    shell.see("Password: ")
    shell.press("z")
    shell.see("Stopped")
    shell.see(READY)
    shell.type("kill %1; kill -CONT %1")  # bash sends the second by itself
    shell.see(READY)
    until(shell, "jobs", "Terminated")
    assert shell.echoes


def test_ctrl_c_after_coming_back(home: Home, shell: Any, registry: ScriptedRegistry) -> None:
    shell.type(command(home, "login", "-u", "foo", registry.address))
    shell.see("Password: ")
    shell.press("z")
    shell.see("Stopped")
    shell.see(READY)
    shell.type("fg")
    shell.see("Password: ")
    shell.press("c")
    shell.see(READY)
    shell.type("echo ended with $?")
    shell.see("ended with 130\r\n")
    assert shell.echoes


# What else waits


def test_a_wait_for_a_helper_is_told_on_the_terminal(home: Home, sit: Sit, registry: ScriptedRegistry) -> None:
    """A helper may have to ask for a PIN, and gets the terminal for that."""
    helper = home.helper()
    helper.keep(registry.address, "foo", "bar")
    helper.behave("get", ask="PIN: ")
    home.write({"credsStore": "scripted"})
    user = sit("login", registry.address)
    user.see("PIN: ")
    assert not user.echoes
    user.type("1234")
    user.see("Login Succeeded\r\n")
    assert user.end() == 0
    assert user.echoes
    assert "1234" not in user.seen


def test_a_login_from_the_environment_asks_nothing(sit: Sit, registry: ScriptedRegistry) -> None:
    value = json.dumps({"auths": {registry.address: {"auth": pair("foo", "bar")}}})
    user = sit("login", registry.address, DOCKER_AUTH_CONFIG=value)
    user.see("Login Succeeded\r\n")
    assert user.end() == 0
    assert "name" not in user.seen.replace("[Username: foo]", "").replace("-u NAME", "").lower()
