"""Help, laid out for the width at hand."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.cli.help import command_help, program_help, wrap
from dockpass.cli.main import COMMANDS
from dockpass.cli.options import GLOBAL, Command

TABLES: list[Command] = [importlib.import_module(f"dockpass.cli.{name}").COMMAND for name in COMMANDS]


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("command", TABLES, ids=COMMANDS)
def test_help_fits_its_width(command: Command, width: int) -> None:
    for line in command_help(command, width).splitlines():
        # A command line to be copied is never broken.
        assert len(line) <= width or line.startswith("  $ ")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_programs_help_fits_its_width(width: int) -> None:
    assert all(len(line) <= width for line in program_help(TABLES, GLOBAL, width).splitlines())


@pytest.mark.parametrize("command", TABLES, ids=COMMANDS)
def test_help_says_what_there_is_to_say(command: Command) -> None:
    text = command_help(command, 200)
    assert text.startswith(f"Usage:  dockpass {command.name} [OPTIONS]")
    assert command.summary in text
    assert "Examples:\n  $ dockpass" in text
    for option in command.options:
        assert (f"--{option.name}" in text) == option.shown
        assert option.help in text


def test_every_command_is_in_the_programs_help() -> None:
    text = program_help(TABLES, GLOBAL, 80)
    assert all(f"\n  {name} " in text for name in COMMANDS)


@given(st.text(alphabet="ab \n", max_size=200), st.integers(20, 80))
def test_wrapping_keeps_every_word_in_order(text: str, width: int) -> None:
    wrapped = wrap(text, width, "  ", "> ")
    assert wrapped.removeprefix("> ").split() == text.split()
    for line in wrapped.splitlines():
        assert len(line) <= width or len(line.split()) == 1 or (line.startswith("> ") and len(line.split()) == 2)
