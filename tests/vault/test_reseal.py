"""Changing who can read: everything is sealed again, and can be interrupted anywhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyrage
import pytest

from dockpass.credential import Credential
from dockpass.errors import AgeFailed, DockpassError, FileUnreadable, IdentityUnusable, RecipientsUnusable
from dockpass.vault import reseal
from dockpass.vault.by_pyrage import ByPyrage
from dockpass.vault.engine import Trouble
from dockpass.vault.find import find
from dockpass.vault.keep import put
from dockpass.vault.layout import RESEALING
from dockpass.vault.reseal import add, again, drop, pending

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dockpass.vault.home import Home

SERVERS = [f"reg{number}.test" for number in range(6)]


@pytest.fixture
def vault(home: Home) -> Home:
    for server in SERVERS:
        put(home, server, Credential("alice", server))
    put(home, SERVERS[0], Credential("bob", "builder"))
    return home


@pytest.fixture
def friend() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


def readable(path: Path, key: object) -> list[str]:
    """The servers of which ``key`` can read every credential."""
    found = []
    for server in sorted(os.listdir(path / "vault")):
        files = [file for file in os.listdir(path / "vault" / server) if file.endswith(".age")]
        try:
            for file in files:
                pyrage.decrypt((path / "vault" / server / file).read_bytes(), [key])
        except pyrage.DecryptError:
            continue
        found.append(server)
    return found


def in_order(home: Home) -> None:
    for server in SERVERS[1:]:
        assert (found := find(home, server)) is not None
        assert found.credential() == Credential("alice", server)
    assert (found := find(home, SERVERS[0])) is not None
    assert found.credential() == Credential("bob", "builder")


def test_one_more_who_can_read(
    vault: Home, path: Path, friend: pyrage.x25519.Identity, engine: str, loose: Callable[[], list[str]]
) -> None:
    steps: list[tuple[int, int]] = []
    done = add(vault, f" {friend.to_public()} ", progress=lambda *step: steps.append(step))
    assert (done.changed, done.done, done.total, done.notes) == (True, 6, 6, [])
    assert steps == [(number, 6) for number in range(1, 7)]
    assert readable(path, friend) == SERVERS
    assert not pending(vault)
    assert loose() == []
    in_order(vault)
    put(vault, "new.test", Credential("carol", "singer"))
    assert readable(path, friend) == ["new.test", *SERVERS]


def test_one_less(vault: Home, path: Path, friend: pyrage.x25519.Identity, engine: str) -> None:
    add(vault, str(friend.to_public()))
    done = drop(vault, str(friend.to_public()))
    assert (done.changed, done.done, done.total) == (True, 6, 6)
    assert readable(path, friend) == []
    in_order(vault)


def test_comments_stay(vault: Home, path: Path, friend: pyrage.x25519.Identity, ssh_key: Callable[..., Path]) -> None:
    own = (path / "recipients.txt").read_text().strip()
    ssh = ssh_key().with_suffix(".pub").read_text().strip()
    (path / "recipients.txt").write_text(f"# us\n{own}\n\n# them\n")
    add(vault, ssh)
    assert (path / "recipients.txt").read_text() == f"# us\n{own}\n\n# them\n{ssh}\n"
    add(vault, str(friend.to_public()))
    drop(vault, " ".join(ssh.split()[:2]))
    assert (path / "recipients.txt").read_text() == f"# us\n{own}\n\n# them\n{friend.to_public()}\n"


def test_without_a_list_there_is_one_then(vault: Home, path: Path, friend: pyrage.x25519.Identity) -> None:
    own = (path / "recipients.txt").read_text()
    (path / "recipients.txt").unlink()
    add(vault, str(friend.to_public()))
    assert (path / "recipients.txt").read_text() == f"{own}{friend.to_public()}\n"


def test_what_changes_nothing_writes_nothing(vault: Home, path: Path, friend: pyrage.x25519.Identity) -> None:
    own = (path / "recipients.txt").read_text().strip()
    before = (path / "vault" / SERVERS[0] / "alice.age").read_bytes()
    done = add(vault, own)
    assert (done.changed, done.done, done.total) == (False, 0, 0)
    with pytest.raises(RecipientsUnusable, match="it is not on that list") as caught:
        drop(vault, str(friend.to_public()))
    assert caught.value.hint == "see who is on it: dockpass vault recipients list"
    assert (path / "recipients.txt").read_text().strip() == own
    assert (path / "vault" / SERVERS[0] / "alice.age").read_bytes() == before
    done = again(vault)
    assert (done.changed, done.done, done.total) == (False, 6, 6)
    assert (path / "vault" / SERVERS[0] / "alice.age").read_bytes() != before
    in_order(vault)


def test_after_a_change_by_hand(vault: Home, path: Path, friend: pyrage.x25519.Identity) -> None:
    with (path / "recipients.txt").open("a") as listed:
        listed.write(f"{friend.to_public()}\n")
    assert readable(path, friend) == []
    again(vault)
    assert readable(path, friend) == SERVERS


def test_an_empty_vault(home: Home, path: Path, friend: pyrage.x25519.Identity) -> None:
    from dockpass.vault.identity import make

    assert not pending(home)
    with pytest.raises(IdentityUnusable, match="there is no vault at"):
        add(home, str(friend.to_public()))
    make(home)
    assert add(home, str(friend.to_public())).total == 0
    assert not pending(home)


def test_our_own_key_cannot_be_taken_off(vault: Home, path: Path) -> None:
    own = (path / "recipients.txt").read_text()
    with pytest.raises(RecipientsUnusable, match="cannot take this vault's own key off"):
        drop(vault, own)
    assert (path / "recipients.txt").read_text() == own
    in_order(vault)


@pytest.mark.parametrize("bad", ["", "hello", "age1qqqqqqqqqqq", "ssh-ed25519 AAAA"])
def test_a_key_that_is_none_does_not_come_on_the_list(vault: Home, path: Path, engine: str, bad: str) -> None:
    own = (path / "recipients.txt").read_text()
    with pytest.raises(RecipientsUnusable):
        add(vault, bad)
    assert (path / "recipients.txt").read_text() == own
    assert not pending(vault)
    in_order(vault)


@pytest.mark.parametrize("change", [add, drop])
@pytest.mark.parametrize(
    "given",
    [
        "{}",
        " {}",
        "key={}",
        "AGE-PLUGIN-YUBIKEY-1QQQQQQQQ",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "MIIE\n-----END RSA PRIVATE KEY-----",
    ],
)
@pytest.mark.parametrize("written", [str, str.lower])
def test_a_private_key_is_not_repeated(
    change: Callable[[Home, str], object],
    given: str,
    written: Callable[[str], str],
    vault: Home,
    friend: pyrage.x25519.Identity,
) -> None:
    text = written(given.format(friend))
    with pytest.raises(RecipientsUnusable, match="is a private key, which must not be given to anybody") as caught:
        change(vault, text)
    said = f"{caught.value} {caught.value.hint}"
    assert "recipients.txt" not in said
    assert not any(part in said for part in (text[:8], text[-20:]))


@pytest.mark.parametrize("given", ["NONSENSE", "age1nonsense", "ssh-ed25519 AAAA", "ssh-dss AAAA", ""])
@pytest.mark.usefixtures("engine")
def test_what_is_no_key_is_named_and_the_list_is_not_blamed(given: str, vault: Home, path: Path) -> None:
    before = (path / "recipients.txt").read_bytes()
    with pytest.raises(RecipientsUnusable) as caught:
        add(vault, f" {given} ")
    assert caught.value.message == f"cannot use {given} as a recipient: it is no public key"
    assert caught.value.hint
    assert (path / "recipients.txt").read_bytes() == before
    assert not pending(vault)


def test_a_key_whose_plugin_is_missing_is_named(vault: Home) -> None:
    with pytest.raises(DockpassError, match="age1missing1"):
        add(vault, "age1missing1qyqs8qfm0l")


def test_what_cannot_be_opened_is_left_and_said(vault: Home, path: Path, friend: pyrage.x25519.Identity) -> None:
    (path / "vault" / SERVERS[1] / "alice.age").write_bytes(b"")
    (path / "vault" / SERVERS[2] / "alice.age").unlink()
    (path / "vault" / SERVERS[2] / "alice.age").mkdir()
    os.symlink(path, path / "vault" / "link.test")
    (path / "vault" / ".hidden").mkdir()
    done = add(vault, str(friend.to_public()))
    assert len(done.notes) == 3
    assert done.done == done.total == 7
    assert (path / "vault" / SERVERS[1] / "alice.age").read_bytes() == b""
    assert not pending(vault)


def test_interrupted_it_goes_on(vault: Home, path: Path, friend: pyrage.x25519.Identity) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add(vault, str(friend.to_public()), progress=interrupt)
    assert pending(vault)
    assert readable(path, friend) == SERVERS[:3]
    in_order(vault)
    before = (path / "vault" / SERVERS[0] / "alice.age").read_bytes()
    done = add(vault, str(friend.to_public()))
    assert (done.changed, done.done, done.total) == (False, 6, 6)
    assert readable(path, friend) == SERVERS
    assert (path / "vault" / SERVERS[0] / "alice.age").read_bytes() == before
    assert not pending(vault)


def test_interrupted_and_then_another_change_begins_anew(
    vault: Home, path: Path, friend: pyrage.x25519.Identity
) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add(vault, str(friend.to_public()), progress=interrupt)
    drop(vault, str(friend.to_public()))
    assert readable(path, friend) == []
    assert not pending(vault)


@pytest.mark.parametrize("note", [b"", b"x", b"0" * 64 + b"\nreg4.test\n"])
def test_a_note_about_another_list_is_not_believed(
    vault: Home, path: Path, friend: pyrage.x25519.Identity, note: bytes
) -> None:
    with (path / "recipients.txt").open("a") as listed:
        listed.write(f"{friend.to_public()}\n")
    (path / RESEALING).write_bytes(note)
    assert pending(vault)
    with pytest.raises(RecipientsUnusable, match="it is not on that list") as caught:
        drop(vault, str(pyrage.x25519.Identity.generate().to_public()))
    assert "dockpass vault recipients again" in (caught.value.hint or "")
    assert pending(vault)
    done = add(vault, str(friend.to_public()))
    assert done.done == 6
    assert readable(path, friend) == SERVERS
    assert not pending(vault)


def test_how_far_it_is_is_noted_on_the_way(
    vault: Home, path: Path, friend: pyrage.x25519.Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reseal, "_STEP", 2)
    seen: list[str] = []
    add(
        vault,
        str(friend.to_public()),
        progress=lambda *_step: seen.append((path / RESEALING).read_text().split("\n")[1]),
    )
    assert seen == ["", "reg1.test", "reg1.test", "reg3.test", "reg3.test", "reg5.test"]


def test_an_engine_that_fails_stops_it(
    vault: Home, path: Path, friend: pyrage.x25519.Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, opened = ByPyrage.unseal, []

    def unseal(self: ByPyrage, data: bytes, keys: object) -> bytes:
        opened.append(data)
        if len(opened) > 8:
            raise Trouble("no memory", "free some")
        return real(self, data, keys)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(ByPyrage, "unseal", unseal)
        with pytest.raises(AgeFailed, match="no memory"):
            add(vault, str(friend.to_public()))
    assert pending(vault)
    in_order(vault)
    assert add(vault, str(friend.to_public())).done == 6
    assert readable(path, friend) == SERVERS


def test_a_list_that_goes_bad_meanwhile_stops_it(vault: Home, path: Path, friend: pyrage.x25519.Identity) -> None:
    def spoil(done: int, total: int) -> None:
        (path / "recipients.txt").chmod(0o666)

    with pytest.raises(RecipientsUnusable, match="others can"):
        add(vault, str(friend.to_public()), progress=spoil)
    assert pending(vault)
    in_order(vault)


def test_a_login_meanwhile_is_sealed_for_the_new_ones(vault: Home, path: Path, friend: pyrage.x25519.Identity) -> None:
    add(vault, str(friend.to_public()))

    def login(done: int, total: int) -> None:
        put(vault, SERVERS[done - 1], Credential("dave", "meanwhile"))
        put(vault, f"a-new{done}.test", Credential("dave", "meanwhile"))

    drop(vault, str(friend.to_public()), progress=login)
    assert readable(path, friend) == []


def test_a_note_that_is_no_file(vault: Home, path: Path, friend: pyrage.x25519.Identity) -> None:
    os.mkfifo(path / RESEALING)
    with pytest.raises(FileUnreadable, match="a pipe"):
        again(vault)
    in_order(vault)
