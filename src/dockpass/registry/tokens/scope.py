"""Scopes: what a token is to allow, such as ``repository:team/app:pull``.

One thing can be said in many ways, and a cache must see that they are one. So scopes are kept in one form: the actions
sorted, those on one thing together, ``*`` alone where it stands for all the others.

Reference: https://distribution.github.io/distribution/spec/auth/scope/
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import UsageError
from dockpass.registry.tokens import name as names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

EVERYTHING = "*"

_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_ACTION = _WORD | frozenset("_-")
_HOST = _WORD | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ.-")
_DIGITS = frozenset("0123456789")


class Scope:
    """Some actions on one thing. A value; ``str()`` is what a token server is sent.

    Args:
        kind: What the thing is: ``repository``, ``registry``; with a class in parentheses where there is one.
        name: Its name. It may begin with a host and a port.
        actions: At least one. Their order does not matter, nor does whether one is there twice.

    Raises:
        UsageError: Something in it cannot be part of a scope.

    """

    __slots__ = ("actions", "kind", "name")

    def __init__(self, kind: str, name: str, actions: Iterable[str]) -> None:
        given = frozenset(actions)
        if not _is_kind(kind) or not _is_name(name) or not given or not all(map(_is_action, given)):
            raise UsageError(
                f"not a scope: {clean(f'{kind}:{name}:' + ','.join(sorted(given)), 120)}",
                "a scope is a kind, a name and actions, such as repository:team/app:pull,push",
            )
        self.kind = kind
        self.name = name
        self.actions = (EVERYTHING,) if EVERYTHING in given else tuple(sorted(given))

    @property
    def width(self) -> int:
        """A number that is the higher the more this allows: the actions counted, and ``*`` as very many."""
        return 1000 if self.actions == (EVERYTHING,) else len(self.actions)

    def covers(self, other: Scope) -> bool:
        """Whether whoever may do this may also do ``other``."""
        if (self.kind, self.name) != (other.kind, other.name):
            return False
        return self.actions == (EVERYTHING,) or set(self.actions).issuperset(other.actions)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scope):
            return NotImplemented
        return (self.kind, self.name, self.actions) == (other.kind, other.name, other.actions)

    def __hash__(self) -> int:
        return hash((self.kind, self.name, self.actions))

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}:{','.join(self.actions)}"

    def __repr__(self) -> str:
        return f"Scope({str(self)!r})"


def repository(name: str, *actions: str) -> Scope:
    """The scope for actions on a repository.

    Raises:
        UsageError: ``name`` is not the name of a repository, or an action is none.

    """
    return Scope("repository", names.repository(name), actions)


def parse(text: str) -> tuple[Scope, ...]:
    """The scopes in ``text``, which are set apart by blanks; in canonical form.

    Raises:
        UsageError: One of them is no scope.

    """
    return canonical(map(_parse, text.split()))


def canonical(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """The same scopes in the one form that they are compared in: merged for each thing, and sorted."""
    merged: dict[tuple[str, str], Scope] = {}
    for one in scopes:
        before = merged.get((one.kind, one.name))
        merged[one.kind, one.name] = (
            one if before is None else Scope(one.kind, one.name, (*before.actions, *one.actions))
        )
    return tuple(merged[key] for key in sorted(merged))


def cover(have: Iterable[Scope], wanted: Iterable[Scope]) -> bool:
    """Whether a token for ``have`` is good for all of ``wanted``. Both are canonical."""
    there = tuple(have)
    return all(any(one.covers(other) for one in there) for other in wanted)


def _parse(text: str) -> Scope:
    # A host's port has a colon, too: the name is what stands between the first colon and the last.
    kind, _colon, rest = text.partition(":")
    name, _colon, actions = rest.rpartition(":")
    return Scope(kind, name, actions.split(","))


def _is_kind(text: str) -> bool:
    word, parenthesis, rest = text.partition("(")
    if not word or not _WORD.issuperset(word):
        return False
    return not parenthesis or (rest[-1:] == ")" and len(rest) > 1 and _WORD.issuperset(rest[:-1]))


def _is_name(text: str) -> bool:
    if not text or len(text) > names.LONGEST:
        return False
    first, slash, rest = text.partition("/")
    if slash and (":" in first or "." in first) and _is_host(first):
        text = rest
    return all(map(names.is_component, text.split("/")))


def _is_host(text: str) -> bool:
    host, colon, port = text.partition(":")
    labels = host.split(".")
    good = all(label and label[0] != "-" and label[-1] != "-" and _HOST.issuperset(label) for label in labels)
    return good and (not colon or (0 < len(port) < 6 and _DIGITS.issuperset(port)))


def _is_action(text: str) -> bool:
    return text == EVERYTHING or (0 < len(text) <= 64 and _ACTION.issuperset(text))
