"""``dockpass vault``: the sealed store, its key, who can read it, and all of it in one file."""

from __future__ import annotations

from dockpass.cli import vault_export, vault_import, vault_key, vault_recipients
from dockpass.cli.options import Command
from dockpass.cli.vault_parts import home_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal

COMMAND = Command(
    "vault",
    arguments="COMMAND",
    summary="Look after the vault: its key, who can read it, and a copy of it.",
    text="The vault keeps each login in a file of its own, sealed with age (https://age-encryption.org). It makes its "
    "own key with the first login; none of these commands is needed for that.",
)

_STATUS = Command(
    "vault status",
    summary="Show where the vault is, whether it is open, and whether all is well.",
    examples=(("dockpass vault status", "where, which key, how many logins"),),
)


def _status(_parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.vault import status

    found = status.status(home_of(terminal))
    for name, value in found.lines:
        terminal.out(f"{name + ':':12} {value}")
    for note in found.notes:
        terminal.warn(note)
    return 1 if found.notes else 0


GROUP = {
    "init": (vault_key.INIT, vault_key.init),
    "recipients": (vault_recipients.COMMAND, vault_recipients.execute),
    "unlock": (vault_key.UNLOCK, vault_key.unlock),
    "lock": (vault_key.LOCK, vault_key.lock),
    "export": (vault_export.COMMAND, vault_export.execute),
    "import": (vault_import.COMMAND, vault_import.execute),
    "status": (_STATUS, _status),
}
"""The commands of the group."""
