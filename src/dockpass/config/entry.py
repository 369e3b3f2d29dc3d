"""An entry of ``auths`` in the tree: its fields read, and replaced, while all that docker does not know stays."""

from __future__ import annotations

from dockpass.config.auths import FIELDS, BadEntry
from dockpass.config.matching import fold, insert
from dockpass.config.tree import Value, member, new_object, string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def fields(entry: Value) -> dict[str, object]:
    """The fields of an entry that make up a credential, by their exact names.

    Raises:
        BadEntry: The entry is no object.

    """
    if entry.is_null:
        return {}
    if entry.kind != "object":
        raise BadEntry("it is not an object {...}")
    found: dict[str, object] = {}
    for each in entry.members:
        name = fold(each.name)
        if name in FIELDS and not each.value.is_null:
            # A number or an object is no str, and so is found to be wrong by the decoder.
            found[name] = each.value.value if each.value.kind == "string" else each.value
    return found


def has_credential(entry: Value) -> bool:
    """Whether something stands in the fields of a credential, readable or not."""
    try:
        return any(value != "" for value in fields(entry).values())
    except BadEntry:
        return True


def has_secret(entry: Value) -> bool:
    """Whether the entry holds a secret: a credential, or a ``registrytoken``, which docker keeps here in any case."""
    if has_credential(entry):
        return True
    return any(fold(each.name) == "registrytoken" and bool(each.value.value) for each in entry.members)


def with_fields(entry: Value | None, new: Mapping[str, str]) -> Value:
    """The entry with ``new`` in place of what made up its credential. Other fields stay as they are.

    Args:
        entry: The entry, which is changed; ``None``, or one that is no object, makes a new one.
        new: The fields by their exact names, in docker's order.

    """
    if entry is None or entry.kind != "object":
        entry = new_object()
    missing = dict(new)
    kept = []
    for each in entry.members:
        name = fold(each.name)
        if name in FIELDS:
            if name not in missing:
                continue
            wanted = missing.pop(name)
            if each.value.value != wanted:
                each.value = string(wanted)
        kept.append(each)
    entry.members = kept
    for name, value in missing.items():
        insert(entry, member(name, string(value)), entry=True)
    return entry
