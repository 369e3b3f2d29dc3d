"""The helpers on PATH say who they are; one that does not is stopped, and not believed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.account.programs import missing, on_path, said
from dockpass.config import document

if TYPE_CHECKING:
    from pathlib import Path


def program(folder: Path, text: str) -> str:
    path = folder / "docker-credential-x"
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("text", "package", "version", "trouble"),
    [
        ("echo 0.6.4", "", "0.6.4", ""),
        ("echo 'docker-credential-x (github.com/x/y) v1'", "github.com/x/y", "v1", ""),
        ("printf 'a (b) v\\033[31m'", "b", "v\\x1b[31m", ""),
        ("echo one two three four", "", "", ""),
        ("exit 0", "", "", ""),
        ("echo 1.0; exit 1", "", "", ""),
        ("yes", "", "", "no answer in 0.5 seconds"),
        ("sleep 600 & sleep 600", "", "", "no answer in 0.5 seconds"),
        ("kill -9 $$", "", "", "killed by signal 9"),
        ("echo $DOCKER_AUTH_CONFIG v2", "", "v2", ""),
        ("echo no >&2; echo v3", "", "v3", ""),
    ],
)
def test_what_a_helper_says_of_itself(
    text: str, package: str, version: str, trouble: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = program(tmp_path, f"#!/bin/sh\n{text}\n")
    found = said(path, {**os.environ, "DOCKER_AUTH_CONFIG": "secret"}, time_limit=0.5 if "no answer" in trouble else 60)
    assert (found.package, found.version, found.trouble) == (package, version, trouble)
    assert capfd.readouterr().err == ""


def test_one_that_cannot_be_run(tmp_path: Path) -> None:
    assert said(program(tmp_path, "#!/nowhere\n"), {}).trouble == "no such file or directory"
    assert said(program(tmp_path, "nothing"), {}).trouble == "exec format error"


def test_a_folder_that_cannot_be_listed_or_is_relative(place: Any) -> None:
    path = place.program(name="docker-credential-a")
    found = on_path({"PATH": f"{place.folder}/nowhere:tools:.:{place.tools}"})
    assert [(helper.name, helper.path, helper.is_ours) for helper in found] == [("a", str(path), False)]


def test_the_helpers_on_path(helped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    helped.program(name="docker-credential-pass")
    helped.program(name="docker-credential-off").chmod(0o644)
    helped.program(name="docker-other")
    (helped.tools / "docker-credential-folder").mkdir()
    other = helped.folder / "other"
    other.mkdir()
    (other / "docker-credential-pass").write_bytes(b"#!/bin/sh\n")
    (other / "docker-credential-pass").chmod(0o755)
    monkeypatch.setenv("PATH", f"relative:{helped.tools}:/nonexistent:{other}")
    found = [(each.name, each.is_ours, each.path) for each in on_path(os.environ)]
    assert found == [
        ("dockpass", True, str(helped.tools / "docker-credential-dockpass")),
        ("pass", False, str(helped.tools / "docker-credential-pass")),
    ]


def test_what_config_json_names_and_is_not_there(helped: Any) -> None:
    helped.program(name="docker-credential-off").chmod(0o644)
    helpers = {
        "a.test": "gone",
        "b.test": "dockpass",
        "c.test": "",
        "d.test": "gone",
        "*.test": "wild",
        "e.test": "off",
    }
    helped.write({"credHelpers": helpers, "credsStore": "away"})
    assert missing(document.read(str(helped.docker)), os.environ) == {
        "away": ["credsStore"],
        "gone": ["a.test", "d.test"],
        "off": ["e.test"],
    }
    helped.write({"credsStore": "dockpass"})
    assert missing(document.read(str(helped.docker)), os.environ) == {}
