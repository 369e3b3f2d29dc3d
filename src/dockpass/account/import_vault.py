"""The logins of an export into the vault, and docker to them.

The whole file is opened and looked through before anything is written. Then the vault gets what it lacks
(:mod:`~dockpass.vault.restore`), and config.json leads to it as it does after a login. Docker asks our helper from then
on, but only where config.json says nothing else: what somebody has written there is not changed by a file.
"""

from __future__ import annotations

import os

from dockpass.config import document, location
from dockpass.display import clean
from dockpass.errors import ArchiveUnusable, IdentityUnusable
from dockpass.stores import route
from dockpass.stores.lead import OWN, is_served, lead_to_vault, leads
from dockpass.vault import envelope
from dockpass.vault.folder import Folder
from dockpass.vault.identity import Identity, load
from dockpass.vault.keys import BadKey, Keys
from dockpass.vault.pick import pick
from dockpass.vault.restore import Restored, restore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dockpass.config.document import Document
    from dockpass.vault.archive import Login
    from dockpass.vault.home import Home


_NAMED = 5
"""How many logins a line names."""


class Imported:
    """What an import did, or would do.

    Attributes:
        vault: What came of each login.
        routes: The servers to which docker is led only now, or would be.
        notes: One line for each thing that keeps docker from finding a login.

    """

    __slots__ = ("notes", "routes", "vault")

    def __init__(self, vault: Restored) -> None:
        self.vault = vault
        self.routes: list[str] = []
        self.notes: list[str] = []

    @property
    def is_whole(self) -> bool:
        """Whether the vault is as the export says."""
        return not (self.vault.kept or self.vault.in_use or self.vault.failed)


def opened(home: Home, data: bytes, name: str, identity: bytes | None = None, identity_name: str = "") -> list[Login]:
    """The logins in an export that is sealed for a key.

    Args:
        home: The vault, whose own key is used if no other is given.
        data: The file.
        name: What it is called in messages.
        identity: The contents of a file with a key.
        identity_name: What that is called.

    Raises:
        ArchiveUnusable: It is none, damaged, of a later version, or not sealed for that key; or there is no key.
        VaultLocked, UnlockUnsafe, IdentityUnusable, AgeMissing, AgeFailed: The key cannot be used.

    """
    if identity is not None:
        key = _key(home, identity, identity_name)
        return envelope.logins(envelope.unseal(key, data, name), name)
    envelope.is_locked(data, name)  # what is no such file is said first
    top = Folder.top(home.path)
    if top is None:
        raise ArchiveUnusable(
            f"cannot open {clean(name)}: it is sealed for a key, and there is no vault here that has one",
            "name the file with the key, such as the identity.txt of the other vault: --identity FILE",
            path=name,
        )
    with top:
        return envelope.logins(envelope.unseal(load(home, top), data, name), name)


def _key(home: Home, data: bytes, name: str) -> Identity:
    """The key in a file that somebody named: what is wrong with it is not the vault's fault."""
    try:
        if envelope.is_sealed(data):
            raise BadKey("it is sealed, and not by a passphrase")
        return Identity(name, Keys.parse(data), pick(home.environ, home.tell))
    except BadKey as error:
        raise IdentityUnusable(
            f"cannot use {clean(name)}: {error}",
            error.hint or "name a file with a private key, such as the identity.txt of a vault",
            path=name,
        ) from None


def put(
    home: Home,
    logins: Sequence[Login],
    *,
    replace: bool = False,
    dry_run: bool = False,
    config: str | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Imported:
    """Put the logins of an export into the vault, and lead docker there.

    Args:
        home: The vault.
        logins: The logins.
        replace: Whether a login that is there and differs may be replaced, and the account in use changed.
        dry_run: Only tell what would be done.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        waiting: Called with one line when something takes long.

    Raises:
        ConfigMalformed, FileError: config.json cannot be read, and nothing was done; or it could not be written, and
            the logins are in the vault.
        VaultError, FileError: The vault cannot be used.

    """
    directory = location.directory(config)
    current = document.read(directory)
    done = Imported(restore(home, logins, replace=replace, dry_run=dry_run))
    broken = {server for server, _error in done.vault.failed}
    keys = [server for server in dict.fromkeys(login.server for login in logins) if server not in broken]
    stores = route.Stores(current, home.environ, (), waiting)
    has_helper = stores.has_helper(OWN)
    if keys and not has_helper:
        done.notes.append(
            f"docker-credential-{OWN} is not on PATH, so docker and podman do not find these logins: dockpass helper "
            f"install {OWN}"
        )
    led = {key for key, helper in current.cred_helpers.items() if helper == OWN}
    keys = [key for key in keys if key not in led]  # each look at the others takes longer the more there are
    done.notes += _elsewhere(current, keys)

    def edit(now: Document) -> None:
        done.routes[:] = [key for key in keys if _is_due(now, key)]
        for key in done.routes:
            now.set_marker(key)
        for key in done.routes:
            lead_to_vault(now, key, for_all=route.goes_to_vault(os.environ))

    if has_helper and dry_run:
        done.routes[:] = [key for key in keys if _is_due(current, key)]
    elif has_helper and any(_is_due(current, key) for key in keys):
        document.change(directory, edit, waiting=waiting)
    return done


def _is_due(current: Document, key: str) -> bool:
    """Whether config.json is to lead to the vault for ``key``: it leads nowhere else, and has no login of its own.

    Under a key that no registry has, such as one with a ``*`` that would mean many, nobody asks for a login.
    """
    is_free = leads(current, key) == ("", "") or (leads(current, key)[0] == OWN != current.cred_helpers.get(key))
    return is_free and is_served(key) and not current.holds(key)


def _elsewhere(current: Document, keys: Sequence[str]) -> list[str]:
    """What keeps docker from asking the vault for these logins: one line for each helper that config.json names."""
    led: dict[str, list[str]] = {}
    for key in keys:
        helper, member = leads(current, key)
        if (helper and helper != OWN) or (not helper and (member or current.holds(key))):
            led.setdefault(helper, []).append(key)
    return [_unused(helper, found) for helper, found in led.items()]


def _unused(helper: str, keys: list[str]) -> str:
    names = ", ".join(clean(key, 100) for key in keys[:_NAMED])
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    what = f"docker does not use the login{'' if len(keys) == 1 else 's'} for {names}{more}"
    if not helper:
        return f"{what}: config.json has, or is to have, its own"
    name = clean(helper, 64)
    return (
        f"{what}: config.json leads to docker-credential-{name}; to move what was imported there: dockpass migrate "
        f"--from age --to {name}; to have it in the vault, take {name} out of config.json, then: dockpass helper "
        f"install {OWN}"
    )
