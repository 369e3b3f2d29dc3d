from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.config.tree import grow, member, new_object, string, whole, write
from dockpass.strictjson import BadJSON

GO = """{
	"a": 1.50,
	"b\\u0041": [
		"<",
		{},
		[],
		{
			"c": null
		}
	],
	"a": true,
	"e": {}
}"""


def test_layout_is_gos_and_every_token_is_kept() -> None:
    spaced = '\n {"a" :1.50 ,"b\\u0041":[ "<",{ },[\n], {"c":null}],\t"a":true,"e":{}}\r\n'
    assert write(grow(spaced)) == GO
    assert write(grow(GO)) == GO


@pytest.mark.parametrize("text", ["1e5", '"\\u00e9"', "null", "[]", "{}", "-0.0", "true"])
def test_a_single_value(text: str) -> None:
    assert write(grow(f" {text} ")) == text


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.sampled_from([None, 0, 3]), st.booleans())
def test_layout_of_anything(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = write(grow(json.dumps(value, indent=indent, ensure_ascii=ascii_only)))
    # The standard module lays out as Go does, but for empty lines in empty containers, which it has not either.
    assert text == json.dumps(value, indent="\t", ensure_ascii=ascii_only)
    assert write(grow(text)) == text


def test_names_with_quotes_commas_and_colons() -> None:
    text = '{"a\\"b": 1, ",": 2, ":\\\\": 3, "{": {"\\"": []}}'
    grown = grow(text)
    assert [each.raw for each in grown.members] == ['"a\\"b"', '","', '":\\\\"', '"{"']
    assert [each.name for each in grown.members] == ['a"b', ",", ":\\", "{"]


def test_halves_of_pairs_are_what_go_makes_of_them() -> None:
    grown = grow('{"\\ud800": "\\udc00x", "\\ud83d\\ude00": "é"}')
    assert [(each.name, each.value.value) for each in grown.members] == [("\ufffd", "\ufffdx"), ("😀", "é")]
    assert write(grown) == '{\n\t"\\ud800": "\\udc00x",\n\t"\\ud83d\\ude00": "é"\n}'
    assert whole("plain") == "plain"


def test_new_values() -> None:
    root = new_object()
    root.members.append(member("<é>", string("a\nb&\u2028")))
    root.members.append(member("empty", new_object()))
    assert write(root) == '{\n\t"\\u003cé\\u003e": "a\\nb\\u0026\\u2028",\n\t"empty": {}\n}'


def test_deep_nesting() -> None:
    with pytest.raises(BadJSON):
        grow("[" * 1_000_000)
    assert write(grow("[" * 64 + "]" * 64)).count("[") == 64
