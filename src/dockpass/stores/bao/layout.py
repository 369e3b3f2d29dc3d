"""What a login is called in the engine, and what stands in it.

``ENCODED-SERVER/ENCODED-USER`` is a login: the fields ``server``, ``username``, ``secret``, and for an identity token
``is_identity_token``; its name begins with ``<token>`` then. ``ENCODED-SERVER`` itself, which can be both, says which
of several users is in use: the field ``active`` has the name. Names are encoded as the vault's are.
"""

from __future__ import annotations

from dockpass.credential import TOKEN_USERNAME, Credential
from dockpass.display import clean
from dockpass.errors import BadCredential, StoreFailed
from dockpass.vault.name import decode, encode, is_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ACTIVE = "active"

_MEND = "log in again, or mend it: bao kv get, bao kv put"


def user(credential: Credential) -> str:
    """What the login of ``credential`` is called, below its server.

    Raises:
        BadCredential: Its user name begins with the mark of an identity token, and it is none.

    """
    if not credential.is_identity_token and credential.username.startswith(TOKEN_USERNAME):
        raise BadCredential(
            f"a user name that begins with {TOKEN_USERNAME} would be taken for an identity token's",
            "give the real user name",
        )
    return encode((TOKEN_USERNAME if credential.is_identity_token else "") + credential.username)


def username(name: str) -> str | None:
    """The user name that a login is called by: ``""`` for an identity token of nobody known; ``None`` if it does not
    tell, for it is a digest or none of our names.
    """
    written = decode(name)
    return None if written is None else written.removeprefix(TOKEN_USERNAME)


def is_name(name: object) -> bool:
    """Whether ``name`` is one that could be ours, and leads nowhere else."""
    return isinstance(name, str) and (decode(name) is not None or is_digest(name))


def fields(server: str, credential: Credential) -> dict[str, str | bool]:
    """What is kept for ``credential``, its secret included."""
    written: dict[str, str | bool] = {
        "server": server,
        "username": credential.username,
        "secret": credential.secret.reveal(),
    }
    if credential.is_identity_token:
        written["is_identity_token"] = True
    return written


def credential(place: str, server: str, name: str, kept: dict[str, Any]) -> Credential:
    """The login that stands in ``kept``, which lay at ``place``, below ``server`` and called ``name``.

    Somebody may have written it by hand: ``server`` and ``username`` may be missing, for its name tells them. If they
    are there they must be right, so that nobody's password goes to another registry because a secret was copied.

    Raises:
        StoreFailed: It is no login, or another one than its name says.

    """
    secret = kept.get("secret")
    if not isinstance(secret, str) or not secret:
        raise StoreFailed(f"{clean(place)} has no field secret with a text in it", _MEND)
    called = decode(name)
    is_token = kept.get("is_identity_token") in (True, "true") or (called or "").startswith(TOKEN_USERNAME)
    if kept.get("username") == TOKEN_USERNAME:
        kept, is_token = {**kept, "username": username(name) or ""}, True
    found = kept.get("username", username(name))
    stands = kept.get("server", server)
    if stands != server:
        raise StoreFailed(
            f"{clean(place)} is a login for {clean(str(stands), 255)}, and was found as one for {clean(server, 255)}: "
            "somebody copied or moved it there",
            _MEND,
        )
    if not isinstance(found, str) or encode((TOKEN_USERNAME if is_token else "") + found) != name:
        raise StoreFailed(
            f"{clean(place)} is a login of {clean(str(found), 255)}, and its name says that of another account", _MEND
        )
    return Credential(found, secret, is_identity_token=is_token)
