"""GnuPG, as far as a password store needs it: open one file, and say why that, or sealing one, does not work.

gpg tells programs what happened by status lines; its words are for people, and in their language.

Reference: https://git.gnupg.org/cgi-bin/gitweb.cgi?p=gnupg.git;a=blob;f=doc/DETAILS
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import PromptDismissed, StoreFailed, StoreLocked, StoreTimedOut, StoreUnavailable
from dockpass.stores import child, on_path
from dockpass.stores.inherited import inherited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockpass.errors import StoreError

SEALING = "--no-auto-key-locate --status-fd 2"
"""Options with which gpg seals: it asks no key server for a key that is not here, and says what is wrong with one."""

_CAPACITY = 1 << 20
_STATUS = "[GNUPG:] "
# Error codes of libgpg-error, in the lower 16 bits of what the status line has.
_BAD_PASSPHRASE, _TIMEOUT, _NO_PINENTRY, _CANCELED = 11, 62, 85, 99
_FULLY_CANCELED = 198


class GPG:
    """The program gpg.

    Args:
        environ: The environment to look for it and to run it in.
        waiting: Called with one line when it takes longer than three seconds.
        time_limit: Seconds for one call; ``None`` means 30, and 300 where there is a terminal.

    """

    def __init__(
        self, environ: Mapping[str, str], waiting: Callable[[str], None] | None, time_limit: float | None
    ) -> None:
        self._environ = environ
        self._waiting = waiting
        self._time_limit = time_limit

    def decrypt(self, path: str, options: list[str]) -> bytes:
        """What is in the file ``path``.

        Raises:
            StoreUnavailable: There is no gpg.
            StoreLocked: The key has a passphrase, and nobody gave it. :class:`~dockpass.errors.PromptDismissed` where
                somebody did not want to.
            StoreTimedOut: Nobody answered.
            StoreFailed: There is no such key, or the file is none of gpg's.

        """
        words = [*options, "--batch", "--status-fd", "2", "--decrypt", "--", path]
        ended, said = self.run(self._find(), words, b"", f"opening {clean(path)}")
        if ended.status != 0:
            raise _not_opened(clean(path), said)
        return ended.output

    def run(self, program: str, words: list[str], payload: bytes, doing: str) -> tuple[child.Ended, str]:
        """Run gpg, or a program that runs it. Returns how it ended, and its standard error.

        Raises:
            StoreTimedOut: It did not end in time.
            StoreFailed: It cannot be started, or answers with more than 1 MiB.

        """
        name = os.path.basename(program)
        complaints = bytearray()
        try:
            ended = child.run(
                [program, *words],
                payload,
                environment(self._environ),
                capacity=_CAPACITY,
                time_limit=self._time_limit,
                waiting=lambda: self._say_waiting(name),
                complaints=complaints,
            )
        except OSError as error:
            why = error.strerror or "it could not be started"
            raise StoreFailed(f"{clean(program)} cannot be run: {why}", "install it anew") from None
        if ended.too_long:
            raise StoreFailed(f"{doing} gave more than 1 MiB, which is no login", "see what it is: pass show")
        if ended.out_of_time:
            raise StoreTimedOut(
                f"{name}, {doing}, did not end in {ended.out_of_time:g} seconds and was stopped",
                "it may wait for a passphrase, a PIN or a touch that nobody gives it: have the key unlocked, and try "
                "again",
            )
        return ended, complaints.decode("utf-8", "replace")

    def not_sealed(self, what: str, said: str) -> StoreError:
        """Why sealing failed, from what gpg wrote to its standard error."""
        recipient = next((words[1] for kind, words in _statuses(said) if kind == "INV_RECP" and len(words) > 1), "")
        if recipient:
            shown = clean(recipient, 128)
            why, hint = self._trouble_with(recipient, shown)
            return StoreFailed(f"{what} cannot be sealed: the password store is for the GPG key {shown}, {why}", hint)
        if "no assurance this key belongs" in said:
            return StoreFailed(
                f"{what} cannot be sealed: GPG does not trust the key that the password store is for",
                "if it is yours, say so: gpg --edit-key KEY trust",
            )
        return StoreFailed(
            f"{what} could not be kept: {_words(said)}", "see whether `pass insert` works when run by hand"
        )

    def _trouble_with(self, recipient: str, shown: str) -> tuple[str, str]:
        words = ["--batch", "--with-colons", "--list-keys", "--", recipient]
        listing = self.run(self._find(), words, b"", "looking for a key")[0].output.decode("utf-8", "replace")
        states = {line.split(":")[1] for line in listing.splitlines() if line.startswith("pub:")}
        if "e" in states:
            return "which has expired", "give it more time: gpg --quick-set-expire FINGERPRINT 1y"
        if "r" in states:
            return "which was revoked", "seal for another one: pass init ANOTHER-KEY"
        if states:
            return "which cannot seal", f"look at it: gpg --list-keys {shown}; or: pass init ANOTHER-KEY"
        return "which this GPG keyring lacks", "bring it here: gpg --import KEYFILE, or: pass init ANOTHER-KEY"

    def _find(self) -> str:
        # As pass does it: where there are two, the newer one.
        for program in ("gpg2", "gpg"):
            found = on_path.find_program(program, self._environ)
            if found is not None:
                return found
        raise StoreUnavailable(
            "gpg, which opens what is in the password store, is not on PATH", "install it: the package gnupg"
        )

    def _say_waiting(self, name: str) -> None:
        if self._waiting is not None:
            self._waiting(f"waiting for {name}; it may be asking for a passphrase, a PIN or a touch (Ctrl-C stops it)")


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of gpg: with the terminal on which it may ask, and with words that we know."""
    found = inherited(environ)
    found["LANGUAGE"] = "en"
    if not found.get("GPG_TTY"):
        terminal = _terminal()
        if terminal:
            found["GPG_TTY"] = terminal
    return found


def _terminal() -> str:
    """The name of the terminal, if any of our standard streams is one: gpg's agent opens it by its name."""
    for stream in (2, 0, 1):
        try:
            return os.ttyname(stream)
        except OSError:
            continue
    return ""


def _not_opened(path: str, said: str) -> StoreError:
    statuses = list(_statuses(said))
    kinds = {kind for kind, _ in statuses}
    codes = {
        int(words[1]) & 0xFFFF
        for kind, words in statuses
        if kind == "ERROR" and len(words) > 1 and words[0] == "pkdecrypt_failed" and words[1].isdecimal()
    }
    if codes & {_CANCELED, _FULLY_CANCELED}:
        return PromptDismissed(
            f"{path} is locked, and the question for the passphrase was dismissed", "try again, and give it"
        )
    if _BAD_PASSPHRASE in codes:
        return StoreLocked(f"{path} is locked, and the passphrase is wrong", "try again, and check it")
    if _TIMEOUT in codes:
        return StoreLocked(f"{path} is locked, and nobody gave the passphrase in time", "try again, and give it")
    if _NO_PINENTRY in codes:
        return StoreLocked(
            f"{path} is locked, and there is no program that asks for the passphrase",
            "install one (the package pinentry-curses), or have the key unlocked before",
        )
    if "NO_SECKEY" in kinds:
        return StoreFailed(
            f"{path} cannot be opened: this GPG keyring lacks the key that it is sealed for",
            "bring it here: gpg --import FILE; or log in again, which seals it anew",
        )
    if codes:
        # Whatever else keeps a pinentry from asking: no terminal, mostly.
        return StoreLocked(
            f"{path} is locked, and GPG cannot ask for the passphrase here: {_words(said)}",
            "on a terminal: export GPG_TTY=$(tty), then try again; elsewhere have the key unlocked before",
        )
    if "NODATA" in kinds:
        return StoreFailed(f"{path} cannot be opened: it is no file of GPG's", "remove it, and log in again: pass rm")
    return StoreFailed(f"{path} cannot be opened: {_words(said)}", "see what gpg says of it: gpg --decrypt FILE")


def _statuses(said: str) -> list[tuple[str, list[str]]]:
    found = []
    for line in said.splitlines():
        if line.startswith(_STATUS):
            kind, *words = line[len(_STATUS) :].split(" ") or [""]
            found.append((kind, words))
    return found


def _words(said: str) -> str:
    """What it said to people, on one line."""
    lines = [line.strip() for line in said.splitlines() if not line.startswith(_STATUS)]
    return clean("; ".join(line for line in lines if line), 300) or "gpg did not say why"
