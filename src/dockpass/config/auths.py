"""One entry of ``auths``: what docker keeps for a registry, as a credential and back.

``{"auth": base64("user:password")}`` is what docker writes; an identity token stands beside it, in ``identitytoken``,
and the password is empty then. Older and hand-written entries have ``username`` and ``password``. The rules of reading
are those of docker's ``decodeAuth`` and of Go's base64, for an entry must not mean one thing to docker and another
here.

Reference: https://pkg.go.dev/github.com/docker/cli/cli/config/configfile#ConfigFile.LoadFromReader
"""

from __future__ import annotations

import binascii

from dockpass.credential import Credential, check
from dockpass.errors import BadCredential

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = ("username", "password", "auth", "identitytoken")
"""The fields of an entry that make up a credential. All others are none of our business, and are kept."""

_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


class BadEntry(ValueError):
    """An entry that cannot be read. ``reason`` is a few words without any of its contents."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode(fields: Mapping[str, object]) -> Credential | None:
    """The credential of an entry.

    Args:
        fields: The fields of the entry by their exact names (:data:`FIELDS`); others are not looked at. ``None`` is as
            good as not there.

    Returns:
        The identity token, if there is one; else user name and password; else ``None``: the entry is a marker, or has
        a user name only.

    Raises:
        BadEntry: A field that is not a string, an ``auth`` that is not base64 of ``user:password``, a password without
            user name.

    """
    username, password = user(fields)
    token = _text(fields, "identitytoken")
    if token:
        return Credential(username, token, is_identity_token=True)
    if not password:
        return None
    if not username:
        raise BadEntry("it has a password, but no user name")
    return Credential(username, password)


def user(fields: Mapping[str, object]) -> tuple[str, str]:
    """User name and password of an entry, each ``""`` if it has none.

    Raises:
        BadEntry: As for :func:`decode`.

    """
    username, password = _text(fields, "username"), _text(fields, "password")
    if auth := _text(fields, "auth"):
        return split(auth)
    return username, password


def split(auth: str) -> tuple[str, str]:
    """User name and password in the value of ``auth``. Bytes that are not UTF-8 are kept as surrogate escapes.

    Raises:
        BadEntry: It is not base64, or has no colon, or no user name before it.

    """
    username, colon, password = from_base64(auth).partition(b":")
    if not username or not colon:
        raise BadEntry("its auth is not user:password")
    # Docker decodes into a buffer that may be too long, and cuts the zero bytes off again.
    return username.decode("utf-8", "surrogateescape"), password.strip(b"\0").decode("utf-8", "surrogateescape")


def from_base64(text: str) -> bytes:
    """The bytes of base64 as Go's ``StdEncoding`` reads it: padding needed, line breaks anywhere, nothing else.

    Raises:
        BadEntry: It is something else.

    """
    text = text.replace("\r", "").replace("\n", "")
    digits = text.rstrip("=")
    if len(text) % 4 or len(text) - len(digits) > 2 or not _ALPHABET.issuperset(digits):
        raise BadEntry("its auth is not base64")
    return binascii.a2b_base64(text)


def encode(credential: Credential) -> dict[str, str]:
    """The fields that docker would write for ``credential``, in docker's order.

    Raises:
        BadCredential: It would be read back as something else: see :func:`~dockpass.credential.check`; or it is no
        text.

    """
    check(credential)
    secret = credential.secret.reveal()
    if credential.is_identity_token:
        if ":" in credential.username:
            raise BadCredential("the user name holds a colon", "a registry's user name has no colon")
        fields = {"auth": join(credential.username, "")} if credential.username else {}
        if any("\ud800" <= character <= "\udfff" for character in secret):
            raise BadCredential("the identity token is not text", "log in again to get a new one")
        return {**fields, "identitytoken": secret}
    return {"auth": join(credential.username, secret)}


def join(username: str, password: str) -> str:
    """The value of ``auth`` for a user name and a password.

    Raises:
        BadCredential: One of them holds half a surrogate pair.

    """
    try:
        data = f"{username}:{password}".encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise BadCredential(
            "the user name or the secret is not text: it holds half a surrogate pair", "check what you pasted"
        ) from None
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadEntry(f"its {name} is not a string")
    return value
