"""A credential manager in memory that keeps the documented rules of Windows.

Reference: https://learn.microsoft.com/en-us/windows/win32/api/wincred/nf-wincred-credwritew
"""

from __future__ import annotations

from threading import RLock

from dockpass.stores.credential_manager import GENERIC, NOT_FOUND, CredentialManager, Entry, Refusal

INVALID_PARAMETER, BAD_STUB_DATA, BAD_USERNAME = 87, 1783, 2202


class ManagerDouble(CredentialManager):
    """The credential manager.

    Attributes:
        kept: The entries, by type and folded name.
        fails: The error of whatever function is named, instead of what it does.
        calls: The names of the functions that were called.

    """

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[int, str], Entry] = {}
        self.fails: dict[str, int] = {}
        self.calls: list[str] = []
        self._lock = RLock()

    def read(self, target: str) -> Entry:
        self._begin("read")
        return self._found(target)

    def enumerate(self) -> list[Entry]:
        self._begin("enumerate")
        with self._lock:
            if not self.kept:
                raise Refusal(NOT_FOUND)
            return list(self.kept.values())

    def write(self, entry: Entry) -> None:
        self._begin("write")
        if not entry.target or _units(entry.target) > 32767 or entry.persist not in (1, 2, 3):
            raise Refusal(INVALID_PARAMETER)
        if "\0" in entry.target + entry.username:
            raise Refusal(INVALID_PARAMETER)
        if _units(entry.username) > 513:
            raise Refusal(BAD_USERNAME)
        if len(entry.blob) > 5 * 512:
            raise Refusal(BAD_STUB_DATA)
        if len(entry.attributes) > 64:
            raise Refusal(INVALID_PARAMETER)
        if any(_units(keyword) > 256 or len(value) > 256 for keyword, value in entry.attributes):
            raise Refusal(INVALID_PARAMETER)
        with self._lock:
            self.kept[entry.kind, _folded(entry.target)] = entry

    def delete(self, target: str) -> None:
        self._begin("delete")
        with self._lock:
            self._found(target)
            del self.kept[GENERIC, _folded(target)]

    def _found(self, target: str) -> Entry:
        try:
            return self.kept[GENERIC, _folded(target)]
        except KeyError:
            raise Refusal(NOT_FOUND) from None

    def _begin(self, function: str) -> None:
        self.calls.append(function)
        if function in self.fails:
            raise Refusal(self.fails[function])


def _folded(target: str) -> str:
    return target.upper()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
