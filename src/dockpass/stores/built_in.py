"""The stores of our own that have the name of a program of docker's, and the one for Python's keyring.

Docker has them as programs, ``docker-credential-NAME``. Ours lie where those keep things, so either reads what the
other wrote, but they run in this process. Each is loaded when it is used: most machines never need more than one.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockpass.stores.contract import Store

STORES = {
    "secretservice": ("dockpass.stores.secretservice", "SecretServiceStore"),
    "pass": ("dockpass.stores.password_store", "PassStore"),
    "osxkeychain": ("dockpass.stores.osxkeychain", "OsxKeychainStore"),
    "wincred": ("dockpass.stores.wincred", "WincredStore"),
    "openbao": ("dockpass.stores.openbao", "OpenBaoStore"),
    "keyring": ("dockpass.stores.keyring_", "KeyringStore"),
}
"""The module and the class of each."""


AS_PROGRAMS = tuple(name for name in STORES if name != "keyring")
"""Those for which dockpass has a program, too."""


def make(name: str, environ: Mapping[str, str] | None, waiting: Callable[[str], None] | None) -> Store | None:
    """The store of that name; ``None`` if this dockpass has none.

    Args:
        name: A name, of :data:`STORES` or not.
        environ: The environment; ``None`` for that of this process.
        waiting: Called with one line where something takes long.

    """
    if name not in STORES:
        return None
    module, kind = STORES[name]
    try:
        loaded = __import__(module, fromlist=(kind,))
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None
    store: Store = getattr(loaded, kind)(environ=environ, waiting=waiting)
    return store
