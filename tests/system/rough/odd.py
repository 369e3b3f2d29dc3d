"""Odd things in the place of config.json, and around it."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from real.need import need
from rough.kept import OLD, USER, joined
from rough.mounts import mounts

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rough.box import Box

PLACE = "PLACE"
"""Stands for the address of the registry under test, in what is put into the file."""

FILE = "FILE"
"""Stands for the path of the file, in what is said about it."""

GOOD = f'"good.example.com": {{"auth": "{joined("carol", "carols-secret")}", "email": "c@example.com"}}'
OURS = f'"{PLACE}": {{"auth": "{joined(USER, OLD)}"}}'
PLAIN = f'{{"auths": {{{OURS}, {GOOD}}}, "someday": [1.50, null]}}'
"""An ordinary file: two logins, and what nobody knows."""

SPARSE = 100 << 20


class Ground:
    """Where an odd thing is made.

    Attributes:
        box: The box. Its user owns the home.
        stack: Undoes when the test ends what would stay otherwise.
        arguments: What every command is given as well.
        named: A path that an error must name.

    """

    def __init__(self, box: Box, stack: contextlib.ExitStack, address: str) -> None:
        self.box, self.stack, self.address = box, stack, address
        self.arguments: tuple[str, ...] = ()
        self.named = str(box.config)

    def data(self, text: str | bytes) -> bytes:
        """``text`` with the registry's address in it."""
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        return data.replace(PLACE.encode(), self.address.encode())

    def write(self, text: str | bytes = PLAIN, mode: int = 0o600) -> None:
        """Put a config.json there."""
        self.box.write(self.data(text), mode)

    def folder(self) -> Path:
        """Make the folder of config.json."""
        self.box.docker.mkdir(0o700)
        self.box.own(self.box.docker)
        return self.box.docker

    def mounted(self, script: str, *arguments: str | os.PathLike[str]) -> None:
        """Let the box have other mounts."""
        self.stack.enter_context(mounts(script, *arguments)).take(self.box)


class Odd(NamedTuple):
    """One odd thing.

    Attributes:
        name: What it is called.
        make: Makes it.
        refused: What the error of each command says, by the command; those that are not named work.
        ordinary: Whether an ordinary user has to run dockpass: root may do everything.
        root: Whether root has to make it.
        check: Looks at it once more, at the end.
        warned: What ``list`` says on standard error.

    """

    name: str
    make: Callable[[Ground], None]
    refused: Mapping[str, str] = {}
    ordinary: bool = False
    root: bool = False
    check: Callable[[Ground], None] | None = None
    warned: str = ""


ODD: list[Odd] = []


def _all(words: str) -> Mapping[str, str]:
    return dict.fromkeys(("list", "login", "logout"), words)


def _written(words: str) -> Mapping[str, str]:
    return dict.fromkeys(("login", "logout"), words)


def odd(
    name: str,
    refused: str | Mapping[str, str] = "",
    *,
    ordinary: bool = False,
    root: bool = False,
    check: Callable[[Ground], None] | None = None,
    warned: str = "",
) -> Callable[[Callable[[Ground], None]], None]:
    """Add what the decorated function makes to :data:`ODD`."""

    def add(make: Callable[[Ground], None]) -> None:
        words = refused if not isinstance(refused, str) else _all(refused) if refused else {}
        ODD.append(Odd(name, make, words, ordinary, root, check, warned))

    return add


def text(name: str, contents: str | bytes, refused: str | Mapping[str, str] = "", *, warned: str = "") -> None:
    """Add a file with these contents to :data:`ODD`."""
    odd(name, refused, warned=warned)(lambda ground: ground.write(contents))


# No file at all


@odd("a pipe", "it is a pipe, not a file")
def _(ground: Ground) -> None:
    os.mkfifo(ground.folder() / "config.json", 0o600)


@odd("a socket", "it is a socket")
def _(ground: Ground) -> None:
    ground.folder()
    bound = ground.stack.enter_context(socket.socket(socket.AF_UNIX))
    there = os.open(ground.box.docker, os.O_RDONLY)
    try:
        bound.bind(f"/proc/self/fd/{there}/config.json")  # such paths are short, as those of sockets must be
    finally:
        os.close(there)


@odd("a device", "it is a device, not a file", root=True)
def _(ground: Ground) -> None:
    os.mknod(ground.folder() / "config.json", 0o600 | stat.S_IFCHR, os.makedev(1, 5))


@odd("a folder", "it is a folder, not a file")
def _(ground: Ground) -> None:
    (ground.folder() / "config.json").mkdir()


@odd("a link to a pipe", "it is a pipe, not a file")
def _(ground: Ground) -> None:
    os.mkfifo(ground.folder() / "pipe", 0o600)
    ground.box.config.symlink_to("pipe")


@odd("a link to a device without an end", "it is a device, not a file")
def _(ground: Ground) -> None:
    (ground.folder() / "config.json").symlink_to("/dev/zero")


@odd("a link to a folder", "it is a folder, not a file")
def _(ground: Ground) -> None:
    (ground.folder() / "config.json").symlink_to(ground.box.home)


# Not allowed


@odd("mode 0000", "permission denied", ordinary=True)
def _(ground: Ground) -> None:
    ground.write(mode=0)


@odd("mode 0200", "permission denied", ordinary=True)
def _(ground: Ground) -> None:
    ground.write(mode=0o200)


def _mode(wanted: int) -> Callable[[Ground], None]:
    def check(ground: Ground) -> None:
        assert stat.S_IMODE(ground.box.file.stat().st_mode) == wanted

    return check


@odd("mode 0400", check=_mode(0o400), ordinary=True)
def _(ground: Ground) -> None:
    ground.write(mode=0o400)


for loose, note in ((0o640, ""), (0o644, ""), (0o666, "(mode 0666)"), (0o777, "(mode 0777)")):

    @odd(f"mode {loose:04o}, with secrets in it", check=_mode(loose & 0o700), warned=note)
    def _(ground: Ground, mode: int = loose) -> None:
        ground.write(mode=mode)


@odd(
    "another user's file",
    _written("it belongs to root (uid 0), not to you"),
    ordinary=True,
    root=True,
    warned="belongs to another user (uid 0)",
)
def _(ground: Ground) -> None:
    ground.write(mode=0o644)
    os.chown(ground.box.config, 0, 0)


@odd("another user's file, which only they can read", "permission denied", ordinary=True, root=True)
def _(ground: Ground) -> None:
    ground.write()
    os.chown(ground.box.config, 0, 0)


@odd("another user's folder with one's own file", ordinary=True, root=True, warned="belongs to another user (uid 0)")
def _(ground: Ground) -> None:
    ground.write()
    os.chown(ground.box.docker, 0, 0)
    ground.box.docker.chmod(0o755)


@odd("a read-only folder", ordinary=True)
def _(ground: Ground) -> None:
    ground.write()
    ground.box.docker.chmod(0o500)


@odd("a read-only folder without a file", {"login": "permission denied"}, ordinary=True)
def _(ground: Ground) -> None:
    ground.folder().chmod(0o500)


@odd("a folder that cannot be entered", "permission denied", ordinary=True)
def _(ground: Ground) -> None:
    ground.write()
    ground.box.docker.chmod(0o600)


@odd("a folder that cannot be listed", ordinary=True)
def _(ground: Ground) -> None:
    ground.write()
    ground.box.docker.chmod(0o300)


@odd("a folder that its group can write", warned="can be changed by other users (mode 0770)")
def _(ground: Ground) -> None:
    ground.write()
    ground.box.docker.chmod(0o770)


@odd("a folder that everybody can write", warned="can be changed by other users (mode 0777)")
def _(ground: Ground) -> None:
    ground.write()
    ground.box.docker.chmod(0o777)


@odd("an immutable file", _written("not permitted"), root=True)
def _(ground: Ground) -> None:
    ground.write()
    _attribute(ground, ground.box.config)


@odd("an immutable folder", root=True)
def _(ground: Ground) -> None:
    ground.write()
    _attribute(ground, ground.box.docker)


def _attribute(ground: Ground, path: Path) -> None:
    tried = subprocess.run((need("chattr"), "+i", path), capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"this file system knows no immutable files: {tried.stderr.strip()}")
    ground.stack.callback(subprocess.run, ("chattr", "-i", path), check=True)


# Not the right letters

text("a byte order mark", b"\xef\xbb\xbf" + PLAIN.encode(), "line 1, column 1: a byte order mark")
text("UTF-16", PLAIN.encode("utf-16"), "line 1, column 1: the text is UTF-16")
text("UTF-16 the other way round", b"\xfe\xff" + PLAIN.encode("utf-16-be"), "line 1, column 1: the text is UTF-16")
text("UTF-16 without a mark", PLAIN.encode("utf-16-le"), "line 1, column 2: a NUL byte")
text("a NUL byte", PLAIN.replace("1.50", '"\n a\0"'), "line 2, column 3: a NUL byte")
text("NUL bytes at the end", PLAIN.encode() + b"\n\0\0", "line 2, column 1: a NUL byte")
text("NUL bytes only, as after a power failure", bytes(400), "line 1, column 1: a NUL byte")
text("Latin-1", PLAIN.replace("1.50", '"caf\xe9"').encode("latin-1"), "bytes that are not UTF-8")
text("bytes that are no text", b'{\n "\xff\xfe": 1}', "line 2, column 3: bytes that are not UTF-8")
text("half a letter at the end", PLAIN.encode() + b"\xe2\x82", "bytes that are not UTF-8")
text("half a surrogate pair", PLAIN.replace("1.50", r'"\ud800", "\udc00\ud800"'))
text("half a surrogate pair in bytes", PLAIN.replace("1.50", '"\ud800"'), "bytes that are not UTF-8")
text("letters of all kinds", PLAIN.replace("1.50", r'"\u00e9 é \u2028 \/ 🐳 <&>"'))
text("an escape sequence in a key", PLAIN.replace("good.example", r"\u001b]0;good\u0007.example"))

# Nothing, or something else

text("nothing", b"")
text("white space", " \r\n\t\n")
text("null", "null\n")
text("an array", "[]", "line 1, column 1: an object {...} should stand here")
text("a string", '\n "x"', "line 2, column 2: an object {...} should stand here")
text("a number", "42", "line 1, column 1: an object {...} should stand here")
text("true", "true", "line 1, column 1: an object {...} should stand here")
text("half a file", PLAIN[: len(PLAIN) // 2], "line 1, column ")
text("a web page", "<!DOCTYPE html>\n<title>Not found</title>\n", "line 1, column 1: ")
text("single quotes", "{'auths': {}}", "line 1, column 2: ")
text("a comment", '{\n  // mine\n  "auths": {}\n}', "line 2, column 3: ")
text("a comma too many", '{\n  "auths": {},\n}', "line 3, column 1: ")
text("a comma too few", '{\n  "auths": {}\n  "someday": 1\n}', "line 3, column 3: ")
text("more text after the end", f"{PLAIN}\n}}", "line 2, column 1: more text after the end")
text("two documents", f"{PLAIN}\n{PLAIN}", "line 2, column 1: more text after the end")
text("a line break in a string", PLAIN.replace("1.50", '"a\nb"'), "line 1, column ")
text("an escape that is none", PLAIN.replace("1.50", r'"\x"'), "line 1, column ")
text("NaN", '{\n"someday": NaN}', "line 2, column 12: ")
text("a number with a zero before it", '{\n"someday": 01}', "line 2, column ")
text("a number with a plus before it", '{\n"someday": +1}', "line 2, column 12: ")
text("too deep", '{\n"someday": ' + "[" * 100_000, "line 2, column ")
text("too deep, and whole", '{"a":' * 5_000 + "1" + "}" * 5_000, "line 1, column ")
text("deep", PLAIN.replace("1.50", "[" * 50 + "]" * 50))
text("a number out of all bounds", PLAIN.replace("1.50", "1" * 5_000 + ", -1.0E+999999999, 1e-9999, -0"))

# A known key of a wrong kind

for key, right, wrong in (
    ("auths", "an object {...}", ("[]", '"x"', "1", "true")),
    ("credHelpers", "an object {...}", ("[]", '"x"')),
    ("HttpHeaders", "an object {...}", ("[]", '"x"')),
    ("credsStore", "a string", ("1", "{}", '["desktop"]', "false")),
    ("currentContext", "a string", ("1", "{}")),
):
    for value in wrong:
        text(f"{key} is {value}", f'{{\n"{key}": {value}}}', f"line 2, column {len(key) + 5}: {key} should be {right}")
text(
    "a helper is a number",
    '{"credHelpers": {"a": "b",\n"c": 1}}',
    "line 2, column 6: every value in credHelpers should",
)
text("a header is a list", '{"HttpHeaders": {"a":\n[]}}', "line 2, column 1: every value in HttpHeaders should")
text("the known keys are null", '{"auths": null, "credHelpers": null, "credsStore": null, "currentContext": null}')
text(
    "keys of docker's that dockpass does not know, wrong",
    PLAIN.replace('"someday"', '"plugins": 1, "aliases": [], "psFormat"'),
)
text("proxies is []", '{\n"proxies": []}', {"login": "line 2, column 12: proxies should be an object {...}"})

# One bad entry among good ones: it stays, and troubles nobody

for name, entry, reason in (
    ("a string", '"x"', "it is not an object {...}"),
    ("a number", "17", "it is not an object {...}"),
    ("a list", '[{"auth": "eDp5"}]', "it is not an object {...}"),
    ("null", "null", ""),
    ("empty", "{}", ""),
    ("no base64", '{"auth": "%%%"}', "its auth is not base64"),
    ("base64 that ends too early", '{"auth": "YWxpY2U6cGFzc3dvcmQ"}', "its auth is not base64"),
    ("no colon in it", '{"auth": "eA=="}', "its auth is not user:password"),
    ("no user in it", '{"auth": "OnB3"}', "its auth is not user:password"),
    ("no UTF-8 in it", '{"auth": "6TpqZQ=="}', ""),
    ("a number as auth", '{"auth": 1, "identitytoken": null}', "its auth is not a string"),
    ("a number as identity token", '{"auth": "eDp5", "identitytoken": 5}', "its identitytoken is not a string"),
    ("an object as user name", '{"username": {}, "password": "x"}', "its username is not a string"),
    ("a password without a user", '{"password": "pw-of-nobody"}', "it has a password, but no user name"),
    ("unknown fields only", '{"color": "blue", "AUTH": ""}', ""),
):
    others = f'{{"auths": {{"bad.example.com": {entry}, {OURS}, {GOOD}}}, "someday": 1}}'
    alone = f'{{"auths": {{"{PLACE}": {entry}, {GOOD}}}}}'
    warning = f'the entry "{PLACE}" in {FILE} cannot be used: {reason}' if reason else ""
    text(f"one entry is bad: {name}", others, warned=warning.replace(PLACE, "bad.example.com"))
    text(f"the entry itself is bad: {name}", alone, warned=warning)
text("an entry without a name", f'{{"auths": {{"": {{"auth": "eDp5"}}, {GOOD}}}}}')
text("auths twice", f'{{"auths": {{{OURS}}}, "someday": 1, "auths": {{{GOOD}}}, "someday": 2}}')
text("an entry twice", f'{{"auths": {{{OURS}, {GOOD}, {OURS}, {GOOD}}}}}')
text("keys in other letters", f'{{"Auths": {{{OURS}, {GOOD}}}, "SOMEDAY": 1}}')

# Large

text(
    "two thousand entries",
    '{"auths": {' + ", ".join(f'"r{n}.example.com": {{"auth": "eDp5"}}' for n in range(2000)) + "}}",
)
text("a string of five megabytes", PLAIN.replace("1.50", f'"{"x" * 5_000_000}"'))
text("a million values", '{"someday": [' + "1," * 1_000_000 + "1]}", "it holds more than 500000 values")


@odd("a hundred megabytes", "it is larger than 16 MiB")
def _(ground: Ground) -> None:
    ground.write()
    os.truncate(ground.box.config, SPARSE)


# Elsewhere


def _still_a_link(ground: Ground) -> None:
    assert ground.box.config.is_symlink()


def _linked(name: str, target: str) -> None:
    @odd(name, check=_still_a_link)
    def _(ground: Ground) -> None:
        ground.write()
        dotfiles = ground.box.home / "dotfiles"
        dotfiles.mkdir(0o700)
        ground.box.config.rename(dotfiles / "docker.json")
        ground.box.config.symlink_to(target.format(home=ground.box.home))
        ground.box.own(ground.box.home)


_linked("a relative link", "../dotfiles/docker.json")
_linked("an absolute link", "{home}/dotfiles/docker.json")


@odd("a link to a link to nothing", check=_still_a_link)
def _(ground: Ground) -> None:
    (ground.folder() / "config.json").symlink_to("second")
    (ground.box.docker / "second").symlink_to("../not-yet.json")


@odd("a link to nothing in a folder that is not there", check=_still_a_link)
def _(ground: Ground) -> None:
    (ground.folder() / "config.json").symlink_to("../not-yet/docker.json")


@odd("a link to itself", "its symbolic links lead in a circle")
def _(ground: Ground) -> None:
    (ground.folder() / "config.json").symlink_to("config.json")


@odd("links in a circle", "its symbolic links lead in a circle")
def _(ground: Ground) -> None:
    (ground.folder() / "config.json").symlink_to("second")
    (ground.box.docker / "second").symlink_to("config.json")


@odd("a link to another device", check=_still_a_link)
def _(ground: Ground) -> None:
    ground.write()
    other = ground.box.folder / "other"
    other.mkdir()
    ground.mounted(
        'mount -t tmpfs none "$1"\nmv "$2" "$1/config.json"\nln -s "../../other/config.json" "$2"',
        other,
        ground.box.config,
    )


@odd("a mounted file")
def _(ground: Ground) -> None:
    ground.write()
    outside = ground.box.folder / "outside.json"
    outside.write_bytes(ground.box.config.read_bytes())
    outside.chmod(0o600)
    ground.mounted('mount --bind "$1" "$2"', outside, ground.box.config)


@odd("a mounted file that is read-only", _written("the file system is read-only"))
def _(ground: Ground) -> None:
    ground.write()
    ground.mounted('mount --bind "$1" "$1"\nmount -o remount,bind,ro "$1"', ground.box.config)


@odd("a mounted folder that is read-only", _written("the file system is read-only"))
def _(ground: Ground) -> None:
    ground.write()
    ground.mounted('mount --bind "$1" "$1"\nmount -o remount,bind,ro "$1"', ground.box.docker)


@odd("a mounted folder that is read-only, without a file", {"login": "the file system is read-only"})
def _(ground: Ground) -> None:
    ground.folder()
    ground.mounted('mount --bind "$1" "$1"\nmount -o remount,bind,ro "$1"', ground.box.docker)


@odd("a full disk", _written("no space left on the disk"))
def _(ground: Ground) -> None:
    ground.write()
    script = 'mount -t tmpfs -o size=16k,mode=0700 none "$1"\ncp "$2" "$1"\n(cat /dev/zero > "$1/filler") 2>/dev/null || true'
    kept = ground.box.config.rename(ground.box.folder / "config.json")
    ground.mounted(script, ground.box.docker, kept)


@odd("a file with a second name")
def _(ground: Ground) -> None:
    ground.write()
    os.link(ground.box.config, ground.box.home / "second")


@odd("a mounted file with a second name", _written("has a second name (a hard link)"))
def _(ground: Ground) -> None:
    ground.write()
    os.link(ground.box.config, ground.box.home / "second")
    ground.mounted('mount --bind "$1" "$1"', ground.box.config)


@odd("the folder is a file", "a part of its path is not a folder")
def _(ground: Ground) -> None:
    ground.box.docker.write_text("x")


@odd("the folder is a link")
def _(ground: Ground) -> None:
    ground.write()
    ground.box.docker.rename(ground.box.home / "real")
    ground.box.docker.symlink_to("real")


@odd("the folder is a link to nothing")
def _(ground: Ground) -> None:
    ground.box.docker.symlink_to("not-yet")


@odd("the folder is a link to itself", "its symbolic links lead in a circle")
def _(ground: Ground) -> None:
    ground.box.docker.symlink_to(".docker")


def _elsewhere(name: str, folder: str, refused: str = "") -> None:
    """A folder given with ``--config``, which is not there."""

    @odd(name, refused)
    def _(ground: Ground) -> None:
        ground.arguments = ("--config", str(ground.box.home / folder))
        ground.named = folder.partition("\n")[0][:50]
        ground.box.docker = ground.box.home / folder
        ground.box.config = ground.box.file = ground.box.docker / "config.json"


_elsewhere("a missing folder in missing folders", "not/yet/there")
_elsewhere("a folder with an odd name", 'it\'s a "folder" – né\n$HOME')
_elsewhere("a folder with a name that is no text", "\udcff\udcfe")
_elsewhere("a folder with too long a name", "x" * 300, "its name is too long")
_elsewhere("a path that is too long", "/".join(["x" * 200] * 25), "its name is too long")


@odd("a home that is not there yet")
def _(ground: Ground) -> None:
    ground.box.home.rmdir()


@odd("HOME is empty", {"login": "cannot write /nonexistent"}, ordinary=True, root=True)
def _(ground: Ground) -> None:
    # The system's list of users says where the home of nobody is: nowhere, and only root could make it.
    ground.box.env["HOME"] = ""
    ground.named = "/nonexistent"


@odd("HOME is not set", {"login": "cannot write /nonexistent"}, ordinary=True, root=True)
def _(ground: Ground) -> None:
    del ground.box.env["HOME"]
    ground.named = "/nonexistent"


@odd("HOME is relative")
def _(ground: Ground) -> None:
    ground.write()
    ground.box.env["HOME"] = ground.box.home.name


for umask in (0, 0o022, 0o077, 0o777):

    @odd(f"no file, umask {umask:04o}", check=_mode(0o600))
    def _(ground: Ground, umask: int = umask) -> None:
        ground.box.umask = umask

    @odd(f"umask {umask:04o}", check=_mode(0o600))
    def _(ground: Ground, umask: int = umask) -> None:
        ground.write()
        ground.box.umask = umask


# In the way


def _in_the_way(name: str, make: Callable[[Path], object]) -> None:
    @odd(f"the lock file is {name}", _written("cannot use the lock file"))
    def _(ground: Ground) -> None:
        ground.write()
        make(ground.box.docker / ".config.json.lock")
        ground.named = str(ground.box.docker / ".config.json.lock")


_in_the_way("a pipe", os.mkfifo)
_in_the_way("a folder", os.mkdir)
_in_the_way("a link", lambda path: path.symlink_to("config.json"))


@odd("files that others left")
def _(ground: Ground) -> None:
    ground.write()
    for name in ("config.json1234567", "config.json.bak", ".config.json.swp", "config.json~"):
        (ground.box.docker / name).write_text("theirs")
        (ground.box.docker / name).chmod(0o600)


@odd("a journal that is none")
def _(ground: Ground) -> None:
    ground.write()
    (ground.box.docker / ".config.json.dockpass-journal").write_bytes(b"dockpass journal 1 5 5 0\nhello")
