"""Who names a Docker engine, in docker's order."""

from __future__ import annotations

import pytest

from dockpass.engine.named import named
from dockpass.errors import UsageError


def test_nobody_names_one() -> None:
    assert named({}) is None
    assert named({"DOCKER_HOST": "", "DOCKER_CONTEXT": ""}) is None


@pytest.mark.parametrize(
    ("environ", "options", "who"),
    [
        ({}, {"host": "tcp://build:2376"}, "--host"),
        ({}, {"context": "build"}, 'the context "build" (--context)'),
        ({"DOCKER_HOST": "tcp://x", "DOCKER_CONTEXT": "y"}, {}, "DOCKER_HOST"),
        ({"DOCKER_CONTEXT": "y"}, {"current_context": "z"}, 'the context "y" (DOCKER_CONTEXT)'),
        ({}, {"current_context": "z"}, 'the context "z" (config.json)'),
        ({"DOCKER_HOST": "tcp://x"}, {"context": "build"}, 'the context "build" (--context)'),
        ({"DOCKER_HOST": "tcp://x"}, {"context": "default"}, None),
        ({"DOCKER_CONTEXT": "default"}, {"current_context": "z"}, None),
        ({}, {"current_context": "default"}, None),
    ],
)
def test_the_first_that_names_one_counts(environ: dict[str, str], options: dict[str, str], who: str | None) -> None:
    assert named(environ, **options) == who


def test_an_address_with_a_password_is_not_repeated() -> None:
    assert "hunter2" not in str(named({"DOCKER_HOST": "tcp://me:hunter2@build"}))


def test_host_and_context_contradict_each_other() -> None:
    with pytest.raises(UsageError, match="cannot specify both --host and --context"):
        named({}, host="tcp://x", context="y")
