"""A store that config.json does not know of, beside config.json."""

from __future__ import annotations

from dockpass.stores.contract import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockpass.credential import Credential


class Beside(Store):
    """A store that was chosen from outside, where config.json names none, and the plain entries of config.json.

    What is new goes into the store. A login that is in config.json already is one all the same: docker uses it, so it
    is found and erased here too.

    Args:
        store: The store that was chosen.
        plain: The plain entries.

    """

    def __init__(self, store: Store, plain: Store) -> None:
        self.name = store.name
        self.plaintext = store.plaintext
        self._store = store
        self._plain = plain

    def probe(self) -> str | None:
        """As the store says."""
        return self._store.probe()

    def get(self, server: str) -> Credential | None:
        """What the store has, else what config.json has.

        Raises:
            StoreError, FileError: One of the two is broken.

        """
        return self._store.get(server) or self._plain.get(server)

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in the store.

        Raises:
            BadCredential, StoreError, FileError: As the store does.

        """
        self._store.put(server, credential)

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """Keep ``new`` in place of ``old``, where that is: docker would go on using what is in config.json.

        Raises:
            BadCredential, StoreError, FileError: As the store and config.json do.

        """
        in_file = self._store.get(server) is None and self._plain.get(server) is not None
        return (self._plain if in_file else self._store).exchange(server, old, new)

    def others(self, server: str) -> Sequence[str]:
        """As the store says."""
        return self._store.others(server)

    def check_open(self) -> None:
        """As the store does."""
        self._store.check_open()

    def prepare(self) -> Iterator[None]:
        """Load what the store needs."""
        return self._store.prepare()

    def erase(self, server: str) -> bool:
        """Erase it from both. Returns whether one of them had it.

        Raises:
            StoreError, FileError: It could not be erased.

        """
        erased = self._store.erase(server)
        return self._plain.erase(server) or erased

    def list(self) -> dict[str, str]:
        """What both have.

        Raises:
            StoreError, FileError: One of the two is broken.

        """
        kept = {**self._plain.list(), **self._store.list()}
        self.notes = [*self._plain.notes, *self._store.notes]
        return kept
