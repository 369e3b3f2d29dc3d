"""``dockpass vault recipients``: who can read the vault."""

from __future__ import annotations

from dockpass.cli.options import Command
from dockpass.cli.vault_parts import home_of
from dockpass.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal
    from dockpass.vault.reseal import Resealed

COMMAND = Command(
    "vault recipients",
    arguments="[list | add KEY | remove KEY | again]",
    summary="Show or change who can read the vault.",
    text="After a change every login is sealed again. Interrupted, it goes on with `again`.",
    most=2,
    examples=(
        ("dockpass vault recipients", "lists the public keys"),
        ("dockpass vault recipients add age1...", "lets one more key read all logins"),
    ),
)


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    from dockpass.vault import recipients, reseal

    action, *keys = parsed.arguments or ("list",)
    home = home_of(terminal)
    if action == "list" and not keys:
        for public in recipients.listed(home):
            terminal.out(public)
        return 0
    if action == "again" and not keys:
        return _resealed(reseal.again(home, progress=_progress(terminal)), terminal)
    if action not in ("add", "remove") or len(keys) != 1:
        raise UsageError(
            "say what to do with the recipients: list, add KEY, remove KEY, or again",
            "such as: dockpass vault recipients add age1...",
        )
    change = reseal.add if action == "add" else reseal.drop
    result = change(home, keys[0], progress=_progress(terminal))
    if action == "remove" and result.changed:
        terminal.note("What that key could read before, it may have kept: change those passwords where that matters.")
    return _resealed(result, terminal)


def _progress(terminal: Terminal) -> Callable[[int, int], None] | None:
    if terminal.quiet or not terminal.shows_output:
        return None

    def show(done: int, total: int) -> None:
        terminal.out(f"\r{done} of {total} sealed again", "\n" if done == total else "")

    return show


def _resealed(result: Resealed, terminal: Terminal) -> int:
    for note in result.notes:
        terminal.warn(note)
    if not result.total and not result.changed:
        terminal.note("There was nothing to change")
        return 0
    terminal.note(f"{result.done - len(result.notes)} of {result.total} servers are sealed for those on the list")
    return 1 if result.notes else 0
