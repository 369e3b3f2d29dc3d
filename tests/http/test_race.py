"""Several addresses, some of them dead: with real sockets on loopback. A full backlog is an address that says nothing."""

from __future__ import annotations

import contextlib
import errno
import itertools
import select
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.http import dial, race
from dockpass.http.address import Address
from dockpass.http.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Silent = Callable[[], socket.socket]


def address(port: int, ip: str = "127.0.0.1") -> Address:
    return Address(socket.AF_INET, (ip, port))


def of(listening: socket.socket) -> Address:
    return address(listening.getsockname()[1])


@pytest.fixture
def good() -> Iterator[Address]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield of(listening)


@pytest.fixture
def refusing() -> Address:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return of(listening)


@pytest.fixture
def silent() -> Iterator[Silent]:
    """Makes listeners that have no room for one more connection."""
    with contextlib.ExitStack() as stack:

        def make() -> socket.socket:
            full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            stack.enter_context(socket.socket()).connect(full.getsockname())
            return full

        yield make


@pytest.fixture
def nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that says nothing keeps its head start for good: only what goes on at once goes on."""
    monkeypatch.setattr(race, "HEAD_START", 3600)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every socket that is made."""
    sockets: list[Any] = []

    def unconnected(family: int) -> Any:
        sockets.append(dial.unconnected(family))
        return sockets[-1]

    monkeypatch.setattr(race, "unconnected", unconnected)
    return sockets


def when_waiting_for(count: int, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Call ``act`` once, when ``count`` connections are under way and are waited for."""
    ready = race._ready
    acted = False

    def then_act(sockets: list[Any], seconds: float) -> set[int]:
        nonlocal acted
        if len(sockets) == count and not acted:
            acted = True
            act()
        return ready(sockets, seconds)

    monkeypatch.setattr(race, "_ready", then_act)


@pytest.mark.usefixtures("nobody_is_waited_for")
def test_one_that_refuses_is_passed_over_at_once(good: Address, refusing: Address, made: list[Any]) -> None:
    unknown = Address(12345, ("127.0.0.1", 1))
    connected, winner = race.first([refusing, unknown, refusing, good, refusing], Deadline(60))
    assert winner is good
    assert connected.getpeername() == good.target
    assert [each.fileno() == -1 for each in made] == [True, True, False]  # and the last one was not tried
    connected.close()


def test_one_that_says_nothing_is_not_waited_for(good: Address, silent: Silent, made: list[Any]) -> None:
    connected, winner = race.first([of(silent()), of(silent()), good], Deadline(3600))
    assert winner is good
    assert [each.fileno() == -1 for each in made] == [True, True, False]
    connected.close()


def test_a_slow_one_goes_on_meanwhile(silent: Silent, made: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    slow = silent()

    def make_room() -> None:
        slow.accept()[0].close()

    when_waiting_for(2, make_room, monkeypatch)
    connected, winner = race.first([of(slow), of(silent())], Deadline(60))
    assert winner.target == slow.getsockname()
    assert [each.fileno() == -1 for each in made] == [False, True]
    connected.close()


@pytest.mark.usefixtures("nobody_is_waited_for")
def test_one_that_refuses_late_is_passed_over_then(
    good: Address, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = silent()
    when_waiting_for(1, late.close, monkeypatch)
    connected, winner = race.first([of(late), good], Deadline(60))
    assert winner is good
    connected.close()


def test_all_say_nothing(silent: Silent, made: list[Any]) -> None:
    with pytest.raises(TimeoutError) as caught:
        race.first([of(silent()), of(silent())], Deadline(0.6))
    assert caught.value.errno is None
    assert [each.fileno() for each in made] == [-1, -1]


def test_one_refuses_and_one_says_nothing(silent: Silent, refusing: Address) -> None:
    with pytest.raises(TimeoutError) as caught:
        race.first([refusing, of(silent())], Deadline(0.6))
    assert caught.value.strerror == "no answer within 0.6 s from 127.0.0.1; connection refused at 127.0.0.1"


def test_all_refuse(refusing: Address) -> None:
    with pytest.raises(ConnectionRefusedError) as caught:
        race.first([refusing, refusing], Deadline(60))
    assert caught.value.strerror == "Connection refused"


def test_they_say_different_things(refusing: Address) -> None:
    lost = race._Race()
    v6 = Address(socket.AF_INET6, ("2001:db8::1", 443, 0, 0))
    lost.failed = [(v6, errno.ENETUNREACH), (refusing, errno.ECONNREFUSED), (address(1, "127.0.0.2"), 111)]
    error = lost.lost()
    # What the registry itself said stands first, and decides what is advised.
    assert error.errno == errno.ECONNREFUSED
    assert error.strerror == "connection refused at 127.0.0.1, 127.0.0.2; network is unreachable at 2001:db8::1"


def test_no_time_left(good: Address) -> None:
    with pytest.raises(TimeoutError):
        race.first([good, good], Deadline(0))


def test_without_poll(good: Address, silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "poll")
    connected, winner = race.first([of(silent()), good], Deadline(60))
    assert winner is good
    connected.close()
    with pytest.raises(TimeoutError):
        race.first([of(silent()), of(silent())], Deadline(0.6))


def test_an_interrupt_leaves_no_socket(silent: Silent, made: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    when_waiting_for(2, interrupt, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        race.first([of(silent()), of(silent())], Deadline(60))
    assert [each.fileno() for each in made] == [-1, -1]


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_the_families_take_turns(families: list[bool]) -> None:
    addresses = [
        Address(socket.AF_INET6, ("2001:db8::1", at, 0, 0)) if is_v6 else address(at)
        for at, is_v6 in enumerate(families, 1)
    ]
    mixed = race.alternating(addresses)
    assert mixed[0] is addresses[0]
    assert sorted(map(id, mixed)) == sorted(map(id, addresses))
    for family in (socket.AF_INET, socket.AF_INET6):
        ports = [each.target[1] for each in mixed if each.family == family]
        assert ports == sorted(ports)
    begins = families.count(families[0])
    others = len(families) - begins
    changes = sum(one.family != other.family for one, other in itertools.pairwise(mixed))
    assert changes == (2 * begins - 1 if begins <= others else 2 * others)
