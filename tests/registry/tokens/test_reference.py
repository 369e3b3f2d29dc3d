"""Names of images and repositories, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.errors import BadServer, DockpassError, UsageError
from dockpass.registry.tokens import reference
from dockpass.server import DOCKER_HUB

SHA256 = "@sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "server", "repository"),
    [
        ("reg.example.com/team/app", "reg.example.com", "team/app"),
        ("reg.example.com:5000/app", "reg.example.com:5000", "app"),
        ("localhost/app", "localhost", "app"),
        ("registry:5000/app", "registry:5000", "app"),
        ("[::1]:5000/app", "[::1]:5000", "app"),
        ("Registry/app", "Registry", "app"),
        ("reg.example.com/team/app:1.0", "reg.example.com", "team/app"),
        (f"reg.example.com/team/app{SHA256}", "reg.example.com", "team/app"),
        (f"reg.example.com/team/app:1.0{SHA256}", "reg.example.com", "team/app"),
        ("https://reg.example.com/team/app", "reg.example.com", "team/app"),
        ("https://reg.example.com/v2", "reg.example.com", None),
        ("https://reg.example.com/", "reg.example.com", None),
        ("reg.example.com", "reg.example.com", None),
        ("reg.example.com:5000", "reg.example.com:5000", None),
        ("reg.example.com/v2/", "reg.example.com", None),
        ("reg.example.com/v2", "reg.example.com", "v2"),
        ("localhost", "localhost", None),
        ("", DOCKER_HUB, None),
        ("docker.io", DOCKER_HUB, None),
        ("https://index.docker.io/v1/", DOCKER_HUB, None),
        ("alpine", DOCKER_HUB, "library/alpine"),
        ("alpine:3.20", DOCKER_HUB, "library/alpine"),
        ("docker.io/alpine", DOCKER_HUB, "library/alpine"),
        ("grafana/grafana", DOCKER_HUB, "grafana/grafana"),
        ("index.docker.io/grafana/grafana", DOCKER_HUB, "grafana/grafana"),
    ],
)
def test_registry_and_repository(text: str, server: str, repository: str | None) -> None:
    found = reference.parse(text)
    assert (found[0].key, found[1]) == (server, repository)


def test_consent_to_plain_http_goes_along() -> None:
    assert reference.parse("reg.example.com/app", plain_http=True)[0].plain_http
    assert reference.parse("app", plain_http=True)[0].plain_http
    assert not reference.parse("http://reg.example.com/app")[0].plain_http


@pytest.mark.parametrize(
    "text",
    [
        "reg.example.com/../x",
        "reg.example.com//x",
        "reg.example.com/Team",
        "reg.example.com/app:",
        "reg.example.com/app@sha256:0",
        "reg.example.com/app@",
        "reg.example.com/a?b",
        "reg.example.com/a%2fb",
        "reg.example.com/v3/",
        "/team/app",
        "-",
    ],
)
def test_what_is_no_repository_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        reference.parse(text)


@pytest.mark.parametrize(
    "text", ["u:p@reg.example.com/app", "https://u:p@reg.example.com/app", "a.b:x/app", "https:///x"]
)
def test_what_is_no_registry_is_refused(text: str) -> None:
    with pytest.raises(BadServer) as caught:
        reference.parse(text)
    assert "u:p" not in caught.value.message


@given(st.text("ab.:/@-", max_size=16) | st.text(max_size=16))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    try:
        _server, repository = reference.parse(text)
    except DockpassError:
        return
    assert repository is None or ".." not in repository


def test_what_is_no_text_is_named() -> None:
    with pytest.raises(TypeError, match=r"^a repository is a str, and not int$"):
        reference.parse(5)  # type: ignore[arg-type]
