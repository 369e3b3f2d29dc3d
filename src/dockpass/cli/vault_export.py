"""``dockpass vault export``: every login as one file that age seals."""

from __future__ import annotations

import os

from dockpass.cli.options import Command, Option
from dockpass.cli.vault_parts import home_of, new_passphrase
from dockpass.errors import FileUnwritable, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.account.export_vault import Sealed
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal
    from dockpass.vault.archive import Login

COMMAND = Command(
    "vault export",
    arguments="[FILE | -]",
    summary="Write every login into one file, sealed with age.",
    text="For a backup, for another machine, or for somebody else. By default those can open it who can read the "
    "vault. If one login cannot be opened, nothing is written. Without a file it goes to standard output.",
    options=(
        Option("recipient", "Seal it for this public key instead; may be given again for more", value="key", many=True),
        Option("passphrase", "Seal it by a passphrase instead, which is asked for"),
        Option("force", "Replace the file if it is there"),
    ),
    most=1,
    examples=(
        ("dockpass vault export --passphrase backup.age", "asks for a passphrase, twice"),
        ("dockpass vault export --recipient age1... backup.age", "only that key opens it"),
        ("dockpass vault export | ssh other dockpass vault import -", "to a machine that reads this vault, too"),
    ),
)


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    from dockpass.account import export_vault
    from dockpass.vault import envelope
    from dockpass.vault.collect import collect

    public, force = parsed.all("recipient"), parsed.on("force")
    if parsed.get("recipient") is not None and parsed.on("passphrase"):
        raise UsageError("--recipient and --passphrase were given", "give one of the two: a file has either")
    if parsed.get("recipient") is not None and not any(map(str.strip, public)):
        raise UsageError("--recipient is empty", "give a public key, such as --recipient age1...")
    envelope.given(public)
    path = parsed.arguments[0] if parsed.arguments else "-"
    home = home_of(terminal)
    if path == "-":
        if terminal.shows_output:
            raise UsageError(
                "an export is no text for a terminal", "name a file: dockpass vault export FILE; or pipe it somewhere"
            )
    else:
        export_vault.check_target(home, path, force=force)
    found = collect(home)
    for note in found.notes:
        terminal.warn(note)
    for error in found.damaged:
        error.hint = "log in there again, or log out there, to have it mended or gone; then export again"
        terminal.error(error)
    if found.damaged:
        terminal.note("Nothing was written: the export would lack a login")
        return 1
    if not found.logins:
        raise UsageError("there is nothing to export: no login is in the vault", "see what is kept: dockpass list")
    passphrase = new_passphrase(terminal) if parsed.on("passphrase") else None
    done = export_vault.sealed(home, found.logins, public=public, passphrase=passphrase)
    if path == "-":
        _to_output(done.data)
    else:
        export_vault.write(path, done.data, force=force)
    terminal.note(_said(found.logins, done))
    if done.only_ours:
        terminal.note("Only this vault's own key opens it: keep a copy of that too, or use --passphrase or --recipient")
    return 0


def _to_output(data: bytes) -> None:
    try:
        while data:
            data = data[os.write(1, data) :]
    except OSError as error:
        raise FileUnwritable(
            f"cannot write to standard output: {os.strerror(error.errno or 0).lower()}",
            "what came through is not a whole export",
        ) from None


def _said(logins: list[Login], done: Sealed) -> str:
    """How many logins there are, and who opens them, in words."""
    from dockpass.display import clean

    servers = len({login.server for login in logins})
    counted = f"{_count(len(logins), 'login')} of {_count(servers, 'server')}"
    if not done.recipients:
        return f"Exported {counted}, sealed by the passphrase"
    return f"Exported {counted}, sealed for {', '.join(clean(key, 80) for key in done.recipients)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
