"""Where the vault is."""

from __future__ import annotations

import os
import pwd

import pytest

from dockpass.errors import FileUnreadable
from dockpass.vault.home import Home, directory


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
