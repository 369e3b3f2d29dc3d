"""Credentials on the wire."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Credential
from dockpass.errors import BadCredential
from dockpass.http.address import Origin
from dockpass.registry import ask
from dockpass.registry.realm import Approved

T = Origin("https", "t.r.example", 443)
ALICE = Credential("alice", "hunter2")


def server(target: str = "/token") -> Approved:
    return Approved(T, target, "like-registry", "same-domain")


def test_the_request_for_a_token() -> None:  # case 72
    step = ask.by_get(server(), "s", ALICE)
    assert step.method == "GET"
    assert step.origin == T
    assert step.target == "/token?service=s&account=alice&client_id=dockpass&offline_token=true"
    assert step.headers == (("Authorization", "Basic " + base64.b64encode(b"alice:hunter2").decode()),)
    assert (step.body, step.reach, step.wants_token) == (b"", "like-registry", True)


@pytest.mark.parametrize("service", [None, ""])
def test_a_service_that_was_not_named_is_left_out(service: str | None) -> None:  # case 44
    target = ask.by_get(server(), service, ALICE).target
    assert target == "/token?account=alice&client_id=dockpass&offline_token=true"


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        ("/x?scope=a", "/x?scope=a&service="),  # case 64
        ("/x?", "/x?service="),
        ("/x?a=b&", "/x?a=b&service="),
        ("/?a", "/?a&service="),
    ],
)
def test_a_query_that_is_there_is_kept(target: str, begins: str) -> None:
    assert ask.by_get(server(target), "s", ALICE).target.startswith(begins)


def test_a_service_is_encoded_once() -> None:  # case 74
    target = ask.by_get(server(), "a&b=c#d +", ALICE).target
    assert parse_qs(urlsplit(target).query)["service"] == ["a&b=c#d +"]


def test_a_service_goes_back_as_the_bytes_it_came_as() -> None:
    assert "service=%C3%BC&" in ask.by_get(server(), "ü".encode().decode("latin-1"), ALICE).target
    assert "service=%E2%82%AC&" in ask.by_get(server(), "€", ALICE).target
    assert "service=%3F&" in ask.by_get(server(), "\ud800", ALICE).target


def test_names_and_passwords_are_utf_8() -> None:  # case 50
    assert ask.basic(Credential("ü", "pä"))[1] == "Basic " + base64.b64encode("ü:pä".encode()).decode()


def test_a_password_that_is_no_text_goes_as_its_bytes() -> None:
    secret = b"\xff\x00x".decode("utf-8", "surrogateescape")
    assert base64.b64decode(ask.basic(Credential("u", secret))[1][6:]) == b"u:\xff\x00x"


def test_half_a_character_cannot_be_sent() -> None:
    with pytest.raises(BadCredential, match="half a character"):
        ask.basic(Credential("u", "\ud800"))


def test_the_request_with_an_identity_token() -> None:  # case 77
    step = ask.by_post(server("/token?x=1"), "s p", Credential("alice", "r+t", is_identity_token=True))
    assert (step.method, step.target) == ("POST", "/token?x=1")
    assert step.headers == (("Content-Type", "application/x-www-form-urlencoded"),)
    assert parse_qsl(step.body.decode(), keep_blank_values=True) == [
        ("grant_type", "refresh_token"),
        ("service", "s p"),
        ("client_id", "dockpass"),
        ("refresh_token", "r+t"),
    ]


@given(
    st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0xFF)),
    st.text(alphabet=st.characters(codec="utf-8")),
)
def test_the_target_can_always_be_sent(service: str, user: str) -> None:
    target = ask.by_get(server(), service, Credential(user, "x")).target
    assert target.isascii()
    assert target.isprintable()
    assert " " not in target
    query = parse_qs(urlsplit(target).query, encoding="latin-1")
    assert query.get("service", [""]) == [service]
