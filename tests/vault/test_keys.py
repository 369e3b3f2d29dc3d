"""Private and public keys as they are written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.vault.keys import BadKey, Keys, is_plugins, plugin_of, recipient

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NATIVE = str(pyrage.x25519.Identity.generate())
PLUGIN = "AGE-PLUGIN-YUBI-KEY-1QQQQ"


def test_an_identity_of_ages_own() -> None:
    keys = Keys.parse(f"# created: today\n# public key: age1abc\n\n  {NATIVE}\r\n".encode())
    assert keys.native == (NATIVE,)
    assert keys.plugins == ()
    assert not keys.ssh
    assert keys.named == ("age1abc",)


def test_several_and_those_of_plugins() -> None:
    keys = Keys.parse(f"{NATIVE}\n#    Recipient: age1yubikey1qqq\n{PLUGIN}\n{NATIVE}\n".encode())
    assert keys.native == (NATIVE, NATIVE)
    assert keys.plugins == (PLUGIN,)
    assert keys.named == ("age1yubikey1qqq",)


def test_it_is_not_printed() -> None:
    assert repr(Keys.parse(NATIVE.encode())) == "Keys(****)"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b" \n\n", "it is empty"),
        (b"\xff\xfe", "it is not text"),
        (b"age-encryption.org/v1\n\xff", "it is not text, but locked by a passphrase"),
        (b"age-encryption.org/v1\n-> scrypt", "it is locked by a passphrase"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "it is locked by a passphrase"),
        (b"# a comment\n", "it holds comments, and no key"),
        (b"AGE-SECRET-KEY-1QQQ\nhunter2\n", "its line 2 is not a key"),
        (b"-----BEGIN RSA PRIVATE KEY-----\nxxx\n", "an old form of a private key"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\n", "it is damaged"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n-----END OPENSSH PRIVATE KEY-----\n", "it is damaged"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nYWJj\n-----END OPENSSH PRIVATE KEY-----\n", "it is damaged"),
        (
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----",
            "damaged",
        ),
    ],
)
def test_what_is_no_identity(data: bytes, why: str) -> None:
    with pytest.raises(BadKey, match=why) as caught:
        Keys.parse(data)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("kind", [("ed25519",), ("rsa", "-b", "2048")], ids=str)
def test_an_ssh_key_says_its_public_half(kind: tuple[str, ...], ssh_key: Callable[..., Path]) -> None:
    file = ssh_key(*kind)
    keys = Keys.parse(file.read_bytes())
    assert keys.ssh
    assert keys.named == (recipient(file.with_suffix(".pub").read_text().strip()),)


def test_a_cut_ssh_key_is_damaged(ssh_key: Callable[..., Path]) -> None:
    lines = ssh_key().read_bytes().splitlines(keepends=True)
    with pytest.raises(BadKey, match="damaged"):
        Keys.parse(lines[0] + lines[1] + lines[-1])
    with pytest.raises(BadKey, match="damaged"):
        Keys.parse(b"".join(lines[:-1]))


def test_ssh_keys_that_age_does_not_take(ssh_key: Callable[..., Path]) -> None:
    with pytest.raises(BadKey, match="ecdsa-sha2-nistp256, which age does not take"):
        Keys.parse(ssh_key("ecdsa").read_bytes())
    with pytest.raises(BadKey, match="locked by a passphrase") as caught:
        Keys.parse(ssh_key(passphrase="wonderland").read_bytes())
    assert "--passphrase" in caught.value.hint


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("age1qqq", "age1qqq"),
        ("age1yubikey1qqq", "age1yubikey1qqq"),
        ("ssh-ed25519 AAAA alice@host", "ssh-ed25519 AAAA"),
        ("ssh-rsa  AAAA", "ssh-rsa AAAA"),
    ],
)
def test_public_keys(line: str, key: str) -> None:
    assert recipient(line) == key


@pytest.mark.parametrize(
    "line",
    ["", "x", "age", "age1", "bob1qqq", "age1 qqq", "AGE1QQQ", "age1q/q", "ssh-ed25519", "ssh-dss AAAA", "age1é"],
)
def test_what_is_no_public_key(line: str) -> None:
    with pytest.raises(BadKey, match="it is no public key"):
        recipient(line)


def test_a_private_key_in_the_wrong_place_is_not_repeated() -> None:
    with pytest.raises(BadKey, match="it is a private key$"):
        recipient(NATIVE)


@given(st.text())
def test_a_recipient_or_a_reason(line: str) -> None:
    try:
        assert recipient(line).split(" ")[0] in (line.split(maxsplit=1)[0], line)
    except BadKey as error:
        assert str(error)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("AGE-PLUGIN-YUBIKEY-1QQQ", "yubikey"),
        ("AGE-PLUGIN-A-B-1QQQ", "a-b"),
        ("age1se1qqq", "se"),
        ("age1a1b1qqq", "a1b"),
    ],
)
def test_the_name_of_a_plugin(key: str, name: str) -> None:
    assert plugin_of(key) == name
    assert is_plugins(key) == key.startswith("age1")


def test_native_keys_need_no_plugin() -> None:
    assert not is_plugins("age1qqq")
    assert not is_plugins("ssh-rsa AAAA1111")


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_keys_or_a_reason(data: bytes) -> None:
    try:
        assert Keys.parse(data).data == data
    except BadKey as error:
        assert str(error).startswith("it")
