"""``docker-credential-dockpass`` as docker runs it: a process, its bytes and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import dockpass
from dockpass.credential import Credential, Secret
from dockpass.vault.home import Home
from dockpass.vault.identity import make
from dockpass.vault.keep import put
from dockpass.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
START = "from dockpass.helper.own import run; run()"
NAME = "docker-credential-dockpass"
NOT_FOUND = b"credentials not found in native keychain\n"
HUB = "https://index.docker.io/v1/"


class Program:
    """The program, with a vault of its own."""

    def __init__(self, folder: Path) -> None:
        self.vault = folder / "vault"
        self.environ = {
            "HOME": str(folder),
            "PATH": "/nonexistent",
            "LANG": "C.UTF-8",
            "PYTHONPATH": SOURCE,
            "DOCKPASS_HOME": str(self.vault),
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
        }

    @property
    def home(self) -> Home:
        return Home(str(self.vault), environ=self.environ)

    def command(self, *words: str, start: str = START) -> list[str]:
        return [sys.executable, "-c", start, *words]

    def run(self, *words: str, sent: bytes = b"", start: str = START) -> tuple[bytes, int, bytes]:
        done = subprocess.run(
            self.command(*words, start=start), input=sent, capture_output=True, check=False, env=self.environ
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done.stdout, done.returncode, done.stderr

    def shell(self, line: str) -> subprocess.CompletedProcess[bytes]:
        """The program as ``"$@"`` in a line of shell."""
        words = ["/bin/sh", "-c", line, "sh", *self.command()]
        return subprocess.run(words, capture_output=True, check=False, env=self.environ, stdin=subprocess.DEVNULL)

    def keep(self, server: str, username: str, secret: str) -> None:
        payload = json.dumps({"ServerURL": server, "Username": username, "Secret": secret})
        assert self.run("store", sent=payload.encode()) == (b"", 0, b"")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_a_login_from_store_to_erase(program: Program) -> None:
    assert program.run("get", sent=b"reg.test:5000") == (NOT_FOUND, 1, b"")
    assert program.run("list", sent=b"unused") == (b"{}\n", 0, b"")
    program.keep("reg.test:5000", "alice", 'a "<secret>" & more\u2028\u00e9')
    expected = (
        '{"ServerURL":"reg.test:5000","Username":"alice",'
        '"Secret":"a \\"\\u003csecret\\u003e\\" \\u0026 more\\u2028\u00e9"}\n'
    )
    assert program.run("get", sent=b"reg.test:5000") == (expected.encode(), 0, b"")
    assert program.run("get", sent=b" reg.test:5000\r\n") == (expected.encode(), 0, b"")
    assert program.run("list") == (b'{"reg.test:5000":"alice"}\n', 0, b"")
    assert program.run("erase", sent=b"reg.test:5000") == (b"", 0, b"")
    assert program.run("erase", sent=b"reg.test:5000") == (b"", 0, b"")
    assert program.run("get", sent=b"reg.test:5000") == (NOT_FOUND, 1, b"")


def test_an_identity_token(program: Program) -> None:
    program.keep("reg.test", "<token>", "t0ken")
    expected = b'{"ServerURL":"reg.test","Username":"\\u003ctoken\\u003e","Secret":"t0ken"}\n'
    assert program.run("get", sent=b"reg.test") == (expected, 0, b"")


def test_docker_and_podman_ask_for_docker_hub_by_different_names(program: Program) -> None:
    program.keep(HUB, "alice", "secret")
    output, status, _errors = program.run("get", sent=b"docker.io")
    assert (json.loads(output), status) == ({"ServerURL": "docker.io", "Username": "alice", "Secret": "secret"}, 0)
    for key in (f"{HUB}access-token", "docker.io/library", "not a registry"):
        assert program.run("get", sent=key.encode()) == (NOT_FOUND, 1, b"")


def test_version_usage_and_unknown_actions(program: Program) -> None:
    assert program.run("version") == (f"{NAME} (dockpass) {__version__}\n".encode(), 0, b"")
    usage = f"Usage: {NAME} <store|get|erase|list|version>\n".encode()
    assert program.run() == (usage, 1, b"")
    assert program.run("--help") == (usage, 0, b"")
    assert program.run("GET") == (f"{NAME}: unknown action: GET\n".encode(), 1, b"")


@pytest.mark.parametrize("words", ["get", "erase"])
def test_nothing_asked_for(program: Program, words: str) -> None:
    assert program.run(words, sent=b" \n") == (b"no credentials server URL\n", 1, b"")


@pytest.mark.parametrize("action", ["get", "erase", "store"])
def test_closed_standard_input_is_an_empty_one(program: Program, action: str) -> None:
    done = program.shell(f'"$@" {action} <&-')
    expected = b"EOF\n" if action == "store" else b"no credentials server URL\n"
    assert (done.stdout, done.returncode, done.stderr) == (expected, 1, b"")


def test_standard_input_that_cannot_be_read(program: Program) -> None:
    done = program.shell('exec 3>"$HOME/written"; "$@" get <&3')
    assert (done.stdout, done.returncode, done.stderr) == (b"no credentials server URL\n", 1, b"")


def test_closed_streams_get_nothing_into_the_vault(program: Program) -> None:
    payload = '{"ServerURL":"reg.test","Username":"u","Secret":"s"}'
    done = program.shell(f"printf %s '{payload}' | \"$@\" store >&- 2>&-")
    assert done.returncode == 0
    output, status, errors = program.run("get", sent=b"reg.test")
    assert (json.loads(output)["Secret"], status, errors) == ("s", 0, b"")
    assert program.shell('printf %s reg.test | "$@" get >&- 2>&-').returncode == 0


def test_whoever_asked_has_gone(program: Program) -> None:
    program.keep("reg.test", "alice", "secret")
    for action, asked in (("get", b"reg.test"), ("get", b"absent.test"), ("list", b"")):
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as gone:
            done = subprocess.run(
                program.command(action),
                input=asked,
                stdout=gone,
                stderr=subprocess.PIPE,
                check=False,
                env=program.environ,
            )
        assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_an_answer_that_cannot_be_written_is_no_success(program: Program) -> None:
    program.keep("reg.test", "alice", "secret")
    assert program.shell('printf %s reg.test | "$@" get >/dev/full').returncode == 1
    assert program.shell('"$@" list >/dev/full').returncode == 1


def test_a_secret_of_300_kib(program: Program) -> None:
    secret = "s\u00e9cret&" * 45_000
    program.keep("reg.test", "alice", secret)
    output, status, errors = program.run("get", sent=b"reg.test")
    assert (json.loads(output)["Secret"], status, errors) == (secret, 0, b"")


@pytest.mark.parametrize("action", ["get", "store", "erase"])
def test_a_request_without_end_is_refused(program: Program, action: str) -> None:
    output, status, errors = program.run(action, sent=b"a" * ((16 << 20) + 65536))
    assert (output, status) == (b"the request is longer than 16 MiB\n", 1)
    why = "the request is longer than 16 MiB; " if action == "erase" else ""
    assert errors == f"{NAME}: {why}check what is sent\n".encode()


def test_what_the_vault_refuses(program: Program) -> None:
    output, status, errors = program.run("store", sent=b'{"ServerURL":"r.test","Username":"a:b","Secret":"s3cret"}')
    assert status == 1
    assert b"colon" in output
    assert errors.startswith(f"{NAME}: ".encode())
    assert b"s3cret" not in output + errors


def test_ten_at_once(program: Program) -> None:
    program.keep("first.test", "alice", "0")
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda number: program.keep(f"r{number % 5}.test", f"u{number}", str(number)), range(10)))
        answers = list(pool.map(lambda number: program.run("get", sent=f"r{number % 5}.test".encode()), range(10)))
    for number, (output, status, errors) in enumerate(answers):
        assert (status, errors) == (0, b"")
        found = json.loads(output)
        assert found["Username"] == f"u{found['Secret']}"
        assert int(found["Secret"]) % 5 == number % 5
    assert set(json.loads(program.run("list")[0])) == {"first.test", *(f"r{number}.test" for number in range(5))}


def test_a_locked_vault_names_the_command_that_opens_it(program: Program) -> None:
    make(program.home, Secret("correct horse"))
    assert program.run("get", sent=b"reg.test") == (NOT_FOUND, 1, b"")
    payload = b'{"ServerURL":"reg.test","Username":"u","Secret":"s3cret"}'
    output, status, errors = program.run("store", sent=payload)
    assert status == 1
    assert b"locked" in output
    assert b"dockpass vault unlock" in errors
    assert b"s3cret" not in output + errors


def test_a_damaged_login_is_never_not_found_and_the_others_are_fine(program: Program) -> None:
    put(program.home, "a.test", Credential("alice", "1"))
    put(program.home, "b.test", Credential("bob", "2"))
    [sealed] = (program.vault / "vault" / "a.test").glob("*.age")
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    output, status, errors = program.run("get", sent=b"a.test")
    assert status == 1
    assert output != NOT_FOUND
    assert str(sealed).encode() in output
    assert errors.startswith(f"{NAME}: ".encode())
    assert program.run("get", sent=b"b.test")[1] == 0


def test_a_vault_whose_lock_is_held_says_who_has_it(program: Program) -> None:
    # What plug-ins and locks have to say goes to standard error.
    start = (
        "import dockpass.stores.age as age\n"
        "def put(self, server, credential): self._home.waiting('waiting for somebody'); self._home.tell('touch it')\n"
        f"age.AgeStore.put = put\n{START}"
    )
    payload = b'{"ServerURL":"reg.test","Username":"u","Secret":"s"}'
    output, status, errors = program.run("store", sent=payload, start=start)
    assert (output, status) == (b"", 0)
    assert errors == f"{NAME}: waiting for somebody\n{NAME}: touch it\n".encode()


def test_a_bug_is_one_line_without_its_text(program: Program) -> None:
    start = f"import dockpass.stores.age as age\nage.AgeStore.list = lambda self: {{}}['s3cret']\n{START}"
    output, status, errors = program.run("list", start=start)
    assert status == 1
    assert output.startswith(b"a bug in dockpass: KeyError at ")
    assert output.count(b"\n") == 1
    assert b"s3cret" not in output + errors


def test_ctrl_c(program: Program) -> None:
    start = f"import os\ndef stop(*_): raise KeyboardInterrupt\nos.read = stop\n{START}"
    assert program.run("get", start=start) == (b"", 130, b"")
