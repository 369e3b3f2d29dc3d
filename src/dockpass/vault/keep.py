"""Keep a credential, and say which account is in use."""

from __future__ import annotations

import os

from dockpass.credential import TOKEN_USERNAME, Credential, check
from dockpass.display import clean
from dockpass.errors import (
    BadCredential,
    CredentialDamaged,
    FileUnreadable,
    IdentityUnusable,
    RecipientsUnusable,
)
from dockpass.vault import answer, engine, recipients
from dockpass.vault.account import Account
from dockpass.vault.chosen import chosen, version
from dockpass.vault.folder import Folder
from dockpass.vault.identity import load_or_make
from dockpass.vault.keys import BadKey
from dockpass.vault.layout import ACTIVE, LIMIT, RECIPIENTS
from dockpass.vault.name import encode, is_digest
from dockpass.vault.sweep import sweep
from dockpass.vault.turn import Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dockpass.vault.chosen import Version
    from dockpass.vault.home import Home
    from dockpass.vault.identity import Identity

_ROOM = 16384  # for the head of the file: a recipient takes some hundred bytes


def put(home: Home, server: str, credential: Credential) -> None:
    """Keep ``credential`` for ``server``, and make its account the one in use. Other accounts stay.

    The vault, and an identity, are made if there is none. When this returns, all of it is on the disk. Killed on the
    way, the account that was in use before still is, with its old credential or, if it is the same, the new one.

    Raises:
        BadCredential: No registry could take it, or the vault cannot hold it.
        VaultLocked: The vault is locked: nothing is sealed that cannot be opened here.
        IdentityUnusable, RecipientsUnusable, UnlockUnsafe: The keys cannot be used.
        FileLocked, FileUnreadable, FileUnwritable: It could not be written.
        AgeMissing, AgeFailed: Nothing can be sealed.

    """
    _put(home, server, credential, lambda _folder: True)


def put_over(home: Home, server: str, credential: Credential, before: Version | None) -> Version | None:
    """As :func:`put`, but only if the login in use is still the one that was looked at.

    Args:
        home: The vault.
        server: The key.
        credential: What to keep.
        before: What was in use (:func:`dockpass.vault.find.version`).

    Returns:
        What is in use now; ``None`` if it was not kept: somebody has logged in or out meanwhile. Then nothing was
        touched.

    Raises:
        DockpassError: As :func:`put`.
        CredentialDamaged: It cannot be said which one is in use.

    """
    return _put(home, server, credential, lambda folder: version(folder) == before)


def _put(home: Home, server: str, credential: Credential, may: Callable[[Folder], bool]) -> Version | None:
    account = account_of(server, credential)
    plain = answer.render(server, account.written, credential.secret.reveal())
    top = Folder.top(home.path, make=True)
    assert top is not None  # noqa: S101 - it was made
    with top:
        identity = load_or_make(home, top)
        sweep(top)
        own = identity.public()
        recipients.read(top, own)
        with Turn(home, top, encode(server), make=True) as folder:
            assert folder is not None  # noqa: S101 - it was made
            if not may(folder):
                return None
            # Read within the turn: whoever removes a recipient takes this turn too, and seals again.
            sealed = seal(identity, recipients.read(top, own), plain, top)
            if len(sealed) > LIMIT:
                raise BadCredential("the secret is too large for the vault", "check that it is the password or token")
            folder.write(account.file, sealed)
            activate(folder, account.file)
            _drop_other_kind(folder, account)
            return account.file, sealed


def seal(identity: Identity, public: Sequence[str], plain: bytes, top: Folder) -> bytes:
    """``plain``, sealed for ``public``, and opened again to be sure; not by a plug-in, which may want to be touched.

    Raises:
        RecipientsUnusable: One of ``public`` is none; or ``identity`` is not among them.
        IdentityUnusable, AgeFailed: It cannot be done.

    """
    path = os.path.join(top.folder, RECIPIENTS)
    using = identity.engine
    try:
        sealed = using.seal(plain, public)
    except BadKey as error:
        raise RecipientsUnusable(f"cannot use {clean(path)}: {error}", "mend that line", path=path) from None
    except engine.Trouble as trouble:
        raise engine.failed("seal the login", trouble) from None
    if identity.keys.plugins:
        return sealed
    try:
        same = using.unseal(sealed, identity.keys) == plain
    except (engine.NotForUs, engine.Broken):
        same = False
    except BadKey as error:
        raise IdentityUnusable(
            f"cannot use {clean(identity.path)}: {error}", error.hint or None, path=identity.path
        ) from None
    except engine.Trouble as trouble:
        raise engine.failed("open the login again", trouble) from None
    if not same:
        raise RecipientsUnusable(
            f"cannot keep the login: what is sealed for those in {clean(path)} cannot be opened by "
            f"{clean(identity.path)}",
            "add this vault's own public key to the list",
            path=path,
        )
    return sealed


def account_of(server: str, credential: Credential) -> Account:
    """The account under which the vault keeps ``credential`` for ``server``.

    Raises:
        BadCredential: No registry could take it, or the vault cannot hold it.

    """
    check(credential)
    secret = credential.secret.reveal()
    if not server:
        raise BadCredential("there is no server to keep the login for", "name one")
    if not server.isprintable() and any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in server):
        raise BadCredential("the server holds a control character", "check what you pasted")
    if not all(map(_is_text, (server, credential.username, secret))):
        raise BadCredential(
            "the server, user name or secret holds bytes that are not text (UTF-8), which the age vault cannot hold",
            "keep it in another store: --store file",
        )
    if len(secret) > LIMIT - _ROOM:
        raise BadCredential("the secret is too large for the vault", "check that it is the password or token")
    if credential.is_identity_token:
        account = Account(credential.username, is_token=True)
        # Of a digest the user name could not be read back; the token is what matters.
        return Account("", is_token=True) if is_digest(account.file.removesuffix(".age")) else account
    if credential.username.startswith(TOKEN_USERNAME):
        raise BadCredential(
            f"the user name begins with {TOKEN_USERNAME}, by which docker marks identity tokens",
            "check what you pasted",
        )
    return Account(credential.username)


def _is_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def activate(folder: Folder, file: str) -> None:
    """Say that ``file`` is the one in use. Only for who has the folder's turn.

    Raises:
        FileUnwritable: It could not be written.

    """
    try:
        now = chosen(folder) if folder.status(ACTIVE) is not None else None
    except (CredentialDamaged, FileUnreadable):
        now = None  # it is replaced
    if now != file:
        folder.write(ACTIVE, f"{file}\n".encode())


def _drop_other_kind(folder: Folder, account: Account) -> None:
    """The password of an account that has a token now, or the other way round: the latest counts."""
    if account.username:
        folder.delete(Account(account.username, is_token=not account.is_token).file)
