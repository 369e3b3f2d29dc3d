"""The terminal, lent to a helper that wants it.

A helper may have to ask for a PIN. It runs in a process group of its own, so that it can be stopped with all its
children; but only one group of a session may read from the terminal, and that is ours. So it is done as a shell does
it: a helper that reaches for the terminal is stopped by the system, and then gets the terminal and is woken. Most
never reach for it, and meanwhile Ctrl-C comes to us and ends everything, as people expect.

A pinentry that belongs to gpg-agent is in another session, where none of this applies: it opens the terminal and gets
what is typed because nobody else reads.

Reference: https://www.gnu.org/software/libc/manual/html_node/Job-Control.html
"""

from __future__ import annotations

import os
import termios

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Foreground:
    """The controlling terminal of this process. Made by :meth:`find`."""

    def __init__(self, descriptor: int, modes: list[Any]) -> None:
        self._descriptor = descriptor
        self._modes = modes
        self.lent = False

    @classmethod
    def find(cls) -> Foreground | None:
        """The terminal, or ``None`` where this process has none."""
        try:
            descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        except OSError:
            return None
        try:
            return cls(descriptor, termios.tcgetattr(descriptor))
        except termios.error:
            os.close(descriptor)
            return None

    @property
    def ours(self) -> bool:
        """Whether this process is in the foreground: not sent to the background, and nobody was lent the terminal."""
        try:
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:
            return False  # the terminal has gone away

    @property
    def in_use(self) -> bool:
        """Whether somebody asks something there now: the terminal is lent, or its modes are not what they were."""
        try:
            return self.lent or termios.tcgetattr(self._descriptor) != self._modes
        except termios.error:
            return False

    def lend(self, group: int) -> None:
        """Put the process group ``group`` into the foreground and wake it. Only while that is :attr:`ours`."""
        import signal

        self.lent = True  # first: a Ctrl-C may come between any two of these lines
        self._give(group)
        try:  # noqa: SIM105 - contextlib would cost 1 ms
            os.killpg(group, signal.SIGCONT)
        except OSError:
            pass  # it has ended

    def take_back(self) -> None:
        """Back into the foreground, if the terminal is lent."""
        if self.lent:
            self._give(os.getpgrp())
            self.lent = False

    def close(self, *, mend: bool) -> None:
        """Take the terminal back and let go of it.

        Args:
            mend: Whether the helper was cut short or had the terminal: its modes are set back to what they were.

        """
        mend = mend or self.lent
        self.take_back()
        if mend and self.ours and self.in_use:
            try:  # noqa: SIM105 - contextlib would cost 1 ms
                _in_background(lambda: termios.tcsetattr(self._descriptor, termios.TCSANOW, self._modes))
            except termios.error:
                pass  # it has gone away
        os.close(self._descriptor)

    def _give(self, group: int) -> None:
        try:  # noqa: SIM105 - contextlib would cost 1 ms
            _in_background(lambda: os.tcsetpgrp(self._descriptor, group))
        except OSError:
            pass  # the group has ended, or the terminal has gone away


def _in_background(act: Callable[[], None]) -> None:
    """Do what the system would stop a process in the background for."""
    import signal

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        act()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
