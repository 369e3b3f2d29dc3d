"""The vault's private key: made once, and never replaced.

Whoever loses it has lost what was sealed for it. So a key that is missing, empty, damaged or open to others is an
error; a new one in its place would make that look like a vault in order, until the first credential is wanted. Only a
vault without a single credential gets one.
"""

from __future__ import annotations

import os
import stat

from dockpass.display import clean
from dockpass.errors import DockpassError, IdentityUnusable, VaultLocked
from dockpass.files.lock import lock
from dockpass.vault import engine
from dockpass.vault.folder import Folder
from dockpass.vault.keys import BadKey, Keys, is_plugins
from dockpass.vault.layout import CREDENTIALS, IDENTITY, IDENTITY_LIMIT, IDENTITY_TURN, LOCKED, RECIPIENTS, SEALED
from dockpass.vault.pick import pick
from dockpass.vault.private import loose, owner_besides

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.credential import Secret
    from dockpass.vault.home import Home

_BACKUP = "bring it back from a backup; it is never made anew while there are credentials that only it can open"


class Identity:
    """The private key, in memory.

    Attributes:
        path: The file that it is from.
        keys: The keys in it.
        engine: What opens and seals.

    """

    __slots__ = ("engine", "keys", "path")

    def __init__(self, path: str, keys: Keys, using: engine.Engine) -> None:
        self.path = path
        self.keys = keys
        self.engine = using

    def public(self) -> list[str]:
        """Its public keys.

        Raises:
            IdentityUnusable: It is damaged, or does not say what they are.
            AgeFailed: The engine cannot work.

        """
        keys = self.keys
        try:
            known = list(keys.named) if keys.ssh else self.engine.public(keys)
        except BadKey as error:
            raise unusable(self.path, error) from None
        except engine.Trouble as trouble:
            raise engine.failed(f"read {clean(self.path)}", trouble) from None
        if keys.plugins:
            known += [public for public in keys.named if is_plugins(public)]
        if not known:
            raise IdentityUnusable(
                f"cannot use {clean(self.path)}: it does not say what its public key is",
                "add a line with the one that its plug-in printed: # public key: age1...",
                path=self.path,
            )
        return known


def load(home: Home, top: Folder) -> Identity:
    """The vault's identity.

    Args:
        home: The vault.
        top: Its folder, open.

    Raises:
        VaultLocked: It is locked by a passphrase, and not unlocked.
        IdentityUnusable: It is missing, empty, damaged or open to others.
        UnlockUnsafe: It is unlocked, and lies where it must not.
        FileUnreadable: It cannot be read.
        AgeMissing: There is no engine.

    """
    path = os.path.join(top.folder, IDENTITY)
    found = top.read(IDENTITY, IDENTITY_LIMIT)
    if found is not None:
        data, status = found
        if wrong := loose(status, 0o077, besides=owner_besides(top.mode())):
            raise IdentityUnusable(
                f"cannot use {clean(path)}: {wrong}",
                f"make it yours alone: chmod 600 {clean(path)}; if others may have read it, make a new vault",
                path=path,
            )
    else:
        path = os.path.join(top.folder, LOCKED)
        data = _unlocked(home, top, path)
    return parsed(home, path, data)


def check_open(home: Home) -> None:
    """Whether the identity could be read as far as its lock goes: to be asked before anybody types a password.

    Raises:
        VaultLocked: It is locked by a passphrase, and not unlocked.
        UnlockUnsafe: It is unlocked, and lies where it must not.
        FileUnreadable: It cannot be read.

    """
    top = Folder.top(home.path)
    if top is not None:
        with top:
            if top.status(IDENTITY) is None and top.status(LOCKED) is not None:
                _unlocked(home, top, os.path.join(top.folder, LOCKED))


def parsed(home: Home, path: str, data: bytes) -> Identity:
    """The identity in ``data``, which is from the file at ``path``.

    Raises:
        IdentityUnusable: There is none in it.
        AgeMissing: There is no engine.

    """
    try:
        keys = Keys.parse(data)
    except BadKey as error:
        raise unusable(path, error) from None
    return Identity(path, keys, pick(home.environ, home.tell))


def unusable(path: str, error: BadKey) -> IdentityUnusable:
    """The error to raise where the file at ``path`` holds no key that can be used."""
    return IdentityUnusable(f"cannot use {clean(path)}: {error}", error.hint or _BACKUP, path=path)


def _unlocked(home: Home, top: Folder, path: str) -> bytes:
    locked = top.status(LOCKED)
    if locked is None:
        missing = os.path.join(top.folder, IDENTITY)
        raise IdentityUnusable(
            f"cannot open the vault: its private key {clean(missing)} is missing", _BACKUP, path=missing
        )
    from dockpass.vault import unlocked

    data = unlocked.read(top.mode(), locked, home.environ)
    if data is None:
        raise VaultLocked(
            f"the vault is locked: {clean(path)} needs its passphrase", "unlock it: dockpass vault unlock", path=path
        )
    return data


def load_or_make(home: Home, top: Folder) -> Identity:
    """The vault's identity; a new one in a vault that has neither an identity nor a credential.

    Raises:
        DockpassError: As :func:`load`, and as :func:`make`.

    """
    there = _status(top)
    if there is not None and there.st_nlink == 1:
        return load(home, top)
    with lock(os.path.join(top.folder, IDENTITY_TURN), waiting=home.waiting):
        # What a process has left that was killed while it made one: a private key, or a second name of this one.
        top.tidy(IDENTITY, LOCKED)
        if _status(top) is not None or has_credentials(top):
            return load(home, top)
        return _make(home, top, None)


def make(home: Home, passphrase: Secret | None = None) -> Identity:
    """Make a vault with a new identity.

    Args:
        home: The vault.
        passphrase: What to lock it by. The key is never on the disk without that, then.

    Returns:
        The identity; not unlocked for others.

    Raises:
        IdentityUnusable: There is an identity, or a credential, already.
        WrongPassphrase: It is none that could be typed.
        DockpassError: It could not be made.

    """
    return _establish(home, None, passphrase)


def check_free(home: Home) -> None:
    """Whether :func:`make` could make a vault: to be asked before anybody has to type a passphrase.

    Raises:
        IdentityUnusable: There is an identity, or a credential, already.
        FileUnreadable: That cannot be found out.

    """
    top = Folder.top(home.path)
    if top is not None:
        with top:
            _check_free(top)


def adopt(home: Home, data: bytes) -> Identity:
    """Make a vault with an identity that is there: an age key, an SSH key, the line of an age plug-in.

    Args:
        home: The vault.
        data: The contents of the file that it is in.

    Raises:
        IdentityUnusable: It is none; or there is an identity, or a credential, already.
        DockpassError: It could not be kept.

    """
    return _establish(home, data, None)


def _establish(home: Home, data: bytes | None, passphrase: Secret | None) -> Identity:
    top = Folder.top(home.path, make=True)
    assert top is not None  # noqa: S101 - it was made
    with top, lock(os.path.join(top.folder, IDENTITY_TURN), waiting=home.waiting):
        top.tidy(IDENTITY, LOCKED)
        _check_free(top)
        if data is None:
            return _make(home, top, passphrase)
        path = os.path.join(top.folder, IDENTITY)
        identity = parsed(home, path, data)
        public = identity.public()
        _prove(identity, public)
        _keep(top, IDENTITY, data if data.endswith(b"\n") else data + b"\n", public)
        return identity


def _check_free(top: Folder) -> None:
    there = next((name for name in (IDENTITY, LOCKED) if top.status(name) is not None), None)
    if there is not None:
        path = os.path.join(top.folder, there)
        raise IdentityUnusable(
            f"there is a vault already: {clean(path)} is never replaced",
            "use it; or move its whole folder away first, with the credentials that only it can open",
            path=path,
        )
    if has_credentials(top):
        path = os.path.join(top.folder, IDENTITY)
        raise IdentityUnusable(
            f"cannot make {clean(path)}: there are credentials already that a lost key had sealed",
            _BACKUP,
            path=path,
        )


def _make(home: Home, top: Folder, passphrase: Secret | None) -> Identity:
    from time import gmtime, strftime

    using = pick(home.environ, home.tell)
    try:
        key = using.generate()
        public = using.public(Keys.parse(key.encode()))
    except engine.Trouble as trouble:
        raise engine.failed("make a private key", trouble) from None
    created = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime())
    data = f"# created: {created}\n# public key: {public[0]}\n{key}\n".encode()
    name, written = IDENTITY, data
    if passphrase is not None:
        from dockpass.vault.locked import sealed

        name, written = LOCKED, sealed(using, data, passphrase)
    _keep(top, name, written, public)
    return Identity(os.path.join(top.folder, name), Keys.parse(data), using)


def _prove(identity: Identity, public: list[str]) -> None:
    """Open something with a key that somebody brought, before anything is sealed for it; not with a plug-in's, which
    may want to be touched.
    """
    if identity.keys.plugins:
        return
    try:
        identity.engine.unseal(identity.engine.seal(b"", public), identity.keys)
    except (engine.NotForUs, engine.Broken):
        reason = BadKey("its private and its public half do not belong together", "check where it comes from")
        raise unusable(identity.path, reason) from None
    except BadKey as error:
        raise unusable(identity.path, error) from None
    except engine.Trouble as trouble:
        raise engine.failed("try the private key", trouble) from None


def _keep(top: Folder, name: str, data: bytes, public: list[str]) -> None:
    """The identity first: it is what cannot be made again."""
    if not top.write(name, data, fresh=True):
        raise IdentityUnusable(f"there is a vault already: {clean(os.path.join(top.folder, name))}", "use it")
    top.write(RECIPIENTS, ("\n".join(public) + "\n").encode(), fresh=True)


def _status(top: Folder) -> os.stat_result | None:
    return top.status(IDENTITY) or top.status(LOCKED)


def has_credentials(top: Folder) -> bool:
    """Whether any file of a credential is in the vault, whoever it is sealed for.

    Raises:
        FileUnreadable: That cannot be found out.

    """
    servers = top.below(CREDENTIALS)
    if servers is None:
        return False
    with servers:
        for name in servers.files():
            there = servers.status(name)
            if there is not None and stat.S_ISREG(there.st_mode):
                if name.endswith(SEALED):
                    return True
                continue
            try:
                server = servers.below(name)
            except DockpassError:
                return True  # something is there, and cannot be looked into
            if server is not None:
                with server:
                    if any(file.endswith(SEALED) for file in server.files()):
                        return True
    return False
