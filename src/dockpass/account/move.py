"""Move logins that lie in config.json in plain text into the vault.

One at a time, and each in this order: into the vault, read back from there and compared, and only then out of the
file, together with the route that leads docker to the vault. Killed anywhere, a login is in the file, or in both, never
in none; run again, the move goes on where it was.
"""

from __future__ import annotations

from dockpass.config import document, location
from dockpass.display import clean
from dockpass.errors import ConfigMalformed, DockpassError, HelperMissing, NotMoved
from dockpass.stores import route
from dockpass.stores.lead import OWN, lead_to_vault, leads, plain_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.config.document import Document
    from dockpass.stores.contract import Store


class Move:
    """What a move did, or would do.

    Attributes:
        moved: The keys of the logins that are in the vault now, or would be.
        left: Pairs of a key and why it stays where it is.

    """

    __slots__ = ("left", "moved")

    def __init__(self) -> None:
        self.moved: list[str] = []
        self.left: list[tuple[str, str]] = []


def migrate(
    *,
    config: str | None = None,
    dry_run: bool = False,
    said: Callable[[str], None] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Move:
    """Move the plain logins of config.json into the vault.

    A login that config.json says is to be elsewhere (another helper, or the file itself by an empty ``credHelpers``
    entry) stays, and so does an entry that cannot be read.

    Args:
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        dry_run: Only tell what would be moved.
        said: Called with each key that was moved, or would be.
        waiting: Called with one line when something takes long.

    Raises:
        HelperMissing: ``docker-credential-dockpass`` is not on PATH, so docker would not find what was moved.
        FileError, StoreError: config.json or the vault is broken. What was moved before is in the vault.
        NotMoved: The vault gave back something else than it was given. The login is still in config.json.

    """
    directory = location.directory(config)
    current = document.read(directory)
    result = Move()
    vault = _vault(current, waiting)
    for key in plain_keys(current):
        reason = _why_not(current, key)
        if reason:
            result.left.append((key, reason))
            continue
        if not dry_run:
            _move(key, directory, vault, waiting)
        result.moved.append(key)
        if said is not None:
            said(key)
    return result


def _vault(current: Document, waiting: Callable[[str], None] | None) -> Store:
    vault, has_routes = route.vault(current, waiting=waiting)
    if not has_routes:
        raise HelperMissing(
            f"docker-credential-{OWN} is not on PATH, so docker and podman would not find what is moved",
            f"dockpass helper install {OWN}",
        )
    return vault


def _why_not(current: Document, key: str) -> str:
    """Why the login under ``key`` stays where it is; ``""`` if it can be moved."""
    helper, member = leads(current, key)
    if member == "credHelpers" and not helper:
        return "config.json says that it is to stay in the file"
    if helper not in ("", OWN):
        return f"config.json says that docker-credential-{clean(helper, 64)} has it"
    try:
        current.auth(key)
    except ConfigMalformed as error:
        return error.message
    return ""


def _move(key: str, directory: str, vault: Store, waiting: Callable[[str], None] | None) -> None:
    credential = document.read(directory).auth(key)
    if credential is None:
        return  # somebody logged out in the meantime
    vault.put(key, credential)
    back = vault.get(key)
    if back is None or back.secret != credential.secret:
        raise NotMoved(
            f"the vault does not give back the login for {clean(key, 255)} as it was given; it stays in config.json",
            "dockpass vault status",
        )

    def edit(current: Document) -> None:
        try:
            changed = current.auth(key) != credential
        except DockpassError:
            changed = True
        if changed:
            return  # somebody logged in anew: that login is to be moved, not this one
        current.set_marker(key)
        lead_to_vault(current, key)

    document.change(directory, edit, waiting=waiting)
