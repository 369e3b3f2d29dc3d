"""Each call to the system fails once, or is the last one of a process that is killed; then the file is looked at.

The calls are counted in a first run, and then one run is made for each of them and each way to fail.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import FileUnwritable
from dockpass.files import exchange as exchange_module
from dockpass.files.lock import lock
from dockpass.files.read import read
from dockpass.files.replace import ANY, Changed, replace, tidy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Newer Pythons warn of forking beside threads, such as those of the test runner. The children do no more than is here.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

OLD = b'{"old": "' + b"o" * 40 + b'"}'
NEW = {"longer": b'{"new": "' + b"n" * 60 + b'"}', "shorter": b'{"new": "n"}'}
CALLS = [
    "open",
    "write",
    "fsync",
    "close",
    "replace",
    "link",
    "unlink",
    "fchmod",
    "fchown",
    "stat",
    "lstat",
    "mkdir",
    "ftruncate",
    "lseek",
    "read",
    "listdir",
]
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS, errno.EDQUOT)
SCENES = ("swap", "plain", "any", "first", "inplace")


class Steps:
    """Counts the calls to the system, and does something at one of them.

    Args:
        scene: What kind of file system it is.
        at: At which call; -1 for none.
        before, after: What is done right before and right after that call.

    """

    def __init__(
        self,
        scene: str,
        at: int = -1,
        before: Callable[[], None] | None = None,
        after: Callable[[], None] | None = None,
    ) -> None:
        self.at = at
        self.count = 0
        self.names: list[str] = []
        self.before, self.after = before, after
        self.scene = scene

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **more: Any) -> Any:
            self.names.append(name)
            here = self.count == self.at
            self.count += 1
            if here and self.before is not None:
                if name == "write":
                    real(args[0], args[1][: len(args[1]) // 2])  # a part of it gets through
                if name == "close":
                    real(*args)  # closed it is, whatever close says
                self.before()
            if self.scene == "inplace" and name == "replace" and not os.path.basename(args[1]).startswith("."):
                raise OSError(errno.EBUSY, "Device or resource busy")
            try:
                return real(*args, **more)
            finally:
                if here and self.after is not None:
                    self.after()

        return step

    def patch(self, patch: pytest.MonkeyPatch) -> None:
        if self.scene == "plain":
            swap: Callable[..., int] | None = None
        elif self.scene == "inplace":
            swap = self.wrap("renameat2", lambda *_: errno.EBUSY)
        else:
            real = exchange_module._find()
            if real is None:
                pytest.skip("this system cannot swap two names")
            swap = self.wrap("renameat2", real)
        patch.setattr(exchange_module, "_found", [swap])
        for name in CALLS:
            patch.setattr(os, name, self.wrap(name, getattr(os, name)))


class Scene:
    def __init__(self, folder: Path, kind: str, new: bytes) -> None:
        self.path = folder / "config.json"
        self.folder = folder
        self.kind = kind
        self.new = new
        self.expected: Any = None

    def set(self) -> None:
        for name in os.listdir(self.folder):
            os.unlink(self.folder / name)
        if self.kind != "first":
            self.path.write_bytes(OLD)
            self.path.chmod(0o644)
        snapshot = read(str(self.path), limit=1 << 20)
        self.expected = None if snapshot is None else snapshot.identity
        if self.kind == "any":
            self.expected = ANY

    def run(self, steps: Steps) -> bool:
        """Returns whether it says that the file was replaced."""
        with pytest.MonkeyPatch.context() as patch:
            steps.patch(patch)
            try:
                replace(str(self.path), self.new, expected=self.expected, filler=b" ")
            except FileUnwritable as error:
                assert str(self.path) in error.message
                return False
        return True

    def there(self) -> bytes | None:
        return self.path.read_bytes() if self.path.exists() else None

    def check_strays(self) -> None:
        """Nothing is left but what the next writer knows to be a stray, and nobody else can read it."""
        for name in os.listdir(self.folder):
            if name != "config.json":
                assert name.startswith(".config.json.dockpass-")
                assert stat.S_IMODE(os.stat(self.folder / name).st_mode) & 0o077 == 0
        if self.there() == self.new:
            assert stat.S_IMODE(os.stat(self.path).st_mode) == 0o600

    def go_on(self) -> None:
        """The next writer comes, cleans up and writes."""
        with lock(str(self.path)):
            tidy(str(self.path))
            assert self.there() in ((None if self.kind == "first" else OLD), self.new)
            snapshot = read(str(self.path), limit=1 << 20)
            replace(str(self.path), b"next", expected=None if snapshot is None else snapshot.identity)
        assert self.path.read_bytes() == b"next"
        assert sorted(os.listdir(self.folder)) == [".config.json.lock", "config.json"]
        os.unlink(self.folder / ".config.json.lock")

    @property
    def before(self) -> bytes | None:
        return None if self.kind == "first" else OLD


@pytest.fixture(params=[(kind, size) for kind in SCENES for size in NEW], ids="-".join)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    kind, size = request.param
    return Scene(tmp_path, kind, NEW[size])


def test_each_call_fails_once(scene: Scene) -> None:
    scene.set()
    steps = Steps(scene.kind)
    assert scene.run(steps)
    assert scene.there() == scene.new
    assert steps.count > 15
    for at in range(steps.count):
        for number in ERRORS:
            scene.set()

            def fail(number: int = number) -> None:
                raise OSError(number, os.strerror(number))

            failing = Steps(scene.kind, at, before=fail)
            done = scene.run(failing)
            where = f"{failing.names[at]} ({at}), {errno.errorcode[number]}"
            if done:
                assert scene.there() == scene.new, where
            elif scene.kind in ("plain", "any") and failing.names[at] in ("fsync", "close"):
                assert scene.there() in (scene.before, scene.new), where  # the last step: it is there, not yet durably
            else:
                assert (scene.there() or b"").rstrip(b" ") == (scene.before or b""), where
            scene.check_strays()
            scene.go_on()


def test_interrupted_at_each_call(scene: Scene) -> None:
    scene.set()
    steps = Steps(scene.kind)
    scene.run(steps)

    def interrupt() -> None:
        raise KeyboardInterrupt

    for at in range(steps.count):
        for when in ({"before": interrupt}, {"after": interrupt}):
            scene.set()
            with pytest.raises(KeyboardInterrupt):
                scene.run(Steps(scene.kind, at, **when))
            assert (scene.there() or b"").rstrip(b" ") in (scene.before or b"", scene.new)
            scene.check_strays()
            scene.go_on()


def test_killed_at_each_call(scene: Scene) -> None:
    scene.set()
    steps = Steps(scene.kind)
    scene.run(steps)

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    for at in range(steps.count):
        for when in ({"before": die}, {"after": die}):
            scene.set()
            child = os.fork()
            if child == 0:
                try:
                    scene.run(Steps(scene.kind, at, **when))
                finally:
                    os._exit(0)
            assert os.waitpid(child, 0)[1] == signal.SIGKILL
            there = scene.there()
            if scene.kind == "inplace":
                # Within the one call that writes there may be a mixture; the journal brings the old contents back.
                tidy(str(scene.path))
                there = (scene.there() or b"").rstrip(b" ")
                scene.path.write_bytes(there)
            assert there in (scene.before, scene.new), f"{steps.names[at]} ({at})"
            scene.check_strays()
            scene.go_on()


@pytest.mark.parametrize(
    "scene", [(kind, "longer") for kind in ("swap", "plain", "first")], indirect=True, ids="-".join
)
def test_another_version_is_noticed_at_each_call(scene: Scene) -> None:
    """An outsider renames over the file after each of the calls: theirs is the version that is there in the end."""
    scene.set()
    steps = Steps(scene.kind)
    scene.run(steps)
    written_last = 0
    originals = {name: getattr(os, name) for name in CALLS}

    def outsider() -> None:
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, originals[name])
            (scene.folder / ".config.json.dockpass-theirs").write_bytes(b"theirs")
            os.rename(scene.folder / ".config.json.dockpass-theirs", scene.path)

    for at in range(steps.count):
        scene.set()
        try:
            done = scene.run(Steps(scene.kind, at, after=outsider))
        except Changed:
            done = False
        written_last += done
        if scene.kind != "plain":
            assert scene.there() == b"theirs", f"{steps.names[at]} ({at})"
        elif scene.there() != b"theirs":
            # Without a swap there is a gap: between the last look and the rename.
            assert steps.names[at : at + 2] == ["stat", "replace"]
        assert os.listdir(scene.folder) == ["config.json"]
    assert written_last >= 1  # where the outsider came after the swap, theirs is on top of ours
