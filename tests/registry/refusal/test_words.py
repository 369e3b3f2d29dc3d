"""What registries say, in all their forms."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.http.message import Response
from dockpass.registry.refusal import words


def said(body: bytes | str | object, kind: str = "", status: int = 401) -> str:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return words.of(Response(status, (("content-type", kind),) if kind else (), raw))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"errors": [{"code": "UNAUTHORIZED", "message": "m"}]}, "unauthorized: m"),  # case 82
        ({"errors": [{"code": "DENIED", "message": "denied"}]}, "denied: denied"),  # case 83
        ({"errors": [{"code": "NAME_UNKNOWN", "message": ""}]}, "name unknown"),
        ({"errors": [{"code": "UNAUTHORIZED", "message": "unauthorized: m"}]}, "unauthorized: m"),
        ({"errors": [{"message": " m "}]}, "m"),
        ({"errors": [{"code": "A", "detail": "d"}]}, "a: d"),
        ({"errors": [{}, {"message": "second"}]}, "second"),
        ({"errors": []}, ""),
        ({"errors": [], "message": "m"}, "m"),
        ({"errors": "text"}, "text"),
        ({"errors": ["text"]}, "text"),
        ({"details": "D"}, "D"),  # case 87
        ({"error_description": "E"}, "E"),  # case 87
        ({"error": "invalid_grant", "error_description": "E"}, "invalid_grant: E"),
        ({"error": "e"}, "e"),
        ({"error": {"code": 401, "message": "m"}}, "m"),
        ({"message": "m"}, "m"),
        ({"code": 7, "message": 8, "errors": 9}, ""),
        ({"other": "x"}, ""),
        ({}, ""),
        ([], ""),
        ("[1]", ""),
        ("null", "null"),
        ('"text"', "text"),
        ("", ""),
        ("  \n\n  denied  \nmore", "denied"),
        ("{broken\nmore", "{broken"),
        ('{"a":1,"a":2}', '{"a":1,"a":2}'),
        ("a < b", "a < b"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (
            "<html>\n<head><title>403 Forbidden</title></head><body>x</body></html>",
            "403 Forbidden",
        ),  # case 87
        ("<script>alert(1)</script><style>p{}</style><!-- <p>no</p> --><p>yes</p>", "yes"),
        ("<script>never closed", ""),
        ("<p", ""),
        ("<p>\u0130<b>x", "\u0130"),
        ("[" * 100_000, "[" * 100_000),  # case 105
    ],
)
def test_is_found(body: object, expected: str) -> None:
    assert said(body) == expected


def test_html_is_known_by_its_type_too() -> None:
    assert said("oops<br>now", "text/html") == "oops"


@pytest.mark.parametrize("status", [200, 201, 302])
def test_of_a_success_nothing_is_repeated(status: int) -> None:
    assert said({"message": "token"}, status=status) == ""


def test_many_open_tags_are_no_burden() -> None:
    assert said("<script" * 9_000) == ""
    assert said("<!--" * 16_000) == ""
    assert said("<script></script>" * 4_000 + "x") == "x"


@given(st.binary())
def test_never_raises(body: bytes) -> None:
    found = said(body)
    assert found == found.strip()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["errors", "error", "code", "message", "details", "detail"]), inner)
        ),
        max_leaves=8,
    )
)
def test_never_raises_on_json(value: object) -> None:
    said(value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (['299 - "use v3"'], ["use v3"]),  # case 18
        (['299 - "a \\"b\\" c" "Sun, 06 Nov 1994 08:49:37 GMT"'], ['a "b" c']),
        (['299 - "\x1b[31m"'], ["\x1b[31m"]),  # case 19: cleaned later
        (['299 - "a"', '299 - "b"'], ["a", "b"]),
        (['110 - "stale"', '299 host "x"', "299 - x", '299 - "open', '299 - ""', ""], []),
    ],
)
def test_warnings(values: list[str], expected: list[str]) -> None:
    assert words.warnings(Response(200, tuple(("warning", value) for value in values))) == expected
