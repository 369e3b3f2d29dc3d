"""Which proxy to use, if any: by Go's rules, since those are what docker's users know.

``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY``, in upper case and then in lower case; ``ALL_PROXY`` is not looked at.
Loopback is never proxied. In one thing this is better than Go: a malformed proxy is an error instead of being passed
over in silence.

Reference: https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import ProxyFailed
from dockpass.http.no_proxy import is_exempt, packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockpass.http.address import Origin

_PORTS = {"http": 80, "https": 443}
_MEMBERS = {"http": "httpProxy", "https": "httpsProxy"}
_HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_:")
_HEX = frozenset("0123456789abcdefABCDEF")


class Proxy:
    """An HTTP proxy. What it is called in errors (``str()``) leaves its credentials out.

    Args:
        scheme: ``"http"``, or ``"https"`` for a proxy that is itself spoken to by TLS.
        host: A name or an IP literal without brackets.
        port: 1 to 65535.
        authorization: The value of the header ``Proxy-Authorization``, or ``""``. A secret.
        variable: The environment variable that named it, or what did it instead, for hints.

    """

    __slots__ = ("authorization", "host", "port", "scheme", "variable")

    def __init__(
        self, scheme: str, host: str, port: int, *, authorization: str = "", variable: str = "HTTPS_PROXY"
    ) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.authorization = authorization
        self.variable = variable

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __repr__(self) -> str:
        return f"Proxy({str(self)!r})"


def choose(origin: Origin, environ: Mapping[str, str], *, place: str = "") -> Proxy | None:
    """The proxy for ``origin``, or ``None`` for a direct connection.

    Args:
        origin: Where the request goes. A unix socket has no proxy.
        environ: The environment.
        place: The path of the config.json that the variables are from, if they are not the environment's.

    Raises:
        ProxyFailed: The variable that names the proxy holds no URL of one, or one of a kind that is not supported; or
            ``HTTP_PROXY`` is set beside ``REQUEST_METHOD``: in a CGI program a header ``Proxy:`` of whoever calls it
            ends there. Credentials in the variable are not repeated.

    """
    names = {"https": ("HTTPS_PROXY", "https_proxy"), "http": ("HTTP_PROXY", "http_proxy")}.get(origin.scheme, ())
    variable = next((name for name in names if environ.get(name)), "")
    if not variable:
        return None
    exceptions = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    if is_exempt(origin.host, origin.port, exceptions):
        return None
    if origin.scheme == "http" and environ.get("REQUEST_METHOD"):
        raise ProxyFailed(
            f"{variable} is not used where REQUEST_METHOD is set, for whoever calls a CGI program can set it",
            f"unset {variable} or REQUEST_METHOD",
        )
    return _parse(environ[variable], f"{_MEMBERS[origin.scheme]} in {clean(place)}" if place else variable)


def _parse(text: str, variable: str) -> Proxy:
    """The proxy that ``text`` names. Nothing of it is shown but a known scheme: a password may be anywhere in it."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise _malformed(variable)
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    scheme = scheme.lower()
    if scheme not in _PORTS:
        if scheme in ("socks", "socks4", "socks4a", "socks5", "socks5h"):
            raise ProxyFailed(
                f"{variable} names a proxy of a kind that is not supported: {scheme}",
                "name an HTTP proxy: http://HOST:PORT",
            )
        raise _malformed(variable)
    authority = rest
    for end in "/?#":
        authority = authority.partition(end)[0]
    if "@" in rest[len(authority) :]:
        # A password that is not percent-encoded: its first part would be taken for the port, and shown.
        raise _malformed(variable)
    userinfo, at, address = authority.rpartition("@")
    host, port = _host_and_port(address, _PORTS[scheme], variable)
    return Proxy(scheme, host, port, authorization=_authorization(userinfo, variable) if at else "", variable=variable)


def _host_and_port(address: str, default: int, variable: str) -> tuple[str, int]:
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        if not bracket or packed(host) is None or ":" not in host or (rest and not rest.startswith(":")):
            raise _malformed(variable)
        digits = rest[1:]
    else:
        host, _colon, digits = address.partition(":")
    host = host.lower()
    if not host or not _HOST.issuperset(host):
        raise _malformed(variable)
    if not digits:
        return host, default
    if not digits.isdigit() or len(digits) > 5 or not 0 < int(digits) < 65536:
        raise _malformed(variable)
    return host, int(digits)


def _authorization(userinfo: str, variable: str) -> str:
    """The header's value for ``user:password``, which is percent-encoded.

    Reference: https://www.rfc-editor.org/rfc/rfc7617#section-2
    """
    import binascii

    user, _colon, password = userinfo.partition(":")
    pair = _unquote(user, variable) + b":" + _unquote(password, variable)
    return "Basic " + binascii.b2a_base64(pair, newline=False).decode("ascii")


def _unquote(text: str, variable: str) -> bytes:
    first, *others = text.split("%")
    decoded = bytearray(first.encode("ascii"))
    for other in others:
        if len(other) < 2 or not _HEX.issuperset(other[:2]):
            raise _malformed(variable)
        decoded.append(int(other[:2], 16))
        decoded += other[2:].encode("ascii")
    return bytes(decoded)


def _malformed(variable: str) -> ProxyFailed:
    return ProxyFailed(
        f"{variable} is not the URL of a proxy",
        "write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, the user and password percent-encoded",
    )
