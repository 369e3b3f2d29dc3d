"""Move logins that lie in config.json in plain text into the vault.

One at a time, and each in this order: into the vault, read back from there and compared, and only then out of the
file, together with the route that leads docker to the vault. Killed anywhere, a login is in the file, or in both, never
in none; run again, the move goes on where it was.

Others may log in and out meanwhile. What is taken from the file is exactly what the vault gave back; a login that
changed is moved as it is now. And what the vault had before, or got meanwhile, it keeps: nobody knows which of two
logins is the newer one, so the vault is written only where it has none, and only if it still has none in that moment.
"""

from __future__ import annotations

from dockpass.config import document, location
from dockpass.display import clean
from dockpass.errors import (
    AgeFailed,
    BadCredential,
    BadServer,
    ConfigMalformed,
    CredentialDamaged,
    DockpassError,
    FileUnreadable,
    FileUnwritable,
    HelperMissing,
    NotMoved,
)
from dockpass.server import Server
from dockpass.stores import route
from dockpass.stores.lead import HUBS_TOKENS, OWN, lead_to_vault, leads, plain_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dockpass.config.document import Document
    from dockpass.credential import Credential
    from dockpass.stores.age import AgeStore

_TRIES = 5

_OF_ONE = (AgeFailed, CredentialDamaged, FileUnreadable, FileUnwritable, NotMoved)
"""What can be wrong with one login, and not with the next. A locked vault, or a key that is gone, stops all."""


class Move:
    """What a move did, or would do.

    Attributes:
        moved: The keys of the logins that are in the vault now, or would be.
        left: Pairs of a key and why it stays where it is.
        failed: Pairs of a key and what broke when it was moved. It is still where it was.
        unknown: The servers that were asked for, and that have no login in config.json in plain text.

    """

    __slots__ = ("failed", "left", "moved", "unknown")

    def __init__(self) -> None:
        self.moved: list[str] = []
        self.left: list[tuple[str, str]] = []
        self.failed: list[tuple[str, DockpassError]] = []
        self.unknown: list[Server] = []


def migrate(
    servers: Sequence[str] = (),
    *,
    config: str | None = None,
    dry_run: bool = False,
    said: Callable[[str], None] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Move:
    """Move the plain logins of config.json into the vault.

    A login that config.json says is to be elsewhere (another helper, or the file itself by an empty ``credHelpers``
    entry) stays, and so does an entry that cannot be read, or that the vault could not have as it is. One that breaks
    on the way stays too, and does not stop the others.

    Args:
        servers: Only the logins of these registries, in any spelling, and under each key that means one of them; or
            those under exactly such a key, as for a part of a registry. Empty: all.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        dry_run: Only tell what would be moved.
        said: Called with each key that was moved, or would be.
        waiting: Called with one line when something takes long.

    Raises:
        BadServer: One of ``servers`` is not the address of a registry. Nothing was moved.
        HelperMissing: ``docker-credential-dockpass`` is not on PATH, so docker would not find what was moved.
        FileError, StoreError: config.json or the vault is broken as a whole. What was moved before is in the vault.

    """
    directory = location.directory(config)
    current = document.read(directory)
    result = Move()
    vault: AgeStore | None = None
    for key in _wanted(plain_keys(current), servers, result.unknown):
        reason: str | None = why_not(current, key)
        if not reason and not dry_run:
            vault = vault or _vault(current, waiting)
            try:
                reason = _move(key, directory, vault, waiting)
            except _OF_ONE as error:
                result.failed.append((key, error))
                continue
        if reason:
            result.left.append((key, reason))
        elif reason is not None:
            result.moved.append(key)
            if said is not None:
                said(key)
    return result


def movable(current: Document) -> list[str]:
    """The keys of the logins in config.json that :func:`migrate` would try to move."""
    return [key for key in plain_keys(current) if not why_not(current, key)]


def why_not(current: Document, key: str) -> str:
    """Why the login under ``key`` stays in config.json; ``""`` if it can be moved."""
    helper, member = leads(current, key)
    if member == "credHelpers" and not helper:
        return "config.json says that it is to stay in the file"
    if helper not in ("", OWN):
        return f"config.json says that docker-credential-{clean(helper, 64)} has it"
    if not _is_served(key):
        return "it is for a part of a registry, and a helper is asked for a whole one only"
    try:
        credential, password = current.auth(key), current.password(key)
    except ConfigMalformed as error:
        return error.message
    if credential is not None and credential.is_identity_token and password is not None:
        return "there is a password beside its identity token, and the vault keeps one of them: log in there again"
    return ""


def _wanted(keys: list[str], servers: Sequence[str], unknown: list[Server]) -> list[str]:
    """Those of ``keys`` that mean one of ``servers``, in their order; all where none is named."""
    if not servers:
        return keys
    wanted = set()
    for text in servers:
        if text in keys and (text in HUBS_TOKENS or not _is_served(text)):
            wanted.add(text)  # not a registry's own key, but just this one
            continue
        server = Server.parse(text)
        found = [key for key in keys if _means(server, key)]
        if not found:
            unknown.append(server)
        wanted.update(found)
    return [key for key in keys if key in wanted]


def _means(server: Server, key: str) -> bool:
    return server.covers(key) or (server.is_docker_hub and key in HUBS_TOKENS)


def _is_served(key: str) -> bool:
    """Whether docker and podman ask helpers for this key, or for another one of the same registry."""
    if key in HUBS_TOKENS:
        return True
    try:
        return Server.parse(key).covers(key)
    except BadServer:
        return False


def _vault(current: Document, waiting: Callable[[str], None] | None) -> AgeStore:
    vault, has_routes = route.vault(current, waiting=waiting)
    if not has_routes:
        raise HelperMissing(
            f"docker-credential-{OWN} is not on PATH, so docker and podman would not find what is moved",
            f"dockpass helper install {OWN}",
        )
    return vault


def _move(key: str, directory: str, vault: AgeStore, waiting: Callable[[str], None] | None) -> str | None:
    """Move one login.

    Returns:
        ``""`` if it was moved; ``None`` if there is none any more; else why it stays.

    """
    ours: Credential | None = None  # what we put into the vault
    for _ in range(_TRIES):
        current = document.read(directory)
        reason = why_not(current, key)
        credential = None if reason else current.auth(key)
        if credential is None:
            # Somebody logged out in the meantime, and the vault must not bring the login back.
            if ours is not None and not current.has_auth(key):
                version = vault.version(key)
                if vault.get(key) == ours:
                    vault.erase_only(key, version)
            return reason or None
        try:
            # Looked at first: whoever logs in after this makes another version.
            version = vault.version(key)
            there = vault.get(key)
            if there not in (None, ours, credential):
                return "the vault has another login for it: log in there again to say which is right"
            if there != credential:
                version = vault.put_over(key, credential, version)
                if version is None:
                    continue
                ours = credential
            if vault.get(key) != credential:
                if vault.version(key) != version:
                    continue
                raise NotMoved(
                    f"the vault does not give back the login for {clean(key, 255)} as it was given; it stays in "
                    "config.json",
                    "dockpass vault status",
                )
        except BadCredential as error:
            return error.message
        if _take_out(key, credential, directory, waiting):
            return ""
    return "somebody logs in there again and again at this moment"


def _take_out(key: str, credential: Credential, directory: str, waiting: Callable[[str], None] | None) -> bool:
    """Take the login out of config.json, and lead to the vault, unless it is another one now."""
    same = False

    def edit(current: Document) -> None:
        nonlocal same
        try:
            same = current.auth(key) == credential and not why_not(current, key)
        except DockpassError:
            same = False
        if same:
            current.set_marker(key)
            lead_to_vault(current, key)

    document.change(directory, edit, waiting=waiting)
    return same
