"""The credential manager of Windows as a store.

An entry is what ``docker-credential-wincred`` makes of it, so either reads what the other wrote: a generic credential
named as the server, kept on this machine, the secret in UTF-8, and the attribute ``label`` that says whose it is.

Where that helper has nothing for a server, it takes an entry of another port, path or scheme; here an entry answers for
its own name only. Entries without docker's label belong to other programs, and are neither read nor changed.

It has not been run on Windows yet, only on a stand-in that keeps its rules.

Reference: https://learn.microsoft.com/en-us/windows/win32/api/wincred/
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import BadCredential, BadServer, StoreError, StoreFailed
from dockpass.stores import protocol
from dockpass.stores.contract import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dockpass.credential import Credential
    from dockpass.stores.credential_manager import CredentialManager, Entry

LABEL = ("label", b"Docker Credentials")

_BLOB = 2560
_USERNAME = 512
_TARGET = 32766


class WincredStore(Store):
    """Credentials in the credential manager of this user.

    Args:
        environ: Not used: the credential manager is the user's, whatever the environment says.
        waiting: Not used: it asks nobody.
        manager: Its functions; ``None`` for those of this system, which are loaded when first needed.

    """

    name = "wincred"

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,  # noqa: ARG002 - our stores are all made by the same arguments
        waiting: Callable[[str], None] | None = None,  # noqa: ARG002 - likewise
        *,
        manager: CredentialManager | None = None,
    ) -> None:
        self._manager = manager

    def probe(self) -> str | None:
        """Whether this is Windows, in a session that has a credential manager."""
        try:
            self._read("dockpass")
        except StoreError as error:
            return error.message
        return None

    def get(self, server: str) -> Credential | None:
        """The credential kept for ``server``.

        Raises:
            StoreUnavailable: This is not Windows, or a session without a credential manager, as over ssh.
            StoreFailed: Windows said that it failed.

        """
        entry = self._read(server) if _can_be_named(server) else None
        if entry is None or entry.target != server or not _ours(entry):
            return None
        return protocol.credential(entry.username, entry.blob.decode("utf-8", "surrogateescape"))

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in place of every other user's for ``server``.

        Raises:
            BadServer, BadCredential: It cannot be kept so that docker's helper would find it, or is too long for
                Windows. Nothing is written.
            StoreError: As :meth:`get`; or another program has an entry of that name. What was kept is still kept.

        """
        from dockpass.stores.credential_manager import GENERIC, LOCAL_MACHINE, Entry

        username, secret = protocol.fit(server, credential)
        if not _can_be_named(server):
            raise BadServer("the server's name is too long for Windows' credential manager", "check the spelling")
        blob = secret.encode()
        if len(blob) > _BLOB:
            raise BadCredential(
                f"the secret has {len(blob)} bytes, and Windows' credential manager holds {_BLOB}",
                "use a shorter token, or keep it in the vault: dockpass login --store age SERVER",
            )
        if _length(username) > _USERNAME:
            raise BadCredential(
                f"the user name is longer than Windows' credential manager holds ({_USERNAME} characters)",
                "keep it in the vault: dockpass login --store age SERVER",
            )
        there = self._read(server)
        if there is not None and not _ours(there):
            raise StoreFailed(
                f"another program keeps something under the name {clean(server, 255)}",
                "see the Credential Manager (control /name Microsoft.CredentialManager), and remove it there if you "
                "do not need it; or: dockpass login --store age SERVER",
            )
        if there is not None and there.target != server:
            raise StoreFailed(
                f"Windows' credential manager has a login for {clean(there.target, 255)}, and takes both names for one",
                f"use that spelling, or first: dockpass logout {clean(there.target, 255)}",
            )
        self._ask("write", Entry(GENERIC, server, username, blob, LOCAL_MACHINE, attributes=(LABEL,)))

    def erase(self, server: str) -> bool:
        """Forget ``server``. Returns whether there was something.

        Raises:
            StoreError: As :meth:`get`.

        """
        entry = self._read(server) if _can_be_named(server) else None
        if entry is None or entry.target != server or not _ours(entry):
            return False
        return self._ask("delete", server) is not _NOTHING

    def list(self) -> dict[str, str]:
        """Every server with its user name. Windows hands out the secrets with them; they are dropped.

        Raises:
            StoreError: As :meth:`get`.

        """
        from dockpass.stores.credential_manager import GENERIC

        entries = self._ask("enumerate")
        if not isinstance(entries, list):
            return {}
        found = {
            entry.target: protocol.shown(entry.username) for entry in entries if entry.kind == GENERIC and _ours(entry)
        }
        return {server: found[server] for server in sorted(found)}

    def prepare(self) -> Iterator[None]:
        """Load what speaks to Windows."""
        import dockpass.stores.credential_manager  # noqa: F401 - to have it loaded

        yield

    def _read(self, server: str) -> Entry | None:
        from dockpass.stores.credential_manager import Entry

        entry = self._ask("read", server)
        return entry if isinstance(entry, Entry) else None

    def _ask(self, function: str, *arguments: object) -> object:
        """What a function of Windows answers; :data:`_NOTHING` where there is no such entry."""
        from dockpass.stores.credential_manager import NOT_FOUND, CredentialManager, Refusal

        if self._manager is None:
            self._manager = CredentialManager()
        try:
            return getattr(self._manager, function)(*arguments)
        except Refusal as refusal:
            if refusal.code == NOT_FOUND:
                return _NOTHING
            from dockpass.stores.credential_trouble import trouble

            raise trouble(refusal.code) from None


_NOTHING = object()


def _can_be_named(server: str) -> bool:
    return bool(protocol.question(server)) and _length(server) <= _TARGET


def _length(text: str) -> int:
    """How many characters Windows counts: those beyond the first 65536 are two."""
    return len(text.encode("utf-16-le")) // 2


def _ours(entry: Entry) -> bool:
    return LABEL in entry.attributes
