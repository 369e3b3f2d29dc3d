"""The dates and the issuer in a certificate, with the ``cryptography`` package as the oracle."""

from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from dockpass.http.certificate import issuer, validity

KEY = ec.generate_private_key(ec.SECP256R1())
DAYS = (datetime.date.max - datetime.date(1950, 1, 2)).days
MOMENTS = st.builds(
    lambda days, seconds: at(1950) + datetime.timedelta(days, seconds), st.integers(0, DAYS), st.integers(0, 86399)
)


def at(year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0, second: int = 0) -> datetime.datetime:
    return datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)


def made(first: datetime.datetime, last: datetime.datetime, *above: x509.NameAttribute[str]) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "r.example")])
    builder = x509.CertificateBuilder(
        x509.Name(above) if above else name, name, KEY.public_key(), x509.random_serial_number(), first, last
    )
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


CERTIFICATE = made(at(2024, 2, 29, 1, 2, 3), at(2051))


def test_of_both_forms() -> None:
    assert validity(CERTIFICATE) == ("2024-02-29 01:02:03 UTC", "2051-01-01 00:00:00 UTC")


@given(MOMENTS, MOMENTS)
def test_of_any(one: datetime.datetime, other: datetime.datetime) -> None:
    first, last = sorted((one, other))
    assert validity(made(first, last)) == (f"{first:%Y-%m-%d %H:%M:%S} UTC", f"{last:%Y-%m-%d %H:%M:%S} UTC")


def test_of_the_first_version() -> None:
    """One without a version in it, as old tools made them."""
    body = content(content(CERTIFICATE))
    assert body.startswith(b"\xa0\x03\x02\x01\x02")
    assert validity(sequence(sequence(body[5:]))) == validity(CERTIFICATE)


def content(data: bytes) -> bytes:
    return data[2 + (data[1] & 0x7F if data[1] & 0x80 else 0) :]


def sequence(data: bytes) -> bytes:
    return b"\x30\x82" + len(data).to_bytes(2, "big") + data


CALLED = st.sampled_from(
    [x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATIONAL_UNIT_NAME, x509.NameOID.ORGANIZATION_NAME]
)
OTHERS = st.sampled_from([x509.NameOID.LOCALITY_NAME, x509.NameOID.STATE_OR_PROVINCE_NAME])
TEXTS = st.text(min_size=1, max_size=16)


@given(
    st.lists(st.tuples(st.one_of(CALLED, OTHERS), TEXTS), min_size=1, max_size=4, unique_by=lambda pair: pair[0]),
)
def test_of_any_issuer(pairs: list[tuple[x509.ObjectIdentifier, str]]) -> None:
    certificate = made(at(2024), at(2051), *(x509.NameAttribute(kind, text) for kind, text in pairs))
    known = dict(pairs)
    best = (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATIONAL_UNIT_NAME, x509.NameOID.ORGANIZATION_NAME)
    assert issuer(certificate) == next((known[kind] for kind in best if kind in known), "")


@pytest.mark.parametrize("kind", ["PrintableString", "T61String", "IA5String", "BMPString", "UTF8String"])
def test_of_an_issuer_in_each_kind_of_text(kind: str) -> None:
    name = x509.NameAttribute(x509.NameOID.COMMON_NAME, "Some CA", getattr(x509.name._ASN1Type, kind))
    assert issuer(made(at(2024), at(2051), name)) == "Some CA"


@given(st.binary(max_size=40))
def test_of_no_certificate(data: bytes) -> None:
    assert validity(data) is None
    assert issuer(data) == ""


@given(st.integers(0, len(CERTIFICATE) - 1), st.integers(0, 255))
def test_of_a_damaged_one(place: int, byte: int) -> None:
    found = validity(CERTIFICATE[:place] + bytes((byte,)) + CERTIFICATE[place + 1 :])
    assert found is None or all(len(moment) == 23 and moment.isascii() and moment.isprintable() for moment in found)
    assert validity(CERTIFICATE[:place]) is None
    assert isinstance(issuer(CERTIFICATE[:place] + bytes((byte,)) + CERTIFICATE[place + 1 :]), str)
