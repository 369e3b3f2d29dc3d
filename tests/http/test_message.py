"""The writer of requests and the strict reader of responses, on bytes."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass import __version__
from dockpass.errors import ProtocolError
from dockpass.http.address import Origin
from dockpass.http.message import MAX_HEAD, MAX_HEADERS, MAX_INTERIM, Request, Response, connect, read, render

if TYPE_CHECKING:
    from collections.abc import Callable

ORIGIN = Origin("https", "reg.example", 443)
OK = b"HTTP/1.1 200 OK\r\n"


def feed(data: bytes, size: int = 65536) -> Callable[[int], bytes]:
    """A recv that hands out ``data`` in pieces of at most ``size`` bytes."""
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    return lambda most: next(pieces, b"")


def answer(
    data: bytes, method: str = "GET", *, limit: int = 1000, drop: bool = False, size: int = 65536
) -> tuple[Response, bool]:
    return read(feed(data, size), method, "reg.example", limit=limit, drop_oversized=drop)


def refused(data: bytes, method: str = "GET", *, limit: int = 1000) -> str:
    with pytest.raises(ProtocolError) as caught:
        answer(data, method, limit=limit)
    assert "reg.example" in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.hint
    return caught.value.message


class TestRequest:
    def test_get(self) -> None:
        request = Request("GET", ORIGIN, "/v2/", (("Authorization", "Basic eDp5"), ("Accept", "*/*")))
        assert render(request) == (
            b"GET /v2/ HTTP/1.1\r\nHost: reg.example\r\nUser-Agent: dockpass/" + __version__.encode() + b"\r\n"
            b"Accept-Encoding: identity\r\nAuthorization: Basic eDp5\r\nAccept: */*\r\n\r\n"
        )

    def test_post_with_its_length(self) -> None:
        data = render(Request("POST", ORIGIN, "/token", body=b"a=b"))
        assert data.endswith(b"\r\nContent-Length: 3\r\n\r\na=b")

    def test_a_get_with_a_body_says_so(self) -> None:
        assert b"\r\nContent-Length: 1\r\n\r\na" in render(Request("GET", ORIGIN, "/", body=b"a"))
        assert b"Content-Length" not in render(Request("GET", ORIGIN, "/"))

    def test_an_empty_post_says_so(self) -> None:
        assert b"\r\nContent-Length: 0\r\n\r\n" in render(Request("POST", ORIGIN, "/token"))

    @pytest.mark.parametrize(
        ("origin", "host"),
        [
            (Origin("https", "reg.example", 5000), b"reg.example:5000"),
            (Origin("https", "reg.example", 80), b"reg.example:80"),
            (Origin("http", "reg.example", 80), b"reg.example"),
            (Origin("http", "::1", 5000), b"[::1]:5000"),
            (Origin("unix", "/run/docker.sock", 0), b"localhost"),
        ],
    )
    def test_host(self, origin: Origin, host: bytes) -> None:
        assert b"\r\nHost: " + host + b"\r\n" in render(Request("GET", origin, "/"))

    def test_to_a_proxy(self) -> None:
        request = Request("GET", Origin("http", "reg.example", 5000), "/v2/?a=b")
        data = render(request, absolute=True, proxy_authorization="Basic cDpx")
        assert data.startswith(b"GET http://reg.example:5000/v2/?a=b HTTP/1.1\r\nHost: reg.example:5000\r\n")
        assert b"\r\nProxy-Authorization: Basic cDpx\r\n" in data

    def test_for_a_tunnel(self) -> None:
        data = connect(Origin("https", "::1", 443), "Basic cDpx")
        assert data.startswith(b"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n")
        assert data.endswith(b"\r\nProxy-Authorization: Basic cDpx\r\n\r\n")
        assert b"Authorization" not in connect(ORIGIN, "")

    @pytest.mark.parametrize("value", ["a\r\nX: y", "a\n", "\r", "a\0", "\x1b[2J", "\x7f", "ł", "\ud800"])
    def test_header_values_that_would_be_misread(self, value: str) -> None:
        with pytest.raises(ProtocolError) as caught:
            render(Request("GET", ORIGIN, "/", (("Authorization", value),)))
        assert "Authorization" in caught.value.message
        assert value not in caught.value.message

    def test_a_latin_1_header_value_is_sent_as_it_is(self) -> None:
        assert b"\r\nX: a\xfc\tb\r\n" in render(Request("GET", ORIGIN, "/", (("X", "aü\tb"),)))

    @pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\n", "ü", "Host", "content-LENGTH", "Connection"])
    def test_header_names(self, name: str) -> None:
        with pytest.raises(ProtocolError):
            render(Request("GET", ORIGIN, "/", ((name, "x"),)))

    @pytest.mark.parametrize("target", ["", "v2/", "http://other.example/", "/a b", "/\r\n", "/#f", "/ü", "/\x7f"])
    def test_targets(self, target: str) -> None:
        with pytest.raises(ProtocolError, match="reg.example"):
            render(Request("GET", ORIGIN, target))

    @pytest.mark.parametrize("method", ["", "GET /", "G\r\n", "ÜT"])
    def test_methods(self, method: str) -> None:
        with pytest.raises(ProtocolError, match="reg.example"):
            render(Request(method, ORIGIN, "/"))

    @pytest.mark.parametrize("host", ["a b", "a\r\nX: y", "a/b", "u@h", "a?b", "ü", "\ud800", "a\\b", "a%41"])
    def test_hosts(self, host: str) -> None:
        with pytest.raises(ProtocolError) as caught:
            render(Request("GET", Origin("http", host, 80), "/"))
        assert caught.value.message.isprintable()
        with pytest.raises(ProtocolError) as caught:
            connect(Origin("https", host, 443), "")
        assert caught.value.message.isprintable()

    @given(st.text(max_size=20), st.text(max_size=20))
    def test_whatever_is_rendered_has_the_lines_it_should_have(self, name: str, value: str) -> None:
        try:
            data = render(Request("GET", ORIGIN, "/", ((name, value),)))
        except ProtocolError:
            return
        assert data.count(b"\n") == data.count(b"\r\n") == 6
        assert data.split(b"\r\n")[4] == name.encode("latin-1") + b": " + value.encode("latin-1")


class TestAnswer:
    def test_with_a_length(self) -> None:
        response, keep = answer(OK + b"Content-Length: 5\r\nX-A:  b \t\r\nx-a: c\r\n\r\nhello")
        assert (response.status, response.reason, response.body, response.complete) == (200, "OK", b"hello", True)
        assert response.headers == (("content-length", "5"), ("x-a", "b"), ("x-a", "c"))
        assert response.all("x-a") == ["b", "c"]
        assert keep

    @pytest.mark.parametrize(
        ("start", "keep"),
        [
            (OK, True),
            (OK + b"Connection: keep-alive\r\n", True),
            (OK + b"Connection: close\r\n", False),
            (OK + b"Connection: x, CLOSE\r\n", False),
            (OK + b"Connection: x\r\nConnection: close\r\n", False),
            (b"HTTP/1.0 200 OK\r\n", False),
            (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", False),
        ],
    )
    def test_whether_the_connection_can_be_used_again(self, start: bytes, keep: bool) -> None:
        assert answer(start + b"Content-Length: 0\r\n\r\n")[1] is keep

    @pytest.mark.parametrize("start", [OK + b"Connection: close\r\n", b"HTTP/1.0 200 OK\r\n", OK])
    def test_until_the_end_of_the_connection(self, start: bytes) -> None:
        response, keep = answer(start + b"\r\nhello")
        assert (response.body, response.complete, keep) == (b"hello", True, False)

    def test_chunked(self) -> None:
        data = OK + b"Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0a;x=y;z\r\n, world!!\n\r\n000\r\nX: y\r\n\r\n"
        response, keep = answer(data)
        assert (response.body, keep) == (b"hello, world!!\n", True)
        assert response.all("x") == []

    @pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
    def test_without_a_body(self, status: bytes) -> None:
        response, keep = answer(b"HTTP/1.1 " + status + b"\r\n\r\n")
        assert (response.body, keep) == (b"", True)

    def test_to_head(self) -> None:
        response, keep = answer(OK + b"Content-Length: 5000\r\nContent-Encoding: gzip\r\n\r\n", "HEAD")
        assert (response.status, response.body, keep) == (200, b"", True)

    def test_a_tunnel_has_no_body_whatever_its_headers_say(self) -> None:
        assert answer(OK + b"Content-Length: 5\r\n\r\n", "CONNECT")[0].complete
        assert answer(OK + b"\r\n", "CONNECT")[0].complete

    def test_a_refused_tunnel_has_one_that_is_not_read(self) -> None:
        response, keep = answer(b"HTTP/1.1 407 Login\r\n\r\nendless", "CONNECT")
        assert (response.status, response.body, response.complete, keep) == (407, b"", False, False)

    def test_interim_answers_are_skipped(self) -> None:
        interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        response, _keep = answer(interim + OK + b"Content-Length: 1\r\n\r\na")
        assert (response.status, response.body, response.headers) == (200, b"a", (("content-length", "1"),))

    def test_but_only_a_few(self) -> None:
        end = OK + b"Content-Length: 0\r\n\r\n"
        assert answer(b"HTTP/1.1 100 C\r\n\r\n" * MAX_INTERIM + end)[0].status == 200
        refused(b"HTTP/1.1 100 C\r\n\r\n" * (MAX_INTERIM + 1) + end)

    @pytest.mark.parametrize("line", [b"Content-Length: 1", b"Transfer-Encoding: chunked"])
    def test_and_they_have_no_body(self, line: bytes) -> None:
        refused(b"HTTP/1.1 100 C\r\n" + line + b"\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n")

    def test_switching_protocols_was_not_asked_for(self) -> None:
        refused(b"HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n")

    @pytest.mark.parametrize("line", [b"HTTP/1.1 200", b"HTTP/1.1 200 "])
    def test_no_reason(self, line: bytes) -> None:
        assert answer(line + b"\r\nContent-Length: 0\r\n\r\n")[0].reason == ""

    def test_latin_1_in_headers_and_reason(self) -> None:
        response, _keep = answer(b"HTTP/1.1 200 \xc4\r\nX: \xff\r\nContent-Length: 0\r\n\r\n")
        assert (response.reason, response.all("x")) == ("Ä", ["ÿ"])

    @pytest.mark.parametrize(
        "line",
        [
            b"HTTP/2.0 200 OK",
            b"HTTP/1.2 200 OK",
            b"HTTP/0.9 200 OK",
            b"HTTP/1.10 200 OK",
            b"http/1.1 200 OK",
            b"HTTP/1.1  200 OK",
            b"HTTP/1.1\t200 OK",
            b"HTTP/1.1 20 OK",
            b"HTTP/1.1 2000 OK",
            b"HTTP/1.1 +20 OK",
            b"HTTP/1.1 abc OK",
            b"HTTP/1.1 099 OK",
            b"HTTP/1.1 600 OK",
            b"HTTP/1.1 200OK",
            b"HTTP/1.1",
            b"HTTP/1.1 ",
            b"HTTP/1.1 200 O\0K",
            b"HTTP/1.1 200 O\x1bK",
            b"HTTP/1.1 200 O\rK",
            b" HTTP/1.1 200 OK",
            b"",
            b"SSH-2.0-OpenSSH_9.2",
        ],
    )
    def test_status_lines(self, line: bytes) -> None:
        refused(line + b"\r\nContent-Length: 0\r\n\r\n")

    @pytest.mark.parametrize("version", [b"2.0", b"0.9", b"1.2", b"3"])
    def test_another_version_is_called_that(self, version: bytes) -> None:
        assert "version" in refused(b"HTTP/" + version + b" 200 OK\r\n\r\n")

    @pytest.mark.parametrize(
        "line",
        [
            b"X",
            b": x",
            b"X : y",
            b"X\t: y",
            b" folded",
            b"\tfolded",
            b"X(: y",
            b"X\xff: y",
            b"X: a\0b",
            b"X: a\x0bb",
            b"X: a\rb",
            b"X: a\x7fb",
        ],
    )
    def test_header_lines(self, line: bytes) -> None:
        refused(OK + line + b"\r\nContent-Length: 0\r\n\r\n")
        refused(OK + b"X: y\r\n" + line + b"\r\nContent-Length: 0\r\n\r\n")

    @pytest.mark.parametrize(
        "data",
        [
            b"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: a\rb\nContent-Length: 0\r\n\r\n",
        ],
    )
    def test_line_ends(self, data: bytes) -> None:
        refused(data)

    @pytest.mark.parametrize(
        "lines",
        [
            b"Content-Length: 1\r\nTransfer-Encoding: chunked",
            b"Transfer-Encoding: chunked\r\nContent-Length: 0",
            b"Content-Length: 1\r\nContent-Length: 2",
            b"Content-Length: 1, 1",
            b"Content-Length: ",
            b"Content-Length: +1",
            b"Content-Length: -1",
            b"Content-Length: 1_0",
            b"Content-Length: 0x1",
            b"Content-Length: \xb2",
            b"Content-Length: 1111111111111111",
            b"Transfer-Encoding: identity",
            b"Transfer-Encoding: gzip, chunked",
            b"Transfer-Encoding: chunked, chunked",
            b"Transfer-Encoding: xchunked",
            b"Transfer-Encoding: chunked\t",
            b"Content-Length:\t1",
            b"Transfer-Encoding: ",
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        ],
    )
    def test_framing(self, lines: bytes) -> None:
        refused(OK + lines + b"\r\nConnection: close\r\n\r\n1\r\na\r\n0\r\n\r\n")

    def test_two_lengths_that_some_would_take_for_the_same(self) -> None:
        assert "not one number" in refused(OK + b"Content-Length: 1\r\nContent-Length: 01\r\n\r\na")

    def test_numbers_beyond_all_bounds_are_no_numbers(self) -> None:
        # Even where a body that is too long would be dropped.
        head = b"HTTP/1.1 401 U\r\n"
        assert "not one number" in refused(head + b"Content-Length: " + b"1" * 16 + b"\r\n\r\n")
        assert "no valid size" in refused(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 16 + b"\r\n")

    def test_the_same_length_twice_is_that_length(self) -> None:
        assert answer(OK + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na")[0].body == b"a"

    def test_chunks_are_not_for_http_1_0(self) -> None:
        refused(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")

    @pytest.mark.parametrize(
        "head",
        [
            b"HTTP/1.1 204 N\r\nContent-Length: 1",
            b"HTTP/1.1 204 N\r\nTransfer-Encoding: chunked",
            b"HTTP/1.1 304 N\r\nTransfer-Encoding: chunked",
        ],
    )
    def test_a_body_where_none_may_be(self, head: bytes) -> None:
        assert "where none may be" in refused(head + b"\r\n\r\n0\r\n\r\n")

    @pytest.mark.parametrize(
        "size",
        [b"", b"g", b"0x1", b"-1", b"+1", b"1 ", b" 1", b"1\t", b"1_0", b"1;", b"1;a=", b"1;a b", b"1\0", b"1" * 16],
    )
    def test_chunk_sizes(self, size: bytes) -> None:
        refused(OK + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\na\r\n0\r\n\r\n")

    @pytest.mark.parametrize(
        "body",
        [
            b"1\r\nab\r\n0\r\n\r\n",
            b"1\r\na\n0\r\n\r\n",
            b"1\r\na\r\n0\r\nX\r\n\r\n",
            b"1\r\na\r\n0\r\n folded: x\r\n\r\n",
            b"1\r\na\r\n0\r\nContent-Length: 1\r\n\r\n",
            b"1\r\na\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1;" + b"a" * 300 + b"\r\na\r\n0\r\n\r\n",
            b"0\r\n" + b"X: y\r\n" * (MAX_HEADERS + 1) + b"\r\n",
            b"0\r\nX: " + b"y" * MAX_HEAD + b"\r\n\r\n",
        ],
    )
    def test_chunks(self, body: bytes) -> None:
        refused(OK + b"Transfer-Encoding: chunked\r\n\r\n" + body)

    @pytest.mark.parametrize("coding", [b"gzip", b"identity, br", b"x", b"deflate\r\nContent-Encoding: identity"])
    def test_encoded_answers_are_refused_unread(self, coding: bytes) -> None:
        head = OK + b"Content-Encoding: " + coding + b"\r\nContent-Length: 9\r\n\r\n"
        pieces = iter([head])
        with pytest.raises(ProtocolError, match="compressed"):
            read(lambda _size: next(pieces), "GET", "reg.example", limit=1000)  # would raise StopIteration

    def test_identity_is_no_encoding(self) -> None:
        assert answer(OK + b"Content-Encoding: identity\r\nContent-Length: 1\r\n\r\na")[0].body == b"a"

    def test_an_encoded_nothing_is_nothing(self) -> None:
        assert answer(OK + b"Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n")[0].body == b""

    @pytest.mark.parametrize(
        "data",
        [
            OK + b"Content-Length: 1\r\n\r\nab",
            OK + b"Content-Length: 0\r\n\r\n" + OK,
            OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nx",
            b"HTTP/1.1 204 N\r\n\r\nx",
        ],
    )
    def test_bytes_after_the_end(self, data: bytes) -> None:
        assert "bytes follow" in refused(data)

    @pytest.mark.parametrize(("method", "tail"), [("HEAD", b"x"), ("CONNECT", b"x")])
    def test_bytes_where_no_body_is(self, method: str, tail: bytes) -> None:
        refused(OK + b"Content-Length: 1\r\n\r\n" + tail, method)

    @pytest.mark.parametrize(
        "data",
        [
            OK + b"Content-Length: 5\r\nX: y\r\n\r\nhello",
            OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
        ],
    )
    def test_cut_short_at_every_byte(self, data: bytes) -> None:
        answer(data)
        for end in range(len(data)):
            refused(data[:end])

    def test_silence(self) -> None:
        assert "without an answer" in refused(b"")

    def test_tls_where_plain_http_was_expected(self) -> None:
        with pytest.raises(ProtocolError, match="TLS") as caught:
            answer(b"\x15\x03\x01\x00\x02\x02\x16")
        assert "--plain-http" in str(caught.value.hint)

    def test_another_protocol_is_known_by_its_first_bytes(self) -> None:
        pieces = iter([b"220 "])
        with pytest.raises(ProtocolError, match="status line"):
            read(lambda _size: next(pieces), "GET", "reg.example", limit=1000)


class TestLimits:
    def test_the_head(self) -> None:
        end = b"Content-Length: 0\r\n\r\n"
        room = MAX_HEAD - len(OK) - len(end) - len(b"X: \r\n")
        assert answer(OK + b"X: " + b"a" * room + b"\r\n" + end)[0].status == 200
        assert "too long" in refused(OK + b"X: " + b"a" * (room + 1) + b"\r\n" + end)

    def test_the_head_in_many_lines(self) -> None:
        refused(OK + (b"X: " + b"a" * 4000 + b"\r\n") * 20 + b"Content-Length: 0\r\n\r\n")

    def test_a_status_line_without_end(self) -> None:
        refused(OK[:-2] + b"K" * MAX_HEAD)

    def test_the_number_of_headers(self) -> None:
        end = b"Content-Length: 0\r\n\r\n"
        assert len(answer(OK + b"X: y\r\n" * (MAX_HEADERS - 1) + end)[0].headers) == MAX_HEADERS
        assert str(MAX_HEADERS) in refused(OK + b"X: y\r\n" * MAX_HEADERS + end)

    @pytest.mark.parametrize("limit", [0, 1, 5])
    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_a_body_just_within_and_one_over(self, framing: str, limit: int) -> None:
        def data(status: bytes, size: int) -> bytes:
            head = b"HTTP/1.1 " + status + b" X\r\n"
            if framing == "length":
                return head + b"Content-Length: %d\r\n\r\n" % size + b"a" * size
            if framing == "chunked":
                return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * size + b"0\r\n\r\n"
            return head + b"Connection: close\r\n\r\n" + b"a" * size

        for status in (b"200", b"401"):
            response, _keep = answer(data(status, limit), limit=limit)
            assert (response.body, response.complete) == (b"a" * limit, True)
        assert f"longer than {limit} bytes" in refused(data(b"200", limit + 1), limit=limit)
        for status in (b"302", b"401", b"503"):
            response, keep = answer(data(status, limit + 1), limit=limit)
            assert (response.status, response.body, response.complete, keep) == (int(status), b"", False, False)
        assert answer(data(b"200", limit + 1), limit=limit, drop=True)[0].complete is False

    def test_an_announced_body_that_is_too_long_is_not_read(self) -> None:
        pieces = iter([b"HTTP/1.1 401 U\r\nContent-Length: 1001\r\nWWW-Authenticate: Basic\r\n\r\n"])
        response, keep = read(lambda _size: next(pieces), "GET", "reg.example", limit=1000)
        assert (response.all("www-authenticate"), response.complete, keep) == (["Basic"], False, False)

    @pytest.mark.parametrize(
        "head",
        [
            b"Connection: close\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        ],
    )
    def test_an_endless_body_takes_no_memory(self, head: bytes) -> None:
        start = OK + head
        endless = b"1\r\na\r\n" * 8192 if head.endswith(b"chunked\r\n\r\n") else b"a" * 65536

        def recv(_size: int) -> bytes:
            nonlocal start
            piece, start = start or endless, b""
            return piece

        tracemalloc.start()
        try:
            with pytest.raises(ProtocolError, match="longer than"):
                read(recv, "GET", "reg.example", limit=131072)
            assert tracemalloc.get_traced_memory()[1] < 2 * 2**20
        finally:
            tracemalloc.stop()


def test_no_error_quotes_the_answer() -> None:
    # A server may reflect the Authorization header anywhere.
    secret = b"c2VjcmV0"
    for data in (
        secret,
        b"HTTP/1.1 " + secret + b"\r\n\r\n",
        OK + secret + b"\r\n\r\n",
        OK + b"Content-Length: " + secret + b"\r\n\r\n",
        OK + b"Content-Encoding: " + secret + b"\r\nContent-Length: 1\r\n\r\n",
        OK + b"Transfer-Encoding: " + secret + b"\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + secret + b"\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n1;" + secret + b"=\r\n",
    ):
        assert secret.decode() not in refused(data)
