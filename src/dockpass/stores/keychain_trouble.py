"""What the keychain of macOS says when it fails, each with its next step.

Reference: https://developer.apple.com/documentation/security/security-framework-result-codes
"""

from __future__ import annotations

from dockpass.errors import PromptDismissed, StoreError, StoreFailed, StoreLocked, StoreUnavailable

_ELSEWHERE = "or use a store that needs no keychain: dockpass login --store age SERVER"
_UNLOCK = "security -v unlock-keychain ~/Library/Keychains/login.keychain-db"


def elsewhere(platform: str) -> StoreUnavailable:
    """The system here is not macOS."""
    return StoreUnavailable(
        f"the store osxkeychain is for macOS, and this is {platform}",
        "use another store: dockpass login --store age SERVER",
    )


def trouble(code: int) -> StoreError:
    """The error to raise for the result ``code`` of a function of the keychain."""
    if code == -25308:  # errSecInteractionNotAllowed
        return StoreLocked(
            "the keychain is locked, and this session may not ask for its password, as over ssh (-25308)",
            f"unlock it: {_UNLOCK}, {_ELSEWHERE}",
        )
    if code == -128:  # errSecUserCanceled
        return PromptDismissed(
            "macOS asked whether the keychain may be used, and that was dismissed (-128)",
            "try again and allow it",
        )
    if code in (-25293, -25315):  # errSecAuthFailed, errSecInteractionRequired
        return StoreLocked(
            f"the keychain could not be unlocked, or its owner did not allow it ({code})",
            f"unlock it: {_UNLOCK}, and try again",
        )
    if code == -25299:  # errSecDuplicateItem
        return StoreFailed(
            "the keychain has an item for this server and user that another program made, or has just made (-25299)",
            "try again; if it stays, remove that item with Keychain Access",
        )
    if code == -25300:  # errSecItemNotFound
        return StoreFailed("the keychain's item was removed while it was changed (-25300)", "try again")
    if code in (-25291, -25294, -25307):  # errSecNotAvailable, errSecNoSuchKeychain, errSecNoDefaultKeychain
        return StoreUnavailable(
            f"this user has no keychain that can be used ({code})",
            f"make one: security create-keychain login.keychain-db, {_ELSEWHERE}",
        )
    if code in (-25244, -25243):  # errSecInvalidOwnerEdit, errSecNoAccessForItem
        return StoreFailed(
            f"macOS protects the item: another program made it, or an older one ({code})",
            "remove it with Keychain Access, then log in again",
        )
    if code in (-25292, -61):  # errSecReadOnly, errSecWrPerm
        return StoreFailed(f"the keychain cannot be written ({code})", f"see whose file it is, {_ELSEWHERE}")
    return StoreFailed(
        f"the keychain failed with the code {code}", f"what it means: security error {code}; {_ELSEWHERE}"
    )
