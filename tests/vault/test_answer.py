"""What is sealed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.vault.answer import END, beginning, read, render
from dockpass.vault.quick import _beginning

text = st.text(st.characters(exclude_categories=["Cs"]))
difficult = st.text('a"\\<>&\u2028é\n<token>', max_size=6)


def test_the_bytes_are_those_of_dockers_reference_helper() -> None:
    assert render("reg.test", "alice", 'a"<b>&\\\n') == (
        b'{"ServerURL":"reg.test","Username":"alice","Secret":"a\\"\\u003cb\\u003e\\u0026\\\\\\n"}\n'
    )


@given(text, text, text)
def test_what_is_written_can_be_read(server: str, username: str, secret: str) -> None:
    plain = render(server, username, secret)
    assert plain.startswith(beginning(server, username))
    assert plain.endswith(END)
    assert read(plain) == (server, username, secret)
    assert json.loads(plain) == {"ServerURL": server, "Username": username, "Secret": secret}


@given(difficult, difficult, difficult, difficult)
def test_the_beginning_of_one_is_never_that_of_another(one: str, its: str, other: str, others: str) -> None:
    same = (one, its) == (other, others)
    assert render(one, its, "x").startswith(beginning(other, others)) == same


@given(st.one_of(text, difficult), st.one_of(text, difficult, st.just("<token>")))
def test_the_short_way_begins_the_same(server: str, username: str) -> None:
    assert _beginning(server, username) == beginning(server, username)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"x",
        b"[]",
        b"{}",
        b'{"ServerURL":"a","Username":"b"}',
        b'{"ServerURL":1,"Username":"b","Secret":"c"}',
        b'{"ServerURL":"a","Username":"b","Secret":"c"} x',
        b'{"ServerURL":"a","Username":"b","Secret":"c","Secret":"d"}',
        b"\xff",
    ],
)
def test_what_is_no_answer(plain: bytes) -> None:
    with pytest.raises(ValueError, match="."):
        read(plain)
