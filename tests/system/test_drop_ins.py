"""Our programs in place of docker's: each reads what the other wrote, and answers in the same bytes."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from dockpass.account import launcher
from dockpass.credential import Credential
from dockpass.stores.secretservice import SecretServiceStore
from dockpass.testing.registry import ScriptedRegistry
from real.keyring import session
from real.need import need
from real.password_store import password_store
from real.secret_service import ScriptedService

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


# What docker's program makes of a request that is none, without its words: whether it printed, lines, exit status.
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b" \n",
        b"nonsense",
        b"[]",
        b"[1]",
        b"1",
        b'"text"',
        b"true",
        b"null",
        b"{}",
        b'{"ServerURL":"reg.test","Username":"u"',
        b'{"ServerURL":1,"Username":"u"}',
        b'{"ServerURL":"reg.test","Username":["u"]}',
        b'{"ServerURL":"reg.test","Username":"u","Secret":{}}',
        b'{"ServerURL":"reg.test","Username":null,"Secret":"s"}',
        b'{"ServerURL":"reg.test","Username":""}',
        b'{"Username":"u","Secret":"s"}',
        b'{"ServerURL":"reg.test","Username":"u","Secret":"a\tb"}',
        b'{"ServerURL":"reg.test","Username":"u","Secret":"s","More":01}',
        b'\xef\xbb\xbf{"ServerURL":"reg.test","Username":"u","Secret":"s"}',
    ],
)
def test_what_is_no_login_is_refused_as_docker_s_does(sent: bytes, pair: Pair) -> None:
    answers = [pair.ask(program, "store", sent) for program in (pair.ours, pair.theirs)]
    for output, status in answers:
        assert (status, output.count(b"\n"), output[-1:]) == (1, 1, b"\n")
    if not answers[1][0].startswith((b"json: ", b"invalid character ", b"unexpected EOF")):
        assert answers[0] == answers[1]
    assert pair.ask(pair.ours, "list") == (b"{}\n", 0)


@pytest.mark.parametrize(
    "sent",
    [
        b'{"serverurl":"reg.test","USERNAME":"u","sEcReT":"s","More":[1,{"a":2}]} more {',
        b'{\r\n  "ServerURL": "reg.test",\r\n "Username":\n"u", "Secret":"s"\n}\r\n',
        b'{"ServerURL":"reg.test","Username":"u","Secret":"a\xffb\xc3("}',
        b'{"ServerURL":"reg.test","Username":"u","Secret":"1","secret":"2"}',
        b'{"ServerURL":"reg.test","Username":"u","Secret":"s","More":1e999,"Even":12345678901234567890123}',
        b'{"ServerURL":"reg.test","Username":"u","Secret":"' + b"\n".join([b"x" * 60000] * 4) + b'"}',
        b'{"ServerURL":"reg.test","Username":"u","Secret":"\\ud83d\\ude00 <>&\\u2028 \\" \\\\ \\n\\r\\t\\u0001\\u007f"}',
        b'{"ServerURL":"reg.test","Username":"u","Secret":"\\nline\\n\\nand line"}',
    ],
)
def test_what_is_a_login_to_docker_s_is_one_to_ours(sent: bytes, pair: Pair) -> None:
    answers = []
    for program in (pair.theirs, pair.ours):
        assert pair.ask(program, "store", sent) == (b"", 0)
        answers.append((pair.ask(program, "get", b" reg.test\r\n"), pair.ask(program, "list")))
        assert pair.ask(program, "erase", b"\treg.\ntest") == (b"", 0)
    assert answers[0] == answers[1]
    assert answers[0][0][1] == 0


# What our page says that our programs do otherwise.
@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b'{"ServerURL":"reg.test","Username":"u"}', b"the secret is empty"),
        (b'{"ServerURL":"reg.test","Username":"u:v","Secret":"s"}', b"colon"),
        (b'{"ServerURL":"reg.test","Username":"u\\nv","Secret":"s"}', b"control character"),
        (b'{"ServerURL":"reg\\n.test","Username":"u","Secret":"s"}', b"no credential helper can keep"),
        (b'{"ServerURL":"reg.test","Username":"u","Secret":"a\\u0000b"}', b"NUL"),
        (b'{"ServerURL":"reg.test","Username":"u","Secret":"\\ud800"}', b"half a surrogate pair"),
        (b'{"ServerURL":"reg.test","Username":"u","Secret":"1","Secret":"2"}', b"a name stands twice"),
        (b'{"ServerURL":"reg.test","Username":"u","Secret":"s","X":' + b"[" * 40 + b"]" * 40 + b"}", b"too deep"),
    ],
)
def test_what_docker_s_keeps_and_ours_refuses(sent: bytes, says: bytes, pair: Pair) -> None:
    good = b'{"ServerURL":"reg.test","Username":"before","Secret":"wonder"}'
    assert pair.ask(pair.ours, "store", good) == (b"", 0)
    output, status = pair.ask(pair.ours, "store", sent)
    assert (status, output.count(b"\n")) == (1, 1)
    assert says in output
    assert b"before" in pair.ask(pair.ours, "get", b"reg.test")[0]  # what was there is still there
    assert pair.ask(pair.theirs, "store", sent) == (b"", 0)


def test_a_line_of_more_than_64_kib(pair: Pair) -> None:
    sent = b'{"ServerURL":"reg.test","Username":"u","Secret":"' + b"x" * 70_000 + b'"}'
    assert pair.ask(pair.theirs, "store", sent) == (b"bufio.Scanner: token too long\n", 1)
    assert pair.ask(pair.ours, "store", sent) == (b"", 0)
    assert pair.ask(pair.ours, "get", b"reg.test") == pair.ask(pair.theirs, "get", b"reg.test")
    # go-containerregistry asks for a whole repository first, however long its name is, and stops at an error.
    assert pair.ask(pair.ours, "get", b"reg.test/" + b"x" * 300) == (NOT_FOUND, 1)


@pytest.mark.parametrize("username", ["a/b", "../x"])
def test_dockers_command_line_shows_what_ours_says(username: str, tmp_path: Path) -> None:
    docker = need("docker")
    config = tmp_path / "docker" / "config.json"
    config.parent.mkdir()
    config.write_text('{"credsStore":"pass"}')
    with password_store() as place, ScriptedRegistry({username: "wonder"}) as registry:
        place.make_key()
        place.init()
        ours = launcher.install("pass", str(tmp_path))
        environ = {**place.environ, "PATH": f"{tmp_path}:{place.environ['PATH']}", "DOCKER_CONFIG": str(config.parent)}
        engine = ["--host", f"unix://{tmp_path}/none"]  # there is none: docker logs in by itself
        words = [docker, *engine, "login", "-u", username, "--password-stdin", registry.address]
        done = subprocess.run(words, input="wonder", env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert 'out: `pass cannot keep a user name with "/" in it' in done.stderr
        assert f"{os.path.basename(ours)}: keep it elsewhere: dockpass login --store age SERVER" in done.stderr
        assert sorted(os.listdir(place.folder)) == [".gpg-id"]
        assert not os.path.exists(f"{place.home}/x.gpg")


def test_dockers_command_line_drops_why_nothing_was_erased_and_ours_says_it(tmp_path: Path) -> None:
    docker = need("docker")
    (tmp_path / "config.json").write_text('{"credsStore":"secretservice","auths":{"reg.test":{}}}')
    launcher.install("secretservice", str(tmp_path))
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path)}
    done = subprocess.run([docker, "logout", "reg.test"], env=environ, capture_output=True, text=True, check=False)
    assert "docker-credential-secretservice: no keyring can be reached" in done.stderr
    assert "log in on a desktop" in done.stderr


def test_six_results_of_a_keyring_are_six_answers(tmp_path: Path) -> None:
    ours = launcher.install("secretservice", str(tmp_path))

    def get(environ: dict[str, str]) -> tuple[str, str, int]:
        words = [ours, "get"]
        done = subprocess.run(words, input="reg.test", env=environ, capture_output=True, text=True, check=False)
        return done.stdout, done.stderr, done.returncode

    def error(answer: tuple[str, str, int]) -> str:
        """The message; there is a next step beside it."""
        message, hint, status = answer
        assert (status, message.count("\n")) == (1, 1)
        assert hint.startswith("docker-credential-secretservice: ")
        return message

    with session() as there:
        assert "there is no D-Bus session bus" in error(
            get({**there.environ, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none"})
        )
        assert "no keyring service (org.freedesktop.secrets) runs" in error(get(there.environ))
        there.start_keyring()
        assert get(there.environ) == (NOT_FOUND.decode(), "", 1)
        SecretServiceStore(environ=there.environ).put("reg.test", Credential("alice", "wonder"))
        assert get(there.environ) == ('{"ServerURL":"reg.test","Username":"alice","Secret":"wonder"}\n', "", 0)
        there.lock()
        assert "is locked, and nothing in this session can ask" in error(get(there.environ))
    with session() as there, ScriptedService(there.environ["DBUS_SESSION_BUS_ADDRESS"], person="dismisses"):
        assert "the question for its password was dismissed" in error(get(there.environ))


def test_a_keyring_that_can_be_used_and_one_that_cannot() -> None:
    with session() as there:
        assert "keyring" in str(SecretServiceStore(environ=there.environ).probe())
        there.start_keyring()
        assert SecretServiceStore(environ=there.environ).probe() is None
        there.lock()
        assert SecretServiceStore(environ=there.environ).probe() is None
