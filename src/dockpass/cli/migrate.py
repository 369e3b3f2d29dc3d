"""``dockpass migrate``: from plain text in config.json into the vault."""

from __future__ import annotations

from dockpass.cli.options import Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal

COMMAND = Command(
    "migrate",
    summary="Move logins that lie in config.json in plain text into the vault.",
    text="Each login is read back from the vault and compared before it goes from the file. It can be stopped at any "
    "moment and run again.",
    options=(Option("dry-run", "Only show what would be moved"),),
    examples=(
        ("dockpass migrate --dry-run", "shows what would be moved"),
        ("dockpass migrate", "moves it"),
    ),
)


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    from dockpass.account.move import migrate
    from dockpass.cli.terminal import waiting
    from dockpass.display import clean

    dry_run = parsed.on("dry-run")
    done = "would be moved" if dry_run else "moved to the vault"
    result = migrate(
        config=parsed.get("config"),
        dry_run=dry_run,
        said=lambda key: terminal.out(f"{clean(key, 255)}: {done}"),
        waiting=waiting(terminal),
    )
    for key, reason in result.left:
        terminal.warn(f"{clean(key, 255)} stays: {reason}")
    if not result.moved and not result.left:
        terminal.note("Nothing to move: no login lies in config.json in plain text")
    return 0
