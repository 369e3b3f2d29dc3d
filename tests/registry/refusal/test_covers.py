"""No secret in what is shown, and nothing that acts on a terminal."""

from __future__ import annotations

import base64
import json
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Secret
from dockpass.registry.refusal.covers import COVER, Covers

SECRET = 'h+nter 2/<&>"ü'
COVERS = Covers("alice", Secret(SECRET))


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        SECRET.lower(),
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        quote(SECRET, safe="/<+"),
        "%68" + quote(SECRET[1:], safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"alice:{SECRET}".encode()).decode(),
        base64.b64encode(f"alice:{SECRET}".encode()).decode().rstrip("=").lower(),
        base64.b64encode(SECRET.encode()).decode().rstrip("=").upper().replace("/", "_"),
        escape(SECRET).replace("&#x27;", "&#39;"),
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
    ],
)
def test_every_form_is_covered(form: str) -> None:
    shown = COVERS.show(f"you sent {form} to me")
    assert shown in (f"you sent {COVER} to me", COVER)


@pytest.mark.parametrize("before", ["", "x", "xy", "Authorization: Basic alice:"])
def test_base64_of_a_longer_text_is_covered(before: str) -> None:
    token = Secret("abcdefghijklmnopqrstuvwxyz0123456789")
    text = base64.b64encode(f"{before}{token.reveal()}, and more".encode()).decode()
    for form in (text, text.lower()):
        shown = Covers("alice", token).show(f"you sent {form} to me")
        assert COVER in shown
        assert len(shown) < len(f"you sent {form} to me") - 40


def test_another_text_is_shown_as_it_is() -> None:
    assert COVERS.show(" unauthorized: 50% of äll users\n") == "unauthorized: 50% of äll users"
    assert repr(COVERS) == "Covers(****)"


def test_what_acts_on_a_terminal_is_escaped() -> None:  # case 136
    assert COVERS.show("a\x1b]0;x\x07b\x9b\u202ec\rd\ne\u200bf") == r"a\x1b]0;x\x07b\x9b\u202ec\x0dd\x0ae\u200bf"


def test_it_is_cut() -> None:
    assert len(COVERS.show("x" * 10_000)) == 512
    assert len(COVERS.show("\x1b" * 10_000)) == 512
    assert COVERS.show("x" * 20, 10) == "xxxxxxxxx…"


def test_a_long_secret_is_covered_before_it_is_cut() -> None:
    long = "s3cret" * 200
    assert COVER + " " in Covers("u", Secret(long)).show(f"{long} {long}")


def test_a_token_that_came_later_is_covered_too() -> None:
    covers = Covers("u", Secret("password1"))
    covers.add(Secret("token-abc"))
    assert covers.show("password1 token-abc") == f"{COVER} {COVER}"


def test_every_line_of_a_key_is_covered() -> None:
    covers = Covers("_json_key", Secret('{\n  "private_key": "abcdef",\n  "x": 1\n}\n'))
    assert covers.show('what is  "private_key": "abcdef",') == f"what is  {COVER}"


def test_a_very_short_secret_is_covered_where_it_stands_alone() -> None:
    covers = Covers("u", Secret("p"))
    assert covers.show("the password p, is p") == "the password ****, is ****"
    assert covers.show("p") == COVER


def test_a_secret_that_an_escape_spells_is_covered() -> None:
    assert "x1b[31m" not in Covers("u", Secret("x1b[31m")).show("\x1b[31m")


def test_bytes_that_are_no_text_are_covered() -> None:
    secret = b"hunter\xff2".decode("utf-8", "surrogateescape")
    assert Covers("u", Secret(secret)).show("hunter%ff2") == COVER
    assert Covers("u", Secret(secret)).show(secret) == COVER


_SECRETS = st.text(min_size=4, max_size=20).filter(lambda text: _has_utf8(text) and set(text) - set("*. …"))


def _has_utf8(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


@given(_SECRETS, st.text(max_size=40), st.text(max_size=40), st.sampled_from([str, quote, quote_plus, escape]))
def test_the_secret_is_never_in_it(secret: str, before: str, after: str, form: object) -> None:
    try:
        text = before + form(secret) + after  # type: ignore[operator]
    except UnicodeEncodeError:
        return
    shown = Covers("u", Secret(secret)).show(text)
    assert secret not in shown


@given(st.text(max_size=700), st.integers(min_value=1, max_value=600))
def test_no_control_character_survives(text: str, limit: int) -> None:
    shown = COVERS.show(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit or shown == COVER
