"""Which token servers the user approved of, a registry each.

A pin is a yes that was given once: it is asked for, or said with ``--token-host``, and counts from then on. It is a
protection too. A registry that names yet another host later, one that would need a yes as well, has changed its mind or
its owner, and that is an error. As with the keys of ssh, a logout does not touch it.
"""

from __future__ import annotations

from dockpass.account import facts
from dockpass.display import clean
from dockpass.errors import FileUnreadable, UsageError
from dockpass.registry.realm import named
from dockpass.vault import home as place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.account.facts import Facts
    from dockpass.server import Server

_FACT = "token_host"


class Pins:
    """What is pinned.

    Attributes:
        hosts: The token server's host, or ``host:port``, by the registry's key.
        errors: What is wrong with the files that cannot be used.

    """

    __slots__ = ("errors", "hosts")

    def __init__(self) -> None:
        self.hosts: dict[str, str] = {}
        self.errors: list[FileUnreadable] = []


def pinned(server: Server) -> str | None:
    """The token server that the user approved of for ``server``, ``host`` or ``host:port``; ``None`` if there is none.

    Raises:
        FileUnreadable: It is not known: the file cannot be read or understood.

    """
    try:
        home = place.Home()
    except FileUnreadable:
        return None  # no variable says where: nothing was ever written there
    found = facts.find(home, server)
    return None if found is None else _host(found)


def pin(server: Server, host: str, *, waiting: Callable[[str], None] | None = None) -> str | None:
    """Approve of a token server from now on.

    Args:
        server: The registry.
        host: Its token server, as :func:`~dockpass.registry.realm.named` gives it.
        waiting: Called with one line while another process has the lock.

    Returns:
        What was pinned before, ``None`` if nothing was.

    Raises:
        FileLocked, FileUnreadable, FileUnwritable: It could not be written.

    """
    before = facts.change(place.Home(waiting=waiting), server, _FACT, host)
    return before if isinstance(before, str) else None


def forget(server: Server, *, waiting: Callable[[str], None] | None = None) -> str | None:
    """Take back what was approved of. Returns what that was, ``None`` if it was nothing.

    Raises:
        FileLocked, FileUnreadable, FileUnwritable: It could not be written.

    """
    before = facts.change(place.Home(waiting=waiting), server, _FACT, None)
    return before if isinstance(before, str) else None


def pins() -> Pins:
    """All that is pinned, by the names of the registries.

    Raises:
        FileUnreadable: The folder cannot be read.

    """
    result = Pins()
    found, result.errors = facts.everything(place.Home())
    for each in found:
        try:
            host = _host(each)
        except FileUnreadable as error:
            result.errors.append(error)
        else:
            if host is not None:
                result.hosts[each.server] = host
    return result


def _host(found: Facts) -> str | None:
    if _FACT not in found.values:
        return None
    host = found.values[_FACT]
    if not isinstance(host, str):
        raise facts.unusable(found.path, f"{_FACT} is not a text")
    try:
        right = named(host) == host
    except UsageError:
        right = False
    if not right:
        raise facts.unusable(found.path, f"{_FACT} is not a host: {clean(host, 80)}")
    return host
