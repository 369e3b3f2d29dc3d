from __future__ import annotations

import ipaddress
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.http.no_proxy import is_exempt

# What may stand in NO_PROXY, in all its spellings, and what is nearly that.
NAMES = ["a.test", "b.a.test", "ba.test", "test", "xn--bcher-kva.test"]
ADDRESSES = ["192.0.2.1", "192.0.2.10", "10.1.2.3", "2001:db8::1", "2001:DB8:0::1", "::ffff:192.0.2.1", "fe80::1"]
TARGETS = [*NAMES, "a.b.a.test", "192.0.2.1", "192.0.2.10", "10.1.2.3", "2001:db8::1", "2001:db9::1", "fe80::1"]
PORTS = ["", ":443", ":80", ":", ":0443", ":x"]
LENGTHS = [0, 1, 7, 8, 9, 24, 31, 32, 33, 64, 96, 103, 104, 105, 120, 127, 128, 129]
SPELLED = [
    *map("".join, itertools.product(["", ".", "*.", "*"], NAMES, PORTS)),
    *map("".join, itertools.product(ADDRESSES, PORTS)),
    *(f"[{address}]{port}" for address, port in itertools.product(ADDRESSES, PORTS)),
    *(f"{address}/{length}" for address, length in itertools.product(ADDRESSES, LENGTHS)),
    *("*", "", "*:443", ".2.1", "2.1", "0.0.0.0/0", "::/0", "/8", "a.test/8"),
]
ENTRIES = st.tuples(st.sampled_from(SPELLED), st.sampled_from(["{}", " {}\t", "{} "]), st.booleans()).map(
    lambda parts: parts[1].format(parts[0].upper() if parts[2] else parts[0])
)


def means(entry: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY means a host, from the words of Go's documentation, by other means than ours.

    Reference: https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
    """
    entry = entry.strip().lower()
    if entry == "*":
        return True
    ip = parsed(host)
    prefix = re.fullmatch(r"([^/]+)/([0-9]+)", entry)
    if prefix and (base := parsed(prefix[1])) and int(prefix[2]) <= ipaddress.ip_address(prefix[1]).max_prefixlen:
        bits = int(prefix[2]) - (96 if ":" in prefix[1] and base.version == 4 else 0)
        kind = ipaddress.IPv4Network if base.version == 4 else ipaddress.IPv6Network
        return ip is not None and bits >= 0 and ip in kind((int(base), bits), strict=False)
    with_port = re.fullmatch(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):([^:\[\]]*)", entry)
    name, wanted = (with_port[1] or with_port[2], with_port[3]) if with_port else (entry, "")
    if not name or wanted not in ("", str(port)):
        return False
    if parsed(name):
        return parsed(name) == ip
    labels, asked = name.removeprefix("*" if name.startswith("*.") else "").split("."), host.split(".")
    if labels[0] == "":
        return len(asked) >= len(labels) and asked[1 - len(labels) :] == labels[1:]
    return asked[-len(labels) :] == labels


def parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address; IPv4 in the guise of IPv6 is IPv4."""
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if ip.version == 6 else None
    return mapped or ip


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"]
)
def test_loopback_always(host: str) -> None:
    assert is_exempt(host, 443, "")


@pytest.mark.parametrize("host", ["localhost.example", "128.0.0.1", "::2", "127.0.0.1.example", "reg.example"])
def test_what_is_not_loopback(host: str) -> None:
    assert not is_exempt(host, 443, "")


@pytest.mark.parametrize(
    ("entry", "host", "exempt"),
    [
        ("example.test", "example.test", True),
        ("example.test", "a.example.test", True),
        ("example.test", "a.b.example.test", True),
        ("example.test", "aexample.test", False),
        ("example.test", "example.test.evil", False),
        ("EXAMPLE.test", "example.TEST", True),
        ("example.test", "example.test.", True),
        (".example.test", "example.test", False),
        (".example.test", "a.example.test", True),
        ("*.example.test", "example.test", False),
        ("*.example.test", "a.example.test", True),
        ("*example.test", "aexample.test", False),
        ("*", "reg.example", True),
        (" * ", "192.0.2.1", True),
        ("*:443", "reg.example", False),
        ("example.test:443", "example.test", True),
        ("example.test:443", "a.example.test", True),
        ("example.test:5000", "example.test", False),
        ("example.test:", "example.test", True),
        (":443", "example.test", False),
        ("", "example.test", False),
        (",, ,x.test , example.test", "example.test", True),
        ("a.test b.test", "b.test", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3/8", "10.9.9.9", True),
        ("10.0.0.0/8", "10.example", False),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("10.0.0.0/33", "10.0.0.1", False),
        ("10.0.0.0/x", "10.0.0.1", False),
        ("10.0.0.0/0008", "10.0.0.1", True),
        ("10.0.0.0/255.0.0.0", "10.0.0.1", False),
        ("::ffff:10.0.0.0/104", "10.1.2.3", True),
        ("::ffff:10.0.0.0/104", "11.1.2.3", False),
        ("::ffff:10.0.0.0/8", "10.0.0.1", False),
        ("::ffff:10.0.0.0/129", "10.0.0.1", False),
        ("10.0.0.0/8:443", "10.0.0.1", False),
        ("0.0.0.0/0", "192.0.2.1", True),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("2001:db8::/32", "2001:db8::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.10", False),
        ("192.0.2.1:443", "192.0.2.1", True),
        ("192.0.2.1:80", "192.0.2.1", False),
        ("2001:db8::1", "2001:db8:0::1", True),
        ("[2001:db8::1]:443", "2001:db8::1", True),
        ("[2001:db8::1]:80", "2001:db8::1", False),
        ("[2001:db8::1]", "2001:db8::1", False),
        ("[2001:db8::1]x:443", "2001:db8::1", False),
        ("2001:db8::1:443", "2001:db8::1", False),
        ("[192.0.2.1]:443", "192.0.2.1", True),
        ("[example.test]:443", "example.test", True),
        ("[[example.test]]:443", "example.test", False),
        ("example.test:4]43", "example.test", False),
        ("fe80::1%eth0", "fe80::1", False),
        ("0.2.1", "192.0.2.1", True),
        (".2.1", "192.0.2.1", True),
        ("2.1:443", "192.0.2.1", True),
        ("2.1", "192.0.21.1", False),
        ("bücher.example", "xn--bcher-kva.example", True),
        (".bücher.example", "a.xn--bcher-kva.example", True),
        ("ü\ud800.example", "reg.example", False),
    ],
)
def test_entries_as_in_go(entry: str, host: str, exempt: bool) -> None:  # case 130
    assert is_exempt(host, 443, entry) is exempt


def test_a_port_that_is_not_the_usual() -> None:
    assert is_exempt("reg.example", 5000, "reg.example:5000")
    assert not is_exempt("reg.example", 5000, "reg.example:443")


@pytest.mark.parametrize("host", TARGETS)
def test_as_the_documentation_of_go_has_it(host: str) -> None:  # case 130
    for entry, port in itertools.product(SPELLED, (80, 443, 5000)):
        assert is_exempt(host, port, entry) is means(entry, host, port), (entry, port)


@given(st.lists(ENTRIES, max_size=3), st.sampled_from(TARGETS), st.sampled_from([80, 443, 5000]))
def test_one_of_several_entries_is_enough(entries: list[str], host: str, port: int) -> None:
    assert is_exempt(host, port, ",".join(entries)) is any(means(entry, host, port) for entry in entries)


@given(st.text(max_size=30), st.sampled_from(["reg.example", "192.0.2.1", "::2"]))
def test_no_entry_is_an_error(entry: str, host: str) -> None:
    is_exempt(host, 443, entry)
