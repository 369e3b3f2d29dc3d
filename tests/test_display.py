"""Text from others, made safe to show."""

from __future__ import annotations

import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.display import clean, quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, ümlauts and 漢字", "plain words, ümlauts and 漢字"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("two\r\nlines", r"two\x0d\x0alines"),
        ("\x9b31m", r"\x9b31m"),
        ("abc\u202edef", r"abc\u202edef"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("hidden\u2800\u3164", r"hidden\u2800\u3164"),
        ("\ud800", r"\ud800"),
        ("\U000e0001tag", r"\U000e0001tag"),
        ("no\u00a0break", r"no\xa0break"),
    ],
)
def test_what_could_act_or_hide_is_shown_as_its_number(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_long_text_is_cut() -> None:
    assert clean("a" * 1000) == "a" * 511 + "…"
    assert clean("é" * 1000, 10) == "é" * 9 + "…"
    assert clean("abc", 3) == "abc"
    assert len(clean("\x1b" * 1000, 10)) == 10


@given(st.text())
def test_nothing_but_printable_text_comes_out(text: str) -> None:
    shown = clean(text)
    assert len(shown) <= 512
    assert shown.isprintable()
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in shown)


@pytest.mark.parametrize("text", ["", "reg.test", "it's", '$HOME `id` \\ "x" *', "two\nlines", "'; rm -rf /; '"])
def test_a_quoted_text_is_one_word_for_a_shell(text: str) -> None:
    done = subprocess.run(["/bin/sh", "-c", f"printf '%s.' {quoted(text)}"], capture_output=True, text=True, check=True)
    assert done.stdout == text + "."
