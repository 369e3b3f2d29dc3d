"""What a login and a request have in common: how a registry is talked to, and how a token is asked for.

A redirect is followed to the same origin, or from HTTP up to HTTPS on the same host, and no further; a registry that
asks to wait is waited for, but not long; what it warns of is heard.
"""

from __future__ import annotations

from dockpass.credential import Credential
from dockpass.display import clean
from dockpass.errors import Denied, NoChallenge, ProtocolError, UntrustedTokenHost
from dockpass.registry import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from dockpass.credential import Secret
    from dockpass.http.address import Origin
    from dockpass.http.message import Response
    from dockpass.registry.challenge import Challenge
    from dockpass.registry.realm import Approved
    from dockpass.registry.refusal.covers import Covers
    from dockpass.registry.refusal.verdict import Verdict
    from dockpass.registry.step import Step
    from dockpass.registry.token import Token
    from dockpass.registry.tokens.scope import Scope
    from dockpass.server import Server

MOST_REDIRECTS = 5
MOST_TOKEN_REDIRECTS = 3
MOST_RETRIES = 2
LONGEST_WAIT = 10
REDIRECTS = (301, 302, 303, 307, 308)
_WARNINGS = 4096
_NOBODY = Credential("", "")


def offers(offered: list[Challenge], scheme: str) -> bool:
    """Whether there is a usable challenge of this scheme."""
    return any(one.scheme == scheme and not one.unusable for one in offered)


def token_server(
    server: Server,
    offered: list[Challenge],
    origin: Origin,
    token_host: str | None,
    pinned: Callable[[], str | None] | None,
) -> tuple[Approved, str | None] | None:
    """The token server to go to and the service to name there; ``None`` where the registry offers no usable one.

    An address that is no good is as good as none, if the same response offers Basic too. A token server that the user
    may approve of is not passed over: what a pull needs later is a token from there.
    """
    refused: UntrustedTokenHost | None = None
    for one in offered:
        if one.scheme != "bearer" or one.unusable or not one.params.get("realm"):
            continue
        from dockpass.registry import realm

        try:
            approved = realm.judge(one.params["realm"], origin, token_host=token_host, pinned=pinned)
            return approved, one.params.get("service")
        except UntrustedTokenHost as untrusted:
            refused = refused or untrusted
    if refused is not None and refused.host and pinned is not None and (earlier := pinned()) is not None:
        from dockpass.registry import realm

        raise realm.changed(server, earlier, refused)
    if refused is not None and (refused.host or not offers(offered, "basic")):
        raise refused
    return None


def no_challenge(name: str, offered: list[Challenge]) -> NoChallenge:
    """The error for a registry that offers no way in that is known here."""
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


class Talk:
    """What is common to all requests of one login: redirects, waiting, warnings.

    Args:
        server: The registry.
        credential: The login; ``None`` for nobody's.

    """

    def __init__(self, server: Server, credential: Credential | None) -> None:
        self.credential = _NOBODY if credential is None else credential
        self.notes: list[str] = []
        self.offered: list[Challenge] = []
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
            from dockpass.registry.refusal.covers import Covers

            self._covers = Covers(self.credential.username, self.credential.secret)
            for secret in self._received:
                self._covers.add(secret)
        return self._covers

    @property
    def verdict(self) -> Verdict:
        """What knows the meaning of an answer that is no success."""
        if self._verdict is None:
            from dockpass.registry.refusal.verdict import Verdict

            self._verdict = Verdict(self._server, self.covers, username=self.credential.username, offered=self.offered)
        return self._verdict

    def who(self, origin: Origin) -> str:
        """How the token server at ``origin`` is called in messages."""
        from dockpass.registry import called

        return called.token_server(self._server, origin)

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
            if answer.status not in REDIRECTS:
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
        if answer.status in REDIRECTS:
            raise self.verdict.redirect(answer, step.origin, who)
        return answer

    def token(
        self,
        server: Approved,
        service: str | None,
        *,
        scopes: tuple[Scope, ...] = (),
        offline_token: bool = False,
        rotated: Callable[[Secret], None] | None = None,
    ) -> Generator[Step, Response, tuple[Token, Secret | None]]:
        """Ask a token server for a token.

        Args:
            server: The token server.
            service: The service to name there, ``None`` for none.
            scopes: What it is to allow.
            offline_token: Whether an identity token is wanted, too, if the credentials are a password.
            rotated: Called with the new identity token as soon as the token server gives one for the one that was used.

        Returns:
            The token; and the new identity token, if there is one.

        """
        from dockpass.registry import token

        credential = self.credential
        identity = credential.is_identity_token
        who = self.who(server.origin)
        if identity:
            answer = yield from self.post(ask.by_post(server, service, credential, scopes=scopes), who)
        else:
            somebody = None if credential is _NOBODY else credential
            step = ask.by_get(server, service, somebody, scopes=scopes, offline_token=offline_token)
            answer, _last = yield from self.get(step, who)
        if credential is _NOBODY and answer.status in (401, 403):
            raise self.wants_login(who)
        if answer.status == 400 and scopes and not identity:
            raise self._no_such_scope(answer, who, scopes)
        if not 200 <= answer.status < 300:
            raise (self.verdict.identity_token if identity else self.verdict.token)(answer, server.origin)
        if not answer.complete:
            raise ProtocolError(f"{who} gave an answer of more than 128 KiB", "tell those who run it")
        got = token.read(answer.body, who=who, refresh=identity or offline_token)
        new = got.refresh_token if got.refresh_token != credential.secret else None
        self.hide(got.value)
        if new is not None:
            self.hide(new)
            if identity and rotated is not None:
                rotated(new)
        return got, new

    def wants_login(self, who: str) -> Denied:
        """The error for what is not for nobody in particular."""
        return Denied(
            f"{who} does not allow this to whoever is not logged in", f"log in: dockpass login {self._server.typed}"
        )

    def _no_such_scope(self, answer: Response, who: str, scopes: tuple[Scope, ...]) -> Denied:
        """The error for a 400: the login may be good, for some token servers answer so to a scope that they lack."""
        from dockpass.registry.refusal import words

        theirs = self.covers.show(words.of(answer))
        wanted = clean(" ".join(map(str, scopes)), 200)
        return Denied(
            f"{who} gives no token for {wanted} (400)" + (f": {theirs}" if theirs else ""),
            "see whether this registry knows such a scope; if it is the login that is at fault, log in again: dockpass "
            f"login {self._server.typed}",
        )

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
        from dockpass.registry.refusal import words

        for text in words.warnings(answer):
            self._warned += len(text)
            note = f"{self.verdict.name} says: {self.covers.show(text)}"
            if self._warned <= _WARNINGS and note not in self.notes:
                self.notes.append(note)
