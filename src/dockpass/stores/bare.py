"""A store by its name, without what keeps config.json in step with it: for who moves logins and sees to that himself.

Names mean what they mean everywhere: our own store where we have one, else the helper program of that name, else a
store that another package brings.
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import UnknownStore, UsageError
from dockpass.stores import built_in, route
from dockpass.stores.file import FileStore
from dockpass.stores.lead import OWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.config.document import Document
    from dockpass.stores.contract import Store


_MEANT = {"vault": "age", "config.json": "file", "plain": "file", "keychain": "osxkeychain"}


class Bare:
    """A store, and how config.json leads to it.

    Attributes:
        store: The store.
        helper: What config.json names: the suffix of a program that docker finds on PATH; ``""`` for config.json
            itself; ``None`` where there is no program, so that only dockpass finds what the store has.
        title: What it is called in messages.

    """

    __slots__ = ("helper", "store", "title")

    def __init__(self, store: Store, helper: str | None, title: str) -> None:
        self.store = store
        self.helper = helper
        self.title = title

    @property
    def is_file(self) -> bool:
        """Whether it is config.json itself."""
        return self.helper == ""


def bare(document: Document, name: str, source: str, *, waiting: Callable[[str], None] | None = None) -> Bare:
    """The store called ``name``. Nothing is asked yet.

    Args:
        document: config.json.
        name: ``age``, ``file``, the name of another store of ours, or the suffix of a helper.
        source: What names it, for messages.
        waiting: Called with one line where the store, or a lock, takes long.

    Raises:
        UsageError: It is several stores, or one that ends with this process.
        UnknownStore: No store can have that name.
        HelperMissing, HelperNotExecutable: It is a program's, which is not there.
        StoreFailed: It is another package's, which cannot be loaded.

    """
    stores = route.Stores(document, os.environ, (), waiting)
    if name == "file":
        return Bare(FileStore(stores.directory, waiting=waiting), "", "config.json")
    if name in (route.VAULT, OWN):
        return Bare(stores.bare_vault(), OWN if stores.has_helper(OWN) else None, "the vault")
    if name == "memory" or "," in name:
        what = "memory ends with this command" if name == "memory" else f"{clean(name, 100)} is several stores"
        raise UsageError(f"{source}: {what}", f"name one: {source} age")
    has_program = stores.has_helper(name)
    store = built_in.make(name, stores.environ, waiting)
    if store is None and not has_program:
        from dockpass.stores import plugged

        store = plugged.make(name, stores.environ, waiting)
    if store is None and not has_program and name in _MEANT:
        raise UnknownStore(
            f"no store is called {name} ({source} names it)", f"meant is perhaps: {source} {_MEANT[name]}"
        )
    if store is None:
        program = stores.program(name, source)
        program.find()
        store = program
    return Bare(store, name if has_program else None, clean(name, 64))
