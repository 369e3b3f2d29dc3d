"""Names that are taken for others."""

from __future__ import annotations

import pytest

from dockpass.registry.lookalike import notes
from dockpass.server import Server


@pytest.mark.parametrize(
    "host",
    [
        "ghcr.io",
        "gcr.io",
        "icr.io",
        "docker.io",
        "registry-1.docker.io",
        "quay.io",
        "r.example",
        "127.0.0.1:5000",
        "io",
    ],
)
def test_most_names_are_themselves(host: str) -> None:
    assert notes(Server.parse(host)) == []


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("ghrc.io", "ghcr.io"),
        ("ghcr.oi", "ghcr.io"),
        ("gchr.io", "gcr.io or ghcr.io"),
        ("ghccr.io", "ghcr.io"),
        ("quay.i", "quay.io"),
        ("quy.io", "quay.io"),
        ("qvay.io", "quay.io"),
        ("registry.gitlab.con", "registry.gitlab.com"),
        ("docker.io.", "docker.io"),
        ("dockr.io", "docker.io"),
    ],
)
def test_a_slip_is_said(host: str, known: str) -> None:
    server = Server.parse(host)
    expected = [] if server.is_docker_hub else [f"{server.host} is not {known}: is that the name you mean?"]
    assert notes(server) == expected


@pytest.mark.parametrize("host", ["rchg.io", "ghcr.io.example", "xghcr.iox", "hgrc.io", "ghcrio.com"])
def test_two_slips_are_another_name(host: str) -> None:
    assert notes(Server.parse(host)) == []


def test_an_international_name_is_shown_in_both_forms() -> None:  # case 140
    assert notes(Server.parse("müller.example")) == ["xn--mller-kva.example is the name müller.example"]
    assert notes(Server.parse("xn--mller-kva.example:5000")) == ["xn--mller-kva.example is the name müller.example"]


def test_alphabets_that_look_alike_are_said() -> None:  # case 140
    (note,) = notes(Server.parse("ghсr.io"))
    assert note == (
        "xn--ghr-5ed.io is the name ghсr.io, with letters of several alphabets that look alike: "
        "is that the name you mean?"
    )
    (note,) = notes(Server.parse("пример.example"))
    assert "alphabets" not in note


def test_an_international_name_that_is_none() -> None:
    assert notes(Server.parse("xn--a.example")) == ["xn--a.example is not a valid international name"]
