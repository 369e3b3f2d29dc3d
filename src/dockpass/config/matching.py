"""Which members of a tree docker takes for what, and where docker would put new ones.

Go's decoder compares names without regard to letter case, takes the last of repeated ones, merges repeated objects, and
takes ``null`` for an object that is emptied, or for a string that is not mentioned.

Reference: https://pkg.go.dev/encoding/json#Unmarshal
"""

from __future__ import annotations

from dockpass.config.tree import Member, Value, member, new_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ORDER = (
    "auths HttpHeaders psFormat imagesFormat networksFormat pluginsFormat volumesFormat statsFormat detachKeys "
    "credsStore credHelpers serviceInspectFormat servicesFormat tasksFormat secretFormat configFormat nodesFormat "
    "pruneFilters proxies currentContext cliPluginsExtraDirs plugins aliases features"
)
_ENTRY_ORDER = "username password auth email serveraddress identitytoken registrytoken"


def fold(name: str) -> str:
    """What Go compares of a name that stands for an ASCII one: two letters outside ASCII fold to ``s`` and ``k``."""
    return name.lower() if name.isascii() else name.replace("\u017f", "s").replace("\u212a", "k").lower()


_RANKS = {fold(name): rank for rank, name in enumerate(_ORDER.split())}
_ENTRY_RANKS = {name: rank for rank, name in enumerate(_ENTRY_ORDER.split())}


def members(parent: Value, name: str) -> list[Member]:
    """The members of ``parent`` that docker takes for ``name``, in the order of the text."""
    wanted = fold(name)
    return [each for each in parent.members if fold(each.name) == wanted]


def text(root: Value, name: str) -> str:
    """The string called ``name``; ``""`` if there is none."""
    strings = [each.value.value for each in members(root, name) if each.value.kind == "string"]
    return str(strings[-1]) if strings else ""


def merged(root: Value, name: str) -> dict[str, Member]:
    """The members of all objects called ``name``, by their own names, which are compared exactly."""
    found: dict[str, Member] = {}
    for each in members(root, name):
        if each.value.is_null:
            found.clear()
        for inner in each.value.members:
            found[inner.name] = inner
    return found


def put(root: Value, name: str, key: str, value: Value) -> None:
    """Make ``value`` the member ``key`` of the object called ``name``.

    It takes the place of what docker finds under ``key``. If there is nothing, it goes to its sorted place where the
    others are sorted, else to the end. What the key had in other places, unseen by docker, is removed: it may be a
    secret.
    """
    there = merged(root, name).get(key)
    for parent, each in _everywhere(root, name, key):
        if each is not there:
            parent.members.remove(each)
    if there is not None:
        there.value = value
    else:
        _insert_sorted(_object(root, name), member(key, value))


def remove(root: Value, name: str, key: str) -> bool:
    """Remove the member ``key`` from all objects called ``name``. Returns whether there was one."""
    found = list(_everywhere(root, name, key))
    for parent, each in found:
        parent.members.remove(each)
    return bool(found)


def ensure(root: Value, name: str) -> None:
    """Make sure that there is an object called ``name``."""
    _object(root, name)


def insert(parent: Value, new: Member, *, entry: bool = False) -> None:
    """Put a new member to where docker would write it relative to the members that docker knows.

    Args:
        parent: The document, or an entry of ``auths``.
        new: The member.
        entry: Whether ``parent`` is an entry of ``auths``.

    """
    ranks = _ENTRY_RANKS if entry else _RANKS
    rank = ranks[fold(new.name)]
    after = [at for at, each in enumerate(parent.members, 1) if ranks.get(fold(each.name), rank) < rank]
    parent.members.insert(after[-1] if after else 0, new)


def _object(root: Value, name: str) -> Value:
    """The object called ``name`` into which a new member has to go; made if there is none."""
    there = members(root, name)
    if not there:
        new = member(name, new_object())
        insert(root, new)
        return new.value
    if there[-1].value.is_null:
        there[-1].value = new_object()
    return there[-1].value


def _everywhere(root: Value, name: str, key: str) -> Iterator[tuple[Value, Member]]:
    for each in members(root, name):
        for inner in list(each.value.members):
            if inner.name == key:
                yield each.value, inner


def _insert_sorted(parent: Value, new: Member) -> None:
    # Go sorts the keys of a map by their bytes in UTF-8, which is the order of the code points.
    keys = [each.name for each in parent.members]
    at = len(keys)
    if keys == sorted(keys):
        at = sum(key <= new.name for key in keys)
    parent.members.insert(at, new)
