"""A store that config.json does not know of, beside config.json."""

from __future__ import annotations

from dockpass.stores.contract import Around

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.credential import Credential
    from dockpass.stores.contract import Store


class Beside(Around):
    """A store that was chosen from outside, where config.json names none, and the plain entries of config.json.

    What is new goes into the store. A login that is in config.json already is one all the same: docker uses it, so it
    is found and erased here too.

    Args:
        store: The store that was chosen.
        plain: The plain entries.

    """

    def __init__(self, store: Store, plain: Store) -> None:
        super().__init__(store)
        self._plain = plain

    def get(self, server: str) -> Credential | None:
        """What the store has, else what config.json has.

        Raises:
            StoreError, FileError: One of the two is broken.

        """
        return self._store.get(server) or self._plain.get(server)

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """Keep ``new`` in place of ``old``, where that is: docker would go on using what is in config.json.

        Raises:
            BadCredential, StoreError, FileError: As the store and config.json do.

        """
        in_file = self._store.get(server) is None and self._plain.get(server) is not None
        return (self._plain if in_file else self._store).exchange(server, old, new)

    def list(self) -> dict[str, str]:
        """What both have.

        Raises:
            StoreError, FileError: One of the two is broken.

        """
        kept = {**self._plain.list(), **self._store.list()}
        self.notes = [*self._plain.notes, *self._store.notes]
        return kept

    def _went(self, server: str) -> bool:
        """Erase it from config.json, too."""
        return self._plain.erase(server)
