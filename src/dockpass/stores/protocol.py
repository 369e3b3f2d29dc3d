"""What the protocol of docker's credential helpers can carry.

A store that shares its entries with docker's own helpers keeps no more than these can ask for and hand out.

Reference: https://github.com/docker/docker-credential-helpers#development
"""

from __future__ import annotations

from dockpass.credential import TOKEN_USERNAME, Credential, check
from dockpass.display import clean
from dockpass.errors import BadCredential, BadServer, StoreFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.errors import StoreError


def question(server: str) -> bytes:
    """``server`` as a helper is asked for it; empty where helpers would take it for another one.

    The reference helper drops the white space around a server, and line breaks inside.
    """
    if server != server.strip() or any(character < " " for character in server):
        return b""
    try:
        return server.encode()
    except UnicodeEncodeError:
        return b""


def fit(server: str, credential: Credential) -> tuple[str, str]:
    """What the protocol has for a user name and for a secret, if it can carry them.

    Raises:
        BadServer: ``server`` has spaces or control characters at places where helpers drop them.
        BadCredential: No registry could take it, or it would come back from a helper as something else.

    """
    if not question(server):
        raise BadServer(f"no credential helper can keep a login for {clean(server)!r}", "check the spelling")
    check(credential)
    if not credential.is_identity_token and credential.username == TOKEN_USERNAME:
        raise BadCredential(
            f"credential helpers take the user name {TOKEN_USERNAME} for the mark of an identity token",
            "give the real user name",
        )
    secret = credential.secret.reveal()
    if any("\ud800" <= character <= "\udfff" for character in credential.username + secret):
        raise BadCredential(
            "the user name or secret is not UTF-8, which credential helpers cannot keep",
            "keep it in config.json: --store file",
        )
    return TOKEN_USERNAME if credential.is_identity_token else credential.username, secret


def credential(username: str, secret: str) -> Credential | None:
    """The credential that ``username`` and ``secret`` stand for; ``None`` without a secret.

    An entry without a secret is none: docker's helpers keep such, and each makes something else of it.
    """
    if not secret:
        return None
    if username == TOKEN_USERNAME:
        return Credential("", secret, is_identity_token=True)
    return Credential(username, secret)


def shown(username: str) -> str:
    """``username`` for a list: ``""`` for the mark of an identity token."""
    return "" if username == TOKEN_USERNAME else username


def older_stays(server: str, error: StoreError) -> StoreFailed:
    """The error to raise where a login for ``server`` is kept, and ``error`` kept an older one from being removed.

    Docker's helpers keep one for each user, and give any of them.
    """
    return StoreFailed(
        f"the login for {clean(server, 255)} is kept, but an older one beside it could not be removed: {error.message}",
        error.hint,
    )
