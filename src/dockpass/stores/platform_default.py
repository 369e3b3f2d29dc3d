"""Which store a platform has of its own: where a login goes that nobody has named a store for."""

from __future__ import annotations


def default(platform: str) -> str:
    """The name of the default store: the system's keychain on macOS and Windows, the vault everywhere else.

    Nothing is detected: the same platform always means the same store. Cygwin and MSYS are taken for what they imitate,
    and have the vault.

    Args:
        platform: As :data:`sys.platform` has it.

    Returns:
        ``"osxkeychain"``, ``"wincred"`` or ``"age"``.

    """
    if platform == "darwin":
        return "osxkeychain"
    if platform == "win32":
        return "wincred"
    return "age"
