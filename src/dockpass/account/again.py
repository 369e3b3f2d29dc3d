"""Log in once more, with what is kept from an earlier login: all of it, or the user name."""

from __future__ import annotations

from dockpass.account.attempt import Login
from dockpass.account.look_up import Found, spellings
from dockpass.credential import Credential
from dockpass.errors import ConfigMalformed, DockpassError, Refused
from dockpass.stores.route import ENVIRONMENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.account.attempt import Attempt
    from dockpass.credential import Secret


def username(attempt: Attempt) -> str:
    """The user name to offer: of the login that is kept, or that a plain entry in config.json still names; ``""``."""
    for key in spellings(attempt.server, attempt.document.auth_keys()):
        try:
            name = attempt.document.username(key)
        except ConfigMalformed:
            continue
        if name:
            return name
    try:
        found = attempt.stored()
    except DockpassError:
        # A default is a convenience; what is wrong with the store is said when the login is kept.
        return ""
    return found.credential.username if found is not None else ""


def log_in(attempt: Attempt, found: Found) -> Login:
    """Show a stored credential to the registry. It is not stored again, unless a new identity token was issued.

    Args:
        attempt: The login under way.
        found: The credential, and where it is.

    Raises:
        Refused: It is no longer good. It is still kept.
        RegistryError: The registry could not be asked, or did something else.
        StoreError, FileError: A new identity token could not be kept.

    """
    try:
        return _renew(attempt, found)
    except Refused as refused:
        other = _another(attempt, found) if found.credential.is_identity_token else None
        if other is None:
            _send_back(refused, attempt, found)
            raise
        login = _renew(attempt, other)
        if not login.is_identity_token:
            # The token beside the password is worthless, and docker's daemon would go on trying it.
            other.store.put(other.key, other.credential)
            login.changed = True
        return login


def _send_back(refused: Refused, attempt: Attempt, found: Found) -> None:
    """Say in the hint where to go with what it says: nobody has typed a password that they could look at again."""
    again = f"log in again: dockpass login -u NAME {attempt.server.typed}"
    if found.is_environment:
        again = f"correct {ENVIRONMENT}, or unset it"
    if again not in (refused.hint or ""):
        refused.hint = f"{refused.hint}; then {again}" if refused.hint else again


def _another(attempt: Attempt, found: Found) -> Found | None:
    """What to try when an identity token was refused.

    Another process may have exchanged it in the meantime, and then the old one is void. And somebody may have put it
    beside a password in config.json; docker's client would have used that.
    """
    again = attempt.stored()
    if again is not None and again.credential != found.credential:
        return again
    password = attempt.document.password(found.key) if found.store.name == "file" else None
    return Found(password, found.key, found.store, found.chosen) if password is not None else None


def _renew(attempt: Attempt, found: Found) -> Login:
    credential = found.credential

    def keep(new: Secret) -> None:
        nonlocal credential
        credential = Credential(credential.username, new, is_identity_token=True)
        if not found.is_environment:
            found.store.put(found.key, credential)

    outcome = attempt.prove(credential, rotated=keep if credential.is_identity_token else None)
    new = outcome.identity_token
    if new is not None and not credential.is_identity_token:
        keep(new)
    notes = outcome.notes + (attempt.unseen(found.chosen) if found.chosen is not None else [])
    changed = credential != found.credential
    return Login(attempt.server, credential, found.store, attempt.document.path, changed=changed, notes=notes)
