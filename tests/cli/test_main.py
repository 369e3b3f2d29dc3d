"""The program: which command runs, how it ends, and what becomes of what it prints."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import dockpass
from dockpass.cli import list as list_command
from dockpass.cli.main import COMMANDS, main

if TYPE_CHECKING:
    Home = Any

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "words", [["--version"], ["-v"], ["-v", "login"], ["--version", "--config", "x"]], ids=" ".join
)
def test_version(words: list[str], capsys: Captured) -> None:
    assert main(words) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (f"dockpass version {dockpass.__version__}\n", "")


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"], ["-D", "help"]], ids=" ".join)
def test_the_programs_help(words: list[str], capsys: Captured) -> None:
    assert main(words) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Usage:  dockpass [OPTIONS] COMMAND\n")
    assert captured.err == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_help(name: str, capsys: Captured) -> None:
    """However it is asked for, and whatever else is wrong with the line."""
    shown = []
    for words in ([name, "--help"], [name, "-h"], ["help", name], ["--help", name]):
        assert main(words) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        shown.append(captured.out)
    assert shown[0].startswith(f"Usage:  dockpass {name} ")
    assert set(shown) == {shown[0]}


def test_help_wins_over_wrong_usage(capsys: Captured) -> None:
    assert main(["login", "a", "b", "c", "-u", "", "--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage:  dockpass login")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["nope"], 1, "dockpass: unknown command: dockpass nope\n\nRun 'dockpass --help' for more information\n"),
        (["help", "nope"], 1, "dockpass: unknown command: dockpass nope\n\n"),
        (["log in"], 1, "dockpass: unknown command: dockpass log in\n\n"),
        (["LOGIN"], 1, "dockpass: unknown command: dockpass LOGIN\n\n"),
        (["main"], 1, "dockpass: unknown command: dockpass main\n\n"),
        (["\x1b]0;x\x07"], 1, "dockpass: unknown command: dockpass \\x1b]0;x\\x07\n\n"),
        (["--nope"], 125, "unknown flag: --nope\n\nUsage:  dockpass [OPTIONS] COMMAND [ARG...]\n\nRun 'dockpass --help' for more information\n"),
        (["-u", "foo", "login"], 125, "unknown shorthand flag: 'u' in -u\n\nUsage:  dockpass [OPTIONS] COMMAND"),
        (["--config"], 125, "flag needs an argument: --config\n\nUsage:"),
        (["-H", "a", "login", "-H", "b"], 125, 'invalid argument for "-H, --host" flag: specify only one -H\n\nUsage:  dockpass login'),
        (["-H", "a", "-H", "b", "login"], 125, 'invalid argument for "-H, --host" flag: specify only one -H\n\nUsage:  dockpass [OPTIONS]'),
    ],
)  # fmt: skip
def test_wrong_usage(words: list[str], code: int, says: str, capsys: Captured) -> None:
    assert main(words) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(says)


def test_options_before_and_after_the_command_are_the_same(home: Home) -> None:
    """The last one counts."""
    home.write({"auths": {"reg.test": {"auth": "Zm9vOmJhcg=="}}})
    right = os.path.dirname(home.path)
    assert "reg.test" in home.run("--config", "/nowhere", "list", "--config", right).out
    assert "reg.test" not in home.run("--config", right, "list", "--config", "/nowhere").out


# A bug of ours


def bug(*_anything: object) -> int:
    secret = "hunter2"
    raise ValueError(f"cannot do anything with {secret}")


def test_a_bug_is_told_without_what_it_says(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """Its words may quote a secret."""
    monkeypatch.setattr(list_command, "execute", bug)
    assert main(["list"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: a bug in dockpass: ValueError at test_main.py:")
    assert "  hint: please report it, with the command as you ran it but without the password\n" in captured.err
    assert "hunter2" not in captured.err
    assert len(captured.err.splitlines()) == 2


def test_with_debug_a_bug_shows_where_it_was_and_no_values(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr(list_command, "execute", bug)
    assert main(["-D", "list"]) == 1
    captured = capsys.readouterr()
    first, *_rest = captured.err.splitlines()
    assert first.startswith("  ")
    assert f"{__file__}:" in captured.err
    assert " in bug\n" in captured.err
    assert "hunter2" not in captured.err


# What becomes of what it prints


def redirected(home: Home, words: str, to: str) -> Any:
    return home.execute(["/bin/sh", "-c", f"exec {shlex.join(home.program)} {words} {to}"])


@pytest.mark.parametrize("words", ["--version", "--help", "login --help", "list --json"])
def test_a_full_disk_is_an_error(words: str, home: Home) -> None:
    done = redirected(home, words, "> /dev/full")
    assert done.code == 1
    assert done.err == (
        "Error: cannot write to standard output: no space left on device\n  hint: check what it is connected to\n"
    )


def test_a_full_disk_is_told_once_whatever_was_to_be_printed(home: Home) -> None:
    home.write({"auths": {f"reg{number}.test": {"auth": "Zm9vOmJhcg=="} for number in range(500)}})
    done = redirected(home, "list", "> /dev/full")
    assert (done.code, done.err.count("Error: ")) == (1, 1)


def test_what_cannot_be_said_on_standard_error_changes_nothing(home: Home) -> None:
    for to in ("2> /dev/full", "2>&-"):
        done = redirected(home, "list", to)
        assert (done.code, done.out) == (0, "")
        done = redirected(home, "login --nope", to)
        assert (done.code, done.out) == (125, "")
        done = redirected(home, "login me@reg.test", to)
        assert (done.code, done.out) == (1, "")


@pytest.mark.parametrize("size", [1, 2000])
def test_a_reader_that_has_gone_is_no_error(size: int, home: Home) -> None:
    home.write({"auths": {f"reg{number}.test": {"auth": "Zm9vOmJhcg=="} for number in range(size)}})
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as pipe:
        done = subprocess.run(
            [*home.program, "list", "--json"],
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=subprocess.PIPE,
            env=home.environment(),
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_of_errors_that_has_gone_changes_nothing(home: Home) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as pipe:
        done = subprocess.run(
            [*home.program, "login", "me@reg.test"],
            stdin=subprocess.DEVNULL,
            stderr=pipe,
            env=home.environment(),
            check=False,
        )
    assert done.returncode == 1


def test_closed_streams_are_as_good_as_dev_null(home: Home) -> None:
    """And never taken for a file: the config.json that is opened first would get the number 1."""
    home.write({"auths": {"reg.test": {"auth": "Zm9vOmJhcg=="}}})
    before = json.dumps(home.config)
    for to, seen in ((">&-", False), ("2>&-", True), ("<&-", True), (">&- 2>&- <&-", False)):
        done = redirected(home, "list", to)
        assert (done.code, done.err) == (0, "")
        assert ("reg.test" in done.out) == seen
    assert json.dumps(home.config) == before


def test_a_helper_can_speak_on_standard_error_where_that_was_closed(home: Home) -> None:
    """Its first file must not become its standard error either."""
    helper = home.helper()
    helper.keep("reg.test", "foo", "bar")
    helper.behave("erase", errors="some words\n")
    home.write({"credsStore": "scripted"})
    done = redirected(home, "logout reg.test", "2>&-")
    assert (done.code, helper.kept) == (0, {})
