"""Whether an address that a name leads to may be connected to, and what is said where it may not."""

from __future__ import annotations

import pytest

from dockpass import errors
from dockpass.http.address import Origin
from dockpass.registry.permit import check
from dockpass.registry.step import ANY, ELSEWHERE, INSIDE, LIKE_REGISTRY, Step
from dockpass.server import Server

SERVER = Server.parse("r.test")


def ask(reach: str, ip: str, registry: str = "", pinned: str | None = None) -> None:
    step = Step("GET", Origin("https", "t.r.test", 443), "/token", reach=reach)
    check(step, ip, SERVER, registry, lambda: pinned)


@pytest.mark.parametrize(
    ("reach", "ip", "registry"),
    [
        (ANY, "169.254.169.254", ""),
        (INSIDE, "10.0.0.1", ""),
        (LIKE_REGISTRY, "93.184.216.34", ""),
        (LIKE_REGISTRY, "10.0.0.1", "192.168.1.1"),
        (ELSEWHERE, "127.0.0.1", "127.0.0.2"),
    ],
)
def test_what_may_be_connected_to(reach: str, ip: str, registry: str) -> None:
    ask(reach, ip, registry)


@pytest.mark.parametrize(
    ("ip", "registry", "where"),
    [
        ("10.0.0.1", "", "an address inside a private network"),
        ("10.0.0.1", "93.184.216.34", "an address inside a private network"),
        ("127.0.0.1", "10.0.0.1", "this computer itself"),
    ],
)
def test_a_token_server_inside_may_be_approved_of(ip: str, registry: str, where: str) -> None:
    with pytest.raises(errors.UntrustedTokenHost) as caught:
        ask(LIKE_REGISTRY, ip, registry)
    error = caught.value
    assert error.message == f"t.r.test, named as the token server of r.test, is at {ip}: {where}"
    assert (error.host, error.hint) == ("t.r.test", "if that is right, say so: --token-host t.r.test")
    ask(LIKE_REGISTRY, ip, registry, pinned="t.r.test")
    with pytest.raises(errors.TokenHostChanged):
        ask(LIKE_REGISTRY, ip, registry, pinned="other.test")


@pytest.mark.parametrize("reach", [INSIDE, LIKE_REGISTRY])
def test_the_clouds_own_services_may_not(reach: str) -> None:
    with pytest.raises(errors.UntrustedTokenHost, match="an address of the cloud's own services") as caught:
        ask(reach, "169.254.169.254", pinned="t.r.test")
    assert caught.value.host == ""


def test_content_elsewhere() -> None:
    with pytest.raises(errors.RedirectedElsewhere, match=r"r\.test redirects to t\.r\.test, which is at 10\.0\.0\.1"):
        ask(ELSEWHERE, "10.0.0.1", pinned="t.r.test")
