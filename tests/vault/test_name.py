"""Names as file names."""

from __future__ import annotations

import hashlib
import os
import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dockpass.testing.stores import SERVERS, USERNAMES
from dockpass.vault.layout import state
from dockpass.vault.name import decode, encode, is_digest

if TYPE_CHECKING:
    from pathlib import Path

names = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.text("aA./%#~\\:0\x00é", max_size=8),
    st.text("ab", min_size=195, max_size=205),
    st.text("A", min_size=60, max_size=70),
)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("reg.example.com", "reg.example.com"),
        ("reg.example.com:5000", "reg.example.com%3A5000"),
        ("https://index.docker.io/v1/", "https%3A%2F%2Findex.docker.io%2Fv1%2F"),
        ("Alice", "%41lice"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("...", "%2E.%2E"),
        (".hidden", "%2Ehidden"),
        ("reg.", "reg%2E"),
        ("a/b\\c", "a%2Fb%5Cc"),
        ("\0", "%00"),
        ("%41", "%2541"),
        ("#a", "%23a"),
        ("é", "%C3%A9"),
        ("<token>", "%3Ctoken%3E"),
        ("a b~*", "a%20b%7E%2A"),
        ("a" * 200, "a" * 200),
    ],
)
def test_how_a_name_is_written(name: str, written: str) -> None:
    assert encode(name) == written
    assert decode(written) == name


@pytest.mark.parametrize(
    "name", ["", "a" * 201, "A" * 67, "ü" * 34, "#" + "0" * 64, "#" + hashlib.sha256(b"").hexdigest()]
)
def test_a_name_that_cannot_be_written_so_is_a_digest(name: str) -> None:
    written = encode(name)
    assert written == "%23" + hashlib.sha256(name.encode()).hexdigest()
    assert is_digest(written)
    assert decode(written) is None


@given(names)
@example("\ud800")
@example("\udcff")
def test_every_name_has_a_safe_file_name_that_leads_back(name: str) -> None:
    written = encode(name)
    assert 0 < len(written) <= 200
    assert not set(written) - set(string.ascii_lowercase + string.digits + "-_.%ABCDEF")
    assert not written.startswith(".")
    assert not written.endswith(".")
    assert written not in (".", "..")
    # Letters stand in upper case only behind a percent sign, so that no two differ by case alone.
    assert not any(part[2:] != part[2:].lower() for part in f"xx{written}".split("%"))
    if is_digest(written):
        assert decode(written) is None
    else:
        assert decode(written) == name


@given(names, names)
def test_no_two_names_are_one_file(one: str, other: str) -> None:
    assert (encode(one) == encode(other)) == (one == other)
    assert (encode(one).lower() == encode(other).lower()) == (one == other)


@given(st.one_of(st.text(), st.text("aA%0123./#", max_size=10)))
@example("%")
@example("%4")
@example("%61")
@example("%3a")
@example("Alice")
@example(".a")
@example("%FF")
@example("% 1")
@example("é")
@example("a%é")
def test_what_is_no_file_name_of_ours_stands_for_nothing(written: str) -> None:
    name = decode(written)
    assert name is None or encode(name) == written


def test_names_that_stores_get_in_trouble_with() -> None:
    every = (*SERVERS, *USERNAMES)
    assert len({encode(name) for name in every}) == len(set(every))


def test_the_file_of_what_is_remembered_about_a_server(tmp_path: Path) -> None:
    assert state("/vault", "reg.test:5000") == os.path.join("/vault", "state", "reg.test%3A5000.json")
    assert os.path.dirname(state("/vault", "../../x")) == "/vault/state"
