"""Which of a server's users is in use.

It stands in a secret of its own, the pointer, that lies where the server's logins lie below.
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.stores.bao import layout, trouble
from dockpass.vault.name import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.stores.bao.kv import KV, Kept

TRIES = 50
"""How often somebody else may come before us."""


def active(pointer: Kept) -> str | None:
    """What the pointer of a server says is in use; ``None`` if it says nothing."""
    name = (pointer.fields or {}).get(layout.ACTIVE)
    return name if isinstance(name, str) and layout.is_name(name) else None


def users(kv: KV, folder: str) -> list[str]:
    """What the logins below a server are called."""
    return [name for name in kv.names(folder) if not name.endswith("/")]


def only(kv: KV, folder: str, server: str) -> str | None:
    """The one user of a server where it is not said, or not rightly, which one is in use."""
    found = users(kv, folder)
    if len(found) > 1:
        found = [user for user in found if kv.is_there(f"{folder}/{user}")]
    if len(found) > 1:
        raise trouble.several(clean(server, 255))
    return found[0] if found else None


def point(kv: KV, server: str, user: str, *, only_if_none: bool = False) -> None:
    """Have ``user`` be the one in use; ``only_if_none`` if nobody is."""
    folder = encode(server)
    for _ in range(TRIES):
        pointer = kv.read(folder)
        active_now = active(pointer)
        if active_now == user or (only_if_none and active_now is not None):
            return
        if kv.write(folder, {"server": server, layout.ACTIVE: user}, pointer.version):
            return
    raise trouble.busy(f"which login for {clean(server, 255)} is in use")
