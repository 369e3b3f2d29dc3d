"""Numeric addresses, judged."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.registry.reach import allows, classify
from dockpass.registry.step import ANY, INSIDE, LIKE_REGISTRY


@pytest.mark.parametrize(
    ("kind", "addresses"),
    [
        ("public", "8.8.8.8 1.1.1.1 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1 192.169.0.1 2600::1 2001:db9::1"),
        ("private", "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.127.255.255 198.18.0.1 198.19.0.1"),
        ("private", "192.0.0.1 240.0.0.1 fc00::1 fdff::1 fec0::1 64:ff9b:1::808:808"),
        ("loopback", "127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::1"),
        ("loopback", "::ffff:0:127.0.0.1 64:ff9b:1::7f00:1 2001:0:0:0:0:0:80ff:fffe"),
        ("link-local", "169.254.1.1 fe80::1 fe80::1%eth0 febf::1 ::ffff:169.254.1.1"),
        ("unspecified", "0.0.0.0 0.1.2.3 :: ::ffff:0.0.0.0"),
        ("multicast", "224.0.0.1 239.1.1.1 255.255.255.255 ff02::1"),
        ("forbidden", "169.254.169.254 169.254.170.2 169.254.170.23 100.100.100.200 168.63.129.16 192.0.0.192"),
        ("forbidden", "fd00:ec2::254 fd00:ec2::23 fd20:ce::254 ::ffff:a9fe:a9fe ::169.254.169.254 64:ff9b::a9fe:a9fe"),
        ("forbidden", "2002:a9fe:a9fe:: 2002:a9fe:a9fe::1"),
        ("private", "::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1::1"),
        ("public", "::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1"),
    ],
)
def test_classes(kind: str, addresses: str) -> None:
    for address in addresses.split():
        assert (address, classify(address)) == (address, kind)


@pytest.mark.parametrize("text", ["", "host", "0x7f.1", "127.1", "2852039166", "1.2.3.4.5", ":::", "[::1]", "1\x00"])
def test_what_is_no_address_is_forbidden(text: str) -> None:
    assert classify(text) == "forbidden"


_DOCUMENTATION = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


@given(st.ip_addresses(v=4))
def test_agrees_with_the_standard_library_about_version_4(ip: ipaddress.IPv4Address) -> None:
    kind = classify(str(ip))
    if kind == "public":
        assert ip.is_global or any(ip in network for network in _DOCUMENTATION)
        assert not ip.is_multicast
    if ip.is_loopback:
        assert kind == "loopback"
    if ip.is_link_local:
        assert kind in ("link-local", "forbidden")
    if ip.is_multicast:
        assert kind == "multicast"


@given(st.ip_addresses(v=6))
def test_agrees_with_the_standard_library_about_version_6(ip: ipaddress.IPv6Address) -> None:
    kind = classify(str(ip))
    if kind == "public":
        refused = (ip.is_loopback, ip.is_link_local, ip.is_site_local, ip.is_multicast, ip.is_unspecified)
        assert not any(refused)
        assert ip not in ipaddress.ip_network("fc00::/7")
    inner = ip.ipv4_mapped or ip.sixtofour
    if inner is not None:
        assert kind == classify(str(inner))


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "::ffff:0:{}", "64:ff9b::{}"]))
def test_an_address_inside_another_is_what_counts(ip: ipaddress.IPv4Address, form: str) -> None:
    assert classify(form.format(ip)) == classify(str(ip))


_ALL = ("public", "private", "loopback", "link-local", "unspecified", "multicast", "forbidden")


@pytest.mark.parametrize(
    ("reach", "registry", "allowed"),
    [
        (ANY, "", set(_ALL)),
        (INSIDE, "", {"public", "private", "loopback"}),
        (INSIDE, "public", {"public", "private", "loopback"}),
        (LIKE_REGISTRY, "", {"public"}),
        (LIKE_REGISTRY, "public", {"public"}),  # case 66
        (LIKE_REGISTRY, "private", {"public", "private"}),  # case 67
        (LIKE_REGISTRY, "loopback", {"public", "loopback"}),
        (LIKE_REGISTRY, "link-local", {"public"}),
        (LIKE_REGISTRY, "forbidden", {"public"}),
    ],
)
def test_what_is_allowed(reach: str, registry: str, allowed: set[str]) -> None:
    assert {kind for kind in _ALL if allows(reach, kind, registry)} == allowed
