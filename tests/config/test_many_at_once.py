"""Many change one config.json at the same time, are killed, or know nothing of locks: nothing of anybody's is lost."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from dockpass.config.document import change, read
from dockpass.credential import Credential

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.config.document import Document

LOGIN = """
import sys
from dockpass.config.document import change
from dockpass.credential import Credential
for number in range(int(sys.argv[3])):
    key = f"{sys.argv[2]}-{number}"
    assert change(sys.argv[1], lambda document: document.set_auth(key, Credential("alice", key)))
"""

# As docker does it, but for its taking turns with its like: reads, changes it in memory, renames a new file over it.
OUTSIDER = """
import fcntl, json, os, sys
folder, name, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
path = folder + "/config.json"
with open(folder + "/turn", "w") as turn:
    for number in range(times):
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            with open(path) as file: config = json.load(file)
        except FileNotFoundError: config = {"auths": {}}
        config["auths"][f"{name}-{number}"] = {"auth": "Zm9vOmJhcg=="}
        new = f"{path}{os.getpid()}"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file: json.dump(config, file, indent="\\t")
        os.rename(new, path)
        fcntl.flock(turn, fcntl.LOCK_UN)
"""


def start(code: str, *words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, words)])


def test_logins_of_many_processes_are_all_kept(tmp_path: Path) -> None:
    children = [start(LOGIN, tmp_path, f"ours{number}", 5) for number in range(12)]
    assert [child.wait() for child in children] == [0] * 12
    document = read(str(tmp_path))
    assert sorted(document.auth_keys()) == document.auth_keys()
    assert set(document.auth_keys()) == {f"ours{number}-{at}" for number in range(12) for at in range(5)}
    assert document.auth("ours3-2") == Credential("alice", "ours3-2")
    assert sorted(os.listdir(tmp_path)) == [".config.json.lock", "config.json"]


def test_so_are_those_of_many_threads(tmp_path: Path) -> None:
    def login(number: int) -> None:
        for at in range(5):
            key = f"{number}-{at}"
            change(str(tmp_path), lambda document, key=key: document.set_auth(key, Credential("alice", "pw")))  # type: ignore[misc]

    threads = [threading.Thread(target=login, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read(str(tmp_path)).auth_keys()) == 30


def test_programs_that_take_no_lock_lose_nothing_and_nothing_is_lost_through_them(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"auths": {}, "mine": [1.50]}')
    children = []
    for number in range(10):
        children += [start(LOGIN, tmp_path, f"ours{number}", 3), start(OUTSIDER, tmp_path, f"theirs{number}", 3)]
    assert [child.wait() for child in children] == [0] * 20
    expected = {f"{who}{number}-{at}" for who in ("ours", "theirs") for number in range(10) for at in range(3)}
    assert set(read(str(tmp_path)).auth_keys()) == expected
    assert "mine" in json.loads((tmp_path / "config.json").read_text())


def test_logins_and_logouts_of_the_same_registry(tmp_path: Path) -> None:
    def login(document: Document) -> None:
        document.set_helper("reg", "pass")
        document.set_marker("reg")

    def logout(document: Document) -> None:
        assert document.has_auth("reg") == ("reg" in document.cred_helpers)
        document.remove_auth("reg")
        document.remove_helper("reg")

    def work() -> None:
        for _ in range(10):
            change(str(tmp_path), login)
            change(str(tmp_path), logout)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    document = read(str(tmp_path))
    assert (document.auth_keys(), document.cred_helpers) == ([], {})


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Processes that log in without end are killed; what others had is there, and the next login works."""
    path = tmp_path / "config.json"
    change(str(tmp_path), lambda document: document.set_auth("before", Credential("alice", "pw")))
    for number in range(25):
        child = start(LOGIN, tmp_path, f"killed{number}", 1_000_000)
        while f'"killed{number}-0"' not in path.read_text() and child.poll() is None:
            time.sleep(0.001)
        time.sleep(0.0007 * number)
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        for name in os.listdir(tmp_path):
            assert stat.S_IMODE(os.stat(tmp_path / name).st_mode) == 0o600, name
        assert read(str(tmp_path)).auth("before") == Credential("alice", "pw")
        after = Credential("alice", str(number))
        assert change(str(tmp_path), lambda document, after=after: document.set_auth("next", after))  # type: ignore[misc]
        assert sorted(os.listdir(tmp_path)) == [".config.json.lock", "config.json"]
        assert f"killed{number}-0" in read(str(tmp_path)).auth_keys()

        def forget(document: Document) -> None:
            for key in document.auth_keys():
                if key.startswith("killed"):
                    document.remove_auth(key)

        change(str(tmp_path), forget)
