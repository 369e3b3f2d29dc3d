"""A real docker-registry with one user, for as long as a benchmark needs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "alice", "correct horse battery staple"


@contextmanager
def registry(folder: str, ip: str, *, name: str = "") -> Iterator[str]:
    """Start one on ``ip``; with a ``name``, over TLS, with the authority's certificate in ``FOLDER/ca.pem``.

    Yields:
        Its address: the name (or ip) and the port.

    """
    made = subprocess.run(
        ["htpasswd", "-Bin", USER], input=PASSWORD, capture_output=True, text=True, check=True
    ).stdout.strip()
    _write(folder, "htpasswd", made + "\n")
    http: dict[str, object] = {"addr": f"{ip}:0"}
    if name:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(os.path.join(folder, "ca.pem"))
        leaf = authority.issue_cert(name)
        leaf.private_key_and_cert_chain_pem.write_to_path(os.path.join(folder, "leaf.pem"))
        leaf_path = os.path.join(folder, "leaf.pem")
        http["tls"] = {"certificate": leaf_path, "key": leaf_path}
    # JSON is YAML.
    settings = {
        "version": "0.1",
        "log": {"level": "info", "formatter": "text"},
        "storage": {"filesystem": {"rootdirectory": os.path.join(folder, "images")}},
        "http": http,
        "auth": {"htpasswd": {"realm": "benchmark", "path": os.path.join(folder, "htpasswd")}},
    }
    path = _write(folder, "registry.yml", json.dumps(settings).replace('"0.1"', "0.1"))
    log = os.path.join(folder, "registry.log")
    with (
        open(log, "wb") as file,
        subprocess.Popen(["docker-registry", "serve", path], stdout=file, stderr=file) as server,
    ):
        try:
            yield f"{name or ip}:{_port(log)}"
        finally:
            server.terminate()


def _port(log: str) -> str:
    for _ in range(200):
        with open(log, encoding="utf-8") as file:
            found = re.search(r"listening on \S*:(\d+)", file.read())
        if found:
            return found[1]
        time.sleep(0.05)
    raise SystemExit(f"docker-registry did not start; see {log}")


def _write(folder: str, name: str, text: str) -> str:
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path
