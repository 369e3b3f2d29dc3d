"""config.json itself as a store: plain text, as docker keeps logins where no helper is configured."""

from __future__ import annotations

from dockpass.config.document import change, prepare_change, read
from dockpass.errors import ConfigMalformed
from dockpass.stores.contract import Store
from dockpass.stores.lead import lead, leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockpass.config.document import Document
    from dockpass.credential import Credential


class FileStore(Store):
    """The ``auths`` of one config.json. Base64 is no protection: who can read the file has the secrets.

    Args:
        directory: The folder of config.json.
        leads: Whether ``put`` also makes config.json name itself for the server, where it names a helper.
        waiting: Called with one line while another process has the file's lock.

    """

    name = "file"
    plaintext = True

    def __init__(self, directory: str, *, leads: bool = False, waiting: Callable[[str], None] | None = None) -> None:
        self._directory = directory
        self._leads = leads
        self._waiting = waiting

    def get(self, server: str) -> Credential | None:
        """The credential in the entry for ``server``; ``None`` where there is no entry or an empty one.

        Raises:
            FileUnreadable: config.json is there but cannot be read.
            ConfigMalformed: It is not JSON, or this entry is broken. Other broken entries do not matter.

        """
        return read(self._directory).auth(server)

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in config.json. Nothing is written where that says it already.

        Raises:
            BadCredential: No registry could take it, or docker would read it as something else.
            FileError: It could not be written.

        """

        def edit(document: Document) -> None:
            document.set_auth(server, credential)
            # Somebody may have moved the logins into a helper since it was asked; this one is here, and is to be found.
            if self._leads or leads(document, server)[0]:
                lead(document, server, "")

        change(self._directory, edit, waiting=self._waiting)

    def prepare(self) -> Iterator[None]:
        """Load what writes config.json."""
        return prepare_change()

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """Keep ``new`` in place of ``old``, if that is still what is kept, in one step. Returns whether it was.

        Raises:
            BadCredential, FileError: As :meth:`put`.

        """
        done = False

        def edit(document: Document) -> None:
            nonlocal done
            done = document.auth(server) == old
            if done and new is not None:
                document.set_auth(server, new)
            elif done:
                document.remove_auth(server)

        change(self._directory, edit, waiting=self._waiting)
        return done

    def erase(self, server: str) -> bool:
        """Remove the entry for ``server``. Returns whether a credential was in it, or something that could not be read.

        Raises:
            FileError: It could not be removed.

        """
        there = False

        def edit(document: Document) -> None:
            nonlocal there
            there = there or _holds(document, server)
            document.remove_auth(server)

        change(self._directory, edit, waiting=self._waiting)
        return there

    def list(self) -> dict[str, str]:
        """Every server with a credential in config.json. Empty and broken entries are left out.

        Raises:
            FileUnreadable, ConfigMalformed: config.json cannot be read or understood.

        """
        document = read(self._directory)
        found = {}
        for server in document.auth_keys():
            try:
                credential = document.auth(server)
            except ConfigMalformed:
                continue  # the document's notes name it
            if credential is not None:
                found[server] = credential.username
        return found


def _holds(document: Document, server: str) -> bool:
    try:
        return document.auth(server) is not None
    except ConfigMalformed:
        return True
