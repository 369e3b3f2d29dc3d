"""Look a credential up, carefully, and say what is wrong if something is.

:mod:`~dockpass.vault.quick` does the same where nothing is wrong, and comes here where anything is not as it should be.
"""

from __future__ import annotations

import os

from dockpass.credential import TOKEN_USERNAME, Credential
from dockpass.display import clean
from dockpass.errors import CredentialDamaged
from dockpass.vault import answer, engine, header
from dockpass.vault.account import Account
from dockpass.vault.chosen import AGAIN, chosen, sealed_files
from dockpass.vault.chosen import version as version_in
from dockpass.vault.folder import Folder
from dockpass.vault.identity import load, unusable
from dockpass.vault.keys import BadKey
from dockpass.vault.layout import ACTIVE, CREDENTIALS, LIMIT
from dockpass.vault.name import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.vault.chosen import Version
    from dockpass.vault.home import Home
    from dockpass.vault.identity import Identity

_TRIES = 5


class Found:
    """A credential that was found, and is the one that was looked for.

    Attributes:
        server: The key.
        account: Whose it is.
        answer: The helper protocol's answer, to be printed as it is.

    """

    __slots__ = ("_secret", "account", "answer", "server")

    def __init__(self, server: str, account: Account, secret: str, rendered: bytes) -> None:
        self.server = server
        self.account = account
        self.answer = rendered
        self._secret = secret

    def __repr__(self) -> str:
        return f"Found({self.server!r}, {self.account!r}, ****)"

    def credential(self) -> Credential:
        """The credential."""
        return Credential(self.account.username, self._secret, is_identity_token=self.account.is_token)


def find(home: Home, server: str) -> Found | None:
    """The credential in use for ``server``; ``None`` if the vault has none.

    Raises:
        CredentialDamaged: There is one, and it is damaged, sealed for others, or made for another server or user.
        VaultLocked: There is one, and the vault is locked.
        IdentityUnusable, UnlockUnsafe: There is one, and what could open it cannot be used.
        FileUnreadable: Something on the way to it cannot be read.
        AgeMissing, AgeFailed: Nothing can be opened.

    """
    top = Folder.top(home.path)
    if top is None:
        return None
    with top:
        sealed = _sealed(top, encode(server))
        if sealed is None:
            return None
        path, data = sealed
        identity = load(home, top)
        return opened(identity, server, path, data)


def version(home: Home, server: str) -> Version | None:
    """Which login is in use for ``server``, without opening it; ``None`` if there is none.

    Raises:
        CredentialDamaged: It cannot be said which one is.
        FileUnreadable: Something on the way to it cannot be read.

    """
    top = Folder.top(home.path)
    if top is None:
        return None
    with top:
        folder = _server(top, encode(server))
        if folder is None:
            return None
        with folder:
            return version_in(folder)


def others(home: Home, server: str) -> list[str]:
    """The user names of the accounts on ``server`` that are not in use; ``""`` where the file's name does not tell one.

    Raises:
        CredentialDamaged, FileUnreadable: As :func:`version`.

    """
    top = Folder.top(home.path)
    if top is None:
        return []
    with top:
        folder = _server(top, encode(server))
        if folder is None:
            return []
        with folder:
            in_use = chosen(folder)
            accounts = [Account.parse(file) for file in sealed_files(folder) if file != in_use]
            return [account.username if account is not None else "" for account in accounts]


def _sealed(top: Folder, name: str) -> tuple[str, bytes] | None:
    """Path and contents of the file of the account in use. It may be replaced, or erased, while we look."""
    missing = ""
    for _ in range(_TRIES):
        folder = _server(top, name)
        if folder is None:
            return None
        with folder:
            file = chosen(folder)
            if file is None:
                return None
            found = folder.read(file, LIMIT)
            path = os.path.join(folder.folder, file)
            if found is not None:
                return path, found[0]
            missing = path
    raise CredentialDamaged(
        f"{clean(missing)} is missing, and {ACTIVE} beside it says that it is in use", AGAIN, path=missing
    )


def _server(top: Folder, name: str) -> Folder | None:
    servers = top.below(CREDENTIALS)
    if servers is None:
        return None
    with servers:
        return servers.below(name)


def opened(identity: Identity, server: str, path: str, data: bytes) -> Found:
    """The credential in ``data``, which was in the file at ``path``, found under ``server``.

    Raises:
        CredentialDamaged, IdentityUnusable, AgeFailed: As :func:`find`.

    """
    plain = unsealed(identity, path, data)
    try:
        stands, username, secret = answer.read(plain)
    except ValueError:
        raise CredentialDamaged(
            f"{clean(path)} is sealed for this vault, and is not a login in it", f"move it away; {AGAIN}", path=path
        ) from None
    if stands != server:
        raise CredentialDamaged(
            f"{clean(path)} is a login for {clean(stands, 255)}, and was found as one for {clean(server, 255)}: "
            "somebody moved or copied it there",
            f"move it back, or away; {AGAIN}",
            path=path,
        )
    account = _account(os.path.basename(path), username)
    if account is None:
        raise CredentialDamaged(
            f"{clean(path)} is a login of {clean(username, 255)}, and its name says that of another account: somebody "
            "moved or copied it there",
            f"move it back, or away; {AGAIN}",
            path=path,
        )
    rendered = plain if plain.startswith(answer.beginning(server, account.written)) else b""
    if not rendered.endswith(answer.END):
        rendered = answer.render(server, account.written, secret)  # somebody sealed it by hand, and laid it out anew
    return Found(server, account, secret, rendered)


def unsealed(identity: Identity, path: str, data: bytes) -> bytes:
    """What is sealed in ``data``, which was in the file at ``path``.

    Raises:
        CredentialDamaged: It cannot be opened by this identity.
        IdentityUnusable: The identity is damaged.
        AgeFailed: The engine cannot do it.

    """
    try:
        binary = header.dearmored(data)
        kinds = [words[0] for words in header.stanzas(binary)]
        if "scrypt" in kinds:
            raise header.BadHeader("it is sealed by a passphrase, and not for this vault")
        return identity.engine.unseal(binary, identity.keys)
    except header.BadHeader as error:
        raise CredentialDamaged(f"cannot open {clean(path)}: {error}", AGAIN, path=path) from None
    except engine.NotForUs:
        raise CredentialDamaged(
            f"cannot open {clean(path)}: it is sealed for others, and not for {clean(identity.path)}",
            f"have somebody add this vault to the recipients who can read it; or {AGAIN}",
            path=path,
        ) from None
    except engine.Broken as error:
        raise CredentialDamaged(f"cannot open {clean(path)}: it is damaged ({error})", AGAIN, path=path) from None
    except BadKey as error:
        raise unusable(identity.path, error) from None
    except engine.Trouble as trouble:
        raise engine.failed(f"open {clean(path)}", trouble) from None


def _account(file: str, username: str) -> Account | None:
    """The account that the file is named for, if what was sealed in it says the same."""
    named = Account.parse(file)
    if named is None:  # its name is a digest, and tells nothing but whether it is the right one
        is_token = username == TOKEN_USERNAME
        named = Account("" if is_token else username, is_token=is_token)
        return named if is_token or named.file == file else None
    return named if named.written == username else None
