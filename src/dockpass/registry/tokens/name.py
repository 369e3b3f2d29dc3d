"""The names in a registry: repositories, tags and digests, checked before they become part of an address.

A name that comes from elsewhere, such as a manifest or a web page, could hold ``..``, a ``?`` or a ``%2f``; the
request would then go, with the user's login, where nobody meant it to go. So no name gets into an address or a scope
before it was looked at here.

Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import UsageError

LONGEST = 255
LONGEST_TAG = 128

_LETTERS_AND_DIGITS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_WORD = _LETTERS_AND_DIGITS | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_BETWEEN = frozenset((".", "_", "__"))
_HEX = frozenset("0123456789abcdef")
_ENCODED = _WORD | frozenset("=-")
_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}


def repository(text: str) -> str:
    """``text``, if it can be the name of a repository, such as ``team/app``.

    Raises:
        UsageError: It cannot.

    """
    if not text or len(text) > LONGEST or not all(map(is_component, text.split("/"))):
        raise UsageError(
            f"not the name of a repository: {clean(text, 80)}",
            "it is lower case, of letters and digits with single dots, underscores and dashes between them, and parts "
            "are set apart by /",
        )
    return text


def tag(text: str) -> str:
    """``text``, if it can be a tag, such as ``1.0``.

    Raises:
        UsageError: It cannot.

    """
    if not 0 < len(text) <= LONGEST_TAG or text[0] not in _WORD or not (_WORD | {".", "-"}).issuperset(text):
        raise UsageError(f"not a tag: {clean(text, 80)}", "a tag is made of letters, digits, dots, dashes and _")
    return text


def digest(text: str) -> str:
    """``text``, if it can be a digest, such as ``sha256:`` with 64 hexadecimal digits.

    Reference: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests

    Raises:
        UsageError: It cannot.

    """
    algorithm, colon, encoded = text.partition(":")
    parts = algorithm.replace("+", ".").replace("_", ".").replace("-", ".").split(".")
    good = bool(colon) and all(part and _LETTERS_AND_DIGITS.issuperset(part) for part in parts)
    length = _LENGTHS.get(algorithm)
    if length is None:
        good = good and 0 < len(encoded) <= LONGEST and _ENCODED.issuperset(encoded)
    else:
        good = good and len(encoded) == length and _HEX.issuperset(encoded)
    if not good:
        raise UsageError(f"not a digest: {clean(text, 80)}", "a digest is an algorithm and a value: sha256:…")
    return text


def is_component(text: str) -> bool:
    """Whether ``text`` can be one part of a repository's name: what stands between two slashes."""
    if not text or text[0] not in _LETTERS_AND_DIGITS or text[-1] not in _LETTERS_AND_DIGITS:
        return False
    between = ""
    for character in text:
        if character not in _LETTERS_AND_DIGITS:
            between += character
        elif between:
            if between not in _BETWEEN and between.strip("-"):
                return False
            between = ""
    return True
