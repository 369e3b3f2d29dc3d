"""The launcher: it starts whatever its path, is made anew when it must be, and replaces nothing of others."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.account import launcher
from dockpass.account.installed import is_launcher, is_ours
from dockpass.credential import Credential
from dockpass.errors import FileUnwritable, StoreUnavailable, UnknownStore
from dockpass.stores.on_path import find
from dockpass.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

NAME = "docker-credential-dockpass"


def ask(path: str, action: str, sent: bytes = b"", **environ: str) -> tuple[bytes, int, bytes]:
    done = subprocess.run([path, action], input=sent, capture_output=True, check=False, env={**os.environ, **environ})
    return done.stdout, done.returncode, done.stderr


def test_it_starts_python_without_the_rest_and_gives_what_the_vault_has(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By a path without blanks, wherever the tests run.
    python = place.folder / "python"
    python.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(python))
    path = launcher.install("dockpass", str(place.tools))
    assert path == str(place.tools / NAME)
    with open(path, "rb") as file:
        assert file.readline() == f"#!{sys.executable} -IS\n".encode()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o755
    place.vault.put("reg.test", Credential("alice", "wonder"))
    expected = b'{"ServerURL":"reg.test","Username":"alice","Secret":"wonder"}\n'
    assert ask(path, "get", b"reg.test") == (expected, 0, b"")
    # No orders are taken from the environment.
    (place.folder / "dockpass.py").write_text("raise SystemExit('somebody else')")
    assert ask(path, "get", b"reg.test", PYTHONPATH=str(place.folder)) == (expected, 0, b"")
    assert sorted(os.listdir(place.tools)) == [NAME]


@pytest.mark.parametrize(
    "name", ["with a blank", "l\u00f6ng" * 20, "it's 'quoted'", "back\\slash $HOME `id`", "x" * 130]
)
def test_python_and_packages_may_have_any_path(
    name: str, place: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    (folder / "dockpass").symlink_to(os.path.dirname(os.path.dirname(launcher.__file__)))
    monkeypatch.setattr(launcher, "__file__", str(folder / "dockpass" / "account" / "launcher.py"))
    path = launcher.install("dockpass", str(place.tools))
    with open(path, "rb") as file:
        assert file.readline() == b"#!/bin/sh\n"
    assert ask(path, "get", b"reg.test") == (b"credentials not found in native keychain\n", 1, b"")
    assert is_launcher(path)
    assert launcher.renew("dockpass") is None


def test_a_path_that_is_no_text(place: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    os.symlink(sys.executable, python)
    monkeypatch.setattr(sys, "executable", python)
    assert ask(launcher.install("dockpass", str(place.tools)), "list") == (b"{}\n", 0, b"")


def test_a_python_that_does_not_know_where_it_is(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(FileUnwritable, match="which Python"):
        launcher.install("dockpass", str(place.tools))


def test_the_first_line_is_never_longer_than_the_kernel_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/" + "p" * 119)
    first = launcher.text("dockpass").split(b"\n")[0]
    assert (first.startswith(b"#!/ppp"), len(first)) == (True, 126)
    monkeypatch.setattr(sys, "executable", "/" + "p" * 120)
    assert launcher.text("dockpass").startswith(b"#!/bin/sh\n")


def test_without_pyrage_it_names_dockpass_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert b"pyrage\n" in launcher.text("dockpass")
    monkeypatch.setitem(sys.modules, "pyrage", None)
    assert b"pyrage\n" not in launcher.text("dockpass")


def test_one_that_works_is_left_alone_and_one_that_is_broken_is_made_anew(place: Any) -> None:
    assert launcher.renew("dockpass") is None  # there is none
    path = launcher.install("dockpass", str(place.tools))
    with open(path, "rb") as file:
        good = file.read()
    # Another dockpass's, and it works.
    with open(path, "ab") as file:
        file.write(b"# another\n")
    assert launcher.renew("dockpass") is None
    with open(path, "wb") as file:
        file.write(good.replace(os.fsencode(sys.executable), b"/gone/python"))
    assert launcher.renew("dockpass") == path
    with open(path, "rb") as file:
        assert file.read() == good


def test_one_whose_packages_are_gone_says_what_mends_it(place: Any, tmp_path: Path) -> None:
    path = launcher.install("dockpass", str(place.tools))
    with open(path, "rb") as file:
        text = file.read().decode()
    lines = [line if not line.startswith("sys.path") else 'sys.path[:0] = ["/gone"]' for line in text.splitlines()]
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    output, status, errors = ask(path, "get", b"reg.test")
    assert (status, errors) == (1, b"")
    assert output.endswith(b": dockpass helper install dockpass\n")
    assert output.count(b"\n") == 1


@pytest.mark.parametrize("text", [b"#!/bin/sh\necho from dockpass.\n", b"\x7fELF", b""])
def test_a_program_of_others_is_never_replaced(text: bytes, place: Any) -> None:
    place.program(text)
    with pytest.raises(FileUnwritable, match="is not dockpass's") as caught:
        launcher.install("dockpass", str(place.tools))
    assert "--dir" in str(caught.value.hint)
    assert (place.tools / NAME).read_bytes() == text
    assert not is_ours(str(place.tools / NAME))
    assert launcher.renew("dockpass") is None


def test_neither_is_a_folder_or_a_dangling_link(place: Any) -> None:
    (place.tools / NAME).mkdir()
    with pytest.raises(FileUnwritable, match="is not dockpass's"):
        launcher.install("dockpass", str(place.tools))
    (place.tools / NAME).rmdir()
    (place.tools / NAME).symlink_to("/gone")
    with pytest.raises(FileUnwritable, match="is not dockpass's"):
        launcher.install("dockpass", str(place.tools))
    assert (place.tools / NAME).is_symlink()


def test_what_pip_wrote_is_replaced_and_a_link_to_it(place: Any) -> None:
    pips = b"#!/usr/bin/python3\nimport sys\nfrom dockpass.helper.own import run\nif __name__ == '__main__':\n    sys.exit(run())\n"
    real = place.program(pips, "elsewhere")
    (place.tools / NAME).symlink_to(real)
    assert is_ours(str(place.tools / NAME))
    assert not is_launcher(str(place.tools / NAME))
    path = launcher.install("dockpass", str(place.tools))
    assert not os.path.islink(path)
    assert is_launcher(path)
    assert real.read_bytes() == pips


def test_another_helper_is_none_of_ours(place: Any) -> None:
    with pytest.raises(UnknownStore, match='no credential helper "ecr-login"'):
        launcher.install("ecr-login", str(place.tools))


def test_the_folder_is_made_if_it_is_named(place: Any) -> None:
    path = launcher.install("dockpass", str(place.folder / "a" / "b"))
    assert path == str(place.folder / "a" / "b" / NAME)


def test_a_folder_that_cannot_be_written(place: Any) -> None:
    (place.folder / "file").write_text("")
    with pytest.raises(FileUnwritable, match="cannot write .*: not a directory") as caught:
        launcher.install("dockpass", str(place.folder / "file" / "bin"))
    assert "--dir" in str(caught.value.hint)


def test_a_disk_that_is_full_leaves_what_was_there(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = launcher.install("dockpass", str(place.tools))
    with open(path, "ab") as grown:
        grown.write(b"# before\n")

    def full(*_names: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FileUnwritable, match="no space left on device"):
        launcher.install("dockpass", str(place.tools))
    with open(path, "rb") as file:
        assert file.read().endswith(b"# before\n")
    assert os.listdir(place.tools) == [NAME]


def test_where_it_goes_if_nobody_says(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    home = place.folder
    local, own, beside = home / ".local/bin", home / "bin", home / "elsewhere"
    for folder in (local, own, beside):
        folder.mkdir(parents=True)
    with pytest.raises(FileUnwritable, match="no usual folder") as caught:
        launcher.install("dockpass")
    assert f"{home}/.local/bin" in str(caught.value.hint)
    path = f"relative:{own}:{local}/"
    assert launcher.install("dockpass", environ={"HOME": str(home), "PATH": path}) == str(local / NAME)
    assert launcher.install("dockpass", environ={"HOME": str(home), "PATH": str(own)}) == str(own / NAME)
    # Beside dockpass itself, if that is no virtual environment's folder.
    path = f"{local}:{beside}"
    assert launcher.install("dockpass", environ={"HOME": str(home), "PATH": path}) == str(beside / NAME)
    monkeypatch.setattr(sys, "prefix", str(home))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    shutil.rmtree(beside)
    beside.mkdir()
    assert launcher.install("dockpass", environ={"HOME": str(home), "PATH": path}) == str(local / NAME)
    assert launcher.install("dockpass", environ={"HOME": str(home), "PATH": str(beside)}) == str(beside / NAME)


def test_without_home_the_user_has_one(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    with pytest.raises(FileUnwritable) as caught:
        launcher.install("dockpass", environ={"PATH": "/nonexistent"})
    assert "make /.local/bin" not in str(caught.value.hint)


def test_one_that_cannot_be_run_is_not_found(place: Any) -> None:
    path = place.program()
    assert find("dockpass", os.environ) == str(path)
    path.chmod(0o644)
    assert find("dockpass", os.environ) is None


@pytest.mark.parametrize(
    ("name", "platform", "says"),
    [
        ("osxkeychain", "linux", "docker-credential-osxkeychain needs the keychain of macOS, and this is Linux"),
        ("wincred", "darwin", "docker-credential-wincred needs the credential manager of Windows, and this is macOS"),
        ("secretservice", "win32", "docker-credential-secretservice needs a keyring over D-Bus, as on Linux, and this"),
        ("pass", "win32", "this is Windows"),
        ("wincred", "freebsd14", "this is freebsd14"),
    ],
)
def test_what_makes_no_sense_on_this_platform(
    name: str, platform: str, says: str, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(StoreUnavailable) as caught:
        launcher.install(name, str(place.tools))
    assert says in caught.value.message
    assert os.listdir(place.tools) == []


@pytest.mark.parametrize("name", ["secretservice", "pass", "openbao"])
def test_a_drop_in_runs_the_store_of_its_name(name: str, place: Any) -> None:
    path = launcher.install(name, str(place.tools))
    assert is_launcher(path)
    program = f"docker-credential-{name}"
    assert ask(path, "version") == (f"{program} (dockpass) {__version__}\n".encode(), 0, b"")
