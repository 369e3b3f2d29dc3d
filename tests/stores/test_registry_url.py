"""A server taken apart as docker's helpers for macOS and Windows do, and put together again."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dockpass.errors import BadServer
from dockpass.stores.registry_url import Address, join, kept, split

# As docker's own tests of registryurl.Parse have it, and as it was seen to answer.
PARSED = [
    ("foobar.example.com", ("", "foobar.example.com", "", "")),
    ("host:2376", ("", "host", "2376", "")),
    ("//host:2376", ("", "host", "2376", "")),
    ("http://host:2376", ("http", "host", "2376", "")),
    ("https://host:2376", ("https", "host", "2376", "")),
    ("https://host:2376/some/path", ("https", "host", "2376", "/some/path")),
    ("https://host:2376/some/other/path?foo=bar", ("https", "host", "2376", "/some/other/path")),
    ("https://h#fragment", ("https", "h", "", "")),
    ("https://u@h", ("https", "h", "", "")),
    ("HTTPS://Foo/", ("https", "Foo", "", "/")),
    ("https://h:443", ("https", "h", "443", "")),
    ("h:", ("", "h", "", "")),
    ("https://::1:8080//////location/../../hello", ("https", "::1", "8080", "//////location/../../hello")),
    ("::1", ("", ":", "1", "")),
    ("[::1]:5000", ("", "::1", "5000", "")),
    ("[::1]", ("", "::1", "", "")),
    ("h/a%2Fb", ("", "h", "", "/a/b")),
    ("h/%41%c3%a9", ("", "h", "", "/Aé")),
]

REFUSED = ["/foobar.example.com", "", "http://", "ftp://h", "unix:///run/x", "h:abc", "[::1", "[::1]5", "h\n", "h\x7f"]
REFUSED += ["a b", "h%41", "h/%", "h/%4", "h/%zz", "h/a%+1"]


@pytest.mark.parametrize(("server", "parts"), PARSED)
def test_it_is_taken_apart_as_docker_does(server: str, parts: tuple[str, str, str, str]) -> None:
    assert split(server) == Address(*parts)


@pytest.mark.parametrize("server", REFUSED)
def test_what_docker_refuses(server: str) -> None:
    with pytest.raises(BadServer):
        split(server)
    assert kept(server) is None


@pytest.mark.parametrize(
    "server",
    [
        "h?x=1",
        "https://h#f",
        "u@h",
        "HTTPS://h",
        "//h",
        "h:",
        "h:0",
        "h:080",
        "h:65536",
        "h:99999999999999999999",
        "h/a%2Fb",
        "h/%41",
        "h/%ff",
        "h/\udc80",
        "::1",
        "h/a b",
    ],
)
def test_what_would_come_back_as_another_server_is_not_kept(server: str) -> None:
    assert kept(server) is None


@pytest.mark.parametrize(
    ("server", "spelling"),
    [
        ("h", "h"),
        ("https://h", "h"),
        ("http://h", "http://h"),
        ("h:5000", "h:5000"),
        ("[::1]:5000", "[::1]:5000"),
        ("https://index.docker.io/v1/", "https://index.docker.io/v1/"),
        ("h/team", "https://h/team"),
        ("h/a%20b", "https://h/a%20b"),
        ("h:65535/", "https://h:65535/"),
    ],
)
def test_each_entry_has_one_spelling(server: str, spelling: str) -> None:
    address = kept(server)
    assert address is not None
    assert join(address) == spelling
    assert kept(spelling) == address


HOSTS = st.from_regex(r"[A-Za-z0-9.-]{1,20}|[0-9a-f]{0,4}::[0-9a-f]{1,4}", fullmatch=True)
PORTS = st.one_of(st.just(""), st.integers(1, 65535).map(str))
PATHS = st.one_of(st.just(""), st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map("/".__add__))
ADDRESSES = st.builds(Address, st.sampled_from(["http", "https"]), HOSTS, PORTS, PATHS)


@given(ADDRESSES)
@example(Address("https", "::1", "5000", "/%2f?#"))
def test_what_is_put_together_is_taken_apart_again(address: Address) -> None:
    assert kept(join(address)) == address
    assert hash(kept(join(address))) == hash(address)


@given(ADDRESSES, ADDRESSES)
def test_two_entries_have_two_spellings(one: Address, other: Address) -> None:
    assert (join(one) == join(other)) is (one == other)


@given(st.text(max_size=40) | st.text("htps:/[]@?#%.0123456789abAB", max_size=30))
def test_whatever_it_is_it_is_refused_or_comes_back(server: str) -> None:
    address = kept(server)
    if address is not None:
        assert server.removeprefix("https://") == join(address).removeprefix("https://")


def test_it_shows_itself() -> None:
    assert repr(split("https://h:1/p")) == "Address('https', 'h', '1', '/p')"
