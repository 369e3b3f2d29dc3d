"""A question on the terminal, looked after while it is open.

While a secret is typed the echo is off, and it is on again whatever happens. Ctrl-Z is the hard case: the shell must
find its terminal as it left it; and when the user comes back, the echo must be off before another key is read, and the
question must be there again. No signal that ends a program may leave a terminal without echo either.

Reference: https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/V1_chap11.html
"""

from __future__ import annotations

import os
import select
import signal
import termios

from dockpass.errors import InputEnded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def answer(show: Callable[[], None], *, hidden: bool) -> bytes:
    """The line that is typed in answer to a question on standard input, a terminal.

    Args:
        show: Shows the question. Called again when the user comes back from Ctrl-Z.
        hidden: Whether what is typed is not to be seen.

    Returns:
        The line, with its end unless Ctrl-D ended it; nothing where there was only Ctrl-D.

    Raises:
        InputEnded: There is no terminal any more.
        KeyboardInterrupt: Ctrl-C.

    """
    question = _Question(show, hidden=hidden)
    # A context manager would leave a gap: Ctrl-C at the end of __enter__, and nobody calls __exit__.
    try:
        question.open()
        return question.read()
    finally:
        question.close()


class _Question:
    def __init__(self, show: Callable[[], None], *, hidden: bool) -> None:
        self._show = show
        self._hidden = hidden
        self._saved: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        self._to_stop = False
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)

    def open(self) -> None:
        # A signal that comes just before a read is noticed when the read returns; so that there is something to read.
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        # The handlers before the echo: a signal between the two must find something to restore with.
        if self._hidden:
            for number in _ENDING:
                self._handle(number, self._end_program)
        self._handle(signal.SIGTSTP, self._stop_soon)
        self._set_echo()
        self._show()

    def read(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            try:
                piece = self._read()
            except OSError:
                raise _gone() from None
            if not piece:
                break
            line += piece
        return line

    def close(self) -> None:
        self._restore()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(self._wake)
        os.close(self._woken)

    def _handle(self, number: int, handler: Callable[[int, FrameType | None], None]) -> None:
        before = signal.getsignal(number)
        if before not in (signal.SIG_IGN, None):  # nohup, or a shell without job control
            self._handlers[number] = before
            signal.signal(number, handler)

    def _read(self) -> bytes:
        while True:
            ready, _, _ = select.select([0, self._woken], [], [])
            if self._woken in ready:
                os.read(self._woken, 4096)
                if self._to_stop:
                    self._stop()
            elif ready:
                return os.read(0, 65536)

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
            raise _gone() from None

    def _restore(self) -> None:
        if self._saved is None:
            return  # in the background, where somebody else has the terminal, a second time would stop us again
        try:  # noqa: SIM105 - contextlib is one more import
            termios.tcsetattr(0, termios.TCSANOW, self._saved)
        except termios.error:
            pass  # it has gone away
        self._saved = None

    def _stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        self._to_stop = True  # not here, perhaps in the middle of printing something

    def _stop(self) -> None:
        self._to_stop = False
        self._restore()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        # Here the process stands still until it is continued.
        signal.signal(signal.SIGTSTP, self._stop_soon)
        self._set_echo()
        self._show()

    def _end_program(self, number: int, _frame: FrameType | None) -> None:
        self._restore()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _gone() -> InputEnded:
    return InputEnded("the terminal cannot be asked: it has gone away", "run it again on another")
