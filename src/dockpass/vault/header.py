"""The head of an age file, read before anybody tries to open it.

It is text: a first line, then a stanza for each who can open it, then a line with a checksum. A stanza for a passphrase
says how much work it is to try one, and opening it means doing that work: 2 to the power of a number in the file. With
a large enough number that takes all memory or all day, and not every implementation has a limit.

Reference: https://c2sp.org/age
"""

from __future__ import annotations

import binascii

INTRO = b"age-encryption.org/v1\n"
"""How an age file begins."""

ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_ARMOR_END = b"-----END AGE ENCRYPTED FILE-----"

HARDEST = 20
"""The largest work factor that is taken on: 1 GiB of memory, and some seconds."""


class BadHeader(ValueError):
    """No age file, or one that must not be opened. The text says why, in a few words."""


def dearmored(data: bytes) -> bytes:
    """The binary form of an age file in either form.

    Raises:
        BadHeader: The text form is damaged.

    """
    if not data.lstrip().startswith(ARMOR):
        return data
    lines = data.strip().splitlines()
    if lines[-1].strip() != _ARMOR_END:
        raise BadHeader("it is cut off: its last line is missing")
    try:
        return binascii.a2b_base64(b"".join(line.strip() for line in lines[1:-1]))
    except binascii.Error:
        raise BadHeader("it is damaged: its text form is not base64") from None


def stanzas(data: bytes) -> list[list[str]]:
    """The stanzas in the head of an age file (its binary form), each as its words, the first one its kind.

    Raises:
        BadHeader: It is no age file, its head is cut off or damaged, or trying a passphrase would be too much work.

    """
    if not data:
        raise BadHeader("it is empty")
    if not data.startswith(INTRO):
        raise BadHeader("it is cut off" if INTRO.startswith(data) else "it is not an age file")
    found: list[list[str]] = []
    lines = data.split(b"\n")
    for line in lines[1:-1]:
        if line.startswith(b"---"):
            _check_work(found)
            return found
        if line.startswith(b"-> "):
            found.append(line[3:].decode("ascii", "replace").split(" "))
    raise BadHeader("it is cut off: its head has no end")


def _check_work(found: list[list[str]]) -> None:
    for kind, *words in found:
        if kind != "scrypt":
            continue
        factor = words[1] if len(words) == 2 else ""
        if not (factor.isascii() and factor.isdigit()) or len(factor) > 2:
            raise BadHeader("its head is damaged: the line for the passphrase is not as it should be")
        if int(factor) > HARDEST:
            raise BadHeader(f"to try a passphrase on it is too much work: its work factor is {factor}, over {HARDEST}")
