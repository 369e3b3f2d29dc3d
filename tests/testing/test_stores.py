"""The suite for stores: it passes what is good, and finds out what is not."""

from __future__ import annotations

import subprocess
import sys
import unittest

import pytest

from dockpass.credential import Credential
from dockpass.errors import BadCredential, HelperFailed
from dockpass.stores.memory import MemoryStore
from dockpass.testing.stores import SECRETS, USERNAMES, StoreSuite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.stores.contract import Store

CASES = sorted(name for name in vars(StoreSuite) if name.startswith("test_"))


class TestWithUnittest(StoreSuite, unittest.TestCase):
    shared = False

    def make_store(self) -> MemoryStore:
        return MemoryStore()


class NoTokens(MemoryStore):
    def put(self, server: str, credential: Credential) -> None:
        if credential.is_identity_token:
            raise BadCredential("no identity tokens")
        super().put(server, credential)


class TestAStoreWithoutIdentityTokens(StoreSuite):
    shared = False
    keeps_identity_tokens = False

    def make_store(self) -> NoTokens:
        return NoTokens()


class Choosy(MemoryStore):
    def put(self, server: str, credential: Credential) -> None:
        if "/" in credential.username or credential.secret.reveal().endswith("\n"):
            raise BadCredential("neither slashes nor line breaks")
        super().put(server, credential)


class TestAStoreThatSaysWhatItRefuses(StoreSuite):
    shared = False
    refused_usernames = tuple(name for name in USERNAMES if "/" in name)
    refused_secrets = tuple(secret for secret in SECRETS if secret.endswith("\n"))

    def make_store(self) -> Choosy:
        return Choosy()


class Crowded(MemoryStore):
    """Keeps every user of a server, and gives the first one, as docker-credential-pass does."""

    def __init__(self) -> None:
        super().__init__()
        self.users: dict[str, dict[str, Credential]] = {}

    def put(self, server: str, credential: Credential) -> None:
        super().put(server, credential)
        users = self.users.setdefault(server, {})
        users["<token>" if credential.is_identity_token else credential.username] = credential
        super().put(server, users[min(users)])

    def erase(self, server: str) -> bool:
        self.users.pop(server, None)
        return super().erase(server)


class TestAStoreWithManyUsers(StoreSuite):
    shared = False
    one_user = False

    def make_store(self) -> Crowded:
        return Crowded()


def failures(make: Callable[[], Store], **attributes: object) -> list[str]:
    """The cases that a store does not pass."""
    suite = type("Suite", (StoreSuite,), {"shared": False, **attributes})
    found = []
    for case in CASES:
        one = suite()
        one.make_store = make
        try:
            getattr(one, case)()
        except (AssertionError, BadCredential, HelperFailed, KeyError):
            found.append(case)
    return found


def test_a_good_store_passes() -> None:
    assert failures(MemoryStore) == []


class Nameless(MemoryStore):
    name = ""


class Forgetful(MemoryStore):
    def put(self, server: str, credential: Credential) -> None:
        pass


class Stubborn(MemoryStore):
    def put(self, server: str, credential: Credential) -> None:
        if self.get(server) is None:
            super().put(server, credential)


class Sticky(MemoryStore):
    def erase(self, server: str) -> bool:
        return self.get(server) is not None


class Boasting(MemoryStore):
    def erase(self, server: str) -> bool:
        super().erase(server)
        return True


class Careless(MemoryStore):
    def put(self, server: str, credential: Credential) -> None:
        with self._lock:
            self._kept[server] = credential


class Eager(MemoryStore):
    """Drops what it had before it looks at what it is given."""

    def put(self, server: str, credential: Credential) -> None:
        self.erase(server)
        super().put(server, credential)


class Talkative(MemoryStore):
    def put(self, server: str, credential: Credential) -> None:
        try:
            super().put(server, credential)
        except BadCredential:
            raise BadCredential(f"bad: {credential.secret.reveal()}") from None


class Normalising(MemoryStore):
    def get(self, server: str) -> Credential | None:
        return super().get(server.removeprefix("https://"))


class ByPrefix(MemoryStore):
    def erase(self, server: str) -> bool:
        return max(
            [super(ByPrefix, self).erase(each) for each in self.list() if each.startswith(server)], default=False
        )


class Trimming(MemoryStore):
    def put(self, server: str, credential: Credential) -> None:
        trimmed = Credential(
            credential.username, credential.secret.reveal().strip(), is_identity_token=credential.is_identity_token
        )
        super().put(server, trimmed)


class Escaping(MemoryStore):
    def put(self, server: str, credential: Credential) -> None:
        username = credential.username.replace("%", "%25")
        super().put(server, Credential(username, credential.secret, is_identity_token=credential.is_identity_token))


class Flattening(MemoryStore):
    """Keeps an identity token as if it were a password."""

    def put(self, server: str, credential: Credential) -> None:
        super().put(server, Credential(credential.username or "token", credential.secret))


class Blind(MemoryStore):
    def list(self) -> dict[str, str]:
        return {}


class Racing(MemoryStore):
    """Reads, waits, and writes it all back."""

    def put(self, server: str, credential: Credential) -> None:
        import time

        kept = dict(self._kept)
        super().put(server, credential)
        time.sleep(0.001)
        self._kept = {**kept, server: credential}


@pytest.mark.parametrize(
    ("make", "case"),
    [
        (Nameless, "test_it_has_a_name"),
        (Forgetful, "test_what_was_kept_comes_back"),
        (Stubborn, "test_the_latest_counts"),
        (Stubborn, "test_another_user_takes_the_place_of_the_first"),
        (Stubborn, "test_a_password_takes_the_place_of_an_identity_token_and_back"),
        (Sticky, "test_erased_is_gone"),
        (Sticky, "test_erasing_twice"),
        (Boasting, "test_erasing_nothing_is_no_error"),
        (Careless, "test_what_nobody_could_use_is_refused_and_the_old_one_stays"),
        (Eager, "test_what_nobody_could_use_is_refused_and_the_old_one_stays"),
        (Talkative, "test_a_refusal_does_not_repeat_the_secret"),
        (Normalising, "test_similar_servers_are_not_mixed_up"),
        (ByPrefix, "test_erasing_one_server_leaves_similar_ones"),
        (Trimming, "test_difficult_secrets"),
        (Escaping, "test_difficult_user_names"),
        (Flattening, "test_identity_tokens"),
        (Flattening, "test_an_identity_token_without_a_user_name"),
        (Blind, "test_keeping_the_same_again_changes_nothing"),
        (Racing, "test_threads_lose_nothing"),
        (NoTokens, "test_identity_tokens"),
        (Choosy, "test_difficult_user_names"),
        (Choosy, "test_difficult_secrets"),
        (Crowded, "test_another_user_takes_the_place_of_the_first"),
    ],
)
def test_a_bad_store_is_found_out(make: Callable[[], Store], case: str) -> None:
    assert case in failures(make)


def test_one_store_for_all_is_found_out() -> None:
    store = MemoryStore()
    assert "test_another_instance_sees_it_or_not" in failures(lambda: store)
    assert "test_what_was_never_kept_is_not_there" in failures(lambda: store)
    assert "test_another_instance_sees_it_or_not" in failures(MemoryStore, shared=True)


@pytest.mark.parametrize(
    ("claim", "case"),
    [
        ({"keeps_identity_tokens": False}, "test_identity_tokens"),
        ({"refused_usernames": USERNAMES[:1]}, "test_difficult_user_names"),
        ({"refused_secrets": SECRETS[:1]}, "test_difficult_secrets"),
        ({"erase_tells": False}, "test_erasing_nothing_is_no_error"),
    ],
)
def test_a_false_claim_is_found_out(claim: dict[str, object], case: str) -> None:
    assert case in failures(MemoryStore, **claim)


def test_an_error_in_a_thread_is_found_out() -> None:
    class Broken(MemoryStore):
        def put(self, server: str, credential: Credential) -> None:
            if server == "reg3-1.example.com":
                raise HelperFailed("broken")
            super().put(server, credential)

    assert failures(Broken) == ["test_threads_lose_nothing"]


def test_who_does_not_say_how_to_make_a_store() -> None:
    with pytest.raises(NotImplementedError):
        StoreSuite().make_store()


def test_it_needs_no_pytest() -> None:
    script = "import sys, dockpass.testing.stores, dockpass.testing.helper_program; assert 'pytest' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
