"""What a store of credentials is, and what one around another is.

Three outcomes, never two: a value; ``None``, which means "not mine"; an exception, which means "mine, but broken". A
broken store is never taken for "no credentials": that is how other tools come to send a login somewhere else, or to
say that a logout worked.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockpass.credential import Credential


class Store:
    """A place where credentials rest. Every store is one small class with these methods.

    ``server`` is always a key as docker writes it, verbatim: ``reg.example.com:5000``,
    ``https://index.docker.io/v1/``. A store compares it byte by byte; which other spellings mean the same registry is
    decided above it (:class:`dockpass.server.Server`).

    ``name`` is what ``--store`` takes and ``list`` shows. ``plaintext`` says whether the secrets lie there readable by
    whoever can read the file.
    """

    name: str
    plaintext: bool = False
    notes: Sequence[str] = ()
    """After :meth:`list`: one line for each thing in the store that is not as it should be."""

    def probe(self) -> str | None:
        """Why this store cannot be used here, in a few words: no bus, no service, no program; ``None`` where it can.

        Asks nobody, reads no secret and takes milliseconds, seconds at most. A store that is locked, or that is there
        and will fail, can be used: its own errors say what is wrong.
        """
        return None

    def get(self, server: str) -> Credential | None:
        """The credential kept for ``server``, or ``None`` where there is none.

        Raises:
            StoreError, FileError: The store is broken; it is not known whether there is one.

        """
        raise NotImplementedError

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` for ``server``, in place of what was kept for it. When this returns, it is kept.

        Raises:
            BadCredential: This store cannot hold such a credential. What was there is still there.
            StoreError, FileError: It could not be kept. What was there is still there.

        """
        raise NotImplementedError

    def check_open(self) -> None:
        """To be asked before somebody types a password for :meth:`put`: whether that would fail because of a lock.

        Asks nobody, and costs next to nothing where the store is open. A store that cannot tell says nothing.

        Raises:
            StoreError, FileError: :meth:`put` would raise the same.

        """
        return

    def prepare(self) -> Iterator[None]:
        """Load what :meth:`put` will need, while there is time. Reads and writes nothing of the user's.

        Whatever it raises, :meth:`put` will find and say too.

        Yields:
            After each step of about a millisecond.

        """
        return iter(())

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """Keep ``new`` in place of ``old``, if that is still what is kept. Returns whether it was.

        ``None`` stands for nothing: what ``get`` gives, or will give. So a login can be kept only where there is none,
        and erased only if it is the one that was looked at. A store that can do so looks and acts in one step. This one
        looks first, and somebody may come between.

        Raises:
            BadCredential, StoreError, FileError: As :meth:`get`, :meth:`put` and :meth:`erase`.

        """
        if self.get(server) != old:
            return False
        if new is not None:
            self.put(server, new)
        elif old is not None:
            self.erase(server)
        return True

    def others(self, server: str) -> Sequence[str]:  # noqa: ARG002 - most stores keep one
        """Whose logins for ``server`` are kept beside the one that :meth:`get` gives, and go with it when it is erased.

        Raises:
            StoreError, FileError: The store is broken.

        """
        return ()

    def erase(self, server: str) -> bool:
        """Forget ``server``. Returns whether there was something to forget; nothing there is no error.

        Raises:
            StoreError, FileError: It could not be erased.

        """
        raise NotImplementedError

    def list(self) -> dict[str, str]:
        """Every server that a credential is kept for, with its user name. Reads no secret where the store allows that.

        Raises:
            StoreError, FileError: The store is broken.

        """
        raise NotImplementedError


class Around(Store):
    """A store around another one: as that one, and with something beside it that comes and goes with a login.

    Args:
        store: The one inside.

    """

    def __init__(self, store: Store) -> None:
        self.name = store.name
        self.plaintext = store.plaintext
        self._store = store

    def probe(self) -> str | None:
        """As the store inside says."""
        return self._store.probe()

    def get(self, server: str) -> Credential | None:
        """What the store inside has. Raises as that does."""
        return self._store.get(server)

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in the store inside, then what comes with it.

        Raises:
            BadCredential, StoreError, FileError: The store did not keep it; or what comes with it is not there.

        """
        self._store.put(server, credential)
        self._came(server)

    def check_open(self) -> None:
        """As the store inside does."""
        self._store.check_open()

    def prepare(self) -> Iterator[None]:
        """Load what the store inside needs."""
        return self._store.prepare()

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """As the store inside does. What is beside it follows where a login comes or goes.

        Raises:
            BadCredential, StoreError, FileError: As :meth:`put` and :meth:`erase`.

        """
        if not self._store.exchange(server, old, new):
            return False
        if old is None and new is not None:
            self._came(server)
        elif old is not None and new is None:
            self._went(server)
        return True

    def others(self, server: str) -> Sequence[str]:
        """As the store inside says."""
        return self._store.others(server)

    def erase(self, server: str) -> bool:
        """Erase it from the store inside, then what came with it. Returns whether either had something.

        Raises:
            StoreError, FileError: It could not be erased everywhere.

        """
        erased = self._store.erase(server)
        return self._went(server) or erased

    def list(self) -> dict[str, str]:
        """What the store inside has. Raises as that does."""
        kept = self._store.list()
        self.notes = self._store.notes
        return kept

    def _came(self, server: str) -> None:
        """The store has a login now that it did not have, or another one."""

    def _went(self, server: str) -> bool:
        """It has none any more. Returns whether one was beside it."""
        raise NotImplementedError
