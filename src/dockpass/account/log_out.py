"""Log out: forget a login under every spelling and in every place, then look again."""

from __future__ import annotations

import os
import sys

from dockpass.account.look_up import environment, spellings, survey
from dockpass.config import document, location
from dockpass.display import clean, quoted
from dockpass.errors import (
    BadServer,
    DockpassError,
    HelperFailed,
    HelperTimedOut,
    NotErased,
    ReadOnlyStore,
    StoreTimedOut,
)
from dockpass.server import DOCKER_HUB, Server
from dockpass.stores import route
from dockpass.stores.lead import HUBS_TOKENS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.config.document import Document
    from dockpass.stores.contract import Store

_REFRESH_TOKEN = f"{DOCKER_HUB}refresh-token"


class Logout:
    """A registry that one is logged out from: nothing of its login can be found any more.

    Attributes:
        server: The registry.
        erased: What was erased, as pairs of key and store; empty where nothing was kept.
        notes: What the user should hear, each one line.

    """

    __slots__ = ("erased", "notes", "server")

    def __init__(self, server: Server) -> None:
        self.server = server
        self.erased: list[tuple[str, str]] = []
        self.notes: list[str] = []

    def __repr__(self) -> str:
        return f"Logout(server={self.server.key!r}, erased={self.erased!r})"


def logout(
    server: Server | str | None,
    *,
    config: str | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Logout:
    """Log out from a registry: erase its login under every spelling, wherever config.json leads, and look again.

    Args:
        server: The registry, in any spelling; ``None`` or ``""`` for Docker Hub.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        waiting: Called with one line when something takes long.

    Returns:
        What was erased, and where: nothing, where nothing was kept.

    Raises:
        BadServer: ``server`` is not the address of a registry.
        FileError, StoreError: A place could not be asked, or could not erase it. The others were erased all the same.
        NotErased: A place said that it had erased it, and still has it; or several failed.

    Reference: https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol

    """
    wanted = server if isinstance(server, Server) else Server.parse(server)
    directory = location.directory(config)
    current = document.read(directory)
    result = Logout(wanted)
    errors: list[DockpassError] = []
    doubts: dict[str, DockpassError] = {}
    silent: set[str] = set()
    for key, store in _places(wanted, current, errors, doubts, waiting):
        if store.name in silent:
            continue  # it would take as long again for each spelling
        try:
            if store.erase(key):
                result.erased.append((key, store.name))
            if store.get(key) is not None:
                raise _still_there(key, store)
        except ReadOnlyStore as error:
            if error.message not in result.notes:
                result.notes.append(error.message)
        except DockpassError as error:
            if isinstance(error, (HelperTimedOut, StoreTimedOut)):
                silent.add(store.name)
            errors.append(error)
            doubts.pop(store.name, None)
    errors += doubts.values()
    # Not before: another thread could get a token with what is there until now.
    if "dockpass.account.tokens" in sys.modules:
        from dockpass.account.tokens import CACHE

        CACHE.forget(wanted)
    if errors:
        raise _together(wanted, errors)
    current = document.read(directory)
    if any(key == _REFRESH_TOKEN for key, _store in result.erased):
        result.notes.append(
            "docker's login in the browser is erased here, but Docker was not told, and its token stays good there: "
            "revoke it at https://app.docker.com/settings if it may have leaked"
        )
    result.notes += _what_remains(wanted, current)
    result.notes += _out_of_reach(current)
    return result


def log_out_everywhere(
    *,
    config: str | None = None,
    before: Callable[[str], None],
    waiting: Callable[[str], None] | None = None,
) -> list[Logout]:
    """Log out from every registry that :func:`~dockpass.account.look_up.survey` finds.

    Args:
        config: As for :func:`logout`.
        before: Called with the key of each registry, or of what else it is, before it is logged out from.
        waiting: As for :func:`logout`.

    Returns:
        One for each registry. Logins that mean something else than a whole registry are erased too, and have none.

    Raises:
        FileError, StoreError: As for :func:`logout`; raised at the end, when all the others are done.

    """
    found = survey(config=config, waiting=waiting)
    errors = list(found.errors)
    results = []
    done: list[Server] = []
    for entry in found.logins:
        if entry.store == route.ENVIRONMENT:
            continue
        server = _registry(entry.server)
        if server is not None:
            if server in done:
                continue
            done.append(server)
        before(entry.server if server is None else server.key)
        try:
            if server is not None:
                results.append(logout(server, config=config, waiting=waiting))
            else:
                _erase_one(entry.server, config, waiting)
        except DockpassError as error:
            errors.append(error)
    if errors:
        raise _together(None, errors)
    for entry in found.logins:
        server = _registry(entry.server)
        if server is not None and server not in done:
            # In DOCKER_AUTH_CONFIG only, which is not ours to change.
            done.append(server)
            result = Logout(server)
            result.notes.append(_still_given(server))
            results.append(result)
    return results


def _registry(key: str) -> Server | None:
    """The registry that a key means; ``None`` where it means something else, such as a namespace of one."""
    try:
        server = Server.parse(key)
    except BadServer:
        return None
    return server if server.covers(key) else None


def _erase_one(key: str, config: str | None, waiting: Callable[[str], None] | None) -> None:
    """Erase a login under exactly this key: one that means something else than a whole registry."""
    store = route.choose(document.read(location.directory(config)), key, waiting=waiting)
    try:
        store.erase(key)
    except ReadOnlyStore:
        return  # there is nothing of ours in it
    if store.get(key) is not None:
        raise _still_there(key, store)


def _places(
    server: Server,
    current: Document,
    errors: list[DockpassError],
    doubts: dict[str, DockpassError],
    waiting: Callable[[str], None] | None,
) -> list[tuple[str, Store]]:
    """Where to look: pairs of a key and the store that config.json leads to for it, the registry's own key first.

    The other spellings are those that config.json knows, and those that the stores list. A helper that cannot list is
    asked for docker's own spellings instead; one that fails at that, too, is in ``doubts`` by its name, for what it
    says when it erases is what the user should hear.
    """
    places: dict[tuple[str, str], Store] = {}
    stores: dict[str, Store] = {}

    def add(key: str, *, only_if_there: bool = False) -> None:
        try:
            store = route.choose(current, key, waiting=waiting)
            stores.setdefault(store.name, store)
            if (key, store.name) not in places and not (only_if_there and store.get(key) is None):
                places[key, store.name] = store
        except DockpassError as error:
            errors.append(error)

    for key in spellings(server, [*current.auth_keys(), *current.cred_helpers], always=True):
        add(key)
    if server.is_docker_hub:
        for key in HUBS_TOKENS:
            add(key, only_if_there=not current.has_auth(key))
    # A spelling that config.json does not know is served by the default store, if there is one.
    for store in _with_default(stores, current, server, errors, waiting):
        try:
            listed = store.list()
        except HelperFailed:
            if not server.is_docker_hub:
                _add_dockers(server, store, places, doubts)
            continue
        except DockpassError as error:
            errors.append(error)
            continue
        for key in spellings(server, listed):
            places.setdefault((key, store.name), store)
    return [(key, store) for (key, _name), store in places.items()]


def _add_dockers(
    server: Server, store: Store, places: dict[tuple[str, str], Store], doubts: dict[str, DockpassError]
) -> None:
    """What a helper that cannot list has under docker's own spellings."""
    for key in (f"https://{server.key}", f"http://{server.key}"):
        if (key, store.name) in places:
            continue
        try:
            if store.get(key) is not None:
                places[key, store.name] = store
        except DockpassError as error:
            doubts[store.name] = error
            return


def _with_default(
    stores: dict[str, Store],
    current: Document,
    server: Server,
    errors: list[DockpassError],
    waiting: Callable[[str], None] | None,
) -> list[Store]:
    if errors:
        return list(stores.values())
    try:
        default = route.choose(current, server.aliases[0], waiting=waiting)
    except DockpassError as error:
        errors.append(error)
    else:
        stores.setdefault(default.name, default)
    return list(stores.values())


def _out_of_reach(current: Document) -> list[str]:
    """A note on each store that the variable names beside others and that cannot be used here: it was not looked at."""
    names = os.environ.get(route.VARIABLE, "")
    if "," not in names:
        return []
    from dockpass.stores.chain import passed_over

    reasons = passed_over(route.Stores(current, os.environ, (), None), names, route.VARIABLE)
    return [f"a login in a store that cannot be used here stays there: {reason}" for reason in reasons]


def _still_there(key: str, store: Store) -> NotErased:
    shown = clean(key, 255)
    if store.name == "file":
        return NotErased(
            f"the login for {shown} is in config.json again: another program wrote it back",
            "see which program is logging in at this moment, then log out again",
        )
    return NotErased(
        f"{store.name} says that it erased the login for {shown}, but still has it",
        f"erase it with the keychain's own program, or: printf %s {quoted(shown)} | docker-credential-{store.name} "
        "erase",
    )


def _still_given(server: Server) -> str:
    return f"{route.ENVIRONMENT} still holds a login for {server.name}: unset {route.ENVIRONMENT} to be rid of it"


def _together(server: Server | None, errors: list[DockpassError]) -> DockpassError:
    """One error for several: the first one itself if all are the same trouble."""
    messages = list(dict.fromkeys(error.message for error in errors))
    if len(messages) == 1:
        return errors[0]
    where = f"the login for {server.name}" if server else "some logins"
    hints = list(dict.fromkeys(error.hint for error in errors if error.hint))
    return NotErased(f"{where} could not be erased everywhere: {'; '.join(messages)}", "; ".join(hints) or None)


def _what_remains(server: Server, current: Document) -> list[str]:
    """Notes on what a logout leaves alone, though docker may go on using it."""
    notes = []
    given, _note = environment()
    if given is not None and spellings(server, given.list()):
        notes.append(_still_given(server))
    for key in current.auth_keys():
        host = key.partition("://")[2] or key
        if not server.is_docker_hub and "/" in host and not server.covers(key) and server.covers(host.split("/")[0]):
            notes.append(
                f"config.json still has a login for {clean(key, 255)}, which is another one, but docker may use it for "
                f"all of {server.name}: dockpass logout --all erases it too"
            )
    return notes
