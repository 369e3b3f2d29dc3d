"""Get a token, and keep it alive.

A token that somebody else made is read where ``bao`` reads it; one that we get for a role, a secret id or a JWT lives
in this process only, and on no disk.

Reference: https://openbao.org/docs/concepts/tokens/
"""

from __future__ import annotations

import os
from time import monotonic

from dockpass.display import clean
from dockpass.errors import DockpassError, StoreLocked, StoreUnavailable
from dockpass.files.read import read
from dockpass.stores.bao import trouble
from dockpass.stores.bao.settings import shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockpass.stores.bao.session import Session
    from dockpass.stores.bao.settings import Settings

_LARGEST = 65536
_NEAR = 3
"""A token is near its end when less than one part of so many of its time is left."""


class Token:
    """What is shown to the server, and until when it is good.

    Attributes:
        value: The token. A secret.
        lease: How many seconds it had from the last renewal on; 0 for no end, or for one not known.
        is_renewable: Whether it can be given more.

    """

    __slots__ = ("_end", "is_renewable", "lease", "value")

    def __init__(self, value: str, lease: int = 0, *, is_renewable: bool = False) -> None:
        self.value = value
        self.is_renewable = is_renewable
        self.lease = lease
        self._end = monotonic() + lease

    def __repr__(self) -> str:
        return f"Token(****, {self.lease})"

    @property
    def is_near_its_end(self) -> bool:
        """Whether it is time to renew it."""
        return self.lease > 0 and self._end - monotonic() < self.lease / _NEAR


def sign_in(session: Session, before: Token | None) -> Token:
    """A token for this session, which is told of it.

    Args:
        session: Not signed in yet.
        before: The one that was used last, if there was one.

    Raises:
        StoreLocked: There is no token, or the server refuses what we sign in with.
        StoreError, FileError: The server or a file cannot be asked.

    """
    settings = session.settings
    if settings.method == "token":
        token = Token(_given(settings))
    elif before is not None and not before.is_near_its_end:
        token = before
    else:
        token = _renewed(session, before) or _by_method(session)
    session.token = token.value
    return token


def look_after(session: Session) -> int:
    """Give a token that somebody else made more time, if it is near its end and can have it.

    Whatever goes wrong is no trouble of the operation's: the token was good enough for that.

    Returns:
        For how many seconds it need not be looked at again.

    """
    try:
        answer = session.ask("GET", "auth/token/lookup-self", "look at its own token")
        left, whole = answer.data.get("ttl"), answer.data.get("period") or answer.data.get("creation_ttl")
        if answer.data.get("renewable") is not True or not isinstance(left, int) or not isinstance(whole, int):
            return 3600
        if left * _NEAR < whole:
            # Left to itself the server gives as much as last time, which may have been little.
            session.ask("POST", "auth/token/renew-self", "renew its own token", f'{{"increment":{whole}}}')
    except DockpassError:
        return 60
    return max(60, whole // (2 * _NEAR))


def _given(settings: Settings) -> str:
    variable, value = shared(settings.environ, "TOKEN")
    if value:
        return _checked(value.strip(), variable)
    path = shared(settings.environ, "TOKEN_PATH")[1] or os.path.join(
        settings.environ.get("HOME") or os.path.expanduser("~"), ".vault-token"
    )
    snapshot = read(path, limit=_LARGEST)
    if snapshot is None or not snapshot.data.strip():
        raise trouble.no_token(path)
    return _checked(snapshot.data.decode("latin-1").strip(), path)


def _checked(token: str, source: str) -> str:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise StoreLocked(
            f"what {clean(source)} holds is no token: it has spaces, line breaks or other characters that none has",
            "put the token there and nothing else: bao login, or bao token create -field=token",
        )
    return token


def _renewed(session: Session, before: Token | None) -> Token | None:
    if before is None or not before.is_renewable:
        return None
    session.token = before.value
    answer = session.ask("POST", "auth/token/renew-self", "renew its own token", f'{{"increment":{before.lease}}}')
    session.token = ""
    token = _from(answer.auth)
    # At the end of its longest time it is given less and less.
    return None if token is None or token.lease * _NEAR < before.lease else token


def _by_method(session: Session) -> Token:
    from dockpass.strictjson import quote

    settings = session.settings
    if settings.method == "approle":
        given = {"role_id": _file(settings.role_id_file, "ROLE_ID_FILE")}
        if settings.secret_id_file:
            given["secret_id"] = _file(settings.secret_id_file, "SECRET_ID_FILE")
    else:
        given = {"jwt": _file(settings.jwt_file, "JWT_FILE")}
        if settings.role:
            given["role"] = settings.role
    body = "{" + ",".join(f"{quote(name)}:{quote(value)}" for name, value in given.items()) + "}"
    mount = settings.method_mount
    answer = session.ask("POST", f"auth/{mount}/login", f"sign us in at auth/{mount}", body)
    if answer.status != 200:
        raise trouble.not_signed_in(session.label, settings.method, mount, answer.status, answer.said)
    token = _from(answer.auth)
    if token is None:
        raise trouble.garbled(session.label, f"sign us in at auth/{mount}")
    return token


def _from(auth: dict[str, Any]) -> Token | None:
    value, lease = auth.get("client_token"), auth.get("lease_duration")
    if not isinstance(value, str) or not value or not isinstance(lease, int):
        return None
    return Token(value, max(lease, 0), is_renewable=auth.get("renewable") is True)


def _file(path: str, name: str) -> str:
    variable = f"DOCKPASS_OPENBAO_{name}"
    if not path:
        raise StoreUnavailable(f"{variable} is not set, and names what to sign in to OpenBao with", "name the file")
    snapshot = read(path, limit=_LARGEST)
    if snapshot is None:
        raise StoreUnavailable(f"{clean(path)} is not there, with which to sign in to OpenBao", f"check {variable}")
    try:
        text = snapshot.data.decode().strip()
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise StoreUnavailable(
            f"{clean(path)} is empty or no text, with which to sign in to OpenBao", f"check {variable}"
        )
    return text
