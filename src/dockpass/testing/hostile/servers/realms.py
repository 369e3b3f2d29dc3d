"""Token servers that a registry has no business to name. What is right is to go to none of them unasked."""

# ruff: noqa: RUF001 - those letters are meant

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.testing.hostile.scene import REGISTRY, TOKEN_HOST, Scene

if TYPE_CHECKING:
    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.hostile.scene import Right
    from dockpass.testing.received import Received


def _named(name: str, does: str, realm: str, right: Right = "refuses") -> Scene:
    return Scene(f"realm-{name}", does, right, challenge=f'Bearer realm="{realm}",service="hostile.test"', apart=True)


def _harmless_first(play: Play, request: Received) -> Script | None:
    """A token server of its own in the first challenge, a foreign one in those that follow."""
    if request.path == "/token":
        return None
    if play.count == 1:
        return play.challenge()
    return play.challenge('Bearer realm="https://other.test/token"')


SCENES = (
    _named("foreign", "has its tokens issued on another domain", "https://other.test/token"),
    _named("foreign-begins-alike", "has them issued on a host that begins as its own name",
           "https://registry.test.other.test/token"),
    _named("foreign-ends-alike", "has them issued on a domain that ends as its own", "https://notregistry.test/token"),
    _named("foreign-looks-alike", "has them issued on a name one letter from its own",
           "https://xn--regstry-q4a.test/token"),
    _named("single-label", "has them issued on a name of one label", "https://intranet/token"),
    _named("in-clear", "has them issued at its own name over plain HTTP", f"http://{REGISTRY}/token"),
    _named("near-in-clear", "has them issued in its domain over plain HTTP", f"http://{TOKEN_HOST}/token"),
    _named("foreign-in-clear", "has them issued elsewhere over plain HTTP", "http://other.test/token"),
    _named("userinfo", "puts a user and a password into the address", f"https://alice:x@{REGISTRY}/token", "either"),
    _named("userinfo-as-host", "puts its own name before an @ and another host behind",
           f"https://{REGISTRY}@other.test/token"),
    _named("userinfo-with-port", "puts its own name and port before an @", f"https://{REGISTRY}:443@other.test/token"),
    _named("backslash", "puts a backslash where two readers differ", f"https://other.test\\\\@{REGISTRY}/token",
           "either"),
    _named("backslash-last", "puts a backslash behind its own name", f"https://{REGISTRY}\\\\@other.test/token"),
    _named("tab", "puts a tab into the host", "https://oth\ter.test/token"),
    _named("blank", "puts a blank before the address", " https://other.test/token"),
    _named("fragment", "puts another host behind a #", f"https://other.test#@{REGISTRY}/token"),
    _named("question-mark", "puts its own name into the query", f"https://other.test?@{REGISTRY}/token"),
    _named("semicolon", "puts its own name behind a semicolon", f"https://other.test;@{REGISTRY}/token", "either"),
    _named("percent-host", "encodes a letter of another host", "https://%6fther.test/token"),
    _named("full-width-host", "writes another host in full-width letters", "https://ｏther.test/token"),
    _named("full-width-dot", "writes another host with an ideographic full stop", "https://other。test/token"),
    _named("scheme-relative", "leaves the scheme of another host out", "//other.test/token"),
    _named("triple-slash", "puts a third slash before another host", "https:///other.test/token"),
    _named("no-slashes", "leaves the slashes before another host out", "https:other.test/token"),
    _named("backslashes", "puts backslashes for slashes", "https:\\\\\\\\other.test\\\\token"),
    _named("port-80", "has them issued on port 80 of another host by https", "https://other.test:80/token"),
    _named("port-too-big", "names a port that there is not", f"https://{REGISTRY}:99999/token"),
    _named("port-negative", "names a negative port", f"https://{REGISTRY}:-443/token"),
    _named("metadata", "has them issued at the metadata address of clouds", "http://169.254.169.254/latest/meta-data"),
    _named("metadata-https", "has them issued at the metadata address by https", "https://169.254.169.254/token"),
    _named("metadata-decimal", "writes the metadata address as one number", "https://2852039166/token"),
    _named("metadata-hex", "writes the metadata address in hexadecimal", "https://0xa9fea9fe/token"),
    _named("metadata-octal", "writes the metadata address in octal", "https://0251.0376.0251.0376/token"),
    _named("metadata-short", "writes the metadata address in two parts", "https://169.16689662/token"),
    _named("metadata-mapped", "writes the metadata address in IPv6", "https://[::ffff:169.254.169.254]/token"),
    _named("metadata-nat64", "writes the metadata address behind NAT64", "https://[64:ff9b::a9fe:a9fe]/token"),
    _named("metadata-full-width", "writes the metadata address in full-width digits", "https://１６９.254.169.254/token"),
    _named("metadata-ipv6", "has them issued at Amazon's metadata address of IPv6", "https://[fd00:ec2::254]/token"),
    _named("metadata-alibaba", "has them issued at Alibaba's metadata address", "https://100.100.100.200/token"),
    _named("metadata-containers", "has them issued where containers get their roles", "https://169.254.170.2/token"),
    _named("metadata-name", "has them issued at the name of Google's metadata server",
           "https://metadata.google.internal/token"),
    _named("metadata-by-name", "has a name in its domain that leads to the metadata address",
           "https://metadata.registry.test/token"),
    _named("loopback", "has them issued on the loopback", "https://127.0.0.1/token"),
    _named("loopback-in-clear", "has them issued on the loopback over plain HTTP", "http://127.0.0.1:8080/token"),
    _named("loopback-redis", "has them issued where Redis listens", "http://127.0.0.1:6379/token"),
    _named("loopback-docker", "has them issued where Docker listens", "http://127.0.0.1:2375/containers/json"),
    _named("loopback-ipv6", "has them issued on the loopback of IPv6", "https://[::1]/token"),
    _named("loopback-short", "writes the loopback as 127.1", "https://127.1/token"),
    _named("loopback-hex", "writes the loopback as 0x7f.1", "https://0x7f.1/token"),
    _named("loopback-mapped", "writes the loopback in IPv6", "https://[::ffff:127.0.0.1]/token"),
    _named("loopback-zero", "has them issued at 0.0.0.0", "https://0.0.0.0/token"),
    _named("loopback-ipv6-zero", "has them issued at [::]", "https://[::]/token"),
    _named("loopback-name", "has them issued on localhost", "https://localhost/token"),
    _named("loopback-by-name", "has a name in its domain that leads to the loopback",
           "https://loop.registry.test/token"),
    _named("private", "has them issued at a private address", "https://10.0.0.1/token"),
    _named("private-by-name", "has a name in its domain that leads to a private address",
           "https://inside.registry.test/token"),
    Scene("realm-one-address-inside", "has a name in its domain that leads to the loopback and to the world", "either",
          challenge='Bearer realm="https://twofold.registry.test/token"',
          trusted=(REGISTRY, "twofold.registry.test"), apart=True),
    _named("zone", "has them issued at a link-local address with a zone", "https://[fe80::1%25lo]/token"),
    _named("file", "names a file", "file:///etc/passwd"),
    _named("unix-socket", "names a unix socket", "unix:///run/docker.sock"),
    _named("gopher", "names another protocol", "gopher://127.0.0.1:6379/_PING"),
    _named("ftp", "names an FTP server", "ftp://other.test/token"),
    _named("javascript", "names a script", "javascript:alert(1)"),
    _named("data", "names a token that it brings along", 'data:application/json,{\\"token\\":\\"x\\"}'),
    _named("no-host", "leaves the host out", "https:///token"),
    _named("64-kib", "names a path of 60,000 letters on another host", f"https://other.test/{'a' * 60_000}"),
    Scene("realm-changes", "names its own token server first and a foreign one later", "either",
          answer=_harmless_first, apart=True),
)  # fmt: skip
