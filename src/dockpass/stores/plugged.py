"""Stores that other packages bring: entry points of the group ``dockpass.stores``.

One is loaded when somebody names it, and nothing else has that name: neither a store of ours nor a program on PATH.
Nothing is looked for at the start, and no package gets a login by being installed.

Reference: https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import DockpassError, StoreFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockpass.stores.contract import Store

GROUP = "dockpass.stores"
"""The group of entry points. The name of one is the name of the store; what it names is called to make it."""


def make(name: str, environ: Mapping[str, str] | None, waiting: Callable[[str], None] | None) -> Store | None:
    """The store that a package brings under this name; ``None`` if none does.

    Args:
        name: The name.
        environ: The environment; ``None`` for that of this process.
        waiting: Called with one line where something takes long.

    Raises:
        StoreFailed: The package cannot be loaded, or two packages bring a store of this name.
        DockpassError: What the store says itself when it is made.

    """
    from importlib.metadata import entry_points

    found = {point.value: point for point in entry_points(group=GROUP, name=name)}
    if not found:
        return None
    if len(found) > 1:
        raise StoreFailed(
            f"several packages bring a store called {clean(name, 64)}: {clean(', '.join(sorted(found)), 300)}",
            "remove all but one of them",
        )
    [point] = found.values()
    try:
        store: Store = point.load()(environ=environ, waiting=waiting)
    except DockpassError:
        raise  # it says itself what is wrong, and what to do
    except Exception as error:  # noqa: BLE001 - it is somebody's, and may raise anything
        raise StoreFailed(
            f"the store {clean(name, 64)} cannot be loaded from {clean(point.value, 100)}: "
            f"{clean(f'{type(error).__name__}: {error}', 200)}",
            "install the package that brings it anew, or ask those who made it",
        ) from None
    return store
