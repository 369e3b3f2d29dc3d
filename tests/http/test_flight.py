"""What can be seen of a server's part of a handshake."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.http.flight import said_hello, wants_certificate

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def flight(authority: Any) -> Callable[..., bytes]:
    """What OpenSSL as a server says to OpenSSL as a client."""

    def say(version: ssl.TLSVersion, *, asks: bool) -> bytes:
        server = authority.context()
        server.minimum_version = server.maximum_version = version
        server.verify_mode = ssl.CERT_OPTIONAL if asks else ssl.CERT_NONE
        server.load_verify_locations(authority.file)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        with pytest.raises(ssl.SSLWantReadError):
            client.wrap_bio(to_client, to_server, server_hostname="localhost").do_handshake()
        with pytest.raises(ssl.SSLWantReadError):
            server.wrap_bio(to_server, to_client, server_side=True).do_handshake()
        return to_client.read()

    return say


def test_the_wish_for_a_certificate_is_seen(flight: Callable[..., bytes]) -> None:
    asking = flight(ssl.TLSVersion.TLSv1_2, asks=True)
    silent = flight(ssl.TLSVersion.TLSv1_2, asks=False)
    assert (said_hello(asking), wants_certificate(asking)) == (True, True)
    assert (said_hello(silent), wants_certificate(silent)) == (True, False)


def test_it_is_seen_however_it_is_cut_into_records(flight: Callable[..., bytes]) -> None:
    content = b""
    data = flight(ssl.TLSVersion.TLSv1_2, asks=True)
    while data:
        length = int.from_bytes(data[3:5], "big")
        content, data = content + data[5 : 5 + length], data[5 + length :]
    records = [b"\x16\x03\x03\0\1" + content[at : at + 1] for at in range(len(content))]
    assert wants_certificate(b"".join(records))


def test_what_is_encrypted_is_not_seen(flight: Callable[..., bytes]) -> None:
    data = flight(ssl.TLSVersion.TLSv1_3, asks=True)
    assert (said_hello(data), wants_certificate(data)) == (True, False)


@pytest.mark.parametrize("data", [b"", b"\x15\x03\x03\0\2\2\x28", b"HTTP/1.1 400 Bad Request\r\n", b"\x16\x03"])
def test_no_hello(data: bytes) -> None:
    assert (said_hello(data), wants_certificate(data)) == (False, False)


@given(st.one_of(st.binary(), st.lists(st.binary(max_size=9)).map(b"\x16\x03\x03\0\x09".join)))
def test_any_bytes_are_looked_at(data: bytes) -> None:
    assert said_hello(data) in (True, False)
    assert wants_certificate(data) in (True, False)
