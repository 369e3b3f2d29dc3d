"""Percent-encoding."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from dockpass.registry.percent import decode, encode


def test_what_a_query_would_split_at_is_encoded() -> None:
    assert encode(b"a&b=c#d +%\xc3\xbc~") == "a%26b%3Dc%23d%20%2B%25%C3%BC~"


@given(st.binary())
def test_comes_back(data: bytes) -> None:
    encoded = encode(data)
    assert encoded.isascii()
    assert decode(encoded) == data
    assert unquote_to_bytes(encoded) == data
    if data:
        assert parse_qs(f"a={encoded}", encoding="latin-1")["a"] == [data.decode("latin-1")]


@given(st.text(alphabet=st.sampled_from("%aAfFgG09 \xfc+")))
def test_decodes_as_the_standard_library_does(text: str) -> None:
    assert decode(text) == unquote_to_bytes(text)
