"""The keychain of macOS, on one in memory, and what is handed to macOS itself."""

from __future__ import annotations

import sys
from threading import Event

import pytest

from dockpass.credential import Credential
from dockpass.errors import BadServer, PromptDismissed, StoreFailed, StoreLocked, StoreUnavailable
from dockpass.stores import osxkeychain
from dockpass.stores.built_in import make
from dockpass.stores.keychain_services import Constant, Status
from dockpass.stores.osxkeychain import OsxKeychainStore
from dockpass.stores.registry_url import kept
from dockpass.testing import stores as suite
from dockpass.testing.stores import StoreSuite

from .keychain_double import KeychainDouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.errors import StoreError
    from dockpass.stores.keychain_services import Value

ALICE, BOB = Credential("alice", "wonder"), Credential("bob", "builder")
SERVER = "reg.example.com"

ONE_SPELLING = ("https://reg.example.com", "reg.example.com/team", "reg.example.com/team/app")
"""A keychain's item does not say whether ``https://`` was written: each is listed in its one spelling, not in these."""


class TestOsxKeychain(StoreSuite):
    @pytest.fixture(autouse=True)
    def _keychain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.services = KeychainDouble()
        monkeypatch.setattr(suite, "SERVERS", tuple(each for each in suite.SERVERS if each not in ONE_SPELLING))

    def make_store(self) -> OsxKeychainStore:
        return OsxKeychainStore(services=self.services)


@pytest.fixture
def services() -> KeychainDouble:
    return KeychainDouble()


@pytest.fixture
def store(services: KeychainDouble) -> OsxKeychainStore:
    return OsxKeychainStore(services=services)


def _docker(services: KeychainDouble, server: str, username: str = "alice", **more: Value) -> None:
    """An item as docker's helper makes it for https."""
    services.add(
        {
            "kSecClass": Constant("kSecClassInternetPassword"),
            "kSecAttrLabel": "Docker Credentials",
            "kSecAttrAccount": username,
            "kSecAttrProtocol": Constant("kSecAttrProtocolHTTPS"),
            "kSecAttrServer": server,
            "kSecAttrAuthenticationType": Constant("kSecAttrAuthenticationTypeDefault"),
            "kSecValueData": b"wonder",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("server", "place"),
    [
        ("reg.example.com", {"kSecAttrProtocol": "kSecAttrProtocolHTTPS", "kSecAttrServer": "reg.example.com"}),
        (
            "http://h:5000",
            {"kSecAttrProtocol": "kSecAttrProtocolHTTP", "kSecAttrServer": "h", "kSecAttrPort": 5000},
        ),
        (
            "https://index.docker.io/v1/",
            {
                "kSecAttrProtocol": "kSecAttrProtocolHTTPS",
                "kSecAttrServer": "index.docker.io",
                "kSecAttrPath": "/v1/",
            },
        ),
        (
            "[::1]:5000/a%20b",
            {
                "kSecAttrProtocol": "kSecAttrProtocolHTTPS",
                "kSecAttrServer": "::1",
                "kSecAttrPort": 5000,
                "kSecAttrPath": "/a b",
            },
        ),
    ],
)
def test_an_item_is_as_dockers_helper_makes_it(
    server: str, place: dict[str, Value], store: OsxKeychainStore, services: KeychainDouble
) -> None:
    store.put(server, Credential("élan", "pässwörd"))
    (item,) = services.kept.values()
    item.pop("kSecAttrModificationDate")
    assert item == {
        "kSecAttrLabel": "Docker Credentials",
        "kSecAttrAccount": "élan",
        "kSecAttrAuthenticationType": "kSecAttrAuthenticationTypeDefault",
        "kSecValueData": "pässwörd".encode(),
        **place,
    }


def test_what_dockers_helper_wrote_is_read_listed_and_erased(store: OsxKeychainStore, services: KeychainDouble) -> None:
    _docker(services, "reg.example.com")
    _docker(services, "index.docker.io", "<token>", kSecAttrPath="/v1/")
    assert store.get(SERVER) == store.get("https://reg.example.com") == ALICE
    assert store.list() == {SERVER: "alice", "https://index.docker.io/v1/": ""}
    assert store.erase("https://index.docker.io/v1/")
    assert store.list() == {SERVER: "alice"}


# What is stored, what is asked, and whether docker's helper takes the one for the other, and whether this store does.
DOCKERS = [
    ("h", "https://h", True, True),
    ("https://h", "h", True, True),
    ("h/team", "https://h/team", True, True),
    ("http://h", "http://h", True, True),
    ("h:5000", "h", True, False),
    ("h/v1/", "h", True, False),
    ("h:5000/v1/", "h:5000", True, False),
    ("h:5000/v1/", "h/v1/", True, False),
    ("h", "h:5000", False, False),
    ("h", "h/v1/", False, False),
    ("http://h", "h", False, False),
    ("h", "http://h", False, False),
    ("h/v1", "h/v1/", False, False),
    ("h:5000", "h:500", False, False),
    ("H", "h", False, False),
]


@pytest.mark.parametrize(("stored", "asked", "dockers", "ours"), DOCKERS)
def test_an_item_answers_for_its_own_server_only(
    stored: str, asked: str, dockers: bool, ours: bool, store: OsxKeychainStore, services: KeychainDouble
) -> None:
    store.put(stored, ALICE)
    # What docker's helper asks for is what the server has, and no label.
    address = kept(asked)
    assert address is not None
    query = {"kSecClass": Constant("kSecClassInternetPassword"), **osxkeychain._place(address)}
    try:
        services.copy_matching(query)
        found = True
    except Status:
        found = False
    assert found is dockers
    assert (store.get(asked) == ALICE) is ours
    assert store.erase(asked) is ours
    assert (store.get(stored) is None) is ours


def test_a_password_of_another_program_is_neither_read_nor_erased(
    store: OsxKeychainStore, services: KeychainDouble
) -> None:
    _docker(services, SERVER, kSecAttrLabel="reg.example.com (alice)")
    assert store.get(SERVER) is None
    assert store.list() == {}
    assert not store.erase(SERVER)
    store.put(SERVER, BOB)
    with pytest.raises(StoreFailed, match="another program made") as caught:
        store.put(SERVER, ALICE)
    assert "Keychain Access" in str(caught.value.hint)
    assert store.get(SERVER) == BOB
    assert len(services.kept) == 2


def test_an_item_of_the_same_user_is_changed_in_place(store: OsxKeychainStore, services: KeychainDouble) -> None:
    store.put(SERVER, ALICE)
    before = list(services.kept)
    store.put(SERVER, Credential("alice", "new"))
    assert list(services.kept) == before
    assert services.calls.count("add") == 1
    assert "delete" not in services.calls


def test_of_several_users_the_one_that_was_changed_last_counts(
    store: OsxKeychainStore, services: KeychainDouble
) -> None:
    for username in ("carol", "alice", "bob"):
        _docker(services, SERVER, username)
    store_alone = OsxKeychainStore(services=services)
    assert store.get(SERVER) == Credential("bob", "wonder")
    assert store.list() == {SERVER: "bob"}
    store.put(SERVER, Credential("alice", "new"))
    assert store_alone.get(SERVER) == Credential("alice", "new")
    assert len(services.kept) == 1


def test_erasing_takes_every_user(store: OsxKeychainStore, services: KeychainDouble) -> None:
    _docker(services, SERVER, "alice")
    _docker(services, SERVER, "bob")
    _docker(services, SERVER, "alice", kSecAttrPort=5000)
    assert store.erase(SERVER)
    assert store.list() == {"reg.example.com:5000": "alice"}


def test_an_older_item_that_macos_protects_is_told_of(store: OsxKeychainStore, services: KeychainDouble) -> None:
    _docker(services, SERVER, "alice")
    services.foreign = set(services.kept)
    with pytest.raises(StoreFailed, match=r"is kept, but an older one .*-25244") as caught:
        store.put(SERVER, BOB)
    assert "Keychain Access" in str(caught.value.hint)
    assert store.get(SERVER) == BOB
    with pytest.raises(StoreFailed, match="protects"):
        store.erase(SERVER)


def test_a_list_reads_no_secret(store: OsxKeychainStore, services: KeychainDouble) -> None:
    store.put(SERVER, ALICE)
    services.fails["copy_matching_data"] = -25308
    assert store.list() == {SERVER: "alice"}
    with pytest.raises(StoreLocked):
        store.get(SERVER)


def test_an_item_that_goes_meanwhile_was_not_there(store: OsxKeychainStore, services: KeychainDouble) -> None:
    store.put(SERVER, ALICE)
    services.before = lambda function: services.kept.clear() if function in ("copy_matching_data", "delete") else None
    assert store.get(SERVER) is None
    services.before = lambda _: None
    store.put(SERVER, ALICE)
    services.before = lambda function: services.kept.clear() if function == "delete" else None
    assert not store.erase(SERVER)
    services.before = lambda _: None
    store.put(SERVER, ALICE)
    services.before = lambda function: services.kept.clear() if function == "update" else None
    with pytest.raises(StoreFailed, match="was removed while"):
        store.put(SERVER, ALICE)


@pytest.mark.parametrize("server", ["h?x", "u@h", "h:0", " h", "ftp://h", "h/a%2Fb", ""])
def test_what_would_be_another_servers_item(server: str, store: OsxKeychainStore, services: KeychainDouble) -> None:
    _docker(services, "h")
    _docker(services, "h", kSecAttrPath="/a/b")
    assert store.get(server) is None
    assert not store.erase(server)
    with pytest.raises(BadServer):
        store.put(server, BOB)
    assert len(services.kept) == 2


@pytest.mark.parametrize(
    ("code", "kind", "message", "hint"),
    [
        (-25308, StoreLocked, "as over ssh", "security -v unlock-keychain"),
        (-128, PromptDismissed, "dismissed", "allow it"),
        (-25293, StoreLocked, "could not be unlocked", "unlock-keychain"),
        (-25315, StoreLocked, "could not be unlocked", "unlock-keychain"),
        (-25299, StoreFailed, "another program made", "Keychain Access"),
        (-25291, StoreUnavailable, "no keychain", "--store age"),
        (-25307, StoreUnavailable, "no keychain", "create-keychain"),
        (-25244, StoreFailed, "protects", "Keychain Access"),
        (-25292, StoreFailed, "cannot be written", "--store age"),
        (-50, StoreFailed, "the code -50", "security error -50"),
    ],
)
@pytest.mark.parametrize("function", ["copy_matching", "copy_matching_data", "add", "update", "delete"])
def test_each_trouble_has_its_next_step(
    function: str, code: int, kind: type[StoreError], message: str, hint: str, services: KeychainDouble
) -> None:
    store = OsxKeychainStore(services=services)
    store.put(SERVER, ALICE)
    services.fails[function] = code
    acts: dict[str, Callable[[], object]] = {
        "copy_matching": store.list,
        "copy_matching_data": lambda: store.get(SERVER),
    }
    acts |= {"add": lambda: store.put(SERVER, BOB), "update": lambda: store.put(SERVER, ALICE)}
    acts |= {"delete": lambda: store.erase(SERVER)}
    with pytest.raises(kind, match=message) as caught:
        acts[function]()
    assert type(caught.value) is kind
    assert hint in str(caught.value.hint)
    assert "wonder" not in str(caught.value)
    services.fails.clear()
    assert store.get(SERVER) == ALICE


def test_who_waits_is_told_that_macos_asks(services: KeychainDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osxkeychain, "_PATIENCE", 0)
    told = Event()
    lines: list[str] = []

    def waiting(line: str) -> None:
        lines.append(line)
        told.set()

    store = OsxKeychainStore(waiting=waiting, services=services)
    services.before = lambda _: None if told.wait(30) else pytest.fail("nobody was told")
    assert store.get(SERVER) is None
    assert "macOS asks" in lines[0]


def test_it_can_be_used_where_its_functions_are(store: OsxKeychainStore) -> None:
    assert store.probe() is None


@pytest.mark.skipif(sys.platform == "darwin", reason="here it can be used")
def test_elsewhere_it_says_that_it_is_for_macos() -> None:
    store = make("osxkeychain", None, None)
    assert isinstance(store, OsxKeychainStore)
    with pytest.raises(StoreUnavailable, match=f"is for macOS, and this is {sys.platform}"):
        store.list()
    assert "is for macOS" in str(store.probe())
