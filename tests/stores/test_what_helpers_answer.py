"""What dockpass makes of each answer of a helper: the page that explains it has the same rows."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dockpass.credential import Credential
from dockpass.errors import HelperFailed, HelperGarbled, HelperMissing, StoreError
from dockpass.stores.program import ProgramStore
from dockpass.testing.helper_program import HelperProgram

PAGE = Path(__file__).parent.parent.parent / "docs/explanation/what-helpers-answer.md"
NOT_FOUND = "credentials not found in native keychain"
ALICE = Credential("alice", "wonder")
LOGIN = '{"ServerURL":"reg.test","Username":"alice","Secret":"wonder"}\n'

# What is printed, how it ends, and what is made of it: a credential, None, or an error.
ROWS: dict[str, tuple[dict[str, object], Credential | type[StoreError] | None]] = {
    f"fails, prints exactly `{NOT_FOUND}`": ({"output": f"{NOT_FOUND}\n", "exit_code": 1}, None),
    "fails, prints that with other words around it": ({"output": f"error: {NOT_FOUND}.\n", "exit_code": 1}, None),
    "fails, prints that to standard error": ({"output": "", "errors": NOT_FOUND, "exit_code": 1}, HelperFailed),
    "fails, prints other words": ({"output": "boom\n", "exit_code": 1}, HelperFailed),
    "fails, prints `no credentials server URL`": (
        {"output": "no credentials server URL", "exit_code": 1},
        HelperFailed,
    ),
    "succeeds, prints no JSON": ({"output": "hello\n"}, HelperGarbled),
    "succeeds, prints a line before its JSON": ({"output": f"Warning: old\n{LOGIN}"}, HelperGarbled),
    "succeeds, prints text after its JSON": ({"output": f"{LOGIN}A new version is out.\n"}, ALICE),
    "succeeds, prints nothing": ({"output": ""}, HelperGarbled),
    "succeeds, with an empty user name and secret": ({"output": '{"Username":"","Secret":""}'}, None),
    "succeeds, prints `{}`": ({"output": "{}\n"}, None),
    "succeeds, with names in lower case": ({"output": '{"username":"alice","secret":"wonder"}'}, ALICE),
    "succeeds, with the user name `<token>`": (
        {"output": '{"Username":"<token>","Secret":"t"}'},
        Credential("", "t", is_identity_token=True),
    ),
    "succeeds, with a name that nobody knows": ({"output": LOGIN.replace("{", '{"Expires":"tomorrow",')}, ALICE),
    "is not there": ({}, HelperMissing),
}
WORDS = {None: "no login", ALICE: "a login"}


def _table() -> dict[str, str]:
    rows = re.findall(
        r"^\| (.*?) \|(?:.*\|)? (.*?) \|$", PAGE.read_text("utf-8").partition("## Other")[0], re.MULTILINE
    )
    return {helper: ours for helper, ours in rows if helper != "the helper"}


def test_the_page_has_these_rows() -> None:
    expected = {}
    for helper, (_plan, outcome) in ROWS.items():
        if isinstance(outcome, type):
            expected[helper] = "error"
        elif outcome is None:
            expected[helper] = "no login"
        else:
            expected[helper] = "an identity token" if outcome.is_identity_token else "a login"
    found = _table()
    assert {helper: ours.partition(",")[0] for helper, ours in found.items()} == expected


@pytest.mark.parametrize("row", ROWS)
def test_an_answer(row: str, tmp_path: Path) -> None:
    plan, expected = ROWS[row]
    helper = HelperProgram(tmp_path)
    helper.behave("get", **plan)
    if not plan:
        os.unlink(helper.path)
    store = ProgramStore("scripted", environ={"PATH": helper.folder})
    if isinstance(expected, type):
        with pytest.raises(expected) as caught:
            store.get("reg.test")
        assert "docker-credential-scripted" in caught.value.message
        assert "wonder" not in f"{caught.value} {caught.value.hint}"
        assert caught.value.hint
    else:
        assert store.get("reg.test") == expected


def test_a_helper_that_works_somewhere_else(tmp_path: Path) -> None:
    helper = HelperProgram(tmp_path)
    helper.replace(b"#!/bin/sh\ncd /\n" + f"echo '{LOGIN.strip()}'\n".encode())
    before = os.getcwd()
    assert ProgramStore("scripted", environ={"PATH": helper.folder}).get("reg.test") == ALICE
    assert os.getcwd() == before
