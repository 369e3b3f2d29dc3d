"""What a certificate says: until when it is valid, and who issued it.

Read from the certificate of a server that was refused for it, and only for what is shown to the user: nothing is
decided by it.

Reference: https://www.rfc-editor.org/rfc/rfc5280#section-4.1
"""

from __future__ import annotations

_SEQUENCE, _SET, _OBJECT, _VERSION = 0x30, 0x31, 0x06, 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_TEXTS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
# What an issuer is called by, the best first: its common name, its unit, its organization.
_NAMES = (b"\x55\x04\x03", b"\x55\x04\x0b", b"\x55\x04\x0a")


def validity(certificate: bytes) -> tuple[str, str] | None:
    """The first and the last moment in which a certificate is valid, as ``2026-11-26 22:00:00 UTC``.

    Args:
        certificate: In DER form.

    Returns:
        ``None`` if they cannot be read.

    """
    try:
        times = _content(_skip(_from_issuer(certificate)), _SEQUENCE)[0]
        return _moment(times), _moment(_skip(times))
    except (IndexError, ValueError):
        return None


def issuer(certificate: bytes) -> str:
    """The name of who issued a certificate, as it stands there: text from outside. ``""`` if it cannot be read.

    Args:
        certificate: In DER form.

    """
    found: dict[bytes, str] = {}
    try:
        parts = _content(_from_issuer(certificate), _SEQUENCE)[0]
        while parts:
            pair, parts = _content(parts, _SET)
            kind, value = _content(_content(pair, _SEQUENCE)[0], _OBJECT)
            if kind in _NAMES and value[0] in _TEXTS:
                found[kind] = _content(value, value[0])[0].decode(_TEXTS[value[0]])
    except (IndexError, ValueError):
        return ""
    return next((found[kind] for kind in _NAMES if kind in found), "")


def _from_issuer(certificate: bytes) -> bytes:
    """The part that begins with the issuer's name, behind which the dates stand."""
    body = _content(_content(certificate, _SEQUENCE)[0], _SEQUENCE)[0]
    if body[0] == _VERSION:
        body = _skip(body)
    for _ in ("serial number", "signature"):
        body = _skip(body)
    return body


def _content(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the first element, and what comes after it."""
    if data[0] != tag:
        raise ValueError
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        raise ValueError
    return data[start : start + length], data[start + length :]


def _skip(data: bytes) -> bytes:
    return _content(data, data[0])[1]


def _moment(data: bytes) -> str:
    digits = _content(data, data[0])[0]
    if data[0] == _UTC_TIME:
        digits = (b"19" if digits[:2] >= b"50" else b"20") + digits
    elif data[0] != _GENERALIZED_TIME:
        raise ValueError
    if len(digits) != 15 or not digits[:14].isdigit() or digits[14:] != b"Z":
        raise ValueError
    text = digits.decode("ascii")
    return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}:{text[12:14]} UTC"
