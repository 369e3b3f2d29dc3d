from __future__ import annotations

import pytest

from dockpass.errors import TimedOut
from dockpass.http.deadline import Deadline


def test_what_is_left_is_more_than_nothing_and_no_more_than_given() -> None:
    assert 0 < Deadline(60).remaining() <= 60


@pytest.mark.parametrize("seconds", [0, -1])
def test_over(seconds: float) -> None:
    deadline = Deadline(seconds)
    assert deadline.left() <= 0
    with pytest.raises(TimedOut, match=f"within {seconds} s"):
        deadline.remaining()


def test_a_step_ends_before_the_whole() -> None:
    step = Deadline(60, "--whole").within(10, "--step")
    assert (step.seconds, step.option, step.left() <= 10) == (10, "--step", True)


def test_and_never_after_it() -> None:
    step = Deadline(5, "--whole").within(10, "--step")
    assert (step.seconds, step.option, step.left() <= 5) == (5, "--whole", True)


def test_what_allows_more() -> None:
    assert Deadline(0).longer == ""
    with pytest.raises(TimedOut) as caught:
        Deadline(0, "--whole").remaining()
    assert str(caught.value.hint).endswith("; --whole SECONDS allows more")
