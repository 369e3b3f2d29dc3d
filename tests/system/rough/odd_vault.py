"""Odd things in the places of the vault: each kind of thing in each place, and what every command says of it."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from typing import TYPE_CHECKING, NamedTuple

from dockpass.vault.name import encode
from rough.kept import STORES, USER
from rough.mounts import mounts

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rough.box import Box

    Says = str | Mapping[str, str | Mapping[str, str]]

SPARSE = 100 << 20
SOMEBODY = 64123
"""The number of another user; nobody needs to have it."""

COMMANDS = ("list", "own", "other", "login", "logout")
"""What is tried: ``own`` and ``other`` are the helper's ``get``, for the server in whose folder something is odd and for
another one.
"""

WHERE = {
    "identity": ("own", "other", "login"),
    "recipients": ("login",),
    "sealed": ("own",),
    "active": ("own",),
    "top": COMMANDS,
    "servers": COMMANDS,
    "server": ("own", "login", "logout"),
    "lock": ("login", "logout"),
    "identity lock": (),
    "recipients lock": (),
}
"""Which commands fail where they cannot use what is at a place."""

NOT_FOUND = "credentials not found in native keychain"
"""What the helper says of a login that is not there. It is no error."""

FILES = ("identity", "recipients", "sealed", "active")
FOLDERS = ("top", "servers", "server")
LOCKS = ("lock", "identity lock", "recipients lock")


class Ground:
    """A vault with logins in it, and one place there.

    Attributes:
        box: The box. Its user owns the home, and the vault.
        stack: Undoes when the test ends what would stay otherwise.
        vault: The vault's folder.
        path: The place.
        named: A path that an error must name.
        vault_seen: By which path this process sees the vault: another one where that is mounted.

    """

    def __init__(self, box: Box, stack: contextlib.ExitStack, address: str, place: str) -> None:
        self.box, self.stack, self.address = box, stack, address
        store = STORES["age"]
        store.enter(box)
        store.prepare(box, address, mode=0o600)
        box.own(box.home)
        self.vault = box.home / ".local" / "share" / "dockpass"
        server = self.vault / "vault" / encode(address)
        self.path = {
            "top": self.vault,
            "identity": self.vault / "identity.txt",
            "recipients": self.vault / "recipients.txt",
            "servers": self.vault / "vault",
            "server": server,
            "sealed": server / f"{USER}.age",
            "active": server / "active",
            "lock": server / ".login.lock",
            "identity lock": self.vault / ".identity.lock",
            "recipients lock": self.vault / ".recipients.lock",
        }[place]
        self.named = self.path
        self.vault_seen = self.vault
        self._backup = box.folder / "backup"
        if os.path.lexists(self.path):
            self._copy(self.path, self._backup)

    @property
    def is_folder(self) -> bool:
        """Whether a folder should be at the place."""
        return self._backup.is_dir()

    def away(self) -> Path:
        """Move what is at the place elsewhere. Returns where it is then."""
        elsewhere = self.box.home / "elsewhere"
        elsewhere.mkdir(0o700)
        self.box.own(elsewhere)
        if os.path.lexists(self.path):
            return self.path.rename(elsewhere / self.path.name)
        (elsewhere / self.path.name).touch(0o600)
        return elsewhere / self.path.name

    @property
    def can_be_mended(self) -> bool:
        """Whether :meth:`mend` can do it: mounts stay to the end."""
        return self.vault_seen == self.vault

    def mend(self) -> None:
        """Put at the place what was there at first."""
        if os.path.lexists(self.path):
            if self.path.is_dir() and not self.path.is_symlink():
                self.path.chmod(0o700)
                shutil.rmtree(self.path)
            else:
                self.path.unlink()
        if self._backup.exists():
            self._copy(self._backup, self.path)
            self.box.own(self.path)

    def own(self) -> None:
        """Let the vault be its user's, for whoever runs the tests to look into it as root."""
        self.box.own(self.vault)

    def mounted(self, script: str, *arguments: str | os.PathLike[str]) -> None:
        """Let the box have other mounts."""
        private = self.stack.enter_context(mounts(script, *arguments))
        private.take(self.box)
        self.vault_seen = private.seen(self.vault)

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)


class Odd(NamedTuple):
    """One kind of thing at one place.

    Attributes:
        kind: What it is.
        place: Where.
        make: Makes it.
        refused: What the error of each command says, by the command; those that are not named work.
        ordinary: Whether an ordinary user has to run dockpass: root may do everything.
        root: Whether root has to make it.

    """

    kind: str
    place: str
    make: Callable[[Ground], None]
    refused: Mapping[str, str]
    ordinary: bool
    root: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.place}: {self.kind}"

    @property
    def loses_all(self) -> bool:
        """Whether no login is left there."""
        return self.place in ("top", "servers") and self.refused.get("other") == NOT_FOUND

    @property
    def is_in_the_way(self) -> bool:
        """Whether a login is kept, or erased, as far as that goes, before it is refused."""
        return self.kind == "a folder" and self.place in ("sealed", "active")

    @property
    def warned(self) -> bool:
        """Whether ``list`` has to say something of it: what it needs for that server, and does not for the others."""
        return (self.place in ("active", "server") and self.refused.get("own", NOT_FOUND) != NOT_FOUND) or (
            self.name == "sealed: missing"
        )


ODD: list[Odd] = []


def odd(
    name: str,
    says: Says,
    places: tuple[str, ...] = FILES + FOLDERS + LOCKS,
    *,
    ordinary: bool = False,
    root: bool = False,
) -> Callable[[Callable[[Ground], None]], None]:
    """Add what the decorated function makes, at each of ``places``, to :data:`ODD`.

    Args:
        name: What it is.
        says: What the error says of it: everywhere the same, or by the place; there for those commands that fail by
            :data:`WHERE`, or by the command. At a place that is not named nothing fails.
        places: Where it is made.
        ordinary: See :class:`Odd`.
        root: See :class:`Odd`.

    """

    def add(make: Callable[[Ground], None]) -> None:
        for place in places:
            here = says if isinstance(says, str) else says.get(place, {})
            refused = dict.fromkeys(WHERE[place], here) if isinstance(here, str) else here
            ODD.append(Odd(name, place, make, refused, ordinary, root))

    return add


_LOCKED = dict.fromkeys(WHERE["lock"], "cannot use the lock file")


def _is(what: str, **more: str | Mapping[str, str]) -> Mapping[str, str | Mapping[str, str]]:
    """What is said of something that is no file, or no folder; of a lock's file other words are used."""
    return {**dict.fromkeys(WHERE, f"it is {what}, not a f"), "lock": _LOCKED, **more}


@odd("a pipe", _is("a pipe"))
def _(ground: Ground) -> None:
    ground.away()
    os.mkfifo(ground.path, 0o600)
    ground.box.own(ground.path)


@odd("a socket", _is("a socket"))
def _(ground: Ground) -> None:
    ground.away()
    bound = ground.stack.enter_context(socket.socket(socket.AF_UNIX))
    there = os.open(ground.path.parent, os.O_RDONLY)
    try:
        bound.bind(f"/proc/self/fd/{there}/{ground.path.name}")  # such paths are short, as those of sockets must be
    finally:
        os.close(there)
    ground.path.chmod(0o600)


@odd("a device", _is("a device"), root=True)
def _(ground: Ground) -> None:
    ground.away()
    os.mknod(ground.path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))


@odd("a file", _is("a file"), FOLDERS)
def _(ground: Ground) -> None:
    ground.away()
    ground.path.write_text("x")
    ground.path.chmod(0o600)


_IN_THE_WAY = dict.fromkeys(("own", "login", "logout"), "it is a folder")


@odd("a folder", _is("a folder", sealed=_IN_THE_WAY, active=_IN_THE_WAY), FILES + LOCKS)
def _(ground: Ground) -> None:
    ground.away()
    ground.path.mkdir(0o700)


@odd("a link", _is("a symbolic link", top={}))
def _(ground: Ground) -> None:
    ground.path.symlink_to(ground.away())


@odd("a link to nothing", _is("a symbolic link", top="is a symbolic link to nothing"))
def _(ground: Ground) -> None:
    ground.away()
    ground.path.symlink_to("not-there")


@odd("a link to itself", _is("a symbolic link", top="its symbolic links lead in a circle"))
def _(ground: Ground) -> None:
    ground.away()
    ground.path.symlink_to(ground.path.name)


@odd("a link to another user's", _is("a symbolic link", top="permission denied"), root=True, ordinary=True)
def _(ground: Ground) -> None:
    theirs = ground.box.folder / "theirs"
    if ground.is_folder:
        shutil.copytree(ground.away(), theirs)
    else:
        shutil.copy2(ground.away(), theirs)
    theirs.chmod(0o755)
    os.chown(theirs, SOMEBODY, SOMEBODY)
    ground.path.symlink_to(theirs)


@odd("unreadable", "permission denied", FILES + FOLDERS, ordinary=True)
def _(ground: Ground) -> None:
    ground.path.chmod(0)


_DENIED = dict.fromkeys(("login", "logout"), "permission denied")


@odd("root's", {"identity": "others can read it", "server": _DENIED}, FILES + FOLDERS, ordinary=True, root=True)
def _(ground: Ground) -> None:
    ground.path.chmod(0o755 if ground.is_folder else 0o644)
    os.chown(ground.path, 0, 0)


@odd(
    "another user's",
    {"identity": "others can read it", "recipients": "it belongs to somebody else", "server": _DENIED},
    FILES + FOLDERS,
    ordinary=True,
    root=True,
)
def _(ground: Ground) -> None:
    ground.path.chmod(0o755 if ground.is_folder else 0o644)
    os.chown(ground.path, SOMEBODY, SOMEBODY)


@odd("another user's alone", "permission denied", FILES + FOLDERS, ordinary=True, root=True)
def _(ground: Ground) -> None:
    os.chown(ground.path, SOMEBODY, SOMEBODY)


@odd(
    "open to all",
    {
        "identity": "others can read it (mode 0666)",
        "recipients": "others can write it (mode 0666)",
        "top": {"login": "others can write in it"},
    },
    FILES + FOLDERS,
)
def _(ground: Ground) -> None:
    ground.path.chmod(0o777 if ground.is_folder else 0o666)


@odd("read-only", {"server": _DENIED}, FILES + FOLDERS, ordinary=True)
def _(ground: Ground) -> None:
    ground.path.chmod(0o500 if ground.is_folder else 0o400)


_NONE_AT_ALL = dict.fromkeys(("own", "other"), NOT_FOUND)
_GONE: Mapping[str, str | Mapping[str, str]] = {
    "top": _NONE_AT_ALL,
    "servers": _NONE_AT_ALL,
    "server": {"own": NOT_FOUND},
}


@odd("missing", {"identity": "is missing", "sealed": "is missing", **_GONE}, FILES + FOLDERS)
def _(ground: Ground) -> None:
    ground.away()


@odd(
    "empty",
    {
        "identity": "it is empty",
        "recipients": "there is no public key in it",
        "sealed": "it is empty",
        "active": "it is empty",
        **_GONE,
    },
    FILES + FOLDERS,
)
def _(ground: Ground) -> None:
    if ground.is_folder:
        ground.away()
        ground.path.mkdir(0o700)
        ground.box.own(ground.path)
    else:
        os.truncate(ground.path, 0)


def _text(name: str, make: Callable[[bytes], bytes], identity: str, recipients: str, sealed: str) -> None:
    says = {
        "identity": identity,
        "recipients": recipients,
        "sealed": sealed,
        "active": "does not name the file of a login",
    }

    @odd(name, says, FILES)
    def _(ground: Ground) -> None:
        ground.path.write_bytes(make(ground.path.read_bytes()))


_NO_PUBLIC, _NO_AGE = "it is no public key", "it is not an age file"
_text("NUL bytes", lambda data: bytes(len(data)), "its line 1 is not a key", _NO_PUBLIC, _NO_AGE)
_text("a NUL byte at the end", lambda data: data + b"\0", "its line 4 is not a key", _NO_PUBLIC, "it is damaged")
_text("no UTF-8", lambda data: b"\xff\xfe" + data, "it is not text", _NO_PUBLIC, _NO_AGE)
_text("a byte order mark", lambda data: b"\xef\xbb\xbf" + data, "a byte order mark", "a byte order mark", _NO_AGE)
_text(
    "half of it", lambda data: data[: len(data) // 2], "comments, and no key", "lacks this vault's own key", "cut off"
)
_text("more after its end", lambda data: data + b"\nmore", "its line 5 is not a key", _NO_PUBLIC, "it is damaged")


@odd("a hundred megabytes", "it is larger than", FILES)
def _(ground: Ground) -> None:
    os.truncate(ground.path, SPARSE)


def _read_only(ground: Ground) -> None:
    ground.mounted('mount --bind "$1" "$1"\nmount -o remount,bind,ro "$1"', ground.path)


def _full(ground: Ground) -> None:
    script = (
        'cp -a "$1" "$2"\nmount -t tmpfs -o size=64k,mode=0700 none "$1"\ncp -a "$2/." "$1"\n'
        '(cat /dev/zero > "$1/filler") 2>/dev/null || true\nchmod 600 "$1/filler"'
    )
    ground.mounted(script, ground.path, ground.box.folder / "copy")


odd("a read-only mount", {"top": dict.fromkeys(("login", "logout"), "the file system is read-only")}, ("top",))(
    _read_only
)
odd("a full disk", {"top": {"login": "no space left on the disk"}}, ("top",))(_full)
