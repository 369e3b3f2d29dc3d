"""The reader of responses against two others: what it accepts they accept, and read in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11
import httptools
from hypothesis import event, example, find, given, settings
from hypothesis import strategies as st

from dockpass.errors import ProtocolError
from dockpass.http.message import Response, read

if TYPE_CHECKING:
    from collections.abc import Callable

Reading = tuple[int, list[tuple[str, str]], bytes]

LIMIT = 4096
FRAMING = ("content-length", "transfer-encoding")


def feed(data: bytes, size: int) -> Callable[[int], bytes]:
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    return lambda _most: next(pieces, b"")


def ours(data: bytes, size: int = 65536) -> tuple[Response, bool] | None:
    try:
        return read(feed(data, size), "GET", "reg.example", limit=LIMIT)
    except ProtocolError as error:
        assert error.message.isprintable()
        return None


def comparable(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    # h11 rewrites the framing headers; how they were understood shows in the body.
    return [(name, value) for name, value in headers if name not in FRAMING]


class Httptools:
    def __init__(self) -> None:
        self.complete = False
        self.on_message_begin()

    def on_message_begin(self) -> None:
        self.headers: list[tuple[str, str]] = []
        self.body = b""
        self.trailers = False

    def on_headers_complete(self) -> None:
        self.trailers = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.trailers:
            self.headers.append((name.decode().lower(), value.decode("latin-1").strip(" \t")))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True

    def read(self, data: bytes) -> Reading:
        parser = httptools.HttpResponseParser(self)
        parser.feed_data(data)
        return parser.get_status_code(), comparable(self.headers), self.body


def with_h11(data: bytes) -> Reading:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "reg.example")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    connection.receive_data(b"")
    head, body = None, b""
    while True:
        found = connection.next_event()
        if isinstance(found, h11.Response):
            head = found
        elif isinstance(found, h11.Data):
            body += bytes(found.data)
        elif isinstance(found, h11.EndOfMessage):
            break
        else:
            assert isinstance(found, h11.InformationalResponse), found
    assert head is not None
    headers = [(name.decode(), value.decode("latin-1")) for name, value in head.headers]
    return head.status_code, comparable(headers), body


def check(data: bytes) -> Response | None:
    """All that must hold for ``data``."""
    read_ours = ours(data)
    if read_ours is None:
        event("refused")
        return None
    response, _keep = read_ours
    event(f"accepted, complete: {response.complete}")
    if not response.complete:
        return response
    lengths = [value for name, value in response.headers if name == "content-length"]
    mine = (response.status, comparable(list(response.headers)), response.body)
    assert with_h11(data) == mine
    if len(lengths) < 2:  # httptools refuses a repeated length even if it is the same
        assert Httptools().read(data) == mine
    return response


LINE_END = st.sampled_from([b"\r\n"] * 60 + [b"\n", b"\r", b"\r\r\n", b"\0\r\n"])
STATUS = st.sampled_from(
    [b"HTTP/1.1 200 OK"] * 8
    + [b"HTTP/1.0 200 OK", b"HTTP/1.1 204 No", b"HTTP/1.1 304 No", b"HTTP/1.1 401 U", b"HTTP/1.1 200", b"HTTP/1.1 302 "]
    + [b"HTTP/1.1 100 C", b"HTTP/1.1 2\xc4\xb2 X", b"HTTP/1.1 201 \xff\t", b"HTTP/2.0 200 OK", b"HTTP/1.1 999 X"]
)
VALUE = st.sampled_from([b"", b"x", b" ", b"\t", b"a, b", b'"q"', b"\xff\x80", b"a:b", b"close"] * 3 + [b"\x01"])
PLAIN = st.builds(
    lambda name, gap, value: name + b":" + gap + value,
    st.sampled_from([b"X", b"x-y", b"Date", b"!#$"] * 4 + [b"Connection", b"connection", b"X ", b" X", b"X\xff"]),
    st.sampled_from([b"", b" ", b"\t", b"  "]),
    VALUE,
)
LENGTH = st.sampled_from(
    [b"Content-Length: 5"] * 4
    + [b"content-length:5", b"Content-Length: 05", b"Content-Length: \t5 ", b"Content-Length: 5\r\nContent-Length: 5"]
    + [
        b"Content-Length: 0",
        b"Content-Length: 5, 5",
        b"Content-Length: +5",
        b"Content-Length : 5",
        b"Content-Length: 6",
    ]
)
CODING = st.sampled_from(
    [b"Transfer-Encoding: chunked"] * 4
    + [b"TRANSFER-ENCODING: CHUNKED", b"Transfer-Encoding:\tchunked\t", b"Transfer-Encoding: chunked, chunked"]
    + [b"Transfer-Encoding: identity", b"Transfer-Encoding: xchunked"]
)
CHUNKED = st.builds(
    lambda chunks, trailers: b"".join([*chunks, b"0\r\n", *trailers, b"\r\n"]),
    st.lists(
        st.sampled_from(
            [
                b"5\r\nhello\r\n",
                b"05\r\nhello\r\n",
                b"a\r\n0123456789\r\n",
                b"A\r\n0123456789\r\n",
                b"1;a=b\r\nx\r\n",
                b"1;a\r\nx\r\n",
                b"1;a;b=c\r\nx\r\n",
                b"1 \r\nx\r\n",
                b"1\nx\r\n",
                b"2\r\nx\r\n",
                b"-1\r\n",
                b"1;a=\r\nx\r\n",
            ]
        ),
        max_size=3,
    ),
    st.lists(st.sampled_from([b"X: y\r\n", b"X\r\n", b" x: y\r\n", b"Content-Length: 7\r\n"]), max_size=2),
)
SHAPE = st.one_of(
    st.tuples(LENGTH, st.just(b"hello")),
    st.tuples(CODING, CHUNKED),
    st.tuples(st.just(b"Connection: close"), st.binary(max_size=8)),
    st.tuples(st.just(b"Connection: x, Close"), st.just(b"a" * (LIMIT + 1))),
    # What does not belong together:
    st.tuples(
        st.tuples(LENGTH, CODING).map(b"\r\n".join) | LENGTH | CODING | st.just(b"Content-Encoding: identity"),
        st.just(b"hello") | CHUNKED | st.binary(max_size=8),
    ),
)


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    """Answers that are mostly right, and sometimes wrong in one of the ways that parsers differ in."""
    data = b""
    if draw(st.integers(0, 5)) == 0:
        data = b"HTTP/1.1 103 C\r\nLink: x\r\n\r\n" * draw(st.integers(1, 2))
    frame, body = draw(SHAPE)
    lines = [draw(STATUS), *draw(st.lists(PLAIN, max_size=2)), frame, *draw(st.lists(PLAIN, max_size=1))]
    for line in lines:
        data += line + draw(LINE_END)
    return data + b"\r\n" + body


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """An answer with one byte changed, removed or added."""
    data = draw(responses())
    position = draw(st.integers(0, len(data)))
    byte = draw(
        st.sampled_from([b"\0", b"\r", b"\n", b" ", b"\t", b":", b",", b"0", b"9", b"f", b";", b"=", b"\xff", b""])
    )
    return data[:position] + byte + data[position + draw(st.integers(0, 1)) :]


@settings(max_examples=1000)
@given(responses())
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello")
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b;c\r\nx\r\n0\r\nX: y\r\n\r\n")
@example(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")
@example(b"HTTP/1.0 200 OK\r\n\r\nhello")
@example(b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200\r\nX:\xff\r\nContent-Length:5\r\n\r\nhello")
def test_what_is_accepted_others_accept_and_read_the_same(data: bytes) -> None:
    check(data)


@settings(max_examples=1000)
@given(damaged())
def test_also_when_a_byte_is_damaged(data: bytes) -> None:
    check(data)


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=100).map(lambda tail: b"HTTP/1.1 200 OK\r\n" + tail)))
def test_garbage_is_an_error_and_nothing_worse(data: bytes) -> None:
    check(data)


@settings(max_examples=300)
@given(responses(), st.integers(1, 7))
def test_pieces_make_no_difference(data: bytes, size: int) -> None:
    whole, pieces = ours(data), ours(data, size)
    if whole is None and pieces is not None:
        # Only one thing is seen in one piece and not in several: that more bytes came with the end.
        used = next(end for end in range(len(data) + 1) if ours(data[:end]) is not None)
        assert used < len(data)
        whole = ours(data[:used])
    assert (whole is None) == (pieces is None)
    if whole is not None and pieces is not None:
        for name in Response.__slots__:
            assert getattr(whole[0], name) == getattr(pieces[0], name)
        assert whole[1] == pieces[1]


def test_the_generator_makes_enough_that_is_accepted() -> None:
    # Else the tests above would say little.
    chosen = settings(max_examples=5000, derandomize=True, database=None)
    for wanted in (
        lambda data, response, _keep: response.body == b"hello" and b"chunked" in data,
        lambda _data, response, keep: response.body == b"hello" and not keep,
        lambda _data, response, _keep: not response.complete,
        lambda data, _response, _keep: data.count(b"HTTP/1.1") > 1,
    ):

        def is_wanted(data: bytes, wanted: Callable[[bytes, Response, bool], bool] = wanted) -> bool:
            read_ours = ours(data)
            return read_ours is not None and wanted(data, *read_ours)

        assert find(responses(), is_wanted, settings=chosen)
