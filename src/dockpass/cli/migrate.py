"""``dockpass migrate``: from one store into another."""

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
    summary="Move logins from one store into another.",
    text="By default out of config.json, where they lie in plain text, into the vault; all of them, or those of the "
    "servers that are named, in any spelling. Each login is read back from the new store and compared before it goes "
    "from the old one, and docker and podman are led there. None takes the place of another login. The command can be "
    "stopped at any moment and run again. Where something is broken for one login, the others are moved, and the "
    "command fails.",
    options=(
        Option("dry-run", "Only show what would be moved"),
        Option(
            "from", "Where they are: file (config.json), age, another store, or a helper (default file)", value="store"
        ),
        Option("to", "Where they are to be (default age, the vault)", value="store"),
    ),
    most=sys.maxsize,
    examples=(
        ("dockpass migrate --dry-run", "shows what would be moved out of config.json"),
        ("dockpass migrate", "moves it into the vault"),
        ("dockpass migrate registry.example.com", "moves the login of this registry"),
        ("dockpass migrate --from pass --to secretservice", "moves all from pass to the desktop's keyring"),
    ),
)


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    from dockpass.account.moving.migrate import migrate
    from dockpass.cli.terminal import waiting
    from dockpass.display import clean
    from dockpass.errors import NotMoved
    from dockpass.stores.route import DEFAULT

    dry_run = parsed.on("dry-run")
    source, target = parsed.get("from") or "file", parsed.get("to") or DEFAULT
    done = "would be moved" if dry_run else f"moved to {_title(target)}"

    def said(key: str, number: int, total: int) -> None:
        count = f" ({number} of {total})" if total > 1 and terminal.shows_output else ""
        terminal.out(f"{clean(key, 255)}: {done}{count}")

    result = migrate(
        parsed.arguments,
        source=source,
        target=target,
        config=parsed.get("config"),
        dry_run=dry_run,
        said=said,
        waiting=waiting(terminal),
    )
    for key, reason in result.left:
        terminal.warn(f"{clean(key, 255)} stays: {reason}")
    for key, error in result.failed:
        terminal.error(NotMoved(f"{clean(key, 255)} is not moved: {error.message}", error.hint))
    where = "lies in config.json in plain text" if source == "file" else f"is in {_title(source)}"
    for server in result.unknown:
        terminal.note(f"Nothing to move for {server.name}: no login of it {where}")
    if not (parsed.arguments or result.moved or result.left or result.failed):
        terminal.note(f"Nothing to move: no login {where}")
    if result.creds_store is not None:
        name = clean(result.creds_store, 64) or "no helper"
        terminal.note(f"credsStore in config.json {f'would then name {name}' if dry_run else f'names {name} now'}")
    if result.moved and target == "file":
        terminal.warn("logins lie in config.json in plain text: who can read it has them")
    for note in result.notes:
        terminal.warn(note)
    return 1 if result.failed or (parsed.arguments and result.left) else 0


def _title(store: str) -> str:
    from dockpass.display import clean

    return {"age": "the vault", "dockpass": "the vault", "file": "config.json"}.get(store, clean(store, 64))
