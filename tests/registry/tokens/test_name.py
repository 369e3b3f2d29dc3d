"""Names of repositories, tags and digests: what may become part of an address."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.errors import UsageError
from dockpass.registry.tokens import name

COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
REPOSITORY = re.compile(rf"{COMPONENT}(?:/{COMPONENT})*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
SHA256 = "sha256:" + "0123456789abcdef" * 4

# What leads elsewhere, or is read as something else by another reader.
ATTACKS = [
    "",
    "..",
    "../x",
    "a/../b",
    "a/./b",
    "/a",
    "a/",
    "a//b",
    "a b",
    "a\tb",
    "a\nb",
    "a\x00",
    "a?b",
    "a#b",
    "a%2fb",
    "a%2e%2e",
    "a\\b",
    "a@b",
    "a:b",
    "A",
    "ä",
    "a..b",
    "a___b",
    "-a",
    "a-",
    ".a",
    "_a",
    "a&scope=repository:b:push",
    "a,b",
    "https://evil.example/a",
]


@pytest.mark.parametrize("text", ["a", "team/app", "a/b/c/d", "a.b_c__d-e---f", "0", "a" * 255])
def test_repositories(text: str) -> None:
    assert name.repository(text) == text


@pytest.mark.parametrize("text", [*ATTACKS, "a" * 256])
def test_what_is_no_repository_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        name.repository(text)
    assert (caught.value.message + str(caught.value.hint)).isprintable()


@given(st.text("ab0._-/", max_size=12) | st.text(max_size=12))
def test_repositories_are_those_of_the_specification(text: str) -> None:
    try:
        good = name.repository(text) == text
    except UsageError:
        good = False
    assert good is (REPOSITORY.fullmatch(text) is not None)


@given(st.text("aA0._-/", max_size=6) | st.text(max_size=6))
def test_tags_are_those_of_the_specification(text: str) -> None:
    try:
        good = name.tag(text) == text
    except UsageError:
        good = False
    assert good is (TAG.fullmatch(text) is not None)


def test_a_tag_has_128_characters_at_most() -> None:
    assert name.tag("a" * 128)
    with pytest.raises(UsageError):
        name.tag("a" * 129)


@pytest.mark.parametrize(
    "text", [SHA256, "sha512:" + "0" * 128, "sha384:" + "f" * 96, "multihash+base58:QmRZxt2b1", "a.b-c_d+e:AZaz09=_-"]
)
def test_digests(text: str) -> None:
    assert name.digest(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256",
        "sha256:",
        SHA256[:-1],
        SHA256 + "0",
        SHA256.upper(),
        SHA256[:-1] + "F",
        SHA256[:-1] + "/",
        "sha256:../../../etc/passwd",
        "sha256:" + "../" * 21 + "a",
        "SHA256:" + "0" * 64,
        "a..b:00",
        ":00",
        "a:0/0",
        "a:0%2f",
        "a:0?x",
        "a:0:0",
        "a:" + "0" * 256,
    ],
)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        name.digest(text)
