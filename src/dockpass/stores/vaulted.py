"""A login in the vault, and the routes in config.json by which docker and podman come to it."""

from __future__ import annotations

from dockpass.config.document import change, prepare_change
from dockpass.stores.contract import Around
from dockpass.stores.lead import lead_to_vault, leave_vault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockpass.config.document import Document
    from dockpass.stores.contract import Store


class Vaulted(Around):
    """The vault, with its routes and docker's marks in config.json.

    A route to a program that is not there would break every pull from its registry, even one that needs no login. So
    none is written then, and what lies in config.json stays: the login is kept, but only dockpass finds it. Else an old
    secret there for a server goes when the vault keeps one. Where :class:`~dockpass.errors.FileError` is raised for
    config.json, the vault has done its part, but config.json could not be written, so that docker does not find it.

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
        super().__init__(store)
        self._directory = directory
        self._routes = routes
        self._for_all = for_all
        self._waiting = waiting

    def prepare(self) -> Iterator[None]:
        """Load what the vault needs, and what writes config.json."""
        yield from prepare_change()
        yield
        yield from super().prepare()

    def _came(self, server: str) -> None:
        """Have config.json lead here, if routes may be written."""

        def edit(document: Document) -> None:
            document.set_marker(server)
            lead_to_vault(document, server, for_all=self._for_all)

        if self._routes:
            change(self._directory, edit, waiting=self._waiting)

    def _went(self, server: str) -> bool:
        """Have config.json lead here no more, and hold nothing for the server. Returns whether it held a secret."""
        held = False

        def edit(document: Document) -> None:
            nonlocal held
            held = held or document.holds(server)
            document.remove_auth(server)
            leave_vault(document, server)

        change(self._directory, edit, waiting=self._waiting)
        return held
