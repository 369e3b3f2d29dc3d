"""Whether a registry gives anybody a token that lets them in: then a login there proves nothing.

Some registries answer a wrong password with the token of nobody in particular, as they do where no password is given.
From one login that cannot be told; from a second conversation without any credentials it can, at the price of two
requests. It cannot be told whether such a registry looked at the password: many look, and let anybody in as well. Those
that are known by their hosts all do.

Reference: https://github.com/go-gitea/gitea/issues/20563, https://github.com/sonatype/nexus-public/issues/311
"""

from __future__ import annotations

from dockpass.errors import RegistryError
from dockpass.registry import ask, token
from dockpass.registry.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator

    from dockpass.http.message import Response
    from dockpass.registry.realm import Approved
    from dockpass.registry.talk import Talk


def look(talk: Talk, ping: Step, server: Approved, service: str | None) -> Generator[Step, Response, None]:
    """After a login by token: note it where whoever comes without credentials gets in, too.

    Args:
        talk: The login.
        ping: The request that was answered with the challenge.
        server: The token server.
        service: The service to name there, ``None`` for none.

    Yields:
        One request, or two; none where it is known that passwords are checked. None of them shows credentials.

    """
    from dockpass.registry.refusal.hosted import HOSTED

    if any(one.is_at(ping.origin.host) for one in HOSTED):
        return
    name = talk.verdict.name
    try:
        anybody = yield from _anybody(talk, ping, server, service)
    except RegistryError as error:
        talk.notes.append(f"it could not be found out whether {name} checks passwords: {error.message}")
        return
    if anybody:
        talk.notes.append(f"{name} lets in anybody, so the password may not have been checked")


def _anybody(talk: Talk, ping: Step, server: Approved, service: str | None) -> Generator[Step, Response, bool]:
    who = talk.who(server.origin)
    answer, _last = yield from talk.get(ask.by_get(server, service, None), who)
    if 400 <= answer.status < 500 and answer.status != 429:
        return False
    if not 200 <= answer.status < 300:
        raise talk.verdict.token(answer, server.origin)
    got = token.read(answer.body, who=who, refresh=False)
    talk.hide(got.value)
    answer, _last = yield from talk.get(Step("GET", ping.origin, ping.target, (ask.bearer(got.value),)))
    return answer.status == 200
