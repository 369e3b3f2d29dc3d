"""Each case of docs/reference/cases.md is a test: ``# case 54`` or ``# cases 52, 53`` behind its name says which."""

from __future__ import annotations

import os
import re

TESTS = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(os.path.dirname(TESTS), "docs", "reference", "cases.md")


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_every_case_is_tested_and_every_number_is_a_case() -> None:
    cases = {int(number) for number in re.findall(r"^\| (\d+) \|", _read(PAGE), re.MULTILINE)}
    tested: set[int] = set()
    for folder, _folders, names in os.walk(TESTS):
        for name in names:
            if name.startswith("test_") and name.endswith(".py"):
                for numbers in re.findall(
                    r"  # cases? ([\d, ]+(?:and \d+)?)$", _read(os.path.join(folder, name)), re.MULTILINE
                ):
                    tested.update(map(int, re.findall(r"\d+", numbers)))
    assert cases == set(range(1, 161))
    assert sorted(cases - tested) == []
    assert sorted(tested - cases) == []
