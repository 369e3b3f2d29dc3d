"""A home for clients: nothing of the machine's own logins and settings plays a part."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from real.need import need

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from real.registry import Registry


class Done(NamedTuple):
    """What a program left behind: its exit code, and what it wrote."""

    code: int
    stdout: str
    stderr: str


class Home:
    """A folder with a home in it, and the environment that programs get there.

    Attributes:
        folder: Everything is below it.
        config: The path of docker's config.json. Neither it nor its folder is there at first.
        env: The environment of every program that is run here; a test may add to it. ``HOME`` and ``XDG_RUNTIME_DIR``
            point into the folder; of the caller's, ``PATH`` is kept and what coverage needs. ``DOCKER_CONFIG`` is not
            set: podman and buildah of Debian 12 take it for a file that must be there.
        under: The command that every program is run by, such as one that enters another network.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.under: tuple[str, ...] = ()
        self.config = folder / "home" / ".docker" / "config.json"
        run = folder / "run"
        run.mkdir(mode=0o700)
        (folder / "home").mkdir(mode=0o700)
        self.env = {
            "PATH": os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")),
            "HOME": str(folder / "home"),
            "XDG_RUNTIME_DIR": str(run),
            "LANG": "C.UTF-8",
        }
        self.env |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        if "PYTHONPATH" in os.environ:
            # Programs run in the folder.
            self.env["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, os.environ["PYTHONPATH"].split(os.pathsep)))

    def run(self, *command: str, stdin: str = "", env: Mapping[str, str] | None = None, timeout: float = 120) -> Done:
        """Run a program to its end.

        Args:
            command: The program, which the test needs (see :func:`real.need.need`), and its arguments.
            stdin: What it can read.
            env: More environment, for this time.
            timeout: Seconds; taking longer is an error of the test.

        """
        need(command[0])
        done = subprocess.run(
            (*self.under, *command),
            input=stdin.encode(),
            capture_output=True,
            check=False,
            env={**self.env, **(env or {})},
            cwd=self.folder,
            timeout=timeout,
        )
        return Done(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def dockpass(self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Done:
        """Run dockpass: the program that was installed beside this Python, or the module where there is none."""
        return self.run(*DOCKPASS, *arguments, stdin=stdin, env=env)

    def login(self, registry: Registry, *arguments: str, password: str | None = None) -> Done:
        """``dockpass login`` as a script does it; with another password if one is given."""
        given = registry.password if password is None else password
        return self.dockpass(
            "login", "-u", registry.user, "--password-stdin", *arguments, registry.address, stdin=given
        )

    def read_config(self) -> Any:
        """What is in config.json; ``{}`` where there is none."""
        return json.loads(self.config.read_text("utf-8")) if self.config.exists() else {}

    def passwords(self) -> dict[str, str]:
        """The passwords that can be read in config.json, by server."""
        auths = self.read_config().get("auths", {})
        decoded = {server: base64.b64decode(entry.get("auth", "")).decode() for server, entry in auths.items()}
        return {server: text.partition(":")[2] for server, text in decoded.items()}

    def write_login(self, address: str, user: str, password: str) -> None:
        """Put a login into config.json as docker does, without asking the registry."""
        self.config.parent.mkdir(mode=0o700, exist_ok=True)
        auth = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.config.write_text(json.dumps({"auths": {address: {"auth": auth}}}), "utf-8")


def _dockpass() -> tuple[str, ...]:
    script = os.path.join(os.path.dirname(sys.executable), "dockpass")
    return (script,) if os.access(script, os.X_OK) else (sys.executable, "-m", "dockpass")


DOCKPASS = _dockpass()
"""How dockpass is started."""
