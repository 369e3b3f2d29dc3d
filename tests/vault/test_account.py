"""Accounts and the names of their files."""

from __future__ import annotations

import pytest

from dockpass.vault.account import Account


@pytest.mark.parametrize(
    ("account", "file"),
    [
        (Account("alice"), "alice.age"),
        (Account("Alice"), "%41lice.age"),
        (Account("a.age"), "a.age.age"),
        (Account("", is_token=True), "%3Ctoken%3E.age"),
        (Account("alice", is_token=True), "%3Ctoken%3Ealice.age"),
        (Account("<user>"), "%3Cuser%3E.age"),
    ],
)
def test_the_name_of_a_file_says_whose_it_is(account: Account, file: str) -> None:
    assert account.file == file
    assert Account.parse(file) == account


@pytest.mark.parametrize(
    "file", ["alice", "Alice.age", ".age", "alice.AGE", "active", "%23" + "0" * 64 + ".age", ".x.age"]
)
def test_other_files_are_nobodys(file: str) -> None:
    assert Account.parse(file) is None


def test_what_stands_inside() -> None:
    assert Account("alice").written == "alice"
    assert Account("alice", is_token=True).written == "<token>"


def test_it_is_a_value() -> None:
    assert Account("a") == Account("a")
    assert Account("a") != Account("a", is_token=True)
    assert Account("a") != "a"
    assert len({Account("a"), Account("a"), Account("b")}) == 2
    assert repr(Account("a", is_token=True)) == "Account('a', is_token=True)"
    assert repr(Account("a")) == "Account('a')"
