"""A GET from the registry, followed to wherever its content is kept.

Registries keep large content elsewhere and send there. Whoever keeps it is not the registry: it is shown nothing, asked
for nothing more than the content, and not answered if it asks who we are. Once the registry's origin is left, nothing
is shown any more, not even if the way leads back.

Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
"""

from __future__ import annotations

from dockpass.errors import ProtocolError
from dockpass.registry.step import ELSEWHERE, Step
from dockpass.registry.talk import MOST_REDIRECTS, REDIRECTS
from dockpass.registry.tokens import access, need, scope
from dockpass.registry.url import BadURL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockpass.http.message import Response
    from dockpass.registry.tokens.admission import Admission, Conversation
    from dockpass.registry.tokens.scope import Scope

_FOR_ANYBODY = ("accept", "range", "if-range", "if-none-match", "if-modified-since")


def get(
    admission: Admission,
    target: str,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    method: str = "GET",
    scopes: Iterable[Scope] | None = None,
) -> Conversation[Response]:
    """Send a GET or a HEAD to the registry, and follow where it leads.

    Args:
        admission: To which registry, and with which login.
        target: The path and query on the registry's origin.
        headers: Pairs, without ``Authorization``. Somebody else than the registry gets only those that say which part
            of the content is wanted, and in which form.
        method: ``GET`` or ``HEAD``.
        scopes: What the request needs; ``None`` to tell it from the target.

    Returns:
        The last answer, whatever it is. A 401 of somebody else than the registry is one, too.

    Raises:
        RedirectedElsewhere: From HTTPS to plain HTTP.
        ProtocolError: Too many redirects, or one to an address that is not read.
        DockpassError: What :func:`dockpass.registry.tokens.access.send` raises.

    """
    answer = yield from access.send(admission, method, target, headers, scopes=scopes)
    way = yield from admission.way()
    wanted = need.of(method, target) if scopes is None else scope.canonical(scopes)
    where, is_at_home = way.origin, True
    for _hop in range(MOST_REDIRECTS):
        if answer.status not in REDIRECTS:
            return answer
        verdict = admission.talk(way).verdict
        try:
            origin, target = verdict.location(answer, where)
        except BadURL:
            raise verdict.redirect(answer, where, verdict.name) from None
        if origin.scheme != "https" and where.scheme == "https":
            raise verdict.redirect(answer, where, verdict.name)
        is_at_home = is_at_home and origin == way.origin
        where = origin
        if is_at_home:
            answer = yield from access.send_to(admission, way, Step(method, origin, target, headers), wanted)
        else:
            plain = tuple((name, value) for name, value in headers if name.lower() in _FOR_ANYBODY)
            answer = yield from access.once(Step(method, origin, target, plain, reach=ELSEWHERE))
    if answer.status in REDIRECTS:
        name = admission.talk(way).verdict.name
        raise ProtocolError(f"{name} redirects again and again", "tell those who run it")
    return answer
