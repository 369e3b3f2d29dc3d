"""What a registry says in its own words: taken out of the forms in which registries write errors.

The words come from whoever answered, and that may be anybody. What is returned here is not fit to be shown yet:
:class:`dockpass.registry.refusal.covers.Covers` makes it so.

Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
"""

from __future__ import annotations

from dockpass import strictjson
from dockpass.registry.challenge import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockpass.http.message import Response

_WARNING = '299 - "'


def of(response: Response) -> str:
    """What an error response says: one line, uncleaned, ``""`` where it says nothing.

    Of a successful response nothing is ever repeated: it may be a token.
    """
    if response.status < 400:
        return ""
    text = response.body.decode("utf-8", "replace").strip()
    if text[:1] in ("{", "[", '"'):
        try:
            return _from_json(strictjson.loads(response.body)).strip()
        except strictjson.BadJSON:
            pass  # then it is text
    if text[:1] == "<" or any("html" in kind.lower() for kind in response.all("content-type")):
        text = _without_tags(text)
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def warnings(response: Response) -> list[str]:
    """The texts of its ``Warning: 299 - "text"`` headers, uncleaned.

    Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#warnings
    """
    values = (value for value in response.all("warning") if value.startswith(_WARNING))
    return [text for text, _end in (quoted(value, len(_WARNING)) for value in values) if text]


def _from_json(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((text for text in map(_from_json, value) if text), "")
    if not isinstance(value, dict):
        return ""
    for name in ("errors", "error"):
        if isinstance(value.get(name), dict | list):
            inner = _from_json(value[name])
            if inner:
                return inner
    kind = _text(value, "code").lower().replace("_", " ") or _text(value, "error", "errors")
    message = _text(value, "message", "error_description", "details", "detail")
    if not kind or message.lower().startswith(kind.lower() + ":"):
        return message
    return f"{kind}: {message}" if message else kind


def _text(value: dict[str, Any], *names: str) -> str:
    """The first of these members that is text and not empty."""
    found = (value.get(name) for name in names)
    return next((text.strip() for text in found if isinstance(text, str) and text.strip()), "")


def _without_tags(text: str) -> str:
    """The text between the tags, a line for each piece; comments, and what is in ``script`` and ``style``, left out."""
    lowered = text.lower()
    if len(lowered) != len(text):  # some letters have longer small forms, and the places would no longer match
        lowered = text
    pieces = []
    position = 0
    while (start := text.find("<", position)) >= 0:
        pieces.append(text[position:start])
        closing = next((end for tag, end in _SKIPPED if lowered.startswith(tag, start)), ">")
        end = lowered.find(closing, start)
        if end < 0:
            return "\n".join(pieces)
        position = end + (len(closing) if closing[-1] == ">" else 0)
    return "\n".join([*pieces, text[position:]])


_SKIPPED = (("<script", "</script"), ("<style", "</style"), ("<!--", "-->"))
