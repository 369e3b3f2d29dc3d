"""The conversation of a login, from the first request to the verdict.

A generator: it yields requests, is sent responses, and returns the outcome or raises. It opens no connection, reads no
clock that matters and never sleeps, so whoever can send a request can log in, and a test can play the registry by hand.

What only some registries or only failures need is imported where it is needed: most logins are two requests.

Reference: https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

from dockpass.credential import check
from dockpass.errors import NotARegistry, Refused, UsageError
from dockpass.registry import ask, challenge
from dockpass.registry.step import Step
from dockpass.registry.talk import Talk, no_challenge, offers, token_server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from dockpass.credential import Credential, Secret
    from dockpass.http.address import Origin
    from dockpass.http.message import Response
    from dockpass.registry.realm import Approved
    from dockpass.server import Server

_SKEW = 1.0


class Outcome:
    """A login that worked.

    Attributes:
        identity_token: The identity token to keep in place of what was used: issued for the password, or a new one for
            the identity token that was used. ``None`` where the credentials that were used stay good.
        notes: What the user should hear, each one line.
        token_host: The host of the token server, ``None`` where the registry needs none.
        standing: Why that was trusted: a word of :mod:`dockpass.registry.realm`.

    """

    __slots__ = ("identity_token", "notes", "standing", "token_host")

    def __init__(
        self,
        identity_token: Secret | None = None,
        notes: list[str] | None = None,
        token_host: str | None = None,
        standing: str | None = None,
    ) -> None:
        self.identity_token = identity_token
        self.notes = [] if notes is None else notes
        self.token_host = token_host
        self.standing = standing


def log_in(
    server: Server,
    credential: Credential,
    *,
    origin: Origin,
    token_host: str | None = None,
    pinned: Callable[[], str | None] | None = None,
    rotated: Callable[[Secret], None] | None = None,
    verify: bool = False,
) -> Generator[Step, Response, Outcome]:
    """Find out whether a registry lets these credentials in.

    Args:
        server: The registry, and whether plain HTTP to it is allowed.
        credential: A user name with a password, or an identity token.
        origin: Where the registry is: whether by ``https`` or ``http`` is the driver's choice.
        token_host: A token server's host that the user approves of.
        pinned: Gives the one that the user approved of earlier, or ``None``. Called only if it matters.
        rotated: Called with the new identity token as soon as the token server gives one for the one that was used: the
            old one may be worthless from that moment, even if this login then fails.
        verify: Look, by two more requests, whether the registry gives a token to anybody, and note it.

    Yields:
        Each request to send. Send back its response; a failure to get one need not be told.

    Raises:
        BadCredential, UsageError: Before any request.
        RegistryError: In every other case than a login that worked.

    """
    check(credential)
    ask.text(credential.username + credential.secret.reveal())
    if origin.scheme != "https" and not (server.plain_http or server.is_loopback):
        raise UsageError(
            f"{server.key} is not to be spoken to by plain HTTP", "if that is what you want, allow it: --plain-http"
        )
    talk = Talk(server, credential)
    answer, ping = yield from talk.get(Step("GET", origin, "/v2/"))
    if answer.status not in (200, 401):
        raise talk.verdict.ping(answer)
    talk.offered += (offered := challenge.parse(answer.all("www-authenticate")))
    approved = token_server(server, offered, ping.origin, token_host, pinned)
    if approved is not None:
        server_of_tokens, service = approved
        new = yield from _by_token(talk, ping, server_of_tokens, service, rotated)
        if verify and not credential.is_identity_token:
            from dockpass.registry import ghost

            yield from ghost.look(talk, ping, server_of_tokens, service)
        return Outcome(new, talk.notes, server_of_tokens.origin.host, server_of_tokens.standing)
    if offers(offered, "basic"):
        yield from _by_password(talk, ping)
    elif answer.status == 200:
        yield from _unasked(talk, answer, ping)
    else:
        raise no_challenge(talk.verdict.name, offered)
    return Outcome(None, talk.notes)


def _unasked(talk: Talk, answer: Response, ping: Step) -> Generator[Step, Response, None]:
    """Show the credentials to a registry that did not ask for them: some refuse wrong ones all the same."""
    name = talk.verdict.name
    if not _looks_like_a_registry(answer):
        raise NotARegistry(
            f"{name} does not look like a registry: /v2/ is a page for people",
            "check the address, and whether this network wants a login in the browser first",
        )
    if talk.credential.is_identity_token:
        talk.notes.append(f"{name} asks for no login, so the identity token was not tried")
        return
    answer, _last = yield from talk.get(Step("GET", ping.origin, ping.target, (ask.basic(talk.credential),)))
    if answer.status != 200:
        raise talk.verdict.unasked(answer)
    talk.notes.append(f"{name} asks for no login, so the password may not have been checked")


def _looks_like_a_registry(answer: Response) -> bool:
    if answer.all("docker-distribution-api-version"):
        return True
    if any("json" in kind.lower() for kind in answer.all("content-type")):
        return True
    start = answer.body.lstrip()[:1]
    return answer.complete and start in (b"", b"{", b"[")


def _check_page(talk: Talk, answer: Response) -> None:
    """A page for people behind a good password is somebody's, but no registry's. What else a registry says here varies.

    Raises:
        NotARegistry: It is such a page.

    """
    if not _looks_like_a_registry(answer) and answer.body.lstrip()[:1] == b"<":
        raise NotARegistry(
            f"{talk.verdict.name} does not look like a registry: behind the password /v2/ is a page for people",
            "check the address",
        )


def _by_password(talk: Talk, ping: Step) -> Generator[Step, Response, None]:
    if talk.credential.is_identity_token:
        raise Refused(
            f"{talk.verdict.name} takes a user name and a password, and no identity token", talk.verdict.log_in_again
        )
    answer, _last = yield from talk.get(Step("GET", ping.origin, ping.target, (ask.basic(talk.credential),)))
    if answer.status != 200:
        raise talk.verdict.basic(answer)
    _check_page(talk, answer)


def _by_token(
    talk: Talk, ping: Step, server: Approved, service: str | None, rotated: Callable[[Secret], None] | None
) -> Generator[Step, Response, Secret | None]:
    identity = talk.credential.is_identity_token
    got, new = yield from talk.token(server, service, offline_token=True, rotated=rotated)
    answer, last = yield from talk.get(Step("GET", ping.origin, ping.target, (ask.bearer(got.value),)))
    if answer.status == 401:
        offered = challenge.parse(answer.all("www-authenticate"))
        if offers(offered, "basic") and not offers(offered, "bearer"):
            raise talk.verdict.not_let_in(answer, identity=identity)
        # Once more: the token may be younger than the registry's clock allows.
        answer, _last = yield from talk.get(last.again(pause=_SKEW))
    if answer.status != 200:
        raise talk.verdict.with_token(answer, identity=identity)
    _check_page(talk, answer)
    return new
