"""A keychain in memory that keeps the documented rules of macOS's functions.

Reference: https://developer.apple.com/documentation/security/keychain-items
"""

from __future__ import annotations

from threading import RLock

from dockpass.stores.keychain_services import ATTRIBUTES, Constant, KeychainServices, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.stores.keychain_services import Value

PARAMETER, DUPLICATE, NOT_FOUND, INVALID_OWNER = -50, -25299, -25300, -25244

_CLASS = Constant("kSecClassInternetPassword")
_WRITABLE = {
    "kSecAttrAccount": str,
    "kSecAttrAuthenticationType": Constant,
    "kSecAttrLabel": str,
    "kSecAttrPath": str,
    "kSecAttrPort": int,
    "kSecAttrProtocol": Constant,
    "kSecAttrServer": str,
    "kSecValueData": bytes,
}
_KEY = (
    "kSecAttrAccount",
    "kSecAttrAuthenticationType",
    "kSecAttrPath",
    "kSecAttrPort",
    "kSecAttrProtocol",
    "kSecAttrServer",
)
"""Of an internet password the attributes that no two items may share. The label is not one."""

_TEXTS = {"kSecAttrProtocolHTTPS": "htps", "kSecAttrProtocolHTTP": "http", "kSecAttrAuthenticationTypeDefault": "dflt"}


class KeychainDouble(KeychainServices):
    """The keychain.

    Attributes:
        kept: The items, by their persistent references.
        foreign: References of items that another program made: they cannot be deleted.
        fails: The result of whatever function is named, instead of what it does.
        calls: The names of the functions that were called.
        before: Called with a function's name before it does anything.

    """

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[bytes, dict[str, Value]] = {}
        self.foreign: set[bytes] = set()
        self.fails: dict[str, int] = {}
        self.calls: list[str] = []
        self.before: Callable[[str], None] = lambda _: None
        self._lock = RLock()
        self._time = 0

    def load(self) -> None:
        """Nothing is to be loaded."""

    def copy_matching(self, query: dict[str, Value]) -> list[dict[str, Value]]:
        with self._lock:
            data = "kSecReturnData" in query
            self._begin("copy_matching_data" if data else "copy_matching")
            every = query.get("kSecMatchLimit") == "kSecMatchLimitAll"
            if data and every:
                raise Status(PARAMETER)  # documented: not for passwords, each of which may have to be asked for
            found = self._matching(query)
            if not found:
                raise Status(NOT_FOUND)
            if data:
                return [{"kSecValueData": self.kept[found[0]]["kSecValueData"]}]
            if "kSecReturnAttributes" not in query:
                return []
            return [self._shown(query, reference) for reference in (found if every else found[:1])]

    def add(self, attributes: dict[str, Value]) -> None:
        with self._lock:
            self._begin("add")
            values = dict(attributes)
            if values.pop("kSecClass", None) != _CLASS:
                raise Status(PARAMETER)
            _check(values)
            self._unique(values, None)
            self._time += 1
            values["kSecAttrModificationDate"] = float(self._time)
            self.kept[b"reference %d" % self._time] = values

    def update(self, query: dict[str, Value], attributes: dict[str, Value]) -> None:
        with self._lock:
            self._begin("update")
            _check(attributes)
            found = self._matching(query)
            if not found:
                raise Status(NOT_FOUND)
            for reference in found:
                values = {**self.kept[reference], **attributes}
                self._unique(values, reference)
                self._time += 1
                values["kSecAttrModificationDate"] = float(self._time)
                self.kept[reference] = values

    def delete(self, query: dict[str, Value]) -> None:
        with self._lock:
            self._begin("delete")
            if "kSecValuePersistentRef" in query:
                raise Status(PARAMETER)  # that is for iOS; macOS wants kSecMatchItemList
            found = self._matching(query)
            if not found:
                raise Status(NOT_FOUND)
            for reference in found:
                if reference in self.foreign:
                    raise Status(INVALID_OWNER)
                del self.kept[reference]

    def _begin(self, function: str) -> None:
        self.before(function)
        self.calls.append(function)
        if function in self.fails:
            raise Status(self.fails[function])

    def _matching(self, query: dict[str, Value]) -> list[bytes]:
        """An attribute that is not asked for may be any, as Apple documents."""
        wanted = {key: value for key, value in query.items() if key in _WRITABLE}
        known = {
            "kSecClass",
            "kSecMatchItemList",
            "kSecMatchLimit",
            "kSecReturnAttributes",
            "kSecReturnData",
            "kSecReturnPersistentRef",
            "kSecValuePersistentRef",
        }
        if query.get("kSecClass") != _CLASS or set(query) - known - set(wanted):
            raise Status(PARAMETER)
        _check(wanted)
        references = query.get("kSecMatchItemList", list(self.kept))
        one = query.get("kSecValuePersistentRef")
        assert isinstance(references, list)
        return [
            reference
            for reference, values in self.kept.items()
            if reference in references
            and one in (None, reference)
            and all(values.get(key) == value for key, value in wanted.items())
        ]

    def _unique(self, values: dict[str, Value], but: bytes | None) -> None:
        key = [values.get(name) for name in _KEY]
        for reference, others in self.kept.items():
            if reference != but and [others.get(name) for name in _KEY] == key:
                raise Status(DUPLICATE)

    def _shown(self, query: dict[str, Value], reference: bytes) -> dict[str, Value]:
        values = self.kept[reference]
        shown = {name: values[name] for name in ATTRIBUTES if name in values and name != "kSecValueData"}
        shown = {name: _TEXTS[value] if isinstance(value, Constant) else value for name, value in shown.items()}
        shown.setdefault("kSecAttrPort", 0)
        shown.setdefault("kSecAttrPath", "")
        if "kSecReturnPersistentRef" in query:
            shown["kSecValuePersistentRef"] = reference
        return shown


def _check(values: dict[str, Value]) -> None:
    for name, value in values.items():
        if name not in _WRITABLE or not isinstance(value, _WRITABLE[name]):
            raise Status(PARAMETER)
        if isinstance(value, Constant) and value not in _TEXTS:
            raise Status(PARAMETER)
        if isinstance(value, str):
            value.encode()
        if isinstance(value, int) and not 0 <= value < 2**31:
            raise Status(PARAMETER)
