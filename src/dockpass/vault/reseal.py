"""Change who can read, and seal every credential again for those.

First the list is changed, so that what is kept from now on is sealed for the new ones; then each credential that is
there. Each of those is replaced in one step, under its server's lock, and a note in the vault's folder says for which
list this goes on, and how far it is. So it can be interrupted anywhere, and be taken up again; until it is done some
credentials can be read by those of before, and the note stays to say so.

What somebody could read, they may have read: taking them off the list keeps later secrets from them, and only changing
the password keeps this one.
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import DockpassError, IdentityUnusable, RecipientsUnusable
from dockpass.files.lock import lock
from dockpass.vault import engine, recipients
from dockpass.vault.chosen import sealed_files
from dockpass.vault.find import unsealed
from dockpass.vault.folder import Folder
from dockpass.vault.identity import load
from dockpass.vault.keep import seal
from dockpass.vault.keys import BadKey, is_private, recipient
from dockpass.vault.layout import CREDENTIALS, LIMIT, RECIPIENTS, RECIPIENTS_LIMIT, RECIPIENTS_TURN, RESEALING
from dockpass.vault.turn import Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.vault.home import Home
    from dockpass.vault.identity import Identity

    Progress = Callable[[int, int], None]

_STEP = 50  # servers between two notes
_NOTE_LIMIT = 4096


class Resealed:
    """What was done.

    Attributes:
        changed: Whether the list was changed.
        done: How many servers are sealed for those on the list now.
        total: How many servers there are.
        notes: One line for each credential that could not be opened, and so not be sealed again. It is as it was.

    """

    __slots__ = ("changed", "done", "notes", "total")

    def __init__(self, *, changed: bool) -> None:
        self.changed = changed
        self.done = 0
        self.total = 0
        self.notes: list[str] = []


def add(home: Home, public: str, *, progress: Progress | None = None) -> Resealed:
    """Let ``public`` read everything. If it can already, what was interrupted is ended.

    Args:
        home: The vault.
        public: A public key.
        progress: Called with how many servers are done, and how many there are, after each.

    Raises:
        RecipientsUnusable: ``public`` is no public key, or the list is damaged.
        VaultLocked: The vault is locked.
        DockpassError: It could not be done, or not to the end; calling this again goes on.

    """
    key = _given(public)
    return _change(home, lambda found: found if key in found else [*found, key], progress, line=public.strip())


def drop(home: Home, public: str, *, progress: Progress | None = None) -> Resealed:
    """Let ``public`` read nothing that is sealed from now on.

    Raises:
        RecipientsUnusable: ``public`` is no public key, or not on the list, or it is the vault's own, or the list is
            damaged.
        VaultLocked: The vault is locked.
        DockpassError: It could not be done, or not to the end; :func:`again` goes on.

    """
    key = _given(public)

    def without(found: list[str]) -> list[str]:
        if key not in found:
            # One letter lost, and whoever was to be taken off would still read everything.
            path = os.path.join(home.path, RECIPIENTS)
            raise RecipientsUnusable(
                f"cannot take {clean(key, 80)} off {clean(path)}: it is not on that list",
                "a change of the list was interrupted; end it with: dockpass vault recipients again"
                if pending(home)
                else "see who is on it: dockpass vault recipients list",
                path=path,
            )
        return [other for other in found if other != key]

    return _change(home, without, progress)


def again(home: Home, *, progress: Progress | None = None) -> Resealed:
    """Seal for those on the list what is not yet: to end what was interrupted, or after a change by hand.

    Raises:
        VaultLocked: The vault is locked.
        DockpassError: It could not be done, or not to the end; calling this again goes on.

    """
    return _change(home, lambda found: found, progress, anyway=True)


def pending(home: Home) -> bool:
    """Whether sealing again was interrupted.

    Raises:
        FileUnreadable: The vault cannot be read.

    """
    top = Folder.top(home.path)
    if top is None:
        return False
    with top:
        return top.status(RESEALING) is not None


def _given(public: str) -> str:
    """The public key that somebody gave, as it is compared."""
    if is_private(public):
        raise RecipientsUnusable(
            "what was given as a recipient is a private key, which must not be given to anybody",
            "give its public key, which begins with age1 or ssh-; and take the private one out of the shell's history",
        )
    try:
        return recipient(public.strip())
    except BadKey as error:
        raise _no_recipient(public, error.hint) from None


def _no_recipient(public: str, hint: str) -> RecipientsUnusable:
    return RecipientsUnusable(f"cannot use {clean(public.strip(), 80)} as a recipient: it is no public key", hint)


def _try(identity: Identity, line: str) -> None:
    """Seal something for a key that is to come on the list: what is wrong with it is not the list's fault."""
    try:
        identity.engine.seal(b"", [recipient(line)])
    except BadKey:
        raise _no_recipient(line, "check that it was copied as a whole") from None
    except engine.Trouble as trouble:
        raise engine.failed(f"seal anything for {clean(line, 80)}", trouble) from None


def _change(
    home: Home,
    edit: Callable[[list[str]], list[str]],
    progress: Progress | None,
    *,
    line: str = "",
    anyway: bool = False,
) -> Resealed:
    """Change the list by ``edit``, and seal again.

    Args:
        home: The vault.
        edit: The new list from the old one.
        progress: As for :func:`add`.
        line: What to write for a key that is new.
        anyway: Whether to seal again even if nothing was changed or interrupted.

    """
    top = Folder.top(home.path)
    if top is None:
        raise IdentityUnusable(
            f"there is no vault at {clean(home.path)}", "make one: dockpass vault init", path=home.path
        )
    with top, lock(os.path.join(top.folder, RECIPIENTS_TURN), waiting=home.waiting):
        top.tidy(RECIPIENTS, RESEALING)
        identity = load(home, top)
        own = identity.public()
        found = recipients.read(top, own)
        wanted = edit(found)
        path = os.path.join(top.folder, RECIPIENTS)
        if not set(own) & set(wanted):
            raise RecipientsUnusable(
                f"cannot take this vault's own key off {clean(path)}: nothing could be opened here any more",
                "take another one off; or remove the whole vault",
                path=path,
            )
        changed = wanted != found
        if changed and line:
            _try(identity, line)
        seal(identity, wanted, b"", top)  # for all of them at once too: not every kind of key goes with every other
        result = Resealed(changed=changed)
        if changed:
            text = _rewritten(top, own, wanted, line)
            top.write(RESEALING, _note(text, ""))
            top.write(RECIPIENTS, text)
        if changed or anyway or top.status(RESEALING) is not None:
            _Round(home, top, identity, own, result=result, progress=progress).go(fresh=changed)
        return result


def _rewritten(top: Folder, own: list[str], wanted: list[str], line: str) -> bytes:
    """The list with ``wanted`` on it: what is there stays as it is, with its comments."""
    found = top.read(RECIPIENTS, RECIPIENTS_LIMIT)
    lines = found[0].decode("utf-8", "surrogateescape").splitlines() if found is not None else list(own)
    kept, there = [], set()
    for old in lines:
        word = old.strip()
        key = recipient(word) if word and not word.startswith("#") else ""
        if not key or key in wanted:
            kept.append(old)
            there.add(key)
    if line and recipient(line) not in there:
        kept.append(line)
    return ("\n".join(kept) + "\n").encode("utf-8", "surrogateescape")


def _note(text: bytes, last: str) -> bytes:
    from hashlib import sha256

    return f"{sha256(text).hexdigest()}\n{last}\n".encode()


class _Round:
    """Seal one server after the other again."""

    def __init__(
        self,
        home: Home,
        top: Folder,
        identity: Identity,
        own: list[str],
        *,
        result: Resealed,
        progress: Progress | None,
    ) -> None:
        self._home = home
        self._top = top
        self._identity = identity
        self._own = own
        self._result = result
        self._progress = progress

    def go(self, *, fresh: bool) -> None:
        listed = self._top.read(RECIPIENTS, RECIPIENTS_LIMIT)
        text = listed[0] if listed is not None else b""
        after = "" if fresh else self._last(text)
        if fresh or self._top.status(RESEALING) is None:
            self._top.write(RESEALING, _note(text, ""))
        servers = self._top.below(CREDENTIALS)
        names: list[str] = []
        if servers is not None:
            with servers:
                names = [name for name in servers.files() if not name.startswith(".")]
        self._result.total = len(names)
        last = after
        try:
            for number, name in enumerate(names, 1):
                if name > after:
                    self._server(name)
                    last = name
                    if number % _STEP == 0:
                        self._top.write(RESEALING, _note(text, last))
                self._result.done += 1
                if self._progress is not None:
                    self._progress(number, len(names))
        except BaseException:
            self._top.write(RESEALING, _note(text, last))
            raise
        self._top.delete(RESEALING)
        self._top.on_disk()

    def _last(self, text: bytes) -> str:
        """The last server that was done, if it was for this list."""
        found = self._top.read(RESEALING, _NOTE_LIMIT)
        if found is None:
            return ""
        head, _newline, last = found[0].decode("utf-8", "replace").partition("\n")
        return last.strip() if _note(text, "").decode().startswith(head) and len(head) == 64 else ""

    def _server(self, name: str) -> None:
        try:
            with Turn(self._home, self._top, name) as folder:
                if folder is None:
                    return
                for file in sealed_files(folder):
                    found = folder.read(file, LIMIT)
                    if found is None:
                        continue
                    plain = unsealed(self._identity, os.path.join(folder.folder, file), found[0])
                    public = recipients.read(self._top, self._own)
                    folder.write(file, seal(self._identity, public, plain, self._top))
        except DockpassError as error:
            if _stops(error):
                raise
            self._result.notes.append(error.message)


def _stops(error: DockpassError) -> bool:
    """Whether an error is not about one credential, but about all."""
    from dockpass.errors import CredentialDamaged, FileUnreadable

    return not isinstance(error, (CredentialDamaged, FileUnreadable))
