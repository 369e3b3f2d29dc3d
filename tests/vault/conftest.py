"""A vault, both engines, and files that neither of them would make."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from dockpass.credential import Credential
from dockpass.vault.home import Home
from dockpass.vault.keep import put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ALICE = Credential("alice", "wonder")
SERVER = "reg.test:5000"


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """Nothing may rely on the umask."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture(params=["pyrage", "age"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The engine that is there: the module, or, as if that had no wheel for this machine, the program."""
    if request.param == "age":
        assert shutil.which("age"), "the program age is missing: scripts/setup test"
        monkeypatch.setitem(sys.modules, "pyrage", None)
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the vault is; there is nothing yet."""
    return tmp_path / "data" / "dockpass"


@pytest.fixture
def home(path: Path) -> Home:
    """The vault, without anything in it."""
    return Home(str(path), environ={"PATH": os.environ["PATH"]})


@pytest.fixture
def kept(home: Home) -> Home:
    """The vault with a login of alice."""
    put(home, SERVER, ALICE)
    return home


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A folder in memory, for us alone, as ``XDG_RUNTIME_DIR`` is."""
    if not os.path.isdir("/dev/shm"):
        pytest.skip("there is no file system in memory here")
    folder = Path(tempfile.mkdtemp(prefix="dockpass-test-", dir="/dev/shm"))
    folder.chmod(0o700)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _b64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    inner = hmac.digest(salt or bytes(32), key, "sha256")
    return hmac.digest(inner, info + b"\x01", "sha256")


@pytest.fixture
def by_passphrase() -> Callable[..., bytes]:
    """Seals by a passphrase with as little work as one wants; real programs make it a second's on purpose."""

    def seal(data: bytes, passphrase: str, factor: int = 2, written: str = "") -> bytes:
        file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
        label = b"age-encryption.org/v1/scrypt" + salt
        wrap = hashlib.scrypt(passphrase.encode(), salt=label, n=1 << factor, r=8, p=1, dklen=32)
        body = ChaCha20Poly1305(wrap).encrypt(bytes(12), file_key, None)
        words = (b"-> scrypt", _b64(salt), (written or str(factor)).encode())
        head = b"age-encryption.org/v1\n" + b" ".join(words) + b"\n" + _b64(body) + b"\n---"
        mac = hmac.digest(_hkdf(file_key, b"", b"header"), head, "sha256")
        payload = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload")).encrypt(bytes(11) + b"\x01", data, None)
        return head + b" " + _b64(mac) + b"\n" + nonce + payload

    return seal


class Plugin:
    """An age plug-in: a program on PATH, and its keys. What it does stands in its identity."""

    def __init__(self, folder: Path) -> None:
        self.path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        self.recipient = _bech32("age1test", b"anybody")

    def identity(self, does: str = "") -> bytes:
        """An identity file. It may ``touch``, ask for a ``pin``, ``fail``, or ``die``."""
        key = _bech32("age-plugin-test-", does.encode() or b"-").upper()
        return f"# public key: {self.recipient}\n{key}\n".encode()


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    folder = tmp_path / "plugins"
    folder.mkdir(mode=0o755)
    program = folder / "age-plugin-test"
    script = folder / "age-plugin-test.py"
    script.write_text(_PLUGIN)
    # Not by the first line of the script: Python's path may have blanks in it.
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -IS {shlex.quote(str(script))} "$@"\n')
    program.chmod(0o755)
    return Plugin(folder)


# It wraps a key by writing it down: what it seals everybody can open, and that is all that a test needs.
_PLUGIN = """
import base64, sys

def b64(data):
    return base64.b64encode(data).decode().rstrip("=")

def send(*words, body=b""):
    text = b64(body)
    lines = [text[at:at + 64] for at in range(0, len(text), 64)]
    if not lines or len(lines[-1]) == 64:
        lines.append("")
    sys.stdout.write("-> " + " ".join(words) + "\\n" + "\\n".join(lines) + "\\n")
    sys.stdout.flush()

def receive():
    words, text = sys.stdin.readline().split()[1:], ""
    while True:
        line = sys.stdin.readline().rstrip("\\n")
        text += line
        if len(line) < 64:
            return words, base64.b64decode(text + "=" * (-len(text) % 4))

def ask(*words, body=b""):
    send(*words, body=body)
    return receive()

def does(key):
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{letters.index(letter):05b}" for letter in key.lower().rpartition("1")[2][:-6])
    return bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits) - 7, 8)).decode()

state = sys.argv[1].partition("=")[2]
seen = []
while not seen or seen[-1][0] != ["done"]:
    seen.append(receive())
if state == "recipient-v1":
    keys = [body for words, body in seen if words[0] == "wrap-file-key"]
    for index, key in enumerate(keys):
        ask("recipient-stanza", str(index), "test", "x", body=key)
else:
    doing = "".join(does(words[1]) for words, _ in seen if words[0] == "add-identity")
    if "die" in doing:
        sys.exit("it died")
    if "touch" in doing:
        ask("msg", body=b"touch \\x1b[31mme now")
    if "pin" in doing:
        answer = ask("request-secret", body=b"PIN?")
        open(sys.argv[0].removesuffix(".py") + ".answer", "w").write(answer[0][0])
        ask("request-public", body=b"name?")
        ask("confirm", b64(b"yes"), b64(b"no"), body=b"sure?")
    if "fail" in doing:
        ask("error", "internal", body=b"the key is not plugged in")
    else:
        for words, body in seen:
            if words[0] == "recipient-stanza" and words[2] == "test":
                ask("file-key", words[1], body=body)
                break
send("done")
"""

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _bech32(head: str, data: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    values = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    check = 1
    for value in [*(ord(c) >> 5 for c in head), 0, *(ord(c) & 31 for c in head), *values, 0, 0, 0, 0, 0, 0]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> at & 1 else 0
    check ^= 1
    values += [check >> 5 * (5 - at) & 31 for at in range(6)]
    return head + "1" + "".join(_LETTERS[value] for value in values)


@pytest.fixture
def ssh_key(tmp_path: Path) -> Callable[..., Path]:
    """Makes an SSH key."""

    def make(kind: str = "ed25519", *options: str, passphrase: str = "") -> Path:
        file = tmp_path / f"ssh-{kind}"
        command = ["ssh-keygen", "-q", "-t", kind, *options, "-N", passphrase, "-C", "a comment", "-f", str(file)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return file

    return make


@pytest.fixture
def loose(path: Path) -> Callable[[], list[str]]:
    """What is below the vault's folder, or is it, and could be used by others than its owner."""

    def look() -> list[str]:
        found = []
        for folder, _folders, files in os.walk(path):
            for each in (folder, *(os.path.join(folder, file) for file in files)):
                mode = os.lstat(each).st_mode
                if not stat.S_ISLNK(mode) and mode & 0o077:
                    found.append(f"{each} {stat.filemode(mode)}")
        return found

    return look
