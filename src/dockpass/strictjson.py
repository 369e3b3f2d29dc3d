"""JSON, read strictly, and with the place of everything remembered.

Two readers need more than the standard module gives. config.json must be changed without losing a byte of what dockpass
does not understand: :func:`parse` keeps where each value stood, the order and repetitions of keys, and numbers as they
were written. What registries, helpers and engines send is hostile until proven otherwise: :func:`loads` refuses
repeated keys, deep nesting, text that is not UTF-8 and anything after the value.

It uses no ``re`` and none of :mod:`json`'s Python part, which would cost 5 ms at the start of every process.

Reference: https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

try:
    from _json import scanstring
except ImportError:  # another Python than CPython
    from json.decoder import scanstring  # type: ignore[attr-defined, no-redef, unused-ignore]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SPACE = " \t\n\r"
_DIGITS = "0123456789"
_LITERALS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}


class BadJSON(ValueError):
    """Text that is not JSON, or is not allowed to be.

    ``reason`` is one line without any of the text; ``line`` and ``column`` count from 1, in characters.
    """

    def __init__(self, reason: str, text: str, position: int) -> None:
        self.reason = reason
        self.line = text.count("\n", 0, position) + 1
        self.column = position - text.rfind("\n", 0, position)
        super().__init__(f"line {self.line}, column {self.column}: {reason}")


class Node:
    """One value and its place: ``text[start:end]``.

    ``kind`` is ``"object"``, ``"array"``, ``"string"``, ``"number"`` or ``"literal"``. ``value`` is a list of
    ``(name, node)`` pairs in the order of the text, repetitions included; a list of nodes; a ``str``; the number as it
    was written; or ``True``, ``False``, ``None``.
    """

    __slots__ = ("end", "kind", "start", "value")

    def __init__(self, kind: str, value: Any, start: int, end: int) -> None:
        self.kind = kind
        self.value = value
        self.start = start
        self.end = end


def parse(text: str, *, max_depth: int = 64) -> Node:
    """The tree of ``text``, which must be one JSON value and nothing more.

    Args:
        text: The text. A byte order mark is an error, as the specification allows.
        max_depth: How many arrays and objects may stand inside each other.

    Raises:
        BadJSON: It is not JSON, or nested deeper.

    """
    if text.startswith("\ufeff"):
        raise BadJSON("a byte order mark, which JSON does not allow", text, 0)
    node, position = _value(text, _skip(text, 0), max_depth)
    position = _skip(text, position)
    if position != len(text):
        raise BadJSON("more text after the end of the JSON value", text, position)
    return node


def loads(data: bytes, *, max_depth: int = 32, more: bool = False) -> Any:
    """The Python value of JSON in UTF-8, for data that somebody else sent.

    Args:
        data: The bytes. The caller limits their number.
        max_depth: How many arrays and objects may stand inside each other.
        more: Whether other text may follow the value. It is not looked at: Go's decoder, which wrote the protocols that
            need this, stops after the first value too.

    Returns:
        ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` or ``None``. A whole number of more than 18 digits
        becomes a ``float``, and so can be infinite.

    Raises:
        BadJSON: Not UTF-8, not JSON, nested deeper, a name repeated in an object, or a lone surrogate in a string.

    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJSON("not UTF-8", data[: error.start].decode("utf-8", "replace"), error.start) from None
    node = _value(text, _skip(text, 0), max_depth)[0] if more else parse(text, max_depth=max_depth)
    return _plain(text, node)


def plain(node: Node) -> Any:
    """The Python value of a node; where an object repeats a name, the last one counts."""
    if node.kind == "object":
        return {name: plain(child) for name, child in node.value}
    if node.kind == "array":
        return [plain(child) for child in node.value]
    if node.kind == "number":
        return _number(node.value)
    return node.value


def quote(value: str) -> str:
    """A JSON string as Go's encoder writes it: ``<``, ``>``, ``&``, U+2028 and U+2029 escaped, other text as it is.

    Lone surrogates, which have no UTF-8, become U+FFFD, as in Go.

    Reference: https://pkg.go.dev/encoding/json#Marshal
    """
    return '"' + "".join(_escape(character) for character in value) + '"'


_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _escape(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character < " " or character in "<>&\u2028\u2029":
        return f"\\u{ord(character):04x}"
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return character


def _plain(text: str, node: Node) -> Any:
    if node.kind == "object":
        result = {}
        for name, child in node.value:
            if name in result:
                raise BadJSON("a name stands twice in one object", text, child.start)
            _no_surrogates(text, name, child.start)
            result[name] = _plain(text, child)
        return result
    if node.kind == "array":
        return [_plain(text, child) for child in node.value]
    if node.kind == "number":
        return _number(node.value)
    if node.kind == "string":
        _no_surrogates(text, node.value, node.start)
    return node.value


def _no_surrogates(text: str, value: str, position: int) -> None:
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise BadJSON("half a surrogate pair", text, position)


def _number(written: str) -> int | float:
    digits = written.removeprefix("-")
    if len(digits) <= 18 and digits.isdigit():
        return int(written)
    return float(written)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def _value(text: str, position: int, depth: int) -> tuple[Node, int]:
    first = text[position : position + 1]
    if first == '"':
        value, end = _string(text, position)
        return Node("string", value, position, end), end
    if first == "{":
        return _object(text, position, depth - 1)
    if first == "[":
        return _array(text, position, depth - 1)
    if first in _LITERALS:
        word, literal = _LITERALS[first]
        if text.startswith(word, position):
            end = position + len(word)
            return Node("literal", literal, position, end), end
    elif first and first in "-0123456789":
        end = _number_end(text, position)
        return Node("number", text[position:end], position, end), end
    elif not first:
        raise BadJSON("the text ends where a value should stand", text, position)
    raise BadJSON("a value should stand here", text, position)


def _string(text: str, position: int) -> tuple[str, int]:
    try:
        value, end = scanstring(text, position + 1, True)
    except SystemError:
        # The scanner raises an exception of this module's, and none at all as long as nobody has imported it.
        import json.decoder  # noqa: F401

        return _string(text, position)
    except ValueError as error:
        # The standard module's words hold no part of the text; only a position.
        reason = str(getattr(error, "msg", "a string that is not JSON"))
        where = getattr(error, "pos", position)
        raise BadJSON(reason[:1].lower() + reason[1:].removesuffix(" at"), text, where) from None
    return value, end


def _object(text: str, start: int, depth: int) -> tuple[Node, int]:
    if depth < 0:
        raise BadJSON("nested too deep", text, start)
    members: list[tuple[str, Node]] = []
    position = _skip(text, start + 1)
    if text[position : position + 1] == "}":
        return Node("object", members, start, position + 1), position + 1
    while True:
        if text[position : position + 1] != '"':
            raise BadJSON("a name in double quotes should stand here", text, position)
        name, position = _string(text, position)
        position = _skip(text, position)
        if text[position : position + 1] != ":":
            raise BadJSON("a colon should stand here", text, position)
        child, position = _value(text, _skip(text, position + 1), depth)
        members.append((name, child))
        position = _skip(text, position)
        following = text[position : position + 1]
        if following == "}":
            return Node("object", members, start, position + 1), position + 1
        if following != ",":
            raise BadJSON("a comma or a closing brace should stand here", text, position)
        position = _skip(text, position + 1)


def _array(text: str, start: int, depth: int) -> tuple[Node, int]:
    if depth < 0:
        raise BadJSON("nested too deep", text, start)
    items: list[Node] = []
    position = _skip(text, start + 1)
    if text[position : position + 1] == "]":
        return Node("array", items, start, position + 1), position + 1
    while True:
        child, position = _value(text, position, depth)
        items.append(child)
        position = _skip(text, position)
        following = text[position : position + 1]
        if following == "]":
            return Node("array", items, start, position + 1), position + 1
        if following != ",":
            raise BadJSON("a comma or a closing bracket should stand here", text, position)
        position = _skip(text, position + 1)


def _number_end(text: str, start: int) -> int:
    position = start + (text[start] == "-")
    if text[position : position + 1] == "0":
        position += 1
    else:
        position = _digits(text, position)
    if text[position : position + 1] == ".":
        position = _digits(text, position + 1)
    if text[position : position + 1] in ("e", "E"):
        position += 1
        if text[position : position + 1] in ("+", "-"):
            position += 1
        position = _digits(text, position)
    return position


def _digits(text: str, start: int) -> int:
    position = start
    while position < len(text) and text[position] in _DIGITS:
        position += 1
    if position == start:
        raise BadJSON("a digit should stand here", text, position)
    return position
