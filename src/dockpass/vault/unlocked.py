"""An identity that was opened with its passphrase, kept in memory for a while.

It lies in ``$XDG_RUNTIME_DIR/dockpass/``, on a file system that is in memory, in a folder of ours and for us alone; so
no program has to stay behind to keep it. The file says until when it may be used, by two clocks: by the one on the
wall, and by the one that counts since the machine was started. Whoever sets the first one back wins nothing. It also
says which locked identity it was made from: another one means another passphrase, and it is not used any more.

This module imports next to nothing, because every ``get`` from such a vault comes by here.

Reference: https://specifications.freedesktop.org/basedir-spec/latest/
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockpass.errors import UnlockUnsafe

VARIABLE = "XDG_RUNTIME_DIR"
FOLDER = "dockpass"
_MARK = b"# dockpass unlocked:"
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_RELATIVE = os.open in os.supports_dir_fd
_OPEN_FOLDER = _OPEN | getattr(os, "O_DIRECTORY", 0)
_BOOT = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
_IN_MEMORY = ("tmpfs", "ramfs")
_LARGEST = 32768


def read(top: os.stat_result, locked: os.stat_result, environ: Mapping[str, str]) -> bytes | None:
    """The unlocked identity; ``None`` if there is none, or none that is still good. One that is over is removed.

    Args:
        top: The status of the vault's folder.
        locked: That of its ``identity.age``.
        environ: The environment.

    Raises:
        UnlockUnsafe: It is on a disk, open to others, or somebody else's.

    """
    data = _current(top, locked, environ)
    return None if data is None else data.partition(b"\n")[2]


def until(top: os.stat_result, locked: os.stat_result, environ: Mapping[str, str]) -> float | None:
    """When the unlocked identity will be over, in seconds since 1970; ``None`` if there is none.

    Raises:
        UnlockUnsafe: As :func:`read`.

    """
    data = _current(top, locked, environ)
    if data is None:
        return None
    wall, boot = _numbers(data)[:2]
    return min(wall, time.time() + boot - _boot())


def check(environ: Mapping[str, str]) -> None:
    """Whether there is a place for an unlocked identity: to be asked before anybody has to type a passphrase.

    Raises:
        UnlockUnsafe: There is none. The message says why.

    """
    os.close(_place(environ))


def write(top: os.stat_result, locked: os.stat_result, environ: Mapping[str, str], key: bytes, seconds: float) -> None:
    """Keep ``key`` for ``seconds``.

    Raises:
        UnlockUnsafe: There is no place for it.

    """
    folder = _place(environ)
    wall, boot = time.time(), _boot()
    times = " ".join([f"{moment:.3f}" for moment in (wall + seconds, boot + seconds, boot - 0.001)])  # rounded
    data = _MARK + f" {times} {' '.join(map(str, _version(locked)))}\n".encode() + key
    temporary = f".{name(top)}-{os.urandom(8).hex()}"
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600, dir_fd=folder)
        try:
            os.fchmod(fd, 0o600)
            if os.write(fd, data) != len(data):
                raise OSError("short write")  # caught below
        finally:
            os.close(fd)
        os.replace(temporary, name(top), src_dir_fd=folder, dst_dir_fd=folder)
    except OSError as error:
        _remove(folder, temporary)
        reason = error.strerror or "no space is left there"
        raise _unsafe(f"cannot keep an unlocked identity in {path(environ)}: {reason}", "check that folder") from None
    finally:
        os.close(folder)


def remove(top: os.stat_result, environ: Mapping[str, str]) -> bool:
    """Forget the unlocked identity. Returns whether there was one.

    Raises:
        UnlockUnsafe: It cannot be removed.

    """
    folder = _open(environ)
    if folder is None:
        return False
    try:
        os.unlink(name(top), dir_fd=folder)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unsafe(
            f"cannot remove the unlocked identity {path(environ)}/{name(top)}: {error.strerror}", "remove it by hand"
        ) from None
    finally:
        os.close(folder)
    return True


def path(environ: Mapping[str, str]) -> str:
    """The folder of unlocked identities."""
    return os.path.join(environ.get(VARIABLE, ""), FOLDER)


def name(top: os.stat_result) -> str:
    """The name of the file for the vault whose folder has this status: each vault has its own."""
    return f"identity-{top.st_dev:x}-{top.st_ino:x}.txt"


def _place(environ: Mapping[str, str]) -> int:
    """The folder to keep one in, open; made if it is not there."""
    base = environ.get(VARIABLE, "")
    if not base.startswith("/") or _BOOT is None or not hasattr(os, "geteuid"):
        raise _unsafe(
            f"there is no place for an unlocked identity: {VARIABLE} names no folder",
            "log in in the usual way (by a display manager, or by ssh with pam_systemd), which sets it",
        )
    _make(base)
    folder = _open(environ)
    if folder is None:
        raise _unsafe(f"{path(environ)} was removed meanwhile", "try again")
    try:
        _check_folder(folder, path(environ))
    except BaseException:
        os.close(folder)
        raise
    return folder


def _open(environ: Mapping[str, str]) -> int | None:
    if not environ.get(VARIABLE, "").startswith("/") or not _RELATIVE:
        return None
    try:
        return os.open(path(environ), _OPEN_FOLDER)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unsafe(f"cannot use {path(environ)}: it is no folder of yours ({error.strerror})", _LOOK) from None


def _make(base: str) -> None:
    try:
        there = os.stat(base)
    except OSError as error:
        raise _unsafe(f"cannot use {base}, which {VARIABLE} names: {error.strerror}", "check the variable") from None
    _check_private(there, base)
    try:
        os.mkdir(os.path.join(base, FOLDER), 0o700)
    except FileExistsError:
        return
    except OSError as error:
        raise _unsafe(f"cannot make {os.path.join(base, FOLDER)}: {error.strerror}", "check its folder") from None
    os.chmod(os.path.join(base, FOLDER), 0o700)


def _check_folder(folder: int, where: str) -> None:
    status = os.fstat(folder)
    _check_private(status, where)
    if not _is_in_memory(status.st_dev):
        raise _unsafe(
            f"{where} is on a disk, and an unlocked identity must be in memory only",
            f"let {VARIABLE} name a folder on a tmpfs, as systemd's /run/user is",
        )


def _check_private(status: os.stat_result, where: str) -> None:
    if status.st_uid != os.geteuid():
        raise _unsafe(f"{where} belongs to somebody else (uid {status.st_uid})", _LOOK)
    if status.st_mode & 0o077:
        raise _unsafe(
            f"{where} is open to others (mode {status.st_mode & 0o7777:04o})", f"make it yours alone: chmod go= {where}"
        )


def _is_in_memory(device: int) -> bool:
    """Whether the file system with this number is one in memory, as Linux's list of mounts says."""
    number = f"{os.major(device)}:{os.minor(device)}".encode()
    try:
        with open("/proc/self/mountinfo", "rb") as mounts:
            lines = mounts.read().split(b"\n")
    except OSError:
        return False
    for line in lines:
        mount, _dash, kind = line.partition(b" - ")
        if mount.split(b" ")[2:3] == [number]:
            return kind.split(b" ")[0].decode("ascii", "replace") in _IN_MEMORY
    return False


def _read(folder: int, file: str, where: str) -> bytes | None:
    try:
        fd = os.open(file, _OPEN, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unsafe(f"cannot use {where}/{file}: it is no file of yours ({error.strerror})", _LOOK) from None
    try:
        status = os.fstat(fd)
        _check_private(status, f"{where}/{file}")
        if status.st_mode & 0o170000 != 0o100000 or status.st_nlink != 1:
            raise _unsafe(f"cannot use {where}/{file}: it is no file, or has a second name", _LOOK)
        return os.read(fd, _LARGEST)
    finally:
        os.close(fd)


def _current(top: os.stat_result, locked: os.stat_result, environ: Mapping[str, str]) -> bytes | None:
    """The whole file, if it is there and still good; else it is gone."""
    folder = _open(environ)
    if folder is None:
        return None
    try:
        _check_folder(folder, path(environ))
        data = _read(folder, name(top), path(environ))
        if data is not None and not _is_good(_numbers(data), locked):
            _remove(folder, name(top))
            return None
        return data
    finally:
        os.close(folder)


def _is_good(numbers: list[float], locked: os.stat_result) -> bool:
    if len(numbers) != 6:
        return False
    wall, boot, since = numbers[:3]
    return time.time() < wall and since <= _boot() < boot and tuple(numbers[3:]) == _version(locked)


def _numbers(data: bytes) -> list[float]:
    head = data.partition(b"\n")[0]
    if not head.startswith(_MARK):
        return []
    try:
        return [float(word) if b"." in word else int(word) for word in head.removeprefix(_MARK).split()]
    except ValueError:
        return []


def _version(locked: os.stat_result) -> tuple[int, int, int]:
    return locked.st_ino, locked.st_mtime_ns, locked.st_size


def _boot() -> float:
    return time.clock_gettime(_BOOT) if _BOOT is not None else 0.0


def _remove(folder: int, file: str) -> None:
    try:
        os.unlink(file, dir_fd=folder)
    except OSError:
        return


_LOOK = "look at what it is: ls -la; remove it, and run dockpass vault unlock again"


def _unsafe(message: str, hint: str) -> UnlockUnsafe:
    from dockpass.display import clean
    from dockpass.errors import UnlockUnsafe

    return UnlockUnsafe(clean(message), clean(hint))
