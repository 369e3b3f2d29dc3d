"""Logins through real proxies, in a network of their own: loopback is never proxied, so there is more than loopback."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from dockpass.testing.registry import ScriptedRegistry
from real.apart import ADDRESS, Apart, apart
from real.authority import Authority
from real.proxies import PASSWORD as PROXY_PASSWORD
from real.proxies import USER as PROXY_USER
from real.proxies import Proxy, squid, tinyproxy
from real.registry import PASSWORD, USER, empty_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from real.home import Done, Home

NAMES = ("reg.test", "proxy.test", "xn--bcher-kva.test", "auth.reg.test")
SECURE, PLAIN, FORBIDDEN, CLOSED = "reg.test:5443", "reg.test:5000", "reg.test:6443", "reg.test:7443"
BEARER, TOKENS = "reg.test:8443", "auth.reg.test:8443"
PORTS = (5443, 5000, 7443, 8443)
PAIR = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
KINDS = ("tinyproxy", "squid", "squid over TLS")
WRONG = "not-this-one"


class World(NamedTuple):
    """Registries, over TLS and not, and the proxies that lead to them."""

    apart: Apart
    authority: Authority
    proxies: dict[str, Proxy]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("proxies")
    authority = Authority(folder, *NAMES)
    with contextlib.ExitStack() as stack:
        there = stack.enter_context(apart(NAMES, folder))
        under = there.under
        stack.enter_context(empty_registry(folder / "secure", f"{ADDRESS}:5443", authority, under=under))
        stack.enter_context(empty_registry(folder / "forbidden", f"{ADDRESS}:6443", authority, under=under))
        stack.enter_context(empty_registry(folder / "plain", f"{ADDRESS}:5000", under=under))
        bearer = ScriptedRegistry(
            {USER: PASSWORD},
            auth="bearer",
            challenge=f'Bearer realm="https://{TOKENS}/token",service="x"',
            service="x",
            tls=(authority.certificate, authority.key),
            host=ADDRESS,
            port=8443,
        )
        there.call(lambda: stack.enter_context(bearer))
        small = stack.enter_context(tinyproxy(folder / "tinyproxy", ADDRESS, 8888, PORTS, under=under))
        large = stack.enter_context(squid(ADDRESS, "proxy.test", PORTS, authority, under=under))
        yield World(there, authority, dict(zip(KINDS, (small, *large), strict=True)))


@pytest.fixture(params=KINDS)
def proxy(request: pytest.FixtureRequest, world: World) -> Proxy:
    """Each of them in turn."""
    found = world.proxies[request.param]
    found.forget()
    return found


@pytest.fixture
def home(home: Home, world: World) -> Home:
    """A home in that network, whose programs trust its authority."""
    home.env |= {"DOCKPASS_STORE": "file", "SSL_CERT_FILE": world.authority.path}
    home.under = world.apart.under
    return home


def log_in(home: Home, server: str, *options: str, **env: str) -> Done:
    done = home.dockpass("login", "-u", USER, "--password-stdin", *options, server, stdin=PASSWORD, env=env)
    for secret in (PASSWORD, PAIR, PROXY_PASSWORD, WRONG, "Traceback"):
        assert secret not in done.stdout + done.stderr
    return done


def succeeds(done: Done) -> None:
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr


def fails(home: Home, done: Done, *words: str) -> None:
    assert (done.code, done.stdout) == (1, ""), done.stderr
    for word in words:
        assert word in done.stderr
    assert not home.config.exists()


def test_a_tunnel(home: Home, proxy: Proxy) -> None:
    succeeds(log_in(home, SECURE, HTTPS_PROXY=proxy.url()))
    assert home.passwords() == {SECURE: PASSWORD}
    asked = proxy.asked()
    assert f"CONNECT {SECURE}" in asked
    assert PAIR not in asked


def test_a_token_server_is_reached_the_same_way(home: Home, proxy: Proxy) -> None:
    succeeds(log_in(home, BEARER, HTTPS_PROXY=proxy.url()))
    asked = proxy.asked()
    assert f"CONNECT {BEARER}" in asked
    assert f"CONNECT {TOKENS}" in asked
    assert PAIR not in asked
    # Not through the proxy, where it is an exception.
    proxy.forget()
    succeeds(log_in(home, BEARER, HTTPS_PROXY=proxy.url(), NO_PROXY=".reg.test"))
    assert f"CONNECT {BEARER}" in proxy.asked()
    assert f"CONNECT {TOKENS}" not in proxy.asked()


@pytest.mark.parametrize("client", ["skopeo", "podman"])
@pytest.mark.parametrize("exceptions", ["", ".reg.test", "test:5443"])
def test_others_go_the_same_way(home: Home, proxy: Proxy, client: str, exceptions: str) -> None:
    """What the environment means here is what it means to them."""
    words = (client, "login", f"--authfile={home.folder}/auth.json", "-u", USER, "--password-stdin", SECURE)
    env = {"HTTPS_PROXY": proxy.url(), "NO_PROXY": exceptions}
    done = home.run(*words, stdin=PASSWORD, env=env)
    assert done.code == 0, done.stderr
    asked = f"CONNECT {SECURE}" in proxy.asked()
    proxy.forget()
    succeeds(log_in(home, SECURE, **env))
    assert (f"CONNECT {SECURE}" in proxy.asked()) == asked == (exceptions != "test:5443")


def test_plain_http(home: Home, proxy: Proxy) -> None:
    done = log_in(home, PLAIN, "--plain-http", HTTP_PROXY=proxy.url())
    succeeds(done)
    assert f"the proxy {proxy.shown} can read the user name and password" in done.stderr
    asked = proxy.asked()
    assert f"GET http://{PLAIN}/v2/" in asked
    if proxy.shows_headers:
        # It can, and this is how the test above would see it.
        assert PAIR in asked


@pytest.mark.parametrize("server", [SECURE, PLAIN])
def test_a_wrong_name_for_the_proxy(home: Home, proxy: Proxy, server: str) -> None:  # case 131
    url = proxy.url(password=WRONG)
    options = ("--plain-http",) if server == PLAIN else ()
    done = log_in(home, server, *options, HTTPS_PROXY=url, HTTP_PROXY=url)
    if server == PLAIN and not proxy.shows_headers:
        # tinyproxy says 401, as if it were the registry: nobody could tell, but for what is said of the proxy before.
        fails(home, done, f"the proxy {proxy.shown} can read", f"{PLAIN} refused")
    else:
        fails(home, done, f"the proxy {proxy.shown} refuses the user name and password that HTTP")
    if server == SECURE:
        assert PAIR not in proxy.asked()


def test_no_name_for_the_proxy(home: Home, proxy: Proxy) -> None:  # case 131
    done = log_in(home, SECURE, HTTPS_PROXY=proxy.shown)
    fails(home, done, f"the proxy {proxy.shown} wants a user name and password (407)", "HTTPS_PROXY")
    assert PAIR not in proxy.asked()


def test_a_port_that_the_proxy_does_not_lead_to(home: Home, proxy: Proxy) -> None:
    done = log_in(home, FORBIDDEN, HTTPS_PROXY=proxy.url())
    fails(home, done, f"the proxy {proxy.shown} does not connect to {FORBIDDEN}: status 403", "forbid", "NO_PROXY")
    # And without the proxy there is a registry.
    succeeds(log_in(home, FORBIDDEN))


def test_nobody_behind_the_proxy(home: Home, proxy: Proxy) -> None:
    done = log_in(home, CLOSED, HTTPS_PROXY=proxy.url())
    fails(home, done, f"the proxy {proxy.shown} does not connect to {CLOSED}: status 50", "name and port")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_proxy_where_one_should_be(home: Home, scheme: str) -> None:
    done = log_in(home, SECURE, HTTPS_PROXY=f"{scheme}://{PROXY_USER}:{PROXY_PASSWORD}@{ADDRESS}:1")
    fails(home, done, f"cannot connect to the proxy {scheme}://{ADDRESS}:1: connection refused", "HTTPS_PROXY")
    done = log_in(home, SECURE, HTTPS_PROXY="http://elsewhere.test:3128")
    fails(home, done, "cannot find the proxy http://elsewhere.test:3128", "HTTPS_PROXY")


@pytest.mark.parametrize("exceptions", ["reg.test", ".test", "a.test, REG.test:5443", "*"])
def test_exceptions(home: Home, proxy: Proxy, exceptions: str) -> None:  # case 130
    succeeds(log_in(home, SECURE, HTTPS_PROXY=proxy.url(), NO_PROXY=exceptions))
    assert proxy.asked() == ""


@pytest.mark.parametrize("exceptions", [".reg.test", "eg.test", "reg.test:443", f"{ADDRESS}/32", ""])
def test_what_is_no_exception(home: Home, proxy: Proxy, exceptions: str) -> None:  # case 130
    succeeds(log_in(home, SECURE, HTTPS_PROXY=proxy.url(), NO_PROXY=exceptions))
    assert f"CONNECT {SECURE}" in proxy.asked()


@pytest.mark.parametrize("exceptions", ["bücher.test", "*.BÜCHER.test,xn--bcher-kva.test:5443"])
@pytest.mark.parametrize("server", ["bücher.test:5443", "xn--bcher-kva.test:5443"])
def test_an_international_exception(home: Home, world: World, server: str, exceptions: str) -> None:
    proxy = world.proxies["tinyproxy"]
    proxy.forget()
    succeeds(log_in(home, server, HTTPS_PROXY=proxy.url(), NO_PROXY=exceptions))
    assert "CONNECT" not in proxy.asked()  # that the connection before has ended may be noted meanwhile
    succeeds(log_in(home, server, HTTPS_PROXY=proxy.url(), NO_PROXY=exceptions.replace("ü", "o").replace("xn", "x")))
    assert "CONNECT xn--bcher-kva.test:5443" in proxy.asked()


class TestConfigJson:
    @pytest.fixture(autouse=True)
    def written(self, home: Home, proxy: Proxy) -> None:
        default = {"httpProxy": proxy.url(), "httpsProxy": proxy.url(), "noProxy": "elsewhere.test"}
        home.config.parent.mkdir(mode=0o700)
        home.config.write_text(json.dumps({"proxies": {"default": default}}), "utf-8")

    def test_its_proxies_are_used_where_the_environment_names_none(self, home: Home, proxy: Proxy) -> None:
        done = log_in(home, SECURE)
        succeeds(done)
        assert f"CONNECT {SECURE}" in proxy.asked()
        place = f"httpsProxy in {home.config}"
        assert f"the proxy {proxy.shown} is used, from {place}: the environment names none\n" in done.stderr

    def test_it_is_said_once(self, home: Home, proxy: Proxy) -> None:
        done = log_in(home, BEARER)
        succeeds(done)
        assert f"CONNECT {TOKENS}" in proxy.asked()
        assert done.stderr.count("the environment names none") == 1

    def test_the_environments_come_first(self, home: Home, proxy: Proxy) -> None:
        done = log_in(home, SECURE, HTTPS_PROXY=f"http://{ADDRESS}:1")
        assert done.code == 1
        assert "cannot connect to the proxy" in done.stderr
        assert proxy.asked() == ""

    def test_and_can_switch_them_off(self, home: Home, proxy: Proxy) -> None:
        succeeds(log_in(home, SECURE, NO_PROXY="*"))
        assert proxy.asked() == ""

    def test_they_are_still_there_afterwards(self, home: Home) -> None:
        before = home.read_config()["proxies"]
        succeeds(log_in(home, SECURE))
        assert home.read_config()["proxies"] == before
