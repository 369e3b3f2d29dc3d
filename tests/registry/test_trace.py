"""What is told of requests and answers, and that no secret is."""

from __future__ import annotations

import pytest

from dockpass.http.address import Origin
from dockpass.registry.step import Step
from dockpass.registry.trace import Trace

ORIGIN = Origin("https", "r.test", 443)
BASIC = (("authorization", "Basic c2VjcmV0"),)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def trace(lines: list[str]) -> Trace:
    return Trace(lines.append)


def test_a_request_and_its_answer(trace: Trace, lines: list[str]) -> None:
    trace.asked(Step("GET", ORIGIN, "/token?account=alice&secret=1", BASIC))
    trace.answered(200, "192.0.2.1")
    assert lines == ["GET https://r.test/token with Basic credentials", "200 from 192.0.2.1"]


@pytest.mark.parametrize(
    ("step", "shows"),
    [
        (Step("GET", ORIGIN, "/v2/"), ""),
        (Step("GET", ORIGIN, "/v2/", (("Authorization", "Bearer xyz"),)), "Bearer credentials"),
        (Step("GET", ORIGIN, "/v2/", (("Accept", "a/b"), *BASIC)), "Basic credentials"),
        (Step("POST", ORIGIN, "/token", body=b"refresh_token=s3cret"), "an identity token"),
    ],
)
def test_which_credentials_a_request_carries(step: Step, shows: str, trace: Trace, lines: list[str]) -> None:
    assert step.shows == shows
    trace.asked(step)
    assert ("with" in lines[0]) == bool(shows)
    assert not {"xyz", "s3cret", "c2VjcmV0"} & set(lines[0].replace("=", " ").split())


def test_a_path_that_comes_up_after_a_secret_was_shown_may_hold_it(trace: Trace, lines: list[str]) -> None:
    trace.asked(Step("GET", ORIGIN, "/v2/"))
    trace.asked(Step("GET", ORIGIN, "/hop"))
    trace.asked(Step("GET", ORIGIN, "/v2/", BASIC))
    trace.asked(Step("GET", ORIGIN, "/s3cret"))
    trace.asked(Step("GET", ORIGIN, "/hop"))
    assert [line.removeprefix("GET https://r.test") for line in lines] == [
        "/v2/",
        "/hop",
        "/v2/ with Basic credentials",
        "/…",
        "/hop",
    ]
