"""The system refuses, at every call: a clear error or a success that is one, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockpass.testing.registry import ScriptedRegistry
from real.need import need
from rough import judge
from rough.box import Box
from rough.kept import USERS, PlainFile
from rough.mounts import mounts
from rough.points import Undisturbed, places
from rough.scenes import SCENES, Scene, Stage, staged
from rough.short import need_short_writes, write_short
from rough.strace import failing_always, failing_at, is_below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from real.home import Done
    from rough.points import Place
    from rough.strace import Aim, Call, Trace

COMMON = ("ENOSPC", "EIO", "EACCES")
RARE = ("EPERM", "EXDEV", "EBUSY", "EROFS", "EDQUOT", "EINTR")
EVERY_ERROR = ("first login", "login again", "login with a mounted file")
"""The scenes that meet every error; the others differ from them in a few calls only."""

ALIKE = 3
"""How many calls that change nothing are tried of those that look alike."""

FAULTS = [(name, error) for name in SCENES for error in COMMON if not SCENES[name].without]
FAULTS += [(name, error) for name in EVERY_ERROR for error in RARE]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ScriptedRegistry(USERS) as registry:
        yield registry.address


def _fails_well(stage: Stage, done: Done) -> None:
    """One error that names something in the folder, and no word of success."""
    judge.one_error(done, places=stage.store.places(stage.box))


def _ends_well(stage: Stage, done: Done, *, complete: bool = False) -> bool:
    """A success that is one, or an error that is one. Returns which.

    Args:
        stage: Where it ended.
        done: What it left behind.
        complete: Whether everything may have been done before something failed: then an error is still an error, for
            it could not be looked at again.

    """
    judge.tells_nothing(done)
    is_new = judge.old_or_new(stage)
    if done.code == 0:
        assert done.stdout == stage.success
        assert is_new, done
    else:
        _fails_well(stage, done)
        assert complete or stage.store.steps > 1 or not is_new, done
    return done.code == 0


@pytest.mark.parametrize(("name", "error"), FAULTS)
def test_a_call_fails(
    name: str,
    error: str,
    address: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    scene = SCENES[name]
    undisturbed = Undisturbed(scene, address, tmp_path)
    points = _points(undisturbed, also_others=error == "EIO" and name in EVERY_ERROR)
    assert sum(call.changes for call in points.values()) >= scene.least
    record_property("points", len(points))

    def fail(stage: Stage, aim: Aim) -> Trace:
        return failing_at(stage.box, stage.command, aim, error, stdin=stage.stdin)

    succeeded = failed = 0
    for place, point in points.items():
        with undisturbed.struck(place, fail) as (stage, seen):
            if point.name == "fsync" and error in ("EIO", "ENOSPC", "EDQUOT") and seen.done.code == 0:
                # What was said not to be on the disk was brought there in another way.
                judge.brought_to_disk(seen, stage.box.home)
            if _ends_well(stage, seen.done, complete=not point.changes):
                succeeded += 1
            else:
                failed += 1
            if stage.leftovers():
                judge.goes_on(stage)
    # Some calls are a convenience, and some must work: a test that sees one kind only sees nothing.
    assert succeeded
    assert failed


def _points(undisturbed: Undisturbed, *, also_others: bool) -> dict[Place, Call]:
    """The calls about anything in the home: all that change something; of the others, if wanted, a few of each kind."""
    home = undisturbed.home
    return {
        place: call
        for place, call in places(undisturbed.seen.calls, home.parent).items()
        # A call that fails by itself need not be made to.
        if any(is_below(path, home) for path in call.paths)
        and not call.failed
        and (call.changes or (also_others and place[1] <= ALIKE))
    }


def test_how_many_faults() -> None:
    assert len(FAULTS) >= 30
    assert {error for _name, error in FAULTS} >= {*COMMON, *RARE}


ALWAYS = {
    "no hard links": ("first login", (("linkat", "EPERM"),), True),
    "no swapping of names": ("login again", (("renameat2", "EINVAL"),), True),
    "no swapping of names, by a sandbox": ("login again", (("renameat2", "EPERM"),), True),
    "no swapping of names, by the system": ("login again", (("renameat2", "ENOSYS"),), True),
    "no locks": ("login again", (("flock", "ENOLCK"),), True),
    "no owners": ("first login", (("fchown", "EPERM"),), True),
    "no modes": ("login with a file that others can read", (("fchmod", "EPERM"),), True),
    "no syncing": ("login again", (("fsync", "EINVAL"),), True),
    "no removing": ("login again", (("unlinkat", "EPERM"),), True),
    "no renaming": ("login again", (("renameat", "EPERM"), ("renameat2", "EPERM")), False),
    "a dying disk": ("login again", (("fsync", "EIO"), ("unlinkat", "EIO")), False),
    "a dying disk, first login": ("first login", (("fsync", "EIO"), ("unlinkat", "EIO")), False),
    "a dying disk, mounted": ("login with a mounted file", (("fsync", "EIO"), ("unlinkat", "EIO")), False),
    "no cutting, mounted": ("logout with a mounted file", (("ftruncate", "EIO"),), False),
}


@pytest.mark.parametrize("what", ALWAYS)
def test_calls_that_never_work(what: str, address: str, tmp_path: Path) -> None:
    name, without, works = ALWAYS[what]
    with staged(SCENES[name], address, tmp_path / "box") as stage:
        seen = failing_always(stage.box, stage.command, without, stdin=stage.stdin)
        assert any("(INJECTED)" in call.result for call in seen.calls)
        assert _ends_well(stage, seen.done) == works, seen.done
        judge.goes_on(stage)


@pytest.mark.parametrize("name", EVERY_ERROR)
def test_a_write_takes_a_part_only(name: str, address: str, tmp_path: Path) -> None:
    need_short_writes()
    undisturbed = Undisturbed(SCENES[name], address, tmp_path)
    points = [call for call in _points(undisturbed, also_others=False).values() if call.name == "write"]
    assert len(points) >= 3
    for point in points:
        with undisturbed.staged() as stage:
            done, cut = write_short(stage.box, stage.command, point, stdin=stage.stdin)
            assert cut
            assert _ends_well(stage, done), done
            assert stage.state() == stage.new
            judge.goes_on(stage)


PAGE = 4096
FULL = """
mount -t tmpfs -o size=64k,mode=0700 none "$1"
cp "$2" "$1/config.json"
"""
FULL_AND_MOUNTED = f"""{FULL}
cp "$2" "$1/elsewhere"
mount --bind "$1/elsewhere" "$1/config.json"
"""


@pytest.mark.parametrize("command", ["login", "logout"])
@pytest.mark.parametrize("script", [FULL, FULL_AND_MOUNTED], ids=["renamed over", "written in place"])
def test_a_disk_that_is_nearly_full(script: str, command: str, address: str, tmp_path: Path) -> None:
    """With no page free, one page free, ...: so that writes get a part of the way, and then no further."""
    store, box = PlainFile(bulk=9000), Box(tmp_path)
    scene = Scene("nearly full", command)
    old = Stage(scene, store, address, box).old
    assert isinstance(old, bytes)
    (tmp_path / "old").write_bytes(old)
    (tmp_path / "old").chmod(0o600)
    box.docker.mkdir(0o700)
    folder = str(box.docker)
    outcomes = []
    with mounts(script, box.docker, tmp_path / "old") as private:
        private.take(box)
        stage = Stage(scene, store, address, box)
        filler = box.docker / "filler"
        for pages in range(9):
            box.config.write_bytes(old)
            _fill(filler, pages)
            done = box.run(*stage.command, stdin=stage.stdin)
            judge.tells_nothing(done)
            is_new = stage.state() == stage.new
            outcomes.append(done.code == 0)
            if done.code == 0:
                assert done.stdout == stage.success
                assert is_new
            else:
                judge.one_error(done, folder, "no space left on the disk")
                assert box.config.read_bytes() == old
            assert box.loose() == []
            filler.unlink()
            done = stage.next_login()
            assert (done.code, box.config.read_bytes()) == (0, stage.after_next_login())
            assert [name for name in stage.leftovers() if name != "elsewhere"] == []
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {False, True}


def _fill(filler: Path, pages: int) -> None:
    """Use up the disk, all but so many pages."""
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(PAGE)) == PAGE:
                pass
        except OSError:
            pass
        file.truncate(max(file.tell() - pages * PAGE, 0))
    filler.chmod(0o600)


@pytest.mark.parametrize("name", ["first login", "login again", "logout"])
def test_a_limit_on_the_size_of_files(name: str, address: str, tmp_path: Path) -> None:
    """Up to the limit a write takes a part, then none."""
    prlimit = need("prlimit")
    outcomes = []
    for limit in (0, 1, 20, 47, 60, 100, 200, 300, 10_000):
        with staged(SCENES[name], address, tmp_path / str(limit)) as stage:
            done = stage.box.run(*stage.command, stdin=stage.stdin, under=(prlimit, f"--fsize={limit}"))
            outcomes.append(_ends_well(stage, done))
            if done.code:
                assert "it would be larger than allowed" in done.stderr
            judge.goes_on(stage)
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {False, True}


@pytest.mark.parametrize(("where", "code"), [("> /dev/full", 1), (">&-", 0), ("2>&-", 0)])
def test_a_success_that_cannot_be_said(where: str, code: int, address: str, tmp_path: Path) -> None:
    with staged(SCENES["login again"], address, tmp_path / "box") as stage:
        done = stage.box.run(*stage.command, stdin=stage.stdin, under=("sh", "-c", f'"$@" {where}', "sh"))
        judge.tells_nothing(done)
        assert done.code == code
        assert ("Error: cannot write to standard output" in done.stderr) == bool(code)
        assert stage.state() == stage.new
        judge.goes_on(stage)
