"""Which token servers are pinned."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.account import facts, pins
from dockpass.errors import FileUnreadable
from dockpass.server import Server
from dockpass.vault.home import Home
from dockpass.vault.layout import state

if TYPE_CHECKING:
    Place = Any

R = Server.parse("r.example")


def put(values: object, server: str = "r.example") -> str:
    path = state(Home().path, server)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(values, file)
    return path


def test_a_pin_is_set_changed_and_forgotten(place: Place) -> None:
    assert pins.pinned(R) is None
    assert pins.pin(R, "a.example") is None
    assert pins.pinned(R) == "a.example"
    assert pins.pin(R, "b.example:8443") == "a.example"
    assert pins.pinned(Server.parse("https://R.Example/v2/")) == "b.example:8443"
    assert pins.pins().hosts == {"r.example": "b.example:8443"}
    assert pins.forget(R) == "b.example:8443"
    assert pins.forget(R) is None
    assert pins.pins().hosts == {}


def test_other_facts_are_no_pins(place: Place) -> None:
    facts.change(Home(), R, "expires_at", "2027-01-01T00:00:00Z")
    assert pins.pinned(R) is None
    assert pins.pins().hosts == {}
    pins.pin(R, "a.example")
    pins.forget(R)
    with open(state(Home().path, "r.example"), "rb") as file:
        assert json.load(file) == {"server": "r.example", "expires_at": "2027-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("host", "says"),
    [
        (1, "token_host is not a text"),
        (None, "token_host is not a text"),
        (["a.example"], "token_host is not a text"),
        ("", "token_host is not a host: "),
        ("*", "token_host is not a host: *"),
        ("https://a.example", "token_host is not a host: https://a.example"),
        ("A.example", "token_host is not a host: A.example"),
        ("a.example\x1b]0;x\x07", "token_host is not a host: a.example\\x1b]0;x\\x07"),
        ("169.254.169.254", "token_host is not a host: 169.254.169.254"),
    ],
)
def test_what_is_no_host_is_an_error(place: Place, host: object, says: str) -> None:
    path = put({"server": "r.example", "token_host": host})
    pins.pin(Server.parse("other.example"), "a.example")
    with pytest.raises(FileUnreadable) as caught:
        pins.pinned(R)
    assert caught.value.message == f"cannot use {path}: {says}"
    assert path in str(caught.value.hint)
    found = pins.pins()
    assert found.hosts == {"other.example": "a.example"}
    assert [error.message for error in found.errors] == [caught.value.message]


def test_where_there_is_no_place_for_pins_nothing_is_pinned(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from dockpass.vault import home

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(home, "_home_of_user", lambda: "")
    assert pins.pinned(R) is None
    with pytest.raises(FileUnreadable, match="HOME is not set"):
        pins.pin(R, "a.example")
