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
        return stores.named(store, "--store")
    if helper == OWN:
        return stores.vault()
    if helper:
        from dockpass.stores.marked import Marked

        return Marked(stores.led(helper, stores.member(member)), stores.directory, waiting=waiting)
    plain = FileStore(stores.directory, waiting=waiting)
    name = stores.environ.get(VARIABLE) or DEFAULT
    if member or name == plain.name:
        return plain
    from dockpass.stores.beside import Beside

    return Beside(stores.named(name, VARIABLE), plain)


def vault(
    document: Document,
    *,
    environ: Mapping[str, str] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> tuple[AgeStore, bool]:
    """The vault itself, and whether routes to it may be written: whether its helper is on PATH."""
    stores = Stores(document, os.environ if environ is None else environ, (), waiting)
    return stores.bare_vault(), stores.has_helper(OWN)


class Stores:
    """What makes stores, from what all of them need.

    Attributes:
        led_to: The helper that config.json names for the server, ``""`` for itself, which would hide a login in another
            store; ``None`` where it names none.

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
            self.see_that_it_is_found(OWN)
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
            program.find()
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

        return Vaulted(self.bare_vault(), self.directory, routes=self.has_helper(OWN), waiting=self.waiting)

    def has_helper(self, name: str) -> bool:
        """Whether docker would find the helper ``name``."""
        from dockpass.stores.on_path import find

        return find(name, self.environ) is not None

    def see_that_it_is_found(self, name: str) -> None:
        """Refuse a store of ours in which config.json would hide a login, and that it cannot be told to lead to.

        Raises:
            HelperMissing: config.json names something else, and there is no helper that it could name.

        """
        if self.led_to not in (None, name) and not self.has_helper(name):
            what = "the vault" if name == OWN else name
            raise HelperMissing(
                f"docker-credential-{name} is not on PATH, so config.json cannot lead to {what}",
                f"dockpass helper install {name}",
            )


def memory() -> Store:
    """The store of this process."""
    from dockpass.stores.memory import OF_THIS_PROCESS

    return OF_THIS_PROCESS
