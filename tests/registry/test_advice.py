"""Hints for well-known registries, and only for those."""

from __future__ import annotations

import pytest

from dockpass.registry import advice


@pytest.mark.parametrize(
    ("host", "is_ecr"),
    [
        ("public.ecr.aws", True),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com", True),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", True),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", True),
        ("1234.dkr.ecr.us-east-1.amazonaws.com.evil", False),  # case 141
        ("x.public.ecr.aws", False),
        ("dkr.ecr.us-east-1.amazonaws.com", False),
        ("a.b.dkr.ecr.us-east-1.amazonaws.com", False),
        ("r.example", False),
    ],
)
def test_amazons_registries_are_told_apart(host: str, *, is_ecr: bool) -> None:
    assert advice.is_ecr(host) is is_ecr
    assert ("get-login-password" in advice.refused(host)) is is_ecr
    assert ("get-login-password" in advice.garbled(host)) is is_ecr


def test_others() -> None:
    assert "access token" in advice.refused("registry-1.docker.io")
    assert "read:packages" in advice.refused("ghcr.io")
    assert "two-factor" in advice.refused("ghcr.io.evil.example")
    assert "robot" in advice.garbled("quay.io")
    assert "newline" in advice.garbled("r.example")
    assert [advice.answers_400(host) for host in ("quay.io", "public.ecr.aws", "r.example")] == [True, True, False]
