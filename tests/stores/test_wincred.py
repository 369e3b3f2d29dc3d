"""The credential manager of Windows, on one in memory, and what is handed to Windows itself."""

from __future__ import annotations

import ctypes
import sys

import pytest

from dockpass.credential import Credential
from dockpass.errors import BadCredential, BadServer, StoreFailed, StoreUnavailable
from dockpass.stores.built_in import make
from dockpass.stores.credential_manager import (
    GENERIC,
    LOCAL_MACHINE,
    CredentialAttribute,
    CredentialManager,
    CredentialRecord,
    Entry,
    FileTime,
    Refusal,
)
from dockpass.stores.wincred import LABEL, WincredStore
from dockpass.testing.stores import SECRETS, StoreSuite

from .credential_manager_double import ManagerDouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.errors import StoreError

ALICE = Credential("alice", "wonder")
SERVER = "reg.example.com"


class TestWincred(StoreSuite):
    refused_secrets = tuple(secret for secret in SECRETS if len(secret.encode()) > 2560)

    @pytest.fixture(autouse=True)
    def _manager(self) -> None:
        self.manager = ManagerDouble()

    def make_store(self) -> WincredStore:
        return WincredStore(manager=self.manager)


@pytest.fixture
def manager() -> ManagerDouble:
    return ManagerDouble()


@pytest.fixture
def store(manager: ManagerDouble) -> WincredStore:
    return WincredStore(manager=manager)


def _docker(target: str, username: str = "alice", blob: bytes = b"wonder", kind: int = GENERIC) -> Entry:
    return Entry(kind, target, username, blob, LOCAL_MACHINE, attributes=(("label", b"Docker Credentials"),))


def test_an_entry_is_as_dockers_helper_makes_it(store: WincredStore, manager: ManagerDouble) -> None:
    store.put("https://index.docker.io/v1/", Credential("élan", "pässwörd"))
    (entry,) = manager.kept.values()
    assert (entry.kind, entry.target, entry.username) == (1, "https://index.docker.io/v1/", "élan")
    assert (entry.blob, entry.persist) == ("pässwörd".encode(), 2)
    assert entry.attributes == (("label", b"Docker Credentials"),)


def test_what_dockers_helper_wrote_is_read_listed_and_erased(store: WincredStore, manager: ManagerDouble) -> None:
    manager.write(_docker(SERVER))
    manager.write(_docker("token.example.com", "<token>", b"identity"))
    assert store.get(SERVER) == ALICE
    assert store.get("token.example.com") == Credential("", "identity", is_identity_token=True)
    assert store.list() == {SERVER: "alice", "token.example.com": ""}
    assert store.erase(SERVER)
    assert store.get(SERVER) is None


# What is stored, what is asked, and whether docker's helper takes the one for the other: the same URL, or one filled in.
DOCKERS = [
    ("https://h:2376", "https://h", True),
    ("https://h", "h", True),
    ("https://h/one/two", "https://h", True),
    ("https://h/v1/", "h", True),
    ("https://h/", "https://h", True),
    ("http://h", "h", True),
    ("h:5000/x", "h", True),
    ("https://h?x=1", "https://h", True),
    ("https://h:2376", "http://h:2376", False),
    ("http://h", "h:5678", False),
    ("https://h:1234", "https://h:5678", False),
    ("https://h", "https://h:5678", False),
    ("https://h:1234/one/two", "https://h:1234/five/six", False),
    ("https://h/v2/a", "https://h/v2", False),
    ("h", "https://h", False),
    ("h", "https://h/v1/", False),
    ("https://h", "https://h/", False),
    ("https://H", "https://h", False),
    ("HTTPS://H", "https://h", False),
    ("https://u@h", "h", False),
]


@pytest.mark.parametrize(("stored", "asked", "dockers"), DOCKERS)
def test_an_entry_answers_for_its_own_name_only(
    stored: str, asked: str, dockers: bool, store: WincredStore, manager: ManagerDouble
) -> None:
    manager.write(_docker(stored))
    assert store.get(stored) == ALICE
    assert store.get(asked) is None, f"docker's helper: {dockers}"
    assert not store.erase(asked)
    assert store.get(stored) == ALICE


def test_windows_takes_two_cases_for_one_name_and_no_login_is_lost(store: WincredStore) -> None:
    store.put("reg.example.com/Team", ALICE)
    with pytest.raises(StoreFailed, match="takes both names for one") as caught:
        store.put("reg.example.com/team", Credential("bob", "builder"))
    assert "dockpass logout reg.example.com/Team" in str(caught.value.hint)
    assert store.get("reg.example.com/Team") == ALICE


def test_entries_of_other_programs_are_left_alone(store: WincredStore, manager: ManagerDouble) -> None:
    theirs = Entry(GENERIC, SERVER, "carol", b"theirs", 3)
    manager.write(theirs)
    manager.write(_docker("domain.example.com", kind=2))
    assert store.get(SERVER) is None
    assert store.list() == {}
    assert not store.erase(SERVER)
    with pytest.raises(StoreFailed, match="another program keeps something"):
        store.put(SERVER, ALICE)
    assert manager.read(SERVER) is theirs


def test_2560_bytes_are_kept_and_one_more_is_refused_before_anything_is_written(
    store: WincredStore, manager: ManagerDouble
) -> None:
    store.put(SERVER, Credential("alice", "ü" * 1280))
    manager.calls.clear()
    with pytest.raises(BadCredential, match="2561 bytes, and Windows' credential manager holds 2560") as caught:
        store.put(SERVER, Credential("alice", "ü" * 1280 + "x"))
    assert "--store age" in str(caught.value.hint)
    assert "ü" not in f"{caught.value}{caught.value.hint}"
    assert manager.calls == []
    assert store.get(SERVER) == Credential("alice", "ü" * 1280)


def test_names_are_counted_as_windows_does(store: WincredStore) -> None:
    store.put(SERVER, Credential("🔑" * 256, "secret"))
    with pytest.raises(BadCredential, match="user name is longer"):
        store.put(SERVER, Credential("🔑" * 256 + "x", "secret"))
    with pytest.raises(BadServer, match="too long"):
        store.put("h/" + "x" * 32765, ALICE)
    assert store.get("h/" + "x" * 32765) is None
    assert not store.erase("h/" + "x" * 32765)


@pytest.mark.parametrize("server", [" h", "h\n", "h\udc80", ""])
def test_what_no_helper_can_be_asked_for(server: str, store: WincredStore, manager: ManagerDouble) -> None:
    assert store.get(server) is None
    assert not store.erase(server)
    assert manager.calls == []
    with pytest.raises(BadServer):
        store.put(server, ALICE)


@pytest.mark.parametrize(
    ("code", "kind", "message", "hint"),
    [
        (1312, StoreUnavailable, "for such a session", "--store age"),
        (1783, StoreFailed, "too long", "shorter token"),
        (5, StoreFailed, "does not allow", "policy"),
        (2202, StoreFailed, "user name", "--store age"),
        (1004, StoreFailed, "the code 1004", "net helpmsg 1004"),
    ],
)
@pytest.mark.parametrize("function", ["read", "write", "delete", "enumerate"])
def test_each_trouble_has_its_next_step(
    function: str, code: int, kind: type[StoreError], message: str, hint: str, manager: ManagerDouble
) -> None:
    store = WincredStore(manager=manager)
    store.put(SERVER, ALICE)
    manager.fails[function] = code
    acts: dict[str, Callable[[], object]] = {
        "read": lambda: store.get(SERVER),
        "write": lambda: store.put(SERVER, ALICE),
    }
    acts |= {"delete": lambda: store.erase(SERVER), "enumerate": store.list}
    with pytest.raises(kind, match=message) as caught:
        acts[function]()
    assert hint in str(caught.value.hint)
    assert "wonder" not in str(caught.value)


def test_an_entry_that_goes_meanwhile_was_not_there(store: WincredStore, manager: ManagerDouble) -> None:
    store.put(SERVER, ALICE)
    manager.fails["delete"] = 1168
    assert not store.erase(SERVER)


def test_it_says_whether_it_can_be_used(store: WincredStore, manager: ManagerDouble) -> None:
    assert store.probe() is None
    manager.fails["read"] = 1312
    assert "session" in str(store.probe())


@pytest.mark.skipif(sys.platform == "win32", reason="here it can be used")
def test_elsewhere_it_says_that_it_is_for_windows() -> None:
    store = make("wincred", None, None)
    assert isinstance(store, WincredStore)
    with pytest.raises(StoreUnavailable, match=f"is for Windows, and this is {sys.platform}"):
        store.list()
    assert "is for Windows" in str(store.probe())


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="the sizes are those of 64 bits")
def test_the_structures_have_the_sizes_and_offsets_of_64_bit_windows() -> None:
    assert ctypes.sizeof(FileTime) == 8
    assert {name: getattr(CredentialAttribute, name).offset for name, _ in CredentialAttribute._fields_} == {
        "Keyword": 0,
        "Flags": 8,
        "ValueSize": 12,
        "Value": 16,
    }
    assert ctypes.sizeof(CredentialAttribute) == 24
    assert {name: getattr(CredentialRecord, name).offset for name, _ in CredentialRecord._fields_} == {
        "Flags": 0,
        "Type": 4,
        "TargetName": 8,
        "Comment": 16,
        "LastWritten": 24,
        "CredentialBlobSize": 32,
        "CredentialBlob": 40,
        "Persist": 48,
        "AttributeCount": 52,
        "Attributes": 56,
        "TargetAlias": 64,
        "UserName": 72,
    }
    assert ctypes.sizeof(CredentialRecord) == 80


class Library:
    """``advapi32`` with one entry in it, called through pointers as the real one is."""

    def __init__(self) -> None:
        record, word, text = ctypes.POINTER(CredentialRecord), ctypes.c_uint32, ctypes.c_wchar_p
        out = ctypes.POINTER
        self.freed = 0
        self.there: CredentialRecord | None = None
        self._keep: list[object] = []
        self.CredReadW = ctypes.CFUNCTYPE(ctypes.c_int, text, word, word, out(record))(self._read)
        self.CredWriteW = ctypes.CFUNCTYPE(ctypes.c_int, record, word)(self._write)
        self.CredDeleteW = ctypes.CFUNCTYPE(ctypes.c_int, text, word, word)(self._delete)
        self.CredEnumerateW = ctypes.CFUNCTYPE(ctypes.c_int, text, word, out(word), out(out(record)))(self._enumerate)
        self.CredFree = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self._free)

    def _write(self, record: ctypes._Pointer[CredentialRecord], flags: int) -> int:
        there = record.contents
        assert flags == there.Flags == 0
        attributes = (CredentialAttribute * there.AttributeCount)()
        for index in range(there.AttributeCount):
            value = (ctypes.c_ubyte * there.Attributes[index].ValueSize)(
                *there.Attributes[index].Value[: there.Attributes[index].ValueSize]
            )
            pointer = ctypes.cast(value, ctypes.POINTER(ctypes.c_ubyte))
            attributes[index] = CredentialAttribute(there.Attributes[index].Keyword, 0, len(value), pointer)
        size = there.CredentialBlobSize
        blob = (ctypes.c_ubyte * size)(*(there.CredentialBlob[:size] if size else ()))
        self.there = CredentialRecord(
            Type=there.Type,
            TargetName=there.TargetName,
            UserName=there.UserName,
            CredentialBlobSize=size,
            CredentialBlob=ctypes.cast(blob, ctypes.POINTER(ctypes.c_ubyte)),
            Persist=there.Persist,
            AttributeCount=there.AttributeCount,
            Attributes=attributes,
        )
        return 1

    def _read(
        self, target: str, kind: int, flags: int, found: ctypes._Pointer[ctypes._Pointer[CredentialRecord]]
    ) -> int:
        if self.there is None or (target, kind, flags) != (self.there.TargetName, 1, 0):
            return 0
        found[0] = ctypes.pointer(self.there)
        return 1

    def _delete(self, target: str, kind: int, flags: int) -> int:
        if self.there is None or (target, kind, flags) != (self.there.TargetName, 1, 0):
            return 0
        self.there = None
        return 1

    def _enumerate(
        self, pattern: str | None, flags: int, count: ctypes._Pointer[ctypes.c_uint32], found: object
    ) -> int:
        assert (pattern, flags) == (None, 0)
        if self.there is None:
            return 0
        array = (ctypes.POINTER(CredentialRecord) * 1)(ctypes.pointer(self.there))
        self._keep.append(array)
        count[0] = 1
        found[0] = ctypes.cast(array, ctypes.POINTER(ctypes.POINTER(CredentialRecord)))  # type: ignore[index]
        return 1

    def _free(self, _: int | None) -> None:
        self.freed += 1


@pytest.mark.parametrize("blob", [b"w\xc3\xb6nder", b""])
def test_entries_go_to_windows_and_come_back_through_its_structures(
    blob: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctypes, "get_last_error", lambda: 1168, raising=False)
    library = Library()
    manager = CredentialManager(library)
    with pytest.raises(Refusal) as caught:
        manager.read(SERVER)
    assert caught.value.code == 1168
    with pytest.raises(Refusal):
        manager.enumerate()
    manager.write(Entry(GENERIC, SERVER, "élan", blob, LOCAL_MACHINE, attributes=(LABEL, ("empty", b""))))
    for entry in (manager.read(SERVER), *manager.enumerate()):
        assert (entry.kind, entry.target, entry.username, entry.blob, entry.persist) == (1, SERVER, "élan", blob, 2)
        assert entry.attributes == (LABEL, ("empty", b""))
    assert library.freed == 2
    manager.delete(SERVER)
    with pytest.raises(Refusal):
        manager.delete(SERVER)
