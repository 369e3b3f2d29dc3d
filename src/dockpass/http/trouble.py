"""What the system says when a connection fails, in words that help."""

from __future__ import annotations

import errno

from dockpass.errors import TimedOut, Unreachable

_HINTS = {
    errno.ECONNREFUSED: "is the registry running, and is the port right?",
    errno.ENETUNREACH: "check the network connection, and whether a proxy is needed (HTTPS_PROXY)",
    errno.EHOSTUNREACH: "check the network connection, and whether a proxy is needed (HTTPS_PROXY)",
    errno.ENOENT: "is the program that should listen on this socket running, and is the path right?",
    errno.EACCES: "this user may not open the socket: ask for the group that owns it",
    errno.ECONNRESET: "try again; if it happens again, something between here and there may be cutting connections",
    errno.EPIPE: "try again; if it happens again, something between here and there may be cutting connections",
}
_OTHER = "try again; if it happens again, check the network of this machine"
_SLOW = "try again; a firewall may be in the way, or a proxy be needed (HTTPS_PROXY)"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.deadline import Deadline


def unreachable(what: str, error: OSError, deadline: Deadline) -> Unreachable:
    """The error for a connection that could not be made or broke.

    Args:
        what: What could not be done, and to which server: ``cannot connect to 127.0.0.1:5000``.
        error: What the system said.
        deadline: The limit, for ``error`` being a timeout.

    """
    if isinstance(error, TimeoutError):
        # The system has words for it where it gave up before we did, or where not all addresses were silent.
        words = reason(error) if error.errno else f"no answer within {deadline.seconds:g} s"
        return TimedOut(f"{what}: {words}", _SLOW + deadline.longer)
    return Unreachable(f"{what}: {reason(error)}", _HINTS.get(error.errno or 0, _OTHER))


def reason(error: OSError) -> str:
    """The system's words, beginning in lower case: ``connection refused``."""
    words = error.strerror or str(error) or "connection failed"
    return words if words[1:2].isupper() else words[0].lower() + words[1:]
