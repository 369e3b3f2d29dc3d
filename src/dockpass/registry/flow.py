"""The conversation of a login, from the first request to the verdict.

A generator: it yields requests, is sent responses, and returns the outcome or raises. It opens no connection, reads no
clock that matters and never sleeps, so whoever can send a request can log in, and a test can play the registry by hand.

What only some registries or only failures need is imported where it is needed: most logins are two requests.

Reference: https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

from dockpass.credential import check
from dockpass.display import clean
from dockpass.errors import NoChallenge, NotARegistry, ProtocolError, Refused, UntrustedTokenHost, UsageError
from dockpass.registry import ask, challenge
from dockpass.registry.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from dockpass.credential import Credential, Secret
    from dockpass.http.address import Origin
    from dockpass.http.message import Response
    from dockpass.registry.challenge import Challenge
    from dockpass.registry.covers import Covers
    from dockpass.registry.realm import Approved
    from dockpass.registry.verdict import Verdict
    from dockpass.server import Server

MOST_REDIRECTS = 5
MOST_TOKEN_REDIRECTS = 3
MOST_RETRIES = 2
LONGEST_WAIT = 10
_SKEW = 1.0
_WARNINGS = 4096
_REDIRECTS = (301, 302, 303, 307, 308)


class Outcome:
    """A login that worked.

    Attributes:
        identity_token: The identity token to keep in place of what was used: issued for the password, or a new one for
            the identity token that was used. ``None`` where the credentials that were used stay good.
        notes: What the user should hear, each one line.
        token_host: The host of the token server, ``None`` where the registry needs none.

    """

    __slots__ = ("identity_token", "notes", "token_host")

    def __init__(
        self, identity_token: Secret | None = None, notes: list[str] | None = None, token_host: str | None = None
    ) -> None:
        self.identity_token = identity_token
        self.notes = [] if notes is None else notes
        self.token_host = token_host


def log_in(
    server: Server,
    credential: Credential,
    *,
    origin: Origin,
    token_host: str | None = None,
    rotated: Callable[[Secret], None] | None = None,
) -> Generator[Step, Response, Outcome]:
    """Find out whether a registry lets these credentials in.

    Args:
        server: The registry, and whether plain HTTP to it is allowed.
        credential: A user name with a password, or an identity token.
        origin: Where the registry is: whether by ``https`` or ``http`` is the driver's choice.
        token_host: A token server's host that the user approves of.
        rotated: Called with the new identity token as soon as the token server gives one for the one that was used: the
            old one may be worthless from that moment, even if this login then fails.

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
    talk = _Talk(server, credential)
    answer, ping = yield from talk.get(Step("GET", origin, "/v2/"))
    if answer.status not in (200, 401):
        raise talk.verdict.ping(answer)
    offered = challenge.parse(answer.all("www-authenticate"))
    approved = _token_server(offered, ping.origin, token_host)
    if approved is not None:
        server_of_tokens, service = approved
        new = yield from _by_token(talk, ping, server_of_tokens, service, rotated)
        return Outcome(new, talk.notes, server_of_tokens.origin.host)
    if _offers(offered, "basic"):
        yield from _by_password(talk, ping)
    elif answer.status == 200:
        yield from _unasked(talk, answer, ping)
    else:
        raise _no_challenge(talk.verdict.name, offered)
    return Outcome(None, talk.notes)


def _offers(offered: list[Challenge], scheme: str) -> bool:
    return any(one.scheme == scheme and not one.unusable for one in offered)


def _token_server(
    offered: list[Challenge], origin: Origin, token_host: str | None
) -> tuple[Approved, str | None] | None:
    """The token server to go to and the service to name there; ``None`` where the registry offers no usable one.

    An address that is no good is as good as none, if the same response offers Basic too. A token server that the user
    may approve of is not passed over: what a pull needs later is a token from there.
    """
    refused: UntrustedTokenHost | None = None
    for one in offered:
        if one.scheme != "bearer" or one.unusable or not one.params.get("realm"):
            continue
        from dockpass.registry.realm import judge

        try:
            return judge(one.params["realm"], origin, token_host=token_host), one.params.get("service")
        except UntrustedTokenHost as untrusted:
            refused = refused or untrusted
    if refused is not None and (refused.host or not _offers(offered, "basic")):
        raise refused
    return None


def _no_challenge(name: str, offered: list[Challenge]) -> NoChallenge:
    hint = "this registry cannot be logged in to with a user name and password; tell those who run it"
    broken = [one for one in offered if one.scheme in ("basic", "bearer")]
    if not offered:
        return NoChallenge(f"{name} wants a login, but does not say how (401 without a challenge)", hint)
    if not broken:
        schemes = clean(", ".join(dict.fromkeys(one.scheme for one in offered)), 64)
        return NoChallenge(f"{name} wants a login by {schemes}; dockpass knows Basic and Bearer", hint)
    if broken[0].unusable:
        return NoChallenge(f"{name} wants a login by a challenge that cannot be read: {broken[0].unusable}", hint)
    return NoChallenge(f"{name} wants a token, but does not say where to get one (Bearer without a realm)", hint)


def _unasked(talk: _Talk, answer: Response, ping: Step) -> Generator[Step, Response, None]:
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


def _by_password(talk: _Talk, ping: Step) -> Generator[Step, Response, None]:
    if talk.credential.is_identity_token:
        raise Refused(
            f"{talk.verdict.name} takes a user name and a password, and no identity token", talk.verdict.log_in_again
        )
    answer, _last = yield from talk.get(Step("GET", ping.origin, ping.target, (ask.basic(talk.credential),)))
    if answer.status != 200:
        raise talk.verdict.basic(answer)


def _by_token(
    talk: _Talk, ping: Step, server: Approved, service: str | None, rotated: Callable[[Secret], None] | None
) -> Generator[Step, Response, Secret | None]:
    from dockpass.registry import token

    credential, verdict = talk.credential, talk.verdict
    identity = credential.is_identity_token
    who = verdict.token_server(server.origin)
    if identity:
        answer = yield from talk.post(ask.by_post(server, service, credential), who)
    else:
        answer, _last = yield from talk.get(ask.by_get(server, service, credential), who)
    if not 200 <= answer.status < 300:
        raise (verdict.identity_token if identity else verdict.token)(answer, server.origin)
    if not answer.complete:
        raise ProtocolError(f"{who} gave an answer of more than 128 KiB", "tell those who run it")
    got = token.read(answer.body, who=who, refresh=True)
    new = got.refresh_token if got.refresh_token != credential.secret else None
    talk.hide(got.value)
    if new is not None:
        talk.hide(new)
        if identity and rotated is not None:
            rotated(new)
    answer, last = yield from talk.get(Step("GET", ping.origin, ping.target, (ask.bearer(got.value),)))
    if answer.status == 401:
        offered = challenge.parse(answer.all("www-authenticate"))
        if _offers(offered, "basic") and not _offers(offered, "bearer"):
            raise verdict.not_let_in(answer, identity=identity)
        # Once more: the token may be younger than the registry's clock allows.
        answer, _last = yield from talk.get(last.again(pause=_SKEW))
    if answer.status != 200:
        raise verdict.with_token(answer, identity=identity)
    return new


class _Talk:
    """What is common to all requests of one login: redirects, waiting, warnings."""

    def __init__(self, server: Server, credential: Credential) -> None:
        self.credential = credential
        self.notes: list[str] = []
        self._server = server
        self._covers: Covers | None = None
        self._verdict: Verdict | None = None
        self._received: list[Secret] = []
        self._redirects = 0
        self._retries = 0
        self._waited = 0
        self._warned = 0

    @property
    def covers(self) -> Covers:
        """What keeps the secrets out of what is shown."""
        if self._covers is None:
            from dockpass.registry.covers import Covers

            self._covers = Covers(self.credential.username, self.credential.secret)
            for secret in self._received:
                self._covers.add(secret)
        return self._covers

    @property
    def verdict(self) -> Verdict:
        """What knows the meaning of an answer that is no success."""
        if self._verdict is None:
            from dockpass.registry.verdict import Verdict

            self._verdict = Verdict(self._server, self.covers)
        return self._verdict

    def hide(self, secret: Secret) -> None:
        """Keep a token that was received out of what is shown, too."""
        self._received.append(secret)
        if self._covers is not None:
            self._covers.add(secret)

    def get(self, step: Step, token_server: str = "") -> Generator[Step, Response, tuple[Response, Step]]:
        """Send a GET; follow redirects, and wait, as far as is allowed.

        Args:
            step: The request.
            token_server: Its name where the request is for a token, which no redirect may take to another origin.

        Returns:
            The response, and the request that it answers.

        """
        most = self._redirects + MOST_TOKEN_REDIRECTS if token_server else MOST_REDIRECTS
        while True:
            answer = yield from self._patiently(step)
            if answer.status not in _REDIRECTS:
                return answer, step
            who = token_server or self.verdict.name
            self._redirects += 1
            step = self._next(answer, step, who, upgrade=not token_server)
            if self._redirects > most:
                raise ProtocolError(f"{who} redirects again and again", "tell those who run it")

    def post(self, step: Step, who: str) -> Generator[Step, Response, Response]:
        """Send a POST once; a redirect is an error, for it would carry the body elsewhere."""
        answer = yield step
        self._hear(answer)
        if answer.status in _REDIRECTS:
            raise self.verdict.redirect(answer, step.origin, who)
        return answer

    def _next(self, answer: Response, step: Step, who: str, *, upgrade: bool) -> Step:
        """The request after a redirect: to the same origin, or from http to https on the same host."""
        from dockpass.registry.url import BadURL

        try:
            origin, target = self.verdict.location(answer, step.origin)
        except BadURL:
            raise self.verdict.redirect(answer, step.origin, who) from None
        upgraded = (step.origin.scheme, origin.scheme) == ("http", "https") and origin.host == step.origin.host
        if origin != step.origin and not (upgrade and upgraded):
            raise self.verdict.redirect(answer, step.origin, who)
        return step.again(to=(origin, target))

    def _patiently(self, step: Step) -> Generator[Step, Response, Response]:
        while True:
            answer = yield step
            self._hear(answer)
            if answer.status not in (429, 503):
                return answer
            from dockpass.registry import waiting

            wait = waiting.asked(answer)
            if wait is None or self._retries == MOST_RETRIES or self._waited + wait > LONGEST_WAIT:
                return answer
            self._retries += 1
            self._waited += wait
            step = step.again(pause=wait)

    def _hear(self, answer: Response) -> None:
        if not answer.all("warning"):
            return
        from dockpass.registry import words

        for text in words.warnings(answer):
            self._warned += len(text)
            note = f"{self.verdict.name} says: {self.covers.show(text)}"
            if self._warned <= _WARNINGS and note not in self.notes:
                self.notes.append(note)
