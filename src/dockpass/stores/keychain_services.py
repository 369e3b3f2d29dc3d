"""Four functions of macOS's Security framework, with dictionaries of Python.

Keys are the names of the framework's constants. A value is text, bytes, a number, a truth, a list of bytes, or a
:class:`Constant`. This is the whole of what is done by ``ctypes``; what is asked and what it means is elsewhere.

Reference: https://developer.apple.com/documentation/security/keychain-items
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctypes import CDLL
    from typing import Self

NOT_FOUND = -25300
"""``errSecItemNotFound``: nothing fits the query."""

ATTRIBUTES = (
    "kSecAttrAccount",
    "kSecAttrLabel",
    "kSecAttrModificationDate",
    "kSecAttrPath",
    "kSecAttrPort",
    "kSecAttrProtocol",
    "kSecAttrServer",
    "kSecValueData",
    "kSecValuePersistentRef",
)
"""What is read of an item, where it is there."""

_FRAMEWORKS = "/System/Library/Frameworks/{0}.framework/{0}"
_UTF8 = 0x08000100
_SINT32 = 3
_SINT64 = 4


class Constant(str):
    """The name of a constant of the framework, as a value."""

    __slots__ = ()


Value = str | bytes | int | float | list[bytes]


class Status(Exception):
    """A function said that it failed. ``code`` is its ``OSStatus``."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class KeychainServices:
    """The functions. They are loaded when first needed."""

    def __init__(self) -> None:
        self._core: CDLL | None = None
        self._security: CDLL | None = None

    def load(self) -> None:
        """Load the frameworks.

        Raises:
            StoreUnavailable: This is not macOS, or they cannot be loaded.

        """
        if self._security is not None:
            return
        from dockpass.stores.keychain_trouble import elsewhere

        if sys.platform != "darwin":
            from dockpass.display import clean

            raise elsewhere(clean(sys.platform, 32))
        from ctypes import CDLL

        try:
            core, security = (CDLL(_FRAMEWORKS.format(name)) for name in ("CoreFoundation", "Security"))
        except OSError:
            raise elsewhere("a macOS without its Security framework") from None
        declare(core, security)
        self._core, self._security = core, security

    def copy_matching(self, query: dict[str, Value]) -> list[dict[str, Value]]:
        """The items that fit. With ``kSecReturnData`` alone, one of ``kSecValueData``.

        Raises:
            Status: There is none, or it failed.

        """
        from ctypes import byref, c_void_p

        core, security = self._loaded()
        result = c_void_p()
        with _Made(core, security) as made:
            _check(security.SecItemCopyMatching(made.dictionary(query), byref(result)))
            made.keep(result.value)
            return made.items(result.value)

    def add(self, attributes: dict[str, Value]) -> None:
        """Make an item.

        Raises:
            Status: It was not made.

        """
        core, security = self._loaded()
        with _Made(core, security) as made:
            _check(security.SecItemAdd(made.dictionary(attributes), None))

    def update(self, query: dict[str, Value], attributes: dict[str, Value]) -> None:
        """Change the items that fit.

        Raises:
            Status: There is none, or it failed.

        """
        core, security = self._loaded()
        with _Made(core, security) as made:
            _check(security.SecItemUpdate(made.dictionary(query), made.dictionary(attributes)))

    def delete(self, query: dict[str, Value]) -> None:
        """Delete the items that fit.

        Raises:
            Status: There is none, or it failed.

        """
        core, security = self._loaded()
        with _Made(core, security) as made:
            _check(security.SecItemDelete(made.dictionary(query)))

    def _loaded(self) -> tuple[CDLL, CDLL]:
        self.load()
        assert self._core is not None  # noqa: S101 - for the type checker
        assert self._security is not None  # noqa: S101 - for the type checker
        return self._core, self._security


class _Made:
    """Objects of Core Foundation that were made for one call, and are let go after it."""

    def __init__(self, core: CDLL, security: CDLL) -> None:
        self._core = core
        self._security = security
        self._references: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for reference in reversed(self._references):
            self._core.CFRelease(reference)

    def keep(self, reference: int | None) -> int:
        """``reference``, which is let go in the end."""
        if not reference:
            raise Status(-108)  # errSecAllocate
        self._references.append(reference)
        return reference

    def dictionary(self, values: dict[str, Value]) -> int:
        """A ``CFDictionary`` of ``values``."""
        from ctypes import addressof, c_void_p

        keys = (c_void_p * len(values))(*[self._symbol(self._security, key) for key in values])
        objects = (c_void_p * len(values))(*[self._object(value) for value in values.values()])
        calls = [
            addressof(c_void_p.in_dll(self._core, f"kCFTypeDictionary{which}CallBacks")) for which in ("Key", "Value")
        ]
        return self.keep(self._core.CFDictionaryCreate(None, keys, objects, len(values), *calls))

    def _symbol(self, library: CDLL, name: str) -> int | None:
        from ctypes import c_void_p

        return c_void_p.in_dll(library, name).value

    def _object(self, value: Value) -> int | None:
        from ctypes import addressof, byref, c_int32, c_void_p

        core = self._core
        if isinstance(value, Constant):
            return self._symbol(self._security, value)
        if isinstance(value, bool):
            return self._symbol(core, "kCFBooleanTrue" if value else "kCFBooleanFalse")
        if isinstance(value, str):
            data = value.encode()
            return self.keep(core.CFStringCreateWithBytes(None, data, len(data), _UTF8, False))
        if isinstance(value, bytes):
            return self.keep(core.CFDataCreate(None, value, len(value)))
        if isinstance(value, list):
            array = (c_void_p * len(value))(*[self._object(each) for each in value])
            calls = addressof(c_void_p.in_dll(core, "kCFTypeArrayCallBacks"))
            return self.keep(core.CFArrayCreate(None, array, len(value), calls))
        return self.keep(core.CFNumberCreate(None, _SINT32, byref(c_int32(int(value)))))

    def items(self, reference: int | None) -> list[dict[str, Value]]:
        """What a query found: an array of dictionaries, a dictionary, or the data of one item."""
        core = self._core
        kind = core.CFGetTypeID(reference)
        if kind == core.CFArrayGetTypeID():
            count = core.CFArrayGetCount(reference)
            return [self._item(core.CFArrayGetValueAtIndex(reference, index)) for index in range(count)]
        if kind == core.CFDictionaryGetTypeID():
            return [self._item(reference)]
        data = self._value(reference)
        return [{"kSecValueData": data}] if isinstance(data, bytes) else []

    def _item(self, reference: int | None) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name in ATTRIBUTES:
            value = self._core.CFDictionaryGetValue(reference, self._symbol(self._security, name))
            converted = self._value(value) if value else None
            if converted is not None:
                found[name] = converted
        return found

    def _value(self, reference: int | None) -> Value | None:
        from ctypes import byref, c_int64, string_at

        core = self._core
        kind = core.CFGetTypeID(reference)
        if kind == core.CFStringGetTypeID():
            encoded = self.keep(core.CFStringCreateExternalRepresentation(None, reference, _UTF8, 0))
            return string_at(core.CFDataGetBytePtr(encoded), core.CFDataGetLength(encoded)).decode()
        if kind == core.CFDataGetTypeID():
            length = core.CFDataGetLength(reference)
            return string_at(core.CFDataGetBytePtr(reference), length) if length else b""
        if kind == core.CFNumberGetTypeID():
            number = c_int64()
            core.CFNumberGetValue(reference, _SINT64, byref(number))
            return number.value
        if kind == core.CFDateGetTypeID():
            return float(core.CFDateGetAbsoluteTime(reference))
        return None


def declare(core: CDLL, security: CDLL) -> None:
    """Say what each function takes and gives: without it ``ctypes`` would cut pointers to 32 bits."""
    from ctypes import c_bool, c_char_p, c_double, c_int32, c_long, c_ubyte, c_uint32, c_ulong, c_void_p

    # CFIndex is long, CFTypeID unsigned long, CFNumberType a CFIndex, CFStringEncoding UInt32, OSStatus SInt32.
    table: tuple[tuple[CDLL, str, object, tuple[object, ...]], ...] = (
        (core, "CFRelease", None, (c_void_p,)),
        (core, "CFGetTypeID", c_ulong, (c_void_p,)),
        *((core, f"CF{kind}GetTypeID", c_ulong, ()) for kind in ("Array", "Dictionary", "String", "Data", "Number")),
        (core, "CFDateGetTypeID", c_ulong, ()),
        (core, "CFStringCreateWithBytes", c_void_p, (c_void_p, c_char_p, c_long, c_uint32, c_ubyte)),
        (core, "CFStringCreateExternalRepresentation", c_void_p, (c_void_p, c_void_p, c_uint32, c_ubyte)),
        (core, "CFDataCreate", c_void_p, (c_void_p, c_char_p, c_long)),
        (core, "CFDataGetLength", c_long, (c_void_p,)),
        (core, "CFDataGetBytePtr", c_void_p, (c_void_p,)),
        (core, "CFNumberCreate", c_void_p, (c_void_p, c_long, c_void_p)),
        (core, "CFNumberGetValue", c_bool, (c_void_p, c_long, c_void_p)),
        (core, "CFDateGetAbsoluteTime", c_double, (c_void_p,)),
        (core, "CFArrayCreate", c_void_p, (c_void_p, c_void_p, c_long, c_void_p)),
        (core, "CFArrayGetCount", c_long, (c_void_p,)),
        (core, "CFArrayGetValueAtIndex", c_void_p, (c_void_p, c_long)),
        (core, "CFDictionaryCreate", c_void_p, (c_void_p, c_void_p, c_void_p, c_long, c_void_p, c_void_p)),
        (core, "CFDictionaryGetValue", c_void_p, (c_void_p, c_void_p)),
        (security, "SecItemCopyMatching", c_int32, (c_void_p, c_void_p)),
        (security, "SecItemAdd", c_int32, (c_void_p, c_void_p)),
        (security, "SecItemUpdate", c_int32, (c_void_p, c_void_p)),
        (security, "SecItemDelete", c_int32, (c_void_p,)),
    )
    for library, name, result, arguments in table:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments


def _check(code: int) -> None:
    if code:
        raise Status(code)
