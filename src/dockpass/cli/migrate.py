"""``dockpass migrate``: from plain text in config.json into the vault."""

from __future__ import annotations

import sys

from dockpass.cli.options import Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal

COMMAND = Command(
    "migrate",
    arguments="[SERVER...]",
    summary="Move logins that lie in config.json in plain text into the vault.",
    text="All of them, or those of the servers that are named, in any spelling. Each login is read back from the vault "
    "and compared before it goes from the file. It can be stopped at any moment and run again. Where something is "
    "broken for one login, the others are moved, and the command fails.",
    options=(Option("dry-run", "Only show what would be moved"),),
    most=sys.maxsize,
    examples=(
        ("dockpass migrate --dry-run", "shows what would be moved"),
        ("dockpass migrate", "moves it"),
        ("dockpass migrate registry.example.com", "moves the login of this registry"),
    ),
)


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    from dockpass.account.move import migrate
    from dockpass.cli.terminal import waiting
    from dockpass.display import clean
    from dockpass.errors import NotMoved

    dry_run = parsed.on("dry-run")
    done = "would be moved" if dry_run else "moved to the vault"
    result = migrate(
        parsed.arguments,
        config=parsed.get("config"),
        dry_run=dry_run,
        said=lambda key: terminal.out(f"{clean(key, 255)}: {done}"),
        waiting=waiting(terminal),
    )
    for key, reason in result.left:
        terminal.warn(f"{clean(key, 255)} stays: {reason}")
    for key, error in result.failed:
        terminal.error(NotMoved(f"{clean(key, 255)} is not moved: {error.message}", error.hint))
    for server in result.unknown:
        terminal.note(f"Nothing to move for {server.name}: its login does not lie in config.json in plain text")
    if not (parsed.arguments or result.moved or result.left or result.failed):
        terminal.note("Nothing to move: no login lies in config.json in plain text")
    return 1 if result.failed else 0
