"""Killed at every call that changes a file: nothing is lost, nothing lies open, and the next login works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockpass.testing.registry import ScriptedRegistry
from rough import judge
from rough.kept import USERS
from rough.points import Undisturbed, places
from rough.scenes import SCENES, Scene
from rough.strace import is_below, killed_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rough.points import Place
    from rough.scenes import Stage
    from rough.strace import Aim, Trace

PARTS = 3

each_scene = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ScriptedRegistry(USERS) as registry:
        yield registry.address


def _points(undisturbed: Undisturbed) -> tuple[list[Place], int]:
    """The calls to be killed at: each that changes a file, and the first after it by which that can be told.

    Returns:
        These, and how many change a file.

    """
    home = undisturbed.home
    points: list[Place] = []
    changes = 0
    after_change = False
    for place, call in places(undisturbed.seen.calls, home.parent).items():
        ours = any(is_below(path, home) for path in call.paths) and not call.failed
        if ours and call.changes:
            points.append(place)
            changes += 1
            after_change = True
        elif after_change and (ours or call.name in ("write", "exit_group")):
            points.append(place)
            after_change = False
    return points, changes


def _kill(stage: Stage, aim: Aim) -> Trace:
    return killed_at(stage.box, stage.command, aim, stdin=stage.stdin, without=stage.scene.without)


@each_scene
def test_what_is_written_is_on_the_disk_before_success_is_said(scene: Scene, address: str, tmp_path: Path) -> None:
    undisturbed = Undisturbed(scene, address, tmp_path)
    assert judge.brought_to_disk(undisturbed.seen, undisturbed.home) >= 1
    assert judge.closed_to_others(undisturbed.seen, undisturbed.home) >= 1
    judge.writes_nowhere_else(undisturbed.seen, undisturbed.home)


@pytest.mark.parametrize("part", range(PARTS))
@each_scene
def test_kill(
    scene: Scene,
    part: int,
    address: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    undisturbed = Undisturbed(scene, address, tmp_path)
    points, changes = _points(undisturbed)
    assert changes >= scene.least
    assert len(points) > changes
    record_property("points", len(points))
    old = 0
    for point in points[part::PARTS]:
        with undisturbed.struck(point, _kill) as (stage, seen):
            judge.tells_nothing(seen.done)
            is_new = judge.old_or_new(stage)
            assert is_new or "Login Succeeded" not in seen.done.stdout
            old += not is_new
            if scene.command == "logout":
                judge.gone(stage)
            judge.goes_on(stage)
    assert old


def test_how_many_points() -> None:
    assert sum(scene.least for scene in SCENES.values()) >= 180
