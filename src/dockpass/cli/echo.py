"""A question on the terminal, looked after while it is open.

While a secret is typed the echo is off, and it is on again whatever happens. Ctrl-Z is the hard case: the shell must
find its terminal as it left it; and when the user comes back, the echo must be off before another key is read, and the
question must be there again. No signal that ends a program may leave a terminal without echo either.

Reference: https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/V1_chap11.html
"""

from __future__ import annotations

import os
import signal
import termios

from dockpass.errors import InputEnded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def attended(read: Callable[[], str], ask_again: Callable[[], None], *, hidden: bool) -> str:
    """What ``read`` returns, which reads from standard input, a terminal.

    Args:
        read: Shows the question and waits for the answer.
        ask_again: Called when the user comes back from Ctrl-Z, to show the question anew.
        hidden: Whether what is typed is not to be seen.

    Raises:
        InputEnded: There is no terminal any more.
        KeyboardInterrupt: Ctrl-C.

    """
    question = _Question(ask_again, hidden=hidden)
    # A context manager would leave a gap: Ctrl-C at the end of __enter__, and nobody calls __exit__.
    try:
        question.begin()
        return read()
    finally:
        question.end()


class _Question:
    def __init__(self, ask_again: Callable[[], None], *, hidden: bool) -> None:
        self._ask_again = ask_again
        self._hidden = hidden
        self._saved: list[Any] | None = None
        self._handlers: dict[int, Any] = {}

    def begin(self) -> None:
        # The handlers first: a signal between the two must find something to restore with.
        if self._hidden:
            for number in _ENDING:
                self._handle(number, self._end_program)
        self._handle(signal.SIGTSTP, self._stop)
        self._set_echo()

    def end(self) -> None:
        self._restore()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _handle(self, number: int, handler: Callable[[int, FrameType | None], None]) -> None:
        before = signal.getsignal(number)
        if before not in (signal.SIG_IGN, None):  # nohup, or a shell without job control
            self._handlers[number] = before
            signal.signal(number, handler)

    def _set_echo(self) -> None:
        try:
            modes = termios.tcgetattr(0)
            if self._hidden:
                self._saved = termios.tcgetattr(0)
                modes[3] &= ~termios.ECHO
            # In the background this stands still until `fg`, even where it changes nothing. What was typed before a
            # hidden question is dropped: it was echoed, and is not the secret.
            termios.tcsetattr(0, termios.TCSAFLUSH if self._hidden else termios.TCSADRAIN, modes)
        except termios.error:
            raise InputEnded("the terminal cannot be asked: it has gone away", "run it again on another") from None

    def _restore(self) -> None:
        if self._saved is None:
            return  # in the background, where somebody else has the terminal, a second time would stop us again
        try:  # noqa: SIM105 - contextlib is one more import
            termios.tcsetattr(0, termios.TCSANOW, self._saved)
        except termios.error:
            pass  # it has gone away
        self._saved = None

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._restore()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        # Here the process stands still until it is continued.
        signal.signal(signal.SIGTSTP, self._stop)
        self._set_echo()
        self._ask_again()

    def _end_program(self, number: int, _frame: FrameType | None) -> None:
        self._restore()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
