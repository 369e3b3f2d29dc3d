"""Logging in from Python: how long it may take, and through which proxy."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

import dockpass
from dockpass import errors
from dockpass.testing.answers import Answer, silence
from dockpass.testing.listener import Listener
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

    Place = Any


@pytest.fixture(autouse=True)
def environment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", "file")
    for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)


@pytest.fixture
def proxy() -> Iterator[Listener]:
    """A proxy on loopback that lets nobody through."""
    listener = Listener(socket.create_server(("127.0.0.1", 0)), lambda _request: Answer(407))
    with closing(listener):
        yield listener


def test_all_of_it_may_take_so_long() -> None:
    with ScriptedRegistry({"foo": "bar"}) as registry:
        registry.answer("/v2/", silence())
        with pytest.raises(errors.TimedOut, match=r"within 0\.4 s"):
            dockpass.login(registry.address, "foo", "bar", timeout=0.4)


def test_a_connection_may_take_so_long() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as filler:
        filler.connect(full.getsockname())
        with pytest.raises(errors.TimedOut, match=r"no answer within 0\.4 s"):
            dockpass.login(f"127.0.0.1:{full.getsockname()[1]}", "foo", "bar", connect_timeout=0.4)


@pytest.mark.parametrize("name", ["timeout", "connect_timeout"])
def test_what_is_no_time(name: str) -> None:
    with ScriptedRegistry({"foo": "bar"}) as registry:
        with pytest.raises(ValueError, match="seconds"):
            dockpass.login(registry.address, "foo", "bar", **{name: 0})  # type: ignore[arg-type]
        assert registry.requests == []


def test_a_proxy_of_config_json(place: Place, proxy: Listener) -> None:
    address = f"http://127.0.0.1:{proxy.port}"
    place.write({"proxies": {"default": {"httpsProxy": address.replace("//", "//u:s3cret@")}}})
    with pytest.raises(errors.ProxyFailed) as caught:
        dockpass.login("r.test", "foo", "bar")
    error = caught.value
    assert f"the proxy {address} refuses the user name and password that httpsProxy in " in error.message
    assert str(place.docker) in str(error.hint)
    assert "s3cret" not in error.message + str(error.hint)
    assert proxy.connections == 1


def test_a_token_goes_the_same_way(place: Place, proxy: Listener) -> None:
    place.write({"proxies": {"default": {"httpsProxy": f"http://127.0.0.1:{proxy.port}"}}})
    with pytest.raises(errors.ProxyFailed, match="wants a user name and password"):
        dockpass.token("r.test/team/app", "pull")
    assert proxy.connections == 1


def test_it_is_not_for_loopback(place: Place, proxy: Listener) -> None:  # case 22
    address = f"http://127.0.0.1:{proxy.port}"
    place.write({"proxies": {"default": {"httpProxy": address, "httpsProxy": address}}})
    with ScriptedRegistry({"foo": "bar"}) as registry:
        assert dockpass.login(registry.address, "foo", "bar").username == "foo"
    assert proxy.connections == 0


def test_proxies_of_another_shape(place: Place) -> None:
    place.write({"proxies": {"default": "http://u:s3cret@proxy.test"}})
    with ScriptedRegistry({"foo": "bar"}) as registry:
        with pytest.raises(errors.ConfigMalformed, match=r"proxies\.default should be an object") as caught:
            dockpass.login(registry.address, "foo", "bar")
        assert "s3cret" not in str(caught.value)
        assert registry.requests == []
    # What needs no network goes on.
    assert dockpass.get("r.test") is None
