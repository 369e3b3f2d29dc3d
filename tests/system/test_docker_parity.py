"""Scripts written for docker go on working: the same scenarios, played with docker and with dockpass.

The scenarios are data, and say where dockpass is meant to differ and why: see parity/scenarios.toml.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from parity.play import HERE, compared, docker28, play, scenarios
from parity.record import DOCKER
from parity.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

SCENARIOS = scenarios()
NAMES = [scenario["name"] for scenario in SCENARIOS]
with open(os.path.join(HERE, "docker.json"), encoding="utf-8") as _file:
    RECORD: dict[str, list[dict[str, Any]]] = json.load(_file)["answers"]

DOCKPASS = [sys.executable, "-m", "dockpass"]
ENVIRON = {"DOCKPASS_STORE": "file"}

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=NAMES)


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="w") as folder, world(folder) as stage:
        yield stage


def _differences(scenario: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Where dockpass is meant to differ, by the index of the command: fields that take the place of docker's."""
    found = {}
    for number, given in {**scenario.get("better", {}), **scenario.get("newer", {})}.items():
        if number != "why":
            fields = dict(given)
            if "config" in fields:
                fields["files"] = {".docker/config.json": [fields.pop("mode", "0600"), fields.pop("config")]}
            found[int(number) - 1] = fields
    return found


def _expected(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    expected = [compared(seen) for seen in deepcopy(RECORD[scenario["name"]])]
    for index, fields in _differences(scenario).items():
        expected[index] |= fields
    return expected


def test_there_are_scenarios_enough_and_each_is_recorded() -> None:
    assert len(NAMES) == len(set(NAMES)) >= 60
    assert list(RECORD) == NAMES
    assert [len(RECORD[one["name"]]) for one in SCENARIOS] == [len(one["run"]) for one in SCENARIOS]


@each_scenario
def test_a_difference_has_a_reason_and_is_one(scenario: dict[str, Any]) -> None:
    for kind in ("better", "newer"):
        assert kind not in scenario or len(scenario[kind]["why"]) > 20
    recorded = [compared(seen) for seen in RECORD[scenario["name"]]]
    for index, fields in _differences(scenario).items():
        assert recorded[index] != recorded[index] | fields


@each_scenario
def test_dockpass_does_as_docker_or_better(scenario: dict[str, Any], here: World) -> None:
    if scenario.get("ipv6") and not here.registry6:
        pytest.skip("there is no IPv6 on this machine")
    seen = play(scenario, DOCKPASS, here, ENVIRON)
    assert [compared(one) for one in seen] == _expected(scenario)
    for words in scenario.get("stderr", ()):
        for one, recorded in zip(seen, RECORD[scenario["name"]], strict=True):
            assert words in one["stderr"]
            assert words in recorded["stderr"] or "newer" in scenario
    for one in seen:
        assert "Traceback" not in one["stderr"]


@pytest.mark.skipif(docker28() is None, reason="no docker 28 on PATH: its answers are read from the record")
def test_the_record_is_what_docker_says(here: World) -> None:
    docker = docker28()
    assert docker is not None
    differing = []
    for scenario in SCENARIOS:
        if scenario.get("ipv6") and not here.registry6:
            continue
        seen = play(scenario, [docker], here, DOCKER)
        if [compared(one) for one in seen] != [compared(one) for one in RECORD[scenario["name"]]]:
            differing.append(scenario["name"])
    assert differing == []
