"""Who can read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyrage
import pytest

from dockpass.credential import Credential
from dockpass.errors import FileUnreadable, RecipientsUnusable
from dockpass.vault.find import find
from dockpass.vault.folder import Folder
from dockpass.vault.keep import put
from dockpass.vault.recipients import read, written

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.vault.home import Home

SERVER = "reg.test:5000"
BOB = Credential("bob", "builder")


def own_key(path: Path) -> str:
    return (path / "recipients.txt").read_text().strip()


def fails(home: Home, path: Path, why: str, error: type[Exception] = RecipientsUnusable) -> None:
    before = sorted(os.listdir(path / "vault" / "reg.test%3A5000"))
    with pytest.raises(error, match=why) as caught:
        put(home, SERVER, BOB)
    assert getattr(caught.value, "hint", None)
    assert sorted(os.listdir(path / "vault" / "reg.test%3A5000")) == before
    found = find(home, SERVER)
    assert found is not None
    assert found.account.username == "alice"
    with pytest.raises(error):
        put(home, "new.test", BOB)
    assert os.listdir(path / "vault") == ["reg.test%3A5000"]


def test_several_can_read(kept: Home, path: Path, engine: str) -> None:
    other = pyrage.x25519.Identity.generate()
    text = f"# us\n\n{own_key(path)}\r\n  {other.to_public()}  \n{own_key(path)}\n"
    (path / "recipients.txt").write_text(text)
    put(kept, SERVER, BOB)
    sealed = (path / "vault" / "reg.test%3A5000" / "bob.age").read_bytes()
    assert b'"Secret":"builder"' in pyrage.decrypt(sealed, [other])
    assert find(kept, SERVER) is not None
    with Folder.top(str(path)) or pytest.fail("there is none") as top:
        assert written(top) == [own_key_of(path), str(other.to_public())]


def own_key_of(path: Path) -> str:
    return (path / "identity.txt").read_text().splitlines()[1].removeprefix("# public key: ")


def test_without_a_list_only_we(kept: Home, path: Path) -> None:
    (path / "recipients.txt").unlink()
    put(kept, SERVER, BOB)
    assert find(kept, SERVER) is not None
    with Folder.top(str(path)) or pytest.fail("there is none") as top:
        assert written(top) is None
        assert read(top, ["age1own"]) == ["age1own"]


def test_a_list_without_us(kept: Home, path: Path, engine: str) -> None:
    mine = own_key(path)
    (path / "recipients.txt").write_text(f"{pyrage.x25519.Identity.generate().to_public()}\n# {mine}\n")
    fails(kept, path, f"lacks this vault's own key {mine}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there is no public key in it"),
        ("# nobody\n", "there is no public key in it"),
        ("OWN\nhello\n", "line 2: it is no public key: hello"),
        ("OWN\nhello\x1b[31m\n", r"no public key: hello\\x1b"),
        ("OWN\nAGE-SECRET-KEY-1QQQ\n", "line 2: it is a private key"),
        ("OWN\nage1qqqqqqqqqqqqqqqq\n", "age1qqqqqqqqqqqqqqqq|malformed recipient at line 2"),
        ("OWN\nssh-ed25519 AAAA\n", "no public key|malformed"),
        ("OWN\nssh-dss AAAA\n", "line 2: it is no public key"),
    ],
)
def test_a_damaged_list(kept: Home, path: Path, engine: str, text: str, why: str) -> None:
    (path / "recipients.txt").write_text(text.replace("OWN", own_key(path)))
    fails(kept, path, why)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_list_that_others_can_write(kept: Home, path: Path, mode: int) -> None:
    (path / "recipients.txt").chmod(mode)
    fails(kept, path, f"others can (read|write) it .mode {mode:04o}., and who writes it can read")


def test_a_list_that_others_can_read_is_no_harm(kept: Home, path: Path) -> None:
    (path / "recipients.txt").chmod(0o644)
    put(kept, SERVER, BOB)


def test_a_folder_that_others_can_write(kept: Home, path: Path) -> None:
    path.chmod(0o770)
    fails(kept, path, "others can write in it")
    path.chmod(0o755)
    put(kept, SERVER, BOB)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_list_of_somebody_else(kept: Home, path: Path) -> None:
    os.chown(path / "recipients.txt", 4321, 4321)
    fails(kept, path, "belongs to somebody else")


def test_a_list_that_is_no_file(kept: Home, path: Path, tmp_path: Path) -> None:
    (path / "recipients.txt").rename(tmp_path / "moved")
    os.symlink(tmp_path / "moved", path / "recipients.txt")
    fails(kept, path, "symbolic link", FileUnreadable)
    (path / "recipients.txt").unlink()
    os.mkfifo(path / "recipients.txt")
    fails(kept, path, "a pipe", FileUnreadable)


def test_too_large(kept: Home, path: Path) -> None:
    (path / "recipients.txt").write_text("#" * 300000)
    fails(kept, path, "larger than", FileUnreadable)


def test_ssh_keys_and_their_comments(kept: Home, path: Path, engine: str, ssh_key: object) -> None:
    file = ssh_key("ed25519")  # type: ignore[operator]
    with (path / "recipients.txt").open("a") as listed:
        listed.write(file.with_suffix(".pub").read_text())
    put(kept, SERVER, BOB)
    sealed = (path / "vault" / "reg.test%3A5000" / "bob.age").read_bytes()
    assert pyrage.decrypt(sealed, [pyrage.ssh.Identity.from_buffer(file.read_bytes())])
