"""Which store serves which server.

config.json decides, as it does for docker. Where it names none, ``DOCKPASS_STORE`` does, and where that is not set the
login goes into the vault, on macOS and Windows into the system's own keychain. Nothing is detected: docker picks a
helper by what happens to be on PATH, and so a machine's logins move when somebody installs a package.
"""

from __future__ import annotations

import os
import sys

from dockpass.display import clean
from dockpass.errors import HelperMissing, HelperNotExecutable
from dockpass.stores.file import FileStore
from dockpass.stores.lead import OWN, leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dockpass.config.document import Document
    from dockpass.stores.age import AgeStore
    from dockpass.stores.contract import Store
    from dockpass.stores.program import ProgramStore

VAULT = "age"
"""The name of the vault's store; config.json names it by its helper, ``dockpass``."""

DEFAULT = VAULT
"""The store where nobody names one: the vault, or what the platform has of its own."""
if sys.platform in ("darwin", "win32"):
    from dockpass.stores.platform_default import default

    DEFAULT = default(sys.platform)

VARIABLE = "DOCKPASS_STORE"
"""The environment variable that names the store where config.json names none."""

ENVIRONMENT = "DOCKER_AUTH_CONFIG"
"""The environment variable that holds logins for one command or job, which count before those in any store."""


class Chosen:
    """The store that serves a server, and why it does.

    Attributes:
        store: The store; its ``put`` and ``erase`` keep config.json in step.
        by: What names it: ``credHelpers`` or ``credsStore`` of config.json, ``DOCKPASS_STORE``, ``--store``; ``""``
            where nothing does.

    """

    __slots__ = ("_stores", "by", "store")

    def __init__(self, store: Store, by: str, stores: Stores) -> None:
        self.store = store
        self.by = by
        self._stores = stores

    @property
    def by_config(self) -> bool:
        """Whether it is config.json that names it."""
        return self.by in ("credHelpers", "credsStore")

    @property
    def helper(self) -> str | None:
        """The path of the program by which docker comes to what the store keeps; ``None`` where there is none on PATH.

        Not for ``file`` and ``memory``, which have no use for one.
        """
        return self._stores.helper(OWN if self.store.name == VAULT else self.store.name)


def decide(
    document: Document,
    server: str,
    *,
    store: str | None = None,
    environ: Mapping[str, str] | None = None,
    withhold: Iterable[str] = (),
    waiting: Callable[[str], None] | None = None,
) -> Chosen:
    """Which store serves ``server``, and what says so.

    Args:
        document: config.json.
        server: The key.
        store: ``--store``: ``age``, ``file``, ``memory``, the name of another store of ours, or the suffix of a helper,
            instead of what config.json says. ``put`` makes config.json say so then.
        environ: The environment; ``None`` for that of this process.
        withhold: Variables to keep from helper programs.
        waiting: Called with one line where a helper, or the lock of config.json, takes long.

    Raises:
        UnknownStore: What is named cannot be a store. Nothing is run.
        HelperMissing, HelperNotExecutable: The helper that is named is not there. So it is known before a password is
            asked for.

    """
    stores = Stores(document, os.environ if environ is None else environ, withhold, waiting)
    helper, member = leads(document, server)
    if store is not None:
        stores.led_to = helper if member else None
        return Chosen(stores.named(store, "--store"), "--store", stores)
    if member:
        return Chosen(_led(stores, helper, member), member, stores)
    plain = FileStore(stores.directory, waiting=waiting)
    variable = stores.environ.get(VARIABLE)
    name, by = (variable, VARIABLE) if variable else (DEFAULT, "")
    if name == plain.name:
        return Chosen(plain, by, stores)
    from dockpass.stores.beside import Beside

    return Chosen(Beside(stores.named(name, VARIABLE), plain), by, stores)


def choose(
    document: Document,
    server: str,
    *,
    store: str | None = None,
    environ: Mapping[str, str] | None = None,
    withhold: Iterable[str] = (),
    waiting: Callable[[str], None] | None = None,
) -> Store:
    """The store that serves ``server``, for who does not ask why. Arguments and errors as of :func:`decide`."""
    return decide(document, server, store=store, environ=environ, withhold=withhold, waiting=waiting).store


def _led(stores: Stores, helper: str, member: str) -> Store:
    """The store that ``member`` of config.json names by its helper, ``""`` for config.json itself."""
    if helper == OWN:
        return stores.vault()
    if not helper:
        return FileStore(stores.directory, waiting=stores.waiting)
    from dockpass.stores.marked import Marked

    return Marked(stores.led(helper, stores.member(member)), stores.directory, waiting=stores.waiting)


def vault(
    document: Document,
    *,
    environ: Mapping[str, str] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> tuple[AgeStore, bool]:
    """The vault itself, and whether routes to it may be written: whether its helper is on PATH."""
    stores = Stores(document, os.environ if environ is None else environ, (), waiting)
    return stores.bare_vault(), stores.has_helper(OWN)


def goes_to_vault(environ: Mapping[str, str]) -> bool:
    """Whether a login of which config.json says nothing goes into the vault."""
    return (environ.get(VARIABLE) or DEFAULT).partition(",")[0].strip() in (VAULT, OWN)


class Stores:
    """What makes stores, from what all of them need.

    ``led_to`` is the helper that config.json names for the server, ``""`` for itself, which would hide a login in
    another store; ``None`` where it names none.
    """

    def __init__(
        self,
        document: Document,
        environ: Mapping[str, str],
        withhold: Iterable[str],
        waiting: Callable[[str], None] | None,
    ) -> None:
        self.directory = os.path.dirname(document.path)
        self.environ = environ
        self.waiting = waiting
        self.led_to: str | None = None
        self._path = document.path
        self._withhold = withhold
        self._helpers: dict[str, str | None] = {}

    def member(self, name: str) -> str:
        """How a member of config.json is called in messages."""
        return f"{name} in {clean(self._path)}"

    def named(self, name: str, source: str) -> Store:
        """The store that was named from outside config.json, told to lead there when it keeps something."""
        if name == "file":
            return FileStore(self.directory, leads=True, waiting=self.waiting)
        if name == "memory":
            return memory()
        if name in (VAULT, OWN):
            if self.led_to not in (None, OWN):
                from dockpass.stores.by_name import see_that_it_is_found

                see_that_it_is_found(self, OWN)
            return self.vault()
        if "," in name:
            from dockpass.stores.chain import ChainStore, usable

            return ChainStore(usable(self, name, source))
        from dockpass.stores.by_name import chosen

        return chosen(self, name, source)

    def led(self, name: str, source: str) -> Store:
        """What serves where config.json names the helper ``name``: the program, or our own store of that name."""
        program = self.program(name, source)
        try:
            self._helpers[name] = program.find()
        except (HelperMissing, HelperNotExecutable):
            from dockpass.stores.by_name import instead

            own = instead(self, name)
            if own is None:
                raise
            return own
        return program

    def program(self, suffix: str, source: str) -> ProgramStore:
        """The store of a helper, from the suffix of its name and from what names it."""
        from dockpass.stores.program import ProgramStore

        return ProgramStore(suffix, source=source, environ=self.environ, withhold=self._withhold, waiting=self.waiting)

    def bare_vault(self) -> AgeStore:
        """The vault, in this process."""
        from dockpass.stores.age import AgeStore

        return AgeStore(environ=self.environ, waiting=self.waiting, tell=self.waiting)

    def vault(self) -> Store:
        """The vault with its routes, if our helper is on PATH: without it they would break every pull."""
        from dockpass.stores.vaulted import Vaulted

        return Vaulted(
            self.bare_vault(),
            self.directory,
            routes=self.has_helper(OWN),
            for_all=goes_to_vault(self.environ),
            waiting=self.waiting,
        )

    def helper(self, name: str) -> str | None:
        """Where docker would find the program of the helper ``name``; ``None`` if nowhere. PATH is searched once."""
        if name not in self._helpers:
            from dockpass.stores.on_path import find

            self._helpers[name] = find(name, self.environ)
        return self._helpers[name]

    def has_helper(self, name: str) -> bool:
        """Whether docker would find the helper ``name``."""
        return self.helper(name) is not None


def memory() -> Store:
    """The store of this process."""
    from dockpass.stores.memory import OF_THIS_PROCESS

    return OF_THIS_PROCESS
