"""What becomes of a token server that needs the user's word: what they say now, and that it is remembered."""

from __future__ import annotations

from dockpass.account import pins
from dockpass.errors import DockpassError, TokenHostChanged
from dockpass.registry.realm import NAMED, PINNED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.errors import UntrustedTokenHost
    from dockpass.registry.flow import Outcome
    from dockpass.server import Server


def given(refused: UntrustedTokenHost, approve: Callable[[UntrustedTokenHost], bool]) -> str | None:
    """The host to go on with after ``refused``; ``None`` if that stands.

    Args:
        refused: Why the token server that the registry names was not asked.
        approve: Asks the user. Not called where nobody should be led to say yes: where the host is one of those, or
            where another was approved of earlier.

    """
    if not refused.host or isinstance(refused, TokenHostChanged) or not approve(refused):
        return None
    return refused.host


def remember(server: Server, host: str, outcome: Outcome, waiting: Callable[[str], None] | None) -> list[str]:
    """Pin a token server that the user named, if that was needed. Say so if it is not the one that was asked.

    Args:
        server: The registry.
        host: What they named, as :func:`~dockpass.registry.realm.named` gives it.
        outcome: Of the login that worked.
        waiting: Called with one line while another process has the lock.

    Returns:
        What the user should hear. That it could not be written is no reason to fail: then they are asked again.

    """
    if outcome.standing != NAMED:
        return _in_vain(server, host, outcome)
    try:
        before = pins.pin(server, host, waiting=waiting)
    except DockpassError as error:
        return [f"that {host} issues the tokens of {server.name} could not be remembered: {error.message}"]
    if before == host:
        return []
    instead = f", and no longer {before}" if before is not None else ""
    return [f"{host} is remembered as the token server of {server.name}{instead}: see dockpass trust"]


def _in_vain(server: Server, host: str, outcome: Outcome) -> list[str]:
    asked = outcome.token_host
    if asked is None:
        return [f"{server.name} has no token server: {host} was not needed"]
    if host in (asked, f"[{asked}]") or host.rpartition(":")[0] in (asked, f"[{asked}]"):
        return []  # it was right, and would have been asked without a word
    why = ", as you approved earlier" if outcome.standing == PINNED else ""
    return [f"the token server of {server.name} is {asked}{why}: {host} was not needed"]
