"""Odd things where config.json should be: dockpass works and keeps what is there, or says what is wrong and where."""

from __future__ import annotations

import contextlib
import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from rough import judge
from rough.box import Box, User, whoever
from rough.kept import NEW, USER, joined
from rough.odd import FILE, ODD, PLACE, Ground, Odd

if TYPE_CHECKING:
    from pathlib import Path

    from real.home import Done

COMMANDS = ("list", "login", "logout")

Pairs = list[tuple[str, Any]]


def _run(ground: Ground, command: str) -> Done:
    words = {
        "list": ("list",),
        "login": ("login", "-u", USER, "--password-stdin", ground.address),
        "logout": ("logout", ground.address),
    }
    return ground.box.run(*ground.arguments, *words[command], stdin=NEW if command == "login" else "")


def _pairs(data: bytes) -> Pairs:
    """What is in the file, in order, with repetitions, and with numbers as they are written."""
    if not data.strip():
        return []
    found = json.loads(data, object_pairs_hook=list, parse_int=str, parse_float=str, strict=False)
    return found or []


def _rest(pairs: Pairs, address: str) -> Pairs:
    """What is to stay: all but the entry of the registry, and ``auths`` that are empty then."""
    rest = []
    for name, value in pairs:
        if name.lower() != "auths":
            rest.append((name, value))
        elif others := [(key, entry) for key, entry in value or [] if key != address]:
            rest.append((name, others))
    return rest


def _entries(pairs: Pairs, address: str) -> list[Any]:
    return [entry for name, value in pairs if name.lower() == "auths" for key, entry in value or [] if key == address]


def _contents(ground: Ground) -> bytes:
    try:
        return ground.box.file.read_bytes()
    except (FileNotFoundError, PermissionError):
        return b""


def _works(ground: Ground, command: str, before: bytes, done: Done) -> None:
    assert done.code == 0, done.stderr
    pairs = _pairs(_contents(ground))
    assert _rest(pairs, ground.address) == _rest(_pairs(before), ground.address)
    entries = _entries(pairs, ground.address)
    if command == "login":
        assert done.stdout == "Login Succeeded\n"
        assert [{name.lower(): value for name, value in entry}["auth"] for entry in entries] == [joined(USER, NEW)]
        assert not ground.box.file.stat().st_mode & 0o077
    elif command == "logout":
        assert entries == []


def _refuses(ground: Ground, words: str, done: Done) -> None:
    judge.one_error(done, words, ground.named)
    assert re.search(r"^  hint: ", done.stderr, re.MULTILINE)


@pytest.mark.parametrize("odd", [pytest.param(odd, id=odd.name) for odd in ODD])
def test_odd(odd: Odd, address: str, stranger: User, folder: Path) -> None:
    if odd.root and os.geteuid() != 0:
        pytest.skip("only root can make this")
    with contextlib.ExitStack() as stack:
        ground = Ground(Box(folder, stranger if odd.ordinary else whoever()), stack, address)
        odd.make(ground)
        for command in COMMANDS:
            before, picture = _contents(ground) if _is_file(ground) else b"", judge.picture(ground.box.home)
            done = _run(ground, command)
            judge.tells_nothing(done)
            assert "\x1b" not in done.stdout + done.stderr
            if command == "list":
                assert odd.warned.replace(PLACE, address).replace(FILE, ground.named) in done.stderr
                assert odd.warned or "Warning" not in done.stderr
            words = odd.refused.get(command, "")
            if words:
                _refuses(ground, words, done)
            else:
                _works(ground, command, before, done)
            if words or command == "list":
                assert judge.picture(ground.box.home) == picture
        if odd.check is not None:
            odd.check(ground)


def _is_file(ground: Ground) -> bool:
    try:
        return ground.box.file.is_file()
    except OSError:
        return False


def test_how_many() -> None:
    assert len(ODD) >= 100
    assert len({odd.name for odd in ODD}) == len(ODD)
    assert sum(bool(odd.refused) for odd in ODD) >= 50
    assert sum(not odd.refused for odd in ODD) >= 40
