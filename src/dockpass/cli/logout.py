"""``dockpass logout``: forgets a login under every spelling and in every place, and looks again before it says so."""

from __future__ import annotations

from dockpass.cli.options import Command, Option
from dockpass.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal

COMMAND = Command(
    "logout",
    arguments="[SERVER]",
    summary="Log out from a registry. Without a server, from Docker Hub.",
    text="The credential is erased under every spelling of the server, wherever config.json says that it is kept, and "
    "looked up again to be sure. If any of it is still there, the command says where and fails.",
    options=(Option("all", "Log out from every registry"),),
    most=1,
    examples=(
        ("dockpass logout registry.example.com", "forgets the login of this registry"),
        ("dockpass logout --all", "forgets every login that `dockpass list` shows"),
    ),
)


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    from dockpass.account.log_out import log_out_everywhere, logout
    from dockpass.cli.terminal import waiting
    from dockpass.display import clean
    from dockpass.server import Server

    found = []

    def before(key: str) -> None:
        found.append(key)
        terminal.out(f"Removing login credentials for {clean(key)}")

    if parsed.on("all"):
        if parsed.arguments:
            raise UsageError("--all and a server were given", "give one of the two")
        results = log_out_everywhere(config=parsed.get("config"), before=before, waiting=waiting(terminal))
        if not found:
            terminal.note("You were logged in to no registry")
    else:
        server = Server.parse(parsed.arguments[0] if parsed.arguments else None)
        terminal.out(f"Removing login credentials for {server.name}")
        results = [logout(server, config=parsed.get("config"), waiting=waiting(terminal))]
        if not results[0].erased:
            terminal.note(f"Nothing was kept for {server.name}")
    for result in results:
        for note in result.notes:
            terminal.warn(note)
    return 0
