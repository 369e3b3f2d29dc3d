"""All logins of the vault as one file that age seals.

An export lacks nothing: where one login cannot be opened, none is written. It holds passwords, so it is its owner's
alone from the first byte on, and it takes the place of no other file unasked.
"""

from __future__ import annotations

import os
import time

from dockpass.config import location
from dockpass.display import clean
from dockpass.errors import FileUnwritable, UsageError
from dockpass.files.place import Changed
from dockpass.files.replace import ANY, replace
from dockpass.vault import archive, envelope, recipients
from dockpass.vault.folder import Folder
from dockpass.vault.identity import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockpass.credential import Secret
    from dockpass.vault.archive import Login
    from dockpass.vault.home import Home


class Sealed:
    """An export, ready to be written.

    Attributes:
        data: The age file.
        recipients: The public keys that open it; empty if a passphrase does.
        only_ours: Whether nobody opens it but the vault's own key, which may be lost with the vault.

    """

    __slots__ = ("data", "only_ours", "recipients")

    def __init__(self, data: bytes, recipients: Sequence[str], *, only_ours: bool) -> None:
        self.data = data
        self.recipients = recipients
        self.only_ours = only_ours


def check_target(home: Home, path: str, *, force: bool) -> None:
    """Whether an export could be written to ``path``: to be asked before anybody has to type a passphrase.

    Args:
        home: The vault.
        path: The file.
        force: Whether it may take the place of another.

    Raises:
        UsageError: It is in the vault's own folder, where it could take the place of the key; or it is config.json.
        FileUnwritable: Something is there; or its folder is not.

    """
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise FileUnwritable(
            f"cannot write {clean(path)}: there is no folder {clean(folder)}",
            "make it, or check whether that disk is mounted",
            path=path,
        )
    own = os.path.realpath(home.path)
    if os.path.commonpath([own, os.path.realpath(path)]) == own:
        raise UsageError(f"{clean(path)} is in the folder of the vault itself", "write the export somewhere else")
    if os.path.realpath(path) == os.path.realpath(os.path.join(location.directory(None), location.FILE)):
        raise UsageError(f"{clean(path)} is docker's config.json", "write the export somewhere else")
    if not force and os.path.lexists(path):
        raise _is_there(path)


def sealed(
    home: Home, logins: Sequence[Login], *, public: Sequence[str] = (), passphrase: Secret | None = None
) -> Sealed:
    """An export of ``logins``.

    Args:
        home: The vault.
        logins: All that are to be in it.
        public: Who is to open it: public keys. Empty: those who can read the vault.
        passphrase: What is to open it, in place of keys.

    Raises:
        UsageError: There are more than an import would take.
        RecipientsUnusable: One of ``public`` is no public key; or the vault's list of them cannot be used.
        WrongPassphrase: The passphrase is none that could be typed.
        VaultLocked, UnlockUnsafe, IdentityUnusable, AgeFailed: The vault's key cannot be used, or nothing be sealed.

    """
    plain = archive.render(logins, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    if len(plain) > archive.LIMIT:
        raise UsageError(
            f"the logins are too many for one export: they take more than {archive.LIMIT >> 20} MiB",
            "copy the folder of the vault instead: dockpass vault status",
        )
    top = Folder.top(home.path)
    assert top is not None  # noqa: S101 - the logins are from there
    with top:
        identity = load(home, top)
        if passphrase is not None:
            return Sealed(envelope.lock_by(identity, passphrase, plain), (), only_ours=False)
        own = identity.public()
        keys = envelope.given(public) or recipients.read(top, own)
    data = envelope.seal_for(identity, keys, plain, ours=bool(set(own) & set(keys)))
    return Sealed(data, keys, only_ours=set(keys) <= set(own))


def write(path: str, data: bytes, *, force: bool) -> None:
    """Write an export: 0600 from its first byte on, all of it or nothing, and on the disk when this returns.

    Raises:
        FileUnwritable: It could not be written, or something is there that it may not replace.

    """
    try:
        replace(path, data, expected=ANY if force else None)
    except Changed:
        raise _is_there(path) from None


def _is_there(path: str) -> FileUnwritable:
    return FileUnwritable(
        f"cannot write {clean(path)}: it is there already", "choose another name, or replace it with --force", path=path
    )
