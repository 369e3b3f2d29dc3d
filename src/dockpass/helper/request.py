"""What a client sends to a helper, read as docker's reference helper reads it.

The reference reads by lines and joins them, trims what it was asked for, and takes the first JSON value of a payload
whatever follows it. It differs here in two points: lines may be longer than 64 KiB, and a server that is to be stored
is trimmed as one that is asked for is, for otherwise it could never be found again.

Reference: https://github.com/docker/docker-credential-helpers/blob/master/credentials/credentials.go
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.credential import Credential
    from dockpass.errors import BadRequest

NO_SERVER = "no credentials server URL"
"""What clients match where a request names no server."""

NO_USERNAME = "no credentials username"
"""What clients match where a payload names no user."""


def server(data: bytes) -> str:
    """The server in the payload of ``get`` and ``erase``.

    Raises:
        BadRequest: There is none.

    """
    text = _joined(data).decode("utf-8", "replace").strip()
    if not text:
        raise _bad(NO_SERVER)
    return text


def credential(data: bytes) -> tuple[str, Credential]:
    """Server and credential in the payload of ``store``.

    Raises:
        BadRequest: It is not JSON of the right shape, or names no server or no user.

    """
    from dockpass.credential import TOKEN_USERNAME, Credential
    from dockpass.strictjson import BadJSON, loads

    text = _joined(data).decode("utf-8", "replace")
    if not text.strip():
        raise _bad("EOF")
    try:
        fields = loads(text.encode("utf-8", "replace"), more=True)
    except BadJSON as error:
        raise _bad(f"the payload is not JSON: {error}") from None
    if fields is None:
        fields = {}
    if not isinstance(fields, dict):
        raise _bad("the payload is not a JSON object")
    found = {"serverurl": "", "username": "", "secret": ""}
    for name, value in fields.items():
        if name.lower() in found and value is not None:
            if not isinstance(value, str):
                raise _bad(f"the {name} of the payload is not a string")
            found[name.lower()] = value
    if not found["serverurl"].strip():
        raise _bad(NO_SERVER)
    if not found["username"]:
        raise _bad(NO_USERNAME)
    is_token = found["username"] == TOKEN_USERNAME
    username = "" if is_token else found["username"]
    return found["serverurl"].strip(), Credential(username, found["secret"], is_identity_token=is_token)


def _bad(words: str) -> BadRequest:
    # Imported only now: a request that is as it should be pays for nothing.
    from dockpass.errors import BadRequest

    return BadRequest(words)


def _joined(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"").replace(b"\n", b"")
