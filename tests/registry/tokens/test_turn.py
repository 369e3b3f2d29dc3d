"""One asks, the others wait."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from dockpass import errors
from dockpass.http.address import Origin
from dockpass.http.deadline import Deadline
from dockpass.http.message import Response
from dockpass.registry.step import Step
from dockpass.registry.tokens.cache import Cache
from dockpass.registry.tokens.turn import Turn, await_end, on_threads
from dockpass.registry.tokens.way import Place

if TYPE_CHECKING:
    from collections.abc import Generator

PLACE = Place(Origin("https", "r.example", 443))
STEP = Step("GET", PLACE.origin, "/v2/")


def test_a_turn_is_ones_own_until_it_is_finished() -> None:
    cache = Cache()
    turn, mine = cache.begin(PLACE)
    assert mine
    assert cache.begin(PLACE) == (turn, False)
    assert not turn.wait(0)
    cache.finish(turn)
    assert turn.wait(0)
    assert turn.wait(0)
    another, mine = cache.begin(PLACE)
    assert mine
    assert another is not turn


def test_everybody_who_waits_goes_on() -> None:
    turn = Turn(PLACE)
    over = []
    threads = [threading.Thread(target=lambda: over.append(turn.wait(60))) for _ in range(5)]
    for thread in threads:
        thread.start()
    turn.end()
    for thread in threads:
        thread.join(60)
    assert over == [True] * 5


def test_who_waited_has_the_same_error_and_a_copy_of_it() -> None:
    turn = Turn(PLACE)
    turn.error = errors.UntrustedTokenHost("no", "ask", host="t.example")
    turn.end()
    with pytest.raises(errors.UntrustedTokenHost) as caught:
        list(await_end(turn))
    assert caught.value is not turn.error
    assert (caught.value.message, caught.value.hint, caught.value.host) == ("no", "ask", "t.example")
    assert turn.error.__traceback__ is None
    turn.error = None
    assert list(await_end(turn)) == [turn]


def test_a_driver_on_a_thread_sees_requests_only() -> None:
    turn = Turn(PLACE)
    turn.end()

    def flow() -> Generator[Step | Turn, Response | None, int]:
        assert (yield turn) is None
        answer = yield STEP
        assert (yield turn) is None
        assert answer is not None
        return answer.status

    driven = on_threads(flow(), Deadline(60))
    assert next(driven) is STEP
    with pytest.raises(StopIteration) as done:
        driven.send(Response(204))
    assert done.value.value == 204


def test_a_flow_without_requests() -> None:
    def flow() -> Generator[Step | Turn, Response | None, int]:
        return 7
        yield STEP

    with pytest.raises(StopIteration) as done:
        next(on_threads(flow(), Deadline(60)))
    assert done.value.value == 7


def test_waiting_has_an_end_and_the_flow_is_closed() -> None:
    closed = []

    def flow() -> Generator[Step | Turn, Response | None, None]:
        try:
            yield Turn(PLACE)
        finally:
            closed.append(True)

    with pytest.raises(errors.TimedOut, match="another thread"):
        next(on_threads(flow(), Deadline(0)))
    assert closed
    driven = on_threads(flow(), Deadline(60))
    driven.close()
