"""Which proxies count: the environment's, or those of config.json."""

from __future__ import annotations

import pytest

from dockpass.errors import ProxyFailed
from dockpass.http.address import Origin
from dockpass.registry.network import Network
from dockpass.registry.settings.proxies import find

ORIGIN = Origin("https", "r.test", 443)
FILE = {"HTTPS_PROXY": "http://file.test:1", "HTTP_PROXY": "http://file.test:2", "NO_PROXY": "in-file.test"}
NETWORK = Network().through(FILE, "/home/a\x1b/config.json")


def host(origin: Origin, environ: dict[str, str], network: Network = NETWORK) -> str:
    proxy = find(origin, environ, network)
    return proxy.host if proxy is not None else ""


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_the_environments(name: str) -> None:
    assert host(ORIGIN, {name: "http://environment.test"}) == "environment.test"
    assert host(ORIGIN, {name: "http://environment.test"}, Network()) == "environment.test"


@pytest.mark.parametrize("environ", [{}, {"HTTPS_PROXY": ""}, {"ALL_PROXY": "http://environment.test"}, {"PATH": "/"}])
def test_the_files_where_the_environment_names_none(environ: dict[str, str]) -> None:
    assert host(ORIGIN, environ) == "file.test"
    assert host(ORIGIN, environ, Network()) == ""
    proxy = find(Origin("http", "r.test", 80), environ, NETWORK)
    assert proxy is not None
    assert (proxy.port, proxy.variable) == (2, "httpProxy in /home/a\\x1b/config.json")


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_one_for_the_other_scheme_is_one_too(name: str) -> None:
    assert host(ORIGIN, {name: "http://environment.test"}) == ""


def test_exceptions() -> None:
    assert host(Origin("https", "in-file.test", 443), {}) == ""
    assert host(Origin("https", "127.0.0.1", 443), {}) == ""
    for name in ("NO_PROXY", "no_proxy"):
        assert host(ORIGIN, {name: "*"}) == ""
        assert host(ORIGIN, {name: "r.test"}) == ""
        # They take the place of the file's.
        assert host(Origin("https", "in-file.test", 443), {name: "r.test"}) == "file.test"
        assert host(Origin("https", "in-file.test", 443), {name: ""}) == ""


def test_a_cgi_programs_caller_cannot_write_the_file() -> None:
    assert host(Origin("http", "r.test", 80), {"REQUEST_METHOD": "GET"}) == "file.test"


def test_what_is_wrong_with_it_says_where_it_is() -> None:
    network = Network().through({"HTTPS_PROXY": "http://u:s3cret@:x"}, "/home/a/config.json")
    with pytest.raises(ProxyFailed) as caught:
        find(ORIGIN, {}, network)
    assert caught.value.message == "httpsProxy in /home/a/config.json is not the URL of a proxy"


def test_all_else_stays() -> None:
    before = Network(ca_files=("a",), client_pairs=(("b", "c"),), cert_dir="d", connect_timeout=1, timeout=2)
    after = before.through(FILE, "place")
    for name in Network.__slots__:
        if not name.startswith("proxies"):
            assert getattr(after, name) == getattr(before, name)
    assert (before.proxies, after.proxies, after.proxies_place) == ({}, FILE, "place")


@pytest.mark.parametrize("seconds", [0, -1, 3600.5, float("nan"), float("inf")])
def test_times_that_are_none(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        Network(timeout=seconds)
    with pytest.raises(ValueError, match="seconds"):
        Network(connect_timeout=seconds)
