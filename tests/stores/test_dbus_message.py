"""D-Bus messages, held against jeepney: what we pack it reads, what it packs we read, and nothing else is read."""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jeepney.low_level import Endianness, Header, HeaderFields, Message, MessageType, Parser

from dockpass.stores.secret_service import message

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "y": st.integers(0, 255),
    "b": st.booleans(),
    "n": st.integers(-(1 << 15), (1 << 15) - 1),
    "q": st.integers(0, (1 << 16) - 1),
    "i": st.integers(-(1 << 31), (1 << 31) - 1),
    "u": st.integers(0, (1 << 32) - 1),
    "x": st.integers(-(1 << 63), (1 << 63) - 1),
    "t": st.integers(0, (1 << 64) - 1),
    "d": st.floats(allow_nan=False),
    "s": TEXT,
    "o": st.just("/a/b_1"),
    "g": st.just("a{sv}"),
}


def containers(inner: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[tuple[str, Any]]:
    """Types that hold others, each with a value. An array's elements are of one type, and here equal."""
    return st.one_of(
        inner.map(lambda kind: ("v", kind)),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda kinds: (f"({''.join(kind for kind, _ in kinds)})", tuple(value for _, value in kinds))
        ),
        st.tuples(inner.filter(lambda kind: kind[0] != "y"), st.integers(0, 3)).map(
            lambda pair: (f"a{pair[0][0]}", [pair[0][1]] * pair[1])
        ),
        st.tuples(TEXT, inner).map(lambda pair: (f"a{{s{pair[1][0]}}}", {pair[0]: pair[1][1]})),
        st.binary(max_size=20).map(lambda data: ("ay", data)),
    )


VALUES = st.recursive(
    st.one_of([st.tuples(st.just(kind), strategy) for kind, strategy in SIMPLE.items()]),
    containers,
    max_leaves=8,
)
BODIES = st.lists(VALUES, max_size=4)


def theirs(kinds: list[tuple[str, Any]], endianness: Endianness = Endianness.little) -> bytes:
    """An answer, packed by jeepney."""
    fields: dict[HeaderFields, Any] = {HeaderFields.reply_serial: 7, HeaderFields.sender: ":1.2"}
    if kinds:
        fields[HeaderFields.signature] = "".join(kind for kind, _ in kinds)
    header = Header(endianness, MessageType.method_return, 0, 1, -1, 9, fields)
    packed: bytes = Message(header, tuple(value for _, value in kinds)).serialise()
    return packed


@given(BODIES)
def test_jeepney_reads_what_we_pack(kinds: list[tuple[str, Any]]) -> None:
    signature, body = "".join(kind for kind, _ in kinds), tuple(value for _, value in kinds)
    packed = message.call(5, "org.a.b", "/a/b", "org.a.Interface", "Member", signature, body)
    (found,) = Parser().feed(packed)
    assert found.body == body
    assert found.header.message_type is MessageType.method_call
    assert found.header.serial == 5
    fields = {int(code): value for code, value in found.header.fields.items()}
    assert fields.pop(message.SIGNATURE, "") == signature
    assert fields == {
        message.PATH: "/a/b",
        message.INTERFACE: "org.a.Interface",
        message.MEMBER: "Member",
        message.DESTINATION: "org.a.b",
    }


@given(BODIES, st.sampled_from(list(Endianness)), st.binary(max_size=20))
def test_we_read_what_jeepney_packs(kinds: list[tuple[str, Any]], endianness: Endianness, more: bytes) -> None:
    buffer = bytearray(theirs(kinds, endianness) + more)
    found = message.read(buffer)
    assert found is not None
    assert found.kind == message.METHOD_RETURN
    assert found.fields[message.REPLY_SERIAL] == 7
    assert found.fields[message.SENDER] == ":1.2"
    assert found.body == tuple(value for _, value in kinds)
    assert buffer == more


@given(BODIES, st.integers(0, 1 << 16))
def test_what_is_not_all_there_is_left_alone(kinds: list[tuple[str, Any]], cut: int) -> None:
    packed = theirs(kinds)
    part = packed[: cut % len(packed)]
    buffer = bytearray(part)
    assert message.read(buffer) is None
    assert buffer == part


@given(st.binary(max_size=200))
def test_whatever_is_read_is_a_message_or_none(data: bytes) -> None:
    head = b"l\2\0\1" + struct.pack("<III", len(data), 1, 0)
    for buffer in (bytearray(data), bytearray(head + data)):
        with_room = bytearray(buffer) + bytes(64)
        for given_ in (buffer, with_room):
            with contextlib.suppress(message.Garbled):
                message.read(given_)


@given(BODIES, st.integers(0, 1 << 16), st.integers(0, 255))
def test_one_byte_that_is_wrong_hurts_nobody(kinds: list[tuple[str, Any]], place: int, value: int) -> None:
    packed = bytearray(theirs(kinds))
    packed[place % len(packed)] = value
    with contextlib.suppress(message.Garbled):
        message.read(packed)


def answer(signature: bytes, body: bytes) -> bytearray:
    """An answer as it lies on the wire."""
    fields = b"\x08\x01g\0" + bytes([len(signature)]) + signature + b"\0"
    head = b"l\2\0\1" + struct.pack("<III", len(body), 1, len(fields)) + fields
    return bytearray(head + bytes(-len(head) % 8) + body)


@pytest.mark.parametrize(
    "make",
    [
        lambda: bytearray(b"x" * 16),
        lambda: bytearray(b"l\2\0\2" + bytes(12)),
        lambda: bytearray(b"l\2\0\1" + b"\xff" * 12),
        lambda: answer(b"s", struct.pack("<I", 9) + b"short\0"),
        lambda: answer(b"s", struct.pack("<I", 2) + b"ab!"),
        lambda: answer(b"s", struct.pack("<I", 2) + b"\xff\xfe\0"),
        lambda: answer(b"u", b"\1\0"),
        lambda: answer(b"u", b"\1\0\0\0more"),
        lambda: answer(b"", b"more"),
        lambda: answer(b"au", struct.pack("<III", 6, 1, 2)),
        lambda: answer(b"a()", struct.pack("<II", 8, 0) + bytes(8)),
        lambda: answer(b"a", struct.pack("<I", 0)),
        lambda: answer(b"(u", struct.pack("<I", 0)),
        lambda: answer(b"?", b"\0"),
        lambda: answer(b"v", b"\2uu\0" + bytes(8)),
        lambda: answer(b"a{vu}", struct.pack("<II", 14, 0) + b"\2au\0" + bytes(4) + bytes(4)),
        lambda: answer(b"v", b"\1v\0" * 5000),
    ],
)
def test_what_is_no_message(make: Callable[[], bytearray]) -> None:
    with pytest.raises(message.Garbled):
        message.read(make())
