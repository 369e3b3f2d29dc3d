"""An export as an age file: by keys, by a passphrase, and nothing that is not one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockpass.credential import Credential, Secret
from dockpass.errors import (
    AgeFailed,
    ArchiveUnusable,
    DockpassError,
    IdentityUnusable,
    RecipientsUnusable,
    WrongPassphrase,
)
from dockpass.vault import envelope
from dockpass.vault.archive import Login, render
from dockpass.vault.by_pyrage import ByPyrage
from dockpass.vault.engine import Trouble
from dockpass.vault.folder import Folder
from dockpass.vault.identity import Identity, load, parsed
from dockpass.vault.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.vault.home import Home

PLAIN = render([Login("reg.test", Credential("alice", "wonder"), active=True)], "2026-01-31T12:00:00Z")


@pytest.fixture
def identity(kept: Home) -> Identity:
    top = Folder.top(kept.path)
    assert top is not None
    with top:
        return load(kept, top)


def test_for_keys_and_back(identity: Identity, kept: Home, engine: str) -> None:
    friend = pyrage.x25519.Identity.generate()
    top = Folder.top(kept.path)
    assert top is not None
    with top:
        own = load(kept, top)
    sealed = envelope.seal_for(own, [*own.public(), str(friend.to_public())], PLAIN, ours=True)
    assert PLAIN not in sealed
    assert not envelope.is_locked(sealed, "x")
    assert envelope.unseal(own, sealed, "x") == PLAIN
    assert envelope.unseal(parsed(kept, "friend", str(friend).encode()), sealed, "x") == PLAIN
    with pytest.raises(ArchiveUnusable, match=r"cannot open x: it is not sealed for .*stranger") as refused:
        envelope.unseal(parsed(kept, "stranger", str(pyrage.x25519.Identity.generate()).encode()), sealed, "x")
    assert "--identity" in str(refused.value.hint)


def test_a_large_one_by_a_passphrase(kept: Home, engine: str) -> None:
    """More than a pipe holds."""
    top = Folder.top(kept.path)
    assert top is not None
    with top:
        own = load(kept, top)
    plain = os.urandom(300_000)
    sealed = envelope.lock_by(own, Secret("open sesame"), plain)
    assert envelope.is_locked(sealed, "x")
    assert envelope.unlock(kept, sealed, Secret("open sesame"), "x") == plain
    with pytest.raises(WrongPassphrase, match="does not open x"):
        envelope.unlock(kept, sealed, Secret("another"), "x")
    with pytest.raises(ArchiveUnusable, match="sealed by a passphrase"):
        envelope.unseal(own, sealed, "x")
    with pytest.raises(WrongPassphrase, match="empty"):
        envelope.lock_by(own, Secret(""), plain)


def test_too_much_work_is_not_begun(
    kept: Home, by_passphrase: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ByPyrage, "unlock", None)
    sealed = by_passphrase(PLAIN, "open sesame", written="21")
    for call in (lambda: envelope.is_locked(sealed, "x"), lambda: envelope.unlock(kept, sealed, Secret("p"), "x")):
        with pytest.raises(ArchiveUnusable, match="too much work"):
            call()


def test_what_we_would_not_open_again_is_not_written(
    identity: Identity, by_passphrase: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ByPyrage, "lock", lambda *_: by_passphrase(PLAIN, "p", written="30"))
    with pytest.raises(AgeFailed, match="too much work"):
        envelope.lock_by(identity, Secret("p"), PLAIN)
    monkeypatch.setattr(
        ByPyrage,
        "seal",
        lambda self, data, _keys: pyrage.encrypt(data, [pyrage.x25519.Identity.generate().to_public()]),
    )
    with pytest.raises(RecipientsUnusable, match="cannot be opened by"):
        envelope.seal_for(identity, identity.public(), PLAIN, ours=True)
    assert envelope.seal_for(identity, ["age1..."], PLAIN, ours=False)


def trouble(*_: object) -> bytes:
    raise Trouble("it is on strike", "pay it")


def test_an_engine_in_trouble(
    kept: Home, identity: Identity, by_passphrase: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, locked = envelope.seal_for(identity, identity.public(), PLAIN, ours=True), by_passphrase(PLAIN, "p")
    for name in ("seal", "lock", "unseal", "unlock"):
        monkeypatch.setattr(ByPyrage, name, trouble)
    calls: list[Callable[[], object]] = [
        lambda: envelope.seal_for(identity, identity.public(), PLAIN, ours=True),
        lambda: envelope.lock_by(identity, Secret("p"), PLAIN),
        lambda: envelope.unseal(identity, sealed, "x"),
        lambda: envelope.unlock(kept, locked, Secret("p"), "x"),
    ]
    for call in calls:
        with pytest.raises(AgeFailed, match="it is on strike"):
            call()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (b"age-enc", "it is cut off"),
        (b"PK\x03\x04", "it is not an age file"),
        (PLAIN, "it is not an age file"),
        (b"age-encryption.org/v1\n-> X25519 x\n", "it is cut off"),
        (b"age-encryption.org/v1\n-> scrypt c2FsdA x\n\n--- \n", "its head is damaged"),
        (b"age-encryption.org/v1\n-> scrypt c2FsdA 2\n\n-> X25519 x\n\n--- x\n", "beside a passphrase"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "its last line is missing"),
    ],
)
def test_what_is_no_age_file(data: bytes, says: str, kept: Home, identity: Identity) -> None:
    for call in (
        lambda: envelope.is_locked(data, "x"),
        lambda: envelope.unseal(identity, data, "x"),
        lambda: envelope.unlock(kept, data, Secret("p"), "x"),
    ):
        with pytest.raises(ArchiveUnusable, match=says):
            call()


def test_damaged_ones(kept: Home, identity: Identity, by_passphrase: Callable[..., bytes]) -> None:
    sealed, locked = envelope.seal_for(identity, identity.public(), PLAIN, ours=True), by_passphrase(PLAIN, "p")
    changes: list[Callable[[bytes], bytes]] = [
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:-20] + b"x" * 20,
    ]
    for change in changes:
        with pytest.raises(ArchiveUnusable, match="it is damaged"):
            envelope.unseal(identity, change(sealed), "x")
        with pytest.raises(ArchiveUnusable, match="it is damaged"):
            envelope.unlock(kept, change(locked), Secret("p"), "x")
    with pytest.raises(ArchiveUnusable, match="not sealed by a passphrase"):
        envelope.unlock(kept, sealed, Secret("p"), "x")
    bad = Identity("key", Keys(b"x", ["AGE-SECRET-KEY-1X"], [], []), identity.engine)
    with pytest.raises(IdentityUnusable, match="cannot use key"):
        envelope.unseal(bad, sealed, "x")


def test_the_text_form(kept: Home, identity: Identity) -> None:
    public = [pyrage.x25519.Recipient.from_str(key) for key in identity.public()]
    sealed = pyrage.encrypt(PLAIN, public, armored=True)
    assert sealed.startswith(b"-----BEGIN AGE")
    assert envelope.unseal(identity, sealed, "x") == PLAIN
    assert envelope.is_sealed(sealed)
    assert not envelope.is_sealed(b"# created: 2026\nAGE-SECRET-KEY-1X\n")


def test_what_is_in_it(kept: Home) -> None:
    assert [login.server for login in envelope.logins(PLAIN, "x")] == ["reg.test"]
    with pytest.raises(ArchiveUnusable, match="cannot import x: it is not the JSON of an export"):
        envelope.logins(b"wonder", "x")
    with pytest.raises(ArchiveUnusable, match="made by a newer dockpass") as newer:
        envelope.logins(b'{"dockpass-vault":2}', "x")
    assert newer.value.hint == "update dockpass"


def test_keys_that_somebody_gave() -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())
    assert envelope.given([f" {key}\n", key, "ssh-ed25519 AAAA me@home"]) == [key, "ssh-ed25519 AAAA"]
    with pytest.raises(RecipientsUnusable, match="cannot seal for nonsense"):
        envelope.given(["nonsense"])
    private = str(pyrage.x25519.Identity.generate())
    with pytest.raises(RecipientsUnusable, match="is a private key") as refused:
        envelope.given([private])
    assert private not in str(refused.value) + str(refused.value.hint)


def test_a_key_that_looks_like_one(identity: Identity) -> None:
    with pytest.raises(RecipientsUnusable, match="cannot seal the export"):
        envelope.seal_for(identity, ["age1qqqq"], PLAIN, ours=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_that_was_changed_anywhere_is_refused_in_words(
    kept: Home, identity: Identity, data: st.DataObject
) -> None:
    sealed = bytearray(envelope.seal_for(identity, identity.public(), PLAIN, ours=False))
    at = data.draw(st.integers(0, 999)) * len(sealed) // 1000  # how long it is, changes each time
    sealed[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    try:
        assert envelope.logins(envelope.unseal(identity, bytes(sealed), "x"), "x") == envelope.logins(PLAIN, "x")
    except DockpassError as error:
        assert "wonder" not in error.message
