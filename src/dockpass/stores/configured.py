"""Every store in which a login may be, to be listed."""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import DockpassError, StoreError
from dockpass.stores.contract import Store
from dockpass.stores.file import FileStore
from dockpass.stores.lead import OWN
from dockpass.stores.route import DEFAULT, VARIABLE, VAULT, Stores, memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import NoReturn

    from dockpass.config.document import Document
    from dockpass.credential import Credential


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
    stores = Stores(document, os.environ if environ is None else environ, withhold, waiting)
    sources = {document.creds_store: stores.member("credsStore")}
    for name in document.cred_helpers.values():
        sources.setdefault(name, stores.member("credHelpers"))
    found: list[Store] = [FileStore(stores.directory, waiting=waiting)]
    for name, source in sources.items():
        if name == OWN:
            found.append(stores.bare_vault())
        elif name:
            found.append(_led(stores, name, source))
    for name in _chosen_names(stores):
        own = OWN if name == VAULT else name
        if name == "memory":
            found.append(memory())
        elif name != "file" and own not in sources:
            found.append(stores.bare_vault() if own == OWN else _chosen(stores, name))
    return found


def _chosen_names(stores: Stores) -> list[str]:
    """The names of the stores that serve where config.json names none: of a chain those that can be used here."""
    value = stores.environ.get(VARIABLE) or DEFAULT
    if "," not in value:
        return [value]
    from dockpass.stores.chain import usable

    try:
        return [store.name for store in usable(stores, value, VARIABLE)]
    except DockpassError:
        return [name.strip() for name in value.split(",")]  # each says itself what is wrong with it


def _led(stores: Stores, name: str, source: str) -> Store:
    try:
        return stores.led(name, source)
    except StoreError as error:
        return _Unusable(name, error)


def _chosen(stores: Stores, name: str) -> Store:
    from dockpass.stores.by_name import chosen

    try:
        return chosen(stores, name, VARIABLE)
    except StoreError as error:
        return _Unusable(name, error)


class _Unusable(Store):
    """What stands for a store that cannot be one, or is not there: it raises whenever it is used."""

    def __init__(self, name: str, error: DockpassError) -> None:
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
