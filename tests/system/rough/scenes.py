"""What dockpass does while it is treated roughly, what was there before, and what may be there after."""

from __future__ import annotations

import base64
import contextlib
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from rough.box import Box
from rough.mounts import mounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from real.home import Done

USER, OLD, NEW = "alice", "old-secret-1f6d", "new-secret-9c42"
"""Who is logged in at the beginning, with which password, and with which the login under test is made."""

NEXT_USER, NEXT = "bob", "next-secret-77ae"
"""Who logs in after it, to see whether that works."""

USERS = {USER: NEW, NEXT_USER: NEXT}
"""Whom the registry takes."""

OTHERS = {"ghcr.io": ("carol", "carols-secret"), "zzz.example.com:5000": ("dave", "daves-secret")}
"""Other logins, which must not be lost."""


def joined(user: str, password: str) -> str:
    """The value of ``auth``."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


SECRETS = (OLD, NEW, NEXT, *(password for _user, password in OTHERS.values()))
SECRETS += tuple(joined(*pair) for pair in ((USER, OLD), (USER, NEW), (NEXT_USER, NEXT), *OTHERS.values()))
"""What must never be printed."""


class PlainFile:
    """The store ``file``: config.json itself. Another store will be a class with the same methods.

    Args:
        bulk: How many digits there are in a number that nobody knows, to make the file larger.

    """

    name = "file"

    def __init__(self, bulk: int = 2) -> None:
        self._number = "1.5".ljust(bulk + 2, "0")

    def text(self, address: str, login: tuple[str, str] | None, *, others: bool = True) -> bytes:
        """What is to be in config.json, to the byte, as docker lays it out.

        Args:
            address: The registry of the login under test.
            login: Its user and password; ``None``: there is no such login.
            others: Whether other logins, and what docker and dockpass know nothing of, are there too.

        """
        entries = {
            server: f'"email": "x@example.com",\n\t\t\t"auth": "{joined(*pair)}"' for server, pair in OTHERS.items()
        }
        if not others:
            entries = {}
        if login is not None:
            entries[address] = f'"auth": "{joined(*login)}"'
        lines = [f'\t\t"{server}": {{\n\t\t\t{entry}\n\t\t}}' for server, entry in sorted(entries.items())]
        auths = '\t"auths": {\n' + ",\n".join(lines) + "\n\t}" if lines else '\t"auths": {}'
        rest = ',\n\t"detachKeys": "ctrl-e,\\u0065",\n\t"someday": [\n\t\tNUMBER,\n\t\tnull\n\t]' if others else ""
        return f"{{\n{auths}{rest}\n}}".replace("NUMBER", self._number).encode()

    def prepare(self, box: Box, address: str, *, mode: int = 0o600) -> None:
        """Put the earlier logins there."""
        box.write(self.text(address, (USER, OLD)), mode)

    def kept(self, box: Box) -> dict[str, tuple[str, str]]:
        """User and password of every login that is kept."""
        auths: Mapping[str, Any] = json.loads(box.file.read_bytes())["auths"]
        pairs = {server: base64.b64decode(entry["auth"]).decode().partition(":") for server, entry in auths.items()}
        return {server: (user, password) for server, (user, _colon, password) in pairs.items()}

    def leftovers(self, box: Box) -> list[str]:
        """What is beside config.json and its lock, and should not be once a command has ended well."""
        return [name for name in box.names() if name not in ("config.json", ".config.json.lock")]


STORES = {store.name: store for store in (PlainFile(),)}


class Scene(NamedTuple):
    """One command.

    Attributes:
        name: What the scene is called.
        command: ``login`` or ``logout``.
        earlier: Whether there is a config.json before, with that login in it, and others.
        mode: The mode of that file.
        mounted: Whether that file is a mount point, so that nothing can be renamed over it.
        without: Calls that this file system does not have, and with which error they fail.
        least: How many calls that change a file must have been found, or the test has lost its grip.

    """

    name: str
    command: str
    earlier: bool = True
    mode: int = 0o600
    mounted: bool = False
    without: tuple[tuple[str, str], ...] = ()
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
    )
}


class Stage:
    """A scene that is set, in a box.

    Attributes:
        old: What is in config.json at first; ``None``: it is not there.
        new: What is to be in it at the end.
        loose_at_first: What others can read at first.

    """

    def __init__(self, scene: Scene, store: PlainFile, address: str, box: Box) -> None:
        self.scene, self.store, self.address, self.box = scene, store, address, box
        self.old = store.text(address, (USER, OLD)) if scene.earlier else None
        self.new = store.text(address, scene.login, others=scene.earlier)
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

    def state(self) -> bytes | None:
        """What is in config.json now. White space at the end has no meaning, and shows work under way."""
        return self.box.file.read_bytes().rstrip(b" ") if self.box.file.exists() else None

    def next_login(self) -> Done:
        """Another login to the same registry."""
        return self.box.login(self.address, NEXT_USER, NEXT)

    def after_next_login(self) -> bytes:
        """What is to be in config.json then."""
        return self.store.text(self.address, (NEXT_USER, NEXT), others=self.scene.earlier)


@contextlib.contextmanager
def staged(scene: Scene, store: PlainFile, address: str, folder: Path) -> Iterator[Stage]:
    """Set a scene in ``folder``, which must not be there yet."""
    folder.mkdir(mode=0o700)
    box = Box(folder)
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
