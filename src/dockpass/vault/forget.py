"""Forget a server, with every account on it: that is what a logout means."""

from __future__ import annotations

from dockpass.errors import CredentialDamaged, FileUnreadable
from dockpass.vault.chosen import chosen, version
from dockpass.vault.folder import Folder
from dockpass.vault.layout import ACTIVE, SEALED
from dockpass.vault.name import encode
from dockpass.vault.turn import Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.vault.chosen import Version
    from dockpass.vault.home import Home


def erase(home: Home, server: str) -> bool:
    """Erase every account for ``server``, damaged ones too; nothing has to be opened for that.

    The account in use goes last, so that a process that is killed leaves it whole or leaves nothing.

    Returns:
        Whether there was something to erase.

    Raises:
        FileLocked, FileUnreadable, FileUnwritable: It could not be erased.

    """
    return _erase(home, server, lambda _folder: True)


def erase_only(home: Home, server: str, before: Version | None) -> bool:
    """As :func:`erase`, but only if the login in use is still the one that was looked at.

    Args:
        home: The vault.
        server: The key.
        before: What was in use (:func:`dockpass.vault.find.version`).

    Raises:
        FileLocked, FileUnreadable, FileUnwritable: As :func:`erase`.
        CredentialDamaged: It cannot be said which one is in use.

    """
    return _erase(home, server, lambda folder: version(folder) == before)


def _erase(home: Home, server: str, may: Callable[[Folder], bool]) -> bool:
    top = Folder.top(home.path)
    if top is None:
        return False
    with top, Turn(home, top, encode(server)) as folder:
        return folder is not None and may(folder) and _empty(folder)


def _empty(folder: Folder) -> bool:
    try:
        last = chosen(folder)
    except (CredentialDamaged, FileUnreadable):
        last = None
    there = folder.files()
    # Whatever ends like one of ours, also what somebody else put there: none of it may stay to be found.
    files = [name for name in there if name.endswith(SEALED) and name != last]
    for name in files:
        folder.delete(name)
    if files:
        folder.on_disk()
    folder.delete(ACTIVE)
    if last is not None:
        folder.delete(last)
    folder.on_disk()
    return bool(files) or ACTIVE in there or last in there
