"""What one does with a keyring: search, unlock, read, create and delete items.

Reference: https://specifications.freedesktop.org/secret-service-spec/latest/org.freedesktop.Secret.Service.html
"""

from __future__ import annotations

from dockpass.errors import StoreFailed
from dockpass.stores.secret_service import trouble
from dockpass.stores.secret_service.bus import SERVICE, Bus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Self

_PATH = "/org/freedesktop/secrets"
_INTERFACE = "org.freedesktop.Secret.Service"
_COLLECTION = "org.freedesktop.Secret.Collection"
_ITEM = "org.freedesktop.Secret.Item"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_DEFAULT = "default"
_AT_ONCE = 100
_SECONDS = 30.0
_NOBODY = "/"  # in place of a prompt's path


class Keyring:
    """The keyring service of a session. To be used in a ``with``. Objects in it are known by their paths.

    Args:
        environ: The environment, which says where the bus is.
        waiting: Called with one line where somebody has to be waited for.
        time_limit: Seconds for each answer and each question; ``None`` for what is usual.

    Raises:
        StoreUnavailable, StoreTimedOut: There is no bus or no service on it, or one of them is silent.

    """

    def __init__(
        self, environ: Mapping[str, str], waiting: Callable[[str], None] | None, time_limit: float | None
    ) -> None:
        self._bus = Bus.open(environ, _SECONDS if time_limit is None else time_limit)
        self._waiting = waiting
        self._time_limit = time_limit
        try:
            self._default = self._introduce()
        except BaseException:
            self._bus.close()
            raise
        self._opening = self._bus.send(SERVICE, _PATH, _INTERFACE, "OpenSession", "sv", "plain", ("s", ""))
        self._opened = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bus.close()

    def search(self, attributes: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """The items that have all of ``attributes``: those that are unlocked, and those that are locked."""
        answer = self._service("SearchItems", "a{ss}", dict(attributes), expected="aoao")
        return list(answer[0]), list(answer[1])

    def default(self) -> str:
        """The collection that new items go to; ``""`` if there is none."""
        return self._default or self._read_default()

    def is_locked(self, collection: str) -> bool:
        """Whether a collection is locked."""
        found = self.properties([collection], _COLLECTION, "Locked", "b")
        return bool(found.get(collection, False))

    def attributes(self, items: Iterable[str]) -> dict[str, dict[str, str]]:
        """The attributes of each of ``items`` that is still there."""
        return self.properties(items, _ITEM, "Attributes", "a{ss}")

    def times(self, items: Iterable[str]) -> dict[str, int]:
        """When each of ``items`` was last written, in seconds of the system's clock."""
        return self.properties(items, _ITEM, "Modified", "t")

    def properties(self, paths: Iterable[str], interface: str, name: str, kind: str) -> dict[str, Any]:
        """One property of many objects; of those only that are there."""
        found: dict[str, Any] = {}
        waiting = list(paths)
        while waiting:
            batch, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
            numbers = [
                (path, self._bus.send(SERVICE, path, _PROPERTIES, "Get", "ss", interface, name)) for path in batch
            ]
            for path, number in numbers:
                try:
                    ((got, value),) = self._bus.answer(number, "v")
                except trouble.NoSuchObject:
                    continue
                if got != kind:
                    raise trouble.failed(f"it gives {name} as something else than the specification wants")
                found[path] = value
        return found

    def secrets(self, items: list[str]) -> dict[str, bytes]:
        """The secret of each of ``items`` that is there and unlocked."""
        (found,) = self._service("GetSecrets", "aoo", items, self._session(), expected="a{o(oayays)}")
        return {path: bytes(secret[2]) for path, secret in found.items()}

    def unlock(self, paths: list[str]) -> None:
        """Unlock items and collections; those that are not locked stay so. May ask a person.

        Raises:
            StoreLocked: Nothing here can ask.
            PromptDismissed: Somebody was asked, and did not want to.
            StoreTimedOut: Somebody was asked, and did not answer.

        """
        unlocked, question = self._service("Unlock", "ao", paths, expected="aoo")
        if question == _NOBODY:
            if set(paths) - set(unlocked):
                raise trouble.locked()
            return
        if self._ask(question) is None:
            raise trouble.dismissed() if self._can_ask() else trouble.locked()

    def create_default(self) -> str:
        """Have a default collection made; a person is asked for a password for it. Returns its path.

        Raises:
            StoreUnavailable: Nothing here can ask.
            PromptDismissed, StoreTimedOut: As :meth:`unlock`.

        """
        properties = {f"{_COLLECTION}.Label": ("s", "Default keyring")}
        path, question = self._service("CreateCollection", "a{sv}s", properties, _DEFAULT, expected="oo")
        if question != _NOBODY:
            path = self._ask(question)
            if path is None:
                raise trouble.dismissed() if self._can_ask() else trouble.no_collection()
        if not isinstance(path, str) or path == _NOBODY:
            raise trouble.no_collection()
        return path

    def create(self, collection: str, label: str, attributes: Mapping[str, str], secret: bytes) -> str:
        """Keep an item, in place of the one that has the same attributes. Returns its path."""
        properties = {f"{_ITEM}.Label": ("s", label), f"{_ITEM}.Attributes": ("a{ss}", dict(attributes))}
        value = (self._session(), b"", secret, "text/plain")
        try:
            path, question = self._bus.call(
                SERVICE,
                collection,
                _COLLECTION,
                "CreateItem",
                "a{sv}(oayays)b",
                properties,
                value,
                True,
                expected="oo",
            )
        except trouble.NoSuchObject:
            raise trouble.no_collection() from None
        if question != _NOBODY:
            path = self._ask(question)
            if path is None:
                raise trouble.dismissed() if self._can_ask() else trouble.locked()
        return str(path)

    def delete(self, item: str) -> bool:
        """Delete an item. Returns whether it was there."""
        try:
            (question,) = self._bus.call(SERVICE, item, _ITEM, "Delete", expected="o")
        except trouble.NoSuchObject:
            return False
        if question != _NOBODY and self._ask(question) is None:
            raise trouble.dismissed() if self._can_ask() else trouble.locked()
        return True

    def _introduce(self) -> str:
        """Wait for the answer to a first call that does no harm. Returns the default collection, ``""`` if not known.

        GNOME Keyring notes who calls it beside the call, and now and then it serves the first one before: to such a
        stranger it says that there is nothing, and if it is to open a session it aborts, with all that was unlocked.

        Reference: https://github.com/basecamp/hey-cli/issues/352
        """
        try:
            return self._read_default()
        except StoreFailed:
            return ""  # whoever needs it asks again

    def _read_default(self) -> str:
        (path,) = self._service("ReadAlias", "s", _DEFAULT, expected="o")
        return "" if path == _NOBODY else str(path)

    def _ask(self, question: str) -> Any | None:
        from dockpass.stores.secret_service.prompt import ask

        return ask(self._bus, question, self._waiting, self._time_limit)

    def _can_ask(self) -> bool:
        from dockpass.stores.secret_service.prompt import can_ask

        return can_ask(self._bus)

    def _session(self) -> str:
        if not self._opened:
            self._opened = self._answer(self._opening, "vo")[1]
        return self._opened

    def _service(self, member: str, signature: str, *body: Any, expected: str) -> tuple[Any, ...]:
        return self._answer(self._bus.send(SERVICE, _PATH, _INTERFACE, member, signature, *body), expected)

    def _answer(self, number: int, expected: str) -> tuple[Any, ...]:
        try:
            return self._bus.answer(number, expected)
        except trouble.NoSuchObject:
            raise trouble.failed("what has its name on the bus is no keyring service") from None
