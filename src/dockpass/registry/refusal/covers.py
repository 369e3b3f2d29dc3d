"""Secrets kept out of what is shown, should a registry repeat what it was sent.

Reference: https://cwe.mitre.org/data/definitions/209.html
"""

from __future__ import annotations

import binascii

from dockpass.display import clean
from dockpass.registry import percent
from dockpass.strictjson import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.credential import Secret

COVER = "****"
_SHORT = 4
_LINE = 8
_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ-_", "abcdefghijklmnopqrstuvwxyz+/")
"""Base64 of either alphabet, in whatever case: a host name is in lower case, and its letters can be guessed back."""


class Covers:
    """The secrets of one login, in all the forms in which an answer may repeat them.

    Args:
        username: The user name: a Basic header is made of both.
        secret: The password or token. Text that has no UTF-8 must have been refused before.

    """

    __slots__ = ("_folded", "_forms", "_secrets", "_username")

    def __init__(self, username: str, secret: Secret) -> None:
        self._username = username
        self._secrets: list[bytes] = []
        self._forms: list[str] = []
        self._folded: list[str] = []
        self.add(secret)

    def __repr__(self) -> str:
        return f"Covers({COVER})"

    def add(self, secret: Secret) -> None:
        """Cover this as well: a token that was received meanwhile."""
        text = secret.reveal()
        if not text:
            return
        data = text.encode("utf-8", "surrogateescape")
        encoded = percent.encode(data)
        forms = {text, text.strip(), text.lower(), clean(text, 10 * len(text)), encoded, encoded.replace("%20", "+")}
        forms.update((_html(text), quote(text)[1:-1], text.replace("\\", "\\\\").replace('"', '\\"')))
        folded = set(self._folded)
        for both in (data, f"{self._username}:{text}".encode("utf-8", "surrogateescape")):
            padded = binascii.b2a_base64(both, newline=False).decode("ascii")
            for base64 in (padded, padded.rstrip("=")):
                forms.update((base64, base64.replace("+", "-").replace("/", "_")))
            folded.add(padded.rstrip("=").translate(_FOLD))
        folded.update(_middle(data, place) for place in range(3))
        # A key of many lines: one line of it is too much already.
        forms.update(line.strip() for line in text.splitlines() if len(line.strip()) >= _LINE)
        forms.discard("")
        self._secrets.append(data)
        # The longest first, for one form may be a part of another.
        self._forms = sorted(forms.union(self._forms), key=len, reverse=True)
        self._folded = sorted((form for form in folded if len(form) >= _LINE), key=len, reverse=True)

    def show(self, text: str, limit: int = 512) -> str:
        """``text`` on one line, safe for a terminal and at most ``limit`` characters long, every secret in it covered.

        A secret of less than four characters is covered only where it stands alone: to cover each ``p`` in a sentence
        would spell it out.
        """
        text = self._covered(text)
        if self._is_hidden_in(text):
            return COVER
        # Once more, for the escapes may have put together what was not there before.
        return self._covered(clean(text.strip(), limit))[:limit]

    def _covered(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = _alone(text, form) if len(form) < _SHORT else text.replace(form, COVER)
        for form in self._folded:
            while (start := text.translate(_FOLD).find(form)) >= 0:
                text = f"{text[:start]}{COVER}{text[start + len(form) :]}"
        return text

    def _is_hidden_in(self, text: str) -> bool:
        """Whether a secret is in ``text`` in a percent-encoding other than the usual ones."""
        if "%" not in text:
            return False
        decoded = percent.decode(text)
        spaced = decoded.replace(b"+", b" ")
        return any(len(secret) >= _SHORT and (secret in decoded or secret in spaced) for secret in self._secrets)


def _middle(data: bytes, place: int) -> str:
    """What the base64 of a longer text has of ``data`` alone, with ``place`` bytes (0 to 2) before it in its group."""
    encoded = binascii.b2a_base64(bytes(place) + data, newline=False).decode("ascii")
    return encoded[(place * 8 + 5) // 6 : (place + len(data)) * 8 // 6].translate(_FOLD)


def _alone(text: str, form: str) -> str:
    """``form`` covered where no letter or digit stands beside it."""
    pieces = []
    position = 0
    while (start := text.find(form, position)) >= 0:
        end = start + len(form)
        beside = text[max(start - 1, 0) : start] + text[end : end + 1]
        pieces += [text[position:start], form if any(map(str.isalnum, beside)) else COVER]
        position = end
    return "".join(pieces) + text[position:]


def _html(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(character, entity)
    return text
