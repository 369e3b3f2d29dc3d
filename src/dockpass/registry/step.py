"""What the flow asks its driver to do next."""

from __future__ import annotations

from dockpass.http.message import Request
from dockpass.registry.reach import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.address import Origin


class Step(Request):
    """A request, and what whoever sends it must heed. A driver that knows only requests can send it as one.

    Args:
        method: As in :class:`~dockpass.http.message.Request`, like those up to ``body``.
        reach: To which network addresses it may go: a word of :mod:`dockpass.registry.reach`.
        wants_token: Whether the body of a successful answer is what it is sent for. That of any other answer may be
            dropped where it is large.
        pause: How many seconds to wait before it is sent.

    """

    __slots__ = ("pause", "reach", "wants_token")

    def __init__(
        self,
        method: str,
        origin: Origin,
        target: str,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        *,
        reach: str = ANY,
        wants_token: bool = False,
        pause: float = 0.0,
    ) -> None:
        super().__init__(method, origin, target, headers, body)
        self.reach = reach
        self.wants_token = wants_token
        self.pause = pause

    def again(self, *, pause: float = 0.0, to: tuple[Origin, str] | None = None) -> Step:
        """The same once more: after a pause, or to another origin and target."""
        origin, target = (self.origin, self.target) if to is None else to
        return Step(
            self.method,
            origin,
            target,
            self.headers,
            self.body,
            reach=self.reach,
            wants_token=self.wants_token,
            pause=pause,
        )
