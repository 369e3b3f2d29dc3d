from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import dockpass
from dockpass.strictjson import BadJSON, Node, loads, parse, plain, quote

scalars = (
    st.none()
    | st.booleans()
    | st.integers(1 - 10**18, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)

# What JSON is made of, in any order: mostly no JSON, but close to it.
pieces = st.lists(
    st.sampled_from(
        [
            *'{}[]:,"\\ \t\n\r+-.0123456789eEu',
            *(
                "true",
                "false",
                "null",
                "NaN",
                "Infinity",
                "-Infinity",
                '""',
                '"a"',
                '"\\u0041"',
                '"\\ud800"',
                '"\\ud83d\\ude00"',
            ),
            *("\x00", "\x0b", "\xa0", "\ufeff", "é", "٣", "nul", "'a'", "//", "0x1", "1e5", "-0", "1.5"),
        ]
    ),
    max_size=12,
).map("".join)


def oracle(text: str) -> Any:
    """What the standard module makes of it, without its extensions to JSON."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return bool(one == other)


@given(values, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_the_standard_module_writes_is_read(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert same(plain(parse(text)), json.loads(text))
    if "\\ud" not in text:
        assert same(loads(text.encode()), json.loads(text))


@given(pieces)
@example("1" * 30)
@example("[1e999]")
@example('{"a":1,"a":2}')
@example('"\x7f"')
@example('"\n"')
@example("[1,]")
@example('{"a":1,}')
@example("01")
@example("-")
@example("1.")
@example(".5")
@example("1e")
@example("٣")
@example("\ufeff1")
@example("\x0b1")
def test_the_same_is_refused_and_understood_as_by_the_standard_module(text: str) -> None:
    try:
        expected = oracle(text)
    except ValueError:
        with pytest.raises(BadJSON):
            parse(text)
        return
    found = plain(parse(text))
    if len(text) < 18:  # longer numbers become floats here
        assert same(found, expected)


@given(pieces.map(lambda text: text.encode()) | st.binary(max_size=20))
def test_bytes_of_others_give_a_value_or_an_error(data: bytes) -> None:
    try:
        value = loads(data)
    except BadJSON:
        return
    assert same(value, json.loads(data)) or len(data) >= 18


def nodes(node: Node) -> list[Node]:
    found = [node]
    if node.kind == "object":
        for _name, child in node.value:
            found += nodes(child)
    elif node.kind == "array":
        for child in node.value:
            found += nodes(child)
    return found


@given(values, st.sampled_from([None, 2]))
def test_every_node_knows_its_place(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    for node in nodes(parse(text)):
        token = text[node.start : node.end]
        assert token == token.strip()
        assert same(plain(parse(token)), plain(node))


def test_kinds_order_repetitions_and_numbers_as_written() -> None:
    node = parse(' {"b": 1.50, "a": [true, null], "b": "\\u0041"} ')
    assert node.kind == "object"
    assert [(name, child.kind) for name, child in node.value] == [("b", "number"), ("a", "array"), ("b", "string")]
    assert node.value[0][1].value == "1.50"
    assert [child.kind for child in node.value[1][1].value] == ["literal", "literal"]
    assert node.value[2][1].value == "A"
    assert plain(node) == {"b": "A", "a": [True, None]}


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "the text ends where a value should stand"),
        ("\ufeff{}", 1, 1, "a byte order mark, which JSON does not allow"),
        ("{} {}", 1, 4, "more text after the end of the JSON value"),
        ('{\n\t"a": 1,\n}', 3, 1, "a name in double quotes should stand here"),
        ('{\n  "a" 1}', 2, 7, "a colon should stand here"),
        ('{"a": 1 "b": 2}', 1, 9, "a comma or a closing brace should stand here"),
        ("[1 2]", 1, 4, "a comma or a closing bracket should stand here"),
        ("[1,\n]", 2, 1, "a value should stand here"),
        ("[nul]", 1, 2, "a value should stand here"),
        ("[1.x]", 1, 4, "a digit should stand here"),
        ('{"é": x}', 1, 7, "a value should stand here"),
        ("// comment\n{}", 1, 1, "a value should stand here"),
        ('\n"ab', 2, 1, "unterminated string starting"),
        ('"a\tb"', 1, 3, "invalid control character"),
        ('"\\x"', 1, 2, "invalid \\escape"),
        ("[" * 65, 1, 65, "nested too deep"),
        ('{"a":' * 65, 1, 321, "nested too deep"),
    ],
)
def test_errors_say_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(BadJSON) as caught:
        parse(text)
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert error.reason.startswith(reason)
    assert str(error) == f"line {line}, column {column}: {error.reason}"


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_of_a_million_is_an_error_and_no_overflow(opening: str) -> None:
    with pytest.raises(BadJSON, match="nested too deep"):
        parse(opening * 1_000_000)
    with pytest.raises(BadJSON, match="nested too deep"):
        loads(opening.encode() * 1_000_000)


def test_as_deep_as_allowed() -> None:
    assert plain(parse("[" * 64 + "]" * 64)) == oracle("[" * 64 + "]" * 64)
    assert loads(b"[[1]]", max_depth=2) == [[1]]
    with pytest.raises(BadJSON):
        loads(b"[[1]]", max_depth=1)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a":1,"a":2}', "a name stands twice in one object"),
        (b'{"a":{"b":1,"b":1}}', "a name stands twice in one object"),
        (b'["\\ud800"]', "half a surrogate pair"),
        (b'{"\\udc00":1}', "half a surrogate pair"),
        (b'"\xff"', "not UTF-8"),
        (b"\xef\xbb\xbf{}", "a byte order mark"),
        (b"{} x", "more text"),
        ('"a"'.encode("utf-16"), "not UTF-8"),
    ],
)
def test_what_is_refused_of_others(data: bytes, reason: str) -> None:
    with pytest.raises(BadJSON, match=reason):
        loads(data)


def test_the_place_of_bytes_that_are_no_text() -> None:
    with pytest.raises(BadJSON) as caught:
        loads(b'{\n"a": "\xff"}')
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_more_text_may_be_allowed() -> None:
    assert loads(b' {"a": 1} and more', more=True) == {"a": 1}
    assert loads(b'{"a": 1}{', more=True) == {"a": 1}
    with pytest.raises(BadJSON):
        loads(b"and more", more=True)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"123456789012345678", 123456789012345678),
        (b"1234567890123456789", 1.2345678901234568e18),
        (b"-1", -1),
        (b"-123456789012345678", -123456789012345678),
        (b"1" * 400, math.inf),
        (b"1.5e3", 1500.0),
        (b'"\\ud83d\\ude00"', "😀"),
    ],
)
def test_numbers_and_pairs(data: bytes, value: object) -> None:
    assert same(loads(data), value)


@given(st.text())
def test_quoted_text_reads_back(text: str) -> None:
    written = quote(text)
    assert json.loads(written) == text
    assert plain(parse(written)) == text
    written.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain é 😀", '"plain é 😀"'),
        ("<a> & b", '"\\u003ca\\u003e \\u0026 b"'),
        ("\u2028\u2029", '"\\u2028\\u2029"'),
        ('"\\/', '"\\"\\\\/"'),
        ("\n\r\t\b\f\x00\x1f\x7f", '"\\n\\r\\t\\b\\f\\u0000\\u001f\x7f"'),
        ("a\ud800b", '"a\ufffdb"'),
    ],
)
def test_strings_as_go_writes_them(text: str, written: str) -> None:
    assert quote(text) == written


@pytest.mark.parametrize(("text", "column"), [('{"a": "b', 7), ('{"a": "\\x"}', 8), ('{"a": "\n"}', 8), ('{"a', 2)])
def test_a_broken_string_where_nobody_has_imported_json(text: str, column: int) -> None:
    """As in a login: the C scanner has no exception to raise then."""
    code = f"""
import sys
sys.path.append({os.path.dirname(os.path.dirname(dockpass.__file__))!r})
from dockpass.strictjson import BadJSON, parse
assert "json.decoder" not in sys.modules
try:
    parse({text!r})
except BadJSON as error:
    print(error.column, error.reason)
"""
    done = subprocess.run((sys.executable, "-IS", "-c", code), capture_output=True, text=True, check=False)
    with pytest.raises(BadJSON) as known:
        parse(text)
    assert (done.stdout, done.stderr) == (f"{column} {known.value.reason}\n", "")
