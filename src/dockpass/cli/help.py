"""What ``--help`` prints, drawn from a command's table and laid out for the width at hand."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dockpass.cli.options import Command, Option


def wrap(text: str, width: int, indent: str = "", first: str | None = None) -> str:
    """``text`` in lines of at most ``width`` columns; only a single longer word makes a longer line.

    Args:
        text: Words and single spaces.
        width: The width of a line, indent included.
        indent: What stands before each line.
        first: What stands before the first line, if not ``indent``.

    """
    lines = []
    line = indent if first is None else first
    blank = True
    for word in text.split():
        if not blank and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = indent + word
        else:
            line += word if blank else " " + word
        blank = False
    lines.append(line)
    return "\n".join(lines)


def command_help(command: Command, width: int) -> str:
    """The help of one command."""
    parts = [wrap(command.usage, width, " " * 8, "Usage:  "), wrap(command.summary, width)]
    parts += [wrap(paragraph, width) for paragraph in command.text.split("\n\n") if paragraph]
    parts.append("Options:\n" + _options(command.options, width))
    if command.examples:
        shown = [f"  $ {line}\n{wrap(purpose, width, '    ')}" for line, purpose in command.examples]
        parts.append("Examples:\n" + "\n".join(shown))
    return "\n\n".join(parts) + "\n"


def group_help(group: Command, commands: Sequence[Command], width: int) -> str:
    """The help of a group of commands."""
    parts = [wrap(f"dockpass {group.name} COMMAND [OPTIONS]", width, " " * 8, "Usage:  "), wrap(group.summary, width)]
    parts += [wrap(paragraph, width) for paragraph in group.text.split("\n\n") if paragraph]
    rows = [(command.name.partition(" ")[2], command.summary) for command in commands]
    parts.append("Commands:\n" + _rows(rows, width))
    parts.append(wrap(f"Run 'dockpass {group.name} COMMAND --help' for more information on a command.", width))
    return "\n\n".join(parts) + "\n"


def program_help(commands: Iterable[Command], options: Sequence[Option], width: int) -> str:
    """The help of the program: its commands, and the options that every command takes."""
    rows = [(command.name, command.summary) for command in commands]
    parts = [
        wrap("dockpass [OPTIONS] COMMAND", width, " " * 8, "Usage:  "),
        wrap("Log in to any container registry, and keep what you were given safe.", width),
        "Commands:\n" + _rows(rows, width),
        "Options:\n" + _options(options, width),
        wrap("Run 'dockpass COMMAND --help' for more information on a command.", width),
    ]
    return "\n\n".join(parts) + "\n"


def _options(options: Sequence[Option], width: int) -> str:
    rows = []
    for option in options:
        if not option.shown:
            continue
        short = f"-{option.short}, " if option.short else "    "
        value = f" {option.value}" if option.value else ""
        rows.append((f"{short}--{option.name}{value}", option.help))
    return _rows(rows, width)


def _rows(rows: Sequence[tuple[str, str]], width: int) -> str:
    column = max(len(left) for left, _right in rows) + 5
    if column + 20 > width:
        # Too narrow for two columns: what it does goes below its name.
        return "\n".join(f"  {left}\n{wrap(right, width, ' ' * 6)}" for left, right in rows)
    return "\n".join(wrap(right, width, " " * column, f"  {left}".ljust(column)) for left, right in rows)
