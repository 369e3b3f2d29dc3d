"""Where a connection goes: an origin."""

from __future__ import annotations


class Origin:
    """Scheme, host and port: the unit of trust on the web. A value.

    Args:
        scheme: ``"https"``, ``"http"``, or ``"unix"`` for an HTTP server on a unix socket (``host`` is then its path,
            ``port`` 0).
        host: A lower-case ASCII name, or an IP literal without brackets.
        port: 1 to 65535.

    Reference: https://www.rfc-editor.org/rfc/rfc6454#section-4
    """

    __slots__ = ("host", "port", "scheme")

    def __init__(self, scheme: str, host: str, port: int) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Origin):
            return NotImplemented
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)

    def __hash__(self) -> int:
        return hash((self.scheme, self.host, self.port))

    @property
    def netloc(self) -> str:
        """``host``, or ``host:port`` where the port is not the scheme's own; IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"https": 443, "http": 80}.get(self.scheme)
        return host if self.port == default else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    def __repr__(self) -> str:
        return f"Origin({str(self)!r})"
