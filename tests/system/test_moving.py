"""Logins on a tour through every store that runs here: docker's programs and people's own find them at each stop."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import dockpass
from dockpass.account import launcher
from real.bao import bao_server
from real.keyring import session
from real.need import need
from real.password_store import password_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
HUB = "https://index.docker.io/v1/"
LOGINS = {
    HUB: ("alice", 'a "<secret>" & more'),
    "reg.test:5000": ("robot$ci+build", "p\u00e4ss \u5bc6\u7801"),
    "registry.example.com": ("bob", "x" * 1500),
    "t.test": ("<token>", "eyJ0.eyJ1.c2ln"),
}


class Tour:
    """A user with every store at hand, and with docker's own helpers where it has such."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.docker = folder / "docker"
        self.tools = folder / "tools"
        self.docker.mkdir()
        self.tools.mkdir()
        self.environ = {
            **environ,
            "PATH": f"{self.tools}:{environ['PATH']}",
            "DOCKER_CONFIG": str(self.docker),
            "DOCKPASS_HOME": str(folder / "vault"),
            "PYTHONPATH": SOURCE,
        }
        for name in ("dockpass", "openbao"):
            launcher.install(name, str(self.tools))
        auths = {server: _entry(*login) for server, login in LOGINS.items()}
        (self.docker / "config.json").write_text(json.dumps({"auths": auths}))

    @property
    def config(self) -> Any:
        return json.loads((self.docker / "config.json").read_bytes())

    def migrate(self, source: str, target: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dockpass", "migrate", "--from", source, "--to", target]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False)

    def given(self) -> dict[str, tuple[str, str]]:
        """What docker gets for each server, from the program that it asks."""
        found = {}
        for server in LOGINS:
            answer = self._ask(self.config["credHelpers"][server], "get", server)
            found[server] = (answer["Username"], answer["Secret"])
        return found

    def listed(self, name: str) -> list[str]:
        """What the program lists."""
        return sorted(self._ask(name, "list"))

    def _ask(self, name: str, action: str, server: str = "") -> dict[str, str]:
        program = shutil.which(f"docker-credential-{name}", path=self.environ["PATH"])
        assert program is not None
        sent = server.encode()
        done = subprocess.run([program, action], input=sent, env=self.environ, capture_output=True, check=True)
        answer: dict[str, str] = json.loads(done.stdout)
        return answer


def _entry(username: str, secret: str) -> dict[str, str]:
    if username == "<token>":
        return {"identitytoken": secret}
    return {"auth": b64encode(f"{username}:{secret}".encode()).decode()}


@pytest.fixture
def tour(tmp_path: Path) -> Iterator[Tour]:
    for helper in ("pass", "secretservice"):
        need(f"docker-credential-{helper}")
    with password_store() as passwords, session() as keyring, bao_server() as bao:
        passwords.make_key()
        passwords.init()
        keyring.start_keyring()
        yield Tour(tmp_path, {**keyring.environ, **passwords.environ, **_own(bao.as_somebody(bao.root))})


def _own(environ: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith(("BAO_", "VAULT_"))}


def test_from_store_to_store_and_back_home(tour: Tour) -> None:
    beginning = tour.config["auths"]
    stops = ("file", "pass", "secretservice", "openbao", "age", "secretservice", "pass", "file")
    for source, target in pairwise(stops):
        done = tour.migrate(source, target)
        assert (done.returncode, done.stdout.count("moved to")) == (0, len(LOGINS)), done.stderr
        if target == "file":
            assert tour.config["auths"] == beginning
        else:
            assert tour.given() == LOGINS, target
            assert tour.config["auths"] == {server: {} for server in LOGINS}
        if source not in ("file", "age"):
            assert tour.listed(source) == [], source
    again = tour.migrate("pass", "file")
    assert (again.returncode, again.stdout) == (0, "")
