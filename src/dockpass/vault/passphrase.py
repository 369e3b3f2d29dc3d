"""An identity that is locked by a passphrase: locking it, opening it for a while, and closing it again.

Trying a passphrase costs a second on purpose, and a ``get`` has no second and nobody to ask. So the identity is opened
once (:func:`unlock`), rests in memory until it is over (:mod:`~dockpass.vault.unlocked`), and until then every ``get``
is as fast as ever.
"""

from __future__ import annotations

import math
import os

from dockpass.display import clean
from dockpass.errors import IdentityUnusable, UsageError, WrongPassphrase
from dockpass.files.lock import lock as turn
from dockpass.vault import engine, header, unlocked
from dockpass.vault.folder import Folder
from dockpass.vault.identity import load, parsed
from dockpass.vault.layout import IDENTITY, IDENTITY_LIMIT, IDENTITY_TURN, LOCKED
from dockpass.vault.locked import checked, sealed
from dockpass.vault.pick import pick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.credential import Secret
    from dockpass.vault.home import Home


def protect(home: Home, passphrase: Secret) -> None:
    """Lock the identity that lies in ``identity.txt`` by a passphrase; then that file is gone.

    It is opened again before: what is removed can be had back. Killed in the middle both files may be there, and
    calling this again with the same passphrase ends it.

    Raises:
        IdentityUnusable: There is none, or one that is locked already.
        WrongPassphrase: It is none that could be typed, or not that of the locked identity that is there too.
        DockpassError: It could not be done; the identity is as it was.

    """
    top = _top(home)
    with top, turn(os.path.join(top.folder, IDENTITY_TURN), waiting=home.waiting):
        top.tidy(IDENTITY, LOCKED)
        plain = top.read(IDENTITY, IDENTITY_LIMIT)
        if plain is None:
            path = os.path.join(top.folder, IDENTITY)
            raise IdentityUnusable(
                f"cannot lock {clean(path)}: it is not there", "see what is there: dockpass vault status", path=path
            )
        identity = load(home, top)
        top.write(LOCKED, sealed(identity.engine, plain[0], passphrase), fresh=True)
        if _opened(home, top, passphrase) != plain[0]:
            path = os.path.join(top.folder, LOCKED)
            raise IdentityUnusable(
                f"cannot lock the vault: {clean(path)} is there already, and has another key in it",
                "look at both, and move one away",
                path=path,
            )
        top.delete(IDENTITY)
        top.on_disk()


def unlock(home: Home, passphrase: Secret, seconds: float) -> None:
    """Open the vault's locked identity, and keep it open for ``seconds``.

    Raises:
        UsageError: ``seconds`` is no time.
        WrongPassphrase: It is not the passphrase.
        IdentityUnusable: There is no locked identity, or it is damaged.
        UnlockUnsafe: There is no place where an open one could be.

    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise UsageError("the time to keep the vault unlocked must be longer than nothing", "such as --for 8h")
    with _top(home) as top:
        key = _opened(home, top, passphrase)
        parsed(home, os.path.join(top.folder, LOCKED), key)
        status = top.status(LOCKED)
        if status is not None:
            unlocked.write(top.mode(), status, home.environ, key, seconds)


def lock(home: Home) -> bool:
    """Forget the opened identity now. Returns whether there was one.

    Raises:
        UnlockUnsafe: It cannot be removed.

    """
    top = Folder.top(home.path)
    if top is None:
        return False
    with top:
        return unlocked.remove(top.mode(), home.environ)


def _top(home: Home) -> Folder:
    top = Folder.top(home.path)
    if top is None:
        raise IdentityUnusable(
            f"there is no vault at {clean(home.path)}", "make one: dockpass vault init", path=home.path
        )
    return top


def _opened(home: Home, top: Folder, passphrase: Secret) -> bytes:
    """The identity file inside the locked one."""
    path = os.path.join(top.folder, LOCKED)
    found = top.read(LOCKED, IDENTITY_LIMIT)
    if found is None:
        where = os.path.join(top.folder, IDENTITY)
        if top.status(IDENTITY) is None:
            raise IdentityUnusable(
                f"cannot unlock the vault: it has no {clean(path)}", "make a vault: dockpass vault init", path=path
            )
        raise IdentityUnusable(
            f"there is nothing to unlock: {clean(where)} is not locked by a passphrase",
            "lock it by one: dockpass vault lock --passphrase",
            path=where,
        )
    try:
        data = header.dearmored(found[0])
        kinds = [words[0] for words in header.stanzas(data)]
        if kinds != ["scrypt"]:
            raise header.BadHeader("it is not locked by a passphrase")
        using = pick(home.environ, home.tell)
        return using.unlock(data, checked(passphrase))
    except (header.BadHeader, engine.Broken) as error:
        raise IdentityUnusable(
            f"cannot unlock {clean(path)}: {error}", "bring it back from a backup; it is not touched", path=path
        ) from None
    except engine.NotForUs:
        raise WrongPassphrase(
            f"the passphrase does not open {clean(path)}", "run it again and type the right one", path=path
        ) from None
    except engine.Trouble as trouble:
        raise engine.failed(f"unlock {clean(path)}", trouble) from None
