"""Whether a file is for us alone: whoever can write a key's file decides who reads what is sealed later."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False


def loose(status: os.stat_result, bits: int, *, besides: int | None = None) -> str:
    """What is wrong with who may use a file; ``""`` if nothing is.

    Args:
        status: The file's status.
        bits: What its group and others may not do, such as ``0o077``.
        besides: A user who may own it too, besides root and us.

    """
    if os.name != "posix":
        return ""
    if status.st_mode & bits:
        doing = "read" if status.st_mode & bits & 0o044 else "write"
        return f"others can {doing} it (mode {stat.S_IMODE(status.st_mode):04o})"
    if status.st_uid not in (0, os.geteuid(), besides):
        return f"it belongs to somebody else (uid {status.st_uid})"
    return ""


def owner_besides(folder: os.stat_result) -> int | None:
    """Who may own the files of a vault besides root and us: for root the owner of its folder, for others nobody."""
    return folder.st_uid if os.name == "posix" and os.geteuid() == 0 else None
