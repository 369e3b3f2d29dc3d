"""Our programs in place of docker's: each reads what the other wrote, and answers in the same bytes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from dockpass.account import launcher
from dockpass.stores.secretservice import SecretServiceStore
from real.keyring import session
from real.need import need
from real.password_store import password_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOT_FOUND = b"credentials not found in native keychain\n"


class Pair:
    """docker's program and ours, over the same place."""

    def __init__(self, name: str, folder: Path, environ: dict[str, str]) -> None:
        self.environ = environ
        self.theirs = need(f"docker-credential-{name}")
        self.ours = launcher.install(name, str(folder))

    def ask(self, program: str, action: str, sent: bytes = b"") -> tuple[bytes, int]:
        done = subprocess.run([program, action], input=sent, env=self.environ, capture_output=True, check=False)
        return done.stdout, done.returncode


@pytest.fixture(params=["pass", "secretservice"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    if request.param == "pass":
        with password_store() as place:
            place.make_key()
            place.init()
            yield Pair("pass", tmp_path, place.environ)
    else:
        with session() as there:
            there.start_keyring()
            yield Pair("secretservice", tmp_path, there.environ)


@pytest.mark.parametrize(
    ("server", "username", "secret"),
    [
        ("https://index.docker.io/v1/", "alice", 'a "<secret>" & more'),
        ("reg.test:5000", "<token>", "eyJ0.eyJ1.c2ln"),
        ("reg.test/team", "robot$ci+build", "p\u00e4ss \u5bc6\u7801"),
    ],
)
def test_each_reads_what_the_other_wrote(server: str, username: str, secret: str, pair: Pair) -> None:
    import json

    payload = json.dumps({"ServerURL": server, "Username": username, "Secret": secret}).encode()
    for writer in (pair.ours, pair.theirs):
        assert pair.ask(writer, "store", payload) == (b"", 0)
        for action in ("get", "list"):
            ours = pair.ask(pair.ours, action, server.encode())
            assert ours == pair.ask(pair.theirs, action, server.encode())
            assert ours[1] == 0
        assert json.loads(pair.ask(pair.ours, "get", server.encode())[0])["Secret"] == secret
        eraser = pair.theirs if writer == pair.ours else pair.ours
        assert pair.ask(eraser, "erase", server.encode()) == (b"", 0)
        assert pair.ask(pair.ours, "get", server.encode()) == (NOT_FOUND, 1)
        assert pair.ask(pair.ours, "list") == pair.ask(pair.theirs, "list") == (b"{}\n", 0)


def test_what_is_not_there(pair: Pair) -> None:
    assert pair.ask(pair.ours, "get", b"reg.test") == (NOT_FOUND, 1)
    assert pair.ask(pair.ours, "erase", b"reg.test") == (b"", 0)


def test_a_keyring_that_can_be_used_and_one_that_cannot() -> None:
    with session() as there:
        assert "keyring" in str(SecretServiceStore(environ=there.environ).probe())
        there.start_keyring()
        assert SecretServiceStore(environ=there.environ).probe() is None
        there.lock()
        assert SecretServiceStore(environ=there.environ).probe() is None
