"""One registry's wishes: how it is recognised, and what it wants for a user name and a secret.

Hosts are compared label by label: ``x.azurecr.io.attacker.example`` is nobody's cloud. A challenge can be imitated by
anybody, and so decides nothing but which hint is shown.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockpass.registry.challenge import Challenge


class Wanted:
    """What a registry wants.

    Args:
        name: Its short name, as in docs/reference/registries.md.
        hint: What to try when credentials are refused: one line.
        source: A page that says so.
        hosts: Patterns of its hosts. A ``*`` stands for one or more characters inside a label.
        asks: For registries that stand on hosts of anybody: patterns of a challenge, as scheme (in lower case), realm
            and service. A ``*`` stands for any characters, or none.
        names: Patterns that cover every user name it takes. Empty where it takes more than can be listed.
        answers_400: Whether it answers 400 to credentials that it does not take.

    """

    __slots__ = ("answers_400", "asks", "hint", "hosts", "name", "names", "source")

    def __init__(
        self,
        name: str,
        hint: str,
        source: str,
        *,
        hosts: tuple[str, ...] = (),
        asks: tuple[tuple[str, str, str], ...] = (),
        names: tuple[str, ...] = (),
        answers_400: bool = False,
    ) -> None:
        self.name = name
        self.hint = hint
        self.source = source
        self.hosts = hosts
        self.asks = asks
        self.names = names
        self.answers_400 = answers_400

    def __repr__(self) -> str:
        return f"Wanted({self.name!r})"

    def is_at(self, host: str) -> bool:
        """Whether ``host`` (in lower case, without port) is one of its own."""
        return any(_same_labels(pattern, host) for pattern in self.hosts)

    def asks_so(self, offered: Iterable[Challenge]) -> bool:
        """Whether these challenges are of its kind."""
        return any(
            one.scheme == scheme
            and like(realm, one.params.get("realm", ""))
            and like(service, one.params.get("service", ""))
            for one in offered
            for scheme, realm, service in self.asks
        )

    def takes(self, username: str) -> bool:
        """Whether this may be a user name there."""
        return not self.names or any(like(pattern, username) for pattern in self.names)


def like(pattern: str, text: str) -> bool:
    """Whether ``text`` has this form, where each ``*`` stands for any characters, or none."""
    start, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, end = rest
    if not text.startswith(start):
        return False
    position = len(start)
    for piece in middle:
        found = text.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return len(text) - len(end) >= position and text.endswith(end)


def _same_labels(pattern: str, host: str) -> bool:
    patterns, labels = pattern.split("."), host.split(".")
    return len(patterns) == len(labels) and all(
        # An asterisk is never nothing here: `-docker.pkg.dev` is no place.
        len(label) >= len(one) and like(one, label)
        for one, label in zip(patterns, labels, strict=True)
    )
