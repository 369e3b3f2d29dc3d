"""Fixtures: real registries, a docker daemon, and homes to run clients in. What each is, `real/` says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from real.again import pytest_runtest_protocol  # noqa: F401 - a hook
from real.authority import Authority
from real.daemon import docker_daemon
from real.home import Home
from real.registry import Registry, htpasswd_registry, token_registry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def home() -> Iterator[Home]:
    """A home for clients, new for each test."""
    # Not below pytest's folders: podman wants no path over 50 characters.
    with tempfile.TemporaryDirectory(prefix="home-") as folder:
        yield Home(Path(folder))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the registries' certificates are from."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def registry_htpasswd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A real registry with htpasswd, over plain HTTP."""
    with htpasswd_registry(tmp_path_factory.mktemp("htpasswd")) as registry:
        yield registry


@pytest.fixture(scope="session")
def registry_tls(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Registry]:
    """A real registry with htpasswd, over TLS."""
    with htpasswd_registry(tmp_path_factory.mktemp("tls"), authority) as registry:
        yield registry


@pytest.fixture(scope="session")
def registry_token(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Registry]:
    """A real registry with `auth: token`, whose token server signs by ES256 and names the key."""
    with token_registry(tmp_path_factory.mktemp("token"), authority) as registry:
        yield registry


@pytest.fixture(scope="session")
def registry_token_x5c(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Registry]:
    """The same, signed by RS256 with the certificate sent along."""
    with token_registry(tmp_path_factory.mktemp("token-x5c"), authority, by_certificate=True) as registry:
        yield registry


@pytest.fixture(scope="session")
def docker_host() -> Iterator[str]:
    """A docker daemon; the value is for `DOCKER_HOST`."""
    with docker_daemon() as host:
        yield host
