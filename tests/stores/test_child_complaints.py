"""The standard error of a program that is run, where it is wanted."""

from __future__ import annotations

import os

from dockpass.stores.child import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest

ENVIRON = {"PATH": os.environ["PATH"]}


def sh(script: str, complaints: bytearray | None, time_limit: float = 60) -> bytes:
    return run(
        ["/bin/sh", "-c", script], b"", ENVIRON, capacity=1000, complaints=complaints, time_limit=time_limit
    ).output


def test_it_is_kept_apart_from_the_answer() -> None:
    complaints = bytearray()
    assert sh("echo answer; echo complaint >&2", complaints) == b"answer\n"
    assert complaints == b"complaint\n"


def test_it_is_ours_where_nobody_wants_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert sh("echo complaint >&2", None) == b""
    assert capfd.readouterr().err == "complaint\n"


def test_only_its_beginning_is_kept_and_a_long_one_stops_nothing() -> None:
    complaints = bytearray()
    assert sh("head -c 300000 /dev/zero >&2; echo end >&2; echo answer", complaints) == b"answer\n"
    assert complaints == bytes(65536)


def test_it_may_be_closed_early() -> None:
    complaints = bytearray()
    assert sh("echo complaint >&2; exec 2>&-; echo answer", complaints) == b"answer\n"
    assert complaints == b"complaint\n"


def test_who_holds_on_to_it_is_not_waited_for() -> None:
    complaints = bytearray()
    assert sh("sleep 60 & echo $!; echo complaint >&2", complaints, time_limit=30)
    assert complaints == b"complaint\n"
