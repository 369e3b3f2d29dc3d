from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.errors import ProxyFailed
from dockpass.http.address import Origin
from dockpass.http.proxy import Proxy, choose

HTTPS = Origin("https", "reg.example", 443)
HTTP = Origin("http", "reg.example", 80)


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
