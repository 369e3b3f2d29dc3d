"""``dockpass trust``: who may issue the tokens of a registry, and so is sent the password for it.

No registry is asked. What is shown is the rule that the next login goes by.
"""

from __future__ import annotations

from dockpass.cli.options import Command, Option
from dockpass.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.account.pins import Pins
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal
    from dockpass.server import Server

COMMAND = Command(
    "trust",
    arguments="[SERVER]",
    summary="Show or change which token servers may be sent a password.",
    text="A registry may name another host that issues its tokens, and that host is sent the password. With a server, "
    "shows which hosts may be that; one of your choice is remembered with --token-host. Without a server, shows all "
    "that are remembered. No registry is asked.",
    options=(
        Option("token-host", "Let this host, or host:port, issue the tokens", value="host"),
        Option("forget", "Forget the host that is remembered"),
        Option("json", "Print JSON"),
    ),
    most=1,
    examples=(
        ("dockpass trust registry.example.com", "who may issue its tokens"),
        ("dockpass trust registry.example.com --token-host auth.example.net", "this host, too"),
        ("dockpass trust registry.example.com --forget", "no longer"),
        ("dockpass trust", "all hosts that are remembered"),
    ),
)

_WHY = {
    "own-host": "the registry itself, on any port",
    "known-pair": "known to belong to it",
    "same-domain": "of the same domain",
    "pinned": "you approved of it",
}


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    host = parsed.get("token-host")
    if host is not None and parsed.on("forget"):
        raise UsageError("--token-host and --forget were given", "give one of the two")
    if not parsed.arguments or not parsed.arguments[0]:
        if host is not None or parsed.on("forget"):
            raise UsageError("the registry is missing", "name it: dockpass trust SERVER")
        return _everything(parsed, terminal)
    from dockpass.server import Server

    server = Server.parse(parsed.arguments[0])
    if host is not None:
        _pin(server, host, terminal)
    elif parsed.on("forget"):
        _forget(server, terminal)
    if parsed.on("json") or (host is None and not parsed.on("forget")):
        _one(server, parsed, terminal)
    return 0


def _pin(server: Server, host: str, terminal: Terminal) -> None:
    from dockpass.account import pins
    from dockpass.cli.terminal import waiting
    from dockpass.registry.realm import named

    host = named(host)
    before = pins.pin(server, host, waiting=waiting(terminal))
    instead = f", and no longer {before}" if before not in (None, host) else ""
    terminal.note(f"{host} may issue the tokens of {server.name}{instead}.")


def _forget(server: Server, terminal: Terminal) -> None:
    from dockpass.account import pins
    from dockpass.cli.terminal import waiting

    before = pins.forget(server, waiting=waiting(terminal))
    if before is None:
        terminal.note(f"Nothing is remembered for {server.name}.")
    else:
        terminal.note(f"{before} is no longer remembered as the token server of {server.name}.")


def _one(server: Server, parsed: Parsed, terminal: Terminal) -> None:
    from dockpass.account import pins

    trusted = _trusted(server, pins.pinned(server))
    if parsed.on("json"):
        _json(
            terminal,
            {
                "version": 1,
                "server": server.key,
                "token_hosts": [{"host": host, "standing": standing} for host, standing in trusted],
            },
        )
        return
    terminal.out(_table(("TOKEN SERVER", "WHY"), [(host, _WHY[why]) for host, why in trusted]))


def _trusted(server: Server, pinned: str | None) -> list[tuple[str, str]]:
    """Pairs of a host and why it may issue the tokens of a registry. ``*.`` before it means it and all hosts below."""
    from dockpass.registry import known, realm

    trusted = [(server.host, realm.OWN_HOST)]
    trusted += [(host, realm.KNOWN_PAIR) for host in known.hosts(server.host)]
    domain = realm.domain(server.host)
    if domain is not None:
        trusted.append((f"*.{domain}", realm.SAME_DOMAIN))
    if pinned is not None:
        trusted.append((pinned, realm.PINNED))
    return trusted


def _everything(parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.account import pins

    found = pins.pins()
    if parsed.on("json"):
        _json(terminal, _answer(found))
        return 1 if found.errors else 0
    if found.hosts:
        terminal.out(_table(("SERVER", "TOKEN SERVER"), list(found.hosts.items())))
    elif not found.errors:
        terminal.note("No token server is remembered. Who may issue the tokens of a registry: dockpass trust SERVER")
    for error in found.errors:
        terminal.error(error)
    return 1 if found.errors else 0


def _answer(found: Pins) -> dict[str, object]:
    answer: dict[str, object] = {
        "version": 1,
        "pins": [{"server": server, "token_host": host} for server, host in found.hosts.items()],
    }
    if found.errors:
        answer["errors"] = [{"id": error.id, "message": error.message, "hint": error.hint} for error in found.errors]
    return answer


def _json(terminal: Terminal, answer: object) -> None:
    import json

    terminal.out(json.dumps(answer, indent=2))


def _table(heads: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    from dockpass.display import clean

    shown = [heads, *((clean(left, 300), clean(right, 300)) for left, right in rows)]
    width = max(len(left) for left, _right in shown) + 3
    return "\n".join(left.ljust(width) + right for left, right in shown)
