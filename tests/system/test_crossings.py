"""One store, two programs: what docker's own helper keeps, ours reads, lists, overwrites and erases; and the other way.

The helpers are those of Debian (golang-docker-credential-helpers 0.6.4), with a real keyring and a real password store.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from dockpass.credential import Credential
from dockpass.stores.password_store import PassStore
from dockpass.stores.secretservice import SecretServiceStore
from real.keyring import session
from real.need import need
from real.password_store import password_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockpass.stores.contract import Store

SERVERS = (
    "reg.example.com",
    "reg.example.com:5000",
    "https://reg.example.com",
    "http://reg.example.com",
    "https://reg.example.com/v1",
    "https://reg.example.com/v1/",
    "HTTPS://REG.example.com/",
    "https://index.docker.io/v1/",
    "https://index.docker.io/v1/refresh-token",
    "docker.io",
    "127.0.0.1:5000",
    "[::1]:5000",
    "xn--bcher-kva.example/a+b?c=d~e",
    "b\u00fccher.example/\U0001f511",
)
SECRETS = (
    "plain",
    " spaces around ",
    "\"quotes\" and 'quotes'",
    "back\\slash\\n\\",
    "line\nbreak\r\nand more",
    "\nbreak before",
    "<&>\u2028\u2029\x7f\x1b",
    "p\u00e4ssw\u00f6rd \u5bc6\u7801 \U0001f511",
    '{"Secret":"another"}',
    "$HOME `id` %s",
    "=Zm9vOmJhcg==",
    "x" * 4096,
    "\u00fc" * 4096,
    "0123456789abcdef" * 4080,  # nearly 64 KiB: the helper takes no longer line
)


class Both:
    """A place where both keep, and docker's helper for it."""

    def __init__(self, helper: str, environ: dict[str, str], ours: Store) -> None:
        self.ours = ours
        self._helper = need(helper)
        self._environ = environ

    def theirs(self, action: str, payload: str) -> tuple[int, str]:
        """What docker's helper answers, and its exit status."""
        done = subprocess.run(
            [self._helper, action],
            env=self._environ,
            input=payload.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode, done.stdout.decode()

    def store(self, server: str, username: str, secret: str) -> None:
        payload = json.dumps({"ServerURL": server, "Username": username, "Secret": secret})
        assert self.theirs("store", payload) == (0, "")

    def get(self, server: str) -> tuple[str, str] | None:
        status, output = self.theirs("get", server)
        if status != 0:
            assert output == "credentials not found in native keychain\n"
            return None
        answer = json.loads(output)
        assert answer["ServerURL"] == server
        # This version of docker-credential-pass has an empty answer for what is not there.
        return (answer["Username"], answer["Secret"]) if answer["Username"] else None

    def list(self) -> dict[str, str]:
        status, output = self.theirs("list", "unused")
        assert status == 0, output
        found: dict[str, str] = json.loads(output)
        return found


@pytest.fixture(params=["secretservice", "pass"])
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    if request.param == "secretservice":
        with session() as desktop:
            desktop.start_keyring()
            ours: Store = SecretServiceStore(environ=desktop.environ)
            yield Both("docker-credential-secretservice", desktop.environ, ours)
    else:
        with password_store() as place:
            place.make_key()
            place.init()
            yield Both("docker-credential-pass", place.environ, PassStore(environ=place.environ))


def test_what_dockers_helper_keeps_is_ours_to_use(both: Both) -> None:
    for server, secret in zip(SERVERS, SECRETS, strict=True):
        both.store(server, "alice", secret)
    assert both.ours.list() == dict.fromkeys(SERVERS, "alice")
    for server, secret in zip(SERVERS, SECRETS, strict=True):
        assert both.ours.get(server) == Credential("alice", secret), server
        both.ours.put(server, Credential("alice", f"new {secret}"))
        assert both.get(server) == ("alice", f"new {secret}"), server
    assert both.list() == dict.fromkeys(SERVERS, "alice")
    for number, server in enumerate(SERVERS):
        assert both.ours.erase(server) is True
        assert both.get(server) is None
        assert set(both.list()) == set(SERVERS[number + 1 :])


def test_what_we_keep_is_for_dockers_helper_to_use(both: Both) -> None:
    secrets = (*SECRETS[1:], "0123456789abcdef" * 4096)
    for server, secret in zip(SERVERS, secrets, strict=True):
        both.ours.put(server, Credential("alice", secret))
    assert both.list() == dict.fromkeys(SERVERS, "alice")
    for server, secret in zip(SERVERS, secrets, strict=True):
        assert both.get(server) == ("alice", secret), server
        both.store(server, "alice", "new")
        assert both.ours.get(server) == Credential("alice", "new"), server
    assert both.ours.list() == dict.fromkeys(SERVERS, "alice")
    for number, server in enumerate(SERVERS):
        assert both.theirs("erase", server) == (0, "")
        assert both.ours.get(server) is None
        assert both.ours.erase(server) is False
        assert set(both.ours.list()) == set(SERVERS[number + 1 :])


def test_an_identity_token_goes_both_ways(both: Both) -> None:
    token = Credential("", "identity.token", is_identity_token=True)
    both.ours.put("ours.test", token)
    assert both.get("ours.test") == ("<token>", "identity.token")
    both.store("theirs.test", "<token>", "identity.token")
    assert both.ours.get("theirs.test") == token
    assert both.ours.list() == {"ours.test": "", "theirs.test": ""}
    assert both.list() == {"ours.test": "<token>", "theirs.test": "<token>"}


def test_two_users_that_dockers_helper_keeps_become_one(both: Both) -> None:
    kept = {"alice": "wonder", "bob": "builder"}
    for username, secret in kept.items():
        both.store("reg.test", username, secret)
    found = both.ours.get("reg.test")
    assert found is not None
    assert kept[found.username] == found.secret.reveal()
    assert both.ours.list() == {"reg.test": found.username}
    both.ours.put("reg.test", Credential("carol", "third"))
    assert both.ours.get("reg.test") == Credential("carol", "third")
    assert both.get("reg.test") == ("carol", "third")
    assert both.list() == {"reg.test": "carol"}


def test_two_users_that_dockers_helper_keeps_are_erased_together(both: Both) -> None:
    both.store("reg.test", "alice", "wonder")
    both.store("reg.test", "bob", "builder")
    assert both.ours.erase("reg.test") is True
    assert both.get("reg.test") is None
    assert both.list() == {}


def test_an_empty_secret_is_no_login_and_can_be_erased(both: Both) -> None:
    both.store("reg.test", "alice", "")
    assert both.ours.get("reg.test") is None
    assert both.ours.list() == {"reg.test": "alice"}
    assert both.ours.erase("reg.test") is True
    assert both.list() == {}


def test_an_empty_secret_gives_way(both: Both) -> None:
    both.store("reg.test", "alice", "")
    both.ours.put("reg.test", Credential("bob", "builder"))
    assert both.ours.get("reg.test") == Credential("bob", "builder")
    assert both.get("reg.test") == ("bob", "builder")


def test_user_names_go_both_ways(both: Both) -> None:
    names = ("DOMAIN\\alice", "robot$ci+build", "with space", "-dash", '"quoted"', "\u7528\u6237", "<user>&co", "a.gpg")
    for number, name in enumerate(names):
        both.ours.put(f"ours{number}.test", Credential(name, "secret"))
        assert both.get(f"ours{number}.test") == (name, "secret")
        both.store(f"theirs{number}.test", name, "secret")
        assert both.ours.get(f"theirs{number}.test") == Credential(name, "secret")
    assert both.ours.list() == both.list()
