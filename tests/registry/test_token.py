"""The token server's answer, good and bad."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.errors import ProtocolError
from dockpass.registry.token import Token, read


def got(answer: object, *, refresh: bool = True) -> Token:
    return read(answer if isinstance(answer, bytes) else json.dumps(answer).encode(), who="t.example", refresh=refresh)


@pytest.mark.parametrize(
    "answer",
    [
        {"token": "a"},  # case 88
        {"access_token": "a"},  # case 89
        {"token": "b", "access_token": "a"},  # case 90
        {"token": "a", "access_token": ""},
        {"token": "a", "access_token": None},
        {"token": "a", "issued_at": 1700000000},  # case 98
        {"token": "a", "issued_at": ""},
    ],
)
def test_a_token_is_found(answer: object) -> None:
    token = got(answer)
    assert (token.value.reveal(), token.expires_in, token.refresh_token) == ("a", 60, None)


@pytest.mark.parametrize(
    "answer",
    [
        {},  # case 91
        {"token": ""},  # case 92
        {"token": None},
        {"token": []},
        {"token": 7},
        {"token": True},
        {"access_token": {}, "token": "a"},
        {"token": "hunter2\r\nX: y"},  # case 93
        {"token": "hunter2 x"},
        {"token": "hunter2\u00e4"},
        {"token": "hunter2\x7f"},
        {"token": "hunter2" + "x" * 65536},
        {"token": "a", "refresh_token": 7},
        {"token": "a", "refresh_token": "hunter2\n"},
        [],
        "hunter2",
        None,
        b"",
        b"hunter2",  # case 107
        b'{"token":"hunter2"} x',
        b'{"token":"hunter2","token":"hunter2"}',  # case 104
        b'{"token":' + b"[" * 100_000,  # case 105
        b"[" * 33 + b"]" * 33,
        b'\xef\xbb\xbf{"token":"hunter2"}',  # case 106
        b'{"token":"\xff"}',
        '{"token":"hunter2"}'.encode("utf-16"),
        b'{"token":"\\ud800"}',
        b'{"token":"hunter2","expires_in":NaN}',
    ],
)
def test_anything_else_is_refused_and_not_repeated(answer: object) -> None:
    with pytest.raises(ProtocolError) as caught:
        got(answer)
    assert caught.value.message.startswith("t.example gave a")
    assert "hunter2" not in caught.value.message
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (10, 60),  # case 95
        (60, 60),
        (300, 300),
        ("300", 300),  # case 96
        (299.9, 299),
        (-5, 60),  # case 97
        (0, 60),
        (None, 60),
        (True, 60),
        ("x", 60),
        ("-5", 60),
        ("NaN", 60),
        ("²", 60),
        ("9" * 30, 60),
        ([], 60),
        (1e308, 86400),
        (10**30, 86400),
        (86401, 86400),
    ],
)
def test_how_long_it_lasts(given: object, seconds: int) -> None:
    assert got({"token": "a", "expires_in": given}).expires_in == seconds


def test_a_number_beyond_all_numbers_is_a_day() -> None:
    assert got(b'{"token":"a","expires_in":1e999999}').expires_in == 86400
    assert got(b'{"token":"a","expires_in":' + b"9" * 1000 + b"}").expires_in == 86400
    assert got(b'{"token":"a","expires_in":-1e999999}').expires_in == 60


def test_an_identity_token_is_kept_only_if_it_was_asked_for() -> None:  # cases 99, 100
    answer = {"token": "a", "refresh_token": "r"}
    refresh_token = got(answer).refresh_token
    assert refresh_token is not None
    assert refresh_token.reveal() == "r"
    assert got(answer, refresh=False).refresh_token is None
    assert got({"token": "a", "refresh_token": ""}).refresh_token is None


def test_it_does_not_show_itself() -> None:
    assert "secret-token" not in repr(got({"token": "secret-token"}).value)


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)
_NAMES = st.sampled_from(["token", "access_token", "expires_in", "refresh_token", "issued_at"])


@given(st.one_of(st.binary(), st.dictionaries(_NAMES, _VALUES).map(lambda value: json.dumps(value).encode())))
def test_raises_nothing_but_protocol_errors(body: bytes) -> None:
    try:
        token = read(body, who="t", refresh=True)
    except ProtocolError:
        return
    value = token.value.reveal()
    assert value.isascii()
    assert value.isprintable()
    assert value
    assert " " not in value
    assert 60 <= token.expires_in <= 86400
