"""Percent-encoding, both ways.

Reference: https://www.rfc-editor.org/rfc/rfc3986#section-2.1
"""

from __future__ import annotations

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HEX = frozenset("0123456789abcdefABCDEF")


def encode(data: bytes) -> str:
    """``data`` for a query or a form: everything but letters, digits and ``-._~`` as ``%XX``."""
    return "".join(chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in data)


def decode(text: str) -> bytes:
    """The bytes that ``text`` means, with every ``%XX`` undone; a ``%`` before anything else stands for itself."""
    first, *pieces = text.split("%")
    decoded = [_bytes(first)]
    for piece in pieces:
        if len(piece) > 1 and piece[0] in _HEX and piece[1] in _HEX:
            decoded += [bytes((int(piece[:2], 16),)), _bytes(piece[2:])]
        else:
            decoded.append(_bytes("%" + piece))
    return b"".join(decoded)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
