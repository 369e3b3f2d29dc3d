"""The calls of a scene, and the same call again in another run."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING

from rough.scenes import staged
from rough.strace import Aim, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rough.scenes import Scene, Stage
    from rough.strace import Call, Trace

_TRIES = 8
_UNSTEADY = ("read", "lseek", "close")
"""What dockpass does to look how busy the machine is."""


class Undisturbed:
    """A scene in which nothing happens.

    Args:
        scene, address: What is played.
        folder: An empty folder, for this and for every other time that the scene is played.

    Attributes:
        seen: What it did.
        home: The home that it was played in.

    """

    def __init__(self, scene: Scene, address: str, folder: Path) -> None:
        self._scene, self._address, self._folder = scene, address, folder
        self._played = 0
        self._look()

    def _look(self) -> None:
        with self.staged() as stage:
            self.home = stage.box.home
            self.seen = trace(stage.box, stage.command, stdin=stage.stdin, without=stage.scene.without)
            assert (self.seen.done.code, self.seen.done.stdout) == (0, stage.success), self.seen.done.stderr
            assert stage.state() == stage.new
            assert stage.leftovers() == []
            assert stage.box.loose() == []

    @contextlib.contextmanager
    def staged(self) -> Iterator[Stage]:
        """The scene, set anew."""
        self._played += 1
        with staged(self._scene, self._address, self._folder / str(self._played)) as stage:
            yield stage

    @contextlib.contextmanager
    def struck(self, place: Place, strike: Callable[[Stage, Aim], Trace]) -> Iterator[tuple[Stage, Trace]]:
        """The scene after something has happened at a call.

        How often dockpass looks how busy the machine is depends on just that. So it can be that the call that is meant
        is not the one that was hit; then the calls are counted anew.

        Args:
            place: Which call.
            strike: Plays the scene with something happening at the call that it is given.

        """
        for _ in range(_TRIES):
            call = places(self.seen.calls, self.home.parent).get(place)
            if call is not None:
                with self.staged() as stage:
                    seen = strike(stage, self._aim(place, call, stage.box.folder))
                    if _was_hit(seen, place, stage.box.folder):
                        yield stage, seen
                        return
            self._look()
        raise AssertionError(f"in {_TRIES} runs this call was never hit: {place}")

    def _aim(self, place: Place, call: Call, folder: Path) -> Aim:
        likeness, nth = place
        if call.name in _UNSTEADY and not self._scene.without:
            path = call.paths[0].replace(str(self.home.parent), "~")
            if path == likeness[1]:  # a name with nothing random in it
                return Aim(call.name, nth, path.replace("~", str(folder)))
        return Aim(call.name, call.nth)


Place = tuple[tuple[str, ...], int]
"""Which call it is, whatever folder it is in: what it looks like, and the how manieth of its looks it is."""


def places(calls: list[Call], folder: Path) -> dict[Place, Call]:
    """The calls of a run in ``folder``, by their places."""
    counts = Counter[tuple[str, ...]]()
    found = {}
    for call in calls:
        likeness = call.likeness(folder)
        counts[likeness] += 1
        found[likeness, counts[likeness]] = call
    return found


def _was_hit(seen: Trace, place: Place, folder: Path) -> bool:
    hit = [call for call in seen.calls if "(INJECTED)" in call.result]
    if "killed by SIGKILL" in seen.end:
        hit = seen.calls[-1:]
    return places(seen.calls, folder).get(place) in hit
