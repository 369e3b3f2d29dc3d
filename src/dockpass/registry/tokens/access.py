"""The conversation of a request: what it is sent with, and what is done if the registry does not take that.

A generator, as the login is (:mod:`dockpass.registry.flow`): whoever can send a request can drive it. Besides requests
it yields :mod:`turns <dockpass.registry.tokens.turn>`, which are to be waited for.

What is shown to whom. Only the registry's own origin sees a token or a password, and only it is heard when it asks for
one; an identity token goes to the token server and nowhere else. A token that the registry does not take is dropped and
asked for once more, not twice. Credentials that were refused are not sent again; but the store is looked at again,
once, for somebody may have logged in meanwhile, or exchanged the identity token.

Reference: https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

from dockpass.errors import Denied, NoChallenge, Refused, UsageError
from dockpass.registry import challenge
from dockpass.registry.step import Step
from dockpass.registry.talk import no_challenge, offers
from dockpass.registry.tokens import need, scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from dockpass.errors import DockpassError
    from dockpass.http.message import Response
    from dockpass.registry.challenge import Challenge
    from dockpass.registry.tokens.admission import Admission, Conversation, Shown
    from dockpass.registry.tokens.cache import Holder, Kept
    from dockpass.registry.tokens.scope import Scope
    from dockpass.registry.tokens.way import Way

_SKEW = 1.0
_AMAZON = ("ecr", "ecr-public")


def token(admission: Admission, scopes: Iterable[Scope]) -> Conversation[Kept]:
    """A token for exactly these scopes, to be handed to somebody else: none that may do more.

    Raises:
        NoChallenge: The registry gives out no tokens.
        RegistryError: No token was to be had.

    """
    way = yield from admission.way()
    shown = yield from admission.shown(way, scope.canonical(scopes), admission.cache.same)
    if shown.kept is not None:
        return shown.kept
    name = admission.talk(way).verdict.name
    if offers(way.offered, "basic"):
        raise NoChallenge(
            f"{name} gives out no tokens: it wants a user name and a password with each request",
            "send those in place of a token",
        )
    if way.offered:
        raise no_challenge(name, way.offered)
    raise NoChallenge(f"{name} gives out no tokens: it asks for no login", "send requests to it without one")


def send(
    admission: Admission,
    method: str,
    target: str,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    *,
    scopes: Iterable[Scope] | None = None,
) -> Conversation[Response]:
    """Send a request to the registry, with what it takes to be let in.

    Args:
        admission: To which registry, and with which login.
        method: Upper case.
        target: The path and query on the registry's origin.
        headers: Pairs, without ``Authorization``.
        body: It may be sent a second time.
        scopes: What the request needs; ``None`` to tell it from method and target.

    Returns:
        The registry's answer, whatever it is, but for what is raised. A redirect is not followed.

    Raises:
        UsageError: A name in the target is none. Nothing was sent.
        Refused, LoginExpired: The login was refused.
        Denied: The login may not do this, or nobody may without one.
        RegistryError: The registry lets nobody in in a way that is known here, or takes no token.

    """
    known = need.of(method, target)
    wanted = known if scopes is None else scope.canonical(scopes)
    if any(name.lower() == "authorization" for name, _value in headers):
        raise UsageError("a request that is to be authorised has an Authorization header already")
    way = yield from admission.way()
    return (yield from send_to(admission, way, Step(method, way.origin, target, headers, body), wanted))


def send_to(admission: Admission, way: Way, step: Step, wanted: tuple[Scope, ...]) -> Conversation[Response]:
    """As :func:`send`, for a request to the origin of ``way`` that is not looked at any more."""
    shown = yield from admission.shown(way, wanted, admission.cache.enough)
    sent = admission.cache.now()
    answer = yield from once(shown.on(step))
    if not _is_refused(admission, way, shown, step, answer):
        return answer
    again = yield from _again(admission, way, shown, wanted, answer, sent=sent)
    if again is None:
        return answer
    answer = yield from once(again.on(step))
    if answer.status == 401:
        raise _not_let_in(admission, way, again, answer)
    return answer


def once(step: Step) -> Generator[Step, Response | None, Response]:
    """A request, and its answer."""
    answer = yield step
    if answer is None:
        raise TypeError("a request was not answered by a response")
    return answer


def _is_refused(admission: Admission, way: Way, shown: Shown, step: Step, answer: Response) -> bool:
    """Whether an answer means that what was shown is no good, or no longer."""
    if answer.status == 401:
        return True
    if answer.status not in (400, 403) or shown.header is None or shown.is_new:
        return False
    if shown.kept is None:
        return answer.status == 403 and isinstance(admission.talk(way, shown).verdict.basic(answer), Refused)
    from dockpass.registry.refusal import advice, words

    said = words.of(answer).lower()
    if not said and step.method == "HEAD":
        # Amazon's registries do not answer 401 to a token that has expired, and to HEAD nothing can be said.
        known = advice.find(admission.server.host)
        return known is not None and known.name in _AMAZON
    return ("expired" in said and "token" in said) or (answer.status == 400 and said.startswith("denied"))


def _again(
    admission: Admission, way: Way, shown: Shown, wanted: tuple[Scope, ...], answer: Response, *, sent: float
) -> Conversation[Shown | None]:
    """What to show the second time; ``None`` where there is nothing else to show."""
    offered = challenge.parse(answer.all("www-authenticate")) if answer.status == 401 else []
    new = admission.heard(offered, way)
    cache, old = admission.cache, shown.kept
    if old is None:
        if shown.credential is not None:
            admission.renew(shown.credential, admission.talk(way, shown).verdict.basic(answer))
        again = yield from admission.shown(new, wanted, cache.enough)
        return None if again.header is None else again
    wider = _widened(wanted, offered)
    if shown.is_new and new.mark == way.mark and scope.cover(old.scopes, wider):
        # The same once more: the token may be younger than the registry's clock allows.
        return shown.after(_SKEW)
    _drop(admission, shown)

    def younger(holder: Holder, scopes: tuple[Scope, ...]) -> Kept | None:
        """What another thread has asked for in the meantime."""
        kept = cache.enough(holder, scopes)
        return kept if kept is not None and kept.asked >= sent else None

    return (yield from admission.shown(new, wider, younger))


def _widened(wanted: tuple[Scope, ...], offered: list[Challenge]) -> tuple[Scope, ...]:
    """The scopes, with what the registry itself says that it takes for the same things. Others are not its business."""
    things = {(one.kind, one.name) for one in wanted}
    more: list[Scope] = []
    for one in offered:
        if one.scheme == "bearer" and not one.unusable:
            try:
                more += scope.parse(one.params.get("scope", ""))
            except UsageError:
                continue  # a placeholder, or words of its own
    return scope.canonical((*wanted, *(one for one in more if (one.kind, one.name) in things)))


def _not_let_in(admission: Admission, way: Way, shown: Shown, answer: Response) -> DockpassError:
    """The error for a second 401."""
    talk = admission.talk(way, shown)
    if shown.kept is None:
        return talk.verdict.basic(answer)
    _drop(admission, shown)
    if shown.credential is None:
        return talk.wants_login(talk.verdict.name)
    offered = challenge.parse(answer.all("www-authenticate"))
    if any(one.params.get("error") == "insufficient_scope" for one in offered):
        return Denied(
            f"{talk.verdict.name} knows this login and does not let it do that (401, insufficient_scope)",
            "ask those who run it what this account may do",
        )
    return talk.verdict.with_token(answer, identity=shown.credential.is_identity_token)


def _drop(admission: Admission, shown: Shown) -> None:
    if shown.kept is not None and shown.holder is not None:
        admission.cache.drop(shown.holder, shown.kept)
