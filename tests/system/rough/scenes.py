"""What dockpass does while it is treated roughly, what was there before, and what may be there after."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from rough.box import Box
from rough.kept import NEW, NEXT, NEXT_USER, OLD, STORES, USER
from rough.mounts import mounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from real.home import Done
    from rough.kept import Store


class Scene(NamedTuple):
    """One command.

    Attributes:
        name: What the scene is called.
        command: ``login`` or ``logout``.
        earlier: Whether there is a config.json before, with that login in it, and others.
        mode: The mode of that file.
        mounted: Whether that file is a mount point, so that nothing can be renamed over it.
        without: Calls that this file system does not have, and with which error they fail.
        store: The name of the store; a mode, mounts and what calls there are are things of config.json.
        least: How many calls that change a file must have been found, or the test has lost its grip.

    """

    name: str
    command: str
    earlier: bool = True
    mode: int = 0o600
    mounted: bool = False
    without: tuple[tuple[str, str], ...] = ()
    store: str = "file"
    least: int = 1

    @property
    def login(self) -> tuple[str, str] | None:
        """The login that is to be there afterwards."""
        return (USER, NEW) if self.command == "login" else None


SCENES = {
    scene.name: scene
    for scene in (
        Scene("first login", "login", earlier=False, least=12),
        Scene("login again", "login", least=12),
        Scene("logout", "logout", least=12),
        Scene("login with a file that others can read", "login", mode=0o644, least=13),
        Scene("first login without hard links", "login", earlier=False, without=(("linkat", "EPERM"),), least=11),
        Scene("login without swapping of names", "login", without=(("renameat2", "EINVAL"),), least=12),
        Scene("login with a mounted file", "login", mounted=True, least=18),
        Scene("logout with a mounted file", "logout", mounted=True, least=18),
        Scene("first login into the vault", "login", earlier=False, store="age", least=50),
        Scene("login into the vault again", "login", store="age", least=7),
        Scene("logout from the vault", "logout", store="age", least=18),
    )
}


class Stage:
    """A scene that is set, in a box.

    Attributes:
        old: What is there at first.
        new: What is to be there at the end.
        loose_at_first: What others can read at first.

    """

    def __init__(self, scene: Scene, store: Store, address: str, box: Box) -> None:
        self.scene, self.store, self.address, self.box = scene, store, address, box
        self.old = store.expected(address, (USER, OLD), others=True) if scene.earlier else store.nothing()
        self.new = store.expected(address, scene.login, others=scene.earlier)
        self.loose_at_first = set(box.loose())

    @property
    def command(self) -> tuple[str, ...]:
        """The arguments of the command under test."""
        return ("login", "-u", USER, "--password-stdin", self.address) if self.scene.login else ("logout", self.address)

    @property
    def stdin(self) -> str:
        """What the command can read."""
        return NEW if self.scene.login else ""

    @property
    def success(self) -> str:
        """What it prints when it has done what it should."""
        return "Login Succeeded\n" if self.scene.login else f"Removing login credentials for {self.address}\n"

    def state(self) -> object:
        """What is there now."""
        return self.store.seen(self.box)

    def leftovers(self) -> list[str]:
        """What should not be there once a command has ended well."""
        return self.store.leftovers(self.box)

    def next_login(self) -> Done:
        """Another login to the same registry."""
        return self.box.login(self.address, NEXT_USER, NEXT)

    def after_next_login(self) -> object:
        """What is to be there then."""
        return self.store.expected(self.address, (NEXT_USER, NEXT), others=self.scene.earlier)


@contextlib.contextmanager
def staged(scene: Scene, address: str, folder: Path) -> Iterator[Stage]:
    """Set a scene in ``folder``, which must not be there yet."""
    folder.mkdir(mode=0o700)
    box, store = Box(folder), STORES[scene.store]
    store.enter(box)
    if scene.earlier:
        store.prepare(box, address, mode=scene.mode)
    if not scene.mounted:
        yield Stage(scene, store, address, box)
        return
    # As `docker run -v ~/.docker/config.json:...` does it.
    outside = folder / "mounted.json"
    os.rename(box.config, outside)
    box.config.touch(0o600)
    with mounts('mount --bind "$1" "$2"', outside, box.config) as private:
        box.under, box.file = private.under, outside
        yield Stage(scene, store, address, box)
