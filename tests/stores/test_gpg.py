"""What gpg says, and what it means: by a program that says what gpg says where that is hard to bring about."""

from __future__ import annotations

import os

import pytest

from dockpass.errors import DockpassError, PromptDismissed, StoreFailed, StoreLocked, StoreTimedOut, StoreUnavailable
from dockpass.stores.gpg import GPG, environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def scripted(folder: Path, said: str, name: str = "gpg", *, status: int = 2, then: str = "") -> GPG:
    """A gpg that writes ``said`` to its standard error."""
    (folder / "said").write_text(said, "utf-8")
    program = folder / name
    program.write_text(f"#!/bin/sh\ncat {folder}/said >&2\n{then}\nexit {status}\n", "utf-8")
    program.chmod(0o700)
    return GPG({"PATH": f"{folder}{os.pathsep}{os.defpath}"}, None, 30)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("[GNUPG:] ERROR pkdecrypt_failed 83886179", PromptDismissed, "dismissed"),
        ("[GNUPG:] ERROR pkdecrypt_failed 83886278", PromptDismissed, "dismissed"),
        ("[GNUPG:] ERROR pkdecrypt_failed 67108875", StoreLocked, "the passphrase is wrong"),
        ("[GNUPG:] ERROR pkdecrypt_failed 83886142", StoreLocked, "nobody gave the passphrase in time"),
        ("[GNUPG:] ERROR pkdecrypt_failed 67108949", StoreLocked, "no program that asks"),
        ("gpg: x\n[GNUPG:] ERROR pkdecrypt_failed 83918950", StoreLocked, "cannot ask for the passphrase here: gpg: x"),
        ("[GNUPG:] NO_SECKEY 0123456789ABCDEF", StoreFailed, "lacks the key"),
        ("[GNUPG:] NODATA 1", StoreFailed, "no file of GPG's"),
        ("gpg: \x1b[31mred\nand more", StoreFailed, r"cannot be opened: gpg: \\x1b\[31mred; and more"),
        (
            "[GNUPG:] ERROR pkdecrypt_failed\n[GNUPG:] \n[GNUPG:] ERROR pkdecrypt_failed x",
            StoreFailed,
            "did not say why",
        ),
        ("", StoreFailed, "gpg did not say why"),
    ],
)
def test_what_keeps_a_file_closed(said: str, kind: type[DockpassError], words: str, tmp_path: Path) -> None:
    with pytest.raises(kind, match=words) as caught:
        scripted(tmp_path, said).decrypt("/store/alice.gpg", [])
    assert type(caught.value) is kind
    assert caught.value.message.startswith("/store/alice.gpg ")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("said", "listing", "words"),
    [
        ("[GNUPG:] INV_RECP 1 a@b.test", "", "for the GPG key a@b.test, which this GPG keyring lacks"),
        ("[GNUPG:] INV_RECP 5 a@b.test", "pub:e:255:22:AB:1:2::u:::sc", "which has expired"),
        ("[GNUPG:] INV_RECP 4 a@b.test", "pub:r:255:22:AB:1:2::u:::sc", "which was revoked"),
        ("[GNUPG:] INV_RECP 10 a@b.test", "pub:-:255:22:AB:1:2::-:::sc", "which cannot seal"),
        ("gpg: There is no assurance this key belongs to the named user", "", "GPG does not trust the key"),
        ("gpg: no space left on device", "", "could not be kept: gpg: no space left on device"),
        ("[GNUPG:] INV_RECP 1", "", "gpg did not say why"),
    ],
)
def test_what_keeps_a_login_from_being_sealed(said: str, listing: str, words: str, tmp_path: Path) -> None:
    gpg = scripted(tmp_path, "", then=f"echo '{listing}'")
    error = gpg.not_sealed("the login", said)
    assert isinstance(error, StoreFailed)
    assert words in error.message
    assert error.hint


def test_of_two_the_newer_one_is_run(tmp_path: Path) -> None:
    scripted(tmp_path, "", status=1)
    gpg = scripted(tmp_path, "", "gpg2", status=0, then='echo "$@"')
    assert gpg.decrypt("-file", ["--homedir", "x"]) == b"--homedir x --batch --status-fd 2 --decrypt -- -file\n"


def test_none_is_there(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="gpg, which opens"):
        GPG({"PATH": str(tmp_path)}, None, None).decrypt("x", [])


def test_one_that_cannot_be_run(tmp_path: Path) -> None:
    (tmp_path / "gpg").write_bytes(b"\x7fELF")
    (tmp_path / "gpg").chmod(0o700)
    with pytest.raises(StoreFailed, match="cannot be run"):
        GPG({"PATH": str(tmp_path)}, None, None).decrypt("x", [])


def test_one_that_gives_too_much(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="more than 1 MiB"):
        scripted(tmp_path, "", status=0, then="head -c 2000000 /dev/zero").decrypt("x", [])


def test_one_that_hangs(tmp_path: Path) -> None:
    scripted(tmp_path, "", then="sleep 60")
    told: list[str] = []
    with pytest.raises(StoreTimedOut, match=r"gpg, opening x, did not end in 0\.2 seconds"):
        GPG({"PATH": f"{tmp_path}{os.pathsep}{os.defpath}"}, told.append, 0.2).decrypt("x", [])


def test_a_line_says_what_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockpass.stores.child._PATIENCE", 0.0)
    told: list[str] = []
    scripted(tmp_path, "", status=0, then="sleep 0.2")
    environ = {"PATH": f"{tmp_path}{os.pathsep}{os.defpath}"}
    for waiting in (told.append, None):
        assert GPG(environ, waiting, 30).decrypt("x", []) == b""
    (line,) = told
    assert line.startswith("waiting for gpg; ")


def test_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> str:
        raise OSError

    monkeypatch.setattr(os, "ttyname", refuse)
    found = environment({"LANG": "de_DE.UTF-8", "DOCKER_AUTH_CONFIG": "secret", "DOCKPASS_PASSWORD": "secret"})
    assert found == {"LANG": "de_DE.UTF-8", "LANGUAGE": "en"}
    monkeypatch.setattr(os, "ttyname", lambda stream: f"/dev/pts/{stream}")
    assert environment({})["GPG_TTY"] == "/dev/pts/2"
    assert environment({"GPG_TTY": "/dev/pts/7"})["GPG_TTY"] == "/dev/pts/7"
