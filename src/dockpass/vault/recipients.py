"""Who can read: the public keys for which credentials are sealed.

``recipients.txt`` has one a line. A vault of one person needs none; with several it is a shared one, whose folder they
pass around as they like. Whoever can write this file can read what is sealed later, so it must be ours alone to write.
And it must have our own key, or we would seal for others what we could not open again.
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import RecipientsUnusable
from dockpass.vault.keys import BadKey, recipient
from dockpass.vault.layout import RECIPIENTS, RECIPIENTS_LIMIT
from dockpass.vault.private import loose, owner_besides

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockpass.vault.folder import Folder
    from dockpass.vault.home import Home

_WRITABLE = 0o022
_STICKY = 0o1000


def read(top: Folder, own: Sequence[str]) -> list[str]:
    """The public keys to seal for; those of the vault's own identity if there is no list.

    Args:
        top: The vault's folder.
        own: The public keys of its identity.

    Raises:
        RecipientsUnusable: The list is empty, damaged, open to others, or lacks all of ``own``.
        FileUnreadable: It cannot be read.

    """
    path = os.path.join(top.folder, RECIPIENTS)
    folder = top.mode()
    if os.name == "posix" and folder.st_mode & _WRITABLE and not folder.st_mode & _STICKY:
        raise RecipientsUnusable(
            f"cannot seal anything in {clean(top.folder)}: others can write in it, and so say who can read",
            f"make it yours alone: chmod go-w {clean(top.folder)}",
            path=top.folder,
        )
    found = written(top)
    if found is None:
        return list(own)
    if not set(own) & set(found):
        raise RecipientsUnusable(
            f"cannot seal anything: {clean(path)} lacks this vault's own key {clean(own[0], 80)}, so that it could not "
            "be opened here again",
            "add that line to it; in a shared vault have somebody do so who can read it",
            path=path,
        )
    return found


def written(top: Folder) -> list[str] | None:
    """The public keys in the list, each once, in its order; ``None`` if there is no list.

    Raises:
        RecipientsUnusable: It is empty, damaged or open to others.
        FileUnreadable: It cannot be read.

    """
    path = os.path.join(top.folder, RECIPIENTS)
    found = top.read(RECIPIENTS, RECIPIENTS_LIMIT)
    if found is None:
        return None
    data, status = found
    if wrong := loose(status, _WRITABLE, besides=owner_besides(top.mode())):
        raise RecipientsUnusable(
            f"cannot use {clean(path)}: {wrong}, and who writes it can read what is sealed later",
            f"look at who is in it, then make it yours alone to write: chmod go-w {clean(path)}",
            path=path,
        )
    keys: dict[str, None] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        try:
            keys[recipient(word)] = None
        except BadKey as error:
            raise RecipientsUnusable(
                f"cannot use {clean(path)}: line {number}: {error}", error.hint or "mend that line", path=path
            ) from None
    if not keys:
        raise RecipientsUnusable(
            f"cannot use {clean(path)}: there is no public key in it", "add one a line, or remove the file", path=path
        )
    return list(keys)


def listed(home: Home) -> list[str]:
    """Who can read the vault: the public keys on its list, or those of its own identity if it has no list.

    Raises:
        IdentityUnusable: There is no vault, or its identity cannot be used.
        VaultLocked: There is no list, and the vault is locked.
        RecipientsUnusable: The list is empty, damaged or open to others.
        FileUnreadable: It cannot be read.

    """
    from dockpass.errors import IdentityUnusable
    from dockpass.vault.folder import Folder
    from dockpass.vault.identity import load

    top = Folder.top(home.path)
    if top is None:
        raise IdentityUnusable(
            f"there is no vault at {clean(home.path)}", "make one: dockpass vault init", path=home.path
        )
    with top:
        found = written(top)
        return load(home, top).public() if found is None else found
