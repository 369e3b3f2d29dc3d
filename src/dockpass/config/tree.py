"""JSON as a tree that can be changed, in which every token that is not changed stays as it was written.

A string keeps its escapes, a number its digits, an object the order and the repetitions of its names. What is written
anew is the white space: as Go's ``json.MarshalIndent`` with a tab does it, which is how docker writes its files.

Reference: https://pkg.go.dev/encoding/json#MarshalIndent
"""

from __future__ import annotations

from dockpass.strictjson import parse, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockpass.strictjson import Node


class Value:
    """One value.

    Attributes:
        kind: As :class:`~dockpass.strictjson.Node` has it.
        raw: The token as written, of a string, number or literal; ``""`` for the others.
        value: What it means, of a string or literal.
        members: The members of an object.
        items: The values of an array.
        start: Where it stood in the text; -1 for what is new.

    """

    __slots__ = ("items", "kind", "members", "raw", "start", "value")

    def __init__(self, kind: str, raw: str = "", value: Any = None, start: int = -1) -> None:
        self.kind = kind
        self.raw = raw
        self.value = value
        self.members: list[Member] = []
        self.items: list[Value] = []
        self.start = start

    @property
    def is_null(self) -> bool:
        """Whether it is ``null``, which for Go's decoder is "not there" nearly everywhere."""
        return self.kind == "literal" and self.value is None


class Member:
    """A name in an object, and its value.

    Attributes:
        name: The name, with U+FFFD in place of halves of surrogate pairs, as Go has it.
        raw: The name as written, quotes included.
        value: The value.

    """

    __slots__ = ("name", "raw", "value")

    def __init__(self, name: str, raw: str, value: Value) -> None:
        self.name = name
        self.raw = raw
        self.value = value


def grow(text: str) -> Value:
    """The tree of ``text``.

    Raises:
        BadJSON: It is not JSON, or nested more than 64 deep.

    """
    return _grow(text, parse(text))


def string(value: str) -> Value:
    """A new string."""
    return Value("string", quote(value), value)


def new_object() -> Value:
    """A new object without members."""
    return Value("object")


def member(name: str, value: Value) -> Member:
    """A new member."""
    return Member(name, quote(name), value)


def whole(text: str) -> str:
    """``text`` with U+FFFD in place of halves of surrogate pairs, which JSON can spell and UTF-8 cannot."""
    if text.isascii():
        return text
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)


def write(value: Value) -> str:
    """The text of a tree, laid out as docker does, without a newline at its end."""
    parts: list[str] = []
    _write(value, "\n", parts)
    return "".join(parts)


def _grow(text: str, node: Node) -> Value:
    if node.kind == "object":
        grown = Value("object", start=node.start)
        place = node.start + 1
        for name, child in node.value:
            # Between two values stand white space, a comma, the name and a colon: the quotes are the name's.
            token = text[text.index('"', place) : text.rindex('"', place, child.start) + 1]
            grown.members.append(Member(whole(name), token, _grow(text, child)))
            place = child.end
        return grown
    if node.kind == "array":
        grown = Value("array", start=node.start)
        grown.items = [_grow(text, child) for child in node.value]
        return grown
    value = whole(node.value) if node.kind == "string" else node.value
    return Value(node.kind, text[node.start : node.end], value, node.start)


def _write(value: Value, newline: str, parts: list[str]) -> None:
    deeper = newline + "\t"
    if value.kind == "object" and value.members:
        before = "{"
        for each in value.members:
            parts += (before, deeper, each.raw, ": ")
            _write(each.value, deeper, parts)
            before = ","
        parts += (newline, "}")
    elif value.kind == "array" and value.items:
        before = "["
        for item in value.items:
            parts += (before, deeper)
            _write(item, deeper, parts)
            before = ","
        parts += (newline, "]")
    else:
        parts.append({"object": "{}", "array": "[]"}.get(value.kind, value.raw))
