"""How docker's helpers for macOS and Windows take a server apart, and how it is put together again.

They read it as a URL by the rules of Go, and what they keep is its parts; so some spellings fall together. Here each
entry has one spelling, with or without ``https://`` before it, and whatever would come back as another server is no
server that such a store can keep.

Reference: https://github.com/docker/docker-credential-helpers/blob/master/registryurl/parse.go
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import BadServer

_SAFE_IN_PATHS = "/$&+,:;=@!'()*~[]"


class Address:
    """The parts of a server. A value.

    Args:
        scheme: ``"http"``, ``"https"``, or ``""`` where none was given, which is taken for https.
        host: Without brackets, in the case that it was given in.
        port: As it was given; ``""`` for none.
        path: Decoded, from its slash; ``""`` for none.

    """

    __slots__ = ("host", "path", "port", "scheme")

    def __init__(self, scheme: str, host: str, port: str = "", path: str = "") -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash(self.parts())

    def __repr__(self) -> str:
        return f"Address{self.parts()!r}"

    def parts(self) -> tuple[str, str, str, str]:
        """All four, in the order in which they are given."""
        return self.scheme, self.host, self.port, self.path


def split(server: str) -> Address:
    """The parts of ``server``. The query, the fragment and the user are dropped.

    Raises:
        BadServer: Docker's helpers would refuse it.

    """
    if any(character < " " or character == "\x7f" for character in server):
        raise _bad(server, "it holds a control character")
    text = server.partition("#")[0].partition("?")[0]
    scheme, separator, rest = text.partition("://")
    if separator:
        scheme = scheme.lower()
        if scheme not in ("http", "https"):
            raise _bad(server, f"the scheme {scheme!r} is not one of a registry")
    else:
        scheme, rest = "", text.removeprefix("//")
    authority, slash, path = rest.partition("/")
    host, port = _host_and_port(server, authority.rpartition("@")[2])
    return Address(scheme, host, port, _decoded(server, slash + path))


def _host_and_port(server: str, authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, bracket, after = authority[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            raise _bad(server, "its brackets are not those of an address")
        port = after[1:]
    else:
        host, colon, port = authority.rpartition(":")
        if not colon:
            host, port = authority, ""
    if not all("0" <= digit <= "9" for digit in port):
        raise _bad(server, f"{port!r} is no port")
    if not host:
        raise _bad(server, "it has no host")
    if any(character in ' "<>\\^`{|}%[]' for character in host):
        raise _bad(server, "its host holds a character that no host has")
    return host, port


def _decoded(server: str, path: str) -> str:
    if "%" not in path:
        return path
    from urllib.parse import unquote

    pieces = path.split("%")[1:]
    if any(len(piece) < 2 or any(digit not in "0123456789abcdefABCDEF" for digit in piece[:2]) for piece in pieces):
        raise _bad(server, "its path holds a % that stands for nothing")
    return unquote(path, errors="surrogateescape")


def join(address: Address) -> str:
    """The one spelling of ``address``: docker's own key where it has no path, a URL where it has one, or http."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    text = f"{host}:{address.port}" if address.port else host
    if address.path:
        from urllib.parse import quote

        text += quote(address.path, safe=_SAFE_IN_PATHS, errors="surrogateescape")
    if address.scheme == "http":
        return f"http://{text}"
    return f"https://{text}" if address.path else text


def kept(server: str) -> Address | None:
    """The parts of ``server``, https where it names no scheme; ``None`` if an entry of them would be another server's.

    ``https://h?x`` and ``user@h`` would be ``h``, ``h:0`` would be any port.
    """
    try:
        address = split(server)
        server.encode()
        address.path.encode()
    except (BadServer, UnicodeEncodeError):
        return None
    if address.port.startswith("0") or int(address.port[:6] or 1) > 65535:
        return None
    address.scheme = address.scheme or "https"
    spelling = join(address)
    return address if server in (spelling, f"https://{spelling}", spelling.removeprefix("https://")) else None


def _bad(server: str, why: str) -> BadServer:
    return BadServer(f"{clean(server, 255)!r} cannot be kept by this store: {clean(why, 128)}", "check the spelling")
