"""A store that forgets everything when the process ends: for tests, and for programs that keep logins elsewhere."""

from __future__ import annotations

from dockpass.credential import check
from dockpass.stores.contract import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.credential import Credential


class MemoryStore(Store):
    """Credentials in this process's memory. Threads may share it."""

    name = "memory"

    def __init__(self) -> None:
        from _thread import allocate_lock  # what threading.Lock is, without threading's 3 ms

        self._lock = allocate_lock()
        self._kept: dict[str, Credential] = {}

    def get(self, server: str) -> Credential | None:
        """The credential kept for ``server``, or ``None``."""
        with self._lock:
            return self._kept.get(server)

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` until the process ends.

        Raises:
            BadCredential: No registry could take it; see :func:`dockpass.credential.check`.

        """
        check(credential)
        with self._lock:
            self._kept[server] = credential

    def erase(self, server: str) -> bool:
        """Forget ``server``. Returns whether there was something to forget."""
        with self._lock:
            return self._kept.pop(server, None) is not None

    def list(self) -> dict[str, str]:
        """Every server that a credential is kept for, with its user name."""
        with self._lock:
            return {server: credential.username for server, credential in self._kept.items()}


OF_THIS_PROCESS = MemoryStore()
"""The one that the name ``memory`` stands for. It would be no store if each call had another one."""
