"""Whether a port on this machine speaks TLS, found out without loading TLS.

A registry on loopback may speak either. docker tries TLS first and then plain HTTP; that costs the import of ``ssl``,
15 ms, for the common plain case. This sends the beginning of a TLS conversation as fixed bytes and looks at the first
byte of the answer. Nothing secret is in it, and it decides nothing but which way a loopback registry is spoken to.
"""

from __future__ import annotations

from dockpass.errors import TimedOut
from dockpass.http.address import Origin, resolve
from dockpass.http.dial import tcp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.deadline import Deadline

_ALERT, _HANDSHAKE = 0x15, 0x16
_PATIENCE = 2.0


def _block(size: int, *parts: bytes) -> bytes:
    """TLS presentation language: a vector with its length in ``size`` bytes before it."""
    content = b"".join(parts)
    return len(content).to_bytes(size, "big") + content


def _extension(number: int, content: bytes) -> bytes:
    return number.to_bytes(2, "big") + _block(2, content)


def _client_hello() -> bytes:
    """A TLS 1.2 ClientHello; a server that speaks only 1.3 answers it with an alert, which says as much.

    The "random" holds line ends, so that a server that reads lines does not wait for the end of one.

    Reference: https://www.rfc-editor.org/rfc/rfc5246#section-7.4.1.2
    """
    version = b"\x03\x03"
    random = b"\r\n\r\n" * 8
    ciphers = bytes.fromhex("c02bc02cc02fc030cca9cca8c009c00ac013c014009c009d002f003500ff")
    groups = _extension(0x000A, _block(2, bytes.fromhex("001d00170018")))
    points = _extension(0x000B, _block(1, b"\x00"))
    signatures = _extension(0x000D, _block(2, bytes.fromhex("040308040401050308050501080606010807")))
    hello = (
        version + random + _block(1) + _block(2, ciphers) + _block(1, b"\x00") + _block(2, groups, points, signatures)
    )
    return b"\x16\x03\x01" + _block(2, b"\x01", _block(3, hello))


CLIENT_HELLO = _client_hello()


def speaks_tls(origin_host: str, port: int, deadline: Deadline) -> bool:
    """Whether what listens at ``port`` answers TLS. For registries on loopback only.

    A server that says nothing for two seconds, or closes, does not.

    Raises:
        Unreachable: Nothing listens there, or it cannot be connected to.
        TimedOut: The deadline has passed.

    """
    origin = Origin("http", origin_host, port)
    try:
        wire, _address = tcp(resolve(origin_host, port, deadline), deadline)
    except OSError as error:
        from dockpass.http.trouble import unreachable

        raise unreachable(f"cannot connect to {origin.label}", error, deadline) from None
    try:
        wire.deadline = deadline.within(_PATIENCE)
        wire.send(CLIENT_HELLO)
        first = wire.recv(1)
    except TimeoutError:
        if deadline.left() <= 0:
            raise TimedOut(
                f"{origin.label} did not answer within {deadline.seconds:g} s",
                f"try again; the server is slow{deadline.longer}",
            ) from None
        return False
    except OSError:
        return False
    finally:
        wire.close()
    return first != b"" and first[0] in (_ALERT, _HANDSHAKE)
