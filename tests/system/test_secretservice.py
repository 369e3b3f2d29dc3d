"""The keyring as a store, with a real one: GNOME Keyring, unlocked, locked, without a collection, and gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockpass.credential import Credential
from dockpass.errors import BadServer, PromptDismissed, StoreLocked, StoreUnavailable
from dockpass.stores.secret_service.keyring import Keyring
from dockpass.stores.secretservice import SecretServiceStore
from dockpass.testing.stores import StoreSuite
from real.keyring import PASSWORD, Session, session
from real.loaded import loaded
from real.prompter import Prompter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ALICE = Credential("alice", "wonder")

ACTS: list[Callable[[SecretServiceStore], object]] = [
    lambda store: store.get("reg.test"),
    lambda store: store.list(),
    lambda store: store.put("reg.test", ALICE),
    lambda store: store.erase("reg.test"),
]


@pytest.fixture
def bare() -> Iterator[Session]:
    """A bus without a keyring."""
    with session() as found:
        yield found


@pytest.fixture
def unlocked(bare: Session) -> Session:
    """A keyring that is unlocked."""
    bare.start_keyring()
    return bare


def store(where: Session) -> SecretServiceStore:
    return SecretServiceStore(environ=where.environ)


class TestSecretService(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, unlocked: Session) -> None:
        self.session = unlocked

    def make_store(self) -> SecretServiceStore:
        return store(self.session)


@pytest.mark.parametrize("act", ACTS, ids=["get", "list", "put", "erase"])
def test_no_bus(act: Callable[[SecretServiceStore], object], bare: Session) -> None:
    bare.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={bare.home}/none"
    with pytest.raises(StoreUnavailable, match="there is no D-Bus session bus: .*/none: no such file or directory"):
        act(store(bare))


@pytest.mark.parametrize("act", ACTS, ids=["get", "list", "put", "erase"])
def test_no_service(act: Callable[[SecretServiceStore], object], bare: Session) -> None:
    with pytest.raises(StoreUnavailable, match="no keyring service") as caught:
        act(store(bare))
    assert "--store age" in str(caught.value.hint)


def test_no_collection(bare: Session) -> None:
    bare.start_keyring(None)
    assert store(bare).get("reg.test") is None
    assert store(bare).list() == {}
    assert store(bare).erase("reg.test") is False
    with pytest.raises(StoreUnavailable, match="no default keyring") as caught:
        store(bare).put("reg.test", ALICE)
    assert "Seahorse" in str(caught.value.hint)


def test_a_keyring_that_was_locked_again(unlocked: Session) -> None:
    store(unlocked).put("reg.test", ALICE)
    unlocked.lock()
    assert store(unlocked).list() == {"reg.test": "alice"}
    for act in (ACTS[0], ACTS[2], ACTS[3]):
        with pytest.raises(StoreLocked, match="the keyring is locked, and nothing in this session can ask"):
            act(store(unlocked))
    unlocked.stop_keyring()
    unlocked.start_keyring()
    assert store(unlocked).get("reg.test") == ALICE


@pytest.mark.parametrize("act", ACTS, ids=["get", "list", "put", "erase"])
def test_a_keyring_that_was_never_unlocked(act: Callable[[SecretServiceStore], object], unlocked: Session) -> None:
    store(unlocked).put("reg.test", ALICE)
    unlocked.stop_keyring()
    unlocked.start_keyring(None)
    with pytest.raises(StoreLocked, match="the keyring is locked") as caught:
        act(store(unlocked))
    assert str(caught.value.hint).startswith("unlock it")
    unlocked.stop_keyring()
    unlocked.start_keyring(PASSWORD)
    assert store(unlocked).list() == {"reg.test": "alice"}


def test_it_is_found_where_systemd_puts_the_bus(unlocked: Session) -> None:
    del unlocked.environ["DBUS_SESSION_BUS_ADDRESS"]
    store(unlocked).put("reg.test", ALICE)
    assert store(unlocked).get("reg.test") == ALICE


def test_the_item_is_what_dockers_helper_makes(unlocked: Session) -> None:
    store(unlocked).put("https://reg.test/v1/", Credential("", "token", is_identity_token=True))
    path = "/org/freedesktop/secrets/collection/login/1"
    properties = {
        name: unlocked.call(
            path,
            "org.freedesktop.DBus.Properties.Get",
            "string:org.freedesktop.Secret.Item",
            f"string:{name}",
            to="org.freedesktop.secrets",
        )
        for name in ("Attributes", "Label")
    }
    words = properties["Attributes"].split('"')[1::2]
    assert dict(zip(words[::2], words[1::2], strict=True)) == {
        "xdg:schema": "io.docker.Credentials",
        "label": "Docker Credentials",
        "server": "https://reg.test/v1/",
        "username": "<token>",
        "docker_cli": "1",
    }
    assert '"https://reg.test/v1/"' in properties["Label"]


SCHEMA = {"xdg:schema": "io.docker.Credentials", "docker_cli": "1", "server": "reg.test"}


def keep(where: Session, attributes: dict[str, str], secret: bytes, label: str = "reg.test") -> str:
    """An item as somebody else makes it."""
    with Keyring(where.environ, None, None) as keyring:
        return keyring.create(keyring.default(), label, attributes, secret)


@pytest.mark.parametrize(
    ("label", "attributes"),
    [
        ("reg.test", {"label": "Docker Credentials"}),
        ("Registry credentials for reg.test", {"label": "Docker Credentials"}),
        ("reg.test", {}),  # before 0.5.0
    ],
)
def test_every_shape_that_dockers_helper_has_had(label: str, attributes: dict[str, str], unlocked: Session) -> None:
    shape = {**SCHEMA, **attributes, "username": "alice"}
    keep(unlocked, shape, b"wonder", label)
    assert store(unlocked).get("reg.test") == ALICE
    assert store(unlocked).list() == {"reg.test": "alice"}
    store(unlocked).put("reg.test", Credential("alice", "new"))
    with Keyring(unlocked.environ, None, None) as keyring:
        found, _ = keyring.search(SCHEMA)
        assert len(found) == 1
    assert store(unlocked).get("reg.test") == Credential("alice", "new")
    keep(unlocked, shape, b"wonder", label)
    assert store(unlocked).erase("reg.test") is True
    assert store(unlocked).list() == {}


def test_what_others_keep_is_not_ours(unlocked: Session) -> None:
    keep(unlocked, {"server": "reg.test", "username": "alice", "label": "Docker Credentials"}, b"wonder")
    keep(unlocked, {**SCHEMA, "xdg:schema": "org.other", "username": "alice"}, b"wonder")
    assert store(unlocked).get("reg.test") is None
    assert store(unlocked).list() == {}
    assert store(unlocked).erase("reg.test") is False


def test_of_several_users_the_latest_counts(unlocked: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [keep(unlocked, {**SCHEMA, "username": name}, name.encode()) for name in ("alice", "bob", "carol")]
    for number, name in enumerate(("alice", "bob", "carol")):
        times = dict.fromkeys(paths, 1) | {paths[number]: 2}
        monkeypatch.setattr(Keyring, "times", lambda _, items, times=times: {item: times[item] for item in items})
        assert store(unlocked).get("reg.test") == Credential(name, name)
        assert store(unlocked).list() == {"reg.test": name}


def test_of_several_users_one_with_a_secret_counts(unlocked: Session) -> None:
    keep(unlocked, {**SCHEMA, "username": "alice"}, b"wonder")
    keep(unlocked, {**SCHEMA, "username": "bob"}, b"")
    assert store(unlocked).get("reg.test") == ALICE


def test_a_secret_that_is_not_utf_8_and_an_item_without_a_user(unlocked: Session) -> None:
    keep(unlocked, SCHEMA, b"\xff\xfe")
    assert store(unlocked).get("reg.test") == Credential("", "\udcff\udcfe")
    assert store(unlocked).list() == {"reg.test": ""}


@pytest.mark.parametrize("server", [" reg.test", "reg.test\n", "reg\0.test", "", "reg\udc80"])
def test_what_a_helper_cannot_be_asked_for_is_not_there(server: str, unlocked: Session) -> None:
    assert store(unlocked).get(server) is None
    assert store(unlocked).erase(server) is False
    with pytest.raises(BadServer):
        store(unlocked).put(server, ALICE)


def test_a_list_of_many(unlocked: Session) -> None:
    with Keyring(unlocked.environ, None, None) as keyring:
        collection = keyring.default()
        for number in range(250):
            keyring.create(collection, "x", {**SCHEMA, "server": f"reg{number}.test", "username": "alice"}, b"s")
    assert store(unlocked).list() == {f"reg{number}.test": "alice" for number in range(250)}


def test_a_large_secret(unlocked: Session) -> None:
    large = Credential("alice", "x" * (4 << 20))
    store(unlocked).put("reg.test", large)
    assert store(unlocked).get("reg.test") == large


def test_a_look_up_loads_nothing_that_costs(unlocked: Session) -> None:
    store(unlocked).put("reg.test", ALICE)
    found = loaded(
        "from dockpass.stores.secretservice import SecretServiceStore\nassert SecretServiceStore().get('reg.test')",
        unlocked.environ,
    )
    assert found <= {
        *("__future__", "os", "os.path", "posixpath", "genericpath", "stat", "_stat", "_collections_abc"),
        *("_socket", "_struct", "struct", "errno", "select", "time"),
    }


# With somebody to ask


def prompter(where: Session, password: str | None) -> Prompter:
    return Prompter(where.environ["DBUS_SESSION_BUS_ADDRESS"], password)


@pytest.fixture
def locked(unlocked: Session) -> Session:
    """A keyring with a login of alice's, that was not unlocked since it runs."""
    store(unlocked).put("reg.test", ALICE)
    unlocked.stop_keyring()
    unlocked.start_keyring(None)
    return unlocked


def test_somebody_unlocks_it(locked: Session) -> None:
    with prompter(locked, PASSWORD) as person:
        assert store(locked).get("reg.test") == ALICE
        assert store(locked).list() == {"reg.test": "alice"}
    assert person.asked == ["password"]


def test_somebody_unlocks_it_to_erase(locked: Session) -> None:
    with prompter(locked, PASSWORD):
        assert store(locked).erase("reg.test") is True
    assert store(locked).list() == {}


def test_somebody_unlocks_what_was_locked_again(unlocked: Session) -> None:
    store(unlocked).put("reg.test", ALICE)
    unlocked.lock()
    with prompter(unlocked, PASSWORD):
        store(unlocked).put("reg.test", Credential("bob", "builder"))
    assert store(unlocked).get("reg.test") == Credential("bob", "builder")


@pytest.mark.parametrize("act", [ACTS[0], ACTS[2], ACTS[3]], ids=["get", "put", "erase"])
def test_somebody_does_not_want_to(act: Callable[[SecretServiceStore], object], locked: Session) -> None:
    with prompter(locked, None), pytest.raises(PromptDismissed, match="the question for its password was dismissed"):
        act(store(locked))


def test_somebody_gives_a_new_keyring_a_password(bare: Session) -> None:
    bare.start_keyring(None)
    with prompter(bare, PASSWORD):
        store(bare).put("reg.test", ALICE)
    assert store(bare).get("reg.test") == ALICE
