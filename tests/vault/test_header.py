"""The head of an age file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.vault.header import BadHeader, dearmored, stanzas

if TYPE_CHECKING:
    from collections.abc import Callable

PUBLIC = pyrage.x25519.Identity.generate().to_public()
HEAD = b"age-encryption.org/v1\n"


def test_a_real_file() -> None:
    found = stanzas(pyrage.encrypt(b"x", [PUBLIC, PUBLIC]))
    assert [words[0] for words in found][:2] == ["X25519", "X25519"]
    assert len(found[0]) == 2


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"age-enc", "cut off"),
        (b"hello", "not an age file"),
        (b"age-encryption.org/v2\n", "not an age file"),
        (HEAD, "cut off: its head has no end"),
        (HEAD + b"-> X25519 abc\nxyz\n", "cut off: its head has no end"),
        (HEAD + b"--- x", "cut off: its head has no end"),
        (HEAD + b"-> scrypt salt\nbody\n--- mac\n", "line for the passphrase"),
        (HEAD + b"-> scrypt salt x\nbody\n--- mac\n", "line for the passphrase"),
        (HEAD + "-> scrypt salt ²\nbody\n--- mac\n".encode(), "line for the passphrase"),
        (HEAD + b"-> scrypt salt 999999999999\nbody\n--- mac\n", "line for the passphrase"),
        (HEAD + b"-> scrypt salt 21\nbody\n--- mac\n", "work factor is 21, over 20"),
        (HEAD + b"-> X25519 a\nb\n-> scrypt salt 30\nbody\n--- mac\n", "work factor is 30"),
    ],
)
def test_what_is_not_opened(data: bytes, why: str) -> None:
    with pytest.raises(BadHeader, match=why):
        stanzas(data)


def test_as_much_work_as_is_taken_on() -> None:
    assert stanzas(HEAD + b"-> scrypt salt 20\nbody\n--- mac\n") == [["scrypt", "salt", "20"]]


def test_stanzas_of_no_known_kind_do_not_matter() -> None:
    assert stanzas(HEAD + b"-> \xff x\n\n--- mac\n") == [["\ufffd", "x"]]


@pytest.mark.parametrize("size", [0, 1, 100, 70000])
def test_the_text_form(size: int) -> None:
    data = pyrage.encrypt(bytes(size), [PUBLIC])
    armored = pyrage.encrypt(bytes(size), [PUBLIC], armored=True)
    assert stanzas(dearmored(armored))
    assert dearmored(b"\n\n" + armored.replace(b"\n", b"\r\n") + b"\n").startswith(HEAD)
    assert dearmored(data) is data


def test_the_text_form_hides_no_work(by_passphrase: Callable[..., bytes]) -> None:
    from binascii import b2a_base64

    data = by_passphrase(b"x", "pass", written="25")
    text = b"-----BEGIN AGE ENCRYPTED FILE-----\n" + b2a_base64(data) + b"-----END AGE ENCRYPTED FILE-----\n"
    with pytest.raises(BadHeader, match="25"):
        stanzas(dearmored(text))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"-----BEGIN AGE ENCRYPTED FILE-----", "last line"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "last line"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdlx\n-----END AGE ENCRYPTED FILE-----", "not base64"),
    ],
)
def test_a_damaged_text_form(data: bytes, why: str) -> None:
    with pytest.raises(BadHeader, match=why):
        dearmored(data)


@given(
    st.one_of(
        st.binary(), st.binary().map(HEAD.__add__), st.binary().map(b"-----BEGIN AGE ENCRYPTED FILE-----\n".__add__)
    )
)
def test_nothing_but_stanzas_or_a_reason_comes_out(data: bytes) -> None:
    try:
        for words in stanzas(dearmored(data)):
            assert words
    except BadHeader as error:
        assert str(error).startswith(("it is ", "its ", "to try "))
