"""An export as a file: sealed by age, for public keys or by a passphrase, and opened again by either.

It is one age file like any other: ``age -d`` opens it. And it may be anybody's, so its head is read before anything is
tried on it.
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import AgeFailed, ArchiveUnusable, IdentityUnusable, RecipientsUnusable, WrongPassphrase
from dockpass.vault import archive, engine, header
from dockpass.vault.keys import BadKey, is_private, recipient
from dockpass.vault.locked import checked
from dockpass.vault.pick import pick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dockpass.credential import Secret
    from dockpass.vault.archive import Login
    from dockpass.vault.home import Home
    from dockpass.vault.identity import Identity

LIMIT = 12 << 20
"""How large the file may be, in bytes: as large as the longest export is in age's text form."""

_HINT = "check that it is the file that dockpass vault export has made, and that all of it was copied"


def given(public: Iterable[str]) -> list[str]:
    """Public keys that somebody gave, each once, as they are compared.

    Raises:
        RecipientsUnusable: One of them is none.

    """
    keys: dict[str, None] = {}
    for text in public:
        try:
            keys[recipient(text.strip())] = None
        except BadKey as error:
            if is_private(text):
                raise RecipientsUnusable(
                    "what was given as a recipient is a private key, which must not be given to anybody",
                    "give its public key, which begins with age1 or ssh-",
                ) from None
            raise RecipientsUnusable(f"cannot seal for {clean(text.strip(), 80)}: {error}", error.hint) from None
    return list(keys)


def seal_for(identity: Identity, public: Sequence[str], plain: bytes, *, ours: bool) -> bytes:
    """``plain``, sealed for ``public``.

    Args:
        identity: The vault's identity.
        public: The public keys.
        plain: What to seal.
        ours: Whether the vault's own key is among them. Then it is opened again, to be sure; not by a plug-in.

    Raises:
        RecipientsUnusable: One of ``public`` is none, or it cannot be opened again.
        AgeFailed: The engine cannot do it.

    """
    using = identity.engine
    try:
        sealed = using.seal(plain, public)
        if not ours or identity.keys.plugins or using.unseal(sealed, identity.keys) == plain:
            return sealed
    except BadKey as error:
        raise RecipientsUnusable(f"cannot seal the export: {error}", "check that each key was copied whole") from None
    except (engine.NotForUs, engine.Broken):
        pass
    except engine.Trouble as trouble:
        raise engine.failed("seal the export", trouble) from None
    raise RecipientsUnusable(
        f"cannot seal the export: what is sealed for the recipients cannot be opened by {clean(identity.path)}",
        "see who they are: dockpass vault recipients",
    )


def lock_by(identity: Identity, passphrase: Secret, plain: bytes) -> bytes:
    """``plain``, sealed by a passphrase.

    Raises:
        WrongPassphrase: It is none that could be typed.
        AgeFailed: The engine cannot do it.

    """
    try:
        made = identity.engine.lock(plain, checked(passphrase))
    except engine.Trouble as trouble:
        raise engine.failed("seal the export", trouble) from None
    try:
        header.stanzas(made)
    except header.BadHeader as error:  # a machine so fast that pyrage takes more work than we would open again
        raise AgeFailed(f"cannot seal the export: {error}", "seal it for a key instead: --recipient KEY") from None
    return made


def is_sealed(data: bytes) -> bool:
    """Whether a file that is to hold a key is an age file, in which one may be locked."""
    return data.lstrip().startswith((header.INTRO, header.ARMOR))


def is_locked(data: bytes, name: str) -> bool:
    """Whether a file is sealed by a passphrase; else it is for keys.

    Args:
        data: Its contents.
        name: What it is called in messages.

    Raises:
        ArchiveUnusable: It is no age file; or one on which nothing must be tried.

    """
    try:
        kinds = [words[0] for words in header.stanzas(header.dearmored(data))]
        if "scrypt" in kinds and len(kinds) > 1:
            raise header.BadHeader("it is damaged: beside a passphrase no other key can open a file")
    except header.BadHeader as error:
        raise ArchiveUnusable(f"cannot open {clean(name)}: {error}", _HINT, path=name) from None
    return kinds == ["scrypt"]


def unlock(home: Home, data: bytes, passphrase: Secret, name: str) -> bytes:
    """What is sealed in a file by a passphrase: an export, or an identity.

    Raises:
        ArchiveUnusable: It is no such file, or damaged.
        WrongPassphrase: It is not its passphrase.
        AgeMissing, AgeFailed: Nothing can be opened.

    """
    if not is_locked(data, name):
        raise ArchiveUnusable(f"cannot open {clean(name)}: it is not sealed by a passphrase", _HINT, path=name)
    try:
        return pick(home.environ, home.tell).unlock(header.dearmored(data), checked(passphrase))
    except engine.NotForUs:
        raise WrongPassphrase(
            f"the passphrase does not open {clean(name)}", "run it again and type the right one", path=name
        ) from None
    except (engine.Broken, BadKey) as error:
        raise _damaged(name, error) from None
    except engine.Trouble as trouble:
        raise engine.failed(f"open {clean(name)}", trouble) from None


def unseal(identity: Identity, data: bytes, name: str) -> bytes:
    """What is sealed in a file for a key.

    Raises:
        ArchiveUnusable: It is no such file, damaged, or not for this key.
        IdentityUnusable: The key is damaged.
        AgeFailed: The engine cannot do it.

    """
    if is_locked(data, name):
        raise ArchiveUnusable(f"cannot open {clean(name)}: it is sealed by a passphrase", "type it", path=name)
    try:
        return identity.engine.unseal(header.dearmored(data), identity.keys)
    except engine.NotForUs:
        raise ArchiveUnusable(
            f"cannot open {clean(name)}: it is not sealed for {clean(identity.path)}",
            "name the file with the key that it was sealed for, such as the identity.txt of the other vault: "
            "--identity FILE",
            path=name,
        ) from None
    except engine.Broken as error:
        raise _damaged(name, error) from None
    except BadKey as error:
        raise IdentityUnusable(f"cannot use {clean(identity.path)}: {error}", error.hint or None) from None
    except engine.Trouble as trouble:
        raise engine.failed(f"open {clean(name)}", trouble) from None


def logins(plain: bytes, name: str) -> list[Login]:
    """The logins in an export that was opened.

    Raises:
        ArchiveUnusable: It is none, is damaged, or of a later version.

    """
    try:
        return archive.parse(plain)
    except archive.BadArchive as error:
        raise ArchiveUnusable(f"cannot import {clean(name)}: {error}", error.hint or _HINT, path=name) from None


def _damaged(name: str, error: Exception) -> ArchiveUnusable:
    return ArchiveUnusable(f"cannot open {clean(name)}: it is damaged ({error})", _HINT, path=name)
