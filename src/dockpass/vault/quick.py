"""The short way from a server to the bytes that a helper prints.

A helper is a new process for every pull, so what it imports is what it costs. This takes the way on which nothing is
wrong: a key of age's own, pyrage, a file that says what it should. Whatever else it meets, it has
:mod:`~dockpass.vault.find` look again, which takes care of all the rest and has words for it. So nothing is decided
here but yes and "there is none".
"""

from __future__ import annotations

import os

from dockpass.vault.layout import ACTIVE, CREDENTIALS, IDENTITY, IDENTITY_LIMIT, LIMIT, LOCKED, SEALED
from dockpass.vault.name import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_SAFELY = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
)
_RELATIVE = os.open in os.supports_dir_fd
_TOP = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_BELOW = _TOP | getattr(os, "O_NOFOLLOW", 0)
_TOKEN = "<token>"  # noqa: S105 - a marker, not a secret
_INTRO = b"age-encryption.org/v1\n"
_PLAIN = 0o100000
_KEY = b"AGE-SECRET-KEY-1"


class _Otherwise(Exception):
    """Something is not as it is most of the time."""


def answer(server: str, home: str, environ: Mapping[str, str] | None = None) -> bytes | None:
    """The helper protocol's answer for ``server``, ready to be printed; ``None`` if the vault has none.

    Args:
        server: The key, as it was asked for.
        home: The folder of the vault (:func:`dockpass.vault.home.directory`).
        environ: The environment; the process's own by default.

    Raises:
        DockpassError: As :func:`dockpass.vault.find.find`.

    """
    environ = os.environ if environ is None else environ
    try:
        return _answer(server, home, environ)
    except Exception:  # noqa: BLE001 - whatever it is, it is found again, and said, by who has the words
        from dockpass.vault.find import find
        from dockpass.vault.home import Home

        found = find(Home(home, environ=environ), server)
        return None if found is None else found.answer


def _answer(server: str, home: str, environ: Mapping[str, str]) -> bytes | None:
    if not _RELATIVE:
        raise _Otherwise
    fds: list[int] = []
    try:
        try:
            fds.append(os.open(home, _TOP))
            fds.append(os.open(CREDENTIALS, _BELOW, dir_fd=fds[0]))
            fds.append(os.open(encode(server), _BELOW, dir_fd=fds[1]))
        except FileNotFoundError:
            if not fds and _is_lost(home):
                raise _Otherwise from None
            return None
        top, _servers, folder = fds
        file = _read(ACTIVE, folder, 1024, 0)[:-1].decode("ascii")
        username = decode(file.removesuffix(SEALED))
        if username is None or not file.endswith(SEALED):
            raise _Otherwise
        sealed = _read(file, folder, LIMIT, 0)
        key = _identity(top, environ)
    finally:
        for fd in fds:
            os.close(fd)
    if not sealed.startswith(_INTRO) or b"\n-> scrypt" in sealed:
        raise _Otherwise
    lines = [line for line in key.split(b"\n") if line and not line.startswith(b"#")]
    if not lines or not all(line.startswith(_KEY) for line in lines):
        raise _Otherwise
    import pyrage
    from pyrage import x25519

    plain: bytes = pyrage.decrypt(sealed, [x25519.Identity.from_str(line.decode("ascii")) for line in lines])
    if username.startswith(_TOKEN):
        username = _TOKEN
    if not plain.startswith(_beginning(server, username)) or not plain.endswith(b'"}\n'):
        raise _Otherwise
    return plain


def _is_lost(home: str) -> bool:
    from dockpass.vault.home import leads_nowhere

    return bool(leads_nowhere(home))


def _beginning(server: str, username: str) -> bytes:
    """As :func:`dockpass.vault.answer.beginning`, without its imports for names that JSON writes as they are."""
    both = server + username.strip("<>") if username == _TOKEN else server + username
    if not (both.isascii() and both.isprintable()) or any(letter in both for letter in '"\\<>&'):
        from dockpass.vault.answer import beginning

        return beginning(server, username)
    written = "\\u003ctoken\\u003e" if username == _TOKEN else username
    return f'{{"ServerURL":"{server}","Username":"{written}","Secret":"'.encode("ascii")


def _identity(top: int, environ: Mapping[str, str]) -> bytes:
    """The identity file; with a passphrase, what was unlocked of it."""
    try:
        return _read(IDENTITY, top, IDENTITY_LIMIT, 0o077)
    except FileNotFoundError:
        from dockpass.vault import unlocked

        locked = os.stat(LOCKED, dir_fd=top, follow_symlinks=False)
        data = unlocked.read(os.fstat(top), locked, environ)
        if data is None:
            raise _Otherwise from None
        return data


def _read(name: str, folder: int, limit: int, others: int) -> bytes:
    """A file, if it is one, not too large, and ours; and if ``others`` of its mode are not set."""
    fd = os.open(name, _SAFELY, dir_fd=folder)
    try:
        status = os.fstat(fd)
        data = os.read(fd, limit + 1)
        private = not others or status.st_uid in (0, os.geteuid())
        if (
            status.st_mode & (0o170000 | others) != _PLAIN
            or len(data) != status.st_size
            or len(data) > limit
            or not private
        ):
            raise _Otherwise
        return data
    finally:
        os.close(fd)
