"""``dockpass list``: where one is logged in, as whom, and where the login is kept."""

from __future__ import annotations

from dockpass.cli.options import Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockpass.account.look_up import Entry
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal

COMMAND = Command(
    "list",
    summary="List the registries you are logged in to.",
    text="Shows each login with its user name and the store that keeps it. No secret is read or shown.",
    options=(Option("json", "Print JSON"),),
    examples=(
        ("dockpass list", "a table"),
        ("dockpass list --json", "the same for programs"),
    ),
)


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    from dockpass.account.look_up import survey
    from dockpass.cli.terminal import waiting

    found = survey(config=parsed.get("config"), waiting=waiting(terminal))
    for note in found.notes:
        terminal.warn(note)
    if parsed.on("json"):
        from dockpass.cli.as_json import logins_text

        terminal.out(logins_text(found.logins, found.errors))
        return 1 if found.errors else 0
    if found.logins:
        # Who reads it by a program gets a line for each login, whatever its length.
        terminal.out(table(found.logins, terminal.width if terminal.shows_output else None))
    elif not found.errors:
        terminal.note("You are logged in to no registry. Log in with: dockpass login SERVER")
    for error in found.errors:
        terminal.error(error)
    return 1 if found.errors else 0


def table(logins: Sequence[Entry], width: int | None) -> str:
    """The logins as a table, or one below the other where the table is wider than ``width`` columns."""
    from dockpass.cli.help import wrap
    from dockpass.display import clean

    rows = [(clean(login.server), clean(login.username or "-"), _store(login)) for login in logins]
    heads = ("SERVER", "USERNAME", "STORE")
    columns = [max(_columns(row[index]) for row in (heads, *rows)) for index in range(3)]
    if width is not None and sum(columns) + 6 > width:
        return "\n".join(
            f"{server}\n  {username}\n{wrap(store, width, '    ', '  ')}" for server, username, store in rows
        )
    return "\n".join(
        "   ".join(cell + " " * (column - _columns(cell)) for cell, column in zip(row, columns, strict=True)).rstrip()
        for row in (heads, *rows)
    )


def _columns(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(unicodedata.east_asian_width(character) in ("W", "F") for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) != 0 for character in text)


def _store(login: Entry) -> str:
    store = login.store
    if login.plaintext:
        store += " (plain text)"
    if login.shadowed_by:
        store += f", hidden by {login.shadowed_by}"
    return store
