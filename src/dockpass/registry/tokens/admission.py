"""How one is let in to a registry with one login, or with none: what the registry wants to be shown, and a token.

Reference: https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

from dockpass.credential import Credential, check
from dockpass.errors import DockpassError, Refused, UsageError
from dockpass.registry import ask, challenge
from dockpass.registry.step import Step
from dockpass.registry.talk import Talk, no_challenge, offers, token_server
from dockpass.registry.tokens.cache import Kept
from dockpass.registry.tokens.turn import await_end
from dockpass.registry.tokens.way import Place, Way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeVar

    from dockpass.credential import Secret
    from dockpass.http.address import Origin
    from dockpass.http.message import Response
    from dockpass.registry.challenge import Challenge
    from dockpass.registry.realm import Approved
    from dockpass.registry.tokens.cache import Cache, Holder
    from dockpass.registry.tokens.scope import Scope
    from dockpass.registry.tokens.turn import Turn
    from dockpass.server import Server

    Result = TypeVar("Result")
    Conversation = Generator[Step | Turn, Response | None, Result]
    Look = Callable[[Holder, tuple[Scope, ...]], Kept | None]


class Shown:
    """What a request is sent with.

    Attributes:
        header: The ``Authorization`` header; ``None`` for none.
        credential: The login that it is from; ``None`` for none.
        kept: The token in it; ``None`` where the header holds none.
        holder: Whose token that is, for the cache.
        is_new: Whether the token was asked for just now.
        pause: How many seconds to wait before it is shown.

    """

    __slots__ = ("credential", "header", "holder", "is_new", "kept", "pause")

    def __init__(
        self,
        header: tuple[str, str] | None,
        credential: Credential | None,
        kept: Kept | None = None,
        holder: Holder | None = None,
        *,
        is_new: bool = False,
        pause: float = 0.0,
    ) -> None:
        self.header = header
        self.credential = credential
        self.kept = kept
        self.holder = holder
        self.is_new = is_new
        self.pause = pause

    def __repr__(self) -> str:
        return f"Shown({self.credential!r}, {self.kept!r})"

    def on(self, step: Step) -> Step:
        """The request with it."""
        headers = step.headers if self.header is None else (*step.headers, self.header)
        return Step(step.method, step.origin, step.target, headers, step.body, reach=step.reach, pause=self.pause)

    def after(self, pause: float) -> Shown:
        """The same once more, after so many seconds."""
        return Shown(self.header, self.credential, self.kept, self.holder, is_new=self.is_new, pause=pause)


class Admission:
    """To be let in to one registry with one login, or with none. Threads may share it.

    Args:
        server: The registry, and whether plain HTTP to it is allowed.
        credential: The login; ``None`` to ask as nobody in particular.
        origin: Where the registry is: whether by ``https`` or ``http`` is the driver's choice.
        cache: Where tokens are kept.
        certificate: The client certificate that the driver shows to the registry: the paths of its files.
        token_host: A token server's host that the user approves of.
        pinned: Gives the one that the user approved of earlier, or ``None``. Called only if it matters.
        rotated: Called with the identity token that was used and the one that the token server gave for it, as soon as
            it did: the old one may be worthless from that moment.
        stored: Gives the login that is kept now, or ``None``. Called when the one that is used was refused.

    Attributes:
        server: The registry.
        cache: Where tokens are kept.
        notes: What the registry and its token server warned of, each one line.

    Raises:
        BadCredential: No registry could take this login.
        UsageError: Plain HTTP to this registry is not allowed.

    """

    def __init__(
        self,
        server: Server,
        credential: Credential | None,
        *,
        origin: Origin,
        cache: Cache,
        certificate: tuple[str, ...] = (),
        token_host: str | None = None,
        pinned: Callable[[], str | None] | None = None,
        rotated: Callable[[Credential, Credential], None] | None = None,
        stored: Callable[[], Credential | None] | None = None,
    ) -> None:
        if credential is not None:
            _check(credential)
        if origin.scheme != "https" and not (server.plain_http or server.is_loopback):
            raise UsageError(
                f"{server.key} is not to be spoken to by plain HTTP", "if that is what you want, allow it: --plain-http"
            )
        self.server = server
        self.cache = cache
        self.notes: list[str] = []
        self._credential = credential
        self._place = Place(origin, plain_http=server.plain_http, certificate=certificate)
        self._token_host = token_host
        self._pinned = pinned
        self._rotated = rotated
        self._stored = stored

    def talk(self, way: Way, shown: Shown | None = None) -> Talk:
        """The registry's words about what was shown."""
        talk = Talk(self.server, self._credential if shown is None else shown.credential)
        talk.offered = way.offered
        if shown is not None and shown.kept is not None:
            talk.hide(shown.kept.value)
        return talk

    def way(self) -> Conversation[Way]:
        """How the registry lets one in. It is asked if it was not asked yet.

        Raises:
            NoChallenge: In no way that is known here.
            RegistryError: It is no registry, or in trouble.

        """
        while (way := self.cache.way(self._place)) is None:
            turn, is_mine = self.cache.begin(self._place)
            if not is_mine:
                yield from await_end(turn)
                continue
            try:
                return self.cache.way(self._place) or (yield from self._ping())
            except DockpassError as error:
                turn.error = error
                raise
            finally:
                self.cache.finish(turn)
        return way

    def _ping(self) -> Conversation[Way]:
        talk = Talk(self.server, self._credential)
        answer, ping = yield from talk.get(Step("GET", self._place.origin, "/v2/"))
        if answer.status not in (200, 401):
            raise talk.verdict.ping(answer)
        way = Way(ping.origin, challenge.parse(answer.all("www-authenticate")))
        if answer.status == 401 and not (way.has_bearer or offers(way.offered, "basic")):
            raise no_challenge(talk.verdict.name, way.offered)
        self._hear(talk)
        self.cache.learn(self._place, way)
        return way

    def _hear(self, talk: Talk) -> None:
        self.notes += [note for note in talk.notes if note not in self.notes]

    def heard(self, offered: list[Challenge], way: Way) -> Way:
        """The way in that later challenges speak of. If they speak of none, or of less than ``way``, that counts."""
        new = Way(way.origin, offered)
        if not new.has_bearer and (way.has_bearer or not offers(offered, "basic")):
            return way
        self.cache.learn(self._place, new)
        return new

    def shown(self, way: Way, wanted: tuple[Scope, ...], look: Look) -> Conversation[Shown]:
        """What to show for these scopes: a token that ``look`` finds, a new one, the password, or nothing.

        Raises:
            Refused, LoginExpired: The token server refused the login; or the registry takes no identity tokens.
            Denied: There is no token for whoever is not logged in.
            RegistryError: No token was to be had.

        """
        credential = self._credential
        if way.has_bearer:
            holder = self.cache.holder(self._place, way, credential)
            kept = look(holder, wanted)
            if kept is not None:
                return Shown(ask.bearer(kept.value), credential, kept, holder)
            found = token_server(self.server, way.offered, way.origin, self._token_host, self._pinned)
            if found is not None:
                return (yield from self._in_turn(way, wanted, look, found))
        if credential is None or not offers(way.offered, "basic"):
            return Shown(None, None)
        if credential.is_identity_token:
            verdict = self.talk(way).verdict
            raise Refused(
                f"{verdict.name} takes a user name and a password, and no identity token", verdict.log_in_again
            )
        return Shown(ask.basic(credential), credential)

    def _in_turn(
        self, way: Way, wanted: tuple[Scope, ...], look: Look, found: tuple[Approved, str | None]
    ) -> Conversation[Shown]:
        """A token. One asks for it, and whoever else wants it waits; after a refusal the store is looked at, once."""
        is_renewed = False
        while True:
            credential = self._credential
            holder = self.cache.holder(self._place, way, credential)
            # An identity token may be good for one use only: it is never shown twice at the same time.
            slot = () if credential is not None and credential.is_identity_token else wanted
            turn, is_mine = self.cache.begin(holder, slot)
            try:
                if not is_mine:
                    yield from await_end(turn)
                    if turn.successor is not None and self._credential == credential:
                        self._credential = turn.successor
                    continue
                kept = look(holder, wanted)
                if kept is not None:
                    return Shown(ask.bearer(kept.value), credential, kept, holder)
                return (yield from self._asked(way, wanted, found, turn))
            except DockpassError as error:
                if is_mine and (slot == wanted or isinstance(error, Refused)):
                    turn.error = error
                if is_renewed or credential is None or not isinstance(error, Refused):
                    raise
                is_renewed = True
                self.renew(credential, error)
            finally:
                if is_mine:
                    self.cache.finish(turn)

    def _asked(
        self, way: Way, wanted: tuple[Scope, ...], found: tuple[Approved, str | None], turn: Turn
    ) -> Conversation[Shown]:
        """A new token, from the token server."""
        credential = self._credential
        old = self.cache.holder(self._place, way, credential)

        def exchanged(new: Secret) -> None:
            nonlocal credential
            if credential is None:
                return
            used, credential = credential, Credential(credential.username, new, is_identity_token=True)
            self._credential = turn.successor = credential
            self.cache.rename(old, self.cache.holder(self._place, way, credential))
            if self._rotated is not None:
                self._rotated(used, credential)

        asked = self.cache.now()
        server, service = found
        talk = self.talk(way)
        got, _new = yield from talk.token(server, service, scopes=wanted, rotated=exchanged)
        self._hear(talk)
        kept = Kept(got.value, wanted, asked, got.expires_in)
        holder = self.cache.holder(self._place, way, credential)
        self.cache.keep(holder, kept, turn)
        return Shown(ask.bearer(kept.value), credential, kept, holder, is_new=True)

    def renew(self, used: Credential, refused: DockpassError) -> None:
        """Go on with the login that is kept now, if that is another one than was refused.

        Raises:
            DockpassError: ``refused``, if it is the same one.

        """
        if self._credential != used:
            return  # another thread has done so
        now = self._stored() if self._stored is not None else None
        if now is None or now == used:
            raise refused
        _check(now)
        self._credential = now


def _check(credential: Credential) -> None:
    check(credential)
    ask.text(credential.username + credential.secret.reveal())
