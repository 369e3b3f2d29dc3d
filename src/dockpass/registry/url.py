"""The one strict reader of the addresses that registries send: realms and redirects.

Two readers of URLs that disagree are an attack: one checks ``good.example``, the other connects to ``evil.example``.
Here the text is read once, into an origin and a target, and the transport connects to that origin. Nothing is repaired.
Spaces, backslashes, user names, fragments, unusual spellings of IP addresses and everything outside ASCII are refused.

Reference: https://www.rfc-editor.org/rfc/rfc3986
"""

from __future__ import annotations

from dockpass.http.address import Origin

_LONGEST = 8192
_PORTS = {"https": 443, "http": 80}
_LABEL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
_TARGET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:@/?[]")


class BadURL(ValueError):
    """An address that is not read. Its text says why, and holds no part of the address."""


def read(text: str) -> tuple[Origin, str]:
    """The origin, and the path with the query, of an absolute ``https`` or ``http`` address.

    Raises:
        BadURL: It is anything else.

    """
    _characters(text)
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _PORTS:
        raise BadURL("it is no https:// address")
    end = min((place for place in (rest.find("/"), rest.find("?")) if place >= 0), default=len(rest))
    authority, target = rest[:end], rest[end:]
    if "@" in authority:
        raise BadURL("it holds a user name or a password")
    host, port = _authority(authority)
    return Origin(scheme, host, _PORTS[scheme] if port is None else port), target if target[:1] == "/" else "/" + target


def resolve(text: str, base: Origin) -> tuple[Origin, str]:
    """As :func:`read`; and a path that begins with one ``/`` is a place at ``base``.

    Raises:
        BadURL: It is neither.

    """
    if text[:1] == "/" and text[:2] != "//":
        _characters(text)
        return base, text
    return read(text)


def is_address(host: str) -> bool:
    """Whether a host that :func:`read` returned is an IP address rather than a name."""
    return ":" in host or host.rpartition(".")[2].isdecimal()


def _characters(text: str) -> None:
    if len(text) > _LONGEST:
        raise BadURL("it is too long")
    for character in text:
        if character not in _TARGET:
            raise BadURL(_why(character))


def _why(character: str) -> str:
    if character == "\\":
        return "it holds a backslash"
    if character == "#":
        return "it has a fragment"
    if character == " ":
        return "it holds a space"
    if character < " " or character == "\x7f":
        return "it holds a control character"
    if not character.isascii():
        return "it holds a character outside ASCII"
    return "it holds a character that no address has"


def _authority(text: str) -> tuple[str, int | None]:
    if text[:1] == "[":
        inner, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and rest[0] != ":"):
            raise BadURL("its brackets do not match")
        return _ipv6(inner), _port(rest[1:]) if rest else None
    host, colon, digits = text.partition(":")
    return _name(host), _port(digits) if colon else None


def _port(digits: str) -> int:
    # No leading zeros and no empty port: two readers could differ on those.
    if not digits.isdecimal() or len(digits) > 5 or digits[0] == "0" or int(digits) > 65535:
        raise BadURL("its port is not a number from 1 to 65535")
    return int(digits)


def _ipv6(text: str) -> str:
    import _socket as socket

    try:
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, text))
    except OSError:
        raise BadURL("it holds no IPv6 address in its brackets") from None


def _name(text: str) -> str:
    host = text.lower().removesuffix(".")
    if not host:
        raise BadURL("it has no host")
    labels = host.split(".")
    if len(host) > 253 or not all(map(_is_label, labels)):
        raise BadURL("its host is not a host name")
    if _is_number(labels[-1]) and not (len(labels) == 4 and all(map(_is_octet, labels))):
        raise BadURL("its host is an IP address in an unusual spelling")
    return host


def _is_label(label: str) -> bool:
    return 0 < len(label) < 64 and _LABEL.issuperset(label) and label[0] != "-" and label[-1] != "-"


def _is_number(label: str) -> bool:
    """Whether the system's resolver would take a name that ends so for an IPv4 address."""
    return label.isdecimal() or (label[:2] == "0x" and all(digit in "0123456789abcdef" for digit in label[2:]))


def _is_octet(label: str) -> bool:
    return label.isdecimal() and len(label) < 4 and str(int(label)) == label and int(label) < 256
