"""The bytes of config.json as a tree, or an error that says where to look."""

from __future__ import annotations

from dockpass.config.matching import members
from dockpass.config.tree import grow, new_object
from dockpass.display import clean
from dockpass.errors import ConfigMalformed, FileUnreadable
from dockpass.strictjson import BadJSON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.config.tree import Value

_MOST_VALUES = 500_000  # a hundred megabytes of memory, and a second
_STRINGS = ("credsStore", "currentContext")
_MAPS_OF_STRINGS = ("credHelpers", "HttpHeaders")


def tree(path: str, data: bytes) -> Value:
    """The tree of the document. Nothing, white space and ``null`` are as good as ``{}``.

    Args:
        path: The path of the file, for messages.
        data: Its contents.

    Raises:
        ConfigMalformed: Not JSON in UTF-8, or a part that docker knows has the wrong shape.
        FileUnreadable: It holds more values than any config.json.

    """
    text = _decoded(path, data)
    try:
        root = _grown(path, text)
        _check_shapes(text, root)
    except BadJSON as error:
        raise malformed(path, error) from None
    return root


def malformed(path: str, error: BadJSON) -> ConfigMalformed:
    """The error to raise for a file that is not what it should be."""
    return ConfigMalformed(
        f"cannot read {clean(path)}: line {error.line}, column {error.column}: {error.reason}",
        "the file was not touched: correct it there, or move it away to begin with an empty one",
        path=path,
        line=error.line,
        column=error.column,
    )


def _decoded(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            reason = "the text is UTF-16, and should be UTF-8"
        else:
            reason = "bytes that are not UTF-8"
        before = data[: error.start].decode("utf-8")
        raise malformed(path, BadJSON(reason, before, len(before))) from None


def _grown(path: str, text: str) -> Value:
    if not text.strip(" \t\r\n"):
        return new_object()
    if "\0" in text:
        raise BadJSON("a NUL byte, which no text holds", text, text.index("\0"))
    # Every value but the first follows one of these.
    if text.count(",") + text.count("[") + text.count("{") > _MOST_VALUES:
        raise FileUnreadable(
            f"cannot read {clean(path)}: it holds more than {_MOST_VALUES} values",
            "check that this is the right file",
            path=path,
        )
    root = grow(text)
    if root.is_null:
        return new_object()
    if root.kind != "object":
        raise BadJSON("an object {...} should stand here", text, root.start)
    return root


def _check_shapes(text: str, root: Value) -> None:
    for name in _STRINGS:
        for each in members(root, name):
            if each.value.kind != "string" and not each.value.is_null:
                raise BadJSON(f"{name} should be a string", text, each.value.start)
    for name in ("auths", *_MAPS_OF_STRINGS):
        for each in members(root, name):
            if each.value.kind != "object" and not each.value.is_null:
                raise BadJSON(f"{name} should be an object {{...}}", text, each.value.start)
    for name in _MAPS_OF_STRINGS:
        for each in members(root, name):
            for inner in each.value.members:
                if inner.value.kind != "string" and not inner.value.is_null:
                    raise BadJSON(f"every value in {name} should be a string", text, inner.value.start)
