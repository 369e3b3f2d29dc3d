"""The terminal's echo: off while a secret is typed, on again whatever happens.

Ctrl-Z is the hard case. The shell must find its terminal as it left it, and when the user comes back the echo must be
off before another key is read. SIGTERM and SIGHUP must not leave a terminal without echo either.

Reference: https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/V1_chap11.html
"""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType


class hidden:  # noqa: N801 - used as a verb: `with hidden(...)`
    """A context in which standard input, a terminal, does not echo.

    Args:
        ask_again: Called when the user comes back from Ctrl-Z, to show the question anew.

    """

    def __init__(self, ask_again: Callable[[], None]) -> None:
        self._ask_again = ask_again
        self._previous: dict[int, object] = {}

    def __enter__(self) -> None:
        import termios

        self._termios = termios
        self._saved = termios.tcgetattr(0)
        # The handlers first: a signal between the two must find something to restore with.
        for number, handler in ((signal.SIGTSTP, self._stop), (signal.SIGTERM, self._die), (signal.SIGHUP, self._die)):
            self._previous[number] = signal.signal(number, handler)
        self._echo_off()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _echo_off(self) -> None:
        changed = self._termios.tcgetattr(0)
        changed[3] &= ~self._termios.ECHO
        # What was typed before the question is dropped: it was echoed, and is not the secret.
        self._termios.tcsetattr(0, self._termios.TCSAFLUSH, changed)

    def _restore(self) -> None:
        self._termios.tcsetattr(0, self._termios.TCSADRAIN, self._saved)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._restore()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        # Here the process stands still until it is continued.
        signal.signal(signal.SIGTSTP, self._stop)
        self._echo_off()
        self._ask_again()

    def _die(self, number: int, _frame: FrameType | None) -> None:
        self._restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
