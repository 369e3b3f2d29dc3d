"""Remove what was left beside the identity and the list of recipients by a process that was killed."""

from __future__ import annotations

import os

from dockpass.errors import FileError
from dockpass.files.lock import lock
from dockpass.vault.layout import IDENTITY, IDENTITY_TURN, LOCKED, RECIPIENTS, RECIPIENTS_TURN, RESEALING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.vault.folder import Folder

_FILES = (IDENTITY, LOCKED, RECIPIENTS, RESEALING)


def sweep(top: Folder) -> None:
    """Remove it, if there is any and nobody is at work there: then it is not left over.

    Args:
        top: The vault's folder.

    """
    if not top.strays(*_FILES):
        return
    try:
        with (
            lock(os.path.join(top.folder, IDENTITY_TURN), timeout=0) as one,
            lock(os.path.join(top.folder, RECIPIENTS_TURN), timeout=0) as other,
        ):
            if one.firm and other.firm:
                top.tidy(*_FILES)
    except FileError:
        return  # a later login tries again
