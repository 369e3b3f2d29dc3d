"""Whatever Python's ``keyring`` keeps passwords in here, as a store. It wants ``pip install 'dockpass[keyring]'``.

A login is the password of a service, which is the server, and of a user. keyring cannot say what it has, nor which user
of a service is the one, so which servers there are, and the user of each, stands in a file of ours, ``keyring.json`` in
the folder of the vault. There are no secrets in it. What another program has put into the keyring for a service of that
name is not in the file, and is never taken for a login.

Reference: https://keyring.readthedocs.io/en/latest/#api-interface
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import FileUnreadable, StoreError, StoreFailed, StoreLocked, StoreUnavailable
from dockpass.stores import protocol
from dockpass.stores.contract import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from dockpass.credential import Credential

INDEX = "keyring.json"
"""The file that says which servers there are."""

_LIMIT = 16 << 20


class KeyringStore(Store):
    """Credentials in the keyring that Python's ``keyring`` has chosen, by its own settings.

    Args:
        environ: The environment, which says where the file is; ``None`` for that of this process. keyring itself always
            looks at that of this process.
        waiting: Called with one line while another process has the lock of the file.

    """

    name = "keyring"

    def __init__(
        self, *, environ: Mapping[str, str] | None = None, waiting: Callable[[str], None] | None = None
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._waiting = waiting

    def probe(self) -> str | None:
        """Why it cannot be used: the package is not installed, or finds no keyring. Asks nobody."""
        try:
            backend = _keyring().get_keyring()
        except StoreUnavailable as error:
            return error.message
        except Exception as error:  # noqa: BLE001 - a backend of somebody's
            return f"keyring has trouble with its settings ({type(error).__name__})"
        if type(backend).__module__ in ("keyring.backends.fail", "keyring.backends.null"):
            return "keyring finds no keyring here"
        return None

    def get(self, server: str) -> Credential | None:
        """The credential kept for ``server``.

        Raises:
            StoreUnavailable, StoreLocked, StoreFailed: The keyring did not give it.
            FileError: It is not known what there is.

        """
        username = self._read().get(server)
        if username is None:
            return None
        with _Trouble("read"):
            secret = _keyring().get_password(server, username)
        return protocol.credential(username, secret or "")

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in the keyring, then say so in the file, then drop the password of another user.

        Raises:
            BadServer, BadCredential: No credential helper could give it to docker as it is.
            StoreUnavailable, StoreLocked, StoreFailed: The keyring did not keep it.
            FileError: The file could not be written.

        """
        username, secret = protocol.fit(server, credential)
        with _Turn(self._path(), self._waiting):
            kept = self._read()
            before = kept.get(server)
            with _Trouble("written", credential):
                _keyring().set_password(server, username, secret)
            if before != username:
                self._write({**kept, server: username})
            if before not in (None, username):
                _delete(server, str(before))

    def erase(self, server: str) -> bool:
        """Forget ``server``. Returns whether there was something.

        Raises:
            StoreUnavailable, StoreLocked, StoreFailed: The keyring did not erase it.
            FileError: The file could not be written.

        """
        if server not in self._read():
            return False
        with _Turn(self._path(), self._waiting):
            kept = self._read()
            username = kept.pop(server, None)
            if username is None:
                return False
            _delete(server, username)
            self._write(kept)
        return True

    def list(self) -> dict[str, str]:
        """Every server with its user name, from the file: the keyring is not asked.

        Raises:
            FileError: The file cannot be read or understood.

        """
        return {server: protocol.shown(username) for server, username in self._read().items()}

    def _path(self) -> str:
        from dockpass.vault.home import directory

        return os.path.join(directory(self._environ), INDEX)

    def _read(self) -> dict[str, str]:
        from dockpass.files.read import read
        from dockpass.strictjson import BadJSON, loads

        path = self._path()
        found = read(path, limit=_LIMIT)
        if found is None:
            return {}
        try:
            kept = loads(found.data)
        except BadJSON as error:
            raise _unusable(path, str(error)) from None
        if not isinstance(kept, dict) or not all(isinstance(username, str) for username in kept.values()):
            raise _unusable(path, "it is not a list of servers with their user names")
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        from dockpass.files.replace import replace
        from dockpass.strictjson import quote

        lines = ",\n".join(f"\t{quote(server)}: {quote(kept[server])}" for server in sorted(kept))
        replace(self._path(), f"{{\n{lines}\n}}\n".encode())


class _Turn:
    """The lock of the file, and what others who were killed have left beside it taken away."""

    def __init__(self, path: str, waiting: Callable[[str], None] | None) -> None:
        from dockpass.files.lock import lock

        self._path = path
        self._lock = lock(path, waiting=waiting)

    def __enter__(self) -> None:
        from dockpass.files.replace import tidy

        if self._lock.__enter__().firm:
            tidy(self._path)

    def __exit__(self, *error: object) -> None:
        self._lock.__exit__(*error)


class _Trouble:
    """Turns what a backend raises into errors of ours."""

    def __init__(self, done: str, given: Credential | None = None) -> None:
        self._done = done
        self._given = given

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, place: object) -> None:
        if error is None or isinstance(error, StoreError) or not isinstance(error, Exception):
            return
        from dockpass.stores.complaint import words

        errors = _keyring().errors
        said = words(str(error).encode("utf-8", "replace"), self._given)
        if isinstance(error, errors.NoKeyringError):
            raise _none() from None
        if isinstance(error, errors.KeyringLocked):
            raise StoreLocked(f"the keyring is locked: {said}", "unlock it, then try again") from None
        reason = said or type(error).__name__
        raise StoreFailed(
            f"the keyring could not be {self._done}: {reason}", "see what `keyring diagnose` says, and try again"
        ) from None


def _delete(server: str, username: str) -> None:
    """Have the keyring forget a password. It may be gone already: backends have one error for that and for failing."""
    keyring = _keyring()
    with _Trouble("written"):
        try:
            keyring.delete_password(server, username)
        except keyring.errors.PasswordDeleteError:
            if keyring.get_password(server, username) is not None:
                raise


def _keyring() -> ModuleType:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise StoreUnavailable(
            "Python's keyring is not installed beside dockpass", "pip install 'dockpass[keyring]'"
        ) from None
    return keyring


def _none() -> StoreUnavailable:
    return StoreUnavailable(
        "keyring finds no keyring here", "see what `keyring diagnose` says, or use the vault: --store age"
    )


def _unusable(path: str, why: str) -> FileUnreadable:
    return FileUnreadable(
        f"{clean(path, 1000)} cannot be used: {clean(why)}",
        "move it away, and log in again: it says which logins are in the keyring",
        path=path,
    )
