"""What the flow asks its driver to do next."""

from __future__ import annotations

from dockpass.http.message import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.address import Origin


ANY = "any"
"""The registry's own requests: the user named it, wherever it is."""
INSIDE = "inside"
"""A token server that the user or a shipped table named, or on the registry's own host: public, private or loopback."""
LIKE_REGISTRY = "like-registry"
"""A token server that only shares the registry's domain: public, and private or loopback if the registry is so too."""
ELSEWHERE = "elsewhere"
"""Whoever a registry has its content kept by. As far as the one before; but it is shown nothing."""


class Step(Request):
    """A request, and what whoever sends it must heed. A driver that knows only requests can send it as one.

    Args:
        method: As in :class:`~dockpass.http.message.Request`, like those up to ``body``.
        reach: To which network addresses it may go: one of the four words above.
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

    @property
    def shows(self) -> str:
        """Which credentials it carries, in words: ``Basic credentials``; ``""`` for none."""
        schemes = [value.partition(" ")[0] for name, value in self.headers if name.lower() == "authorization"]
        if schemes:
            return f"{schemes[0]} credentials"
        return "an identity token" if self.method == "POST" else ""

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
