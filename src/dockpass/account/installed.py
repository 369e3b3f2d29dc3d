"""The program of a helper of ours that is there: whose it is, and whether it still works."""

from __future__ import annotations

import os

DROP_INS = {
    "secretservice": "a keyring over D-Bus, as on Linux",
    "osxkeychain": "the keychain of macOS",
    "wincred": "the credential manager of Windows",
    "pass": "pass, the password store",
    "openbao": "an OpenBao server",
}
"""The helpers of ours that have the name of another's, and what each of them needs."""

MODULES = {"dockpass": "dockpass.helper.own", **dict.fromkeys(DROP_INS, "dockpass.helper.drop_in")}
"""The helpers that can be installed, and the module that each runs."""

MARK = "# A launcher of dockpass"
"""What a launcher of ours (:mod:`~dockpass.account.launcher`) says of itself."""

NEEDS = "# needs: "
"""What it puts before each path that it cannot do without."""

_HEAD = 4096


def is_ours(path: str) -> bool:
    """Whether the program at ``path`` is a launcher of ours, or one that pip wrote for our entry point."""
    start = _start(path)
    return MARK.encode() in start or any(
        f"from {module} import run".encode() in start for module in set(MODULES.values())
    )


def is_launcher(path: str) -> bool:
    """Whether the program at ``path`` was made by us: pip takes away its own."""
    return MARK.encode() in _start(path)


def is_broken(path: str) -> bool:
    """Whether the program at ``path`` is a launcher of ours, for a Python or for packages that are gone."""
    start = _start(path)
    lines = start.decode("utf-8", "surrogateescape").splitlines() if MARK.encode() in start else []
    return not all(os.path.exists(line.removeprefix(NEEDS)) for line in lines if line.startswith(NEEDS))


def _start(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            return os.read(descriptor, _HEAD)
        finally:
            os.close(descriptor)
    except OSError:
        return b""
