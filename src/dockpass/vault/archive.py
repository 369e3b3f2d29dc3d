"""What an export of the vault holds: every login in one JSON text. Bytes to logins and back; no file is touched.

.. code-block:: json

    {"dockpass-vault":1,"created":"2026-01-31T12:00:00Z","logins":[
    {"server":"registry.example.com","username":"alice","secret":"...","identity_token":false,"active":true}
    ]}

Names stand in it as they are, and not as the vault's files are called: so it can be written by hand, and what is
encoded, or too long for a file's name, is found out anew by the vault that takes it. It holds what that vault could
keep, and nothing else: a text that differs in anything from what is described here is refused as a whole.
"""

from __future__ import annotations

from dockpass.credential import Credential
from dockpass.display import clean
from dockpass.errors import BadCredential
from dockpass.strictjson import BadJSON, loads, quote
from dockpass.vault.keep import account_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from dockpass.vault.account import Account

VERSION = 1
"""The version of what is written and read here. Another one means another layout."""

LIMIT = 8 << 20
"""How long the text may be, in bytes: some twenty thousand logins. What reads it needs fifty times as much memory."""

_MARK = "dockpass-vault"
_FIELDS = {"server": str, "username": str, "secret": str, "identity_token": bool, "active": bool}
_WORDS = {str: "a string", bool: "true or false"}


class Login:
    """One login in an export: one that a vault can keep.

    Args:
        server: The key of the registry.
        credential: The login.
        active: Whether its account is the one in use on that server.

    Attributes:
        account: Whose it is, as the vault names it.

    Raises:
        BadCredential: No vault can keep it.

    """

    __slots__ = ("account", "active", "credential", "server")

    def __init__(self, server: str, credential: Credential, *, active: bool) -> None:
        self.account: Account = account_of(server, credential)
        self.server = server
        self.credential = Credential(
            self.account.username, credential.secret, is_identity_token=credential.is_identity_token
        )
        self.active = active

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Login):
            return NotImplemented
        return (self.server, self.credential, self.active) == (other.server, other.credential, other.active)

    def __hash__(self) -> int:
        return hash((self.server, self.credential, self.active))

    def __repr__(self) -> str:
        return f"Login({self.server!r}, {self.account!r}, ****{', active=True' if self.active else ''})"


class BadArchive(ValueError):
    """No export of a vault, or one of a later version. The text says why, without a secret; ``hint`` what to do."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


def render(logins: Iterable[Login], created: str) -> bytes:
    """The text of an export.

    Args:
        logins: The logins.
        created: When it was made, as an RFC 3339 time.

    """
    lines = ",\n".join(map(_line, logins))
    return f'{{"{_MARK}":{VERSION},"created":{quote(created)},"logins":[\n{lines}\n]}}\n'.encode()


def parse(data: bytes) -> list[Login]:
    """The logins in the text of an export.

    Raises:
        BadArchive: It is none, is not as it should be in any point, or is of a later version.

    """
    if len(data) > LIMIT:
        raise BadArchive(f"it is larger than {LIMIT >> 20} MiB")
    try:
        fields = loads(data, max_depth=4)
    except BadJSON as error:
        raise BadArchive(f"it is not the JSON of an export: {error}") from None
    if not isinstance(fields, dict) or _MARK not in fields:
        raise BadArchive(f'it has no "{_MARK}", by which an export begins')
    version = fields[_MARK]
    if type(version) is not int or version < 1:
        raise BadArchive(f'its "{_MARK}" is not the number of a version')
    if version != VERSION:
        raise BadArchive(
            f"it is an export of version {version}, made by a newer dockpass; this one reads version {VERSION}",
            "update dockpass",
        )
    if strange := sorted(set(fields) - {_MARK, "created", "logins"}):
        raise BadArchive(f'it has a field that no export has: "{clean(strange[0], 40)}"')
    if not isinstance(fields.get("created", ""), str):
        raise BadArchive('its "created" is not a string')
    rows = fields.get("logins")
    if not isinstance(rows, list):
        raise BadArchive('its "logins" is not a list')
    logins = [_login(row, number) for number, row in enumerate(rows, 1)]
    _check_accounts(logins)
    return logins


def _line(login: Login) -> str:
    credential = login.credential
    words = (login.server, credential.username, credential.secret.reveal())
    server, username, secret = map(quote, words)
    token, active = (str(each).lower() for each in (credential.is_identity_token, login.active))
    return f'{{"server":{server},"username":{username},"secret":{secret},"identity_token":{token},"active":{active}}}'


def _login(row: Any, number: int) -> Login:
    """The login in ``row``, which is the ``number``-th: of a list that somebody wrote who may be an enemy."""
    if not isinstance(row, dict):
        raise BadArchive(f"its login {number} is not an object")
    if strange := sorted(set(row) - set(_FIELDS)):
        raise BadArchive(f'its login {number} has a field that none has: "{clean(strange[0], 40)}"')
    for name, kind in _FIELDS.items():
        if type(row.get(name)) is not kind:
            raise BadArchive(f'its login {number} has no "{name}" that is {_WORDS[kind]}')
    credential = Credential(row["username"], row["secret"], is_identity_token=row["identity_token"])
    try:
        return Login(row["server"], credential, active=row["active"])
    except BadCredential as error:
        raise BadArchive(f"its login {number} cannot be kept: {error.message}") from None


def _check_accounts(logins: list[Login]) -> None:
    """No account twice, and one of each server's in use: else what is imported would depend on the order."""
    seen: set[tuple[str, str]] = set()
    in_use: dict[str, int] = {}
    for login in logins:
        key = (login.server, login.account.file)
        if key in seen:
            raise BadArchive(f"an account on {clean(login.server, 255)} stands in it twice")
        seen.add(key)
        in_use[login.server] = in_use.get(login.server, 0) + login.active
    for server, number in in_use.items():
        if number != 1:
            words = "no account" if not number else "more than one account"
            raise BadArchive(f"{words} on {clean(server, 255)} is the active one")
