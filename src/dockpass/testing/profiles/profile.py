"""What is particular about one registry, and a scripted registry that plays it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dockpass.testing.answers import error_answer
from dockpass.testing.registry import ScriptedRegistry
from dockpass.testing.token_server import ANY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dockpass.testing.answers import Answer
    from dockpass.testing.received import Received

    Odd = Callable[["Played", Received], Answer | None]

UNAUTHORIZED = error_answer(401, "UNAUTHORIZED", "authentication required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one registry sends, and takes.

    Attributes:
        name: Its short name, unique.
        registry: The short name of the registry, shared by several ways in which one may be set up or may have behaved.
        host: A host that it is at: its own, or one that it could be at.
        challenge: The ``WWW-Authenticate`` headers of ``/v2/``, to the letter.
        service: What the token server issues for, ``None`` if it issues for any.
        logins: Secrets by user name, the usual one first; ``"*"`` for any name.
        refused: What a wrong secret gets: from the token server, or at ``/v2/`` where that asks for Basic.
        refusals: What some other secrets get: those that have expired, or are of the wrong kind.
        then: The challenge to a request that showed something which was not good, where it differs.
        deeper: The challenge on a repository, where it differs by more than its scope.
        behaviour: Further arguments of :class:`~dockpass.testing.registry.ScriptedRegistry`.
        odd: What it does as no other does: gives the answer to a request, or ``None`` where it is the usual one.
        source: Where this is known from.

    """

    name: str
    registry: str
    host: str
    challenge: tuple[str, ...]
    service: str | None = None
    logins: Mapping[str, str]
    refused: Answer = UNAUTHORIZED
    refusals: Mapping[str, Answer] = field(default_factory=dict)
    then: tuple[str, ...] = ()
    deeper: tuple[str, ...] = ()
    behaviour: Mapping[str, Any] = field(default_factory=dict)
    odd: Odd | None = None
    source: str

    @property
    def username(self) -> str:
        """A user name that is let in."""
        name = next(iter(self.logins))
        return "anybody" if name == ANY else name

    @property
    def secret(self) -> str:
        """The secret that goes with it."""
        return next(iter(self.logins.values()))

    @property
    def realm(self) -> str:
        """The address of its token server; ``""`` where it has none."""
        bearer = [one for one in self.challenge if one.startswith("Bearer ")]
        return bearer[0].partition('realm="')[2].partition('"')[0] if bearer else ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that a login goes to: its own, and that of its token server."""
        tokens = urlsplit(self.realm).hostname
        return (self.host,) if tokens in (None, self.host) else (self.host, tokens)

    def play(self, *, real_names: bool = False, **options: Any) -> Played:
        """A registry that behaves so, for the length of a ``with`` block.

        Args:
            real_names: Leave its challenges as they are. The test has to lead :attr:`hosts` to the registry's port, and
                to give it a certificate for them (``tls``). Otherwise the registry stands in for all of them.
            options: Further arguments of :class:`~dockpass.testing.registry.ScriptedRegistry`. They go before what is
                said here.

        """
        return Played(self, real_names=real_names, **options)


class Played(ScriptedRegistry):
    """A scripted registry that plays another."""

    def __init__(self, profile: Profile, *, real_names: bool = False, **options: Any) -> None:
        tokens = urlsplit(profile.realm)
        usual: dict[str, Any] = {
            "users": profile.logins,
            "auth": "bearer" if profile.realm else "basic",
            "service": profile.service,
            "challenge": profile.challenge,
            "refusals": {ANY: profile.refused, **profile.refusals},
            **({"token_path": tokens.path} if profile.realm else {}),
        }
        super().__init__(**{**usual, **profile.behaviour, **options})
        self.profile = profile
        self._real_names = real_names

    def challenged(self, request: Received) -> list[tuple[str, str]]:
        """The headers with the challenges that the request deserves."""
        return [("WWW-Authenticate", value) for value in self._challenges(request, None, "")]

    def _behave(self, request: Received) -> Answer:
        odd = self.profile.odd(self, request) if self.profile.odd is not None else None
        return super()._behave(request) if odd is None else odd

    def _challenges(self, request: Received, scope: str | None, error: str) -> Iterable[str]:
        profile = self.profile
        if request.header("authorization") is not None and profile.then:
            return map(self._filled, profile.then)
        if request.path != "/v2/":
            return (_with_scope(self._filled(one), scope) for one in profile.deeper or profile.challenge)
        return super()._challenges(request, scope, error)

    def _filled(self, text: str) -> str:
        if self._real_names:
            return text
        if self.profile.realm:
            text = text.replace(self.profile.realm.partition("?")[0], self.realm)
        return text.replace(f"https://{self.profile.host}/", f"{self.url}/")


def _with_scope(challenge: str, scope: str | None) -> str:
    """A Bearer challenge with this scope in place of the one it has."""
    if not challenge.startswith("Bearer ") or scope is None:
        return challenge
    start, found, rest = challenge.partition(',scope="')
    behind = rest.partition('"')[2] if found else ""
    return f'{start},scope="{scope}"{behind}'
