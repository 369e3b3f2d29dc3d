"""Which hosts are reached without a proxy: loopback always, and what NO_PROXY names, by Go's rules.

Reference: https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
"""

from __future__ import annotations

_BRACKETS = frozenset("[]")
_V4_IN_V6 = bytes(10) + b"\xff\xff"


def is_exempt(host: str, port: int, exceptions: str) -> bool:
    """Whether ``host`` is reached without a proxy.

    Args:
        host: A name in ASCII, or an IP literal without brackets.
        port: Of the request.
        exceptions: The value of ``NO_PROXY``. What is no entry in it is passed over, as in Go.

    """
    host = host.lower().removesuffix(".")
    ip = packed(host)
    if host == "localhost" or (ip is not None and _is_loopback(ip)):
        return True
    return any(_matches(entry.strip().lower(), host, ip, port) for entry in exceptions.split(","))


def _matches(entry: str, host: str, ip: bytes | None, port: int) -> bool:
    """Whether one entry of NO_PROXY means ``host``."""
    if entry == "*":
        return True
    network = _network(entry)
    if network is not None:
        return ip is not None and _contains(network, ip)
    name, wanted = _split_port(entry)
    if not name or wanted not in ("", str(port)):
        return False
    address = packed(name)
    if address is not None:
        return address == ip
    # Also of an address, as in Go: ".2.1" means 192.0.2.1, too.
    name = _ascii(name[1:] if name.startswith("*.") else name)
    if name.startswith("."):
        return host.endswith(name)
    return host == name or host.endswith("." + name)


def _split_port(entry: str) -> tuple[str, str]:
    """``host`` and ``port`` of ``host:port`` and ``[host]:port``; whatever has another form is all host.

    Reference: https://pkg.go.dev/net#SplitHostPort
    """
    host, colon, port = entry.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        return entry, ""
    if not colon or not _BRACKETS.isdisjoint(host + port):
        return entry, ""
    return host, port


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    import idna

    dot = "." if name.startswith(".") else ""
    try:
        return dot + idna.encode(name.removeprefix("."), uts46=True).decode("ascii")
    except idna.IDNAError:
        return name


def packed(host: str) -> bytes | None:
    """4 or 16 bytes of an IP literal; ``None`` for a name. IPv4 in the guise of IPv6 is IPv4."""
    import _socket as socket

    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            packed = socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return packed.removeprefix(_V4_IN_V6) if len(packed) == 16 else packed
    return None


def _is_loopback(ip: bytes) -> bool:
    return ip[0] == 127 if len(ip) == 4 else ip == bytes(15) + b"\x01"


def _network(entry: str) -> tuple[bytes, int] | None:
    """Address and prefix length of ``10.0.0.0/8``; ``None`` if the entry is no such thing."""
    address, _slash, digits = entry.partition("/")
    ip = packed(address)
    if ip is None or not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        return None
    length = int(digits)
    if len(ip) == 4 and ":" in address:  # IPv4 in the guise of IPv6, whose prefix is counted in that guise
        return (ip, length - 96) if 96 <= length <= 128 else None
    return (ip, length) if length <= len(ip) * 8 else None


def _contains(network: tuple[bytes, int], ip: bytes) -> bool:
    address, length = network
    if len(address) != len(ip):
        return False
    shift = len(ip) * 8 - length
    return int.from_bytes(address, "big") >> shift == int.from_bytes(ip, "big") >> shift
