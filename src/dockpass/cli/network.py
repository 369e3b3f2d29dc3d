"""What the options say of how a registry is reached."""

from __future__ import annotations

from dockpass.errors import UsageError
from dockpass.registry.network import LONGEST, Network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockpass.cli.options import Parsed

_DIGITS = frozenset("0123456789.")


def network(parsed: Parsed, given: Iterable[str]) -> Network | None:
    """What the user said of the network. The files that it names are not looked at here.

    Args:
        parsed: The command line.
        given: Those of the options about the network that are there; ``None`` comes back where none is.

    Raises:
        UsageError: An option is empty, is no number where it should be one, or lacks another.

    """
    for name in given:
        if not parsed.get(name):
            raise UsageError(f"--{name} is empty", f"give it a value, or leave out --{name}")
    if parsed.get("key") is not None and parsed.get("cert") is None:
        raise UsageError("the --key option requires --cert to be set", "name the key's certificate with --cert FILE")
    return Network.told(
        cacert=parsed.get("cacert"),
        cert=parsed.get("cert"),
        key=parsed.get("key"),
        cert_dir=parsed.get("cert-dir"),
        timeout=_seconds(parsed.get("timeout"), "timeout"),
        connect_timeout=_seconds(parsed.get("connect-timeout"), "connect-timeout"),
    )


def _seconds(text: str | None, name: str) -> float | None:
    """A number of seconds, as curl reads it: ``30`` or ``2.5``. Go's ``30s``, and a float's ``1e3`` and ``inf``, are
    none.
    """
    if text is None:
        return None
    try:
        seconds = float(text) if _DIGITS.issuperset(text) else 0
    except ValueError:
        seconds = 0
    if not 0 < seconds <= LONGEST:
        raise UsageError(
            f"--{name} wants a number of seconds, more than 0 and at most {LONGEST:g}", f"such as --{name} 60, or 2.5"
        )
    return seconds
