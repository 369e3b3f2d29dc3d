"""From when until when a certificate is valid, read from the certificate of a server that was refused for it.

Only for what is shown to the user: nothing is decided by it.

Reference: https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5
"""

from __future__ import annotations

_SEQUENCE, _VERSION = 0x30, 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18


def validity(certificate: bytes) -> tuple[str, str] | None:
    """The first and the last moment in which a certificate is valid, as ``2026-11-26 22:00:00 UTC``.

    Args:
        certificate: In DER form.

    Returns:
        ``None`` if they cannot be read.

    """
    try:
        body = _content(_content(certificate, _SEQUENCE)[0], _SEQUENCE)[0]
        if body[0] == _VERSION:
            body = _skip(body)
        for _ in ("serial number", "signature", "issuer"):
            body = _skip(body)
        times = _content(body, _SEQUENCE)[0]
        return _moment(times), _moment(_skip(times))
    except (IndexError, ValueError):
        return None


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
