"""What a server said in its part of a TLS handshake that failed, as far as it is not encrypted.

A server that wants a client certificate and gets none breaks off a TLS 1.2 handshake with the same alert as one that
has no cipher in common. The messages before it tell them apart.

Reference: https://www.rfc-editor.org/rfc/rfc5246#section-7.4
"""

from __future__ import annotations

_HANDSHAKE = 22
_SERVER_HELLO, _CERTIFICATE_REQUEST = 2, 13


def said_hello(data: bytes) -> bool:
    """Whether the server agreed to a version and a cipher."""
    return _SERVER_HELLO in _messages(data)


def wants_certificate(data: bytes) -> bool:
    """Whether the server asked for a client certificate. With TLS 1.3 it asks encrypted, and that is not seen."""
    return _CERTIFICATE_REQUEST in _messages(data)


def _messages(data: bytes) -> list[int]:
    """The types of the handshake messages in ``data``, whole or not, up to the first record that is something else."""
    content = b""
    while len(data) >= 5 and data[0] == _HANDSHAKE:
        length = int.from_bytes(data[3:5], "big")
        content += data[5 : 5 + length]
        data = data[5 + length :]
    found = []
    while content:
        found.append(content[0])
        content = content[4 + int.from_bytes(content[1:4], "big") :]
    return found
