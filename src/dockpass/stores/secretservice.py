"""The desktop's keyring as a store: GNOME Keyring, KWallet, KeePassXC, whatever has the Secret Service's name.

An item is what ``docker-credential-secretservice`` makes of it, so either reads what the other wrote: the attributes
below, the secret as ``text/plain``, in the default keyring. The item's label, which docker's helper has written in two
ways, is only for people; the plain server is written, for old versions of it list by the label.

Where that helper leaves things to chance, this does not. It keeps an item for each user of a server and gives the one
that the service happens to list last; here ``put`` takes the place of every user's, and of several that others have
kept the one written last counts. It finds nothing in a locked keyring; here that is an error.

Reference: https://specifications.freedesktop.org/secret-service-spec/latest/
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import StoreError, StoreFailed
from dockpass.stores import protocol
from dockpass.stores.contract import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dockpass.credential import Credential
    from dockpass.stores.secret_service.keyring import Keyring

_SCHEMA = {"xdg:schema": "io.docker.Credentials", "docker_cli": "1"}
_LABEL = {"label": "Docker Credentials"}
_TRIES = 3
_PROBE = 2.0


class SecretServiceStore(Store):
    """Credentials in the keyring of this session.

    Args:
        environ: The environment, which says where the session's bus is; ``None`` for that of this process.
        waiting: Called with one line when somebody is asked for the keyring's password and takes longer than three
            seconds.
        time_limit: Seconds for each answer, and for that person; ``None`` means 30, and for the person 300 where there
            is a terminal.

    """

    name = "secretservice"

    def __init__(
        self,
        *,
        environ: Mapping[str, str] | None = None,
        waiting: Callable[[str], None] | None = None,
        time_limit: float | None = None,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._waiting = waiting
        self._time_limit = time_limit

    def probe(self) -> str | None:
        """Whether there is a session bus with a keyring service, running or to be started. Nothing is started."""
        from dockpass.stores.secret_service.bus import Bus

        try:
            with Bus.open(self._environ, _PROBE if self._time_limit is None else self._time_limit) as bus:
                return None if bus.has_service() else "no keyring service runs in this session"
        except StoreError as error:
            return error.message

    def get(self, server: str) -> Credential | None:
        """The credential kept for ``server``: of several the one that was written last. A locked keyring is unlocked.

        Raises:
            StoreUnavailable: There is no session bus, or no keyring service on it.
            StoreLocked: The keyring is locked, and nothing here can ask for its password, or somebody was asked and
                did not give it (:class:`~dockpass.errors.PromptDismissed`).
            StoreTimedOut: The service, or somebody who was asked, did not answer.
            StoreFailed: The service said that it failed, or makes no sense.

        """
        if not protocol.question(server):
            return None
        with self._open() as keyring:
            for _ in range(_TRIES):
                unlocked, locked = _find(keyring, server)
                if locked and not unlocked:
                    keyring.unlock(locked)
                items = unlocked or locked
                if not items:
                    return None
                attributes = keyring.attributes(items)
                secrets = keyring.secrets(items)
                for item in _newest_first(keyring, items):
                    if item in attributes and secrets.get(item):
                        username = attributes[item].get("username", "")
                        return protocol.credential(username, secrets[item].decode("utf-8", "surrogateescape"))
                if all(item in attributes and item in secrets for item in items):
                    return None  # entries without a secret
                # They were taken away or locked between two questions: another process has put something else there.
        raise StoreFailed(
            f"the keyring's entry for {clean(server, 255)} is there, and cannot be read",
            "see whether another program writes to it again and again, then try once more",
        )

    def others(self, server: str) -> Sequence[str]:
        """The users of all entries but the one that was written last.

        Raises:
            StoreError: As :meth:`get`.

        """
        if not protocol.question(server):
            return ()
        with self._open() as keyring:
            unlocked, locked = _find(keyring, server)
            attributes = keyring.attributes([*unlocked, *locked])
            older = _newest_first(keyring, list(attributes))[1:]
            return [protocol.shown(attributes[item].get("username", "")) for item in older]

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in the default keyring, in place of every other user's for ``server``.

        Raises:
            BadServer, BadCredential: It cannot be kept so that docker's helper would find it.
            StoreError: As :meth:`get`; or there is no default keyring, and none could be made. What was kept is still
                kept.

        """
        username, secret = protocol.fit(server, credential)
        with self._open() as keyring:
            collection = keyring.default() or keyring.create_default()
            keyring.unlock([collection])
            unlocked, locked = keyring.search(_query(server))
            if locked:
                keyring.unlock(locked)
            attributes = {**_SCHEMA, **_LABEL, "server": server, "username": username}
            kept = keyring.create(collection, server, attributes, secret.encode())
            try:
                for item in (*unlocked, *locked):
                    if item != kept:
                        keyring.delete(item)
            except StoreError as error:
                raise protocol.older_stays(server, error) from None

    def erase(self, server: str) -> bool:
        """Forget ``server``, every user's. Returns whether there was something.

        Raises:
            StoreError: As :meth:`get`.

        """
        if not protocol.question(server):
            return False
        with self._open() as keyring:
            unlocked, locked = _find(keyring, server)
            if locked:
                keyring.unlock(locked)
            deleted = [keyring.delete(item) for item in (*unlocked, *locked)]
        return True in deleted

    def list(self) -> dict[str, str]:
        """Every server with its user name. Reads no secret and asks nobody.

        Raises:
            StoreLocked: The keyring is locked, and does not tell what is in it.
            StoreError: As :meth:`get`.

        """
        with self._open() as keyring:
            unlocked, locked = keyring.search(_SCHEMA)
            items = [*unlocked, *locked]
            collection = keyring.default()
            inside = any(item.startswith(f"{collection}/") for item in items)
            if collection and not inside and keyring.is_locked(collection):
                from dockpass.stores.secret_service.trouble import listing_locked

                raise listing_locked()
            attributes = {item: kept for item, kept in keyring.attributes(items).items() if "server" in kept}
            several = len({kept["server"] for kept in attributes.values()}) < len(attributes)
            ordered = _newest_first(keyring, list(attributes)) if several else attributes
            found: dict[str, str] = {}
            for item in ordered:
                found.setdefault(attributes[item]["server"], protocol.shown(attributes[item].get("username", "")))
        return {server: found[server] for server in sorted(found)}

    def prepare(self) -> Iterator[None]:
        """Load what speaks to the keyring."""
        import dockpass.stores.secret_service.keyring  # noqa: F401 - to have it loaded

        yield

    def _open(self) -> Keyring:
        from dockpass.stores.secret_service.keyring import Keyring

        return Keyring(self._environ, self._waiting, self._time_limit)


def _query(server: str) -> dict[str, str]:
    return {**_SCHEMA, "server": server}


def _find(keyring: Keyring, server: str) -> tuple[list[str], list[str]]:
    """The items for ``server``, unlocked and locked. A locked keyring that may hide them is unlocked first.

    GNOME Keyring finds nothing in a keyring that was never unlocked since it runs: what one could search by is
    encrypted too.
    """
    unlocked, locked = keyring.search(_query(server))
    if not unlocked and not locked:
        collection = keyring.default()
        if collection and keyring.is_locked(collection):
            keyring.unlock([collection])
            return keyring.search(_query(server))
    return unlocked, locked


def _newest_first(keyring: Keyring, items: list[str]) -> list[str]:
    """``items`` by when they were written. Of two in the same second the one that is listed last comes first, as with
    docker's helper.
    """
    if len(items) < 2:
        return items
    times = keyring.times(items)
    return sorted(items, key=lambda item: times.get(item, 0))[::-1]
