"""The suite that every store of credentials must pass.

A store's own tests subclass it, under pytest or mixed into a :class:`unittest.TestCase`::

    class TestMyStore(StoreSuite):
        @pytest.fixture(autouse=True)
        def place(self, tmp_path):
            self.folder = tmp_path

        def make_store(self):
            return MyStore(self.folder)

What a store may do in more than one way is an attribute of the class; what it must do is not.
"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the cases are named for what they want

from __future__ import annotations

from dockpass.credential import Credential
from dockpass.errors import BadCredential

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.stores.contract import Store

SERVERS = (
    "reg.example.com",
    "reg.example.com:5000",
    "reg.example.com:500",
    "reg.example.co",
    "eg.example.com",
    "a.reg.example.com",
    "https://reg.example.com",
    "http://reg.example.com",
    "https://reg.example.com/v1/",
    "https://reg.example.com/v1",
    "reg.example.com/team",
    "reg.example.com/team/app",
    "127.0.0.1:5000",
    "[::1]:5000",
    "xn--bcher-kva.example",
    "https://index.docker.io/v1/",
    "https://index.docker.io/v1/access-token",
    "https://index.docker.io/v1/refresh-token",
    "docker.io",
)
"""Keys that are easily mixed up, and docker's own."""

USERNAMES = (
    "alice@example.com",
    "DOMAIN\\alice",
    "robot$ci+build",
    "$oauthtoken",
    "_json_key",
    "with space",
    "-dash",
    'quote"quote',
    "a/b",
    "..",
    "<user>&co",
    "%2e%2e%2f",
    "élan",
    "用户",
    "00000000-0000-0000-0000-000000000000",
    "u" * 200,
)
"""User names that break a careless store."""

SECRETS = (
    "pass word",
    " spaces around ",
    'quote"quote',
    "it's",
    "back\\slash\\",
    "a<b>&c",
    "<token>",
    "a:b:c",
    "$HOME `id` $(id) ; | *",
    "%s %2F {0}",
    '{"Secret":"another"}',
    "=Zm9vOmJhcg==",
    "tab\tinside",
    "line\nbreak",
    "\nline break before",
    "line break after\n",
    "\r\nboth\r\n",
    "\x01\x1b[31m\x7f",
    "pässwörd",
    "e\u0301 is not \u00e9",
    "пароль",
    "密码",
    "🔑🔒",
    "\ufeffmark",
    "\u2028\u2029\ufffd",
    "x" * 4096,
    "ü" * 4096,
)
"""Secrets that break a careless store."""

_BAD = (
    Credential("", "secret"),
    Credential("alice:bob", "secret"),
    Credential("ali\nce", "secret"),
    Credential("alice", ""),
    Credential("alice", "sec\0ret"),
)


class StoreSuite:
    """What a store does. Subclass it and say how to make one.

    Attributes:
        shared: Whether another instance at the same place sees what the first one kept; else it must not.
        keeps_identity_tokens: Whether it keeps identity tokens; else it must refuse them.
        one_user: Whether a second user of a server takes the place of the first; else either may come back. Two of
            docker's own helper programs are like that.
        erase_tells: Whether ``erase`` knows that there was nothing to erase. Some helper programs do not say.
        refused_usernames: Those of :data:`USERNAMES` that it must refuse because it could not keep them as they are.
        refused_secrets: Those of :data:`SECRETS` likewise.

    """

    shared: bool = True
    keeps_identity_tokens: bool = True
    one_user: bool = True
    erase_tells: bool = True
    refused_usernames: tuple[str, ...] = ()
    refused_secrets: tuple[str, ...] = ()

    def make_store(self) -> Store:
        """A store that is empty at the start of each test. Called again in one test: another one at the same place."""
        raise NotImplementedError

    def test_it_has_a_name(self) -> None:
        store = self.make_store()
        assert store.name
        assert isinstance(store.plaintext, bool)

    def test_what_was_never_kept_is_not_there(self) -> None:
        store = self.make_store()
        assert store.get("reg.example.com") is None
        assert store.list() == {}

    def test_what_was_kept_comes_back(self) -> None:
        store = self.make_store()
        store.put("reg.example.com", Credential("alice", "wonder"))
        assert store.get("reg.example.com") == Credential("alice", "wonder")
        assert store.list() == {"reg.example.com": "alice"}

    def test_preparing_keeps_nothing(self) -> None:
        store = self.make_store()
        for _ in store.prepare():
            pass
        assert store.get(SERVERS[0]) is None
        assert store.list() == {}

    def test_another_instance_sees_it_or_not(self) -> None:
        self.make_store().put("reg.example.com", Credential("alice", "wonder"))
        expected = Credential("alice", "wonder") if self.shared else None
        another = self.make_store()
        assert another.get("reg.example.com") == expected
        assert another.list() == ({"reg.example.com": "alice"} if self.shared else {})

    def test_the_latest_counts(self) -> None:
        store = self.make_store()
        store.put("reg.example.com", Credential("alice", "old"))
        store.put("reg.example.com", Credential("alice", "new"))
        assert store.get("reg.example.com") == Credential("alice", "new")
        assert store.list() == {"reg.example.com": "alice"}

    def test_keeping_the_same_again_changes_nothing(self) -> None:
        store = self.make_store()
        store.put("reg.example.com", Credential("alice", "wonder"))
        store.put("reg.example.com", Credential("alice", "wonder"))
        assert store.get("reg.example.com") == Credential("alice", "wonder")
        assert store.list() == {"reg.example.com": "alice"}

    def test_a_login_is_exchanged_only_if_it_is_still_the_one_that_is_kept(self) -> None:
        store = self.make_store()
        old, new, other = (Credential("alice", secret) for secret in ("old", "new", "other"))
        assert not store.exchange("reg.example.com", old, new)
        assert store.get("reg.example.com") is None
        store.put("reg.example.com", old)
        assert not store.exchange("reg.example.com", other, new)
        assert store.get("reg.example.com") == old
        assert store.exchange("reg.example.com", old, new)
        assert store.get("reg.example.com") == new
        assert store.list() == {"reg.example.com": "alice"}

    def test_a_login_is_kept_by_exchange_only_where_there_is_none(self) -> None:
        store = self.make_store()
        new, other = Credential("alice", "new"), Credential("bob", "other")
        assert store.exchange("reg.example.com", None, new)
        assert store.get("reg.example.com") == new
        assert store.list() == {"reg.example.com": "alice"}
        for late in (new, other):
            assert not store.exchange("reg.example.com", None, late)
            assert store.get("reg.example.com") == new
            assert store.others("reg.example.com") in ((), [])

    def test_a_login_is_erased_by_exchange_only_if_it_is_still_the_one_that_is_kept(self) -> None:
        store = self.make_store()
        kept, other = Credential("alice", "kept"), Credential("alice", "other")
        assert store.exchange("reg.example.com", None, None)
        assert not store.exchange("reg.example.com", other, None)
        store.put("reg.example.com", kept)
        assert not store.exchange("reg.example.com", other, None)
        assert not store.exchange("reg.example.com", None, None)
        assert store.get("reg.example.com") == kept
        assert store.exchange("reg.example.com", kept, None)
        assert store.get("reg.example.com") is None
        assert store.list() == {}

    def test_who_else_is_kept_for_a_server_is_told(self) -> None:
        store = self.make_store()
        assert list(store.others("reg.example.com")) == []
        store.put("reg.example.com", Credential("alice", "wonder"))
        assert list(store.others("reg.example.com")) == []
        store.put("reg.example.com", Credential("bob", "builder"))
        found = store.get("reg.example.com")
        assert found is not None
        others = store.others("reg.example.com")
        assert list(others) == [] or {found.username, *others} == {"alice", "bob"}
        assert store.exchange("reg.example.com", found, None)
        assert list(store.others("reg.example.com")) == []

    def test_another_user_takes_the_place_of_the_first(self) -> None:
        store = self.make_store()
        first, second = Credential("alice", "wonder"), Credential("bob", "builder")
        store.put("reg.example.com", first)
        store.put("reg.example.com", second)
        expected = [second] if self.one_user else [first, second]
        assert store.get("reg.example.com") in expected
        assert store.list() in [{"reg.example.com": credential.username} for credential in expected]
        store.erase("reg.example.com")
        assert store.get("reg.example.com") is None

    def test_erased_is_gone(self) -> None:
        store = self.make_store()
        store.put("reg.example.com", Credential("alice", "wonder"))
        assert store.erase("reg.example.com") is True
        assert store.get("reg.example.com") is None
        assert store.list() == {}

    def test_erasing_nothing_is_no_error(self) -> None:
        store = self.make_store()
        store.put("other.example.com", Credential("alice", "wonder"))
        erased = store.erase("reg.example.com")
        assert erased is (not self.erase_tells)
        assert store.get("other.example.com") == Credential("alice", "wonder")

    def test_erasing_twice(self) -> None:
        store = self.make_store()
        store.put("reg.example.com", Credential("alice", "wonder"))
        assert store.erase("reg.example.com") is True
        assert store.erase("reg.example.com") is (not self.erase_tells)

    def test_erased_can_be_kept_again(self) -> None:
        store = self.make_store()
        store.put("reg.example.com", Credential("alice", "wonder"))
        store.erase("reg.example.com")
        store.put("reg.example.com", Credential("alice", "again"))
        assert store.get("reg.example.com") == Credential("alice", "again")

    def test_similar_servers_are_not_mixed_up(self) -> None:
        store = self.make_store()
        kept = {}
        for number, server in enumerate(SERVERS):
            assert store.get(server) is None, server
            kept[server] = Credential(f"user{number}", f"secret{number}")
            store.put(server, kept[server])
        for server, credential in kept.items():
            assert store.get(server) == credential, server
        assert store.list() == {server: credential.username for server, credential in kept.items()}

    def test_erasing_one_server_leaves_similar_ones(self) -> None:
        store = self.make_store()
        similar = SERVERS[:8]
        for server in similar:
            store.put(server, Credential("alice", server))
        store.erase(similar[0])
        assert store.get(similar[0]) is None
        for server in similar[1:]:
            assert store.get(server) == Credential("alice", server), server

    def test_identity_tokens(self) -> None:
        store = self.make_store()
        token = Credential("alice", "identity.token", is_identity_token=True)
        if not self.keeps_identity_tokens:
            _refuses(store, token)
            return
        store.put("reg.example.com", token)
        found = store.get("reg.example.com")
        assert found is not None
        assert found.is_identity_token
        assert found.secret == token.secret
        assert found.username in ("", "alice")
        assert store.list()["reg.example.com"] in ("", "alice")

    def test_an_identity_token_without_a_user_name(self) -> None:
        store = self.make_store()
        token = Credential("", "identity.token", is_identity_token=True)
        if not self.keeps_identity_tokens:
            _refuses(store, token)
            return
        store.put("reg.example.com", token)
        assert store.get("reg.example.com") == token
        assert store.list() == {"reg.example.com": ""}

    def test_a_password_takes_the_place_of_an_identity_token_and_back(self) -> None:
        if not self.keeps_identity_tokens:
            return
        store = self.make_store()
        token = Credential("", "identity.token", is_identity_token=True)
        password = Credential("alice", "wonder")
        for credential in (token, password, token):
            if not self.one_user:
                store.erase("reg.example.com")
            store.put("reg.example.com", credential)
            assert store.get("reg.example.com") == credential

    def test_difficult_user_names(self) -> None:
        store = self.make_store()
        kept = {}
        for number, username in enumerate(USERNAMES):
            server = f"reg{number}.example.com"
            credential = Credential(username, "secret")
            if username in self.refused_usernames:
                _refuses(store, credential, server)
                continue
            store.put(server, credential)
            assert store.get(server) == credential, ascii(username)
            kept[server] = username
        assert store.list() == kept

    def test_difficult_secrets(self) -> None:
        store = self.make_store()
        for secret in SECRETS:
            credential = Credential("alice", secret)
            if secret in self.refused_secrets:
                _refuses(store, credential)
                continue
            store.put("reg.example.com", credential)
            found = store.get("reg.example.com")
            assert found is not None, ascii(secret)
            assert ascii(found.secret.reveal()) == ascii(secret)

    def test_what_nobody_could_use_is_refused_and_the_old_one_stays(self) -> None:
        store = self.make_store()
        store.put("reg.example.com", Credential("alice", "wonder"))
        for credential in _BAD:
            _refuses(store, credential)
            assert store.get("reg.example.com") == Credential("alice", "wonder")

    def test_a_refusal_does_not_repeat_the_secret(self) -> None:
        store = self.make_store()
        error = _raised(lambda: store.put("reg.example.com", Credential("alice", "hunter2\0hunter2")))
        assert isinstance(error, BadCredential)
        assert "hunter2" not in f"{error} {error.hint}"

    def test_threads_lose_nothing(self) -> None:
        from threading import Thread

        store = self.make_store()
        errors: list[Exception] = []

        def work(number: int) -> None:
            try:
                for turn in range(2):
                    server = f"reg{number}-{turn}.example.com"
                    store.put(server, Credential(f"user{number}", server))
                store.erase(f"reg{number}-0.example.com")
            except Exception as error:  # noqa: BLE001 - handed to the test's own thread
                errors.append(error)

        threads = [Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert store.list() == {f"reg{number}-1.example.com": f"user{number}" for number in range(8)}
        for number in range(8):
            server = f"reg{number}-1.example.com"
            assert store.get(server) == Credential(f"user{number}", server)


def _refuses(store: Store, credential: Credential, server: str = "reg.example.com") -> None:
    before = store.get(server)
    error = _raised(lambda: store.put(server, credential))
    assert isinstance(error, BadCredential), f"not refused: {credential}"
    assert store.get(server) == before


def _raised(act: Callable[[], None]) -> Exception | None:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - the caller judges it
        return error
    return None
