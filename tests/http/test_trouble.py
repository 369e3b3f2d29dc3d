from __future__ import annotations

import errno
import os

import pytest

from dockpass.errors import TimedOut, Unreachable
from dockpass.http.deadline import Deadline
from dockpass.http.trouble import unreachable


@pytest.mark.parametrize(
    ("code", "words", "hint"),
    [
        (errno.ECONNREFUSED, "connection refused", "is the registry running"),
        (errno.EHOSTUNREACH, "no route to host", "HTTPS_PROXY"),
        (errno.EACCES, "permission denied", "may not open the socket"),
        (errno.EINVAL, "invalid argument", ""),
    ],
)
def test_words(code: int, words: str, hint: str) -> None:
    error = unreachable("cannot connect to 127.0.0.1:5000", OSError(code, os.strerror(code)), Deadline(10))
    assert type(error) is Unreachable
    assert error.message == f"cannot connect to 127.0.0.1:5000: {words}"
    assert hint in (error.hint or "")


def test_a_timeout() -> None:
    error = unreachable("cannot connect to 127.0.0.1:5000", TimeoutError("timed out"), Deadline(10))
    assert isinstance(error, TimedOut)
    assert error.message == "cannot connect to 127.0.0.1:5000: no answer within 10 s"
    assert "allows more" not in str(error.hint)


def test_which_option_allows_more() -> None:
    limit = Deadline(30, "--timeout").within(10, "--connect-timeout")
    error = unreachable("cannot connect to 127.0.0.1:5000", TimeoutError("timed out"), limit)
    assert error.message == "cannot connect to 127.0.0.1:5000: no answer within 10 s"
    assert str(error.hint).endswith("; --connect-timeout SECONDS allows more")


@pytest.mark.parametrize(
    "words", ["Connection timed out", "no answer within 10 s from 192.0.2.1; connection refused at 192.0.2.2"]
)
def test_a_timeout_with_words_of_its_own(words: str) -> None:
    error = unreachable("cannot connect to 127.0.0.1:5000", OSError(errno.ETIMEDOUT, words), Deadline(600))
    assert isinstance(error, TimedOut)
    assert error.message.lower() == f"cannot connect to 127.0.0.1:5000: {words}".lower()


def test_an_error_without_words() -> None:
    assert unreachable("x", OSError(), Deadline(10)).message == "x: connection failed"
    assert unreachable("x", OSError("AF_UNIX path too long"), Deadline(10)).message == "x: AF_UNIX path too long"
