"""Text that others wrote, made safe to show.

A registry's error message, a helper's words or a key found in a file may hold escape sequences that move the cursor,
set the window's title or swap the order of letters. Whatever is not plainly printable is shown as its number instead.
"""

from __future__ import annotations

# Letters and signs that are printable for Python but that hide or reorder their neighbours.
_HIDING = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")


def clean(text: str, limit: int = 512) -> str:
    r"""``text`` on one line, with everything escaped that could act on a terminal or hide.

    Args:
        text: Anything, lone surrogates included.
        limit: How many characters come back at the most; a longer text ends in ``…``.

    Returns:
        Text without control characters (C0, C1, DEL), bidirectional controls, zero-width characters, lone surrogates
        and line breaks. These stand as ``\xNN``, ``\uNNNN`` or ``\UNNNNNNNN``.

    """
    if text.isascii() and text.isprintable():
        return text if len(text) <= limit else text[: limit - 1] + "…"
    shown = ""
    for character in text:
        shown += character if character == " " or _plain(character) else _escape(ord(character))
        if len(shown) > limit:
            return shown[: limit - 1] + "…"
    return shown


def _plain(character: str) -> bool:
    # isprintable() is false for control and format characters, surrogates, private use and all spaces but U+0020.
    return character.isprintable() and character not in _HIDING


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quoted(text: str) -> str:
    """``text`` as one word for a shell, whatever is in it.

    Reference: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02_02
    """
    return "'" + text.replace("'", "'\\''") + "'"
