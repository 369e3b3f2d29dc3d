"""What Windows' credential manager says when it fails, each with its next step.

Reference: https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes
"""

from __future__ import annotations

from dockpass.errors import StoreError, StoreFailed, StoreUnavailable

_ELSEWHERE = "use a store that needs none: dockpass login --store age SERVER"


def elsewhere(platform: str) -> StoreUnavailable:
    """The system here is not Windows."""
    return StoreUnavailable(
        f"the store wincred is for Windows, and this is {platform}",
        "use another store: dockpass login --store age SERVER",
    )


def trouble(code: int) -> StoreError:
    """The error to raise for ``code``, as ``GetLastError`` gave it."""
    if code == 1312:  # ERROR_NO_SUCH_LOGON_SESSION
        return StoreUnavailable(
            "Windows has no credential manager for such a session, as over ssh or in a service (1312)",
            f"log in at the desktop or by Remote Desktop, or {_ELSEWHERE}",
        )
    if code == 1783:  # RPC_X_BAD_STUB_DATA
        return StoreFailed(
            "Windows' credential manager refused what it was given as too long (1783)",
            f"use a shorter token, or {_ELSEWHERE}",
        )
    if code == 5:  # ERROR_ACCESS_DENIED
        return StoreFailed(
            "Windows does not allow this user to keep credentials (5)",
            f'see the policy "Do not allow storage of passwords and credentials", or {_ELSEWHERE}',
        )
    if code == 2202:  # ERROR_BAD_USERNAME
        return StoreFailed("Windows' credential manager does not take the user name (2202)", _ELSEWHERE)
    return StoreFailed(
        f"Windows' credential manager failed with the code {code}",
        f"what it means: net helpmsg {code}; or {_ELSEWHERE}",
    )
