"""``registries.conf`` calls a registry insecure, and podman and dockpass read the same file.

The registries have names and an address that is no loopback, in a network of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from real.apart import ADDRESS, apart
from real.authority import Authority
from real.registry import PASSWORD, USER, empty_registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from real.apart import Apart
    from real.home import Done, Home

NAME = "registry.test"
PLAIN, SECURE = f"{NAME}:5000", f"{NAME}:5443"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    folder = tmp_path_factory.mktemp("insecure")
    authority = Authority(folder, NAME)
    with (
        apart([NAME], folder) as inside,
        empty_registry(folder / "plain", f"{ADDRESS}:5000", under=inside.under),
        empty_registry(folder / "secure", f"{ADDRESS}:5443", authority, under=inside.under),
    ):
        yield inside


@pytest.fixture
def home(home: Home, place: Apart) -> Home:
    home.under = place.under
    home.env |= {"DOCKPASS_STORE": "file", "CONTAINERS_REGISTRIES_CONF": f"{home.folder}/registries.conf"}
    return home


def call_insecure(home: Home, name: str, *, prefix: str = "") -> None:
    lines = ["[[registry]]", f'location = "{name}"', "insecure = true", f'prefix = "{prefix}"' if prefix else ""]
    (home.folder / "registries.conf").write_text("\n".join(lines), "utf-8")


def podman(home: Home, registry: str) -> Done:
    storage = ("--root", f"{home.folder}/storage", "--runroot", f"{home.folder}/run/storage", "--storage-driver=vfs")
    common = ("podman", *storage, "--cgroup-manager=cgroupfs", "--events-backend=none")
    return home.run(*common, "login", "-u", USER, "--password-stdin", registry, stdin=PASSWORD)


def dockpass(home: Home, registry: str) -> Done:
    return home.dockpass("login", "-u", USER, "--password-stdin", registry, stdin=PASSWORD)


def test_a_registry_without_tls(home: Home) -> None:
    call_insecure(home, "other.test")
    assert podman(home, PLAIN).code != 0
    done = dockpass(home, PLAIN)
    assert done.code == 1
    assert f"{PLAIN} speaks plain HTTP, not TLS" in done.stderr
    call_insecure(home, PLAIN)
    done = podman(home, PLAIN)
    assert done.code == 0, done.stderr
    done = dockpass(home, PLAIN)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr
    assert f"{PLAIN} does not speak TLS, and {home.folder}/registries.conf calls it insecure" in done.stderr


def test_a_registry_whose_certificate_nobody_knows(home: Home) -> None:
    call_insecure(home, SECURE)
    assert podman(home, SECURE).code == 0  # it looks at no certificate then
    done = dockpass(home, SECURE)
    assert done.code == 1
    assert "is signed by an unknown authority" in done.stderr
    assert f"{home.folder}/registries.conf calls {SECURE} insecure: dockpass checks its certificate" in done.stderr


def test_a_pattern_is_no_name(home: Home) -> None:
    call_insecure(home, "", prefix="*.test")
    done = dockpass(home, PLAIN)
    assert done.code == 1
    assert "speaks plain HTTP, not TLS" in done.stderr
