"""``dockpass vault``: the sealed store, its key, and who can read it."""

from __future__ import annotations

import os

from dockpass.cli.options import Command, Option
from dockpass.errors import FileUnreadable, NotATerminal, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal
    from dockpass.credential import Secret
    from dockpass.vault.home import Home
    from dockpass.vault.reseal import Resealed

COMMAND = Command(
    "vault",
    arguments="COMMAND",
    summary="Look after the vault: its key, and who can read it.",
    text="The vault keeps each login in a file of its own, sealed with age (https://age-encryption.org). It makes its "
    "own key with the first login; none of these commands is needed for that.",
)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_USUAL = "8h"
_IDENTITY_LIMIT = 65536


def _init(parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.display import clean
    from dockpass.vault import identity

    path = parsed.get("identity")
    if path is not None and parsed.on("passphrase"):
        raise UsageError("--identity and --passphrase were given", "give one of the two")
    home = _home(terminal)
    if path is not None:
        made = identity.adopt(home, _read_identity(path))
    else:
        identity.check_free(home)
        made = identity.make(home, _new_passphrase(terminal) if parsed.on("passphrase") else None)
    terminal.out(f"Vault made in {clean(home.path, 1000)}")
    for public in made.public():
        terminal.out(f"Public key: {public}")
    if parsed.on("passphrase"):
        terminal.note("It is locked. Open it for a while with: dockpass vault unlock")
    return 0


def _recipients(parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.vault import recipients, reseal

    action, *keys = parsed.arguments or ("list",)
    home = _home(terminal)
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


def _unlock(parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.credential import Secret
    from dockpass.vault import passphrase, unlocked
    from dockpass.vault.layout import LOCKED

    given = parsed.get("for")
    time = _USUAL if given is None else given
    seconds = _seconds(time)
    home = _home(terminal)
    # Nobody types a passphrase for a vault that is not locked by one: what it says of that, it says at once.
    is_locked = os.path.lexists(os.path.join(home.path, LOCKED))
    if is_locked:
        unlocked.check(home.environ)
    passphrase.unlock(home, _secret(terminal, "Passphrase: ") if is_locked else Secret("-"), seconds)
    terminal.out(f"Unlocked for {time}")
    return 0


def _lock(parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.vault import passphrase

    home = _home(terminal)
    if parsed.on("passphrase"):
        passphrase.protect(home, _new_passphrase(terminal))
        terminal.out("Locked by a passphrase from now on")
        return 0
    terminal.out("Locked" if passphrase.lock(home) else "It was not unlocked")
    return 0


def _status(_parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.vault import status

    found = status.status(_home(terminal))
    for name, value in found.lines:
        terminal.out(f"{name + ':':12} {value}")
    for note in found.notes:
        terminal.warn(note)
    return 1 if found.notes else 0


def _home(terminal: Terminal) -> Home:
    from dockpass.cli.terminal import waiting
    from dockpass.vault.home import Home

    say = waiting(terminal)
    return Home(waiting=say, tell=say)


def _secret(terminal: Terminal, question: str) -> Secret:
    from dockpass.credential import Secret

    if not terminal.interactive:
        raise NotATerminal(
            "a passphrase has to be typed, and there is no terminal here",
            "run it on a terminal, before the job that needs it",
        )
    return Secret(terminal.ask_secret(question))


def _new_passphrase(terminal: Terminal) -> Secret:
    first = _secret(terminal, "New passphrase: ")
    if not first:
        raise UsageError("the passphrase is empty", "run it again and type one")
    if _secret(terminal, "Once more: ") != first:
        raise UsageError("the two passphrases differ", "run it again")
    return first


def _read_identity(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = os.read(descriptor, _IDENTITY_LIMIT + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise FileUnreadable(
            f"cannot read the identity {path}: {os.strerror(error.errno or 0).lower()}", "check the path", path=path
        ) from None
    if len(data) > _IDENTITY_LIMIT:
        raise FileUnreadable(f"{path} is larger than any identity", "check the path", path=path)
    return data


def _seconds(text: str) -> float:
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not (number.isascii() and number.isdecimal()) or len(number) > 5 or not int(number):
        raise UsageError(f"--for {text!a} is not a time", "write it as --for 8h, 30m or 2d")
    return float(int(number) * _UNITS[unit])


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


GROUP = {
    "init": (
        Command(
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
        ),
        _init,
    ),
    "recipients": (
        Command(
            "vault recipients",
            arguments="[list | add KEY | remove KEY | again]",
            summary="Show or change who can read the vault.",
            text="After a change every login is sealed again. Interrupted, it goes on with `again`.",
            most=2,
            examples=(
                ("dockpass vault recipients", "lists the public keys"),
                ("dockpass vault recipients add age1...", "lets one more key read all logins"),
            ),
        ),
        _recipients,
    ),
    "unlock": (
        Command(
            "vault unlock",
            summary="Open a vault that is locked by a passphrase, for a while.",
            options=(Option("for", "For how long: 30m, 8h (the default), 2d", value="time"),),
            examples=(("dockpass vault unlock --for 1h", "asks for the passphrase"),),
        ),
        _unlock,
    ),
    "lock": (
        Command(
            "vault lock",
            summary="Close an unlocked vault now.",
            options=(Option("passphrase", "Give the key a passphrase first, if it has none"),),
            examples=(
                ("dockpass vault lock", "forgets the opened key"),
                ("dockpass vault lock --passphrase", "locks a vault that had no passphrase"),
            ),
        ),
        _lock,
    ),
    "status": (
        Command(
            "vault status",
            summary="Show where the vault is, whether it is open, and whether all is well.",
            examples=(("dockpass vault status", "where, which key, how many logins"),),
        ),
        _status,
    ),
}
"""The commands of the group."""
