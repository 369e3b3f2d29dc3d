"""What the vault has, told from the names of its files. Only for a name that is too long for one a file is opened."""

from __future__ import annotations

import os

from dockpass.credential import TOKEN_USERNAME
from dockpass.display import clean
from dockpass.errors import CredentialDamaged, DockpassError
from dockpass.vault import answer
from dockpass.vault.account import Account
from dockpass.vault.chosen import chosen, sealed_files
from dockpass.vault.find import unsealed
from dockpass.vault.folder import Folder
from dockpass.vault.identity import load
from dockpass.vault.layout import CREDENTIALS, LIMIT
from dockpass.vault.name import decode, encode, is_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.vault.home import Home
    from dockpass.vault.identity import Identity


class Listing:
    """What the vault has.

    Attributes:
        logins: The account in use of each server.
        notes: One line for each thing that is not as it should be; no other server is affected by it.

    """

    __slots__ = ("logins", "notes")

    def __init__(self) -> None:
        self.logins: dict[str, Account] = {}
        self.notes: list[str] = []


def listing(home: Home) -> Listing:
    """Every server that the vault has a credential for. What is damaged is listed too, if its name can be read.

    Raises:
        FileUnreadable: The vault cannot be read.

    """
    found = Listing()
    top = Folder.top(home.path)
    if top is None:
        return found
    with top:
        servers = top.below(CREDENTIALS)
        if servers is None:
            return found
        reader = _Reader(home, top)
        with servers:
            for name in servers.files():
                if name.startswith("."):
                    continue
                try:
                    login = reader.login(servers, name)
                except DockpassError as error:
                    found.notes.append(error.message)
                    continue
                if login is not None:
                    server, account, note = login
                    found.logins[server] = account
                    if note:
                        found.notes.append(note)
    return found


class _Reader:
    """Reads names, and opens a file for one that is not in its name. The identity is loaded once, if at all."""

    def __init__(self, home: Home, top: Folder) -> None:
        self._home = home
        self._top = top
        self._identity: Identity | None = None

    def login(self, servers: Folder, name: str) -> tuple[str, Account, str] | None:
        """Server, account in use and a note, from the server's folder; ``None`` if there is no account in it."""
        path = os.path.join(servers.folder, name)
        server = decode(name)
        if server is None and not is_digest(name):
            raise CredentialDamaged(f"{clean(path)} is not of dockpass's making, and is passed over", path=path)
        folder = servers.below(name)
        if folder is None:
            return None
        note = ""
        with folder:
            try:
                file = chosen(folder)
                if file is not None and folder.status(file) is None:
                    note = f"{clean(os.path.join(folder.folder, file))} is missing"
            except CredentialDamaged as error:
                files = sealed_files(folder)
                file, note = (files[0] if files else None), error.message
            if file is None:
                return None
            if server is None:
                server, account = self._read(folder, file)
                if encode(server) != name:
                    raise CredentialDamaged(
                        f"{clean(path)} is not the folder of {clean(server, 255)}, which is in it", path=path
                    )
                return server, account, note
            return server, self.account(folder, file), note

    def account(self, folder: Folder, file: str) -> Account:
        """The account that a file is for."""
        return Account.parse(file) or self._read(folder, file)[1]

    def _read(self, folder: Folder, file: str) -> tuple[str, Account]:
        """Server and account in a file."""
        path = os.path.join(folder.folder, file)
        found = folder.read(file, LIMIT)
        if found is None:
            raise CredentialDamaged(f"{clean(path)} is missing", path=path)
        if self._identity is None:
            self._identity = load(self._home, self._top)
        try:
            server, username, _secret = answer.read(unsealed(self._identity, path, found[0]))
        except ValueError:
            raise CredentialDamaged(f"{clean(path)} is not a login", path=path) from None
        is_token = username == TOKEN_USERNAME
        return server, Account.parse(file) or Account("" if is_token else username, is_token=is_token)
