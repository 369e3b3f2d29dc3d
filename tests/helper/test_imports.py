"""What ``get`` from the vault imports: it is paid for at every pull, so it is held to a list."""

from __future__ import annotations

import os
import subprocess
import sys

import pyrage  # type: ignore[import-not-found, unused-ignore]
import pytest

import dockpass
from dockpass.credential import Credential
from dockpass.vault.home import Home
from dockpass.vault.keep import put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))
PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(pyrage.__file__)))

# What Python itself has at its usual start, and `from __future__`, which is a file of one page.
BARE = {"__future__", "os", "os.path", "posixpath", "genericpath", "stat", "_stat", "_collections_abc"}
OURS = {
    "dockpass",
    "dockpass.helper",
    "dockpass.helper.own",
    "dockpass.helper.request",
    "dockpass.vault",
    "dockpass.vault.home",
    "dockpass.vault.layout",
    "dockpass.vault.name",
    "dockpass.vault.quick",
}
# To write a name as Go does that has other letters.
QUOTING = {"_json", "binascii", "errno", "fcntl", "dockpass.strictjson", "dockpass.vault.answer", "dockpass.errors"}

_CODE = f"""
import sys
sys.path[:0] = [{SOURCE!r}, {PACKAGES!r}]
before = set(sys.modules)
import os
end = os._exit
def show(status):
    os.write(2, "\\n".join(set(sys.modules) - before).encode())
    end(status)
os._exit = show
from dockpass.helper.own import run
run()
"""


def _imported(folder: Path, asked: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _CODE, "get"],
        input=asked.encode(),
        capture_output=True,
        check=False,
        env={"DOCKPASS_HOME": str(folder), "PATH": "/nonexistent"},
    )
    assert done.returncode == 0, done
    assert done.stdout.startswith(b'{"ServerURL":"')
    found = set(done.stderr.decode().split())
    return {name for name in found if not name.startswith("pyrage.")}  # C, in one file


@pytest.mark.parametrize("credential", [Credential("alice", "s"), Credential("", "t", is_identity_token=True)])
def test_a_login_that_is_there(credential: Credential, tmp_path: Path) -> None:
    put(Home(str(tmp_path), environ={}), "reg.test:5000", credential)
    found = _imported(tmp_path, "reg.test:5000")
    assert found <= BARE | {"pyrage"} | OURS
    assert {"pyrage", "dockpass.helper.own"} <= found


def test_a_user_name_that_json_writes_in_its_own_way(tmp_path: Path) -> None:
    put(Home(str(tmp_path), environ={}), "reg.test", Credential("d\u00e9j\u00e0 <vu>", "s"))
    assert _imported(tmp_path, "reg.test") <= BARE | {"pyrage"} | OURS | QUOTING
