"""The table of guards fits the source. ``scripts/guards`` takes them out and sees that tests notice."""

from __future__ import annotations

import os

import pytest

from run_guards import ROOT, Guard, load, path

GUARDS = load()


@pytest.mark.parametrize("guard", GUARDS, ids=[guard.name for guard in GUARDS])
def test_a_guard_is_where_the_table_says(guard: Guard) -> None:
    with open(path(guard, os.path.join(ROOT, "src")), encoding="utf-8") as file:
        compile(guard.without(file.read()), guard.file, "exec")
    assert all(os.path.exists(os.path.join(ROOT, name)) for name in guard.tests)
    assert guard.stops
