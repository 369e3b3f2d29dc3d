"""What is sealed: the helper protocol's own answer to ``get``, byte for byte as docker's reference helper writes it.

So it can be printed as it is. But first it is compared with the server and user under which it was found: age does not
say who sealed a file, and a file that was moved, or made by somebody else, must not send one registry's password to
another.

Reference: https://github.com/docker/docker-credential-helpers#development
"""

from __future__ import annotations

from dockpass.strictjson import loads, quote

END = b'"}\n'
"""How an answer ends."""


def beginning(server: str, username: str) -> bytes:
    """The first bytes of the answer for ``server`` and ``username``, up to where the secret begins."""
    return f'{{"ServerURL":{quote(server)},"Username":{quote(username)},"Secret":"'.encode()


def render(server: str, username: str, secret: str) -> bytes:
    """The whole answer."""
    return beginning(server, username)[:-1] + quote(secret).encode() + b"}\n"


def read(plain: bytes) -> tuple[str, str, str]:
    """Server, user name and secret of an answer, however it is laid out: somebody may have sealed it by hand.

    Raises:
        ValueError: It is no JSON object with these three strings.

    """
    fields = loads(plain)
    if not isinstance(fields, dict):
        raise ValueError("not an object")  # noqa: TRY004 - the value's fault, not the caller's
    found = [fields.get(name) for name in ("ServerURL", "Username", "Secret")]
    server, username, secret = found
    if not (isinstance(server, str) and isinstance(username, str) and isinstance(secret, str)):
        raise ValueError("not an object with the strings ServerURL, Username and Secret")  # noqa: TRY004 - as above
    return server, username, secret
