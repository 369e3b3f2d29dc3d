"""The only place that prints and asks.

Standard output is for data: what docker prints there, and JSON. Everything else goes to standard error. Questions
stand on the terminal: on standard output where that is one, as docker's do, else on standard error, where they are
seen.

Whatever is printed is cleaned once more here, so that no message can act on the terminal, wherever it came from.
"""

from __future__ import annotations

import os
import sys

from dockpass.display import clean
from dockpass.errors import BadCredential, FileUnwritable, InputEnded, NotATerminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.errors import DockpassError

_LINE_LIMIT = 2000
# A terminal drops what is typed on one line beyond this: Linux has 4096 bytes, with the line end.
_TYPED_LIMIT = 4095


def say(text: str) -> None:
    """Write to standard error. Where nobody can hear it any more, that is no reason to fail."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        pass


class Terminal:
    """What the commands print with, and ask with.

    Args:
        quiet: On standard error, print errors only.

    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self._unwritable: OSError | None = None
        self._colour = _is_terminal(2) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int:
        """Columns to write in: the terminal's, or 80 where there is none."""
        return self._width(1)

    @property
    def shows_output(self) -> bool:
        """Whether standard output is a terminal."""
        return _is_terminal(1)

    @property
    def interactive(self) -> bool:
        """Whether questions can be asked: standard input is a terminal."""
        return _is_terminal(0)

    def out(self, text: str, end: str = "\n") -> None:
        """Data, on standard output, as it is, and at once.

        That it cannot be written stops no work: a logout is one even if nobody reads what it says. See :meth:`finish`.
        """
        try:
            if self._unwritable is None:
                sys.stdout.write(text + end)
                sys.stdout.flush()
        except OSError as error:
            self._unwritable = error

    def finish(self, code: int) -> int:
        """The exit code of a command that would end with ``code``: 1 or more if its output could not be written."""
        error = self._unwritable
        if error is None or isinstance(error, BrokenPipeError):
            return code  # whoever read it has gone: there is nobody to tell
        self.error(
            FileUnwritable(
                f"cannot write to standard output: {os.strerror(error.errno or 0).lower()}",
                "check what it is connected to",
            )
        )
        return code or 1

    def note(self, text: str) -> None:
        """One line on standard error that the user can do without."""
        if not self.quiet:
            self._line("", text)

    def warn(self, text: str) -> None:
        """One line on standard error that the user should read."""
        if not self.quiet:
            self._line("Warning: ", text, "33")

    def error(self, error: DockpassError) -> None:
        """An error and its hint, on standard error."""
        self._line("Error: ", error.message, "31")
        if error.hint:
            self._line("  hint: ", error.hint, "36")

    def err(self, text: str) -> None:
        """A line on standard error that scripts may look for: printed unless quiet, never wrapped or coloured."""
        if not self.quiet:
            say(text + "\n")

    def ask(self, question: str) -> str:
        """The line that the user types, without blanks around it.

        Raises:
            NotATerminal: Standard input is no terminal.
            InputEnded: Ctrl-D.
            KeyboardInterrupt: Ctrl-C.

        """
        return self._ask(question, hidden=False)

    def ask_secret(self, question: str) -> str:
        """As :meth:`ask`, with the echo off while the user types, and on again whatever happens."""
        return self._ask(question, hidden=True)

    def _ask(self, question: str, *, hidden: bool) -> str:
        if not self.interactive:
            raise NotATerminal(
                "cannot perform an interactive login from a non-TTY device",
                "give the user name with -u and the password with --password-stdin",
            )
        if sys.platform == "win32":
            from dockpass.cli.console import answer
        else:
            from dockpass.cli.question import answer

        line = answer(lambda: self._show(question), hidden=hidden)
        if hidden or not line.endswith(b"\n"):
            self._show("\n")
        if not line:
            raise InputEnded("the input ended before an answer", "run it again, and answer the question")
        if len(line) > _TYPED_LIMIT:
            raise BadCredential(
                f"the answer is longer than a terminal can take ({_TYPED_LIMIT} bytes), and its end is lost",
                "put it into a file, and give it with --password-file",
            )
        return line.decode("utf-8", "surrogateescape").strip()

    def _show(self, text: str) -> None:
        if not _is_terminal(1):
            say(text)
            return
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            pass  # it has gone away, and reading says so

    def _width(self, descriptor: int) -> int:
        try:
            return max(os.get_terminal_size(descriptor).columns or 80, 20)
        except OSError:
            return 80

    def _line(self, label: str, text: str, colour: str = "") -> None:
        text = clean(text, _LINE_LIMIT)
        if _is_terminal(2):
            from dockpass.cli.help import wrap

            text = wrap(text, self._width(2), " " * len(label), label)
        else:
            text = label + text
        if label and self._colour:
            text = f"\033[{colour}m{label.rstrip()}\033[0m{text[len(label.rstrip()) :]}"
        say(text + "\n")


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def waiting(terminal: Terminal) -> Callable[[str], None]:
    """What library calls report a wait to: a line on standard error, at once."""

    def said(text: str) -> None:
        terminal.note(text)

    return said
