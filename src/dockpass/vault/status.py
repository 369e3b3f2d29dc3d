"""How a vault is: where, with which key, open or not, for whom, and whether anything in it is not as it should be."""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import DockpassError
from dockpass.vault import recipients, reseal, unlocked
from dockpass.vault.folder import Folder
from dockpass.vault.identity import load
from dockpass.vault.layout import IDENTITY, LOCKED, RECIPIENTS
from dockpass.vault.listing import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.vault.home import Home


class Status:
    """What :func:`status` found.

    Attributes:
        lines: Pairs of a word and what it is, for a person.
        notes: One line for each thing that is not as it should be.

    """

    __slots__ = ("lines", "notes")

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.notes: list[str] = []


def status(home: Home) -> Status:
    """How the vault is. Nothing is changed, and nothing but the key is opened.

    Raises:
        FileUnreadable: The vault cannot be looked at.

    """
    found = Status()
    found.lines.append(("Vault", clean(home.path, 1000)))
    top = Folder.top(home.path)
    if top is None:
        found.lines.append(("Key", "none yet; the first login makes one"))
        return found
    with top:
        found.lines.append(("Key", _key(home, top, found.notes)))
        found.lines.append(("Readers", _readers(top, found.notes)))
    kept = listing(home)
    found.notes += kept.notes
    found.lines.append(("Logins", str(len(kept.logins))))
    if reseal.pending(home):
        found.notes.append("sealing again was interrupted; go on with: dockpass vault recipients again")
    return found


def _key(home: Home, top: Folder, notes: list[str]) -> str:
    """The key in words: its file, and whether it can be used now."""
    if top.status(IDENTITY) is None and top.status(LOCKED) is None:
        return "none yet; the first login makes one"
    locked = top.status(LOCKED) if top.status(IDENTITY) is None else None
    if locked is not None:
        try:
            until = unlocked.until(top.mode(), locked, home.environ)
        except DockpassError as error:
            notes.append(error.message)
            until = None
        path = clean(os.path.join(top.folder, LOCKED), 1000)
        return (
            f"{path}, locked; open it with: dockpass vault unlock"
            if until is None
            else f"{path}, open until {_time(until)}"
        )
    path = clean(os.path.join(top.folder, IDENTITY), 1000)
    try:
        load(home, top).public()
    except DockpassError as error:
        notes.append(error.message)
        return f"{path}, which cannot be used"
    return path


def _readers(top: Folder, notes: list[str]) -> str:
    """How many public keys can read, in words."""
    try:
        public = recipients.written(top)
    except DockpassError as error:
        notes.append(error.message)
        return f"{RECIPIENTS} cannot be used"
    if public is None or len(public) == 1:
        return "this vault's own key"
    return f"{len(public)} keys"


def _time(seconds: float) -> str:
    from time import localtime, strftime

    return strftime("%Y-%m-%d %H:%M", localtime(seconds))
