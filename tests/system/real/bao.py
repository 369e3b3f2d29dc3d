"""A real OpenBao server, over TLS, that keeps what it has in files: it can be sealed, ended and started again."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from real.authority import Authority
from real.need import need
from real.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONFIG = """
storage "raft" {{
  path    = "{folder}/data"
  node_id = "one"
}}
listener "tcp" {{
  address         = "127.0.0.1:{port}"
  cluster_address = "127.0.0.1:{beside}"
  tls_cert_file   = "{certificate}"
  tls_key_file    = "{key}"
}}
api_addr     = "https://127.0.0.1:{port}"
cluster_addr = "https://127.0.0.1:{beside}"
audit "file" "all" {{
  options = {{ file_path = "{folder}/audit.log" }}
}}
"""


class Bao:
    """The server, and its command line.

    Attributes:
        environ: The environment of somebody who may do everything.
        root: The token of that one.
        address: Of the server.
        log: What the server writes.

    """

    def __init__(self, folder: Path) -> None:
        self.program = need("bao")
        self.folder = folder
        self.authority = Authority(folder)
        port = _two_ports()
        self.address = f"https://127.0.0.1:{port}"
        self.log = folder / "log"
        self.root = self._key = ""
        self._stack = ExitStack()
        (folder / "bao.hcl").write_text(
            _CONFIG.format(
                folder=folder,
                port=port,
                beside=port + 1,
                certificate=self.authority.certificate,
                key=self.authority.key,
            )
        )
        (folder / "home").mkdir()
        (folder / "data").mkdir()

    @property
    def environ(self) -> dict[str, str]:
        return self.as_somebody(self.root)

    def as_somebody(self, token: str = "") -> dict[str, str]:
        """The environment of somebody with this token, or with none."""
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "BAO_ADDR": self.address,
            "BAO_CACERT": self.authority.path,
        }
        return {**environ, "BAO_TOKEN": token} if token else environ

    def start(self) -> None:
        """Start it. Sealed, if it was set up before."""
        command = [self.program, "server", f"-config={self.folder}/bao.hcl"]
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home")}
        self._stack.enter_context(running(command, ready="OpenBao server started", log=self.log, env=environ))

    def end(self) -> None:
        self._stack.close()

    def set_up(self) -> None:
        """Make its keys, and unseal it."""
        made = self.json("operator", "init", "-key-shares=1", "-key-threshold=1", "-format=json")
        self._key, self.root = made["unseal_keys_b64"][0], made["root_token"]
        self.unseal()
        self.run("secrets", "enable", "-path=secret", "-version=2", "kv")
        # The engine is being upgraded in the first moment, and refuses to be asked.
        for _ in range(200):
            if self.try_to("kv", "list", "secret/") == "No value found at secret/metadata":
                return
        raise AssertionError(self.log.read_text())

    def unseal(self) -> None:
        """Unseal it, and wait until it is the leader of its cluster of one."""
        self.run("operator", "unseal", self._key)
        for _ in range(200):
            if "active" in self.try_to("status"):
                return
        raise AssertionError(self.log.read_text())

    def try_to(self, *words: str, token: str = "", payload: str = "") -> str:
        """What the command line prints, on standard output or else as an error."""
        environ = self.as_somebody(token or self.root)
        done = subprocess.run(
            [self.program, *words], env=environ, input=payload, capture_output=True, text=True, check=False
        )
        return (done.stdout or done.stderr).strip()

    def run(self, *words: str, token: str = "", payload: str = "") -> str:
        """What the command line prints for a command that has to work."""
        environ = self.as_somebody(token or self.root)
        done = subprocess.run(
            [self.program, *words], env=environ, input=payload, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout.strip()

    def json(self, *words: str, token: str = "") -> Any:
        return json.loads(self.run(*words, token=token))

    def policy(self, name: str, text: str) -> None:
        self.run("policy", "write", name, "-", payload=text)

    def token(self, *options: str) -> str:
        """A new token."""
        return self.run("token", "create", "-field=token", *options)

    def fields(self, path: str) -> dict[str, Any]:
        """What ``bao kv get`` finds."""
        found: dict[str, Any] = self.json("kv", "get", "-format=json", path)["data"]["data"]
        return found


@contextmanager
def bao_server() -> Iterator[Bao]:
    """A server that is set up and unsealed."""
    need("bao")
    with tempfile.TemporaryDirectory(prefix="bao-") as folder:
        server = Bao(Path(folder))
        try:
            server.start()
            server.set_up()
            yield server
        finally:
            server.end()


def _two_ports() -> int:
    """A free port, of which the next is free too."""
    for _ in range(100):
        with socket.create_server(("127.0.0.1", 0)) as first:
            port: int = first.getsockname()[1]
            try:
                socket.create_server(("127.0.0.1", port + 1)).close()
            except (OSError, OverflowError):
                continue
            return port
    raise AssertionError("no two free ports, one after the other")
