"""docker's option grammar, which is that of Go's pflag.

``-p -secret`` is a password, not an unknown flag; ``-uNAME``, ``-u=NAME``, ``--username=NAME`` and ``--username NAME``
are the same; options and arguments may be mixed; ``--`` ends the options; nothing may be abbreviated. :mod:`argparse`
reads none of the first two so, and costs 7 ms to import.

A command is one table, :class:`Command`, from which parsing and help are drawn.

Reference: https://pkg.go.dev/github.com/spf13/pflag#hdr-Command_line_flag_syntax
"""

from __future__ import annotations

from dockpass.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class BadOption(UsageError):
    """An unknown option, or one without its value: exit code 125, as docker."""


class Option:
    """One option of a command.

    Args:
        name: The long name without dashes.
        help: What it does, in a few words.
        short: The one-letter name, or ``""``.
        value: What help calls its value, such as ``string``; ``""`` for a switch.
        shown: Whether help shows it. Options of docker's that mean nothing here are taken, and not shown.
        many: Whether it can be given several times, each with a value of its own; of others the last one counts.

    """

    __slots__ = ("help", "many", "name", "short", "shown", "value")

    def __init__(
        self,
        name: str,
        help: str = "",  # noqa: A002
        *,
        short: str = "",
        value: str = "",
        shown: bool = True,
        many: bool = False,
    ) -> None:
        self.name = name
        self.help = help
        self.short = short
        self.value = value
        self.shown = shown
        self.many = many


class Command:
    """A command as data: what help shows, what the parser accepts, and what runs.

    Args:
        name: As it is typed: ``login``.
        arguments: The arguments in the usage line, such as ``[SERVER]``.
        summary: What it does, in one line.
        text: A paragraph or two below the summary.
        options: In the order in which help shows them.
        most: How many arguments it takes at the most.
        examples: Pairs of a command line and what it is for.

    """

    __slots__ = ("arguments", "examples", "most", "name", "options", "summary", "text")

    def __init__(
        self,
        name: str,
        *,
        arguments: str = "",
        summary: str,
        text: str = "",
        options: Sequence[Option] = (),
        most: int = 0,
        examples: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.summary = summary
        self.text = text
        self.options = (*options, *GLOBAL)
        self.most = most
        self.examples = examples

    @property
    def usage(self) -> str:
        """The usage line: ``dockpass login [OPTIONS] [SERVER]``."""
        return " ".join(part for part in ("dockpass", self.name, "[OPTIONS]", self.arguments) if part)


GLOBAL = (
    Option("config", "Folder of config.json (default: $DOCKER_CONFIG or ~/.docker)", value="string"),
    Option("context", "Docker context to use", short="c", value="string"),
    Option("host", "Docker engine to use", short="H", value="string"),
    Option("quiet", "On standard error, print errors only", short="q"),
    Option("debug", "Say on standard error what is asked and answered, without secrets", short="D"),
    Option("help", "Print usage", short="h"),
    # What docker takes here for its connection to an engine. A script that gives it goes on working.
    Option("log-level", short="l", value="string", shown=False),
    Option("tls", shown=False),
    Option("tlscacert", value="string", shown=False),
    Option("tlscert", value="string", shown=False),
    Option("tlskey", value="string", shown=False),
    Option("tlsverify", shown=False),
)
"""The options that every command takes, before or after its name."""


class Parsed:
    """What was on a command line: option values by long name, and the arguments in order.

    The last value of an option counts; of one that can be given several times each does, on a line of its own.
    """

    __slots__ = ("arguments", "values")

    def __init__(self, values: dict[str, str], arguments: list[str]) -> None:
        self.values = values
        self.arguments = arguments

    def get(self, name: str) -> str | None:
        """The value of an option, ``None`` if it was not given."""
        return self.values.get(name)

    def all(self, name: str) -> list[str]:
        """The values of an option that can be given several times; of a value with line ends, its lines."""
        return self.values[name].splitlines() if name in self.values else []

    def on(self, name: str) -> bool:
        """Whether a switch was given and not set to false."""
        return self.values.get(name) == "true"


def parse(words: Sequence[str], options: Sequence[Option], *, stop: Callable[[str], bool] | None = None) -> Parsed:
    """Read a command line.

    Args:
        words: The words, without the program's name.
        options: What may stand there.
        stop: Asked for each argument; where it says yes, that argument and all after it are left as they are. So the
            program's own options are read up to the command's name.

    Raises:
        BadOption: An unknown option, an option without its value, a switch with a value that is no truth value.

    """
    by_name = {option.name: option for option in options}
    by_short = {option.short: option for option in options if option.short}
    values: dict[str, str] = {}
    arguments: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            arguments += rest
            break
        if word.startswith("--"):
            _long(word, rest, by_name, values)
        elif word.startswith("-") and word != "-":
            _shorts(word, rest, by_short, values)
        elif stop is not None and stop(word):
            arguments += [word, *rest]
            break
        else:
            arguments.append(word)
    return Parsed(values, arguments)


def _long(word: str, rest: list[str], known: dict[str, Option], values: dict[str, str]) -> None:
    name, equals, value = word[2:].partition("=")
    if not name or name.startswith("-"):
        raise BadOption(f"bad flag syntax: {_shown(word)}")
    option = known.get(name)
    if option is None:
        raise BadOption(f"unknown flag: --{_shown(name)}")
    if not option.value:
        _switch(option, value if equals else "true", f"--{name}", values)
    elif equals:
        _set(option, value, values)
    elif rest:
        _set(option, rest.pop(0), values)
    else:
        raise BadOption(f"flag needs an argument: --{name}")


def _shorts(word: str, rest: list[str], known: dict[str, Option], values: dict[str, str]) -> None:
    letters = word[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        option = known.get(letter)
        if option is None:
            # What follows the letter may be a password pasted in the wrong place: it is not repeated.
            raise BadOption(f"unknown shorthand flag: {_shown(letter)!r} in -{_shown(letter)}{'…' if letters else ''}")
        if not option.value:
            if letters.startswith("="):
                _switch(option, letters[1:], f"-{letter}", values)
                return
            _set(option, "true", values)
            continue
        if letters:
            _set(option, letters.removeprefix("="), values)
        elif rest:
            _set(option, rest.pop(0), values)
        else:
            raise BadOption(f"flag needs an argument: {letter!r} in {word}")
        return


_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")


def _switch(option: Option, value: str, flag: str, values: dict[str, str]) -> None:
    if value not in _TRUE and value not in _FALSE:
        raise BadOption(f'invalid argument "{_shown(value)}" for "{flag}" flag: neither true nor false')
    _set(option, "true" if value in _TRUE else "false", values)


def _set(option: Option, value: str, values: dict[str, str]) -> None:
    if option.name == "host" and "host" in values:
        raise BadOption('invalid argument for "-H, --host" flag: specify only one -H')
    values[option.name] = f"{values[option.name]}\n{value}" if option.many and option.name in values else value


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
