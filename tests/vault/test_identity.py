"""The vault's private key: made once, never replaced."""

from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING

import pyrage
import pytest

from dockpass.credential import Credential, Secret
from dockpass.errors import AgeFailed, FileUnreadable, IdentityUnusable, VaultLocked, WrongPassphrase
from dockpass.vault.find import find
from dockpass.vault.folder import Folder
from dockpass.vault.identity import adopt, has_credentials, load, load_or_make, make
from dockpass.vault.keep import put
from dockpass.vault.quick import answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dockpass.vault.home import Home

SERVER = "reg.test:5000"
ALICE = Credential("alice", "wonder")


def top_of(home: Home) -> Folder:
    return Folder.top(home.path, make=True) or pytest.fail("there is none")


def test_the_first_login_makes_it(home: Home, path: Path, engine: str, loose: Callable[[], list[str]]) -> None:
    put(home, SERVER, ALICE)
    text = (path / "identity.txt").read_text()
    key = text.splitlines()[2]
    public = (path / "recipients.txt").read_text().strip()
    assert text.splitlines()[1] == f"# public key: {public}"
    assert str(pyrage_public(key)) == public
    assert stat.S_IMODE((path / "identity.txt").stat().st_mode) == 0o600
    assert loose() == []
    put(home, "other.test", ALICE)
    assert (path / "identity.txt").read_text() == text


def pyrage_public(key: str) -> object:
    return pyrage.x25519.Identity.from_str(key).to_public()


def test_looking_makes_nothing(home: Home, path: Path) -> None:
    assert find(home, SERVER) is None
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is missing"),
        (b"", "it is empty"),
        (b"# public key: age1x\n", "it holds comments, and no key"),
        (b"AGE-SECRET-KEY-1QQQQ\n", "damaged|malformed|incorrect"),
        (b"hello\n", "its line 1 is not a key"),
        (b"\xff\xff", "it is not text"),
        (b"-----BEGIN RSA PRIVATE KEY-----\n", "old form"),
    ],
)
def test_one_that_cannot_be_used_is_never_replaced(
    kept: Home, path: Path, engine: str, content: bytes | None, why: str
) -> None:
    file = path / "identity.txt"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
        file.chmod(0o600)
    for act in (
        lambda: find(kept, SERVER),
        lambda: put(kept, SERVER, ALICE),
        lambda: put(kept, "other.test", ALICE),
        lambda: answer(SERVER, str(path), kept.environ),
    ):
        with pytest.raises(IdentityUnusable, match=why) as caught:
            act()
        assert caught.value.path == str(file)
        assert caught.value.hint
    assert (file.read_bytes() if file.exists() else None) == content
    assert os.listdir(path / "vault") == ["reg.test%3A5000"]


def test_without_one_what_is_not_there_is_not_there(kept: Home, path: Path) -> None:
    (path / "identity.txt").unlink()
    assert find(kept, "other.test") is None
    assert answer("other.test", str(path), kept.environ) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666, 0o660])
def test_one_that_others_could_use(kept: Home, path: Path, mode: int) -> None:
    (path / "identity.txt").chmod(mode)
    word = "read" if mode & 0o044 else "write"
    for act in (lambda: find(kept, SERVER), lambda: answer(SERVER, str(path)), lambda: put(kept, SERVER, ALICE)):
        with pytest.raises(IdentityUnusable, match=f"others can {word} it .mode {mode:04o}") as caught:
            act()
        assert "chmod 600" in (caught.value.hint or "")
    assert stat.S_IMODE((path / "identity.txt").stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_one_of_somebody_else(kept: Home, path: Path) -> None:
    os.chown(path / "identity.txt", 4321, 4321)
    with pytest.raises(IdentityUnusable, match="belongs to somebody else .uid 4321"):
        find(kept, SERVER)
    # To root a vault whose folder is the same user's is that user's, not a foreign one.
    os.chown(path, 4321, 4321)
    assert find(kept, SERVER) is not None


def test_a_link_or_a_pipe_is_none(kept: Home, path: Path, tmp_path: Path) -> None:
    (path / "identity.txt").rename(tmp_path / "moved")
    os.symlink(tmp_path / "moved", path / "identity.txt")
    for act in (lambda: find(kept, SERVER), lambda: answer(SERVER, str(path)), lambda: put(kept, SERVER, ALICE)):
        with pytest.raises(FileUnreadable, match="symbolic link"):
            act()
    (path / "identity.txt").unlink()
    os.mkfifo(path / "identity.txt")
    with pytest.raises(FileUnreadable, match="a pipe"):
        find(kept, SERVER)
    with pytest.raises(FileUnreadable, match="a pipe"):
        answer(SERVER, str(path))


def test_too_large_to_be_one(kept: Home, path: Path) -> None:
    (path / "identity.txt").write_bytes(b"#" * 20000)
    with pytest.raises(FileUnreadable, match="larger than 16384 bytes"):
        find(kept, SERVER)


def test_a_vault_can_be_made_beforehand(home: Home, path: Path, engine: str, loose: Callable[[], list[str]]) -> None:
    identity = make(home)
    assert identity.public() == (path / "recipients.txt").read_text().split()
    put(home, SERVER, ALICE)
    assert loose() == []
    with pytest.raises(IdentityUnusable, match="there is a vault already") as caught:
        make(home)
    assert caught.value.path == str(path / "identity.txt")
    (path / "identity.txt").unlink()
    with pytest.raises(IdentityUnusable, match="a lost key had sealed"):
        make(home)
    assert not (path / "identity.txt").exists()


def test_it_is_made_while_there_is_nothing_sealed(home: Home, path: Path) -> None:
    path.mkdir(parents=True)
    (path / "vault").mkdir()
    (path / "vault" / "reg.test").mkdir()
    (path / "vault" / "reg.test" / "active").write_text("alice.age\n")
    with top_of(home) as top:
        assert not has_credentials(top)
        load_or_make(home, top)
        (path / "vault" / "reg.test" / "x.age").write_bytes(b"")
        assert has_credentials(top)


def test_what_cannot_be_looked_into_counts_as_sealed(home: Home, path: Path, tmp_path: Path) -> None:
    (path / "vault").mkdir(parents=True)
    os.symlink(tmp_path, path / "vault" / "reg.test")
    with pytest.raises(IdentityUnusable, match="is missing"):
        put(home, SERVER, ALICE)
    assert not (path / "identity.txt").exists()


def test_a_vaults_folder_of_links_is_refused(home: Home, path: Path, tmp_path: Path) -> None:
    path.mkdir(parents=True)
    os.symlink(tmp_path, path / "vault")
    with pytest.raises(FileUnreadable, match="symbolic link"):
        put(home, SERVER, ALICE)
    assert "identity.txt" not in os.listdir(path)


def test_many_at_once_make_one(home: Home, path: Path) -> None:
    found: list[str] = []

    def work() -> None:
        with top_of(home) as top:
            found.append(load_or_make(home, top).public()[0])

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert len(set(found)) == 1


@pytest.mark.parametrize("kind", [("ed25519",), ("rsa", "-b", "2048")], ids=str)
def test_an_ssh_key_as_identity(
    home: Home, path: Path, engine: str, kind: tuple[str, ...], ssh_key: Callable[..., Path]
) -> None:
    file = ssh_key(*kind)
    adopt(home, file.read_bytes())
    assert (path / "identity.txt").read_bytes() == file.read_bytes()
    assert (path / "recipients.txt").read_text().split() == file.with_suffix(".pub").read_text().split()[:2]
    put(home, SERVER, ALICE)
    assert (found := find(home, SERVER)) is not None
    assert found.credential() == ALICE
    assert answer(SERVER, str(path), home.environ) == found.answer


def test_an_ssh_key_whose_halves_do_not_belong_together(home: Home, path: Path, tmp_path: Path, engine: str) -> None:
    import base64
    import subprocess

    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    blobs = [base64.b64decode("".join(file.read_text().splitlines()[1:-1])) for file in files]
    public = [base64.b64decode(file.with_suffix(".pub").read_text().split()[1]) for file in files]
    mixed = base64.b64encode(blobs[0].replace(public[0], public[1], 1)).decode()
    data = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{mixed}\n-----END OPENSSH PRIVATE KEY-----\n".encode()
    with pytest.raises(IdentityUnusable):
        adopt(home, data)
    assert not (path / "identity.txt").exists()


def test_an_identity_that_is_brought_along(home: Home, path: Path, engine: str) -> None:
    key = pyrage.x25519.Identity.generate()
    adopt(home, str(key).encode())
    assert (path / "recipients.txt").read_text() == f"{key.to_public()}\n"
    assert (path / "identity.txt").read_text() == f"{key}\n"
    with pytest.raises(IdentityUnusable, match="already"):
        adopt(home, str(key).encode())
    for bad in (b"", b"AGE-SECRET-KEY-1QQQQ", b"hello"):
        (path / "identity.txt").unlink(missing_ok=True)
        with pytest.raises(IdentityUnusable):
            adopt(home, bad)
        assert not (path / "identity.txt").exists()


def test_several_keys_in_one_identity(home: Home, path: Path, engine: str) -> None:
    keys = [pyrage.x25519.Identity.generate() for _ in range(2)]
    adopt(home, "\n".join(map(str, keys)).encode())
    put(home, SERVER, ALICE)
    (path / "identity.txt").write_text(f"{keys[1]}\n")
    assert find(home, SERVER) is not None
    assert answer(SERVER, str(path), home.environ)


def test_one_that_is_locked_from_the_beginning(home: Home, path: Path, by_passphrase: Callable[..., bytes]) -> None:
    with pytest.raises(WrongPassphrase):
        make(home, Secret("line\nbreak"))
    assert os.listdir(path) == [".identity.lock"]
    make(home, Secret("open sesame"))
    assert sorted(os.listdir(path)) == [".identity.lock", "identity.age", "recipients.txt"]
    with pytest.raises(VaultLocked, match="dockpass vault unlock|the vault is locked") as caught, top_of(home) as top:
        load(home, top)
    assert "dockpass vault unlock" in (caught.value.hint or "")
    with pytest.raises(IdentityUnusable, match="already"):
        make(home)


def test_one_that_appears_while_another_is_made_stays(home: Home, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dockpass.vault.by_pyrage import ByPyrage

    real = ByPyrage.generate

    def generate(self: ByPyrage) -> str:
        (path / "identity.txt").write_text("theirs")
        return real(self)

    monkeypatch.setattr(ByPyrage, "generate", generate)
    with pytest.raises(IdentityUnusable, match="there is a vault already"):
        make(home)
    assert (path / "identity.txt").read_text() == "theirs"
    assert not (path / "recipients.txt").exists()


@pytest.mark.parametrize("error", ["trouble", "bad key"])
def test_a_key_that_the_engine_cannot_try_is_not_taken(
    home: Home, path: Path, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    from dockpass.vault.by_pyrage import ByPyrage
    from dockpass.vault.engine import Trouble
    from dockpass.vault.keys import BadKey

    def refuse(*_arguments: object) -> bytes:
        raise Trouble("no memory", "free some") if error == "trouble" else BadKey("odd")

    monkeypatch.setattr(ByPyrage, "unseal", refuse)
    with pytest.raises(AgeFailed if error == "trouble" else IdentityUnusable, match="no memory|odd"):
        adopt(home, str(pyrage.x25519.Identity.generate()).encode())
    assert not (path / "identity.txt").exists()


def test_what_was_left_by_the_killed_is_no_second_name(kept: Home, path: Path) -> None:
    os.link(path / "identity.txt", path / ".identity.txt.dockpass-new-0123")
    put(kept, SERVER, ALICE)
    assert (path / "identity.txt").stat().st_nlink == 1
    assert ".identity.txt.dockpass-new-0123" not in os.listdir(path)


def test_a_loose_file_of_a_credential_counts_as_one(home: Home, path: Path) -> None:
    (path / "vault").mkdir(parents=True)
    (path / "vault" / "README").write_text("hello")
    with top_of(home) as top:
        assert not has_credentials(top)
        (path / "vault" / "alice.age").write_bytes(b"")
        assert has_credentials(top)
