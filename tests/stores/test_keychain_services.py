"""What is declared of macOS's functions. They themselves are there on macOS only."""

from __future__ import annotations

import ctypes
import sys

import pytest

from dockpass.errors import StoreUnavailable
from dockpass.stores.keychain_services import KeychainServices, declare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Library:
    """Has whatever function is asked for, and remembers it."""

    def __init__(self) -> None:
        self.functions: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return self.functions.setdefault(name, type("Function", (), {})())


def test_each_function_is_declared_with_whole_pointers() -> None:
    core, security = Library(), Library()
    declare(core, security)  # type: ignore[arg-type]
    pointer = ctypes.c_void_p
    assert {name: (function.restype, function.argtypes) for name, function in security.functions.items()} == {
        "SecItemCopyMatching": (ctypes.c_int32, (pointer, pointer)),
        "SecItemAdd": (ctypes.c_int32, (pointer, pointer)),
        "SecItemUpdate": (ctypes.c_int32, (pointer, pointer)),
        "SecItemDelete": (ctypes.c_int32, (pointer,)),
    }
    for name, function in core.functions.items():
        if "Create" in name or name in ("CFArrayGetValueAtIndex", "CFDictionaryGetValue", "CFDataGetBytePtr"):
            assert function.restype is pointer, name
    assert core.functions["CFDictionaryCreate"].argtypes[3] is ctypes.c_long
    assert core.functions["CFRelease"].restype is None


def test_every_function_that_is_called_is_declared() -> None:
    from dockpass.stores import keychain_services

    core, security = Library(), Library()
    declare(core, security)  # type: ignore[arg-type]
    names = set()
    for kind in (keychain_services.KeychainServices, keychain_services._Made):
        for method in vars(kind).values():
            names |= set(getattr(getattr(method, "__code__", None), "co_names", ()))
    called = {name for name in names if name.startswith(("CF", "SecItem"))}
    assert called
    assert called <= {*core.functions, *security.functions}


@pytest.mark.skipif(sys.platform == "darwin", reason="here they are")
def test_elsewhere_nothing_is_loaded() -> None:
    services = KeychainServices()
    for act in (services.copy_matching, services.add, services.delete):
        with pytest.raises(StoreUnavailable, match="is for macOS"):
            act({})
    with pytest.raises(StoreUnavailable, match="is for macOS"):
        services.update({}, {})
