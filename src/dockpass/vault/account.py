"""An account on a server, and the name of the file that has its credential.

The file is called by the user name. That of an identity token is called by the mark that stands for the user name
inside, and the user name after it where that is known: ``<token>alice``, percent-encoded. So a token of alice and one
of bob can both be kept, and it can be told from outside which file is a token's.
"""

from __future__ import annotations

from dockpass.credential import TOKEN_USERNAME
from dockpass.vault.layout import SEALED
from dockpass.vault.name import decode, encode


class Account:
    """One account on one server.

    Attributes:
        username: The user name; ``""`` for an identity token of which it is not known.
        is_token: Whether what is kept is an identity token.

    """

    __slots__ = ("is_token", "username")

    def __init__(self, username: str, *, is_token: bool = False) -> None:
        self.username = username
        self.is_token = is_token

    @classmethod
    def parse(cls, file: str) -> Account | None:
        """The account that a file is named for; ``None`` if its name is none of ours, or does not tell (a digest)."""
        username = decode(file.removesuffix(SEALED)) if file.endswith(SEALED) else None
        if username is None:
            return None
        is_token = username.startswith(TOKEN_USERNAME)
        return cls(username.removeprefix(TOKEN_USERNAME), is_token=is_token)

    @property
    def file(self) -> str:
        """The name of the file."""
        return encode((TOKEN_USERNAME if self.is_token else "") + self.username) + SEALED

    @property
    def written(self) -> str:
        """The user name as it stands in the sealed answer."""
        return TOKEN_USERNAME if self.is_token else self.username

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Account):
            return NotImplemented
        return (self.username, self.is_token) == (other.username, other.is_token)

    def __hash__(self) -> int:
        return hash((self.username, self.is_token))

    def __repr__(self) -> str:
        return f"Account({self.username!r}{', is_token=True' if self.is_token else ''})"
