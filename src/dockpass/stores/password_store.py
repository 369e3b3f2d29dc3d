"""``pass``, the standard unix password manager, as a store: one file a login, sealed by GPG.

The layout is that of ``docker-credential-pass``, so either reads what the other wrote:
``docker-credential-helpers/SERVER/USER.gpg`` in the password store, SERVER in URL-safe base64, USER as it is. The file
holds the secret and nothing else.

Writing is left to ``pass``, which knows for whom to seal, and keeps the history where there is one. Reading needs GPG
alone. Where docker's helper is careless, this is not: a user name that would lead out of the folder is refused, an odd
file beside the others hides nothing, and ``put`` takes the place of every other user's login.

Reference: https://git.zx2c4.com/password-store/about/
"""

from __future__ import annotations

import binascii
import os

from dockpass.display import clean
from dockpass.errors import BadCredential, BadServer, StoreFailed, StoreUnavailable
from dockpass.stores import on_path, protocol
from dockpass.stores.contract import Store
from dockpass.stores.gpg import GPG, SEALING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dockpass.credential import Credential

_FOLDER = "docker-credential-helpers"
_SEALED = ".gpg"
_LONGEST = 255
_ELSEWHERE = "keep it elsewhere: dockpass login --store age SERVER"


class PassStore(Store):
    """Credentials in the user's password store.

    Args:
        environ: The environment, with ``PASSWORD_STORE_DIR`` and the other variables of pass and GPG; ``None`` for that
            of this process.
        waiting: Called with one line when GPG takes longer than three seconds.
        time_limit: Seconds for one call of pass or GPG; ``None`` means 30, and 300 where there is a terminal.

    Attributes:
        notes: After ``list``: one line for each thing in the folder that is no login.

    """

    name = "pass"

    def __init__(
        self,
        *,
        environ: Mapping[str, str] | None = None,
        waiting: Callable[[str], None] | None = None,
        time_limit: float | None = None,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._waiting = waiting
        self._time_limit = time_limit
        self.notes: list[str] = []

    def probe(self) -> str | None:
        """Why it cannot be used here: there is no pass, or its store is not set up."""
        try:
            self._pass()
            self._check_set_up(self._root())
        except StoreUnavailable as error:
            return error.message
        return None

    def get(self, server: str) -> Credential | None:
        """The credential kept for ``server``: of several users' that of the first by name, as with docker's helper.

        Raises:
            FileUnreadable: The folder cannot be read.
            StoreUnavailable: There is something, and no gpg to open it.
            StoreLocked, StoreTimedOut, StoreFailed: It cannot be opened: the message says why.

        """
        if not protocol.question(server):
            return None
        folder = self._folder(server)
        options = self._environ.get("PASSWORD_STORE_GPG_OPTS", "").split()
        gpg = GPG(self._environ, self._waiting, self._time_limit)
        while users := self._users(folder):
            path = os.path.join(folder, users[0] + _SEALED)
            try:
                secret = gpg.decrypt(path, options)
            except StoreFailed:
                if os.path.exists(path):
                    raise
                continue  # another process has just put another user's in its place
            # Whoever typed it in with `pass insert` has a line break at the end that is no part of it.
            return protocol.credential(users[0], secret.rstrip(b"\r\n").decode("utf-8", "surrogateescape"))
        return None

    def others(self, server: str) -> Sequence[str]:
        """The users after the first by name.

        Raises:
            FileUnreadable: The folder cannot be read.

        """
        return self._users(self._folder(server))[1:] if protocol.question(server) else ()

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential``, in place of every other user's for ``server``.

        Raises:
            BadServer, BadCredential: The layout cannot hold it.
            StoreUnavailable: pass is not installed, or its store not set up.
            StoreTimedOut, StoreFailed: It could not be sealed: the message says why.

        """
        username, secret = protocol.fit(server, credential)
        folder = self._folder(server)
        _check(server, folder, username, secret)
        program = self._pass()
        self._check_set_up(folder)
        what = f"the login for {clean(server, 255)}"
        gpg = GPG(self._with_options(), self._waiting, self._time_limit)
        words = ["insert", "--multiline", "--force", self._entry(folder, username)]
        ended, said = gpg.run(program, words, secret.encode(), f"keeping {what}")
        if ended.status != 0 or username not in self._users(folder):
            self._tidy(folder)
            raise gpg.not_sealed(what, said)
        for other in self._users(folder):
            if other != username:
                gpg.run(program, ["rm", "--force", self._entry(folder, other)], b"", "removing an older login")
        if self._users(folder) != [username]:
            raise StoreFailed(
                f"{what} is kept, but an older one beside it could not be removed from {clean(folder)}",
                "remove it by hand: pass rm",
            )

    def erase(self, server: str) -> bool:
        """Forget ``server``, every user's. Returns whether there was something.

        Raises:
            StoreUnavailable: There is something, and no pass to remove it.
            StoreTimedOut, StoreFailed: It could not be removed.

        """
        if not protocol.question(server):
            return False
        folder = self._folder(server)
        if not os.path.isdir(folder):
            return False
        had = bool(self._users(folder))
        gpg = GPG(self._environ, self._waiting, self._time_limit)
        words = ["rm", "--recursive", "--force", self._entry(folder, "")]
        said = gpg.run(self._pass(), words, b"", "removing a login")[1]
        if os.path.isdir(folder) and self._users(folder):
            why = clean(" ".join(said.split()), 300) or "pass did not say why"
            raise StoreFailed(f"{clean(folder)} could not be removed: {why}", "remove it by hand: pass rm")
        return had

    def list(self) -> dict[str, str]:
        """Every server with its user name: of several the one that ``get`` gives. Nothing is opened, nobody asked.

        Raises:
            FileUnreadable: The folder cannot be read.

        """
        self.notes = []
        root = os.path.join(self._root(), _FOLDER)
        found: dict[str, str] = {}
        for name in self._names(root):
            folder = os.path.join(root, name)
            if name.startswith(".") or not os.path.isdir(folder):
                continue
            server = _decoded(name)
            if server is None:
                self.notes.append(f"{clean(folder)} is no login: its name is no server's in base64")
                continue
            users = self._users(folder)
            if users:
                found[server] = protocol.shown(users[0])
        return found

    def prepare(self) -> Iterator[None]:
        """Load what makes the folder's name."""
        _encoded("reg.example.com")
        yield

    def _root(self) -> str:
        return self._environ.get("PASSWORD_STORE_DIR") or os.path.join(self._environ.get("HOME", ""), ".password-store")

    def _folder(self, server: str) -> str:
        return os.path.join(self._root(), _FOLDER, _encoded(server))

    def _entry(self, folder: str, username: str) -> str:
        """What pass calls it."""
        return f"{_FOLDER}/{os.path.basename(folder)}/{username}"

    def _users(self, folder: str) -> Sequence[str]:
        """Who has a login in ``folder``, in the order of docker's helper: by bytes.

        Nobody, where its name is longer than that of a file can be: some clients ask for a whole repository first, and
        what cannot be kept is not there.
        """
        if len(os.path.basename(folder)) > _LONGEST:
            return ()
        names = [name for name in self._names(folder) if name.endswith(_SEALED) and not name.startswith(".")]
        files = [name for name in names if os.path.isfile(os.path.join(folder, name))]
        return [name.removesuffix(_SEALED) for name in files]

    def _names(self, folder: str) -> Sequence[str]:
        try:
            return sorted(os.listdir(folder), key=os.fsencode)
        except FileNotFoundError:
            return []
        except OSError as error:
            from dockpass.files.cause import unreadable

            raise unreadable(folder, error) from None

    def _pass(self) -> str:
        found = on_path.find_program("pass", self._environ)
        if found is None:
            raise StoreUnavailable(
                "pass, which writes to the password store, is not on PATH",
                "install it (https://www.passwordstore.org), or use another store: dockpass login --store age SERVER",
            )
        return found

    def _check_set_up(self, folder: str) -> None:
        """See that pass knows for whom to seal, before it makes folders and then finds out."""
        if self._environ.get("PASSWORD_STORE_KEY"):
            return
        root = self._root()
        places = (folder, os.path.dirname(folder), root)
        if not any(os.path.isfile(os.path.join(place, ".gpg-id")) for place in places):
            raise StoreUnavailable(
                f"the password store {clean(root)} is not set up",
                "set it up: gpg --quick-generate-key YOUR-NAME, then: pass init YOUR-NAME",
            )

    def _with_options(self) -> dict[str, str]:
        """The environment with which pass has gpg say what is wrong."""
        options = f"{self._environ.get('PASSWORD_STORE_GPG_OPTS', '')} {SEALING}"
        return {**self._environ, "PASSWORD_STORE_GPG_OPTS": options.strip()}

    def _tidy(self, folder: str) -> None:
        """Take away the folder that pass made for nothing."""
        try:
            os.rmdir(folder)
        except OSError:
            return


def _check(server: str, folder: str, username: str, secret: str) -> None:
    """Refuse what the layout cannot hold, or what docker's helper would read as something else."""
    if len(os.path.basename(folder)) > _LONGEST:
        raise BadServer(
            f"pass cannot keep a login for a name as long as {clean(server, 64)}: it makes a file name of it",
            _ELSEWHERE,
        )
    if "/" in username or username.startswith("."):
        raise BadCredential('pass cannot keep a user name with "/" in it or "." before it', _ELSEWHERE)
    if len(os.fsencode(username + _SEALED)) > _LONGEST:
        raise BadCredential("pass cannot keep a user name as long: it makes a file name of it", _ELSEWHERE)
    if secret[-1] in "\r\n":
        raise BadCredential(
            "docker's helper for pass drops the line break at the end of a secret",
            "leave it out, if it is not a part of it",
        )


def _encoded(server: str) -> str:
    """``server`` in URL-safe base64 with padding."""
    return binascii.b2a_base64(server.encode(), newline=False).translate(_TO_URL).decode("ascii")


def _decoded(name: str) -> str | None:
    """The server whose folder has the name ``name``; ``None`` if it is none's."""
    try:
        server = binascii.a2b_base64(name.encode("ascii").translate(_FROM_URL), strict_mode=True).decode()
    except (ValueError, UnicodeError):
        return None
    return server if server and _encoded(server) == name else None


_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
