"""The age vault as a store: one sealed file a credential, and no daemon, keyring or session needed."""

from __future__ import annotations

import os

from dockpass.stores.contract import Store
from dockpass.vault.home import Home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dockpass.credential import Credential
    from dockpass.vault.chosen import Version


class AgeStore(Store):
    """Credentials in the vault.

    Of several accounts on one server the one that was kept last is in use, and is what ``get`` and ``list`` give.

    Args:
        home: The vault's folder; by default the one of this user.
        environ: The environment; by default that of this process.
        waiting: Called with one line while another process has a lock.
        tell: Called with one line that an age plug-in has for a person.

    Attributes:
        notes: After ``list``: one line for each thing in the vault that is not as it should be.

    """

    name = "age"

    def __init__(
        self,
        home: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        waiting: Callable[[str], None] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._home = Home(home, environ=environ, waiting=waiting, tell=tell)
        self.notes: list[str] = []

    def get(self, server: str) -> Credential | None:
        """The credential in use for ``server``, or ``None``.

        Raises:
            VaultError: It is there, and cannot be opened: the message says why.
            FileUnreadable: Something on the way to it cannot be read.

        """
        from dockpass.vault.find import find

        found = find(self._home, server)
        return None if found is None else found.credential()

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential``, and make its account the one in use. Other accounts on ``server`` stay.

        Raises:
            BadCredential: No registry could take it, or the vault cannot hold it.
            VaultError: Nothing can be sealed now: the message says why.
            FileError: It could not be written.

        """
        from dockpass.vault.keep import put

        put(self._home, server, credential)

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """Keep ``new`` in place of ``old``, if that is still the login in use, in one step. Returns whether it was.

        Raises:
            BadCredential, VaultError, FileError: As :meth:`put`.

        """
        before = self.version(server)
        if self.get(server) != old:
            return False
        if new is not None:
            return self.put_over(server, new, before) is not None
        return old is None or self.erase_only(server, before)

    def others(self, server: str) -> Sequence[str]:
        """The user names of the accounts that are not in use, ``""`` for one that has none or too long a name.

        Raises:
            CredentialDamaged: It cannot be said which account is in use.
            FileUnreadable: Something on the way to them cannot be read.

        """
        from dockpass.vault.find import others

        return others(self._home, server)

    def version(self, server: str) -> Version | None:
        """Which login is in use for ``server``, to be compared only; ``None`` if there is none. Nothing is opened.

        Raises:
            CredentialDamaged: It cannot be said which one is.
            FileUnreadable: Something on the way to it cannot be read.

        """
        from dockpass.vault.find import version

        return version(self._home, server)

    def put_over(self, server: str, credential: Credential, before: Version | None) -> Version | None:
        """As :meth:`put`, but only if the login in use is still ``before``. Returns which is now; ``None`` if not.

        Raises:
            BadCredential, VaultError, FileError: As :meth:`put`.

        """
        from dockpass.vault.keep import put_over

        return put_over(self._home, server, credential, before)

    def erase_only(self, server: str, before: Version | None) -> bool:
        """As :meth:`erase`, but only if the login in use is still ``before``. Returns whether it was erased.

        Raises:
            CredentialDamaged, FileError: As :meth:`erase`; or it cannot be said which one is in use.

        """
        from dockpass.vault.forget import erase_only

        return erase_only(self._home, server, before)

    def check_open(self) -> None:
        """Whether the vault is open, if it is one that can be locked.

        Raises:
            VaultLocked: It is locked by a passphrase, and not unlocked.
            UnlockUnsafe: It is unlocked, and the opened key lies where it must not.
            FileUnreadable: It cannot be read.

        """
        from dockpass.vault.layout import LOCKED

        if os.path.lexists(os.path.join(self._home.path, LOCKED)):
            from dockpass.vault.identity import check_open

            check_open(self._home)

    def prepare(self) -> Iterator[None]:
        """Load what seals and writes."""
        from dockpass.vault.pick import pick

        pick(self._home.environ)
        yield
        from dockpass.vault import keep  # noqa: F401 - to have it loaded

    def erase(self, server: str) -> bool:
        """Forget every account on ``server``. Returns whether there was one.

        Raises:
            FileError: It could not be erased.

        """
        from dockpass.vault.forget import erase

        return erase(self._home, server)

    def list(self) -> dict[str, str]:
        """Every server, with the user name of the account in use: ``""`` for an identity token of nobody known.

        Raises:
            FileUnreadable: The vault cannot be read.

        """
        from dockpass.vault.listing import listing

        found = listing(self._home)
        self.notes = found.notes
        return {server: account.username for server, account in found.logins.items()}
