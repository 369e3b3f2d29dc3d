"""A helper's credential, and docker's mark in config.json that there is one.

Beside what a helper keeps, docker has an entry without a secret in ``auths``, where other programs look for which
registries there are. The order is docker's too: first the helper, then config.json, so that config.json never promises
what the helper does not have; and a password that lay there in plain text goes when a helper has it.
"""

from __future__ import annotations

from dockpass.config.document import change, prepare_change
from dockpass.errors import ReadOnlyStore
from dockpass.stores.contract import Store
from dockpass.stores.file import FileStore
from dockpass.stores.lead import lead, leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dockpass.config.document import Document
    from dockpass.credential import Credential


class Marked(Store):
    """A store outside config.json, with its marks in it.

    Args:
        store: The store that has the credentials. Its name is what docker would call its helper.
        directory: The folder of config.json.
        leads: Whether ``put`` also makes config.json name ``store`` for the server.
        waiting: Called with one line while another process has the lock of config.json.

    """

    def __init__(
        self, store: Store, directory: str, *, leads: bool = False, waiting: Callable[[str], None] | None = None
    ) -> None:
        self.name = store.name
        self.plaintext = store.plaintext
        self._store = store
        self._directory = directory
        self._leads = leads
        self._waiting = waiting

    def probe(self) -> str | None:
        """As the store says."""
        return self._store.probe()

    def get(self, server: str) -> Credential | None:
        """What the store has. A plain entry in config.json is never used: docker would not use it either.

        Raises:
            StoreError: The store is broken.

        """
        return self._store.get(server)

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in the store, then leave the mark. An old secret for ``server`` in config.json goes.

        Raises:
            BadCredential, StoreError: The store did not keep it. config.json is as it was.
            FileError: The store has it, but config.json could not be written, so that docker may not ask the store.

        """
        self._store.put(server, credential)
        self._mark(server)

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """As the store does. The mark in config.json comes and goes with the login.

        Raises:
            BadCredential, StoreError, FileError: As :meth:`put` and :meth:`erase`.

        """
        if not self._store.exchange(server, old, new):
            return False
        if old is None and new is not None:
            self._mark(server)
        elif old is not None and new is None:
            FileStore(self._directory, waiting=self._waiting).erase(server)
        return True

    def others(self, server: str) -> Sequence[str]:
        """As the store says."""
        return self._store.others(server)

    def prepare(self) -> Iterator[None]:
        """Load what the store needs, and what writes config.json."""
        yield from prepare_change()
        yield
        yield from self._store.prepare()

    def erase(self, server: str) -> bool:
        """Erase it from the store, then from config.json: the mark, or a secret that lies there.

        Returns:
            Whether either had one.

        Raises:
            ReadOnlyStore: The store keeps nothing, so it has nothing to erase. config.json holds nothing any more.
            StoreError: The store could not erase it. config.json is as it was.
            FileError: The store has erased it, but config.json could not be written.

        """
        plain = FileStore(self._directory, waiting=self._waiting)
        try:
            erased = self._store.erase(server)
        except ReadOnlyStore:
            plain.erase(server)
            raise
        return plain.erase(server) or erased

    def list(self) -> dict[str, str]:
        """What the store has.

        Raises:
            StoreError: The store is broken.

        """
        kept = self._store.list()
        self.notes = self._store.notes
        return kept

    def _mark(self, server: str) -> None:
        """Leave the mark, and have config.json lead here: always if it is to, and else where it does no more.

        Somebody may have moved the logins elsewhere since it was asked; this one is here, and is to be found.
        """

        def edit(document: Document) -> None:
            document.set_marker(server)
            if self._leads or leads(document, server)[0] != self.name:
                lead(document, server, self.name)

        change(self._directory, edit, waiting=self._waiting)
