"""Which network addresses a request may go to, judged by the number that a name resolved to.

A registry names the host of its token server. The name may be harmless and its address not: the cloud's metadata
service, a program on this very machine, something inside the company. So the transport asks again, with the number in
hand, before it connects.

Reference: https://www.iana.org/assignments/iana-ipv6-special-registry/
"""

from __future__ import annotations

from dockpass.registry.step import ANY, INSIDE


def allows(reach: str, kind: str, registry: str) -> bool:
    """Whether a request may go to an address.

    Args:
        reach: One of the four words of :mod:`dockpass.registry.step`.
        kind: What :func:`classify` says of the address.
        registry: What it says of the registry's address; ``""`` where that is not known, as behind a proxy.

    """
    if reach == ANY or kind == "public":
        return True
    return kind in ("private", "loopback") and (reach == INSIDE or kind == registry)


def classify(ip: str) -> str:
    """What kind of address a numeric IPv4 or IPv6 address is.

    Returns:
        ``"public"``, ``"private"`` (RFC 1918, carrier-grade NAT, IPv6 ULA and site-local), ``"loopback"``,
        ``"link-local"``, ``"unspecified"``, ``"multicast"`` (broadcast included), or ``"forbidden"``: the metadata
        services of clouds, and text that is no address. An IPv6 address that carries an IPv4 address inside is judged
        by that one.

    """
    import _socket as socket

    text = ip.partition("%")[0]
    try:
        if ":" in text:
            return _ipv6(socket.inet_pton(socket.AF_INET6, text))
        return _ipv4(socket.inet_pton(socket.AF_INET, text))
    except (OSError, ValueError):
        return "forbidden"


_METADATA = (
    b"\xa9\xfe\xa9\xfe",  # 169.254.169.254: nearly every cloud
    b"\xa9\xfe\xaa\x02",  # 169.254.170.2: containers on AWS
    b"\xa9\xfe\xaa\x17",  # 169.254.170.23: pods on AWS
    b"\x64\x64\x64\xc8",  # 100.100.100.200: Alibaba
    b"\xa8\x3f\x81\x10",  # 168.63.129.16: Azure
    b"\xc0\x00\x00\xc0",  # 192.0.0.192: Oracle
    b"\xfd\x00\x0e\xc2" + bytes(10) + b"\x02\x54",  # fd00:ec2::254: AWS
    b"\xfd\x00\x0e\xc2" + bytes(10) + b"\x00\x23",  # fd00:ec2::23: pods on AWS
    b"\xfd\x20\x00\xce" + bytes(10) + b"\x02\x54",  # fd20:ce::254: Google
)


def _ipv4(packed: bytes) -> str:
    first, second = packed[0], packed[1]
    if packed in _METADATA:
        return "forbidden"
    if first == 0:
        return "unspecified"  # Linux connects 0.0.0.0 to itself
    if first == 127:
        return "loopback"
    if (first, second) == (169, 254):
        return "link-local"
    if 224 <= first < 240 or packed == b"\xff\xff\xff\xff":
        return "multicast"
    private = (
        first == 10
        or (first == 172 and 16 <= second < 32)
        or (first, second) in ((192, 168), (198, 18), (198, 19))
        or (first == 100 and 64 <= second < 128)
        or packed[:3] == b"\xc0\x00\x00"
        or first >= 240
    )
    return "private" if private else "public"


_NAT64_LOCAL = b"\x00\x64\xff\x9b\x00\x01"
_INSIDE = (
    # What such an address begins with, and where in it the IPv4 address stands.
    (bytes(10) + b"\xff\xff", 12),  # ::ffff:a.b.c.d, mapped
    (bytes(8) + b"\xff\xff\x00\x00", 12),  # ::ffff:0:a.b.c.d, translated
    (b"\x00\x64\xff\x9b" + bytes(8), 12),  # 64:ff9b::a.b.c.d, NAT64
    (b"\x20\x02", 2),  # 6to4
)


def _ipv6(packed: bytes) -> str:
    if packed in _METADATA:
        return "forbidden"
    if packed == bytes(16):
        return "unspecified"
    if packed == bytes(15) + b"\x01":
        return "loopback"
    for prefix, place in (*_INSIDE, (bytes(12), 12)):
        if packed.startswith(prefix):
            return _ipv4(packed[place : place + 4])
    if packed.startswith(_NAT64_LOCAL):
        kind = _ipv4(packed[12:])
        return "private" if kind == "public" else kind
    if packed.startswith(b"\x20\x01\x00\x00"):
        return _ipv4(bytes(octet ^ 0xFF for octet in packed[12:]))  # Teredo
    if packed[0] == 0xFF:
        return "multicast"
    if packed[0] == 0xFE and packed[1] & 0xC0 == 0x80:
        return "link-local"
    if packed[0] & 0xFE == 0xFC or (packed[0] == 0xFE and packed[1] & 0xC0 == 0xC0):
        return "private"
    return "public"
