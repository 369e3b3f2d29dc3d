"""The program ``dockpass``: picks the command, and turns errors into words and exit codes.

Exit codes: 0 done; 1 failed; 125 unknown option or missing value, as docker; 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from dockpass.cli.options import Command, Parsed
    from dockpass.cli.terminal import Terminal

    Execute = Callable[[Parsed, Terminal], int]

COMMANDS = ("login", "logout", "list", "trust", "migrate", "vault", "helper")
"""The commands, in the order in which help shows them. Each is a module of this package.

A module has ``COMMAND`` and ``execute``, or ``COMMAND`` and ``GROUP``: the commands of a group by their names.
"""


def run() -> None:
    """The entry point of the program: runs :func:`main` on the process's arguments and exits with its code."""
    # Looking for cycles takes a millisecond of the few that a command lives, and finds none worth it.
    gc.disable()
    try:
        _open_standard_streams()
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        from dockpass.cli.terminal import say

        if os.isatty(2):
            say("\n")  # the terminal's ^C stands on a line of its own
        code = 130
    # All is printed, and nothing is left to be cleaned up that the system does not: a normal exit takes 2 ms more.
    os._exit(code)


def _open_standard_streams() -> None:
    """Let a standard stream that was closed be as good as /dev/null, and print what the encoding has no letters for.

    Otherwise the next file to be opened would get the number of the closed one, and be taken for it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    # Typeshed has it that they are never None; Python makes them so where they were closed.
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def main(words: Sequence[str]) -> int:
    """Run one command line.

    Args:
        words: The words after the program's name.

    Returns:
        The exit code.

    """
    from dockpass.cli.terminal import Terminal

    terminal = Terminal()
    return terminal.finish(_program(words, terminal))


def _program(words: Sequence[str], terminal: Terminal) -> int:
    from dockpass.cli.options import GLOBAL, BadOption, Option, parse

    version = Option("version", "Print version information", short="v")
    try:
        before = parse(words, (*GLOBAL, version), stop=lambda _word: True)
    except BadOption as error:
        return _bad_option(error, None)
    name, *rest = before.arguments or ("",)
    if before.on("version"):
        from dockpass.version import __version__

        terminal.out(f"dockpass version {__version__}")
        return 0
    if not name:
        from dockpass.cli.help import program_help

        terminal.out(
            program_help([_module(known).COMMAND for known in COMMANDS], (*GLOBAL, version), terminal.width), ""
        )
        return 0
    if name == "help":
        return _program([*rest[:2], "--help"], terminal)
    if name not in COMMANDS:
        return _unknown("dockpass", name)
    module = _module(name)
    if hasattr(module, "GROUP"):
        return _group(module.COMMAND, module.GROUP, before, rest, terminal)
    return _command(module.COMMAND, module.execute, before, rest, terminal)


def _group(
    group: Command,
    commands: dict[str, tuple[Command, Execute]],
    before: Parsed,
    rest: Sequence[str],
    terminal: Terminal,
) -> int:
    from dockpass.cli.options import BadOption, Parsed, parse

    try:
        between = parse(rest, group.options, stop=lambda _word: True)
    except BadOption as error:
        return _bad_option(error, group)
    parsed = Parsed({**before.values, **between.values}, [])
    name, *words = between.arguments or ("",)
    if not name:
        from dockpass.cli.help import group_help

        terminal.out(group_help(group, [command for command, _execute in commands.values()], terminal.width), "")
        return 0
    if name not in commands:
        return _unknown(f"dockpass {group.name}", name)
    return _command(*commands[name], parsed, words, terminal)


def _unknown(program: str, name: str) -> int:
    from dockpass.cli.terminal import say
    from dockpass.display import clean

    say(f"dockpass: unknown command: {program} {clean(name, 60)}\n\nRun '{program} --help' for more information\n")
    return 1


def _command(command: Command, execute: Execute, before: Parsed, rest: Sequence[str], terminal: Terminal) -> int:
    from dockpass.cli.options import BadOption, Parsed, parse
    from dockpass.cli.terminal import say

    try:
        after = parse(rest, command.options)
        if before.get("host") is not None and after.get("host") is not None:
            raise BadOption('invalid argument for "-H, --host" flag: specify only one -H')
    except BadOption as error:
        return _bad_option(error, command)
    parsed = Parsed({**before.values, **after.values}, after.arguments)
    terminal.quiet = parsed.on("quiet")
    if parsed.on("help"):
        from dockpass.cli.help import command_help

        terminal.out(command_help(command, terminal.width), "")
        return 0
    if len(parsed.arguments) > command.most:
        plural = "" if command.most == 1 else "s"
        limit = f"requires at most {command.most} argument{plural}" if command.most else "accepts no arguments"
        say(f"dockpass: 'dockpass {command.name}' {limit}\n\n{_tail(command)}")
        return 1
    return _guarded(execute, parsed, terminal)


def _guarded(execute: Execute, parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.errors import DockpassError

    try:
        return execute(parsed, terminal)
    except DockpassError as error:
        if parsed.on("json"):
            from dockpass.cli.as_json import error_text

            terminal.out(error_text(error))
        else:
            terminal.error(error)
    except Exception as error:  # noqa: BLE001
        # A bug of ours. Its text may quote a secret, so only its kind and place are shown.
        if parsed.on("debug"):
            _trace(error)
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else "?"
        terminal.error(
            DockpassError(
                f"a bug in dockpass: {type(error).__name__} at {where}",
                "please report it, with the command as you ran it but without the password",
            )
        )
    return 1


def _trace(error: BaseException) -> None:
    """Where a bug was, without its message and without values."""
    import traceback

    from dockpass.cli.terminal import say

    for frame in traceback.extract_tb(error.__traceback__):
        say(f"  {frame.filename}:{frame.lineno} in {frame.name}\n")


def _module(name: str) -> ModuleType:
    # Not by importlib, which would import warnings.
    module = f"dockpass.cli.{name}"
    __import__(module)
    return sys.modules[module]


def _bad_option(error: Exception, command: Command | None) -> int:
    from dockpass.cli.terminal import say

    say(f"{error}\n\n{_tail(command)}")
    return 125


def _tail(command: Command | None) -> str:
    usage = command.usage if command else "dockpass [OPTIONS] COMMAND [ARG...]"
    name = f"dockpass {command.name}" if command else "dockpass"
    return f"Usage:  {usage}\n\nRun '{name} --help' for more information\n"
