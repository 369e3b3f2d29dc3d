"""Put logins of an export into the vault, with which account of a server is in use.

What is there stays, unless it may be replaced, and even then only if it is still what was there at the beginning: who
logs in meanwhile has the newer login. Each server is looked at and written under its lock. The account that is to be
in use comes first, then the name of it, then the others: so wherever this is killed, what is there is in order, and
calling it again does the rest.
"""

from __future__ import annotations

import os

from dockpass.errors import BadCredential, CredentialDamaged, FileUnreadable, FileUnwritable
from dockpass.vault import answer, recipients
from dockpass.vault.account import Account
from dockpass.vault.chosen import chosen, sealed_files
from dockpass.vault.find import opened
from dockpass.vault.folder import Folder
from dockpass.vault.identity import has_credentials, load, load_or_make
from dockpass.vault.keep import activate, seal
from dockpass.vault.layout import CREDENTIALS, IDENTITY, LIMIT, LOCKED
from dockpass.vault.name import encode
from dockpass.vault.sweep import sweep
from dockpass.vault.turn import Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dockpass.errors import DockpassError
    from dockpass.vault.archive import Login
    from dockpass.vault.home import Home
    from dockpass.vault.identity import Identity

_OF_ONE = (BadCredential, CredentialDamaged, FileUnreadable, FileUnwritable)
_MEANWHILE = "somebody logged in there meanwhile"


class Restored:
    """What was done, or would be.

    Attributes:
        added: The logins that the vault has now, and did not have.
        replaced: Those that took the place of another.
        same: Those that it had already.
        kept: Those that it has otherwise, and why that stays.
        in_use: The servers on which another account is in use and stays so; with that account, and the one of the
            export. ``""`` for an account whose name cannot be told.
        switched: The servers on which another account is in use than before, with its name.
        failed: The servers for which something broke, with that.

    """

    __slots__ = ("added", "failed", "in_use", "kept", "replaced", "same", "switched")

    def __init__(self) -> None:
        self.added: list[Login] = []
        self.replaced: list[Login] = []
        self.same: list[Login] = []
        self.kept: list[tuple[Login, str]] = []
        self.in_use: list[tuple[str, str, str]] = []
        self.switched: list[tuple[str, str]] = []
        self.failed: list[tuple[str, DockpassError]] = []


def restore(home: Home, logins: Sequence[Login], *, replace: bool = False, dry_run: bool = False) -> Restored:
    """Put ``logins`` into the vault. The vault, and an identity, are made if there is none.

    Args:
        home: The vault.
        logins: The logins; of each server one is active.
        replace: Whether what is there and differs may be replaced, and the account in use changed.
        dry_run: Only tell what would be done.

    Raises:
        VaultLocked, UnlockUnsafe, IdentityUnusable, RecipientsUnusable: The keys cannot be used.
        FileLocked, FileUnreadable, FileUnwritable: The vault cannot be read or written.
        AgeMissing, AgeFailed: Nothing can be opened or sealed.

    """
    result = Restored()
    servers: dict[str, list[Login]] = {}
    for login in logins:
        servers.setdefault(login.server, []).append(login)
    top = Folder.top(home.path, make=bool(logins) and not dry_run)
    if top is None:
        result.added += logins
        return result
    with top:
        identity = _identity(home, top) if dry_run else load_or_make(home, top)
        if not dry_run:
            sweep(top)
            assert identity is not None  # noqa: S101 - it was made
            recipients.read(top, identity.public())
        before = {server: _sight(top, server) for server in servers} if replace else {}
        for server, each in servers.items():
            try:
                step = _Step(identity, server, each, before.get(server))
                _with_folder(top, server, step.look)
                if not dry_run and step.is_due:
                    assert identity is not None  # noqa: S101 - it was made
                    with Turn(home, top, encode(server), make=True) as folder:
                        assert folder is not None  # noqa: S101 - it was made
                        step.look(folder)
                        step.write(folder, top, identity)
                step.tell(result)
            except _OF_ONE as error:
                result.failed.append((server, error))
    return result


def _identity(home: Home, top: Folder) -> Identity | None:
    """The identity, if there is a vault."""
    there = top.status(IDENTITY) is not None or top.status(LOCKED) is not None
    return load(home, top) if there or has_credentials(top) else None


class _Sight:
    """What there is on a server at one moment: its files, and which account is in use."""

    def __init__(self, folder: Folder | None) -> None:
        self.folder = folder
        self.in_use: str | None = None
        if folder is not None:
            try:
                self.in_use = chosen(folder)
            except CredentialDamaged:
                return  # it is not said, and so none is in use
            if self.in_use is not None and folder.status(self.in_use) is None:
                self.in_use = None

    def read(self, file: str) -> bytes | None:
        found = self.folder.read(file, LIMIT) if self.folder is not None else None
        return None if found is None else found[0]


class _Before:
    """What there was on a server at the beginning."""

    def __init__(self, folder: Folder | None) -> None:
        sight = _Sight(folder)
        self.in_use = sight.in_use
        self.files: dict[str, bytes | None] = {}
        for name in sealed_files(folder) if folder is not None else ():
            self.files[name] = sight.read(name)


def _sight(top: Folder, server: str) -> _Before | None:
    found: list[_Before] = []
    try:
        _with_folder(top, server, lambda folder: found.append(_Before(folder)))
    except _OF_ONE:
        return None  # it breaks again when its turn comes
    return found[0]


def _with_folder(top: Folder, server: str, work: Callable[[Folder | None], None]) -> None:
    """Call ``work`` with the folder of a server as it is, which nobody locks; with ``None`` if there is none."""
    servers = top.below(CREDENTIALS)
    if servers is None:
        work(None)
        return
    with servers:
        folder = servers.below(encode(server))
        if folder is None:
            work(None)
            return
        with folder:
            work(folder)


class _Step:
    """One server: what is to be done, and then that.

    Args:
        identity: The vault's; ``None`` where there is no vault yet.
        server: The key.
        logins: What it is to have.
        before: What there was at the beginning, if that may be replaced.

    """

    def __init__(self, identity: Identity | None, server: str, logins: list[Login], before: _Before | None) -> None:
        self._identity = identity
        self._server = server
        self._logins = logins
        self._before = before
        self._wanted = next(login for login in logins if login.active)

    def look(self, folder: Folder | None) -> None:
        """Find out what is to be done."""
        self._added: list[Login] = []
        self._replaced: list[Login] = []
        self._same: list[Login] = []
        self._kept: list[tuple[Login, str]] = []
        self._old: list[str] = []  # the password of an account that is to have a token, or the other way round
        sight = _Sight(folder)
        for login in self._logins:
            self._judge(sight, login)
        in_use, wanted = sight.in_use, self._wanted.account.file
        is_kept = any(login is self._wanted for login, _reason in self._kept)
        may = not is_kept and (in_use is None or (self._before is not None and self._before.in_use == in_use))
        self._in_use = wanted if may else in_use
        self._other = in_use if in_use not in (None, wanted) and not may else None
        self._is_new = self._in_use is not None and self._in_use != in_use
        self._is_switched = self._is_new and in_use is not None

    @property
    def is_due(self) -> bool:
        """Whether there is something to write."""
        return bool(self._added or self._replaced or self._is_new)

    def write(self, folder: Folder, top: Folder, identity: Identity) -> None:
        """Do it. Only for who has the folder's turn."""
        logins = sorted([*self._added, *self._replaced], key=lambda login: login.account.file != self._in_use)
        if logins and logins[0].account.file == self._in_use:
            self._put(folder, top, identity, logins.pop(0))
        if self._in_use is not None:
            activate(folder, self._in_use)
        for login in logins:
            self._put(folder, top, identity, login)
        for file in self._old:
            if file != self._in_use:
                folder.delete(file)

    def tell(self, result: Restored) -> None:
        """Add to what was done."""
        result.added += self._added
        result.replaced += self._replaced
        result.same += self._same
        result.kept += self._kept
        if self._is_switched:
            result.switched.append((self._server, self._wanted.account.username))
        if self._other is not None:
            account = Account.parse(self._other)
            name = "" if account is None else account.username
            result.in_use.append((self._server, name, self._wanted.account.username))

    def _judge(self, sight: _Sight, login: Login) -> None:
        file = login.account.file
        there = sight.read(file)
        reason = self._compared(sight, login, there) if there is not None else _kind(login)
        if not reason:
            self._same.append(login)
            return
        other = self._other_kind(login)
        other_there = sight.read(other) if other else None
        if there is None and other_there is None:
            self._added.append(login)
            return
        if self._before is None:
            self._kept.append((login, reason))
        elif self._before.files.get(file) != there or (other and self._before.files.get(other) != other_there):
            self._kept.append((login, _MEANWHILE))
        else:
            self._replaced.append(login)
            if other_there is not None:
                self._old.append(other)

    def _other_kind(self, login: Login) -> str:
        """The file of the same account with a password in place of a token, or the other way round.

        ``""`` if there can be none, or if the export has that too.
        """
        account = login.account
        if not account.username:
            return ""
        file = Account(account.username, is_token=not account.is_token).file
        return "" if any(each.account.file == file for each in self._logins) else file

    def _compared(self, sight: _Sight, login: Login, data: bytes) -> str:
        """How what is there differs from ``login``; ``""`` if it does not."""
        assert self._identity is not None  # noqa: S101 - where there is a login, there is one
        assert sight.folder is not None  # noqa: S101 - as its file was read there
        path = os.path.join(sight.folder.folder, login.account.file)
        try:
            there = opened(self._identity, self._server, path, data).credential()
        except CredentialDamaged as error:
            return f"the vault has one that cannot be used ({error.message})"
        return "" if there == login.credential else "the vault has another secret for it"

    def _put(self, folder: Folder, top: Folder, identity: Identity, login: Login) -> None:
        plain = answer.render(self._server, login.account.written, login.credential.secret.reveal())
        # Read within the turn: whoever removes a recipient takes this turn too, and seals again.
        sealed = seal(identity, recipients.read(top, identity.public()), plain, top)
        if len(sealed) > LIMIT:
            raise BadCredential("the secret is too large for the vault", "check that it is the password or token")
        folder.write(login.account.file, sealed)


def _kind(login: Login) -> str:
    """What is said where the same account has a login of the other kind."""
    if login.account.is_token:
        return "the vault has a password for it, and no identity token"
    return "the vault has an identity token for it, and no password"
