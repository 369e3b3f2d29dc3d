"""How long something may take, from the moment it began."""

from __future__ import annotations

from time import monotonic

from dockpass.errors import TimedOut


class Deadline:
    """A point in time by which all must be done. Counts on the monotonic clock, from its creation.

    Args:
        seconds: How long from now.

    """

    __slots__ = ("_end", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
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
            raise TimedOut(f"not done within {self.seconds:g} s", "try again; the server or the network is slow")
        return left

    def within(self, seconds: float) -> Deadline:
        """A deadline for one step of this: ``seconds`` from now, but not later than this one."""
        step = Deadline(seconds)
        if self._end < step._end:
            step._end = self._end
            step.seconds = self.seconds
        return step
