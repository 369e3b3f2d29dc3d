"""``--timeout`` and ``--connect-timeout``."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.cli.network import network
from dockpass.cli.options import Parsed
from dockpass.errors import UsageError
from dockpass.testing.answers import silence
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

    Home = Any

OPTIONS = ("timeout", "connect-timeout")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port whose connections are never answered, for there is no room for them."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as filler:
        filler.connect(full.getsockname())
        yield full.getsockname()[1]


def log_in(home: Home, *words: str) -> Any:
    return home.run("login", "-u", "foo", "-p", "bar", *words)


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize(
    "value",
    [
        *("", "0", "0.0", "-1", "+1", "3600.1", "3601", "1" * 400, "30s", "1e3", "inf", "nan", "1_0", "1,5"),
        *(" 1", "1 ", ".", "1.2.3", "0x10", "\u0661"),
    ],
)
def test_what_is_no_number_of_seconds(option: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"^--{option} (is empty|wants a number of seconds)"):
        network(Parsed({option: value}, []), [option])


@given(st.decimals("0.001", 3600, places=3))
def test_numbers_of_seconds(seconds: Any) -> None:
    found = network(Parsed({"timeout": format(seconds, "f")}, []), ["timeout"])
    assert found is not None
    assert (found.timeout, found.connect_timeout) == (float(seconds), 10)
    found = network(Parsed({"connect-timeout": format(seconds, "f")}, []), ["connect-timeout"])
    assert found is not None
    assert (found.timeout, found.connect_timeout) == (30, float(seconds))


@given(st.text(st.sampled_from("0123456789.eE+-_ xinfas"), max_size=8))
def test_any_text_is_seconds_or_an_error(text: str) -> None:
    try:
        found = network(Parsed({"timeout": text}, []), ["timeout"])
    except UsageError:
        return
    assert found is not None
    assert 0 < found.timeout <= 3600


@pytest.mark.parametrize("option", OPTIONS)
def test_nothing_is_asked_where_one_is_wrong(option: str, home: Home) -> None:
    with ScriptedRegistry({"foo": "bar"}) as registry:
        done = log_in(home, f"--{option}", "30s", registry.address)
        assert (done.code, done.out) == (1, "")
        assert f"Error: --{option} wants a number of seconds, more than 0 and at most 3600\n" in done.err
        assert registry.requests == []


def test_a_login_with_both(home: Home) -> None:
    with ScriptedRegistry({"foo": "bar"}) as registry:
        done = log_in(home, "--timeout=60", "--connect-timeout", "2.5", registry.address)
        assert (done.code, done.out) == (0, "Login Succeeded\n")


@pytest.mark.parametrize("option", OPTIONS)
def test_a_connection_that_is_not_answered(option: str, home: Home, silent_port: int) -> None:
    done = log_in(home, f"--{option}", "0.4", f"127.0.0.1:{silent_port}")
    assert (done.code, done.out) == (1, "")
    # The limit that was met, and the option that moves it.
    assert f"Error: cannot connect to 127.0.0.1:{silent_port}: no answer within 0.4 s\n" in done.err
    assert f"--{option} SECONDS allows more" in done.err


def test_an_answer_that_does_not_come(home: Home) -> None:
    with ScriptedRegistry({"foo": "bar"}) as registry:
        registry.answer("/v2/", silence())
        done = log_in(home, "--timeout", "0.5", "--connect-timeout", "9", registry.address)
    assert (done.code, done.out) == (1, "")
    assert "within 0.5 s" in done.err
    assert "--timeout SECONDS allows more" in done.err
