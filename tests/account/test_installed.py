"""Whose a program is, and whether it still works."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from dockpass.account import launcher
from dockpass.account.installed import is_broken, is_launcher, is_ours


def test_a_launcher_as_it_is_made(place: Any) -> None:
    path = launcher.install("dockpass", str(place.tools))
    assert (is_ours(path), is_launcher(path), is_broken(path)) == (True, True, False)


def test_one_whose_python_is_gone(place: Any) -> None:
    path = launcher.install("dockpass", str(place.tools))
    with open(path, "r+b") as file:
        text = file.read().replace(os.fsencode(sys.executable), b"/gone/python")
        file.seek(0)
        file.write(text)
    assert (is_ours(path), is_launcher(path), is_broken(path)) == (True, True, True)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        (b"#!/bin/sh\n# needs: /gone\n", False),
        (b"\x7fELF\xff", False),
        (b"#!/usr/bin/python3\nfrom dockpass.helper.own import run\n", True),
    ],
)
def test_others_and_pips(text: bytes, ours: bool, place: Any) -> None:
    path = str(place.program(text))
    assert (is_ours(path), is_launcher(path), is_broken(path)) == (ours, False, False)


def test_none_that_can_be_read(place: Any) -> None:
    path = str(place.tools / "none")
    assert (is_ours(path), is_launcher(path), is_broken(path)) == (False, False, False)
