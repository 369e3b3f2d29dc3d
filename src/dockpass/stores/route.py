"""Which store serves which server.

config.json decides, as it does for docker. Where it names none, ``DOCKPASS_STORE`` does, and where that is not set the
login goes into the vault. Nothing is detected: docker picks a helper by what happens to be on PATH, and so a
machine's logins move when somebody installs a package.
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import HelperMissing, UnknownStore
from dockpass.stores.contract import Store
from dockpass.stores.file import FileStore
from dockpass.stores.lead import OWN, leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import NoReturn

    from dockpass.config.document import Document
    from dockpass.credential import Credential
    from dockpass.stores.age import AgeStore
    from dockpass.stores.program import ProgramStore

VAULT = "age"
"""The name of the vault's store; config.json names it by its helper, ``dockpass``."""

DEFAULT = VAULT
"""The store where nobody names one."""

VARIABLE = "DOCKPASS_STORE"
"""The environment variable that names the store where config.json names none."""


def choose(
    document: Document,
    server: str,
    *,
    store: str | None = None,
    environ: Mapping[str, str] | None = None,
    withhold: Iterable[str] = (),
    waiting: Callable[[str], None] | None = None,
) -> Store:
    """The store that serves ``server``; its ``put`` and ``erase`` keep config.json in step.

    Args:
        document: config.json.
        server: The key.
        store: ``--store``: ``age``, ``file``, ``memory`` or the suffix of a helper, instead of what config.json says.
            ``put`` makes config.json say so then.
        environ: The environment; ``None`` for that of this process.
        withhold: Variables to keep from helper programs.
        waiting: Called with one line where a helper, or the lock of config.json, takes long.

    Raises:
        UnknownStore: What is named cannot be a store. Nothing is run.
        HelperMissing, HelperNotExecutable: The helper that is named is not there. So it is known before a password is
            asked for.

    """
    stores = _Stores(document, os.environ if environ is None else environ, withhold, waiting)
    helper, member = leads(document, server)
    if store in (VAULT, OWN) and member and helper != OWN and not stores.has_own_helper():
        # What config.json says would hide the login, and it can only be changed if our helper is there.
        raise HelperMissing(
            f"docker-credential-{OWN} is not on PATH, so config.json cannot lead to the vault",
            f"dockpass helper install {OWN}",
        )
    if store is not None:
        return stores.named(store, "--store")
    if helper == OWN:
        return stores.vault()
    if helper:
        from dockpass.stores.marked import Marked

        named = stores.program(helper, stores.member(member))
        named.find()
        return Marked(named, stores.directory, waiting=waiting)
    plain = FileStore(stores.directory, waiting=waiting)
    name = stores.environ.get(VARIABLE) or DEFAULT
    if member or name == plain.name:
        return plain
    from dockpass.stores.beside import Beside

    return Beside(stores.named(name, VARIABLE), plain)


def configured(
    document: Document,
    *,
    environ: Mapping[str, str] | None = None,
    withhold: Iterable[str] = (),
    waiting: Callable[[str], None] | None = None,
) -> list[Store]:
    """Every store in which a login may be that this config.json and environment lead to, each once; to be listed.

    A helper that is not there, or whose name cannot be one, is among them, and raises when it is used: one of them must
    not hide what the others keep. A helper that only serves some servers may list others too.
    """
    stores = _Stores(document, os.environ if environ is None else environ, withhold, waiting)
    sources = {document.creds_store: stores.member("credsStore")}
    for name in document.cred_helpers.values():
        sources.setdefault(name, stores.member("credHelpers"))
    chosen = stores.environ.get(VARIABLE) or DEFAULT
    if chosen not in ("file", "memory"):
        sources.setdefault(OWN if chosen == VAULT else chosen, VARIABLE)
    found: list[Store] = [FileStore(stores.directory, waiting=waiting)]
    for name, source in sources.items():
        if name == OWN:
            found.append(stores.bare_vault())
        elif name:
            try:
                found.append(stores.program(name, source))
            except UnknownStore as error:
                found.append(_Unusable(name, error))
    if chosen == "memory":
        found.append(_memory())
    return found


def vault(
    document: Document,
    *,
    environ: Mapping[str, str] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> tuple[AgeStore, bool]:
    """The vault itself, and whether routes to it may be written: whether its helper is on PATH."""
    stores = _Stores(document, os.environ if environ is None else environ, (), waiting)
    return stores.bare_vault(), stores.has_own_helper()


class _Stores:
    """What makes stores, from what all of them need."""

    def __init__(
        self,
        document: Document,
        environ: Mapping[str, str],
        withhold: Iterable[str],
        waiting: Callable[[str], None] | None,
    ) -> None:
        self.directory = os.path.dirname(document.path)
        self.environ = environ
        self._path = document.path
        self._withhold = withhold
        self._waiting = waiting

    def member(self, name: str) -> str:
        """How a member of config.json is called in messages."""
        return f"{name} in {clean(self._path)}"

    def named(self, name: str, source: str) -> Store:
        """The store that was named from outside config.json, told to lead there when it keeps something."""
        if name == "file":
            return FileStore(self.directory, leads=True, waiting=self._waiting)
        if name == "memory":
            return _memory()
        if name in (VAULT, OWN):
            return self.vault()
        from dockpass.stores.marked import Marked

        named = self.program(name, source)
        named.find()
        return Marked(named, self.directory, leads=True, waiting=self._waiting)

    def program(self, suffix: str, source: str) -> ProgramStore:
        """The store of a helper, from the suffix of its name and from what names it."""
        from dockpass.stores.program import ProgramStore

        return ProgramStore(suffix, source=source, environ=self.environ, withhold=self._withhold, waiting=self._waiting)

    def bare_vault(self) -> AgeStore:
        """The vault, in this process."""
        from dockpass.stores.age import AgeStore

        return AgeStore(environ=self.environ, waiting=self._waiting, tell=self._waiting)

    def vault(self) -> Store:
        """The vault with its routes, if our helper is on PATH: without it they would break every pull."""
        from dockpass.stores.vaulted import Vaulted

        return Vaulted(self.bare_vault(), self.directory, routes=self.has_own_helper(), waiting=self._waiting)

    def has_own_helper(self) -> bool:
        """Whether docker would find our helper."""
        from dockpass.stores.on_path import find

        return find(OWN, self.environ) is not None


def _memory() -> Store:
    from dockpass.stores.memory import OF_THIS_PROCESS

    return OF_THIS_PROCESS


class _Unusable(Store):
    """What stands for a store that cannot be one: it raises whenever it is used."""

    def __init__(self, name: str, error: UnknownStore) -> None:
        self.name = clean(name, 64)
        self._error = error

    def get(self, server: str) -> NoReturn:  # noqa: ARG002 - the contract's
        raise self._error

    def put(self, server: str, credential: Credential) -> NoReturn:  # noqa: ARG002 - the contract's
        raise self._error

    def erase(self, server: str) -> NoReturn:  # noqa: ARG002 - the contract's
        raise self._error

    def list(self) -> NoReturn:
        raise self._error
