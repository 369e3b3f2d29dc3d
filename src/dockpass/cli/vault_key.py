"""``dockpass vault init``, ``unlock`` and ``lock``: the key, and the passphrase that it may be locked by."""

from __future__ import annotations

import os

from dockpass.cli.options import Command, Option
from dockpass.cli.vault_parts import home_of, new_passphrase, passphrase_of, read_identity
from dockpass.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal

INIT = Command(
    "vault init",
    summary="Make the vault, with a key of its choice.",
    text="Without options: an age key in a file that only you can read, as the first login would make it. "
    "Stronger: a passphrase, or a key of your own, such as an SSH key or the line of an age plug-in for "
    "hardware.",
    options=(
        Option("passphrase", "Lock the key by a passphrase"),
        Option("identity", "Use the key in this file", value="path"),
    ),
    examples=(
        ("dockpass vault init --passphrase", "a key that has to be unlocked before use"),
        ("dockpass vault init --identity ~/.ssh/id_ed25519", "the SSH key that you have"),
    ),
)

UNLOCK = Command(
    "vault unlock",
    summary="Open a vault that is locked by a passphrase, for a while.",
    options=(Option("for", "For how long: 30m, 8h (the default), 2d", value="time"),),
    examples=(("dockpass vault unlock --for 1h", "asks for the passphrase"),),
)

LOCK = Command(
    "vault lock",
    summary="Close an unlocked vault now.",
    options=(Option("passphrase", "Give the key a passphrase first, if it has none"),),
    examples=(
        ("dockpass vault lock", "forgets the opened key"),
        ("dockpass vault lock --passphrase", "locks a vault that had no passphrase"),
    ),
)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_USUAL = "8h"


def init(parsed: Parsed, terminal: Terminal) -> int:
    """Run ``dockpass vault init``."""
    from dockpass.display import clean
    from dockpass.vault import identity

    path = parsed.get("identity")
    if path is not None and parsed.on("passphrase"):
        raise UsageError("--identity and --passphrase were given", "give one of the two")
    home = home_of(terminal)
    if path is not None:
        made = identity.adopt(home, read_identity(path))
    else:
        identity.check_free(home)
        made = identity.make(home, new_passphrase(terminal) if parsed.on("passphrase") else None)
    terminal.out(f"Vault made in {clean(home.path, 1000)}")
    for public in made.public():
        terminal.out(f"Public key: {public}")
    if parsed.on("passphrase"):
        terminal.note("It is locked. Open it for a while with: dockpass vault unlock")
    return 0


def unlock(parsed: Parsed, terminal: Terminal) -> int:
    """Run ``dockpass vault unlock``."""
    from dockpass.credential import Secret
    from dockpass.vault import passphrase, unlocked
    from dockpass.vault.layout import LOCKED

    given = parsed.get("for")
    time = _USUAL if given is None else given
    seconds = _seconds(time)
    home = home_of(terminal)
    # Nobody types a passphrase for a vault that is not locked by one: what it says of that, it says at once.
    is_locked = os.path.lexists(os.path.join(home.path, LOCKED))
    if is_locked:
        unlocked.check(home.environ)
    passphrase.unlock(home, passphrase_of(terminal, "Passphrase: ") if is_locked else Secret("-"), seconds)
    terminal.out(f"Unlocked for {time}")
    return 0


def lock(parsed: Parsed, terminal: Terminal) -> int:
    """Run ``dockpass vault lock``."""
    from dockpass.vault import passphrase

    home = home_of(terminal)
    if parsed.on("passphrase"):
        passphrase.protect(home, new_passphrase(terminal))
        terminal.out("Locked by a passphrase from now on")
        return 0
    terminal.out("Locked" if passphrase.lock(home) else "It was not unlocked")
    return 0


def _seconds(text: str) -> float:
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not (number.isascii() and number.isdecimal()) or len(number) > 5 or not int(number):
        raise UsageError(f"--for {text!a} is not a time", "write it as --for 8h, 30m or 2d")
    return float(int(number) * _UNITS[unit])
