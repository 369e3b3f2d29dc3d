"""The reader of requests, and what a request says about itself."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.testing.received import BadRequest, Received, read


def _read(data: bytes) -> Received | None:
    return read(io.BytesIO(data))


def test_a_get() -> None:
    request = _read(b"GET /v2/a%20b?scope=x&scope=y&empty= HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a:  2 \r\n\r\n")
    assert request is not None
    assert (request.method, request.target) == ("GET", "/v2/a%20b?scope=x&scope=y&empty=")
    assert request.path == "/v2/a b"
    assert request.query == {"scope": ["x", "y"], "empty": [""]}
    assert request.all("x-a") == ["1", "2"]
    assert request.header("x-a") == "1"
    assert request.header("x-b") is None


def test_a_form() -> None:
    request = _read(b"POST /token HTTP/1.1\r\nContent-Length: 11\r\n\r\na=1&b=&c=%26next")
    assert request is not None
    assert request.body == b"a=1&b=&c=%2"
    request = _read(b"POST /token HTTP/1.1\r\nContent-Length: 12\r\n\r\na=1&b=&c=%26next")
    assert request is not None
    assert request.form == {"a": ["1"], "b": [""], "c": ["&"]}


def test_a_chunked_body() -> None:
    request = _read(
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"
    )
    assert request is not None
    assert request.body == b"abc0123456789"


def test_the_end_of_the_stream_is_no_request() -> None:
    assert _read(b"") is None


def test_two_requests_in_a_row() -> None:
    stream = io.BytesIO(b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.0\r\n\r\n")
    first, second, third = read(stream), read(stream), read(stream)
    assert first is not None
    assert second is not None
    assert (first.path, second.path, third) == ("/1", "/2", None)


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h",
        b"GET / HTTP/1.1\r\nX: " + b"x" * (2 << 20),
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * (1 << 18),
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n1234",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n1234",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n1234",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ],
)
def test_what_is_no_request(data: bytes) -> None:
    with pytest.raises(BadRequest):
        _read(data)


@given(st.binary())
def test_anything_else_is_no_request_and_no_crash(data: bytes) -> None:
    try:
        request = _read(data)
    except BadRequest:
        return
    assert request is None or request.method


@pytest.mark.parametrize(
    ("value", "basic", "bearer"),
    [
        ("Basic YWxpY2U6c2VjcmV0", ("alice", "secret"), None),
        ("basic w7w6cMOkOng=", ("ü", "pä:x"), None),
        ("Basic YWxpY2U=", None, None),
        ("Basic !!!", None, None),
        ("Basic /w==", None, None),
        ("Bearer abc", None, "abc"),
        ("Negotiate abc", None, None),
    ],
)
def test_credentials_are_read(value: str, basic: tuple[str, str] | None, bearer: str | None) -> None:
    request = Received("GET", "/", (("authorization", value),))
    assert (request.basic, request.bearer) == (basic, bearer)


def test_no_credentials() -> None:
    request = Received("GET", "/")
    assert (request.basic, request.bearer) == (None, None)
