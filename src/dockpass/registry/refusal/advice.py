"""What to try next when credentials are refused: in general, and where the registry is a well-known one.

The host is looked at first, then the challenge. What is said rests on the tables in
:mod:`dockpass.registry.refusal.hosted` and :mod:`dockpass.registry.refusal.self_hosted`, and is never more than a hint.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockpass.registry.challenge import Challenge
    from dockpass.registry.refusal.wanted import Wanted

_REFUSED = (
    "check the user name and the password; where two-factor login is on, an access token takes the place of the "
    "password"
)
_STRAY = "check the user name and the secret for stray characters, such as a newline at the end"


def refused(host: str, offered: Sequence[Challenge] = (), username: str = "") -> str:
    """The hint for refused credentials.

    Args:
        host: The host of the registry.
        offered: How it asked for a login.
        username: The user name that was refused; it is not repeated.

    """
    wanted = find(host, offered)
    if wanted is None:
        return _REFUSED
    return wanted.hint if not username or wanted.takes(username) else f"not with that user name: {wanted.hint}"


def garbled(host: str, offered: Sequence[Challenge] = (), username: str = "") -> str:
    """The hint for credentials that the registry could not read. Takes what :func:`refused` does."""
    return f"{_STRAY}; {refused(host, offered, username)}" if answers_400(host, offered) else _STRAY


def answers_400(host: str, offered: Sequence[Challenge] = ()) -> bool:
    """Whether this registry is known to answer 400 to credentials that it does not take."""
    wanted = find(host, offered)
    return wanted is not None and wanted.answers_400


def find(host: str, offered: Sequence[Challenge] = ()) -> Wanted | None:
    """What is known of the registry at ``host`` that asks so, ``None`` if nothing is."""
    from dockpass.registry.refusal.hosted import HOSTED
    from dockpass.registry.refusal.self_hosted import SELF_HOSTED

    for one in (*HOSTED, *SELF_HOSTED):
        if one.is_at(host):
            return one
    for one in SELF_HOSTED:
        if one.asks_so(offered):
            return one
    return None
