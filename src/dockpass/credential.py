"""What a login is made of: a user name, and a secret that does not let itself be printed."""

from __future__ import annotations

from dockpass.errors import BadCredential

TOKEN_USERNAME = "<token>"  # noqa: S105 - a marker, not a secret
"""The user name by which the helper protocol marks an identity token.

Reference: https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol
"""


class Secret:
    """A password or token. ``str()``, ``repr()``, formatting and pickling never show it; ``reveal()`` does.

    Args:
        value: The secret, as text. Bytes that are not UTF-8 (docker keeps such) are carried as surrogate escapes.

    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself. For the places where bytes leave for a store or a registry, and for no others."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(****)"

    def __str__(self) -> str:
        return "****"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine = self._value.encode("utf-8", "surrogatepass")
        theirs = other._value.encode("utf-8", "surrogatepass")
        if len(mine) != len(theirs):
            return False
        difference = 0
        for left, right in zip(mine, theirs, strict=True):
            difference |= left ^ right
        return difference == 0

    def __hash__(self) -> int:
        return hash(("dockpass.Secret", self._value))

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret cannot be pickled")


class Credential:
    """A user name with a password, or an identity token. A value: it is compared by content and never changed.

    Args:
        username: The user name. For an identity token the one it was issued to, ``""`` where a store does not say.
        secret: The password, or the identity token.
        is_identity_token: Whether ``secret`` is an identity token, that is, an OAuth2 refresh token of the registry's
            token server. Docker's formats mark it (``identitytoken``, user name ``<token>``).

    """

    __slots__ = ("is_identity_token", "secret", "username")

    def __init__(self, username: str, secret: Secret | str, *, is_identity_token: bool = False) -> None:
        self.username = username
        self.secret = secret if isinstance(secret, Secret) else Secret(secret)
        self.is_identity_token = is_identity_token

    def __repr__(self) -> str:
        kind = ", is_identity_token=True" if self.is_identity_token else ""
        return f"Credential({self.username!r}, {self.secret!r}{kind})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Credential):
            return NotImplemented
        return (
            self.username == other.username
            and self.is_identity_token == other.is_identity_token
            and self.secret == other.secret
        )

    def __hash__(self) -> int:
        return hash((self.username, self.secret, self.is_identity_token))


def check(credential: Credential) -> None:
    """Refuse a credential that would be misread on its way: by a helper, a config file or a Basic header.

    Raises:
        BadCredential: The user name is empty, holds a ``:`` (RFC 7617 splits there) or a control character; or the
            secret is empty or holds a NUL. Of the secret nothing is said but that.
        TypeError: One of them is not text.

    Reference: https://www.rfc-editor.org/rfc/rfc7617#section-2

    """
    user = credential.username
    for what, value in (("user name", user), ("secret", credential.secret.reveal())):
        if value and not isinstance(value, str):
            raise TypeError(f"a {what} is a str, and not {type(value).__name__}")
    if not credential.is_identity_token:
        if not user:
            raise BadCredential("the user name is empty", "give one with -u NAME")
        if ":" in user:
            raise BadCredential(
                "the user name holds a colon, and everything after it would be taken for the password",
                "a registry's user name has no colon: check what you pasted",
            )
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in user):
        raise BadCredential("the user name holds a control character", "check what you pasted")
    if not credential.secret:
        raise BadCredential("the secret is empty", "give the password or token of this account")
    if "\0" in credential.secret.reveal():
        raise BadCredential("the secret holds a NUL byte", "check the file or program that it came from")
