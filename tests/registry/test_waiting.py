"""How long to wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.http.message import Response
from dockpass.registry import waiting


def asked(*values: str, date: str = "") -> int | None:
    headers = tuple(("retry-after", value) for value in values)
    return waiting.asked(Response(429, (*headers, ("date", date)) if date else headers))


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("1", 1), (" 3600 ", 3600), ("999999999", 999999999)])
def test_seconds(value: str, seconds: int) -> None:
    assert asked(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "-1",  # case 12
        "1e9",
        "garbage",
        "",
        "1.5",
        "²",
        "9999999999",
        "9" * 5000,
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 199 008:49:37 GMT",
        "Sun, 06 Nov 1994 08:4937: GMT",
    ],
)
def test_anything_else_counts_as_absent(value: str) -> None:
    assert asked(value) is None


def test_two_answers_are_none() -> None:
    assert asked("1", "2") is None
    assert asked() is None


def test_a_date_is_counted_from_the_servers_own_clock() -> None:  # case 11
    assert asked("Sun, 06 Nov 1994 08:49:39 GMT", date="Sun, 06 Nov 1994 08:49:37 GMT") == 2
    assert asked("Sun, 06 Nov 1994 08:49:37 GMT", date="Sun, 06 Nov 1994 08:49:39 GMT") == 0


def test_a_date_is_counted_from_now_where_the_server_has_no_clock() -> None:
    soon = format_datetime(datetime.fromtimestamp(int(time.time()) + 7200, UTC), usegmt=True)
    for date in ("", "yesterday"):
        seconds = asked(soon, date=date)
        assert seconds is not None
        assert 3600 < seconds <= 7200


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_dates_are_read_as_the_standard_library_writes_them(moment: datetime) -> None:
    assert waiting._seconds(format_datetime(moment, usegmt=True)) == int(moment.replace(microsecond=0).timestamp())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (90, "1 minute 30 seconds"),
        (3600, "1 hour"),  # case 10
        (3601, "1 hour"),
        (5400, "1 hour 30 minutes"),
        (86400, "1 day"),
        (180000, "2 days 2 hours"),
    ],
)
def test_is_spelled(seconds: int, text: str) -> None:
    assert waiting.spelled(seconds) == text
