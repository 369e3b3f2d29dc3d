"""The words of a helper that failed."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Credential
from dockpass.stores.complaint import keeps_nothing, next_step, words
from dockpass.strictjson import quote


def test_one_line_without_what_acts_on_a_terminal() -> None:
    output = b"\x1b[31merror:\x1b[0m first\r\n  second\tthird\x07\n\n\xff\xe2\x80\xaeend"
    assert words(output, None) == "error: first second third\\x07 \ufffd\\u202eend"


def test_a_long_story_is_cut() -> None:
    said = words(b"why " * 5000, None)
    assert len(said) == 300
    assert said.endswith("…")


@pytest.mark.parametrize("output", [b"", b" \r\n\t"])
def test_nothing_said(output: bytes) -> None:
    assert words(output, None) == ""


SECRETS = [
    "hunter2!",
    "pa ss/wo+rd%",
    'quote"back\\slash',
    "<a&b>",
    "line one\nline two",
    "пароль",
    "🔑🔑🔑🔑",
    "a  b  c",
    "=====",
    " hunter2 ",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_the_secret_is_taken_out_in_every_spelling(secret: str) -> None:
    credential = Credential("alice", secret)
    spellings = [
        secret,
        quote(secret),
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        base64.b64encode(secret.encode()).decode(),
        base64.b64encode(f"alice:{secret}".encode()).decode(),
    ]
    for spelling in spellings:
        said = words(f"cannot keep {spelling} here".encode(), credential)
        assert said.startswith("cannot keep ")
        assert said.endswith(" here")
        assert spelling.strip('"') not in said
        assert "****" in said


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_no_secret_gets_through(secret: str, before: str, after: str) -> None:
    said = words(f"{before}{secret}{after}".encode("utf-8", "replace"), Credential("alice", secret))
    # Where it is in the words still, it comes from the words around it, and then it is too short to be one.
    if secret.strip() and secret in said:
        assert secret in f"(what it printed is not shown: a secret may be in it)****{before}{after}"


@pytest.mark.parametrize("secret", ["a", "x1", "bar"])
def test_a_secret_so_short_that_asterisks_would_show_it(secret: str) -> None:
    assert words(b"a bar x1", Credential("alice", secret)) == "(what it printed is not shown: a secret may be in it)"
    assert words(b"no room", Credential("alice", secret)) == "no room"


def test_an_answer_with_a_secret_is_not_shown() -> None:
    output = b'{"ServerURL":"reg.test","Username":"alice","secret":"wonder"}'
    assert "wonder" not in words(output, None)
    assert words(b'no "secret" {here', None) == "(what it printed is not shown: a secret may be in it)"


@pytest.mark.parametrize(
    ("said", "step"),
    [
        (
            'pass not initialized: exit status 1: Error: password store is empty. Try "pass init".',
            "set it up: gpg --quick-generate-key YOUR-NAME, then: pass init YOUR-NAME",
        ),
        ('pass not initialized: exec: "pass": executable file not found in $PATH: ', "install pass"),
        ("exit status 1: gpg: NOSUCHKEY: skipped: No public key", "gpg --import"),
        ("gpg: decryption failed: No secret key", "export GPG_TTY=$(tty)"),
        ("gpg: decryption failed: Inappropriate ioctl for device", "export GPG_TTY=$(tty)"),
        ("gpg: decryption failed: Bad passphrase", "check the passphrase"),
        ("Cannot autolaunch D-Bus without X11 $DISPLAY", "no keyring service runs"),
        ("org.freedesktop.DBus.Error.ServiceUnknown: The name org.freedesktop.secrets was not", "no keyring service"),
        ("no such bus", "no keyring service runs"),
        ("Cannot create an item in a locked collection", "unlock it"),
        ("keychain cannot be accessed ... The keychain may be locked", "unlock it"),
        ("Object does not exist at path “/org/freedesktop/secrets/collection/login”", "no default keyring"),
        ("The stub received bad data.", "2560 bytes"),
        (
            "A specified logon session does not exist. It may already have been terminated.",
            "dockpass login --store file",
        ),
        ("not implemented", "nothing to log in to"),
        ("add is unimplemented", "nothing to log in to"),
        ("bufio.Scanner: token too long", "64 KiB"),
        ("fork/exec /usr/bin/pass: exec format error", "built for another system"),
        ("mkdir: cannot create directory: File name too long", "file name of the server"),
        ("write: no space left on device", "make room"),
        ("open /home/x: permission denied", "whose the helper's files are"),
        ("no credentials server URL", "another version"),
        ("something nobody has seen", "`docker-credential-x list`"),
        ("", "`docker-credential-x list`"),
    ],
)
def test_the_next_step(said: str, step: str) -> None:
    assert step in next_step(said, "docker-credential-x")


@pytest.mark.parametrize(
    "text", ["not implemented", "add is unimplemented", "delete is unimplemented", "Not Implemented"]
)
def test_a_helper_that_keeps_nothing(text: str) -> None:
    assert keeps_nothing(text)


@pytest.mark.parametrize(
    "text", ["", "open /x: function not implemented", "Repository url [x] is not supported", "boom"]
)
def test_a_helper_that_should_have_kept_it(text: str) -> None:
    assert not keeps_nothing(text)
