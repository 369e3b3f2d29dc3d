"""Hints for well-known registries, and only for those."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.registry import challenge, lookalike
from dockpass.registry.refusal import advice
from dockpass.registry.refusal.hosted import HOSTED
from dockpass.registry.refusal.self_hosted import SELF_HOSTED
from dockpass.registry.refusal.wanted import Wanted, like
from dockpass.server import Server

ALL = (*HOSTED, *SELF_HOSTED)

HOSTS = {
    "docker-hub": ["registry-1.docker.io", "dhi.io"],
    "ghcr": ["ghcr.io"],
    "gitlab": ["registry.gitlab.com"],
    "quay": ["quay.io"],
    "ecr": [
        "123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
        "123456789012.dkr-ecr.eu-west-1.on.aws",
    ],
    "ecr-public": ["public.ecr.aws"],
    "google": ["us-docker.pkg.dev", "europe-west1-docker.pkg.dev", "gcr.io", "eu.gcr.io"],
    "acr": ["alice.azurecr.io", "alice.azurecr.cn", "alice.azurecr.us"],
    "tcr": ["alice.tencentcloudcr.com", "ccr.ccs.tencentyun.com", "hkccr.ccs.tencentyun.com"],
    "digitalocean": ["registry.digitalocean.com"],
    "ocir": ["fra.ocir.io", "ocir.us-phoenix-1.oci.oraclecloud.com"],
    "ibm": ["icr.io", "us.icr.io", "private.us.icr.io", "cp.icr.io"],
    "scaleway": ["rg.fr-par.scw.cloud"],
    "nvidia": ["nvcr.io"],
    "red-hat": ["registry.redhat.io", "registry.connect.redhat.com"],
    "heroku": ["registry.heroku.com"],
    "alibaba": ["registry.cn-hangzhou.aliyuncs.com", "registry-vpc.cn-beijing.aliyuncs.com",
                "alice-registry.eu-central-1.cr.aliyuncs.com"],
    "huawei": ["swr.cn-north-4.myhuaweicloud.com"],
    "artifactory": ["alice.jfrog.io"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "host"), [(name, host) for name, hosts in HOSTS.items() for host in hosts])
def test_a_host_is_told_by_the_whole_of_its_name(name: str, host: str) -> None:
    found = advice.find(host)
    assert found is not None
    assert found.name == name
    for other in (
        f"{host}.attacker.example",  # case 141
        f"{host}.evil",  # case 141
        f"x.y.{host}",
        f"attacker{host[host.index('.') :]}.example",
        f"not{host.replace('.', '-')}",
        f"{host}.",
        f"{host}:443",
    ):
        assert advice.find(other) is None, other


@pytest.mark.parametrize("host", [host for hosts in HOSTS.values() for host in hosts])
def test_no_registry_is_taken_for_a_slip_in_the_name_of_another(host: str) -> None:
    assert lookalike.notes(Server.parse(host)) == []


def test_each_registry_with_hosts_is_tried() -> None:
    assert {one.name for one in ALL if one.hosts} == set(HOSTS)


@pytest.mark.parametrize(
    "host",
    ["x.public.ecr.aws", "dkr.ecr.us-east-1.amazonaws.com", "a.b.dkr.ecr.us-east-1.amazonaws.com",
     "a.dkr.ecr.b.c.amazonaws.com", "-docker.pkg.dev", ".azurecr.io", "azurecr.io", "r.example", "", "127.0.0.1",
     "gcr.io.", "evilgcr.io", "registry.aliyuncs.com"],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(host: str) -> None:
    assert advice.find(host) is None


CHALLENGES = [
    ("harbor", 'Bearer realm="https://h.example/service/token",service="harbor-registry"'),
    ("harbor", 'Basic realm="harbor"'),
    ("gitlab", 'Bearer realm="https://gitlab.example/jwt/auth",service="container_registry"'),
    ("gitea", 'Bearer realm="https://git.example/v2/token",service="container_registry",scope="*"'),
    ("nexus", 'BASIC realm="Sonatype Nexus Repository Manager"'),
    ("nexus", 'Bearer realm="https://n.example/v2/token",service="https://n.example/v2/token"'),
    ("nexus", 'Bearer realm="http://n:8081/repository/d/v2/token",service="http://n:8081/repository/d/v2/token"'),
    ("artifactory", 'Basic realm="Artifactory Realm"'),
    ("artifactory", 'Bearer realm="https://a.example/artifactory/api/docker/d/v2/token",service="a.example"'),
    ("openshift", 'Bearer realm="https://r.example/openshift/token"'),
    ("openshift", 'Basic realm=openshift,error="no"'),
    ("quay", 'Bearer realm="https://q.example/v2/auth",service="q.example"'),
    ("zot", 'Basic realm="Authorization Required"'),
    ("distribution", 'Basic realm="Registry Realm"'),
    ("docker-auth", 'Bearer realm="https://t.example:5001/auth",service="Docker registry"'),
]


@pytest.mark.parametrize(("name", "header"), CHALLENGES)
def test_a_registry_on_anybodys_host_is_told_by_how_it_asks(name: str, header: str) -> None:
    found = advice.find("r.example", challenge.parse([header]))
    assert found is not None
    assert found.name == name
    assert advice.refused("r.example", challenge.parse([header])) == found.hint


def test_each_registry_without_hosts_is_tried() -> None:
    assert {one.name for one in SELF_HOSTED} == {name for name, _header in CHALLENGES}


@pytest.mark.parametrize("header", ['Basic realm="x"', "Basic", "Bearer", 'Bearer realm="https://t.example/token"'])
def test_others_get_the_general_hint(header: str) -> None:
    assert "two-factor" in advice.refused("r.example", challenge.parse([header]))
    assert advice.garbled("r.example").endswith("such as a newline at the end")


def test_a_challenge_does_not_outweigh_the_host() -> None:
    harbor = challenge.parse(['Bearer realm="https://alice.tencentcloudcr.com/t",service="harbor-registry"'])
    assert "'tcr$NAME'" in advice.refused("alice.tencentcloudcr.com", harbor)


@pytest.mark.parametrize(
    ("host", "right", "wrong"),
    [
        ("public.ecr.aws", "AWS", "alice"),
        ("gcr.io", "_json_key", "alice@example.com"),
        ("gcr.io", "_dcgcr_2_0_0_token", "oauth"),
        ("fra.ocir.io", "space/alice", "alice"),
        ("nvcr.io", "$oauthtoken", "oauthtoken"),
        ("swr.cn-north-4.myhuaweicloud.com", "cn-north-4@AK", "AK"),
    ],
)
def test_a_user_name_that_cannot_be_right_is_told(host: str, right: str, wrong: str) -> None:
    assert advice.refused(host, (), wrong) == "not with that user name: " + advice.refused(host, (), right)
    assert advice.refused(host, (), right) == advice.refused(host)


def test_who_answers_400() -> None:
    known = [one.name for one in ALL if one.answers_400]
    assert known == ["quay", "ecr", "ecr-public", "quay"]
    assert advice.answers_400("quay.io")
    assert advice.answers_400("r.example", challenge.parse(['Bearer realm="https://r.example/v2/auth",service="r"']))
    assert not advice.answers_400("r.example")
    assert advice.garbled("quay.io").endswith(f"such as a newline at the end; {advice.refused('quay.io')}")


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_hint_is_one_short_line(one: Wanted) -> None:
    assert one.hint.isprintable()
    assert len(one.hint) <= 215
    assert not one.hint.endswith(".")
    assert one.hint[0] == one.hint[0].lower()
    assert one.source.startswith("https://")
    assert one.hosts or one.asks
    assert repr(one) == f"Wanted({one.name!r})"


@given(st.text("ab*", max_size=6), st.text("ab*", max_size=8))
def test_patterns_mean_what_regular_expressions_mean(pattern: str, text: str) -> None:
    import re

    meant = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text)
    assert like(pattern, text) is bool(meant)


@given(st.text(max_size=40), st.text(max_size=40))
def test_anything_may_be_asked_about(host: str, header: str) -> None:
    assert advice.refused(host, challenge.parse([header]))
