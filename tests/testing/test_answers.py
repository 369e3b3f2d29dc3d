"""Every scripted answer, as its bytes arrive on a plain socket."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import time
from typing import TYPE_CHECKING

import pytest

from dockpass.testing import answers
from dockpass.testing.answers import Answer
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockpass.testing.answers import Script

_GET = b"GET /v2/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


@pytest.fixture
def registry() -> Iterator[ScriptedRegistry]:
    with ScriptedRegistry(auth="none") as made:
        yield made


def _connected(registry: ScriptedRegistry) -> socket.socket:
    return socket.create_connection(("127.0.0.1", registry.port), 20)


def _bytes(registry: ScriptedRegistry, script: Script, request: bytes = _GET) -> bytes:
    """All that comes back until the end of the connection."""
    registry.answer("/v2/", script)
    with _connected(registry) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as stream:
            return stream.read()


def _parsed(registry: ScriptedRegistry, script: Script) -> tuple[http.client.HTTPResponse, bytes]:
    registry.answer("/v2/", script)
    connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=20)
    try:
        connection.request("GET", "/v2/")
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_status_headers_and_body(registry: ScriptedRegistry) -> None:
    answer = Answer(401, "nö", [("Warning", "one"), ("Warning", "two")])
    assert _bytes(registry, answer) == (
        b"HTTP/1.1 401 Unauthorized\r\nWarning: one\r\nWarning: two\r\nContent-Length: 3\r\n\r\nn\xc3\xb6"
    )


def test_other_statuses(registry: ScriptedRegistry) -> None:
    assert _bytes(registry, Answer(799)) == b"HTTP/1.1 799 Unknown\r\nContent-Length: 0\r\n\r\n"
    assert _bytes(registry, Answer(200, reason="Fine")) == b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n"
    assert _bytes(registry, Answer(204)) == b"HTTP/1.1 204 No Content\r\n\r\n"


def test_a_head_gets_no_body(registry: ScriptedRegistry) -> None:
    got = _bytes(registry, Answer(200, "{}"), _GET.replace(b"GET", b"HEAD"))
    assert got == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


def test_a_length_of_ones_own(registry: ScriptedRegistry) -> None:
    got = _bytes(registry, Answer(200, "{}", {"content-length": "7"}))
    assert got == b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{}"


def test_json_and_errors(registry: ScriptedRegistry) -> None:
    response, body = _parsed(registry, answers.json_answer({"a": 1}, 201, {"X-A": "b"}))
    assert (response.status, response.headers["Content-Type"], response.headers["X-A"]) == (
        201,
        "application/json",
        "b",
    )
    assert json.loads(body) == {"a": 1}
    response, body = _parsed(registry, answers.error_answer(403, "DENIED", "no"))
    assert response.status == 403
    assert json.loads(body) == {"errors": [{"code": "DENIED", "message": "no", "detail": None}]}


def test_a_redirect(registry: ScriptedRegistry) -> None:
    response, _body = _parsed(registry, answers.redirect("https://other.example/v2/", 301))
    assert (response.status, response.headers["Location"]) == (301, "https://other.example/v2/")


def test_retry_after(registry: ScriptedRegistry) -> None:
    response, _body = _parsed(registry, answers.retry_after(3))
    assert (response.status, response.headers["Retry-After"]) == (429, "3")
    response, _body = _parsed(registry, answers.retry_after("soon", 503))
    assert (response.status, response.headers["Retry-After"]) == (503, "soon")


def test_raw_bytes_and_pauses(registry: ScriptedRegistry) -> None:
    assert _bytes(registry, answers.raw(b"one", 0.01, b"two")) == b"onetwo"


def test_garbage(registry: ScriptedRegistry) -> None:
    assert _bytes(registry, answers.garbage()).startswith(b"SSH-2.0-")


def test_hanging_up(registry: ScriptedRegistry) -> None:
    assert _bytes(registry, answers.hang_up()) == b""


def test_a_reset(registry: ScriptedRegistry) -> None:
    with pytest.raises(ConnectionResetError):
        _bytes(registry, answers.reset())


def test_silence_leaves_the_connection_open(registry: ScriptedRegistry) -> None:
    registry.answer("/v2/", answers.silence())
    with _connected(registry) as connection:
        connection.sendall(_GET)
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_a_late_answer_pauses_first() -> None:
    assert list(answers.late(2.5, answers.raw(b"x")).steps("GET")) == [2.5, b"x"]
    assert answers.late(2.5, Answer()).ending == "keep"


def test_a_late_answer_arrives(registry: ScriptedRegistry) -> None:
    before = time.monotonic()
    assert _bytes(registry, answers.late(0.05, Answer(200, "{}"))).endswith(b"{}")
    assert time.monotonic() - before >= 0.05


def test_dripping() -> None:
    drip = answers.dripping(answers.raw(b"abc", 9.0, b"d"), every=0.5, size=2)
    assert list(drip.steps("GET")) == [b"ab", 0.5, b"c", 0.5, 9.0, b"d", 0.5]


def test_a_dripping_answer_arrives(registry: ScriptedRegistry) -> None:
    assert _bytes(registry, answers.dripping(Answer(200, "{}"), every=0.0001)).endswith(b"\r\n\r\n{}")


def test_smuggled_bytes(registry: ScriptedRegistry) -> None:
    got = _bytes(registry, answers.smuggled(Answer(200, "{}"), b"HTTP/1.1 200 OK\r\n\r\n"))
    assert got.endswith(b"\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n")
    assert list(answers.smuggled(answers.raw(1.0), b"x").steps("GET")) == [1.0, b"x"]


def test_a_truncated_body(registry: ScriptedRegistry) -> None:
    assert _bytes(registry, answers.truncated(Answer(200, "{}"))).endswith(b"Content-Length: 2\r\n\r\n{")


def test_wrong_lengths(registry: ScriptedRegistry) -> None:
    got = _bytes(registry, answers.wrong_length(Answer(200, "{}"), 1, "2x"))
    assert got == b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2x\r\n\r\n{}"
    assert _bytes(registry, answers.wrong_length(Answer(200, "{}"))) == b"HTTP/1.1 200 OK\r\n\r\n{}"


def test_chunks(registry: ScriptedRegistry) -> None:
    got = _bytes(registry, answers.chunked(Answer(200, "0123456789"), 1, 7))
    assert got.endswith(b"\r\n\r\n1\r\n0\r\n7\r\n1234567\r\n2\r\n89\r\n0\r\n\r\n")
    assert _parsed(registry, answers.chunked(Answer(200, "{}"), 2))[1] == b"{}"


def test_compressed_bodies(registry: ScriptedRegistry) -> None:
    response, body = _parsed(registry, answers.gzipped(Answer(200, "{}")))
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == b"{}"
    _response, body = _parsed(registry, answers.gzip_bomb(1_000_000))
    assert len(body) < 10_000
    assert len(gzip.decompress(body)) == 1_000_000


@pytest.mark.parametrize(
    ("script", "start"),
    [
        (answers.endless(), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\nxxxx"),
        (
            answers.endless(401, b"y", pause=0.00001),
            b"HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n",
        ),
        (answers.endless_head(b"A: b\r\n"), b"HTTP/1.1 200 OK\r\nA: b\r\nA: b\r\n"),
    ],
)
def test_what_has_no_end(registry: ScriptedRegistry, script: Script, start: bytes) -> None:
    for _again in range(2):
        registry.answer("/v2/", script)
        with _connected(registry) as connection:
            connection.sendall(_GET)
            with connection.makefile("rb") as stream:
                assert stream.read(1000).startswith(start)


def test_a_flood_of_headers(registry: ScriptedRegistry) -> None:
    head = _bytes(registry, answers.header_flood(500, 20)).partition(b"\r\n\r\n")[0]
    assert head.count(b"\r\nX-Header-") == 500
    assert head.count(b": " + b"x" * 20 + b"\r\n") == 500
