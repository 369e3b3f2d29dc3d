"""Where the vault is."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING

import pytest

from dockpass.credential import Credential
from dockpass.errors import FileUnreadable
from dockpass.vault import quick
from dockpass.vault.find import find
from dockpass.vault.forget import erase
from dockpass.vault.home import Home, directory, leads_nowhere
from dockpass.vault.keep import put
from dockpass.vault.listing import listing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"HOME": "/home/a"}, "/home/a/.local/share/dockpass"),
        ("linux", {"HOME": "/"}, "/.local/share/dockpass"),
        ("linux", {"HOME": "/home/a/", "XDG_DATA_HOME": "/data/"}, "/data/dockpass"),
        ("linux", {"HOME": "/home/a", "XDG_DATA_HOME": "data"}, "/home/a/.local/share/dockpass"),
        ("linux", {"HOME": "/home/a", "XDG_DATA_HOME": ""}, "/home/a/.local/share/dockpass"),
        ("freebsd14", {"HOME": "/home/a"}, "/home/a/.local/share/dockpass"),
        ("darwin", {"HOME": "/Users/a", "XDG_DATA_HOME": "/x"}, "/Users/a/Library/Application Support/dockpass"),
        ("win32", {"LOCALAPPDATA": "C:\\Users\\a\\AppData\\Local"}, "C:\\Users\\a\\AppData\\Local\\dockpass"),
        ("win32", {"USERPROFILE": "C:\\Users\\a"}, "C:\\Users\\a\\AppData\\Local\\dockpass"),
        ("linux", {"HOME": "/home/a", "DOCKPASS_HOME": "/vault"}, "/vault"),
        ("win32", {"LOCALAPPDATA": "C:\\x", "DOCKPASS_HOME": "D:\\v"}, "D:\\v"),
        ("linux", {"HOME": "/home/a", "DOCKPASS_HOME": ""}, "/home/a/.local/share/dockpass"),
    ],
)
def test_the_platforms_own_place(platform: str, environ: dict[str, str], expected: str) -> None:
    assert directory(environ, platform) == expected


def test_without_a_home_the_list_of_users_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert directory({}) == f"{pwd.getpwuid(os.getuid()).pw_dir.rstrip('/')}/.local/share/dockpass"


@pytest.mark.parametrize(("platform", "variable"), [("linux", "HOME"), ("win32", "LOCALAPPDATA")])
def test_nowhere(platform: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 2**31 - 7)
    with pytest.raises(FileUnreadable, match=variable) as caught:
        directory({}, platform)
    assert "DOCKPASS_HOME" in (caught.value.hint or "")


def test_the_environment_is_the_processs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKPASS_HOME", "/somewhere")
    assert directory() == "/somewhere"
    assert Home().path == "/somewhere"
    assert Home(environ={"DOCKPASS_HOME": "/else"}).path == "/else"
    assert Home("/given").path == "/given"


def test_a_link_to_nothing_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "disk").symlink_to("unmounted")
    (tmp_path / "good").symlink_to(tmp_path)
    (tmp_path / "circle").symlink_to("circle")
    for name, link in (
        ("disk", "disk"),
        ("disk/a/b", "disk"),
        ("good/disk/a", "good/disk"),
        ("circle", "circle"),
        ("good/missing", ""),
        ("missing/a", ""),
        ("good", ""),
    ):
        assert leads_nowhere(str(tmp_path / name)) == (str(tmp_path / link) if link else "")


@pytest.mark.parametrize("where", ["disk", "disk/dockpass"])
def test_a_vault_that_is_not_mounted_is_not_one_without_logins(tmp_path: Path, where: str) -> None:
    (tmp_path / "disk").symlink_to("unmounted")
    home = Home(str(tmp_path / where))
    calls: tuple[Callable[[], object], ...] = (
        lambda: quick.answer("reg.test", home.path),
        lambda: find(home, "reg.test"),
        lambda: listing(home),
        lambda: erase(home, "reg.test"),
        lambda: put(home, "reg.test", Credential("alice", "wonder")),
    )
    for call in calls:
        with pytest.raises(FileUnreadable, match="is a symbolic link to nothing") as caught:
            call()
        assert f"cannot use {home.path}: {tmp_path / 'disk'} is" in caught.value.message
    (tmp_path / "unmounted").mkdir(mode=0o700)
    assert quick.answer("reg.test", home.path) is None
    put(home, "reg.test", Credential("alice", "wonder"))


def test_a_vault_that_is_no_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "vault")
    home = Home(str(tmp_path / "vault"))
    calls: tuple[Callable[[], object], ...] = (
        lambda: find(home, "reg.test"),
        lambda: put(home, "reg.test", Credential("alice", "wonder")),
    )
    for call in calls:
        with pytest.raises(FileUnreadable, match="it is a pipe, not a folder"):
            call()
