"""The token server's answer.

It is read strictly: the token becomes a header, so one character too many in it would be a second header.

Reference: https://distribution.github.io/distribution/spec/auth/token/#requesting-a-token
"""

from __future__ import annotations

from dockpass import strictjson
from dockpass.credential import Secret
from dockpass.errors import ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONGEST = 65536
SHORTEST_LIFE = 60
LONGEST_LIFE = 86400


class Token:
    """A token for the registry, for a while.

    Attributes:
        value: The token.
        expires_in: For how many seconds it is good, from the moment it was asked for: 60 to 86,400. What the server
            says about the time of day is ignored: its clock, or ours, may be wrong.
        refresh_token: The identity token that came with it, if one was asked for and issued.

    """

    __slots__ = ("expires_in", "refresh_token", "value")

    def __init__(self, value: Secret, expires_in: int, refresh_token: Secret | None) -> None:
        self.value = value
        self.expires_in = expires_in
        self.refresh_token = refresh_token


def read(body: bytes, *, who: str, refresh: bool) -> Token:
    """The token in the body of a successful answer.

    Args:
        body: What came.
        who: The token server's name, for messages.
        refresh: Whether an identity token was asked for; one that comes unasked is left alone.

    Raises:
        ProtocolError: The answer is not strict JSON, has the wrong shape, holds no token, or one that cannot be a
            header. No part of the answer is repeated.

    """
    try:
        answer = strictjson.loads(body)
    except strictjson.BadJSON as bad:
        raise ProtocolError(f"{who} gave an answer that is not JSON ({bad.reason})", _HINT) from None
    if not isinstance(answer, dict):
        raise ProtocolError(f"{who} gave an answer that is not a JSON object", _HINT)
    value = _secret(answer, "access_token", who) or _secret(answer, "token", who)
    if value is None:
        raise ProtocolError(f"{who} gave an answer without a token", _HINT)
    return Token(value, _life(answer.get("expires_in")), _secret(answer, "refresh_token", who) if refresh else None)


_HINT = "the token server is not set up as registries need it: tell those who run it"


def _secret(answer: dict[str, Any], name: str, who: str) -> Secret | None:
    value = answer.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ProtocolError(f"{who} gave an answer whose {name} is not text", _HINT)
    if len(value) > LONGEST or not all("!" <= character <= "~" for character in value):
        raise ProtocolError(f"{who} gave a {name} that is too long, or holds what no token may hold", _HINT)
    return Secret(value)


def _life(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return SHORTEST_LIFE
    return int(min(max(value, SHORTEST_LIFE), LONGEST_LIFE))
