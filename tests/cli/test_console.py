"""Questions on the console of Windows, whose keys come from a stand-in here: no test of ours runs there."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from dockpass.cli.console import answer
from dockpass.cli.terminal import Terminal
from dockpass.errors import InputEnded

if TYPE_CHECKING:
    from collections.abc import Callable

    Type = Callable[..., list[str]]


@pytest.fixture
def type_keys(monkeypatch: pytest.MonkeyPatch) -> Type:
    """Keys that will be typed once the question is there, and others before. What is left of them comes back."""

    def type_keys(keys: str, before: str = "") -> list[str]:
        left, early = list(keys), list(before)
        console = SimpleNamespace(kbhit=lambda: bool(early), getwch=lambda: (early or left).pop(0))
        monkeypatch.setitem(sys.modules, "msvcrt", console)
        return left

    return type_keys


def shown() -> None:
    pass


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("bar\r", "bar\n"),
        (" bar \n", " bar \n"),
        ("b\u00e0r\u20ac\ud83d\udd11\r", "b\u00e0r\u20ac\U0001f511\n"),
        ("\b\bbaz\br\r", "bar\n"),
        ("b\x00;ar\r", "bar\n"),
        ("\r", "\n"),
        ("\x1a", ""),
        ("b\x1a\r", "b\x1a\n"),
    ],
)
def test_a_secret(keys: str, line: str, type_keys: Type) -> None:
    left = type_keys(keys)
    assert answer(shown, hidden=True) == line.encode()
    assert left == []


def test_what_was_typed_before_the_question_is_not_the_secret(type_keys: Type) -> None:
    type_keys("bar\r", before="ls\r")
    assert answer(shown, hidden=True) == b"bar\n"


def test_ctrl_c(type_keys: Type) -> None:
    type_keys("ba\x03")
    with pytest.raises(KeyboardInterrupt):
        answer(shown, hidden=True)


def test_a_terminal_of_windows_is_asked_so(
    type_keys: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(Terminal, "interactive", True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(" foo \n"))
    type_keys("bar\r")
    assert (Terminal().ask("Username: "), Terminal().ask_secret("Password: ")) == ("foo", "bar")
    assert "".join(capsys.readouterr()) == "Username: Password: \n"
    with pytest.raises(InputEnded):
        Terminal().ask("Username: ")
