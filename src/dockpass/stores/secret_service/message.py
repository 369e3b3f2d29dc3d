"""D-Bus messages, packed and read.

A library would do, but the leanest one loads ``enum``, ``typing``, ``re`` and ``socket``, and a helper is a new process
for every pull: that is 15 ms, as long as docker's helper takes in all. The format is a page of the specification. The
tests hold this against jeepney, in both directions.

Reference: https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-marshaling
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

METHOD_CALL, METHOD_RETURN, ERROR, SIGNAL = 1, 2, 3, 4
"""What a message may be."""

PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE = range(1, 9)
"""What a message's header may hold."""

_HEADER = "yyyyuua(yv)"
_FIXED = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "h": "I"}
_ALIGNMENT = {kind: struct.calcsize(code) for kind, code in _FIXED.items()} | {
    "s": 4,
    "o": 4,
    "g": 1,
    "v": 1,
    "a": 4,
    "(": 8,
    "{": 8,
}
_LONGEST = 1 << 27


class Garbled(Exception):
    """What was read is no D-Bus message."""


class Message:
    """A message that was read.

    Attributes:
        kind: One of the constants above.
        fields: The header's, by the numbers above.
        body: What it brings.

    """

    __slots__ = ("body", "fields", "kind")

    def __init__(self, kind: int, fields: dict[int, Any], body: tuple[Any, ...]) -> None:
        self.kind = kind
        self.fields = fields
        self.body = body


def call(  # noqa: PLR0917 - the header's own order
    serial: int, to: str, path: str, interface: str, member: str, signature: str, body: Sequence[Any]
) -> bytes:
    """A method call, packed.

    Args:
        serial: Its number, by which the answer will name it.
        to: Whom it is for: a name on the bus.
        path: The object.
        interface: The method's interface.
        member: The method's name.
        signature: The types of ``body``.
        body: The arguments. A variant is a pair of signature and value; an array of bytes is ``bytes``.

    """
    content = _Packer()
    content.add(signature, body)
    fields = [(PATH, ("o", path)), (INTERFACE, ("s", interface)), (MEMBER, ("s", member)), (DESTINATION, ("s", to))]
    if signature:
        fields.append((SIGNATURE, ("g", signature)))
    head = _Packer()
    head.add(_HEADER, (ord("l"), METHOD_CALL, 0, 1, len(content.data), serial, fields))
    head.pad(8)
    return bytes(head.data + content.data)


def read(buffer: bytearray) -> Message | None:
    """Take the first message out of ``buffer``; ``None`` if it is not all there yet.

    Raises:
        Garbled: It is none.

    """
    if len(buffer) < 16:
        return None
    order = {ord("l"): "<", ord("B"): ">"}.get(buffer[0])
    if order is None or buffer[3] != 1:
        raise Garbled
    length, fields = struct.unpack_from(f"{order}I", buffer, 4)[0], struct.unpack_from(f"{order}I", buffer, 12)[0]
    start = 16 + fields + -fields % 8
    if start + length > _LONGEST:
        raise Garbled
    if len(buffer) < start + length:
        return None
    reader = _Reader(bytes(buffer[: start + length]), order)
    del buffer[: start + length]
    try:
        header = reader.take(_HEADER)
        found = {code: value for code, (_, value) in header[6]}
        signature = found.get(SIGNATURE, "")
        reader.skip(8)
        body = reader.take(signature) if isinstance(signature, str) else None
    except (struct.error, UnicodeError, IndexError, KeyError, TypeError, RecursionError):
        raise Garbled from None
    if reader.at != start + length or body is None:
        raise Garbled
    return Message(header[1], found, body)


class _Packer:
    """Bytes that grow. Everything lies at a multiple of its alignment, counted from the first one."""

    def __init__(self) -> None:
        self.data = bytearray()

    def pad(self, alignment: int) -> None:
        self.data += bytes(-len(self.data) % alignment)

    def add(self, signature: str, values: Sequence[Any]) -> None:
        at = 0
        for value in values:
            at = self._one(signature, at, value)

    def _one(self, signature: str, at: int, value: Any) -> int:
        """Pack ``value`` as the type that begins at ``at``. Returns where the next one begins."""
        kind = signature[at]
        self.pad(_ALIGNMENT[kind])
        if kind in _FIXED:
            self.data += struct.pack(f"<{_FIXED[kind]}", value)
        elif kind in "sog":
            text = value.encode()
            self.data += struct.pack("<B" if kind == "g" else "<I", len(text)) + text + b"\0"
        elif kind == "v":
            inner, content = value
            self._one("g", 0, inner)
            self._one(inner, 0, content)
        elif kind == "a":
            return self._array(signature, at + 1, value)
        else:
            at += 1
            for part in value:
                at = self._one(signature, at, part)
        return at + 1

    def _array(self, signature: str, at: int, values: Any) -> int:
        place = len(self.data)
        self.data += bytes(4)
        self.pad(_ALIGNMENT[signature[at]])
        start = len(self.data)
        if signature[at] == "y":
            self.data += values
        else:
            for value in values.items() if signature[at] == "{" else values:
                self._one(signature, at, value)
        struct.pack_into("<I", self.data, place, len(self.data) - start)
        return _end(signature, at)


class _Reader:
    """A message that is being read: its bytes, their order, and how far it was read."""

    def __init__(self, data: bytes, order: str) -> None:
        self.at = 0
        self._data = data
        self._order = order

    def take(self, signature: str) -> tuple[Any, ...]:
        found = []
        at = 0
        while at < len(signature):
            value, at = self._one(signature, at)
            found.append(value)
        return tuple(found)

    def skip(self, alignment: int) -> None:
        self.at += -self.at % alignment

    def _one(self, signature: str, at: int) -> tuple[Any, int]:
        """Read the type that begins at ``at``. Returns the value, and where the next type begins."""
        kind = signature[at]
        self.skip(_ALIGNMENT[kind])
        if kind in _FIXED:
            number = self._number(_FIXED[kind])
            return (bool(number) if kind == "b" else number), at + 1
        if kind in "sog":
            text = self._bytes(self._number("B" if kind == "g" else "I") + 1)
            if text[-1]:
                raise Garbled
            return text[:-1].decode(), at + 1
        if kind == "v":
            inner, _ = self._one("g", 0)
            value, end = self._one(inner, 0)
            if end != len(inner):
                raise Garbled
            return (inner, value), at + 1
        if kind == "a":
            return self._array(signature, at + 1)
        parts = []
        at += 1
        while signature[at] not in ")}":
            part, at = self._one(signature, at)
            parts.append(part)
        return tuple(parts), at + 1

    def _array(self, signature: str, at: int) -> tuple[Any, int]:
        length = self._number("I")
        self.skip(_ALIGNMENT[signature[at]])
        if signature[at] == "y":
            return self._bytes(length), at + 1
        end = self.at + length
        found = []
        while self.at < end:
            before = self.at
            found.append(self._one(signature, at)[0])
            if self.at == before:
                raise Garbled  # something that takes no room could go on for ever
        if self.at != end:
            raise Garbled
        return dict(found) if signature[at] == "{" else found, _end(signature, at)

    def _number(self, code: str) -> Any:
        (number,) = struct.unpack_from(self._order + code, self._data, self.at)
        self.at += struct.calcsize(code)
        return number

    def _bytes(self, length: int) -> bytes:
        found = self._data[self.at : self.at + length]
        if len(found) != length:
            raise Garbled
        self.at += length
        return found


def _end(signature: str, at: int) -> int:
    """Where the type that begins at ``at`` ends."""
    while signature[at] == "a":
        at += 1
    open_ = 0
    while True:
        open_ += (signature[at] in "({") - (signature[at] in ")}")
        at += 1
        if not open_:
            return at
