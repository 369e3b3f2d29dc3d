"""Where one is logged in, and with what."""

from __future__ import annotations

import os

from dockpass.config import document, location
from dockpass.credential import TOKEN_USERNAME
from dockpass.errors import DockpassError
from dockpass.server import Server
from dockpass.stores import route
from dockpass.stores.lead import OWN, leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dockpass.config.document import Document
    from dockpass.credential import Credential
    from dockpass.stores.contract import Store
    from dockpass.stores.route import Chosen


class Found:
    """A credential, and where it was found.

    Attributes:
        credential: The credential.
        key: The key it is kept under, which may be another spelling than the server's own.
        store: The store that keeps it.
        chosen: Why that store was asked; ``None`` for ``DOCKER_AUTH_CONFIG``.

    """

    __slots__ = ("chosen", "credential", "key", "store")

    def __init__(self, credential: Credential, key: str, store: Store, chosen: Chosen | None = None) -> None:
        self.credential = credential
        self.key = key
        self.store = store
        self.chosen = chosen

    @property
    def is_environment(self) -> bool:
        """Whether it is in ``DOCKER_AUTH_CONFIG``, which is only read."""
        return self.chosen is None


class Entry:
    """One line of ``dockpass list``.

    Attributes:
        server: The key that the login is kept under.
        username: The user name; ``""`` where the store does not say.
        store: The name of the store.
        plaintext: Whether the secret lies there readable.
        shadowed_by: What hides this login from docker and dockpass, ``None`` if nothing does.
        expires_at: When the login ends, as an RFC 3339 time; ``None`` where it is not known.

    """

    __slots__ = ("expires_at", "plaintext", "server", "shadowed_by", "store", "username")

    def __init__(
        self, server: str, username: str, store: str, *, plaintext: bool, shadowed_by: str | None = None
    ) -> None:
        self.server = server
        self.username = username
        self.store = store
        self.plaintext = plaintext
        self.shadowed_by = shadowed_by
        self.expires_at: str | None = None

    def __repr__(self) -> str:
        return f"Entry(server={self.server!r}, username={self.username!r}, store={self.store!r})"


class Survey:
    """All logins that could be found, and what went wrong on the way.

    Attributes:
        logins: The logins, sorted by server.
        errors: One for each store that could not be asked; its logins are missing.
        notes: One line each: broken entries, a bad ``DOCKER_AUTH_CONFIG``.

    """

    __slots__ = ("errors", "logins", "notes")

    def __init__(self) -> None:
        self.logins: list[Entry] = []
        self.errors: list[DockpassError] = []
        self.notes: list[str] = []


def get(server: Server | str | None, *, config: str | None = None) -> Credential | None:
    """The credential kept for a registry: from ``DOCKER_AUTH_CONFIG``, else from the store that config.json names for
    it.

    Args:
        server: The registry, in any spelling; ``None`` or ``""`` for Docker Hub.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.

    Returns:
        The credential, or ``None`` where none is kept.

    Raises:
        BadServer: ``server`` is not the address of a registry.
        FileError: config.json cannot be read or understood.
        StoreError: The store is broken; it is not known whether it keeps one.

    Reference: https://docs.docker.com/reference/cli/docker/login/#credential-stores

    """
    wanted = server if isinstance(server, Server) else Server.parse(server)
    found = find(wanted, document.read(location.directory(config)))
    return found.credential if found else None


def logins(*, config: str | None = None) -> list[Entry]:
    """Every login, as ``dockpass list`` shows them.

    Args:
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.

    Returns:
        One for each login, sorted by server. What is in ``DOCKER_AUTH_CONFIG`` is among them.

    Raises:
        FileError: config.json cannot be read or understood.
        StoreError: A store is broken. :func:`survey` tells what the others keep.

    Reference: https://docs.docker.com/reference/cli/docker/login/#credential-stores

    """
    found = survey(config=config)
    if found.errors:
        raise found.errors[0]
    return found.logins


def survey(*, config: str | None = None, waiting: Callable[[str], None] | None = None) -> Survey:
    """Every login that can be found, and the stores that could not be asked.

    A login counts where config.json leads to it: what a helper keeps for other programs is not listed.

    Args:
        config: As for :func:`logins`.
        waiting: Called with one line when something takes long.

    Raises:
        FileError: config.json cannot be read or understood.

    """
    current = document.read(location.directory(config))
    found = Survey()
    found.notes = list(current.notes)
    given, note = environment()
    if note is not None:
        found.notes.append(note)
    given_keys = given.list() if given is not None else {}
    from dockpass.stores.configured import configured

    for store in configured(current, waiting=waiting):
        try:
            kept = store.list()
        except DockpassError as error:
            found.errors.append(error)
            continue
        found.notes += store.notes
        found.logins += _entries(store, kept, current, given_keys)
    if given is not None:
        found.logins += [Entry(key, name, route.ENVIRONMENT, plaintext=True) for key, name in given_keys.items()]
    found.logins.sort(key=lambda entry: (entry.server, entry.store))
    return found


def find(
    server: Server,
    current: Document,
    *,
    withhold: Iterable[str] = (),
    waiting: Callable[[str], None] | None = None,
) -> Found | None:
    """The credential for a registry, and where it is: the exact key first, then other spellings of it.

    Args:
        server: The registry.
        current: config.json.
        withhold: Environment variables to keep from helper programs.
        waiting: Called with one line when something takes long.

    Raises:
        StoreError, FileError: A store is broken, so it is not known whether there is one.

    """
    given, _note = environment()
    if given is not None:
        for key in spellings(server, given.list()):
            credential = given.get(key)
            if credential is not None:
                return Found(credential, key, given)
    for key in spellings(server, [*current.auth_keys(), *current.cred_helpers], always=True):
        chosen = route.decide(current, key, withhold=withhold, waiting=waiting)
        credential = chosen.store.get(key)
        if credential is not None:
            return Found(credential, key, chosen.store, chosen)
    return None


def spellings(server: Server, keys: Iterable[str], *, always: bool = False) -> list[str]:
    """Those of ``keys`` that mean ``server``, its own key first.

    Args:
        server: The registry.
        keys: Keys that were found somewhere.
        always: Whether the server's own key is among the result even if it is not among ``keys``.

    """
    there = dict.fromkeys(keys)
    found = [key for key in there if key != server.key and server.covers(key)]
    return [server.key, *found] if always or server.key in there else found


def environment() -> tuple[Store | None, str | None]:
    """What ``DOCKER_AUTH_CONFIG`` holds, and a note where that cannot be used. ``None`` for each that is not there."""
    value = os.environ.get(route.ENVIRONMENT)
    if not value:
        return None, None
    from dockpass.stores.environment import EnvironmentStore

    return EnvironmentStore.parse(value)


def _entries(store: Store, kept: dict[str, str], current: Document, given: dict[str, str]) -> list[Entry]:
    entries = []
    chosen = [name.strip() for name in (os.environ.get(route.VARIABLE) or route.DEFAULT).split(",")]
    served = OWN if store.name == route.VAULT else store.name
    for key, username in kept.items():
        helper, member = leads(current, key)
        hidden = None
        if store.name == "file":
            # docker looks at the helper only, and so does whoever else obeys config.json.
            hidden = f"docker-credential-{helper}" if helper else None
        elif helper != served and (member or not {served, store.name} & {*chosen}):
            continue
        if given and _is_given(key, given):
            hidden = route.ENVIRONMENT
        name = "" if username == TOKEN_USERNAME else username
        entries.append(Entry(key, name, store.name, plaintext=store.plaintext, shadowed_by=hidden))
    return entries


def _is_given(key: str, given: dict[str, str]) -> bool:
    try:
        server = Server.parse(key)
    except DockpassError:
        return key in given
    return any(server.covers(other) for other in given) if server.covers(key) else key in given
