"""The tables of names."""

from __future__ import annotations

import pytest

from dockpass.registry import known


@pytest.mark.parametrize(
    ("host", "shared"),
    [
        ("azurecr.io", True),
        ("alice.azurecr.io", True),
        ("alice.eastus.data.azurecr.io", True),
        ("alice.azurecr.io.attacker.example", False),  # case 141
        ("notazurecr.io", False),
        ("1234.dkr.ecr.us-east-1.amazonaws.com", True),
        ("1234.dkr.ecr.us-east-1.amazonaws.com.evil", False),  # case 141
        ("registry.example.com", False),
        ("docker.io", False),
    ],
)
def test_shared_domains(host: str, *, shared: bool) -> None:
    assert known.is_shared(host) is shared


def test_no_pair_rests_on_a_shared_domain_or_on_itself() -> None:
    for registry, hosts in known._PAIRS.items():
        for host in hosts:
            assert host != registry
            assert not known.is_shared(host)


@pytest.mark.parametrize("host", ["metadata.google.internal", "metadata", "instance-data"])
def test_metadata_names(host: str) -> None:
    assert known.is_metadata(host)
    assert not known.is_metadata(host + ".example")


@pytest.mark.parametrize(
    ("registry", "hosts"),
    [
        ("registry-1.docker.io", ("auth.docker.io",)),
        ("rg.fr-par.scw.cloud", ("api.scaleway.com",)),
        ("registry.cn-hangzhou.aliyuncs.com", ("dockerauth.REGION.aliyuncs.com",)),
        ("r.example", ()),
    ],
)
def test_the_hosts_that_stand_in_the_table(registry: str, hosts: tuple[str, ...]) -> None:
    assert known.hosts(registry) == hosts
    assert all(known.is_pair(registry, host.replace("REGION", "cn-hangzhou")) for host in hosts)
