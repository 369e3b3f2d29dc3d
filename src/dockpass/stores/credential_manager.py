"""Four functions of Windows' credential manager, with plain values of Python.

This is the whole of what is done by ``ctypes``; what is kept and what it means is elsewhere.

Reference: https://learn.microsoft.com/en-us/windows/win32/api/wincred/ns-wincred-credentialw
"""

from __future__ import annotations

import ctypes
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

GENERIC = 1
"""``CRED_TYPE_GENERIC``"""

LOCAL_MACHINE = 2
"""``CRED_PERSIST_LOCAL_MACHINE``: for this user's later sessions here, not carried to other machines."""

NOT_FOUND = 1168
"""``ERROR_NOT_FOUND``: there is no entry of that name, or none at all."""


class FileTime(ctypes.Structure):
    """``FILETIME``."""

    _fields_ = (("dwLowDateTime", ctypes.c_uint32), ("dwHighDateTime", ctypes.c_uint32))


class CredentialAttribute(ctypes.Structure):
    """``CREDENTIAL_ATTRIBUTEW``."""

    _fields_ = (
        ("Keyword", ctypes.c_wchar_p),
        ("Flags", ctypes.c_uint32),
        ("ValueSize", ctypes.c_uint32),
        ("Value", ctypes.POINTER(ctypes.c_ubyte)),
    )


class CredentialRecord(ctypes.Structure):
    """``CREDENTIALW``. A DWORD has 32 bits on each system here, as it has on Windows."""

    _fields_ = (
        ("Flags", ctypes.c_uint32),
        ("Type", ctypes.c_uint32),
        ("TargetName", ctypes.c_wchar_p),
        ("Comment", ctypes.c_wchar_p),
        ("LastWritten", FileTime),
        ("CredentialBlobSize", ctypes.c_uint32),
        ("CredentialBlob", ctypes.POINTER(ctypes.c_ubyte)),
        ("Persist", ctypes.c_uint32),
        ("AttributeCount", ctypes.c_uint32),
        ("Attributes", ctypes.POINTER(CredentialAttribute)),
        ("TargetAlias", ctypes.c_wchar_p),
        ("UserName", ctypes.c_wchar_p),
    )


class Refusal(Exception):
    """A function failed. ``code`` is what ``GetLastError`` gives."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Entry:
    """An entry of the credential manager.

    Args:
        kind: Its type, :data:`GENERIC` or another.
        target: Its name.
        username: The user name, ``""`` for none.
        blob: The secret.
        persist: How long it is kept, :data:`LOCAL_MACHINE` or another.
        attributes: Pairs of a keyword and a value.

    """

    __slots__ = ("attributes", "blob", "kind", "persist", "target", "username")

    def __init__(
        self,
        kind: int,
        target: str,
        username: str,
        blob: bytes,
        persist: int,
        *,
        attributes: tuple[tuple[str, bytes], ...] = (),
    ) -> None:
        self.kind = kind
        self.target = target
        self.username = username
        self.blob = blob
        self.persist = persist
        self.attributes = attributes


class CredentialManager:
    """The functions, of generic credentials. They are loaded when first needed.

    Args:
        library: What has ``CredReadW`` and the others; ``None`` for ``advapi32.dll``.

    """

    def __init__(self, library: Any = None) -> None:
        self._library = library
        if library is not None:
            declare(library)

    def read(self, target: str) -> Entry:
        """The generic credential of that name; Windows does not mind its case.

        Raises:
            Refusal: There is none, or it failed.
            StoreUnavailable: This is not Windows.

        """
        library = self._loaded()
        found = ctypes.POINTER(CredentialRecord)()
        _check(library.CredReadW(target, GENERIC, 0, ctypes.byref(found)))
        try:
            return _entry(found.contents)
        finally:
            library.CredFree(found)

    def enumerate(self) -> list[Entry]:
        """All credentials of this user, of every type.

        Raises:
            Refusal: There is none, or it failed.
            StoreUnavailable: This is not Windows.

        """
        library = self._loaded()
        count = ctypes.c_uint32()
        found = ctypes.POINTER(ctypes.POINTER(CredentialRecord))()
        _check(library.CredEnumerateW(None, 0, ctypes.byref(count), ctypes.byref(found)))
        try:
            return [_entry(found[index].contents) for index in range(count.value)]
        finally:
            library.CredFree(found)

    def write(self, entry: Entry) -> None:
        """Keep ``entry``, in place of the one of its name and type.

        Raises:
            Refusal: It was not kept.
            StoreUnavailable: This is not Windows.

        """
        library = self._loaded()
        attributes = (CredentialAttribute * len(entry.attributes))(
            *[CredentialAttribute(keyword, 0, len(value), _bytes(value)) for keyword, value in entry.attributes]
        )
        record = CredentialRecord(
            Type=entry.kind,
            TargetName=entry.target,
            UserName=entry.username,
            CredentialBlobSize=len(entry.blob),
            CredentialBlob=_bytes(entry.blob),
            Persist=entry.persist,
            AttributeCount=len(entry.attributes),
            Attributes=attributes,
        )
        _check(library.CredWriteW(ctypes.byref(record), 0))

    def delete(self, target: str) -> None:
        """Delete the generic credential of that name.

        Raises:
            Refusal: There is none, or it failed.
            StoreUnavailable: This is not Windows.

        """
        _check(self._loaded().CredDeleteW(target, GENERIC, 0))

    def _loaded(self) -> Any:
        if self._library is None:
            if sys.platform != "win32":
                from dockpass.display import clean
                from dockpass.stores.credential_trouble import elsewhere

                raise elsewhere(clean(sys.platform, 32))
            library = ctypes.WinDLL("advapi32", use_last_error=True)
            declare(library)
            self._library = library
        return self._library


def declare(library: Any) -> None:
    """Say what each function takes and gives."""
    record = ctypes.POINTER(CredentialRecord)
    word, text = ctypes.c_uint32, ctypes.c_wchar_p
    table = {
        "CredReadW": (ctypes.c_int, (text, word, word, ctypes.POINTER(record))),
        "CredWriteW": (ctypes.c_int, (record, word)),
        "CredDeleteW": (ctypes.c_int, (text, word, word)),
        "CredEnumerateW": (
            ctypes.c_int,
            (text, word, ctypes.POINTER(word), ctypes.POINTER(ctypes.POINTER(record))),
        ),
        "CredFree": (None, (ctypes.c_void_p,)),
    }
    for name, (result, arguments) in table.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments


def _bytes(value: bytes) -> Any:
    """A pointer to a copy of ``value``; nothing where it is empty."""
    if not value:
        return None
    return ctypes.cast((ctypes.c_ubyte * len(value)).from_buffer_copy(value), ctypes.POINTER(ctypes.c_ubyte))


def _entry(record: CredentialRecord) -> Entry:
    attributes = [record.Attributes[index] for index in range(record.AttributeCount)]
    return Entry(
        record.Type,
        record.TargetName or "",
        record.UserName or "",
        ctypes.string_at(record.CredentialBlob, record.CredentialBlobSize) if record.CredentialBlobSize else b"",
        record.Persist,
        attributes=tuple(
            (each.Keyword or "", ctypes.string_at(each.Value, each.ValueSize) if each.ValueSize else b"")
            for each in attributes
        ),
    )


def _check(done: int) -> None:
    if not done:
        raise Refusal(int(getattr(ctypes, "get_last_error", ctypes.get_errno)()))
