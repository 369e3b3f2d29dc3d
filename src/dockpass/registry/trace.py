"""What ``--debug`` shows of a conversation: no query, no header and no body, so no secret."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.registry.step import Step


class Trace:
    """One line for each request of a run, and one for its answer.

    Args:
        tell: Called with each.

    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._paths: set[str] = set()
        self._showed_secret = False

    def asked(self, step: Step) -> None:
        """Tell of a request that is about to be sent."""
        shown = f" with {step.shows}" if step.shows else ""
        self._tell(f"{step.method} {step.origin}{self._path(step)}{shown}")

    def answered(self, status: int, peer: str) -> None:
        """Tell of an answer, and whom it came from."""
        self._tell(f"{status} from {peer}")

    def _path(self, step: Step) -> str:
        """A request's path. One that a registry makes up after it was shown a secret may hold it."""
        path = step.target.partition("?")[0]
        if not self._showed_secret:
            self._paths.add(path)
        self._showed_secret = self._showed_secret or step.shows != ""
        return path if path in self._paths else "/…"
