"""A login in the vault, and the routes in config.json by which docker and podman come to it."""

from __future__ import annotations

from dockpass.config.document import change, prepare_change
from dockpass.stores.contract import Store
from dockpass.stores.lead import lead_to_vault, leave_vault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dockpass.config.document import Document
    from dockpass.credential import Credential


class Vaulted(Store):
    """The vault, with its routes and docker's marks in config.json.

    A route to a program that is not there would break every pull from its registry, even one that needs no login. So
    none is written then, and what lies in config.json stays: the login is kept, but only dockpass finds it.

    Args:
        store: The vault.
        directory: The folder of config.json.
        routes: Whether routes may be written: our helper is on PATH.
        for_all: Whether config.json may name it for all registries.
        waiting: Called with one line while another process has the lock of config.json.

    """

    def __init__(
        self,
        store: Store,
        directory: str,
        *,
        routes: bool,
        for_all: bool = False,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        self.name = store.name
        self.plaintext = store.plaintext
        self._store = store
        self._directory = directory
        self._routes = routes
        self._for_all = for_all
        self._waiting = waiting

    def probe(self) -> str | None:
        """As the store says."""
        return self._store.probe()

    def get(self, server: str) -> Credential | None:
        """What the vault has. Raises as the vault does."""
        return self._store.get(server)

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in the vault, then write the routes. An old secret for ``server`` in config.json goes.

        Raises:
            BadCredential, StoreError, FileError: The vault did not keep it. config.json is as it was.
            FileError: The vault has it, but config.json could not be written, so that docker does not find it.

        """
        self._store.put(server, credential)
        self._lead(server)

    def check_open(self) -> None:
        """As the vault does."""
        self._store.check_open()

    def prepare(self) -> Iterator[None]:
        """Load what the vault needs, and what writes config.json."""
        yield from prepare_change()
        yield
        yield from self._store.prepare()

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """As the vault does. config.json follows where a login comes or goes.

        Raises:
            BadCredential, StoreError, FileError: As :meth:`put` and :meth:`erase`.

        """
        if not self._store.exchange(server, old, new):
            return False
        if old is None and new is not None:
            self._lead(server)
        elif old is not None and new is None:
            self._leave(server)
        return True

    def others(self, server: str) -> Sequence[str]:
        """As the vault says."""
        return self._store.others(server)

    def erase(self, server: str) -> bool:
        """Erase it from the vault, then take the routes and the mark from config.json, and a secret that lies there.

        Returns:
            Whether either had one.

        Raises:
            StoreError, FileError: It could not be erased everywhere.

        """
        erased = self._store.erase(server)
        return self._leave(server) or erased

    def list(self) -> dict[str, str]:
        """What the vault has. Raises as the vault does."""
        kept = self._store.list()
        self.notes = self._store.notes
        return kept

    def _lead(self, server: str) -> None:
        """Have config.json lead here, if routes may be written."""

        def edit(document: Document) -> None:
            document.set_marker(server)
            lead_to_vault(document, server, for_all=self._for_all)

        if self._routes:
            change(self._directory, edit, waiting=self._waiting)

    def _leave(self, server: str) -> bool:
        """Have config.json lead here no more, and hold nothing for the server. Returns whether it held a secret."""
        held = False

        def edit(document: Document) -> None:
            nonlocal held
            held = held or document.holds(server)
            document.remove_auth(server)
            leave_vault(document, server)

        change(self._directory, edit, waiting=self._waiting)
        return held
