"""One registry, many spellings.

People type ``reg.example.com``, ``https://reg.example.com/v2/`` or ``docker.io``; docker writes one key for it into
config.json; podman looks for another; the requests go to a third place. :class:`Server` is one value for all of them,
so that login, lookup and logout can never disagree about what is meant.

Reference: https://pkg.go.dev/github.com/docker/cli/cli/config/credentials#ConvertToHostname
"""

from __future__ import annotations

from dockpass.errors import BadServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.address import Origin

DOCKER_HUB = "https://index.docker.io/v1/"
"""The key under which docker keeps the login of Docker Hub."""

_HUB_HOSTS = ("index.docker.io", "docker.io", "registry-1.docker.io", "registry.hub.docker.com")
_HUB_API = "registry-1.docker.io"
_SCHEMES = ("", "https://", "http://")
_PATHS = ("", "/", "/v1", "/v1/", "/v2", "/v2/")
_LABEL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


class Server:
    """A registry, as it was named. A value: two servers are equal when they are the same registry.

    Made by :meth:`parse`; the attributes are not to be changed.

    Attributes:
        typed: What was given, safe to be shown.
        name: Host and port as they were given: what docker calls the registry on standard output.
        key: The key that docker writes to config.json and hands to credential helpers.
        host: The host that the requests go to: lower case, ASCII (an A-label for an international name), an IPv6
        address
            without brackets.
        port: The port, or ``None`` where none was given.
        is_docker_hub: Whether this is Docker Hub, under any of its names.
        plain_http: Whether the caller allows plain HTTP to it (``--plain-http``).

    """

    __slots__ = ("host", "is_docker_hub", "key", "name", "plain_http", "port", "typed")

    typed: str
    name: str
    key: str
    host: str
    port: int | None
    is_docker_hub: bool
    plain_http: bool

    def __init__(self, *, typed: str, key: str, host: str, port: int | None, plain_http: bool) -> None:
        self.is_docker_hub = port in (None, 443) and host in _HUB_HOSTS
        self.typed = typed
        self.name = key
        self.key = DOCKER_HUB if self.is_docker_hub else key
        self.host = _HUB_API if self.is_docker_hub else host
        self.port = None if self.is_docker_hub else port
        self.plain_http = plain_http

    @classmethod
    def parse(cls, text: str | None = None, *, plain_http: bool = False) -> Server:
        """The registry that ``text`` names.

        Args:
            text: A host with or without port, scheme and path; IPv6 with or without brackets. ``None`` and ``""`` mean
                Docker Hub. A scheme and a path are dropped, as docker drops them: ``http://`` is no consent to plain
                HTTP.
            plain_http: The user's consent to plain HTTP.

        Raises:
            BadServer: User name or password before an ``@``, spaces, control characters, no host, a port that is none,
                a query, a fragment, another scheme than ``http`` and ``https``. A password in it is not repeated.
            TypeError: ``text`` is not text.

        """
        if text is not None and not isinstance(text, str):
            raise TypeError(f"a server is a str, a dockpass.Server or None, and not {type(text).__name__}")
        if not text:
            return cls(typed="docker.io", key=DOCKER_HUB, host=_HUB_API, port=None, plain_http=plain_http)
        scheme, authority, _path = _split(text)
        written, host, port = _authority(authority, bare=not scheme)
        return cls(typed=text, key=written, host=host, port=port, plain_http=plain_http)

    @property
    def is_loopback(self) -> bool:
        """Whether the name is ``localhost`` or a loopback address literally; no name is resolved."""
        return self.host in ("localhost", "::1") or (self.host.startswith("127.") and _is_ipv4(self.host))

    def origin(self, scheme: str = "https") -> Origin:
        """Where the registry's API is: ``scheme``, host and port (443 or 80 where none was given)."""
        from dockpass.http.address import Origin

        return Origin(scheme, self.host, self.port or (443 if scheme == "https" else 80))

    @property
    def aliases(self) -> tuple[str, ...]:
        """The other keys under which tools keep this registry's login, the likeliest first; not :attr:`key`."""
        if self.is_docker_hub:
            hosts: tuple[str, ...] = _HUB_HOSTS
        else:
            host = self.key.lower()
            hosts = (self.key,) if host == self.key else (self.key, host)
        spellings = [scheme + host + path for path in _PATHS for scheme in _SCHEMES for host in hosts]
        return tuple(spelling for spelling in spellings if spelling != self.key)

    def covers(self, key: str) -> bool:
        """Whether ``key``, as found in a config file or a store, means this registry.

        A key with a path other than ``/v1/`` and ``/v2/`` means something else: podman keeps logins of a namespace so,
        and docker the tokens of its browser login.
        """
        if key == self.key:
            return True
        scheme, separator, rest = key.partition("://")
        if not separator:
            scheme, rest = "", key
        if scheme.lower() not in ("", "http", "https"):
            return False
        host, slash, path = rest.partition("/")
        if slash + path not in _PATHS:
            return False
        try:
            found = Server.parse(host)
        except BadServer:
            return False
        return bool(host) and found == self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Server):
            return NotImplemented
        return (self.host, self.port) == (other.host, other.port)

    def __hash__(self) -> int:
        return hash((self.host, self.port))

    def __str__(self) -> str:
        return self.key

    def __repr__(self) -> str:
        return f"Server.parse({self.typed!r})"


def _split(text: str) -> tuple[str, str, str]:
    """Scheme, authority and path of what was typed, after refusing what no server address may hold."""
    if "@" in text:
        raise BadServer(
            "the server address holds a user name or password (before the @)",
            "give the user name with -u and the password with --password-stdin",
        )
    for character in text:
        if character.isspace() or not character.isprintable():
            raise BadServer(
                f"the server address holds a space or a control character: {text!a}",
                "a server is a host name with an optional port, such as registry.example.com:5000",
            )
    if "?" in text or "#" in text:
        part = "query" if "?" in text else "fragment"
        raise BadServer(f"the server address has a {part}: {text}", "leave out everything from the ? or # on")
    if "\\" in text or "%" in text:
        raise BadServer(
            f"the server address holds a character that no host name has: {text}",
            "a server is a host name with an optional port, such as registry.example.com:5000",
        )
    scheme, separator, rest = text.partition("://")
    if not separator:
        if text.lower().startswith(("http:/", "https:/", "http//", "https//")):
            raise BadServer(f"the scheme is mistyped: {text}", "leave it out: registries are reached by https")
        scheme, rest = "", text
    elif scheme.lower() not in ("http", "https"):
        raise BadServer(
            f"a registry is not spoken to by {scheme or 'an empty scheme'}://: {text}",
            "leave the scheme out: registries are reached by https",
        )
    authority, slash, path = rest.partition("/")
    if not authority:
        raise BadServer(f"the server address has no host: {text}", "give a host name, such as registry.example.com")
    return scheme, authority, slash + path


def _authority(text: str, *, bare: bool) -> tuple[str, str, int | None]:
    """The key, the host and the port of ``host``, ``host:port``, ``[v6]``, ``[v6]:port`` or a bare IPv6 address."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise BadServer(f"the brackets of the IPv6 address do not match: {text}", "write [::1] or [::1]:5000")
        if not _is_ipv6(host):
            raise BadServer(f"not an IPv6 address: [{host}]", "write [::1] or [::1]:5000; a zone cannot be given")
        port = _port(rest[1:], text) if rest else None
        return _key(f"[{host}]", port), host.lower(), port
    if text.count(":") > 1:
        return _bare_ipv6(text, bare=bare)
    host, colon, digits = text.partition(":")
    if not host:
        raise BadServer(f"the server address has no host: {text}", "give a host name, such as registry.example.com")
    port = _port(digits, text) if colon else None
    host = host.removesuffix(".")
    ascii_host = _ascii(host)
    return _key(host if host.isascii() else ascii_host, port), ascii_host.lower(), port


def _bare_ipv6(text: str, *, bare: bool) -> tuple[str, str, int | None]:
    address, _colon, last = text.rpartition(":")
    may_be_port = len(last) > 1 and last.isdecimal() and _is_ipv6(address)
    if may_be_port and not bare:
        # As docker reads a URL: the last group is the port.
        port = _port(last, text)
        return _key(f"[{address}]", port), address.lower(), port
    if may_be_port:
        raise BadServer(
            f"is {last} a port, or part of the IPv6 address? {text}", f"write [{address}]:{last} or [{text}]"
        )
    if not _is_ipv6(text):
        raise BadServer(f"more than one colon, but not an IPv6 address: {text}", "write host:port, or [address]:port")
    return f"[{text}]", text.lower(), None


def _key(host: str, port: int | None) -> str:
    return host if port is None else f"{host}:{port}"


def _port(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 5 or not 0 < int(digits) < 65536:
        raise BadServer(f"the port is not a number from 1 to 65535: {text}", "write it as in registry.example.com:5000")
    return int(digits)


def _ascii(host: str) -> str:
    """The host in ASCII: itself, or the A-labels of an international name (IDNA 2008, RFC 5891)."""
    international = not host.isascii()
    if international:
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise BadServer(
                f"not a valid international host name: {host!a}", "check the spelling, or give its xn-- form"
            ) from None
    labels = host.lower().split(".")
    for label in labels:
        if not label or len(label) > 63 or not _LABEL.issuperset(label) or label[0] == "-" or label[-1] == "-":
            raise BadServer(
                f"not a host name: {host}",
                "a server is a host name with an optional port, such as registry.example.com",
            )
    if len(host) > 253:
        raise BadServer("the host name is longer than 253 characters", "check what you pasted")
    # Digits of another script are nobody's way to write an address.
    if _looks_numeric(labels[-1]) and (international or not _is_ipv4(host)):
        raise BadServer(
            f"not an IPv4 address in the usual form: {host}", "write four numbers from 0 to 255, such as 192.0.2.1"
        )
    return host


def _looks_numeric(label: str) -> bool:
    """Whether system resolvers would read a name with this last label as a number."""
    return label.isdecimal() or (label.startswith("0x") and all(digit in "0123456789abcdef" for digit in label[2:]))


def _is_ipv4(host: str) -> bool:
    parts = host.split(".")
    return (
        len(parts) == 4
        and all(
            part.isascii() and part.isdecimal() and str(int(part)) == part and int(part) < 256 for part in parts if part
        )
        and all(parts)
    )


def _is_ipv6(host: str) -> bool:
    """RFC 4291 2.2, without a zone."""
    import _socket as socket

    try:
        socket.inet_pton(socket.AF_INET6, host)
    except (OSError, UnicodeEncodeError):
        return False
    return True
