"""What is declared of macOS's functions. They themselves are there on macOS only."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dockpass.credential import Credential
from dockpass.errors import StoreUnavailable
from dockpass.stores import keychain_services
from dockpass.stores.keychain_services import Constant, KeychainServices, Status, declare
from dockpass.stores.osxkeychain import OsxKeychainStore

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


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeychainServices:
    """The functions of macOS, but those of a library that was compiled for this test."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform in ("darwin", "win32"):
        pytest.skip("no C compiler here, or it makes other libraries")
    library = tmp_path / "framework.so"
    source = Path(__file__).with_name("core_foundation.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    services = KeychainServices()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        patch.setattr(keychain_services, "_FRAMEWORKS", str(library))
        services.load()
        services.load()
    return services


def _live(services: KeychainServices) -> int:
    assert services._core is not None
    return ctypes.c_long.in_dll(services._core, "live").value


def test_values_go_to_macos_and_come_back(services: KeychainServices) -> None:
    internet = Constant("kSecClassInternetPassword")
    services.add(
        {
            "kSecClass": internet,
            "kSecAttrAccount": "élan🔑",
            "kSecAttrLabel": False,  # a kind of value that is not read
            "kSecAttrPath": "",
            "kSecAttrPort": 5000,
            "kSecAttrProtocol": Constant("kSecAttrProtocolHTTPS"),
            "kSecValueData": b"",
        }
    )
    item = {
        "kSecAttrAccount": "élan🔑",
        "kSecAttrModificationDate": 7.5,
        "kSecAttrPath": "",
        "kSecAttrPort": 5000,
        "kSecAttrProtocol": "htps",
        "kSecValueData": b"",
        "kSecValuePersistentRef": b"ref",
    }
    assert services.copy_matching({"kSecClass": internet}) == [item]
    assert services.copy_matching({"kSecMatchLimit": Constant("kSecMatchLimitAll")}) == [item]
    assert services.copy_matching({"kSecReturnData": True}) == [{"kSecValueData": b""}]
    services.update({"kSecMatchItemList": [b"ref"]}, {"kSecValueData": b"a\0b"})
    assert services.copy_matching({"kSecReturnData": True}) == [{"kSecValueData": b"a\0b"}]
    with pytest.raises(Status) as caught:
        services.delete({"kSecMatchItemList": [b"other"]})
    assert caught.value.code == -50
    services.delete({"kSecMatchItemList": [b"ref"]})
    with pytest.raises(Status) as caught:
        services.copy_matching({"kSecClass": internet})
    assert caught.value.code == keychain_services.NOT_FOUND


def test_what_was_made_for_a_call_is_let_go(services: KeychainServices) -> None:
    store = OsxKeychainStore(services=services)
    for secret in ("wonder", "another"):
        store.put("h:5000/v1/", Credential("alice", secret))
        assert store.get("h:5000/v1/") == Credential("alice", secret)
        assert store.list() == {"https://h:5000/v1/": "alice"}
    assert store.erase("h:5000/v1/")
    assert store.list() == {}
    assert store.erase("h:5000/v1/") is False
    assert _live(services) == 0


def test_frameworks_that_are_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        patch.setattr(keychain_services, "_FRAMEWORKS", str(tmp_path / "none"))
        with pytest.raises(StoreUnavailable, match="without its Security framework"):
            KeychainServices().load()
