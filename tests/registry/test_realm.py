"""Whom a registry may name as its token server."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from dockpass.errors import TokenHostChanged, UntrustedTokenHost, UsageError
from dockpass.http.address import Origin
from dockpass.registry import known
from dockpass.registry.realm import KNOWN_PAIR, NAMED, OWN_HOST, PINNED, SAME_DOMAIN, changed, domain, judge, named
from dockpass.registry.step import ANY, INSIDE, LIKE_REGISTRY
from dockpass.server import Server

R = Origin("https", "r.example", 443)


def origin(text: str) -> Origin:
    parts = urlsplit(text)
    assert parts.hostname is not None
    return Origin(parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}[parts.scheme])


@pytest.mark.parametrize(
    ("registry", "realm", "where", "target", "reach"),
    [
        pytest.param(
            "https://r.example", "https://r.example/token", "https://r.example", "/token", ANY, id="the registry itself"
        ),  # case 52
        pytest.param("https://r.example", "/token?a=b", "https://r.example", "/token?a=b", ANY, id="a path"),  # case 63
        pytest.param(
            "https://r.example", "https://R.Example:443/t", "https://r.example", "/t", ANY, id="the registry, spelled out"
        ),
        pytest.param(
            "https://r.example", "https://r.example./t", "https://r.example", "/t", ANY, id="the registry, with a dot"
        ),
        pytest.param(
            "http://127.0.0.1:5000", "http://127.0.0.1:5000/token", "http://127.0.0.1:5000", "/token", ANY,
            id="plain HTTP at the origin of a registry that is spoken to so",
        ),
        pytest.param(
            "https://[::1]:5000", "https://[0::1]:5000/t", "https://[::1]:5000", "/t", ANY, id="one address, two spellings"
        ),
        pytest.param(
            "https://[0:0::1]:5000", "https://[::1]/t", "https://[::1]", "/t", INSIDE, id="one address, another port"
        ),
        pytest.param(
            "https://r.example", "https://r.example:8443/t", "https://r.example:8443", "/t", INSIDE, id="another port"
        ),
        pytest.param(
            "https://10.0.0.5:5050", "https://10.0.0.5/jwt/auth", "https://10.0.0.5", "/jwt/auth", INSIDE,
            id="the same address, as GitLab does it",
        ),  # case 68
        pytest.param(
            "http://r.example:5000", "https://r.example/t", "https://r.example", "/t", INSIDE, id="from HTTP up to HTTPS"
        ),
        pytest.param(
            "https://r.example", "https://t.r.example/x?scope=a", "https://t.r.example", "/x?scope=a", LIKE_REGISTRY,
            id="a host below",
        ),  # cases 53, 64
        pytest.param(
            "https://registry.example.co.uk", "https://gitlab.example.co.uk/jwt/auth", "https://gitlab.example.co.uk",
            "/jwt/auth", LIKE_REGISTRY, id="the same domain under a public suffix of two labels",
        ),
        pytest.param(
            "https://registry-1.docker.io", "https://auth.docker.io/token", "https://auth.docker.io", "/token", INSIDE,
            id="Docker Hub",
        ),  # case 147
        pytest.param(
            "https://registry.gitlab.com", "https://gitlab.com/jwt/auth", "https://gitlab.com", "/jwt/auth", INSIDE,
            id="GitLab",
        ),
        pytest.param(
            "https://registry.digitalocean.com", "https://api.digitalocean.com/v2/registry/auth",
            "https://api.digitalocean.com", "/v2/registry/auth", INSIDE, id="DigitalOcean",
        ),
        pytest.param(
            "https://rg.fr-par.scw.cloud", "https://api.scaleway.com/registry-internal/v1/regions/fr-par/tokens",
            "https://api.scaleway.com", "/registry-internal/v1/regions/fr-par/tokens", INSIDE, id="Scaleway",
        ),  # case 57
        pytest.param(
            "https://nvcr.io", "https://authn.nvidia.com/token", "https://authn.nvidia.com", "/token", INSIDE, id="NVIDIA"
        ),
        pytest.param(
            "https://registry.redhat.io", "https://sso.redhat.com/auth", "https://sso.redhat.com", "/auth", INSIDE,
            id="Red Hat",
        ),
        pytest.param(
            "https://registry.cn-hangzhou.aliyuncs.com", "https://dockerauth.cn-hangzhou.aliyuncs.com/auth",
            "https://dockerauth.cn-hangzhou.aliyuncs.com", "/auth", INSIDE, id="Alibaba",
        ),
        pytest.param(
            "https://me-registry.cn-beijing.cr.aliyuncs.com", "https://dockerauth-ee.cn-beijing.aliyuncs.com/auth",
            "https://dockerauth-ee.cn-beijing.aliyuncs.com", "/auth", INSIDE, id="Alibaba, a registry of one's own",
        ),
    ],
)  # fmt: skip
def test_is_approved(registry: str, realm: str, where: str, target: str, reach: str) -> None:
    approved = judge(realm, origin(registry), token_host=None)
    assert (str(approved.origin), approved.target, approved.reach) == (where, target, reach)


@pytest.mark.parametrize(
    ("registry", "realm"),
    [
        ("https://r.example", "https://other.example/token"),  # case 54
        ("https://r.example", "https://xr.example/token"),
        ("https://r.example", "https://r.example.attacker.example/token"),
        ("https://foo.co.uk", "https://bar.co.uk/t"),
        ("https://alice.azurecr.io", "https://mallory.azurecr.io/t"),
        ("https://alice.jfrog.io", "https://mallory.jfrog.io/t"),
        ("https://alice-docker.jfrog.io", "https://alice.jfrog.io/t"),
        ("https://alice.eastus.cloudapp.azure.com", "https://mallory.eastus.cloudapp.azure.com/t"),
        ("https://alice.github.io", "https://mallory.github.io/t"),
        ("https://alice.a.run.app", "https://mallory.a.run.app/t"),
        ("https://1.dkr.ecr.us-east-1.amazonaws.com", "https://mallory.s3.amazonaws.com/t"),
        ("https://alice.nip.io", "https://mallory.nip.io/t"),
        ("https://rg.fr-par.scw.cloud", "https://mallory.s3.fr-par.scw.cloud/t"),
        ("https://x.rg.fr-par.scw.cloud", "https://api.scaleway.com/t"),
        ("https://rg.fr-par.scw.cloud.evil.example", "https://api.scaleway.com/t"),
        ("https://registry.cn-hangzhou.aliyuncs.com", "https://dockerauth.oss-cn-hangzhou.aliyuncs.com/t"),
        ("https://registry.cn-hangzhou.aliyuncs.com", "https://bucket.cn-hangzhou.aliyuncs.com/t"),
        ("https://bucket.oss-cn-hangzhou.aliyuncs.com", "https://dockerauth.cn-hangzhou.aliyuncs.com/t"),
        ("https://r.example", "https://dockerauth.cn-hangzhou.aliyuncs.com/t"),
        ("https://r.example", "https://auth.docker.io/token"),
        ("https://10.0.0.5", "https://t.example/token"),
        ("https://10.0.0.5", "https://10.0.0.6.example/token"),
        ("https://registry.corp", "https://auth.corp/token"),
        ("https://registry", "https://auth.corp/token"),
        ("https://r.example", "https://co.uk/token"),
        ("https://org.uk", "https://co.uk/token"),
    ],
)
def test_the_user_is_to_be_asked(registry: str, realm: str) -> None:
    with pytest.raises(UntrustedTokenHost) as caught:
        judge(realm, origin(registry), token_host=None)
    host = urlsplit(realm).hostname
    assert caught.value.host == host
    assert f"--token-host {host}" in str(caught.value.hint)
    assert f"to be sent to {host}" in caught.value.message
    approved = judge(realm, origin(registry), token_host=host)  # case 55
    assert (approved.origin.host, approved.reach) == (host, INSIDE)
    with pytest.raises(UntrustedTokenHost):
        judge(realm, origin(registry), token_host="another.example")  # case 56


@pytest.mark.parametrize(
    "realm",
    [
        "https://127.0.0.1/token",
        "https://10.0.0.5/token",
        "https://8.8.8.8/token",
        "https://[fd00::1]/token",
        "https://localhost/token",
        "https://x.localhost/token",
        "https://auth/token",
        "https://example/token",
    ],
)
def test_addresses_and_short_names_are_for_the_user_to_name_unasked(realm: str) -> None:
    with pytest.raises(UntrustedTokenHost) as caught:
        judge(realm, R, token_host=None)
    assert caught.value.host == ""
    assert "--token-host" not in str(caught.value.hint)
    host = urlsplit(realm).hostname
    assert judge(realm, R, token_host=host).reach == INSIDE


@pytest.mark.parametrize(
    "realm",
    [
        "https://169.254.169.254/",  # case 61
        "https://169.254.1.1/",
        "https://100.100.100.200/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://0.0.0.0/",
        "https://[::]/",
        "https://224.0.0.1/",
        "https://metadata.google.internal/",
        "https://metadata/",
    ],
)
def test_some_places_nobody_can_approve(realm: str) -> None:
    host = urlsplit(realm).hostname
    for token_host in (None, host, f"[{host}]"):
        with pytest.raises(UntrustedTokenHost) as caught:
            judge(realm, R, token_host=token_host)
        assert caught.value.host == ""


@pytest.mark.parametrize(
    "realm",
    [
        "https://u:hunter2@t.r.example/token",  # case 59
        "https://good.r.example\\@evil.example/",  # case 60
        "https://2852039166/",  # case 61
        "https://0x7f.1/",
        "https://１２７.0.0.1/",
        "file:///etc/passwd",  # case 62
        "unix:/x",
        "ftp://t.r.example/",
        "//t.r.example/x",
        "javascript:",
        "https://t.r.example/x#f",  # case 65
        "https://t.r.example/\t",  # case 70
        "https://t.r.example/ x",
        "https://t.r.example/\r\nHost: x",
        "https://t.r.example/\x00",
        "https://t.r.example/\xe4",  # case 45
        "null",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(realm: str) -> None:
    with pytest.raises(UntrustedTokenHost) as caught:
        judge(realm, R, token_host="t.r.example")
    error = caught.value
    assert error.host == ""
    assert error.message.startswith("r.example names its token server by an address that cannot be trusted: it")
    assert "hunter2" not in error.message + str(error.hint)
    assert error.message.isprintable()


@pytest.mark.parametrize(
    ("registry", "realm"),
    [
        ("https://r.example", "http://t.r.example/token"),  # case 58
        ("https://r.example", "http://r.example/token"),
        ("https://r.example", "http://r.example:443/token"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:6379/"),  # case 69
        ("http://127.0.0.1:5000", "http://localhost:5000/"),
        ("http://r.example:5000", "http://r.example/"),
    ],
)
def test_plain_http_is_for_the_registrys_own_origin(registry: str, realm: str) -> None:
    with pytest.raises(UntrustedTokenHost, match="plain HTTP") as caught:
        judge(realm, origin(registry), token_host=urlsplit(realm).hostname)
    assert registry in caught.value.message
    assert realm.rpartition("/")[0].removesuffix("/token") in caught.value.message


@pytest.mark.parametrize("named", ["Other.Example", "other.example.", "other.example:8443"])
def test_a_host_may_be_named_in_several_ways(named: str) -> None:
    assert judge("https://other.example:8443/t", R, token_host=named).origin.port == 8443


@pytest.mark.parametrize("named", ["other.example:443", "example", "", "r.example", "https://other.example"])
def test_another_host_is_another_host(named: str) -> None:
    with pytest.raises(UntrustedTokenHost):
        judge("https://other.example:8443/t", R, token_host=named)


# What the user approved of earlier


@pytest.mark.parametrize(
    "realm",
    ["https://other.example/token", "https://other.example:8443/t", "https://localhost/t", "https://10.0.0.5:8443/t"],
)
def test_what_was_approved_of_earlier_is_approved(realm: str) -> None:
    host = urlsplit(realm).hostname
    approved = judge(realm, R, token_host=None, pinned=lambda: host)
    assert (approved.origin.host, approved.reach, approved.standing) == (host, INSIDE, PINNED)


@pytest.mark.parametrize(
    ("realm", "pinned"),
    [
        ("https://other2.example/token", "other.example"),  # case 56
        ("https://other.example/token", "other.example:8443"),
        ("https://other.example/token", None),
        ("https://10.0.0.5/token", "10.0.0.6"),
        ("https://169.254.169.254/token", "169.254.169.254"),
        ("https://metadata/token", "metadata"),
        ("http://other.example/token", "other.example"),
    ],
)
def test_nothing_else_is_approved_for_that(realm: str, pinned: str | None) -> None:
    with pytest.raises(UntrustedTokenHost):
        judge(realm, R, token_host=None, pinned=lambda: pinned)


@pytest.mark.parametrize(
    ("registry", "realm", "token_host", "standing"),
    [
        ("https://r.example", "/token", None, OWN_HOST),
        ("https://r.example", "https://r.example:8443/t", None, OWN_HOST),
        ("https://registry-1.docker.io", "https://auth.docker.io/token", "auth.docker.io", KNOWN_PAIR),
        ("https://r.example", "https://t.r.example/t", None, SAME_DOMAIN),
        ("https://r.example", "https://t.r.example/t", "t.r.example", NAMED),
        ("https://r.example", "https://other.example/t", "other.example", NAMED),
    ],
)
def test_what_was_approved_of_earlier_is_looked_up_only_where_it_matters(
    registry: str, realm: str, token_host: str | None, standing: str
) -> None:
    """It may be another by now, and cannot even be read: that is no concern of these."""

    def pinned() -> str:
        raise AssertionError

    assert judge(realm, origin(registry), token_host=token_host, pinned=pinned).standing == standing


def test_a_change_names_both_hosts_and_what_to_do() -> None:  # case 56
    with pytest.raises(UntrustedTokenHost) as caught:
        judge("https://other2.example/token", R, token_host=None)
    error = changed(Server.parse("r.example:443"), "other.example:8443", caught.value)
    assert isinstance(error, TokenHostChanged)
    assert (error.host, error.pinned) == ("other2.example", "other.example:8443")
    assert error.message == (
        "r.example:443 now wants the credentials to be sent to other2.example, and not, as you approved, to "
        "other.example:8443"
    )
    assert str(error.hint).endswith(": dockpass trust r.example:443 --token-host other2.example")
    error = changed(Server.parse("r.example"), "other2.example:8443", caught.value)
    assert "sent to another port of other2.example, and not, as you approved, to other2.example:8443" in error.message


# What a user types


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("other.example", "other.example"),
        ("Other.Example.", "other.example"),
        ("other.example:8443", "other.example:8443"),
        ("other.example:443", "other.example:443"),
        ("b\u00fccher.example:8443", "xn--bcher-kva.example:8443"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("auth", "auth"),
        ("10.0.0.5:5050", "10.0.0.5:5050"),
        ("::1", "[::1]"),
        ("0::1", "[::1]"),
        ("[0::1]:8443", "[::1]:8443"),
    ],
)
def test_a_host_as_it_is_kept(text: str, host: str) -> None:
    assert named(text) == host
    assert named(host) == host
    assert judge(f"https://{host}/t", R, token_host=host).standing == NAMED


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ":443",
        "other.example:",
        "other.example:0",
        "other.example:x",
        "other..example",
        "https://other.example",
        "other.example/",
        "other.example?x",
        "other.example#x",
        "u:hunter2@other.example",
        "other.example\\x",
        "other.example\x1b]0;x\x07",
        "*.example",
        "a b",
        "2852039166",
        "0x7f.1",
        "127.1",
        "::g",
        "[::1",
        "fe80::1%eth0",
        "\u2603\u200d.example",
        "x" * 300 + ".example",
        # Nobody can approve of these.
        "169.254.169.254",
        "169.254.1.1:443",
        "100.100.100.200",
        "[fd00:ec2::254]",
        "::ffff:169.254.169.254",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "metadata",
        "metadata.google.internal",
    ],
)
def test_what_is_no_host_or_nobodys_to_approve_of_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        named(text)
    assert "hunter2" not in caught.value.message + str(caught.value.hint)
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("host", "owned"),
    [
        ("registry.example.co.uk", "example.co.uk"),
        ("r.example", "r.example"),
        ("alice.azurecr.io", None),
        ("10.0.0.5", None),
        ("::1", None),
        ("localhost", None),
    ],
)
def test_the_domain_of_a_registry(host: str, owned: str | None) -> None:
    assert domain(host) == owned


def test_what_is_approved_shows_no_path() -> None:
    assert repr(judge("/token?secret=1", R, token_host=None)) == "Approved(Origin('https://r.example'), 'any')"


def test_the_public_suffix_list_is_loaded_only_at_last() -> None:
    import subprocess
    import sys

    program = """
import sys
from dockpass.http.address import Origin
from dockpass.registry.realm import KNOWN_PAIR, NAMED, OWN_HOST, PINNED, SAME_DOMAIN, changed, domain, judge, named
from dockpass.server import Server
def go(registry, realm):
    judge(realm, Origin("https", registry, 443), token_host=None)
go("r.example", "https://r.example/token")
go("registry-1.docker.io", "https://auth.docker.io/token")
assert "publicsuffixlist" not in sys.modules
go("r.example", "https://t.r.example/token")
assert "publicsuffixlist" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": ":".join(sys.path)})


_LABELS = st.sampled_from(
    ["a", "b", "r", "t", "example", "com", "co", "uk", "io", "azurecr", "github", "docker", "xn--p1ai"]
)
_NAMES = st.lists(_LABELS, min_size=1, max_size=4).map(".".join)
_HOSTS = st.one_of(
    _NAMES,
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda ip: f"[{ip}]"),
    st.sampled_from(["localhost", "metadata", "169.254.169.254", "127.0.0.1", "r.example", "t.r.example"]),
)
_REALMS = st.one_of(
    st.text(max_size=30),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["https://", "http://", "HTTPS://", "//", "", "https://u@", "https://r.example\\@"]),
        _HOSTS,
        st.sampled_from(["", ".", ":443", ":8443", ":0", "#", "\\"]),
        st.sampled_from(["", "/", "/t?a=b", "?a", "/\t"]),
    ),
)


@given(_NAMES, _REALMS)
def test_whatever_is_approved_belongs_to_the_registry(registry: str, realm: str) -> None:
    here = Origin("https", registry, 443)
    try:
        approved = judge(realm, here, token_host=None)
    except UntrustedTokenHost:
        return
    assert approved.target.startswith("/")
    assert approved.origin.scheme == "https"
    if realm.startswith("/"):
        assert approved.origin == here
        return
    other = urlsplit(realm)
    assert (other.hostname or "").removesuffix(".") == approved.origin.host
    if approved.origin.host == registry or known.is_pair(registry, approved.origin.host):
        return
    domain = PublicSuffixList().privatesuffix(registry)
    assert domain is not None
    assert approved.origin.host == domain or approved.origin.host.endswith("." + domain)
    assert registry == domain or registry.endswith("." + domain)
    assert "azurecr.io" not in registry


@given(
    st.one_of(st.text(max_size=30), _HOSTS, st.builds("{}{}".format, _HOSTS, st.sampled_from([":8443", ".", ":", "."])))
)
def test_a_host_that_is_taken_is_one_that_a_realm_can_name(text: str) -> None:
    try:
        host = named(text)
    except UsageError:
        return
    assert named(host) == host
    assert judge(f"https://{host}/t", Origin("https", "registry.invalid", 1), token_host=host).standing == NAMED
