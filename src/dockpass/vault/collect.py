"""Every login in the vault, opened: those in use, and the other accounts.

Nothing is locked, and nothing written. Each file is read whole, as it was at one moment; a server whose files change
while they are read is read again.
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import BadCredential, CredentialDamaged, DockpassError, FileUnreadable, IdentityUnusable
from dockpass.vault import answer
from dockpass.vault.archive import Login
from dockpass.vault.chosen import chosen, sealed_files
from dockpass.vault.find import opened, unsealed
from dockpass.vault.folder import Folder
from dockpass.vault.identity import load
from dockpass.vault.layout import ACTIVE, CREDENTIALS, LIMIT
from dockpass.vault.name import decode, encode, is_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.vault.home import Home
    from dockpass.vault.identity import Identity

_TRIES = 5
_OF_ONE = (CredentialDamaged, FileUnreadable)


class Collected:
    """What was found.

    Attributes:
        logins: The logins.
        damaged: What is wrong with each login that could not be opened: then these are not all.
        notes: One line for each thing in the vault that is not of dockpass's making.

    """

    __slots__ = ("damaged", "logins", "notes")

    def __init__(self) -> None:
        self.logins: list[Login] = []
        self.damaged: list[DockpassError] = []
        self.notes: list[str] = []


def collect(home: Home) -> Collected:
    """All logins of the vault.

    Raises:
        IdentityUnusable: There is no vault, or its identity cannot be used.
        VaultLocked, UnlockUnsafe: It is locked; or what is unlocked lies where it must not.
        FileUnreadable: The vault cannot be read.
        AgeMissing, AgeFailed: Nothing can be opened.

    """
    top = Folder.top(home.path)
    if top is None:
        raise IdentityUnusable(
            f"there is no vault at {clean(home.path)}",
            "the first login makes one: dockpass login SERVER",
            path=home.path,
        )
    found = Collected()
    with top:
        identity = load(home, top)
        servers = top.below(CREDENTIALS)
        if servers is None:
            return found
        with servers:
            for name in servers.files():
                if name.startswith("."):
                    continue
                if decode(name) is None and not is_digest(name):
                    path = clean(os.path.join(servers.folder, name))
                    found.notes.append(f"{path} is not of dockpass's making, and is passed over")
                    continue
                try:
                    _server(servers, name, identity, found)
                except _OF_ONE as error:
                    found.damaged.append(error)
    return found


def _server(servers: Folder, name: str, identity: Identity, found: Collected) -> None:
    folder = servers.below(name)
    if folder is None:
        return
    with folder:
        in_use, files = _files(folder)
    server = decode(name)
    for file, data in files.items():
        path = os.path.join(folder.folder, file)
        try:
            if server is None:
                server = _server_in(identity, path, data, name)
            credential = opened(identity, server, path, data).credential()
            found.logins.append(Login(server, credential, active=file == in_use))
        except BadCredential as error:
            found.damaged.append(CredentialDamaged(f"{clean(path)} cannot be exported: {error.message}", path=path))
        except _OF_ONE as error:
            found.damaged.append(error)


def _files(folder: Folder) -> tuple[str | None, dict[str, bytes]]:
    """The name of the file of the account in use, and all files with what is in them, as they are at one moment."""
    missing = ""
    for _ in range(_TRIES):
        in_use = chosen(folder)
        names = sealed_files(folder)
        read = {name: folder.read(name, LIMIT) for name in names}
        files = {name: data[0] for name, data in read.items() if data is not None}
        if len(files) == len(names) and (in_use is None or in_use in files) and chosen(folder) == in_use:
            return in_use, files
        missing = os.path.join(folder.folder, in_use or next(name for name in (*names, ACTIVE) if name not in files))
    raise CredentialDamaged(
        f"{clean(missing)} is missing, and {ACTIVE} beside it says that it is in use",
        "log in there again: dockpass login SERVER",
        path=missing,
    )


def _server_in(identity: Identity, path: str, data: bytes, name: str) -> str:
    """The server of a folder whose name is a digest, from one of its files."""
    try:
        server = answer.read(unsealed(identity, path, data))[0]
    except ValueError:
        raise CredentialDamaged(f"{clean(path)} is not a login", path=path) from None
    if encode(server) != name:
        raise CredentialDamaged(f"{clean(path)} is a login for {clean(server, 255)}, and lies elsewhere", path=path)
    return server
