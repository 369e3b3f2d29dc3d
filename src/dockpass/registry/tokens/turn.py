"""Whose turn it is to ask for something that several want, such as the same token.

One asks, and the others wait until it has an answer. A conversation does not wait itself, for it does not know what it
would hold up: it yields a turn, and its driver waits, on a thread by :func:`on_threads`, in a coroutine by handing
:meth:`Turn.wait` to a thread.
"""

from __future__ import annotations

from _thread import allocate_lock  # what threading.Lock is, without threading's 3 ms

from dockpass.errors import TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import TypeVar

    from dockpass.credential import Credential
    from dockpass.errors import DockpassError
    from dockpass.http.deadline import Deadline
    from dockpass.http.message import Response
    from dockpass.registry.step import Step
    from dockpass.registry.tokens.way import Place

    Result = TypeVar("Result")


class Turn:
    """Somebody's turn to ask for something, which others may want as well.

    Args:
        place: The registry that it is about.

    Attributes:
        error: Why nothing came of it. Who waited has the same error then: refused credentials are not sent again.
        successor: What took the place of the identity token that was used.
        is_void: Whether what comes of it is to be forgotten.

    """

    __slots__ = ("_over", "error", "is_void", "place", "successor")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.error: DockpassError | None = None
        self.successor: Credential | None = None
        self.is_void = False
        self._over = allocate_lock()
        self._over.acquire()

    def wait(self, seconds: float) -> bool:
        """Wait until it is over, but no longer than that. Returns whether it is."""
        is_over = self._over.acquire(timeout=max(seconds, 0))
        if is_over:
            self._over.release()
        return is_over

    def end(self) -> None:
        """Let those go on who wait."""
        self._over.release()


def await_end(turn: Turn) -> Generator[Turn, None, None]:
    """Wait until it is over.

    Raises:
        DockpassError: What came of it.

    """
    yield turn
    if turn.error is not None:
        import copy

        # A copy, for an error collects the frames through which it goes, and each thread has others.
        raise copy.copy(turn.error)


def on_threads(
    flow: Generator[Step | Turn, Response | None, Result], deadline: Deadline
) -> Generator[Step, Response, Result]:
    """The same conversation for a driver that is a thread of its own: turns are waited for here.

    Raises:
        TimedOut: It was still another thread's turn when the time was over.

    """
    try:
        step = next(flow)
        while True:
            if not isinstance(step, Turn):
                step = flow.send((yield step))
            elif step.wait(deadline.left()):
                step = flow.send(None)
            else:
                raise TimedOut(
                    f"not done within {deadline.seconds:g} s: the registry has not answered to another thread",
                    "try again; the server or the network is slow",
                )
    except StopIteration as done:
        result: Result = done.value
        return result
    finally:
        flow.close()
