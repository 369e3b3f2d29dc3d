"""What is printed on a terminal, and what where there is none: colours, width, streams."""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.cli.main import COMMANDS
from dockpass.cli.terminal import Terminal, waiting
from dockpass.errors import NotATerminal

if TYPE_CHECKING:
    Home = Any
    Sit = Any

RED, CYAN, YELLOW, PLAIN = "\x1b[31m", "\x1b[36m", "\x1b[33m", "\x1b[0m"


def entry(username: str = "foo") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:bar".encode()).decode()}


# Colours


def test_labels_are_coloured_on_a_terminal(home: Home, sit: Sit) -> None:
    home.write({"auths": {"reg.test": {"auth": "!!!"}}})
    user = sit("login", "reg.test", columns=200)
    assert user.end() == 1
    lines = user.seen.splitlines()
    assert lines[0].startswith(f"{YELLOW}Warning:{PLAIN} the entry ")
    assert lines[1].startswith(f"{RED}Error:{PLAIN} the entry ")
    assert lines[2].startswith(f"{CYAN}  hint:{PLAIN} log in with -u NAME ")
    assert all(line.count("\x1b") == 2 for line in lines)


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"NO_COLOR": "yes"}, {"TERM": "dumb"}], ids=str)
def test_no_colour_for_who_wants_none(environ: dict[str, str], sit: Sit) -> None:
    user = sit("login", "me@reg.test", **environ)
    assert user.end() == 1
    assert user.seen.startswith("Error: the server address ")
    assert "\x1b" not in user.seen


@pytest.mark.parametrize("environ", [{"NO_COLOR": ""}, {"TERM": None}], ids=str)
def test_an_empty_wish_is_none(environ: dict[str, str | None], sit: Sit) -> None:
    user = sit("login", "me@reg.test", **environ)
    assert user.end() == 1
    assert user.seen.startswith(f"{RED}Error:{PLAIN} ")


def test_no_colour_where_standard_error_is_no_terminal(home: Home, sit: Sit) -> None:
    script = f"{shlex.join(home.program)} login me@reg.test 2>&1 >/dev/null | /bin/cat"
    user = sit(command=["/bin/sh", "-c", script])
    user.end()
    assert user.seen.startswith("Error: ")
    assert "\x1b" not in user.seen


def test_data_is_never_coloured(home: Home, sit: Sit) -> None:
    home.write({"auths": {"reg.test": entry()}})
    user = sit("list")
    assert user.end() == 0
    assert user.seen == "SERVER     USERNAME   STORE\nreg.test   foo        file (plain text)\n"


# Widths


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_the_terminal(columns: int, name: str, sit: Sit) -> None:
    user = sit(name, "--help", columns=columns)
    assert user.end() == 0
    lines = user.seen.splitlines()
    assert lines[0].startswith(f"Usage:  dockpass {name}")
    assert max(len(line) for line in lines if not line.startswith("  $ ")) <= columns


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_errors_fit_the_terminal_and_keep_their_words(columns: int, sit: Sit) -> None:
    user = sit("login", "me@reg.test", columns=columns, NO_COLOR="1")
    assert user.end() == 1
    lines = user.seen.splitlines()
    assert max(map(len, lines)) <= columns
    (start,) = [number for number, line in enumerate(lines) if line.startswith("  hint: ")]
    assert lines[0].startswith("Error: ")
    # What goes on stands below its own beginning.
    assert all(line.startswith(" " * 7) and line[7] != " " for line in lines[1:start])
    assert all(line.startswith(" " * 8) and line[8] != " " for line in lines[start + 1 :])
    assert " ".join(user.seen.split()) == (
        "Error: the server address holds a user name or password (before the @) "
        "hint: give the user name with -u and the password with --password-stdin"
    )


def test_colours_take_no_room(sit: Sit) -> None:
    plain = sit("login", "me@reg.test", columns=40, NO_COLOR="1")
    plain.end()
    coloured = sit("login", "me@reg.test", columns=40)
    coloured.end()
    text = coloured.seen
    for code in (RED, CYAN, PLAIN):
        text = text.replace(code, "")
    assert text == plain.seen


def test_a_terminal_that_says_it_has_no_columns(sit: Sit) -> None:
    """It would otherwise get a word a line."""
    user = sit("login", "me@reg.test", columns=0, NO_COLOR="1")
    assert user.end() == 1
    assert max(map(len, user.seen.splitlines())) > 60


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_list_fits_the_terminal(columns: int, home: Home, sit: Sit) -> None:
    server = "registry.with-a-long-name.example.com"
    home.write({"auths": {server: entry("somebody")}, "credHelpers": {server: "with-a-long-name"}})
    home.helper("with-a-long-name")
    user = sit("list", columns=columns)
    assert user.end() == 0
    lines = user.seen.splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith("SERVER") == (columns == 200)
    words = "file (plain text), hidden by docker-credential-with-a-long-name"
    assert f"{server} somebody {words}" in " ".join(user.seen.split())


# Questions and waits, where nobody is there


def test_no_question_without_a_terminal(home: Home) -> None:
    """Standard input decides: a script's output may well be seen."""
    script = (
        "from dockpass.cli.terminal import Terminal\n"
        "try: Terminal().ask('Name? ')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = home.execute([home.program[0], "-c", script])
    assert done.out == f"{NotATerminal.__name__} cannot perform an interactive login from a non-TTY device\n"


def test_a_wait_is_told_at_once_and_not_to_who_wants_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    waiting(Terminal())("waiting for \x1bsomething")
    assert capsys.readouterr().err == "waiting for \\x1bsomething\n"
    waiting(Terminal(quiet=True))("waiting for something")
    assert capsys.readouterr().err == ""
