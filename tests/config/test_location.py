from __future__ import annotations

import os
import pwd
from types import SimpleNamespace

import pytest

from dockpass.config.location import FILE, directory
from dockpass.errors import FileUnreadable

LINUX = {"HOME": "/home/alice", "USERPROFILE": "C:\\Users\\alice"}


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_what_is_given_comes_before_all_else(platform: str) -> None:
    environ = {**LINUX, "DOCKER_CONFIG": "/else"}
    assert directory("/given", environ, platform) == "/given"
    assert directory("relative/to here", environ, platform) == "relative/to here"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("given", [None, ""])
def test_then_comes_the_variable(platform: str, given: str | None) -> None:
    assert directory(given, {**LINUX, "DOCKER_CONFIG": "some/folder"}, platform) == "some/folder"


@pytest.mark.parametrize("empty", [{}, {"DOCKER_CONFIG": ""}])
@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux", "/home/alice/.docker"),
        ("darwin", "/home/alice/.docker"),
        ("freebsd14", "/home/alice/.docker"),
        ("win32", "C:\\Users\\alice\\.docker"),
    ],
)
def test_then_the_home_folder(empty: dict[str, str], platform: str, expected: str) -> None:
    assert directory(None, {**LINUX, **empty}, platform) == expected


@pytest.mark.parametrize(
    ("platform", "home", "expected"),
    [("linux", "/", "/.docker"), ("linux", "/root/", "/root/.docker"), ("win32", "C:\\", "C:\\.docker")],
)
def test_a_home_that_ends_in_a_separator(platform: str, home: str, expected: str) -> None:
    assert directory(None, {"HOME": home, "USERPROFILE": home}, platform) == expected


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}])
def test_without_home_the_list_of_users_is_asked(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def look_up(uid: int) -> SimpleNamespace:
        asked.append(uid)
        return SimpleNamespace(pw_dir="/var/lib/alice")

    monkeypatch.setattr(pwd, "getpwuid", look_up)
    assert directory(None, environ, "linux") == "/var/lib/alice/.docker"
    assert asked == [os.getuid()]


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(uid: int) -> SimpleNamespace:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", look_up)
    with pytest.raises(FileUnreadable, match="HOME is not set") as caught:
        directory(None, {}, "linux")
    assert caught.value.hint == "set HOME or DOCKER_CONFIG, or name the folder with --config"


@pytest.mark.parametrize("environ", [{}, {"USERPROFILE": ""}, {"HOME": "/home/alice"}])
def test_windows_without_a_profile(environ: dict[str, str]) -> None:
    with pytest.raises(FileUnreadable, match="USERPROFILE is not set"):
        directory(None, environ, "win32")


def test_by_default_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", "/from/the/environment")
    assert directory() == "/from/the/environment"
    monkeypatch.delenv("DOCKER_CONFIG")
    monkeypatch.setenv("HOME", "/my/home")
    assert directory() == "/my/home/.docker"


def test_the_file() -> None:
    assert FILE == "config.json"
