"""Requests and responses as values, and the strict reader of responses."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.address import Origin


class Request:
    """One HTTP request: where to, and what. Never a URL: an origin and a target, so that no second parser has a say.

    Args:
        method: ``"GET"`` or ``"POST"``.
        origin: Scheme, host and port.
        target: The path and query, beginning with ``/``, percent-encoded, ASCII.
        headers: Pairs; ``Host``, ``User-Agent``, ``Accept-Encoding``, ``Connection`` and ``Content-Length`` are added
        by
            the transport.
        body: For POST.

    """

    __slots__ = ("body", "headers", "method", "origin", "target")

    def __init__(
        self,
        method: str,
        origin: Origin,
        target: str,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
    ) -> None:
        self.method = method
        self.origin = origin
        self.target = target
        self.headers = headers
        self.body = body


class Response:
    """One HTTP response.

    ``headers`` are pairs with lower-case names, in order, repetitions kept; values are text in Latin-1. ``body`` is
    what was read; ``complete`` is false where an oversized error body was dropped and the connection closed.
    """

    __slots__ = ("body", "complete", "headers", "reason", "status")

    def __init__(
        self,
        status: int,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        *,
        reason: str = "",
        complete: bool = True,
    ) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
        self.complete = complete

    def all(self, name: str) -> list[str]:
        """Every value of the header ``name`` (lower case), in order."""
        return [value for known, value in self.headers if known == name]
