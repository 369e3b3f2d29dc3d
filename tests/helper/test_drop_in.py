"""A store of ours in place of one of docker's helpers: a process, its bytes and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import dockpass
from dockpass.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
NAME = "docker-credential-own"
NOT_FOUND = b"credentials not found in native keychain\n"

# A store of one login.
STORE = """
import os
from dockpass.credential import Credential
from dockpass.errors import StoreLocked
from dockpass.stores.contract import Store

class OwnStore(Store):
    name = "own"
    def __init__(self, environ=None, waiting=None):
        self.path, self.waiting = os.environ["KEPT"], waiting
    def get(self, server):
        if server == "locked.test":
            raise StoreLocked("the keyring is locked", "unlock it")
        try:
            with open(self.path) as file:
                kept, username, secret = file.read().split("|")
        except FileNotFoundError:
            return None
        return Credential(username, secret) if kept == server else None
    def put(self, server, credential):
        self.waiting("somebody is asked")
        with open(self.path, "w") as file:
            file.write(f"{server}|{credential.username}|{credential.secret.reveal()}")
    def erase(self, server):
        found = self.get(server) is not None
        if found:
            os.unlink(self.path)
        return found
    def list(self):
        if not os.path.exists(self.path):
            return {}
        with open(self.path) as file:
            server, username, _secret = file.read().split("|")
        return {server: username}
"""
START = f"""
import sys
sys.path.insert(0, {SOURCE!r})
before = set(sys.modules)
from dockpass.stores import built_in
built_in.STORES["own"] = built_in.STORES["openbao"] = ("store_of_a_test", "OwnStore")
from dockpass.helper.drop_in import run
"""
SHOW = """
import os
end = os._exit
def show(status):
    os.write(2, "\\n".join(set(sys.modules) - before).encode())
    end(status)
os._exit = show
"""
IMPORTED = {"__future__", "os", "os.path", "posixpath", "genericpath", "stat", "_stat", "_collections_abc"}
IMPORTED |= {"_json", "binascii", "errno", "fcntl", "store_of_a_test", "dockpass"}
IMPORTED |= {
    f"dockpass.{name}"
    for name in [
        "credential",
        "errors",
        "helper",
        "helper.drop_in",
        "helper.own",
        "helper.request",
        "helper.serve",
        "stores",
        "stores.answer",
        "stores.built_in",
        "stores.contract",
        "stores.protocol",
        "strictjson",
        "display",
        "version",
    ]
}


class Program:
    """The program, with a store of its own."""

    def __init__(self, folder: Path) -> None:
        (folder / "store_of_a_test.py").write_text(STORE)
        self.start = f"{START}\nsys.path.append({str(folder)!r})\n"
        self.environ = {"KEPT": str(folder / "kept"), "PATH": "/nonexistent"}
        self.environ |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}

    def run(self, *words: str, sent: bytes = b"", first: str = "", store: str = "own") -> tuple[bytes, int, bytes]:
        code = f"{self.start}{first}\nrun({store!r})"
        command = [sys.executable, "-I", "-S", "-c", code, *words]
        done = subprocess.run(command, input=sent, capture_output=True, check=False, env=self.environ)
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done.stdout, done.returncode, done.stderr


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_a_login_from_store_to_erase(program: Program) -> None:
    assert program.run("get", sent=b"reg.test") == (NOT_FOUND, 1, b"")
    assert program.run("list", sent=b"unused") == (b"{}\n", 0, b"")
    payload = b'{"serverurl": " reg.test ", "Username": "alice", "Secret": "a<b"} and more'
    assert program.run("store", sent=payload) == (b"", 0, f"{NAME}: somebody is asked\n".encode())
    expected = b'{"ServerURL":"reg.test","Username":"alice","Secret":"a\\u003cb"}\n'
    assert program.run("get", sent=b" reg.test\r\n") == (expected, 0, b"")
    assert program.run("list") == (b'{"reg.test":"alice"}\n', 0, b"")
    assert program.run("erase", sent=b"reg.test") == (b"", 0, b"")
    assert program.run("erase", sent=b"reg.test") == (b"", 0, b"")
    assert program.run("get", sent=b"reg.test") == (NOT_FOUND, 1, b"")


def test_a_server_is_asked_for_as_it_is_spelled(program: Program) -> None:
    program.run("store", sent=b'{"ServerURL":"https://reg.test","Username":"alice","Secret":"s"}')
    for spelling in (b"reg.test", b"https://reg.test/", b"http://reg.test"):
        assert program.run("get", sent=spelling) == (NOT_FOUND, 1, b"")
        assert program.run("erase", sent=spelling) == (b"", 0, b"")
    assert program.run("list")[0] == b'{"https://reg.test":"alice"}\n'


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("https://index.docker.io/v1/", b"docker.io"),
        ("https://index.docker.io/v1/", b"index.docker.io"),
        ("reg.test", b"https://reg.test/v2/"),
    ],
)
def test_openbao_has_it_under_the_registry_s_own_key(kept: str, asked: bytes, program: Program) -> None:
    payload = f'{{"ServerURL":"{kept}","Username":"alice","Secret":"s"}}'.encode()
    program.run("store", sent=payload, store="openbao")
    answer = f'{{"ServerURL":"{asked.decode()}","Username":"alice","Secret":"s"}}\n'.encode()
    assert program.run("get", sent=asked, store="openbao") == (answer, 0, b"")
    assert program.run("get", sent=asked) == (NOT_FOUND, 1, b"")
    for other in (b"https://index.docker.io/v1/access-token", b"reg.test/team", b"other.test", b"ftp://x"):
        assert program.run("get", sent=other, store="openbao") == (NOT_FOUND, 1, b"")
        assert program.run("erase", sent=other, store="openbao") == (b"", 0, b"")
    assert program.run("erase", sent=asked, store="openbao") == (b"", 0, b"")
    assert program.run("list", store="openbao") == (b"{}\n", 0, b"")


def test_openbao_has_what_is_kept_as_it_is_spelled_first(program: Program) -> None:
    program.run("store", sent=b'{"ServerURL":"docker.io","Username":"alice","Secret":"s"}', store="openbao")
    assert b"alice" in program.run("get", sent=b"docker.io", store="openbao")[0]
    assert program.run("erase", sent=b"docker.io", store="openbao") == (b"", 0, b"")
    assert program.run("list", store="openbao") == (b"{}\n", 0, b"")


@pytest.mark.parametrize(
    ("words", "sent", "output", "status"),
    [
        ([], b"", f"Usage: {NAME} <store|get|erase|list|version>\n", 1),
        (["get", "x"], b"", f"Usage: {NAME} <store|get|erase|list|version>\n", 1),
        (["--help"], b"", f"Usage: {NAME} <store|get|erase|list|version>\n", 0),
        (["-h"], b"", f"Usage: {NAME} <store|get|erase|list|version>\n", 0),
        (["version"], b"", f"{NAME} (dockpass) {__version__}\n", 0),
        (["-v"], b"", f"{NAME} (dockpass) {__version__}\n", 0),
        (["GET"], b"", f"{NAME}: unknown action: GET\n", 1),
        ([""], b"", f"{NAME}: unknown action: \n", 1),
        (["get"], b" \n", "no credentials server URL\n", 1),
        (["erase"], b"", "no credentials server URL\n", 1),
        (["store"], b"", "EOF\n", 1),
        (["store"], b"null", "no credentials server URL\n", 1),
        (["store"], b'{"ServerURL":"reg.test"}', "no credentials username\n", 1),
        (["get"], b"https://\nreg.test\n/", NOT_FOUND.decode(), 1),
    ],
)
def test_it_answers_as_docker_s_does(words: list[str], sent: bytes, output: str, status: int, program: Program) -> None:
    assert program.run(*words, sent=sent) == (output.encode(), status, b"")


def test_a_locked_store_is_not_an_empty_one(program: Program) -> None:
    said = f"{NAME}: unlock it\n".encode()
    assert program.run("get", sent=b"locked.test") == (b"the keyring is locked\n", 1, said)


def test_a_store_that_is_gone(program: Program) -> None:
    output, status, hint = program.run("get", sent=b"reg.test", store="gone")
    assert (output, status) == (b"this dockpass has no store gone\n", 1)
    assert hint == b"docker-credential-gone: dockpass helper uninstall gone\n"


def test_nothing_is_imported_but_the_store_and_the_protocol(program: Program) -> None:
    program.run("store", sent=b'{"ServerURL":"reg.test","Username":"alice","Secret":"s"}')
    for words in (["get"], ["list"]):
        output, status, imported = program.run(*words, sent=b"reg.test", first=SHOW)
        assert (status, output[:1]) == (0, b"{")
        assert set(imported.decode().split()) <= IMPORTED
