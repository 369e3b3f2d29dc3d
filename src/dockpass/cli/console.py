"""A question on the console of Windows, which has no modes of a terminal to look after.

A secret is read key by key, and never shown. What is not secret is read by Python, which gives what was typed as UTF-8
whatever the console's code page is.

Reference: https://learn.microsoft.com/en-us/cpp/c-runtime-library/reference/getch-getwch
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_INTERRUPT = "\x03"
_END = "\x1a"
_BACK = ("\b", "\x7f")
_FUNCTION = "\x00"
"""A function key: another character follows, which says which. An arrow begins with a letter that people type, too."""


def answer(show: Callable[[], None], *, hidden: bool) -> bytes:
    """The line that is typed in answer to a question, in UTF-8.

    Args:
        show: Shows the question.
        hidden: Whether what is typed is not to be seen.

    Returns:
        The line with its end; nothing where there was only Ctrl-Z, which ends the input there.

    Raises:
        KeyboardInterrupt: Ctrl-C.

    """
    show()
    line = _hidden() if hidden else sys.stdin.readline()
    return line.encode("utf-8", "surrogateescape")


def _hidden() -> str:
    import msvcrt

    get: Callable[[], str] = msvcrt.getwch  # type: ignore[attr-defined, unused-ignore]
    while msvcrt.kbhit():  # type: ignore[attr-defined, unused-ignore]
        get()  # what was typed before the question was seen, and is not the secret
    typed = ""
    while True:
        key = get()
        if key in ("\r", "\n"):
            # Letters beyond the first 65,536 come in two halves.
            return typed.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") + "\n"
        if key == _INTERRUPT:
            raise KeyboardInterrupt
        if key == _END and not typed:
            return ""
        if key == _FUNCTION:
            get()
        elif key in _BACK:
            typed = typed[:-1]
        else:
            typed += key
