"""An HTTP response, in pieces of any size; and the words that an error is shown by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.credential import Secret
from dockpass.errors import ProtocolError
from dockpass.http.message import read
from dockpass.registry import waiting
from dockpass.registry.refusal import words
from dockpass.registry.refusal.covers import Covers

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 4096
METHODS = ("GET", "POST", "HEAD", "CONNECT")


def response(data: bytes) -> None:
    head, wire = data[:2], data[2:]
    size = head[0] + 1 if head else 1
    method = METHODS[head[1] % 4] if len(head) > 1 else "GET"
    whole = _read(wire, len(wire) or 1, method)
    pieces = _read(wire, size, method)
    if isinstance(whole, str) and "bytes follow" in whole:
        return  # in pieces they have not come yet, and are met before the next request
    assert pieces == whole, "the answer depends on how it was cut in pieces"
    if isinstance(whole, str):
        return
    answer, _keep = read(_pieces(wire, len(wire) or 1), method, "reg.example", limit=LIMIT)
    assert 200 <= answer.status <= 999
    assert len(answer.body) <= LIMIT
    for name, value in answer.headers:
        assert name.isascii()
        assert name == name.lower()
        assert not any(character in value for character in "\r\n\0")
    wait = waiting.asked(answer)
    assert wait is None or wait >= 0
    for text in (words.of(answer), *words.warnings(answer)):
        shown = Covers("alice", Secret("hunter2")).show(text)
        assert shown.isprintable()
        assert len(shown) <= 512
        assert "hunter2" not in shown


def _read(wire: bytes, size: int, method: str) -> tuple[int, tuple[tuple[str, str], ...], bytes, bool] | str:
    try:
        answer, keep = read(_pieces(wire, size), method, "reg.example", limit=LIMIT)
    except ProtocolError as error:
        assert error.message.isprintable()
        return error.message
    return answer.status, tuple(answer.headers), answer.body, keep and answer.complete


def _pieces(wire: bytes, size: int) -> Callable[[int], bytes]:
    pieces = (wire[start : start + size] for start in range(0, len(wire), size))
    return lambda _most: next(pieces, b"")
