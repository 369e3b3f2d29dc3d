"""One registry, many spellings: what is written, asked and refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.errors import BadServer
from dockpass.http.address import Origin
from dockpass.server import DOCKER_HUB, Server


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (None, DOCKER_HUB),
        ("", DOCKER_HUB),
        ("docker.io", DOCKER_HUB),
        ("https://index.docker.io/v1/", DOCKER_HUB),
        ("https://index.docker.io/v1", DOCKER_HUB),
        ("index.docker.io", DOCKER_HUB),
        ("https://docker.io", DOCKER_HUB),
        ("docker.io/library/x", DOCKER_HUB),
        ("Docker.IO", DOCKER_HUB),
        ("docker.io:443", DOCKER_HUB),
        ("registry-1.docker.io", DOCKER_HUB),
        ("https://registry-1.docker.io/v2/", DOCKER_HUB),
        ("registry-1.docker.io/bork/test", DOCKER_HUB),
        ("registry.hub.docker.com", DOCKER_HUB),
        ("hub.docker.com", "hub.docker.com"),
        ("host:5000", "host:5000"),
        ("localhost:5002", "localhost:5002"),
        ("http://host:5002/v1/", "host:5002"),
        ("https://host:5002/v2/", "host:5002"),
        ("host:5002/ns/repo", "host:5002"),
        ("HTTPS://host:5002", "host:5002"),
        ("host:5002/", "host:5002"),
        ("https://example.com:443/", "example.com:443"),
        ("EXAMPLE.com", "EXAMPLE.com"),
        ("LOCALHOST:5002", "LOCALHOST:5002"),
        ("[::1]", "[::1]"),
        ("[::1]:5000", "[::1]:5000"),
        ("https://[::1]:5000/v2/", "[::1]:5000"),
        ("::1", "[::1]"),
        ("https://::1:5000/v2/", "[::1]:5000"),
        ("2001:DB8::a", "[2001:DB8::a]"),
        ("reg.example.com.", "reg.example.com"),
        ("my_registry:5000", "my_registry:5000"),
        ("192.0.2.1", "192.0.2.1"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("https://BÜCHER.example:5000/v2/", "xn--bcher-kva.example:5000"),
        ("faß.example", "xn--fa-hia.example"),
    ],
)
def test_the_key_is_dockers(typed: str | None, key: str) -> None:
    assert Server.parse(typed).key == key


@pytest.mark.parametrize(
    ("typed", "https", "http"),
    [
        (None, Origin("https", "registry-1.docker.io", 443), Origin("http", "registry-1.docker.io", 80)),
        ("EXAMPLE.com", Origin("https", "example.com", 443), Origin("http", "example.com", 80)),
        ("example.com:5000", Origin("https", "example.com", 5000), Origin("http", "example.com", 5000)),
        ("[::1]:5000", Origin("https", "::1", 5000), Origin("http", "::1", 5000)),
    ],
)
def test_requests_go_to_the_api(typed: str | None, https: Origin, http: Origin) -> None:
    server = Server.parse(typed)
    assert (server.origin(), server.origin("http")) == (https, http)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("https://me:hunter2@host:5002", "user name or password"),
        ("me:hunter2@host", "user name or password"),
        ("https://me@host/path", "user name or password"),
        (" 127.0.0.1:5002", "space or a control character"),
        ("host name", "space or a control character"),
        ("host\n", "space or a control character"),
        ("ho\x1b[31mst", "space or a control character"),
        ("ho\u202est", "space or a control character"),
        ("host\x00", "space or a control character"),
        ("http://", "no host"),
        ("https:///x", "no host"),
        ("//example.com/x", "no host"),
        (":5000", "no host"),
        ("unix:///x", "unix://"),
        ("://x", "scheme"),
        ("ftp://host", "ftp://"),
        ("https:/host", "mistyped"),
        ("HTTP//host/v2/", "mistyped"),
        ("example.com?x=1", "query"),
        ("https://host:5002/v2/?x=y", "query"),
        ("example.com#x", "fragment"),
        ("host:0", "port"),
        ("host:65536", "port"),
        ("host:", "port"),
        ("host:http", "port"),
        ("host:-1", "port"),
        ("host:٣", "port"),
        ("host:999999999999999999", "port"),
        ("[::1]:x", "port"),
        ("[::1", "brackets"),
        ("[::1]x", "brackets"),
        ("[nope]", "not an IPv6 address"),
        ("[fe80::1%eth0]", "character that no host name has"),
        ("good.example\\evil.example", "character that no host name has"),
        ("::1:5000", "a port, or part of the IPv6 address"),
        ("a:b:c", "more than one colon"),
        ("https://a:b:c", "more than one colon"),
        ("a..b", "not a host name"),
        ("-x.example", "not a host name"),
        ("x-.example", "not a host name"),
        ("a" * 64 + ".example", "not a host name"),
        (".".join(["a" * 60] * 5), "longer than 253"),
        ("2852039166", "IPv4"),
        ("0x7f.1", "IPv4"),
        ("127.1", "IPv4"),
        ("127.0.0.01", "IPv4"),
        ("256.0.0.1", "IPv4"),
        ("１２７.0.0.1", "IPv4"),
        ("bücher.0.0.1", "IPv4"),
        ("a\u0301\u0301..example", "international"),
        ("..é", "international"),
    ],
)
def test_what_is_no_registry_is_refused_with_a_hint(typed: str, says: str) -> None:  # cases 138 and 139
    with pytest.raises(BadServer) as caught:
        Server.parse(typed)
    assert says in caught.value.message
    assert caught.value.hint
    assert "hunter2" not in caught.value.message + caught.value.hint
    assert caught.value.message.isprintable()


def test_the_name_is_what_docker_prints() -> None:
    typed = (None, "docker.io", "https://index.docker.io/v1/", "http://Reg:5000/v2/")
    assert [Server.parse(text).name for text in typed] == [DOCKER_HUB, "docker.io", "index.docker.io", "Reg:5000"]


@pytest.mark.parametrize(
    "typed", ["localhost", "localhost:5000", "LOCALHOST:1", "127.0.0.1:5000", "127.9.9.9", "[::1]"]
)
def test_loopback_is_known_by_its_literal_name(typed: str) -> None:
    assert Server.parse(typed).is_loopback


@pytest.mark.parametrize("typed", ["127.example.com", "localhost.example", "192.0.2.1", "[::2]", "loopback"])
def test_nothing_else_is_loopback(typed: str) -> None:
    assert not Server.parse(typed).is_loopback


def test_docker_hub_is_one_registry() -> None:
    hub = Server.parse()
    spellings = [
        scheme + host + path
        for scheme in ("", "https://", "http://")
        for host in ("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")
        for path in ("", "/", "/v1", "/v1/", "/v2", "/v2/")
    ]
    assert {hub.key, *hub.aliases} == set(spellings)
    assert all(hub.covers(spelling) and Server.parse(spelling) == hub for spelling in spellings)


@pytest.mark.parametrize(
    "key",
    [
        "https://index.docker.io/v1/access-token",
        "https://index.docker.io/v1/refresh-token",
        "docker.io/library",
        "hub.docker.com",
        "docker.io:5000",
        "unix://docker.io",
        "",
        "https://",
        "not a host",
    ],
)
def test_other_keys_are_not_docker_hub(key: str) -> None:
    assert not Server.parse().covers(key)


def test_aliases_serve_the_same_registry_and_no_other() -> None:
    server = Server.parse("Reg.example.com:5000")
    assert server.key not in server.aliases
    for spelling in ("https://reg.example.com:5000", "http://Reg.example.com:5000/v1/", "reg.example.com:5000"):
        assert spelling in server.aliases
        assert server.covers(spelling)
    for other in ("reg.example.com", "reg.example.com:5001", "reg.example.com:5000/team", "example.com:5000"):
        assert other not in server.aliases
        assert not server.covers(other)


def test_servers_are_values() -> None:
    assert Server.parse("A.example") == Server.parse("https://a.example/v2/")
    assert hash(Server.parse("A.example")) == hash(Server.parse("a.example"))
    assert Server.parse("a.example") != Server.parse("a.example:443")
    assert Server.parse("a.example") != "a.example"
    assert str(Server.parse("docker.io")) == DOCKER_HUB
    assert repr(Server.parse("a.example")) == "Server.parse('a.example')"


@pytest.mark.parametrize("what", [5, 0, b"reg.example.com", ["reg.example.com"], False])
def test_what_is_no_text_is_named(what: Any) -> None:
    with pytest.raises(
        TypeError, match=f"^a server is a str, a dockpass.Server or None, and not {type(what).__name__}$"
    ):
        Server.parse(what)


@given(st.text(max_size=80))
def test_any_text_is_a_server_or_refused(text: str) -> None:
    try:
        server = Server.parse(text)
    except BadServer as error:
        assert error.message.isprintable()
        assert error.hint
    else:
        assert server.key.isprintable()
        assert server.key.isascii()
        assert server.host.isascii()
        assert server.host == server.host.lower()
        assert server.covers(server.key)
        assert all(server.covers(alias) for alias in server.aliases)


@given(st.from_regex(r"\A[a-z]{1,8}(\.[a-z]{1,8}){0,2}(:[1-9][0-9]{0,3})?\Z"))
def test_every_alias_of_a_plain_address_parses_back_to_it(address: str) -> None:
    server = Server.parse(address)
    assert {Server.parse(alias).key for alias in server.aliases} <= {server.key}
