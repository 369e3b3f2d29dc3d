"""How long something may take, from the moment it began."""

from __future__ import annotations

from time import monotonic

from dockpass.errors import TimedOut


class Deadline:
    """A point in time by which all must be done. Counts on the monotonic clock, from its creation.

    Args:
        seconds: How long from now.
        option: The command line's option that sets it, if there is one.

    """

    __slots__ = ("_end", "option", "seconds")

    def __init__(self, seconds: float, option: str = "") -> None:
        self.seconds = seconds
        self.option = option
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Seconds until the end; zero or less when it has passed."""
        return self._end - monotonic()

    def remaining(self) -> float:
        """Seconds until the end, always more than zero.

        Raises:
            TimedOut: The end has passed.

        """
        left = self.left()
        if left <= 0:
            hint = f"try again; the server or the network is slow{self.longer}"
            raise TimedOut(f"not done within {self.seconds:g} s", hint)
        return left

    @property
    def longer(self) -> str:
        """How to get more time, to be put at the end of a hint; ``""`` where there is no option for it."""
        return f"; {self.option} SECONDS allows more" if self.option else ""

    def within(self, seconds: float, option: str = "") -> Deadline:
        """A deadline for one step of this: ``seconds`` from now, but not later than this one."""
        step = Deadline(seconds, option)
        if self._end < step._end:
            step._end = self._end
            step.seconds, step.option = self.seconds, self.option
        return step
