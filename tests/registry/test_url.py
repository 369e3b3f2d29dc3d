"""Addresses that registries send are read once, strictly."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.http.address import Origin
from dockpass.registry.url import BadURL, is_address, read, resolve


@pytest.mark.parametrize(
    ("text", "origin", "target"),
    [
        ("https://auth.docker.io/token", "https://auth.docker.io", "/token"),
        ("HTTPS://Auth.Docker.IO:443/Token?a=B", "https://auth.docker.io", "/Token?a=B"),
        ("https://t", "https://t", "/"),
        ("https://t?x=y/z", "https://t", "/?x=y/z"),
        ("https://t:8443/a//b/../c", "https://t:8443", "/a//b/../c"),
        ("http://127.0.0.1:5000/token", "http://127.0.0.1:5000", "/token"),
        ("https://[::1]:5000/token", "https://[::1]:5000", "/token"),
        ("https://[0:0:0:0:0:0:0:1]/token", "https://[::1]", "/token"),
        ("https://auth.example./token", "https://auth.example", "/token"),
        ("https://t/a@b:c", "https://t", "/a@b:c"),
        ("https://my_host.example/", "https://my_host.example", "/"),
        ("http://h:443/", "http://h:443", "/"),
    ],
)
def test_is_read(text: str, origin: str, target: str) -> None:
    found, rest = read(text)
    assert (str(found), rest) == (origin, target)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no https"),
        ("null", "no https"),
        ("name", "no https"),
        ("/token", "no https"),
        ("//t/x", "no https"),
        ("https:evil", "no https"),
        ("https:/evil", "no https"),
        ("file:///etc/passwd", "no https"),
        ("unix:/x", "no https"),
        ("ftp://t/", "no https"),
        ("javascript:", "no https"),
        ("https:///x", "no host"),
        ("https://./x", "no host"),
        ("https://:443/x", "no host"),
        ("https://u:p@t/token", "user name"),
        ("https://@t/token", "user name"),
        ("https://good.r.example\\@evil.example/", "backslash"),
        ("https://t/x#f", "fragment"),
        ("https://t/x#", "fragment"),
        ("https://t/a b", "space"),
        (" https://t/", "space"),
        ("https://t/\t", "control"),
        ("https://t/\r\nX: y", "control"),
        ("https://t/\x00", "control"),
        ("https://t/\x7f", "control"),
        ("https://t/\x85", "outside ASCII"),
        ("https://１２７.0.0.1/", "outside ASCII"),
        ("https://ghсr.io/", "outside ASCII"),
        ('https://t/"', "no address has"),
        ("https://t/{a}", "no address has"),
        ("https://%61.example/", "not a host name"),
        ("https://a..b/", "not a host name"),
        ("https://-a.example/", "not a host name"),
        ("https://a-.example/", "not a host name"),
        ("https://a.example../", "not a host name"),
        ("https://" + "a" * 64 + ".example/", "not a host name"),
        ("https://" + "a." * 130 + "example/", "not a host name"),
        ("https://2852039166/", "unusual"),
        ("https://0x7f.1/", "unusual"),
        ("https://0xa9fea9fe/", "unusual"),
        ("https://0177.0.0.1/", "unusual"),
        ("https://127.1/", "unusual"),
        ("https://127.0.0.1.1/", "unusual"),
        ("https://256.0.0.1/", "unusual"),
        ("https://example.0x/", "unusual"),
        ("https://t:/x", "port"),
        ("https://t:0/x", "port"),
        ("https://t:0443/x", "port"),
        ("https://t:65536/x", "port"),
        ("https://t:123456/x", "port"),
        ("https://t:+1/x", "port"),
        ("https://t:80:80/x", "port"),
        ("https://[::1/x", "brackets"),
        ("https://[::1]x/", "brackets"),
        ("https://[::1]:/", "port"),
        ("https://[::1%25eth0]/", "IPv6"),
        ("https://[127.0.0.1]/", "IPv6"),
        ("https://[]/", "IPv6"),
        ("https://::1/", "host"),
        ("https://t/" + "a" * 9000, "too long"),
    ],
)
def test_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadURL, match=why) as caught:
        read(text)
    assert text not in str(caught.value) or not text


def test_a_path_means_the_base() -> None:
    base = Origin("https", "r.example", 443)
    assert resolve("/token?x=1", base) == (base, "/token?x=1")
    assert resolve("https://t.example/token", base) == (Origin("https", "t.example", 443), "/token")
    for bad in ("//t/x", "/a\\b", "/a#b", "/a b", "token", "?x", ""):
        with pytest.raises(BadURL):
            resolve(bad, base)


def test_addresses_are_told_from_names() -> None:
    assert [is_address(host) for host in ("::1", "127.0.0.1", "a.example", "a.1x")] == [True, True, False, False]


_HOSTS = st.lists(st.text(alphabet="abcxyz019-_", min_size=1, max_size=5), min_size=1, max_size=4).map(".".join)
_TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="htps:/@\\?#.[]%aA019 \t", max_size=40),
    st.builds(
        lambda scheme, user, host, port, rest: f"{scheme}{user}{host}{port}{rest}",
        st.sampled_from(["https://", "HTTP://", "https:", "//", "https:///", "ftp://", ""]),
        st.sampled_from(["", "", "", "u@", "u:p@", "good.example\\@"]),
        st.one_of(_HOSTS, st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(lambda ip: f"[{ip}]")),
        st.sampled_from(["", ":443", ":8443", ":0", ":x", ":"]),
        st.sampled_from(["", "/", "/token", "/token?a=b", "?a", "#f", "/a#f", "/a b", "\\x"]),
    ),
)


@given(_TEXTS)
def test_what_is_read_is_read_alike_by_another_parser(text: str) -> None:
    try:
        origin, target = read(text)
    except BadURL:
        return
    other = urlsplit(text)
    assert other.scheme == origin.scheme
    assert other.username is None
    assert other.fragment == ""
    assert (other.port or {"https": 443, "http": 80}[other.scheme]) == origin.port
    assert other.hostname is not None
    if ":" not in origin.host:
        assert other.hostname.removesuffix(".") == origin.host
    assert (other.path or "/") + ("?" + other.query if other.query or text.endswith("?") else "") == target
