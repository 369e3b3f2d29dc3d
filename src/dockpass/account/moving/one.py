"""Move one login, whoever else is at work on it at the same time."""

from __future__ import annotations

from dockpass.config import document
from dockpass.display import clean
from dockpass.errors import BadCredential, BadServer, ConfigMalformed, NotMoved, ReadOnlyStore
from dockpass.stores import route
from dockpass.stores.lead import leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.account.moving.way import Way
    from dockpass.config.document import Document
    from dockpass.credential import Credential

_TRIES = 5


class Sight:
    """What there is under a key, at one moment.

    Attributes:
        credential: The login in the old store; ``None`` if it has none, or if there is a reason to leave it there.
        there: What the new store has.
        reason: Why it stays; ``""`` if it can be moved.

    """

    __slots__ = ("credential", "reason", "there")

    def __init__(self, credential: Credential | None, there: Credential | None, reason: str) -> None:
        self.credential = credential
        self.there = there
        self.reason = reason


def look(way: Way, current: Document, key: str, ours: Credential | None = None) -> Sight:
    """Whether the login under ``key`` can be moved now.

    Args:
        way: From where to where.
        current: config.json.
        key: The key.
        ours: What was put into the new store on its behalf.

    Raises:
        StoreError, FileError: A store is broken.

    """
    reason = way.why_not(current, key)
    credential = None if reason else way.source.store.get(key)
    if credential is None:
        return Sight(None, None, reason)
    if others := way.source.store.others(key):
        names = ", ".join(clean(name, 64) or "unknown" for name in others[:3])
        reason = f"{way.source.title} has logins of other users for it too ({names}), which would go with it"
        return Sight(None, None, f"{reason}; to keep one only: dockpass logout, then dockpass login")
    # Looked at last: whoever logs in after this makes another one.
    there = way.target.store.get(way.goal(key))
    if there is not None and not is_same(there, ours) and not is_same(there, credential):
        reason = f"{way.target.title} has another login for it; {_which(way.target.store.name, key)}"
    else:
        reason = _in_use(way, current, key, (credential, ours))
    return Sight(credential, there, reason)


def move(key: str, way: Way, directory: str, waiting: Callable[[str], None] | None) -> str | None:
    """Move the login under ``key``.

    Args:
        key: The key.
        way: From where to where.
        directory: The folder of config.json.
        waiting: Called with one line when something takes long.

    Returns:
        ``""`` if it was moved; ``None`` if there is none any more; else why it stays.

    Raises:
        NotMoved: The new store does not give back what it is given, or is the same place as the old one.
        StoreError, FileError: Something is broken. The login is in the old store, or in both.

    """
    ours: Credential | None = None  # what we put into the new store
    is_odd = False  # whether it gave back something else
    goal = way.goal(key)
    for _ in range(_TRIES):
        current = document.read(directory)
        sight = look(way, current, key, ours)
        if sight.credential is None:
            # Somebody logged out in the meantime, and the new store must not bring the login back.
            if ours is not None and not current.has_auth(goal):
                way.target.store.exchange(goal, ours, None)
            return sight.reason or None
        if is_odd and not is_same(sight.there, ours):
            raise _not_given_back(way, key)
        if sight.reason:
            return sight.reason
        try:
            if not is_same(sight.there, sight.credential):
                if not way.target.store.exchange(goal, sight.there, sight.credential):
                    continue
                ours = sight.credential
        except (BadCredential, BadServer) as error:
            return error.message
        if not is_same(way.target.store.get(goal), sight.credential):
            is_odd = True
            continue
        if way.source.is_file:
            is_done = _out_of_file(key, sight.credential, way, directory, waiting)
        else:
            is_done = _out_of_store(key, sight.credential, way, directory, waiting, put=ours is not None)
        if is_done:
            return ""
    if is_odd:
        raise _not_given_back(way, key)
    return "somebody logs in there again and again at this moment"


def is_same(kept: Credential | None, wanted: Credential | None) -> bool:
    """Whether ``kept`` is ``wanted`` as a store gives it back: not every store knows whose an identity token is."""
    if kept is None or wanted is None or kept == wanted:
        return kept == wanted
    is_nobodys = "" in (kept.username, wanted.username)
    return kept.is_identity_token and wanted.is_identity_token and is_nobodys and kept.secret == wanted.secret


def _in_use(way: Way, current: Document, key: str, ones: tuple[Credential | None, ...]) -> str:
    """Why none of these is the login in use, so that moving it would bring an old one back; ``""`` if one is."""
    if plain := _would_drop(way, current, key, ones):
        return f"config.json has another login for {clean(plain, 255)}; {_which('', plain)}"
    if way.source.is_file or leads(current, key)[1]:
        return ""
    serving = route.choose(current, key)
    found = serving.get(key)
    if found is None or any(is_same(found, one) for one in ones):
        return ""
    title = "the vault" if serving.name == route.VAULT else serving.name
    return f"{title} has another login for it, which is in use; {_which(way.target.store.name, key)}"


def _which(store: str, key: str) -> str:
    """What to do where there are two logins."""
    named = f"--store {clean(store, 64)} " if store else ""
    return f"say which is right: dockpass login {named}{clean(key, 255)}"


def _would_drop(way: Way, current: Document, key: str, ones: tuple[Credential | None, ...]) -> str:
    """The key in config.json under which a marker would take the place of another login; ``""`` if there is none."""
    marked = () if way.target.is_file else dict.fromkeys((key, way.goal(key)))
    for each in marked:
        plain = None if way.source.is_file and each == key else current.auth(each)
        if plain is not None and not any(is_same(plain, one) for one in ones):
            return each
    return ""


def _out_of_file(
    key: str, credential: Credential, way: Way, directory: str, waiting: Callable[[str], None] | None
) -> bool:
    """Take the login out of config.json and lead to where it is now, in one write; not if it is another one by then."""
    is_still = False

    def edit(current: Document) -> None:
        nonlocal is_still
        try:
            is_still = current.auth(key) == credential and not way.why_not(current, key)
            is_still = is_still and not _would_drop(way, current, key, (credential,))
        except ConfigMalformed:
            is_still = False
        if is_still:
            current.set_marker(key)
            way.lead(current, key)

    document.change(directory, edit, waiting=waiting)
    return is_still


def _out_of_store(
    key: str,
    credential: Credential,
    way: Way,
    directory: str,
    waiting: Callable[[str], None] | None,
    *,
    put: bool,
) -> bool:
    """Lead to where the login is now, and then erase it where it was; not if it is another one by then.

    Args:
        key: The key.
        credential: The login, which both stores have.
        way: From where to where.
        directory: The folder of config.json.
        waiting: Called with one line when something takes long.
        put: Whether we have put it into the new store; else it was there.

    """
    may = False

    def lead(current: Document) -> None:
        nonlocal may
        may = not _would_drop(way, current, key, (credential,)) and not way.why_not(current, key)
        if may:
            way.lead(current, key)

    def lead_back(current: Document) -> None:
        way.lead_back(current, key)

    document.change(directory, lead, waiting=waiting)
    if not may:
        return False
    source, target, goal = way.source.store, way.target.store, way.goal(key)
    try:
        is_erased = source.exchange(key, credential, None)
    except ReadOnlyStore:
        # It makes its logins anew each time, and this one would soon be out of date.
        document.change(directory, lead_back, waiting=waiting)
        if put:
            target.exchange(goal, credential, None)
        raise
    # Was it there from an earlier run, or are the two one place under two names?
    if is_erased and not put and target.get(goal) is None and document.read(directory).has_auth(goal):
        document.change(directory, lead_back, waiting=waiting)
        source.exchange(key, None, credential)
        raise NotMoved(
            f"{way.source.title} and {way.target.title} keep the login for {clean(key, 255)} in the same place; it "
            "stays there",
            "there is nothing to move",
        )
    return is_erased


def _not_given_back(way: Way, key: str) -> NotMoved:
    return NotMoved(
        f"{way.target.title} does not give back the login for {clean(key, 255)} as it was given, or "
        f"somebody logs in there at this moment; it stays in {way.source.title}",
        "dockpass vault status" if way.target.store.name == route.VAULT else "see what is there: dockpass list",
    )
