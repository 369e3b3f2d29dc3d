"""A helper's credential, and docker's mark in config.json that there is one.

Beside what a helper keeps, docker has an entry without a secret in ``auths``, where other programs look for which
registries there are. The order is docker's too: first the helper, then config.json, so that config.json never promises
what the helper does not have; and a password that lay there in plain text goes when a helper has it.
"""

from __future__ import annotations

from dockpass.config.document import change, prepare_change
from dockpass.errors import ReadOnlyStore
from dockpass.stores.contract import Around
from dockpass.stores.file import FileStore
from dockpass.stores.lead import lead, leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockpass.config.document import Document
    from dockpass.stores.contract import Store


class Marked(Around):
    """A store outside config.json, with its marks in it.

    ``get`` gives what the store has. A plain entry in config.json is never used: docker would not use it either. An old
    secret there for a server goes when the store keeps one. Where :class:`~dockpass.errors.FileError` is raised, the
    store has done its part, but config.json could not be written, so that docker may not ask the store.

    Args:
        store: The store that has the credentials. Its name is what docker would call its helper.
        directory: The folder of config.json.
        leads: Whether ``put`` also makes config.json name ``store`` for the server.
        waiting: Called with one line while another process has the lock of config.json.

    """

    def __init__(
        self, store: Store, directory: str, *, leads: bool = False, waiting: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(store)
        self._directory = directory
        self._leads = leads
        self._waiting = waiting

    def prepare(self) -> Iterator[None]:
        """Load what the store needs, and what writes config.json."""
        yield from prepare_change()
        yield
        yield from super().prepare()

    def erase(self, server: str) -> bool:
        """Erase it from the store, then from config.json: the mark, or a secret that lies there.

        Returns:
            Whether either had one.

        Raises:
            ReadOnlyStore: The store keeps nothing, so it has nothing to erase. config.json holds nothing any more.
            StoreError: The store could not erase it. config.json is as it was.
            FileError: The store has erased it, but config.json could not be written.

        """
        try:
            return super().erase(server)
        except ReadOnlyStore:
            self._went(server)
            raise

    def _came(self, server: str) -> None:
        """Leave the mark, and have config.json lead here: always if it is to, and else where it does no more.

        Somebody may have moved the logins elsewhere since it was asked; this one is here, and is to be found.
        """

        def edit(document: Document) -> None:
            document.set_marker(server)
            if self._leads or leads(document, server)[0] != self.name:
                lead(document, server, self.name)

        change(self._directory, edit, waiting=self._waiting)

    def _went(self, server: str) -> bool:
        """Take the mark, or a secret, out of config.json. Returns whether it held a secret."""
        return FileStore(self._directory, waiting=self._waiting).erase(server)
