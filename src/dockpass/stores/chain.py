"""Several stores, the first of which that can be used here takes what is new.

One setting may then serve a desktop and what is reached by ssh: ``DOCKPASS_STORE=secretservice,age``. Whether a store
can be used is asked once, when the chain is made, and means only whether there is what it needs: a bus, a service, a
program. One that is there and locked, or that fails, is used, and its error is the chain's: to go on to the next then
would give an old login for a new one, or write a second one beside the first.
"""

from __future__ import annotations

from dockpass.errors import DockpassError, HelperMissing, HelperNotExecutable, StoreUnavailable
from dockpass.stores.contract import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockpass.credential import Credential
    from dockpass.stores.route import Stores


class ChainStore(Store):
    """Stores in an order. Its name is that of the first, where what is new goes.

    Args:
        stores: At least one. All of them can be used.

    """

    def __init__(self, stores: Sequence[Store]) -> None:
        self.name = stores[0].name
        self.plaintext = stores[0].plaintext
        self._stores = stores

    def get(self, server: str) -> Credential | None:
        """What the first store has that has something.

        Raises:
            StoreError, FileError: One that was asked before something was found is broken.

        """
        for store in self._stores:
            found = store.get(server)
            if found is not None:
                return found
        return None

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in the first store. What the others have stays; it is not found any more.

        Raises:
            BadCredential, StoreError, FileError: As the first store does.

        """
        self._stores[0].put(server, credential)

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """Keep ``new`` in place of ``old`` where that is found; in the first store where nothing is.

        Raises:
            BadCredential, StoreError, FileError: As the stores do.

        """
        for store in self._stores:
            if store.get(server) is not None:
                return store.exchange(server, old, new)
        return self._stores[0].exchange(server, old, new)

    def others(self, server: str) -> Sequence[str]:
        """As the store says that the login is found in."""
        for store in self._stores:
            if store.get(server) is not None:
                return store.others(server)
        return ()

    def check_open(self) -> None:
        """As the first store does."""
        self._stores[0].check_open()

    def prepare(self) -> Iterator[None]:
        """Load what the first store needs."""
        return self._stores[0].prepare()

    def erase(self, server: str) -> bool:
        """Erase it from all. Where one of them fails, the others have erased it all the same.

        Returns:
            Whether one of them had it.

        Raises:
            StoreError, FileError: The first error, of those that could not erase it.

        """
        erased = False
        errors = []
        for store in self._stores:
            try:
                erased = store.erase(server) or erased
            except DockpassError as error:
                errors.append(error)
        if errors:
            raise errors[0]
        return erased

    def list(self) -> dict[str, str]:
        """What all of them have; of what several have, that which is found.

        Raises:
            StoreError, FileError: One of them is broken.

        """
        found: dict[str, str] = {}
        self.notes = []
        for store in self._stores:
            found = {**store.list(), **found}
            self.notes += store.notes
        return found


def usable(stores: Stores, names: str, source: str) -> list[Store]:
    """Those of the stores called ``names`` that can be used here.

    Args:
        stores: What makes them.
        names: Their names, with commas between them.
        source: What names them, for messages.

    Raises:
        UnknownStore: One of the names can be no store's.
        StoreUnavailable: None of them can be used here.

    """
    found, reasons = _tried(stores, names, source)
    if not found:
        raise StoreUnavailable(
            f"none of the stores that {source} names can be used here: {'; '.join(reasons)}",
            "name one more, which works everywhere: age",
        )
    return found


def passed_over(stores: Stores, names: str, source: str) -> list[str]:
    """Those of the stores called ``names`` that cannot be used here, each with the reason. For the rest see
    :func:`usable`.
    """
    return _tried(stores, names, source)[1]


def _tried(stores: Stores, names: str, source: str) -> tuple[list[Store], list[str]]:
    found: list[Store] = []
    reasons = []
    for name in dict.fromkeys(part.strip() for part in names.split(",")):
        try:
            store = stores.named(name, source)
            reason = store.probe()
        except (HelperMissing, HelperNotExecutable) as error:
            reason = error.message
        if reason is None:
            found.append(store)
        else:
            reasons.append(f"{name}: {reason}")
    return found, reasons
