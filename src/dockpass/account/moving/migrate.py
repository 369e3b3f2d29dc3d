"""Move all logins of a store, or some of them."""

from __future__ import annotations

from dockpass.account.moving.one import look, move
from dockpass.account.moving.way import Way, stays_in_file, wanted
from dockpass.config import document, location
from dockpass.display import clean
from dockpass.errors import (
    AgeFailed,
    ConfigMalformed,
    CredentialDamaged,
    DockpassError,
    FileUnreadable,
    FileUnwritable,
    HelperFailed,
    HelperGarbled,
    NotMoved,
    ReadOnlyStore,
    StoreFailed,
    UsageError,
)
from dockpass.server import DOCKER_HUB
from dockpass.stores import route
from dockpass.stores.bare import bare
from dockpass.stores.lead import BY_ANY_KEY, PODMANS_HUB, plain_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dockpass.config.document import Document
    from dockpass.server import Server

_OF_ONE = (
    AgeFailed,
    ConfigMalformed,
    CredentialDamaged,
    FileUnreadable,
    FileUnwritable,
    HelperFailed,
    HelperGarbled,
    NotMoved,
    ReadOnlyStore,
    StoreFailed,
)
"""What can be wrong with one login, and not with the next. A locked store, or a key that is gone, stops all."""

_IN_FILE = "config.json says that it is to stay in the file; to move it all the same: dockpass migrate"


class Move:
    """What a move did, or would do.

    Attributes:
        moved: The keys of the logins that are in the new store now, or would be.
        left: Pairs of a key and why it stays where it is.
        failed: Pairs of a key and what broke when it was moved. It is still where it was, or in both.
        unknown: The servers that were asked for, and that have no login in the old store.
        creds_store: What ``credsStore`` in config.json was made to name, or would be; ``None`` if it stays.
        notes: What the user should hear, each one line.

    """

    __slots__ = ("creds_store", "failed", "left", "moved", "notes", "unknown")

    def __init__(self) -> None:
        self.moved: list[str] = []
        self.left: list[tuple[str, str]] = []
        self.failed: list[tuple[str, DockpassError]] = []
        self.unknown: list[Server] = []
        self.creds_store: str | None = None
        self.notes: list[str] = []


def migrate(
    servers: Sequence[str] = (),
    *,
    source: str = "file",
    target: str = route.DEFAULT,
    config: str | None = None,
    dry_run: bool = False,
    said: Callable[[str, int, int], None] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Move:
    """Move logins from one store into another, and have config.json lead there.

    A login that config.json says is elsewhere stays, and so does one that the new store could not have as it is, or for
    which it has another. One that breaks on the way stays too, and does not stop the others. Where all of a store is
    moved that ``credsStore`` names, that follows.

    Args:
        servers: Only the logins of these registries, in any spelling, and under each key that means one of them; or
            those under exactly such a key, as for a part of a registry. Empty: all, but those of which config.json says
            that they are to stay in it.
        source: The name of the store where they are.
        target: The name of the store where they are to be.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        dry_run: Only tell what would be moved.
        said: Called with each key that was moved, or would be, its number among those that are looked at, and how many
            these are.
        waiting: Called with one line when something takes long.

    Raises:
        BadServer: One of ``servers`` is not the address of a registry. Nothing was moved.
        UsageError: The two stores are one, or one of them is none to move logins from or to.
        UnknownStore, HelperMissing, HelperNotExecutable: There is no such store; or docker would not find what was
            moved.
        StoreUnavailable: The new store cannot be used here.
        FileError, StoreError: config.json or a store is broken as a whole. What was moved before is in the new store.

    """
    directory = location.directory(config)
    current = document.read(directory)
    way = Way(bare(current, source, "--from", waiting=waiting), bare(current, target, "--to", waiting=waiting))
    if way.source.store.name == way.target.store.name:
        raise UsageError(
            f"the logins are to be moved from {way.source.title} to {way.target.title}, which is one store",
            "name two: dockpass migrate --from STORE --to STORE",
        )
    result = Move()
    keys = wanted(way.keys(current), servers, result.unknown)
    # A registry's own key first: it is the one in use where there is another spelling, too.
    keys.sort(key=lambda key: way.goal(key) != key)
    if keys or not servers:
        way.probe(keys)
    is_checked = dry_run
    for number, key in enumerate(keys, 1):
        try:
            if way.source.is_file and not servers and stays_in_file(current, key):
                reason: str | None = f"{_IN_FILE} {clean(key, 255)}"
            elif dry_run:
                sight = look(way, current, key)
                reason = sight.reason or ("" if sight.credential is not None else None)
            else:
                reason = way.why_not(current, key)
                if not reason and not is_checked:
                    way.check()
                    is_checked = True
                reason = reason or move(key, way, directory, waiting)
        except _OF_ONE as error:
            result.failed.append((key, error))
            continue
        if reason:
            result.left.append((key, reason))
        elif reason is not None:
            result.moved.append(key)
            if said is not None:
                said(key, number, len(keys))
    if DOCKER_HUB in result.moved and way.target.helper not in ("", *BY_ANY_KEY):
        result.notes.append(
            f"podman, skopeo and buildah ask for Docker Hub by the name {PODMANS_HUB}, which {way.target.title} does "
            f"not know: podman login {PODMANS_HUB}"
        )
    if result.moved and not servers and not result.left and not result.failed:
        if dry_run:
            result.creds_store = _follow(current, way)  # written nowhere
        elif not way.source.store.list():

            def follow(now: Document) -> None:
                result.creds_store = _follow(now, way)

            document.change(directory, follow, waiting=waiting)
    return result


def movable(current: Document) -> int:
    """How many logins in config.json :func:`migrate` would try to move from there into the vault."""
    way = Way(bare(current, "file", "--from"), bare(current, route.VAULT, "--to"))
    return sum(not stays_in_file(current, key) and not way.why_not(current, key) for key in plain_keys(current))


def _follow(current: Document, way: Way) -> str | None:
    """Have ``credsStore`` name the new store, if it names the old one. Returns what it names now, if that is another.

    Not the vault while there are logins in plain text: docker would no longer see them.
    """
    name = way.target.helper
    if name is None or not way.source.helper or current.creds_store != way.source.helper:
        return None
    if name and plain_keys(current):
        return None
    current.set_creds_store(name)
    return name
