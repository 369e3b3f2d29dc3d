"""The cases that fuzzing begins with, and those that it has found: each is still right. ``make fuzz`` looks for more."""

from __future__ import annotations

import os

import pytest

from targets import TARGETS

HERE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fuzz")
CASES = sorted((name, case) for name in TARGETS for case in os.listdir(os.path.join(HERE, "cases", name)))


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}-{case}" for name, case in CASES])
def test_a_case_is_right(name: str, case: str) -> None:
    with open(os.path.join(HERE, "cases", name, case), "rb") as file:
        TARGETS[name](file.read())


def test_every_case_belongs_to_a_target() -> None:
    assert set(os.listdir(os.path.join(HERE, "cases"))) == set(TARGETS)
