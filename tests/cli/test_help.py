"""Help, laid out for the width at hand."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.cli.help import command_help, group_help, program_help, wrap
from dockpass.cli.main import COMMANDS
from dockpass.cli.options import GLOBAL, Command

if TYPE_CHECKING:
    from types import ModuleType

MODULES = [importlib.import_module(f"dockpass.cli.{name}") for name in COMMANDS]
GROUPS = [module for module in MODULES if hasattr(module, "GROUP")]
TABLES: list[Command] = [module.COMMAND for module in MODULES if module not in GROUPS]
TABLES += [command for module in GROUPS for command, _execute in module.GROUP.values()]
NAMES = [command.name for command in TABLES]


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("command", TABLES, ids=NAMES)
def test_help_fits_its_width(command: Command, width: int) -> None:
    for line in command_help(command, width).splitlines():
        # A command line to be copied is never broken.
        assert len(line) <= width or line.startswith("  $ ")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_programs_help_fits_its_width(width: int) -> None:
    assert all(len(line) <= width for line in program_help(TABLES, GLOBAL, width).splitlines())


@pytest.mark.parametrize("command", TABLES, ids=NAMES)
def test_help_says_what_there_is_to_say(command: Command) -> None:
    text = command_help(command, 200)
    assert text.startswith(f"Usage:  dockpass {command.name} [OPTIONS]")
    assert command.summary in text
    assert "Examples:\n  $ dockpass" in text
    for option in command.options:
        assert (f"--{option.name}" in text) == option.shown
        assert option.help in text


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("module", GROUPS, ids=lambda module: str(module.COMMAND.name))
def test_the_help_of_a_group_shows_its_commands(module: ModuleType, width: int) -> None:
    text = group_help(module.COMMAND, [command for command, _execute in module.GROUP.values()], width)
    assert all(len(line) <= width for line in text.splitlines())
    assert all(f"\n  {name}" in text for name in module.GROUP)


def test_every_command_is_in_the_programs_help() -> None:
    text = program_help([module.COMMAND for module in MODULES], GLOBAL, 80)
    assert all(f"\n  {name} " in text for name in COMMANDS)


@given(st.text(alphabet="ab \n", max_size=200), st.integers(20, 80))
def test_wrapping_keeps_every_word_in_order(text: str, width: int) -> None:
    wrapped = wrap(text, width, "  ", "> ")
    assert wrapped.removeprefix("> ").split() == text.split()
    for line in wrapped.splitlines():
        assert len(line) <= width or len(line.split()) == 1 or (line.startswith("> ") and len(line.split()) == 2)
