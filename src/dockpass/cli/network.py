"""The options that say how a registry is reached, the same for every command that reaches one."""

from __future__ import annotations

from dockpass.cli.options import Option
from dockpass.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.options import Parsed
    from dockpass.registry.network import Network

OPTIONS = (
    Option("cacert", "Trust the authorities in this PEM file, too", value="file"),
    Option("cert", "Show the registry this client certificate", value="file"),
    Option("key", "The key of the client certificate, if --cert does not hold it, too", value="file"),
    Option("cert-dir", "Use this folder of *.crt, *.cert and *.key instead of certs.d", value="path"),
    Option("connect-timeout", "Wait this long for a connection, and again for TLS (default: 10)", value="seconds"),
    Option("timeout", "Wait this long for all of it (default: 30)", value="seconds"),
)

_DIGITS = frozenset("0123456789.")


def network(parsed: Parsed) -> Network | None:
    """What the user said of the network, ``None`` if nothing. The files that it names are not looked at here.

    Raises:
        UsageError: An option is empty, is no number where it should be one, or lacks another.

    """
    given = [option.name for option in OPTIONS if parsed.get(option.name) is not None]
    if not given:
        return None
    for name in given:
        if not parsed.get(name):
            raise UsageError(f"--{name} is empty", f"give it a value, or leave out --{name}")
    from dockpass.registry.network import CONNECT_SECONDS, SECONDS, Network

    authorities = parsed.get("cacert")
    return Network(
        ca_files=(authorities,) if authorities else (),
        client_pairs=_pairs(parsed),
        cert_dir=parsed.get("cert-dir") or "",
        connect_timeout=_seconds(parsed, "connect-timeout", CONNECT_SECONDS),
        timeout=_seconds(parsed, "timeout", SECONDS),
    )


def _seconds(parsed: Parsed, name: str, default: float) -> float:
    """A number of seconds, as curl reads it: ``30`` or ``2.5``. Go's ``30s``, and a float's ``1e3`` and ``inf``, are
    none.
    """
    text = parsed.get(name)
    if text is None:
        return default
    from dockpass.registry.network import LONGEST

    try:
        seconds = float(text) if _DIGITS.issuperset(text) else 0
    except ValueError:
        seconds = 0
    if not 0 < seconds <= LONGEST:
        raise UsageError(
            f"--{name} wants a number of seconds, more than 0 and at most {LONGEST:g}", f"such as --{name} 60, or 2.5"
        )
    return seconds


def _pairs(parsed: Parsed) -> tuple[tuple[str, str], ...]:
    certificate, key = parsed.get("cert"), parsed.get("key")
    if certificate is None:
        if key is not None:
            raise UsageError(
                "the --key option requires --cert to be set", "name the key's certificate with --cert FILE"
            )
        return ()
    return ((certificate, key or certificate),)
