"""How credentials are put on the wire: the Basic header, and the two ways to ask for a token.

A login asks for no scope. A registry that would not let these credentials do anything may still give out a token for a
scope, with nothing in it, and the login would look good.

Reference: https://distribution.github.io/distribution/spec/auth/token/ and
https://distribution.github.io/distribution/spec/auth/oauth/
"""

from __future__ import annotations

import binascii

from dockpass.errors import BadCredential
from dockpass.registry.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockpass.credential import Credential, Secret
    from dockpass.registry.realm import Approved
    from dockpass.registry.tokens.scope import Scope

CLIENT_ID = "dockpass"


def basic(credential: Credential) -> tuple[str, str]:
    """The header that shows a user name and a password, in UTF-8.

    Reference: https://www.rfc-editor.org/rfc/rfc7617
    """
    both = text(credential.username) + b":" + text(credential.secret.reveal())
    return "Authorization", "Basic " + binascii.b2a_base64(both, newline=False).decode("ascii")


def bearer(token: Secret) -> tuple[str, str]:
    """The header that shows a token.

    Reference: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
    """
    return "Authorization", "Bearer " + token.reveal()


def by_get(
    server: Approved,
    service: str | None,
    credential: Credential | None,
    *,
    scopes: Iterable[Scope] = (),
    offline_token: bool = True,
) -> Step:
    """The request for a token by user name and password, or by nobody in particular.

    Args:
        server: The token server.
        service: The service to name there, ``None`` for none.
        credential: User name and password; ``None`` for a token that anybody may have.
        scopes: What it is to allow.
        offline_token: Whether an identity token is wanted with it; nobody gets none.

    """
    query = _form(
        ("service", service),
        *(("scope", str(one)) for one in scopes),
        ("account", credential.username if credential is not None else None),
        ("client_id", CLIENT_ID),
        ("offline_token", "true" if offline_token and credential is not None else None),
    )
    joint = "" if server.target[-1] in "?&" else "&" if "?" in server.target else "?"
    return Step(
        "GET",
        server.origin,
        server.target + joint + query,
        () if credential is None else (basic(credential),),
        reach=server.reach,
        wants_token=True,
    )


def by_post(server: Approved, service: str | None, credential: Credential, *, scopes: Iterable[Scope] = ()) -> Step:
    """The request for a token by an identity token, which is shown to no one but the token server."""
    form = _form(
        ("grant_type", "refresh_token"),
        ("service", service),
        ("client_id", CLIENT_ID),
        ("scope", " ".join(map(str, scopes))),
        ("refresh_token", credential.secret.reveal()),
    )
    return Step(
        "POST",
        server.origin,
        server.target,
        (("Content-Type", "application/x-www-form-urlencoded"),),
        form.encode("ascii"),
        reach=server.reach,
        wants_token=True,
    )


def text(value: str) -> bytes:
    """The bytes of a user name or secret: UTF-8, and what docker kept that was not UTF-8 as it was.

    Raises:
        BadCredential: It has no bytes: half a surrogate pair.

    """
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise BadCredential(
            "the user name or the secret holds half a character (a lone surrogate)", "check what you pasted"
        ) from None


def _form(*pairs: tuple[str, str | None]) -> str:
    from dockpass.registry import percent

    return "&".join(f"{name}={percent.encode(_bytes(name, value))}" for name, value in pairs if value)


def _bytes(name: str, value: str) -> bytes:
    if name == "service":
        # From a header, whose text is Latin-1 for want of anything better: the server gets the bytes it sent.
        latin = all(character < "\u0100" for character in value)
        return value.encode("latin-1") if latin else value.encode("utf-8", "replace")
    return text(value)
