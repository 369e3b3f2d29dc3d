"""Where ``dockpass login`` has the password from."""

from __future__ import annotations

import base64
import os
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.testing.registry import ScriptedRegistry

from .written import pair

if TYPE_CHECKING:
    from collections.abc import Callable

    Home = Any

SUCCESS = (0, "Login Succeeded\n")


def error(done: Any) -> str:
    """The one line that tells of an error."""
    (line,) = [line for line in done.err.splitlines() if line.startswith("Error: ")]
    return str(line)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"bar", "bar"),
        (b"bar\n", "bar"),
        (b"bar\r\n", "bar"),
        (b"bar\r", "bar"),
        (b"bar\n\n", "bar\n"),
        (b"bar\r\n\r\n", "bar\r\n"),
        (b"  bar\t", "  bar\t"),
        (b"b\na\r\nr\n", "b\na\r\nr"),
        ("bär漢\n".encode(), "bär漢"),
        (b"-bar:\x01\n", "-bar:\x01"),
    ],
)
def test_exactly_one_line_end_is_cut_from_standard_input(sent: bytes, kept: str, home: Home) -> None:
    with ScriptedRegistry({"foo": kept}) as registry:
        done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=sent)
        assert (done.code, done.out) == SUCCESS, done
        assert registry.requests[-1].basic == ("foo", kept)
        assert home.auths == {registry.address: {"auth": pair("foo", kept)}}


def test_bytes_that_are_no_text_are_sent_and_kept_as_they_are(home: Home) -> None:
    with ScriptedRegistry(auth="none") as registry:
        done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"b\xffr\n")
        assert (done.code, done.out) == SUCCESS
        wanted = base64.b64encode(b"foo:b\xffr").decode()
        assert registry.requests[-1].header("authorization") == f"Basic {wanted}"
        assert home.auths == {registry.address: {"auth": wanted}}


@pytest.mark.parametrize("sent", [b"", b"\n", b" \r\n\t\n"])
@pytest.mark.parametrize("option", [["--password-stdin"], ["-p", "-"]], ids=" ".join)
def test_nothing_but_blanks_on_standard_input(sent: bytes, option: list[str], home: Home, closed_port: str) -> None:
    done = home.run("login", "-u", "foo", *option, closed_port, stdin=sent)
    assert (done.code, done.out) == (1, "")
    assert error(done) == "Error: password is empty"
    assert home.config == {}


def _by_file(home: Home, password: str) -> list[str]:
    path = os.path.join(home.folder, "token.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write(password)
    return ["--password-file", path]


SOURCES: dict[str, Callable[[Home, str], list[str]]] = {
    "-p": lambda _home, password: ["-p", password],
    "-pPASSWORD": lambda _home, password: [f"-p{password}"],
    "--password=": lambda _home, password: [f"--password={password}"],
    "-p -": lambda _home, _password: ["-p", "-"],
    "-p - and --password-stdin": lambda _home, _password: ["-p", "-", "--password-stdin"],
    "--password-stdin": lambda _home, _password: ["--password-stdin"],
    "--password-env": lambda _home, _password: ["--password-env", "TOKEN"],
    "--password-file": _by_file,
}


@pytest.mark.parametrize("source", SOURCES)
def test_each_way_to_give_the_password(source: str, home: Home) -> None:
    """What it is, blanks included, is what the registry gets and what is kept. Only -p brings a warning."""
    password = " b@r -x "
    with ScriptedRegistry({"foo": password}) as registry:
        words = SOURCES[source](home, password)
        done = home.run("login", "-u", "foo", *words, registry.address, stdin=password.encode(), TOKEN=password)
        assert (done.code, done.out) == SUCCESS, done
        assert registry.requests[-1].basic == ("foo", password)
    assert home.auths == {registry.address: {"auth": pair("foo", password)}}
    warning = "WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n"
    on_command_line = source in ("-p", "-pPASSWORD", "--password=")
    assert done.err.startswith(warning) == on_command_line
    assert done.err.count("insecure") == on_command_line
    assert password.strip() not in done.err


def test_a_password_file_may_be_a_pipe(home: Home, registry: ScriptedRegistry) -> None:
    path = os.path.join(home.folder, "pipe")
    os.mkfifo(path)
    writer = subprocess.Popen(["/bin/sh", "-c", 'printf "bar\\n" > "$0"', path])
    done = home.run("login", "-u", "foo", "--password-file", path, registry.address)
    assert writer.wait() == 0
    assert (done.code, done.out) == SUCCESS, done


def test_a_password_file_may_be_what_another_program_prints(home: Home, registry: ScriptedRegistry) -> None:
    script = f'{shlex.join(home.program)} login -u foo --password-file <(printf "bar\\n") {registry.address}'
    done = home.execute(["/bin/bash", "-c", script])
    assert (done.code, done.out) == SUCCESS, done


def test_a_password_of_blanks_is_none(home: Home, closed_port: str) -> None:
    done = home.run("login", "-u", "foo", "-p", "  ", closed_port)
    assert done.code == 1
    assert error(done) == "Error: cannot perform an interactive login from a non-TTY device: the password is missing"


def test_a_user_name_is_trimmed_and_must_not_be_blank(home: Home, registry: ScriptedRegistry) -> None:
    done = home.run("login", "-u", " foo ", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out) == SUCCESS
    assert registry.requests[-1].basic == ("foo", "bar")
    done = home.run("login", "-u", "  ", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out) == (1, "")
    assert error(done) == "Error: username is required"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_that_is_not_there(value: str | None, home: Home, closed_port: str) -> None:
    """It is not repeated: who takes --password-env for --password has put a password there."""
    done = home.run("login", "-u", "foo", "--password-env", "hunter2", closed_port, hunter2=value)
    assert (done.code, done.out) == (1, "")
    assert error(done) == "Error: the environment variable that --password-env names is not set, or empty"
    assert "--password-env NAME" in done.err
    assert "hunter2" not in done.err


def test_password_files_that_cannot_be_used(home: Home, closed_port: str) -> None:
    def said(path: str) -> str:
        done = home.run("login", "-u", "foo", "--password-file", path, closed_port)
        assert (done.code, done.out) == (1, "")
        return error(done)

    folder = os.fspath(home.folder)
    empty = os.path.join(folder, "empty")
    with open(empty, "w", encoding="utf-8") as file:
        file.write(" \n")
    large = os.path.join(folder, "large")
    with open(large, "wb") as data:
        data.truncate((1 << 20) + 1)
    assert said(f"{folder}/nowhere") == f"Error: cannot read the password file {folder}/nowhere: there is no such file"
    assert said(folder) == f"Error: cannot read the password file {folder}: is a directory"
    done = home.run("login", "-u", "foo", "--password-file", folder, closed_port)
    assert "  hint: name a file that holds the password or token\n" in done.err
    assert said(f"{empty}/x") == f"Error: cannot read the password file {empty}/x: not a directory"
    assert said(empty) == f"Error: the password file {empty} is empty"
    assert said(large) == f"Error: the password file {large} holds more than 1 MiB"
    assert said("hunter2") == "Error: cannot read the password file: there is no such file"
    assert said("\x1b]0;x\x07/") == "Error: cannot read the password file \\x1b]0;x\\x07/: there is no such file"


def test_a_variable_with_a_password_is_kept_from_helpers(home: Home, registry: ScriptedRegistry) -> None:
    helper = home.helper()
    home.write({"credsStore": "scripted"})
    done = home.run("login", "-u", "foo", "--password-env", "TOKEN", registry.address, TOKEN="bar")
    assert (done.code, done.out) == SUCCESS
    assert helper.kept == {registry.address: ("foo", "bar")}
    assert all("TOKEN" not in call.environ for call in helper.calls)


def test_standard_input_that_cannot_be_read(home: Home, closed_port: str) -> None:
    with open(os.path.join(home.folder, "output"), "wb") as write_only:
        done = home.run("login", "-u", "foo", "--password-stdin", closed_port, stdin=write_only.fileno())
    assert (done.code, done.out) == (1, "")
    assert error(done) == "Error: cannot read standard input: bad file descriptor"
