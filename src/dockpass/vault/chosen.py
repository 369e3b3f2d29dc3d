"""Which of a server's accounts is in use."""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import CredentialDamaged
from dockpass.vault.account import Account
from dockpass.vault.layout import ACTIVE, LIMIT, SEALED
from dockpass.vault.name import is_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.vault.folder import Folder

    Version = tuple[str, bytes]

_LIMIT = 1024
AGAIN = "log in there again: dockpass login SERVER"
"""What to do about a credential that is lost."""


def sealed_files(folder: Folder) -> list[str]:
    """The files of credentials in a server's folder, sorted.

    Raises:
        FileUnreadable: It cannot be listed.

    """
    return [name for name in folder.files() if is_ours(name)]


def is_ours(file: str) -> bool:
    """Whether a file has a name that the file of a credential could have."""
    return Account.parse(file) is not None or (file.endswith(SEALED) and is_digest(file.removesuffix(SEALED)))


def chosen(folder: Folder) -> str | None:
    """The name of the file of the account in use; ``None`` if there is no account.

    Where no account is named, as between the two steps of the first login, a single one is the one.

    Raises:
        CredentialDamaged: It is not said, or cannot be read out, which one of several it is.
        FileUnreadable: The folder or the file cannot be read.

    """
    path = os.path.join(folder.folder, ACTIVE)
    found = folder.read(ACTIVE, _LIMIT)
    if found is not None:
        file = found[0].decode("utf-8", "replace").removesuffix("\n")
        if not is_ours(file):
            raise CredentialDamaged(
                f"{clean(path)} is damaged: it {'is empty' if not file else 'does not name the file of a login'}",
                AGAIN,
                path=path,
            )
        return file
    files = sealed_files(folder)
    if len(files) > 1:
        raise CredentialDamaged(
            f"{clean(path)} is missing, and {clean(folder.folder)} has {len(files)} logins", AGAIN, path=path
        )
    return files[0] if files else None


def version(folder: Folder | None) -> Version | None:
    """Which login is in use: another version after each write, for nothing is ever sealed twice to the same bytes.

    Args:
        folder: The server's folder; ``None`` if there is none.

    Returns:
        What to compare with a later one; ``None`` if there is no login.

    Raises:
        CredentialDamaged, FileUnreadable: As :func:`chosen`.

    """
    file = chosen(folder) if folder is not None else None
    if folder is None or file is None:
        return None
    found = folder.read(file, LIMIT)
    return file, found[0] if found is not None else b""
