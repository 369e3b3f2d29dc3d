"""Any store, spoken to as a credential helper."""

from __future__ import annotations

import pytest

from dockpass.credential import Credential
from dockpass.errors import FileUnreadable
from dockpass.helper.serve import Answer, serve
from dockpass.stores.memory import MemoryStore
from dockpass.version import __version__

NAME = "docker-credential-x"
USAGE = "Usage: docker-credential-x <store|get|erase|list|version>\n"
HUB = "https://index.docker.io/v1/"


class Broken(MemoryStore):
    def get(self, server: str) -> Credential | None:
        raise FileUnreadable(f"cannot read what is kept for {server}", "mend it")

    def erase(self, server: str) -> bool:
        raise FileUnreadable(f"cannot remove what is kept for {server}", "mend it")


def ask(store: MemoryStore, *words: str, sent: bytes = b"") -> tuple[str, int, str]:
    answer: Answer = serve(NAME, words, lambda: sent, lambda: store)
    return answer.output, answer.status, answer.hint


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_what_is_stored_is_got_listed_and_erased(store: MemoryStore) -> None:
    payload = b'{"ServerURL":"reg:5000","Username":"alice","Secret":"a \\"<secret>\\" & more"}\n'
    assert ask(store, "store", sent=payload) == ("", 0, "")
    assert ask(store, "get", sent=b"reg:5000") == (
        '{"ServerURL":"reg:5000","Username":"alice","Secret":"a \\"\\u003csecret\\u003e\\" \\u0026 more"}\n',
        0,
        "",
    )
    assert ask(store, "list") == ('{"reg:5000":"alice"}\n', 0, "")
    assert ask(store, "erase", sent=b"reg:5000\n") == ("", 0, "")
    assert ask(store, "get", sent=b"reg:5000") == ("credentials not found in native keychain\n", 1, "")
    assert ask(store, "list") == ("{}\n", 0, "")


def test_an_identity_token_is_marked_by_its_user_name(store: MemoryStore) -> None:
    payload = b'{"ServerURL":"reg","Username":"<token>","Secret":"t"}'
    ask(store, "store", sent=payload)
    assert store.get("reg") == Credential("", "t", is_identity_token=True)
    output, status, _hint = ask(store, "get", sent=b"reg")
    assert (output, status) == ('{"ServerURL":"reg","Username":"\\u003ctoken\\u003e","Secret":"t"}\n', 0)
    assert ask(store, "list")[0] == '{"reg":"\\u003ctoken\\u003e"}\n'


@pytest.mark.parametrize(("kept", "asked"), [(HUB, "docker.io"), ("docker.io", HUB), ("https://reg/v1/", "reg")])
def test_another_spelling_is_served_and_answered_as_it_was_asked(store: MemoryStore, kept: str, asked: str) -> None:
    store.put(kept, Credential("alice", "secret"))
    output, status, _hint = ask(store, "get", sent=asked.encode())
    assert status == 0
    assert f'{{"ServerURL":"{asked}",' in output
    assert ask(store, "erase", sent=asked.encode()) == ("", 0, "")
    assert store.list() == {}


def test_the_exact_key_comes_first(store: MemoryStore) -> None:
    store.put(HUB, Credential("docker", "1"))
    store.put("docker.io", Credential("podman", "2"))
    assert '"podman"' in ask(store, "get", sent=b"docker.io")[0]
    assert '"docker"' in ask(store, "get", sent=HUB.encode())[0]


def test_dockers_own_keys_are_apart_from_the_login(store: MemoryStore) -> None:
    store.put(HUB, Credential("alice", "secret"))
    for key in (f"{HUB}access-token", f"{HUB}refresh-token", "docker.io/library", "not a registry"):
        assert ask(store, "get", sent=key.encode())[1] == 1
        assert ask(store, "erase", sent=key.encode()) == ("", 0, "")
    store.put(f"{HUB}access-token", Credential("alice", "token"))
    ask(store, "erase", sent=f"{HUB}access-token".encode())
    assert store.list() == {HUB: "alice"}


@pytest.mark.parametrize("words", [(), ("get", "x")])
def test_the_wrong_number_of_words_gets_the_usage(store: MemoryStore, words: tuple[str, ...]) -> None:
    assert ask(store, *words) == (USAGE, 1, "")


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help(store: MemoryStore, word: str) -> None:
    assert ask(store, word) == (USAGE, 0, "")


@pytest.mark.parametrize("word", ["version", "--version", "-v"])
def test_version(store: MemoryStore, word: str) -> None:
    assert ask(store, word) == (f"docker-credential-x (dockpass) {__version__}\n", 0, "")


@pytest.mark.parametrize("word", ["foo", "", "GET"])
def test_an_unknown_action(store: MemoryStore, word: str) -> None:
    assert ask(store, word) == (f"docker-credential-x: unknown action: {word}\n", 1, "")


def test_what_cannot_be_kept_is_refused_and_nothing_is_lost(store: MemoryStore) -> None:
    store.put("reg", Credential("alice", "secret"))
    output, status, hint = ask(store, "store", sent=b'{"ServerURL":"reg","Username":"a:b","Secret":"s"}')
    assert status == 1
    assert "colon" in output
    assert hint
    assert store.get("reg") == Credential("alice", "secret")


@pytest.mark.parametrize("action", ["get", "erase"])
def test_no_server_is_said_alone_on_standard_output(store: MemoryStore, action: str) -> None:
    assert ask(store, action, sent=b" \n") == ("no credentials server URL\n", 1, "")


def test_a_broken_store_is_never_not_found() -> None:
    assert ask(Broken(), "get", sent=b"reg") == (
        "cannot read what is kept for reg\n",
        1,
        "mend it",
    )


def test_why_nothing_was_erased_is_said_to_people_too() -> None:
    why = "cannot remove what is kept for reg"
    assert ask(Broken(), "erase", sent=b"reg") == (f"{why}\n", 1, f"{why}; mend it")
