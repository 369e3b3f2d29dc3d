"""What can be wrong with a keyring, each with its next step."""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import PromptDismissed, StoreError, StoreFailed, StoreLocked, StoreTimedOut, StoreUnavailable

_ELSEWHERE = "or use a store that needs no keyring: dockpass login --store age SERVER"

_NO_SERVICE = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn.",
    "org.freedesktop.DBus.Error.TimedOut",  # the bus gave up starting it
)
_GONE = (
    "org.freedesktop.Secret.Error.NoSuchObject",
    "org.freedesktop.DBus.Error.UnknownObject",
    "org.freedesktop.DBus.Error.UnknownMethod",  # what GLib says of an object that is not there
)


class NoSuchObject(Exception):
    """What was asked for has gone meanwhile. No error yet: who asked knows what it means."""


def answer(name: str, text: str) -> StoreError | NoSuchObject:
    """The error to raise for an error that came over the bus.

    Args:
        name: The error's D-Bus name.
        text: What it says.

    """
    if name.startswith(_NO_SERVICE):
        return no_service()
    if name in _GONE:
        return NoSuchObject()
    if name == "org.freedesktop.Secret.Error.IsLocked":
        return locked()
    return failed(f"{clean(text, 300) or 'it did not say why'} ({clean(name, 128)})")


def no_bus(why: str) -> StoreUnavailable:
    """There is no session bus, or it does not let us in."""
    return StoreUnavailable(
        f"no keyring can be reached, for there is no D-Bus session bus: {why}",
        f"log in on a desktop, or run it inside of `dbus-run-session`, {_ELSEWHERE}",
    )


def no_service() -> StoreUnavailable:
    """There is a bus, and no keyring service on it."""
    return StoreUnavailable(
        "no keyring service (org.freedesktop.secrets) runs in this session",
        f"start one (GNOME Keyring, KWallet, KeePassXC), {_ELSEWHERE}",
    )


def no_collection() -> StoreUnavailable:
    """There is a service without a place to keep things in, and nobody who could be asked to make one."""
    return StoreUnavailable(
        "the keyring service has no default keyring",
        f"make one with its own program (Seahorse, KWalletManager, KeePassXC), {_ELSEWHERE}",
    )


def locked() -> StoreLocked:
    """It is locked, and nothing here can ask for its password."""
    return StoreLocked(
        "the keyring is locked, and nothing in this session can ask for its password",
        "unlock it with its own program (Seahorse, KWalletManager, KeePassXC), and try again",
    )


def listing_locked() -> StoreLocked:
    """It is locked, and does not say what is in it; a list asks nobody."""
    return StoreLocked(
        "the keyring is locked, and does not say what it keeps until it is unlocked",
        "unlock it with its own program (Seahorse, KWalletManager, KeePassXC), and try again",
    )


def dismissed() -> PromptDismissed:
    """Somebody was asked for the password, and did not give it."""
    return PromptDismissed(
        "the keyring is locked, and the question for its password was dismissed",
        "try again and answer it, or unlock the keyring with its own program",
    )


def not_answered(seconds: float) -> StoreTimedOut:
    """Somebody was asked for the password, and did not answer."""
    return StoreTimedOut(
        f"the keyring is locked, and its question for the password was not answered in {seconds:g} seconds",
        "answer it in its window, or unlock the keyring with its own program, and try again",
    )


def silent(who: str, seconds: float) -> StoreTimedOut:
    """The bus or the service does not answer."""
    return StoreTimedOut(
        f"{who} did not answer in {seconds:g} seconds",
        f"see whether it hangs, and start it anew, {_ELSEWHERE}",
    )


def failed(why: str) -> StoreFailed:
    """The service said that it failed, or went away, or makes no sense."""
    return StoreFailed(
        f"the keyring service failed: {why}",
        f"look at the keyring with its own program (Seahorse, KWalletManager, KeePassXC), {_ELSEWHERE}",
    )
