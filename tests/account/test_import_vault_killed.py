"""An import that is killed before any change that it makes: nothing is lost, and the next one ends it."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from typing import Any

import dockpass
from dockpass.account import import_vault
from dockpass.config import document
from dockpass.credential import Credential
from dockpass.stores.lead import leads
from dockpass.vault.archive import Login, render
from dockpass.vault.collect import collect
from dockpass.vault.home import Home
from dockpass.vault.keep import put

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
HUB = "https://index.docker.io/v1/"
LOGINS = [
    Login("a.test", Credential("alice", "wonder"), active=True),
    Login("a.test", Credential("bob", "builder"), active=False),
    Login(HUB, Credential("", "t0ken", is_identity_token=True), active=True),
]
THERE, ALICE = "b.test", Credential("alice", "is there")

# To be run after what kills it.
_IMPORT = """
from dockpass.account import import_vault
from dockpass.vault import archive
from dockpass.vault.home import Home
done = import_vault.put(Home(), archive.parse(sys.stdin.buffer.read()), replace=True)
assert done.is_whole
print(count)
"""


def test_killed_anywhere(helped: Any, killing: str, tmp_path_factory: Any) -> None:
    put(Home(), THERE, ALICE)
    put(Home(), "a.test", Credential("alice", "old"))
    helped.write({"auths": {"plain.test": {"auth": "YTpi"}}, "more": 1})
    beginning = tmp_path_factory.mktemp("beginning") / "all"
    shutil.copytree(helped.folder, beginning, symlinks=True)

    def killed_at(point: int) -> subprocess.CompletedProcess[bytes]:
        for each in helped.folder.iterdir():
            shutil.rmtree(each)
        shutil.copytree(beginning, helped.folder, symlinks=True, dirs_exist_ok=True)
        return subprocess.run(
            [sys.executable, "-c", killing + _IMPORT, str(point)],
            input=render(LOGINS, ""),
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": SOURCE},
        )

    whole = killed_at(0)
    assert whole.stderr == b""
    changes = int(whole.stdout)
    assert changes > 30
    for point in sorted(random.sample(range(1, changes + 1), 12)):
        assert killed_at(point).returncode == -9, point
        there = {(login.server, login.credential) for login in collect(Home()).logins}
        assert (THERE, ALICE) in there
        assert ("a.test", Credential("alice", "old")) in there or ("a.test", LOGINS[0].credential) in there
        assert json.loads((helped.docker / "config.json").read_bytes())["more"] == 1
        done = import_vault.put(Home(), LOGINS, replace=True)
        assert done.is_whole
        found = collect(Home())
        assert (found.damaged, set(LOGINS) <= set(found.logins), len(found.logins)) == ([], True, 4)
        current = document.read(str(helped.docker))
        assert [leads(current, login.server)[0] for login in LOGINS] == ["dockpass"] * 3
        assert current.holds("plain.test")
