"""What a user hears after a login into the vault."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from dockpass.account.advice import advice, podmans_files
from dockpass.account.log_in import login
from dockpass.account.log_out import logout
from dockpass.server import Server
from dockpass.stores.on_path import find
from dockpass.testing.registry import ScriptedRegistry

BOBS = {"auth": "Ym9iOnBsYWlu"}
REG = Server.parse("reg.test:5000")


def hear(place: Any, server: Server = REG) -> list[str]:
    return advice(server, str(place.docker), find("dockpass", os.environ))


def test_all_is_well(helped: Any) -> None:
    assert hear(helped) == []


def test_without_the_helper_on_path(place: Any) -> None:
    place.write({"auths": {"b.test": BOBS}})
    [note] = hear(place)
    assert note.endswith("so docker and podman do not find this login: dockpass helper install dockpass")


def test_other_logins_in_plain_text(helped: Any) -> None:
    helped.write({"auths": {"a.test": BOBS, "marker.test": {}}})
    assert hear(helped) == [
        "another login lies in config.json in plain text; to move to the vault what is there: dockpass migrate"
    ]
    helped.write({"auths": {"a.test": BOBS, "b.test": BOBS, "c.test": BOBS}, "credHelpers": {"c.test": ""}})
    assert hear(helped)[0].startswith("2 other logins lie in config.json")
    (helped.docker / "config.json").write_text("{")
    assert hear(helped) == []


def test_a_launcher_that_was_broken(helped: Any) -> None:
    path = helped.tools / "docker-credential-dockpass"
    good = path.read_bytes()
    path.write_bytes(good.replace(b"# needs: /", b"# needs: /gone/"))
    assert hear(helped) == [f"{path} was made anew for this Python"]
    assert path.read_bytes() == good


def test_a_launcher_that_is_broken_and_stays_so(helped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = helped.tools / "docker-credential-dockpass"
    path.write_bytes(path.read_bytes().replace(b"# needs: /", b"# needs: /gone/"))

    def refuse(*_names: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    [note] = hear(helped)
    assert note.startswith("docker-credential-dockpass is broken: cannot write")
    assert "dockpass helper install dockpass --dir DIR" in note


def podman(path: str, config: object) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(config if isinstance(config, str) else json.dumps(config))


@pytest.mark.parametrize(
    ("variables", "paths"),
    [
        ({"REGISTRY_AUTH_FILE": "/a.json", "HOME": "/h"}, ["/a.json"]),
        (
            {"XDG_RUNTIME_DIR": "/run/x", "HOME": "/h"},
            ["/run/x/containers/auth.json", "/h/.config/containers/auth.json"],
        ),
        (
            {"XDG_RUNTIME_DIR": "/run/x", "XDG_CONFIG_HOME": "/c"},
            ["/run/x/containers/auth.json", "/c/containers/auth.json"],
        ),
        ({}, [f"/run/containers/{os.getuid()}/auth.json"]),
    ],
)
def test_where_podman_keeps_logins(variables: dict[str, str], paths: list[str]) -> None:
    assert podmans_files(variables) == paths


@pytest.mark.parametrize(
    "config",
    [
        {"auths": {"reg.test:5000": BOBS}},
        {"auths": {"reg.test:5000": {"auth": "!"}}},
        {"credHelpers": {"reg.test:5000": "pass"}},
    ],
)
def test_podmans_own_login_hides_ours(config: object, helped: Any) -> None:
    path = podmans_files(os.environ)[0]
    podman(path, config)
    [note] = hear(helped)
    assert f"in {path}, which podman, skopeo and buildah use instead of this one" in note
    assert note.endswith(": podman logout reg.test:5000")


@pytest.mark.parametrize(
    "config",
    [
        {"auths": {"other.test": BOBS, "reg.test:5000/team": BOBS, "reg.test:5000": {}}},
        {"credHelpers": {"reg.test:5000": "dockpass"}},
        {},
        "{",
        "[1]",
        "\0",
    ],
)
def test_what_hides_nothing_or_cannot_be_read(config: object, helped: Any) -> None:
    podman(podmans_files(os.environ)[0], config)
    assert hear(helped) == []


def test_a_folder_in_place_of_the_file(helped: Any) -> None:
    os.makedirs(podmans_files(os.environ)[0])
    assert hear(helped) == []


def test_another_file_than_the_one_where_podman_logs_out(helped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = podmans_files(os.environ)[1]
    podman(path, {"auths": {"docker.io": BOBS}})
    [note] = hear(helped, Server.parse(None))
    assert note.endswith(f": podman logout --authfile {path} docker.io")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(helped.folder / "it's here"))
    podman(podmans_files(os.environ)[1], {"auths": {"docker.io": BOBS}})
    [note] = hear(helped, Server.parse(None))
    assert note.endswith("/it'\\''s here/containers/auth.json' docker.io")


def test_a_login_into_the_vault_says_it_and_another_does_not(place: Any) -> None:
    with ScriptedRegistry({"foo": "bar"}) as registry:
        [note] = login(registry.address, "foo", "bar", store="age").notes
        assert "is not on PATH" in note
        logout(registry.address)
        assert login(registry.address, "foo", "bar", store="file").notes == []
