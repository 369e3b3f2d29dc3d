"""Certificates for registries on this machine, and names that lead to it."""

from __future__ import annotations

import _socket
import os
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# No test asserts a time, and a busy machine is no fault of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

NAMES = ("127.0.0.1", "::1", "localhost", "r.test", "t.r.test", "other.test")


class Authority:
    """An authority that nobody knows, a server's certificate and a client's."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.ca = str(folder / "ca.crt")
        self.client = str(folder / "client.cert")
        self.client_key = str(folder / "client.key")
        server_certificate, server_key = str(folder / "server.crt"), str(folder / "server.key")
        self.server = (server_certificate, server_key)
        authority.cert_pem.write_to_path(self.ca)
        server = authority.issue_cert(*NAMES)
        server.cert_chain_pems[0].write_to_path(server_certificate)
        server.private_key_pem.write_to_path(server_key)
        client = authority.issue_cert(common_name="alice", organization_name="clients")
        client.cert_chain_pems[0].write_to_path(self.client)
        client.private_key_pem.write_to_path(self.client_key)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusting(tmp_path: Path, authority: Authority) -> Callable[..., dict[str, str]]:
    """``trusting("host:port", client=True)``: an environment in which that registry's certificates are known."""

    def environ(*hosts: str, client: bool = False) -> dict[str, str]:
        for host in hosts:
            folder = tmp_path / "config" / "containers" / "certs.d" / host
            folder.mkdir(parents=True)
            (folder / "ca.crt").write_bytes(_read(authority.ca))
            if client:
                (folder / "client.cert").write_bytes(_read(authority.client))
                (folder / "client.key").write_bytes(_read(authority.client_key))
                (folder / "client.key").chmod(0o600)
        return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}

    return environ


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name under ``.test`` is this machine."""
    real = _socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if os.fsdecode(host).endswith(".test"):
            return real("127.0.0.1", port, *rest, **options)
        return real(host, port, *rest, **options)

    monkeypatch.setattr(_socket, "getaddrinfo", getaddrinfo)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
