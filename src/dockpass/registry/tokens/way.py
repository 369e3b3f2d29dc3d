"""How a registry lets one in, as it said itself, and from where it was asked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

    from dockpass.http.address import Origin
    from dockpass.registry.challenge import Challenge


class Place:
    """From where a registry is talked to: what all tokens for it have in common, whoever they are for. A value.

    Args:
        origin: The registry's API.
        plain_http: Whether plain HTTP to it is allowed.
        certificate: The client certificate that it is shown: the paths of the files; empty for none.

    """

    __slots__ = ("certificate", "origin", "plain_http")

    def __init__(self, origin: Origin, *, plain_http: bool = False, certificate: tuple[str, ...] = ()) -> None:
        self.origin = origin
        self.plain_http = plain_http
        self.certificate = certificate

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Place):
            return NotImplemented
        return self._all == other._all

    def __hash__(self) -> int:
        return hash(self._all)

    @property
    def _all(self) -> tuple[Hashable, ...]:
        return self.origin, self.plain_http, self.certificate


class Way:
    """How a registry lets one in, as it said when it was asked last.

    Attributes:
        origin: Where its API is after all: it may have led from HTTP up to HTTPS.
        offered: Its challenges; empty where it asked for nothing.

    """

    __slots__ = ("offered", "origin")

    def __init__(self, origin: Origin, offered: list[Challenge]) -> None:
        self.origin = origin
        self.offered = offered

    @property
    def mark(self) -> tuple[Hashable, ...]:
        """What tells this from other ways in: where the API is, and each token server and service that was named."""
        named = ((one.scheme, one.params.get("realm"), one.params.get("service")) for one in self.offered)
        return self.origin, *named

    @property
    def has_bearer(self) -> bool:
        """Whether it leads by a token server, as far as that can be said before its address is judged."""
        return any(one.scheme == "bearer" and not one.unusable and one.params.get("realm") for one in self.offered)
