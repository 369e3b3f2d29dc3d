from __future__ import annotations

import errno
import os

import pytest

from dockpass.errors import TimedOut, Unreachable
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
    error = unreachable("cannot connect to 127.0.0.1:5000", OSError(code, os.strerror(code)), 10)
    assert type(error) is Unreachable
    assert error.message == f"cannot connect to 127.0.0.1:5000: {words}"
    assert hint in (error.hint or "")


def test_a_timeout() -> None:
    error = unreachable("cannot connect to 127.0.0.1:5000", TimeoutError("timed out"), 10)
    assert isinstance(error, TimedOut)
    assert error.message == "cannot connect to 127.0.0.1:5000: no answer within 10 s"


def test_an_error_without_words() -> None:
    assert unreachable("x", OSError(), 10).message == "x: connection failed"
    assert unreachable("x", OSError("AF_UNIX path too long"), 10).message == "x: AF_UNIX path too long"
