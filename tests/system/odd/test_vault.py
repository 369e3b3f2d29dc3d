"""Odd things in the places of the vault: dockpass works and keeps what is there, or says what is wrong and where."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

import pytest

from rough import judge
from rough.box import Box, User, whoever
from rough.kept import NEW, NEXT, NEXT_USER, OTHERS, STORES, USER
from rough.odd_vault import COMMANDS, NOT_FOUND, ODD, Ground, Odd

if TYPE_CHECKING:
    from pathlib import Path

    from real.home import Done

STORE = STORES["age"]


def _run(ground: Ground, command: str) -> Done:
    box = ground.box
    if command == "login":
        return box.login(ground.address, USER, NEW)
    if command in ("own", "other"):
        return box.get(ground.address if command == "own" else next(iter(OTHERS)))
    return box.run("list") if command == "list" else box.run("logout", ground.address)


def _refuses(ground: Ground, command: str, words: str, done: Done) -> None:
    """It says what is wrong, where, and what to do next; a helper on standard output, as its protocol has it."""
    assert done.code == 1
    if words == NOT_FOUND:
        assert done.stdout == f"{NOT_FOUND}\n"
    elif command in ("own", "other"):
        assert words in done.stdout
        assert str(ground.named) in done.stdout
        assert re.fullmatch(r"docker-credential-dockpass: .+\n", done.stderr)
    else:
        judge.one_error(done, words, str(ground.named))
        assert re.search(r"^  hint: ", done.stderr, re.MULTILINE)


def _set(odd: Odd, address: str, stranger: User, folder: Path, stack: contextlib.ExitStack) -> Ground:
    if odd.root and os.geteuid() != 0:
        pytest.skip("only root can make this")
    ground = Ground(Box(folder, stranger if odd.ordinary else whoever()), stack, address, odd.place)
    odd.make(ground)
    return ground


def _try(odd: Odd, ground: Ground, command: str) -> None:
    before = judge.picture(ground.vault_seen)
    loose = set(ground.box.loose())
    done = _run(ground, command)
    words = odd.refused.get(command, "")
    if words or command not in ("own", "other"):
        judge.tells_nothing(done)
    assert set(ground.box.loose()) <= loose
    if words:
        _refuses(ground, command, words, done)
    elif command in ("own", "other"):
        assert done.code == 0, done.stdout
    else:
        assert done.code == 0, done.stderr
    if (words and not odd.is_in_the_way) or command not in ("login", "logout"):
        assert judge.picture(ground.vault_seen) == before
    if command == "list" and not words:
        # What is wrong with one login is said, and hides no other.
        assert ("Warning: " in done.stderr) is odd.warned, done.stderr


@pytest.mark.parametrize("odd", [pytest.param(odd, id=odd.name) for odd in ODD])
def test_a_login(odd: Odd, address: str, stranger: User, folder: Path) -> None:
    with contextlib.ExitStack() as stack:
        ground = _set(odd, address, stranger, folder, stack)
        for command in COMMANDS[:-1]:
            _try(odd, ground, command)
        if "login" in odd.refused:
            if not ground.can_be_mended:
                return
            ground.mend()
        elif not odd.loses_all:
            ground.own()
            assert STORE.seen(ground.box) == STORE.expected(address, (USER, NEW), others=True)
        # The next good login works, and everything that was kept before can be read.
        done = ground.box.login(address, NEXT_USER, NEXT)
        judge.tells_nothing(done)
        assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr
        if not odd.loses_all:
            assert STORE.seen(ground.box) == STORE.expected(address, (NEXT_USER, NEXT), others=True)
            assert STORE.leftovers(ground.box) == []


@pytest.mark.parametrize("odd", [pytest.param(odd, id=odd.name) for odd in ODD])
def test_a_logout(odd: Odd, address: str, stranger: User, folder: Path) -> None:
    with contextlib.ExitStack() as stack:
        ground = _set(odd, address, stranger, folder, stack)
        _try(odd, ground, "logout")
        if not ground.can_be_mended:
            return
        if "logout" in odd.refused:
            ground.mend()
            done = ground.box.run("logout", address)
            assert (done.code, done.stderr) == (0, "")
        elif odd.place in ("identity", "recipients"):
            ground.mend()
        ground.own()
        if not odd.loses_all:
            assert STORE.seen(ground.box) == STORE.expected(address, None, others=True)


def test_how_many() -> None:
    assert len(ODD) >= 120
    assert len({odd.name for odd in ODD}) == len(ODD)
