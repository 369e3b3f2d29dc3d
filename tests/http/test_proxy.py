from __future__ import annotations

import base64
import ipaddress
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.errors import ProxyFailed
from dockpass.http.address import Origin
from dockpass.http.proxy import Proxy, choose

HTTPS = Origin("https", "reg.example", 443)
HTTP = Origin("http", "reg.example", 80)


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


def proxied(host: str, no_proxy: str, port: int = 443) -> bool:
    environ = {"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": no_proxy}
    return choose(Origin("https", host, port), environ) is not None


class TestWhichVariable:
    @pytest.mark.parametrize(
        ("origin", "environ", "host"),
        [
            (HTTPS, {"HTTPS_PROXY": "http://a", "HTTP_PROXY": "http://b"}, "a"),
            (HTTP, {"HTTPS_PROXY": "http://a", "HTTP_PROXY": "http://b"}, "b"),
            (HTTPS, {"HTTPS_PROXY": "http://a", "https_proxy": "http://b"}, "a"),
            (HTTPS, {"HTTPS_PROXY": "", "https_proxy": "http://b"}, "b"),
            (HTTP, {"http_proxy": "http://b"}, "b"),
        ],
    )
    def test_the_one_for_the_scheme_upper_case_first(self, origin: Origin, environ: dict[str, str], host: str) -> None:
        proxy = choose(origin, environ)
        assert proxy is not None
        assert proxy.host == host
        assert environ[proxy.variable].endswith(host)

    @pytest.mark.parametrize(
        "environ", [{}, {"HTTP_PROXY": "http://b"}, {"ALL_PROXY": "http://b"}, {"HTTPS_PROXY": ""}]
    )
    def test_none(self, environ: dict[str, str]) -> None:
        assert choose(HTTPS, environ) is None

    def test_a_unix_socket_has_none(self) -> None:
        environ = {"HTTPS_PROXY": "http://a", "HTTP_PROXY": "http://b"}
        assert choose(Origin("unix", "/run/docker.sock", 0), environ) is None

    def test_no_proxy_in_lower_case(self) -> None:
        assert choose(HTTPS, {"HTTPS_PROXY": "http://a", "no_proxy": "reg.example"}) is None
        assert choose(HTTPS, {"HTTPS_PROXY": "http://a", "NO_PROXY": "other.example", "no_proxy": "*"}) is not None

    @pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
    def test_not_in_a_cgi_program(self, variable: str) -> None:
        environ = {variable: "http://b", "REQUEST_METHOD": "GET"}
        with pytest.raises(ProxyFailed, match="REQUEST_METHOD"):
            choose(HTTP, environ)
        assert choose(Origin("http", "127.0.0.1", 5000), environ) is None
        assert choose(HTTPS, {"HTTPS_PROXY": "http://a", "REQUEST_METHOD": "GET"}) is not None


class TestExceptions:
    @pytest.mark.parametrize(
        "host", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"]
    )
    def test_loopback_always(self, host: str) -> None:
        assert not proxied(host, "")

    @pytest.mark.parametrize("host", ["localhost.example", "128.0.0.1", "::2", "127.0.0.1.example", "reg.example"])
    def test_what_is_not_loopback(self, host: str) -> None:
        assert proxied(host, "")

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
    def test_entries_as_in_go(self, entry: str, host: str, exempt: bool) -> None:  # case 130
        assert proxied(host, entry) is not exempt

    def test_a_port_that_is_not_the_usual(self) -> None:
        assert not proxied("reg.example", "reg.example:5000", 5000)
        assert proxied("reg.example", "reg.example:443", 5000)

    @pytest.mark.parametrize("host", TARGETS)
    def test_as_the_documentation_of_go_has_it(self, host: str) -> None:  # case 130
        for entry, port in itertools.product(SPELLED, (80, 443, 5000)):
            assert proxied(host, entry, port) is not means(entry, host, port), (entry, port)

    @given(st.lists(ENTRIES, max_size=3), st.sampled_from(TARGETS), st.sampled_from([80, 443, 5000]))
    def test_one_of_several_entries_is_enough(self, entries: list[str], host: str, port: int) -> None:
        assert proxied(host, ",".join(entries), port) is not any(means(entry, host, port) for entry in entries)

    @given(st.text(max_size=30), st.sampled_from(["reg.example", "192.0.2.1", "::2"]))
    def test_no_entry_is_an_error(self, entry: str, host: str) -> None:
        proxied(host, entry)


class TestTheUrl:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("http://proxy.example:3128/", "http://proxy.example:3128"),
            ("HTTP://Proxy.Example", "http://proxy.example:80"),
            ("https://proxy.example", "https://proxy.example:443"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("proxy.example", "http://proxy.example:80"),
            ("http://[::1]:3128", "http://[::1]:3128"),
            ("http://[::1]", "http://[::1]:80"),
            ("http://proxy.example:", "http://proxy.example:80"),
            ("http://u:p@proxy.example:3128?x#y", "http://proxy.example:3128"),
        ],
    )
    def test_parts(self, text: str, shown: str) -> None:
        proxy = choose(HTTPS, {"HTTPS_PROXY": text})
        assert str(proxy) == shown
        assert repr(proxy) == f"Proxy({shown!r})"

    @pytest.mark.parametrize(
        ("userinfo", "pair"),
        [
            ("u:p", b"u:p"),
            ("u", b"u:"),
            ("u:p:q", b"u:p:q"),
            ("u:p%40%2f", b"u:p@/"),
            ("%C3%BC:%00", b"\xc3\xbc:\0"),
            ("u:a@b", b"u:a@b"),
            ("", b":"),
            ("u:a\\b", b"u:a\\b"),
        ],
    )
    def test_credentials(self, userinfo: str, pair: bytes) -> None:
        proxy = choose(HTTPS, {"HTTPS_PROXY": f"http://{userinfo}@proxy.example"})
        assert proxy is not None
        assert proxy.host == "proxy.example"
        assert proxy.authorization == "Basic " + base64.b64encode(pair).decode()

    def test_no_credentials(self) -> None:
        assert Proxy("http", "proxy.example", 80).authorization == ""

    @pytest.mark.parametrize(
        "text",
        [
            "http://",
            "http://:3128",
            "http://s3cret@",
            "http://s3cret@:80",
            "http://u:s3cret@proxy.example:x",
            "http://u:s3cret@proxy.example:0",
            "http://u:s3cret@proxy.example:65536",
            "http://u:s3cret@proxy.example:000080",
            "http://u:s3cret@proxy example",
            "http://u:s3cret\n@proxy.example",
            "http://u:s3cret@pröxy.example",
            "http://ü:s3cret@proxy.example",
            "http://u :s3cret@proxy.example",
            "http://u:s3cret@proxy!example",
            "http://u:s3cret@[a:z]",
            "http://u:s3cret@[::1",
            "http://u:s3cret@[::1]x",
            "http://u:s3cret@[x]",
            "http://u:s3cret@[127.0.0.1]",
            "http://u:s3cret@::1",
            "http://u:s3cret%@proxy.example",
            "http://u:s3cret%4@proxy.example",
            "http://u:s3cret%zz@proxy.example",
            "http://u:12/s3cret@proxy.example",
            "http://u:1?s3cret@proxy.example",
            "http://u:1#s3cret@proxy.example",
            "s3cret://proxy.example",
            "ftp://u:s3cret@proxy.example",
            "://s3cret",
            "socks5://u:s3cret@proxy.example",
            "SOCKS5h://u:s3cret@proxy.example",
        ],
    )
    def test_malformed_or_not_supported(self, text: str) -> None:
        with pytest.raises(ProxyFailed, match="HTTPS_PROXY") as caught:
            choose(HTTPS, {"HTTPS_PROXY": text})
        assert "s3cret" not in caught.value.message + str(caught.value.hint)
        assert caught.value.hint

    def test_a_kind_that_is_not_supported_is_named(self) -> None:
        with pytest.raises(ProxyFailed, match="HTTPS_PROXY names a proxy of a kind that is not supported: socks5h"):
            choose(HTTPS, {"HTTPS_PROXY": "SOCKS5h://u:p@proxy.example"})

    def test_is_not_looked_at_when_not_used(self) -> None:
        assert choose(HTTPS, {"HTTPS_PROXY": "http://:x", "NO_PROXY": "reg.example"}) is None
        assert choose(Origin("https", "127.0.0.1", 443), {"HTTPS_PROXY": "socks5://x"}) is None

    @given(st.text(max_size=40))
    def test_anything_is_a_proxy_or_an_error_that_does_not_show_it(self, text: str) -> None:
        environ = {"HTTPS_PROXY": "http://" + text}
        try:
            proxy = choose(HTTPS, environ)
        except ProxyFailed as error:
            assert error.message == "HTTPS_PROXY is not the URL of a proxy"
        else:
            assert proxy is not None
            assert proxy.host
            assert 0 < proxy.port < 65536
