"""Registries as there are: plain ones, and challenges that are odd but mean one thing only."""

# ruff: noqa: ARG001 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.testing.answers import error_answer, json_answer
from dockpass.testing.hostile.play import with_basic
from dockpass.testing.hostile.scene import BASIC, BEARER, REGISTRY, TOKEN_HOST, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.received import Received

_NEAR = f'Bearer realm="https://{TOKEN_HOST}/token",service="hostile.test"'
_BOTH = (REGISTRY, TOKEN_HOST)


def _open_ping(play: Play, request: Received) -> Script:
    return play.welcome()


def _pinged(play: Play, request: Received) -> Script:
    return play.challenge(status=200)


def _service(wanted: str) -> Callable[[Play, Received], Script]:
    def issue(play: Play, request: Received) -> Script:
        if request.query.get("service") != [wanted]:
            return error_answer(400, "UNSUPPORTED", "unknown service")
        return play.issue(request)

    return issue


def _with_query(play: Play, request: Received) -> Script:
    if request.query.get("tenant") != ["a b"]:
        return error_answer(400, "UNSUPPORTED", "which tenant?")
    return play.issue(request)


def _identity(play: Play, request: Received) -> Script:
    return play.issue(request, refresh_token=play.identity)


def _forbidden(play: Play, request: Received) -> Script:
    return play.issue(request) if with_basic(play, request) else error_answer(403, "DENIED", "denied")


def _harbor(play: Play, request: Received) -> Script:
    """A scoped request with a wrong password gets a token for nothing; an unscoped one is refused."""
    if with_basic(play, request) or not request.query.get("scope"):
        return play.issue(request)
    return json_answer({"token": "good-for-nothing", "expires_in": 300})


def _ghost(play: Play, request: Received) -> Script:
    return json_answer({"token": "good-for-nothing"})


SCENES = (
    Scene("basic", "asks for Basic", "logs in", challenge=BASIC),
    Scene("bearer", "asks for a token of its own token server", "logs in"),
    Scene("bearer-near", "has its token server on another host of its domain", "logs in",
          challenge=_NEAR, trusted=_BOTH, apart=True),
    Scene("bearer-other-port", "has its token server on another port of its host", "logs in",
          challenge=f'Bearer realm="https://{REGISTRY}:8443/token",service="hostile.test"', apart=True),
    Scene("bearer-then-basic", "offers Bearer and Basic, in two lines", "logs in", challenge=(BEARER, BASIC)),
    Scene("basic-then-bearer", "offers Basic and Bearer, in two lines", "logs in", challenge=(BASIC, BEARER)),
    Scene("both-in-one-line", "offers Bearer and Basic in one line, each with a realm", "logs in",
          challenge=f'{BEARER},scope="*",Basic realm="{{origin}}/v2",service="container_registry"'),
    Scene("identity-token", "gives an identity token beside the access token", "logs in", token=_identity),
    Scene("negotiate-ntlm-basic", "offers Negotiate and NTLM before Basic", "logs in",
          challenge=("Negotiate", "NTLM", BASIC)),
    Scene("token68-beside-basic", "offers Negotiate with a token before Basic in one line", "logs in",
          challenge=f"Negotiate YIIabc==, {BASIC}"),
    Scene("unknown-beside-basic", "offers a scheme that nobody knows before Basic", "logs in",
          challenge=('Quantum realm="x",state="both"', BASIC)),
    Scene("scheme-lower-case", "writes bearer in lower case", "logs in", challenge=BEARER.replace("Bearer", "bearer")),
    Scene("scheme-upper-case", "writes BASIC in upper case", "logs in", challenge=BASIC.replace("Basic", "BASIC")),
    Scene("parameters-upper-case", "writes REALM and SERVICE in upper case", "logs in",
          challenge='Bearer REALM="{origin}/token",SERVICE="hostile.test"'),
    Scene("spaces-around-equals", "puts blanks around = and commas", "logs in",
          challenge='Bearer realm = "{origin}/token" , service = "hostile.test"'),
    Scene("spaces-after-scheme", "puts several blanks behind the scheme", "logs in",
          challenge='Bearer   realm="{origin}/token"'),
    Scene("service-before-realm", "names the service before the realm", "logs in",
          challenge='Bearer service="hostile.test",realm="{origin}/token"', token=_service("hostile.test")),
    Scene("basic-alone", "writes Basic without a realm", "logs in", challenge="Basic"),
    Scene("basic-charset", "names a charset for Basic", "logs in", challenge=f'{BASIC}, charset="UTF-8"'),
    Scene("basic-realm-is-a-url", "has a Basic realm that is an address, as Amazon has", "logs in",
          challenge='Basic realm="https://other.test/",service="ecr.amazonaws.com"', apart=True),
    Scene("basic-realm-with-comma", "has a comma and a word Bearer in the realm of Basic", "logs in",
          challenge='Basic realm="one, Bearer two"'),
    Scene("basic-realm-with-quotes", "has escaped quotes in the realm of Basic", "logs in",
          challenge='Basic realm="a \\"good\\" one"'),
    Scene("realm-with-escapes", "escapes the slashes of the realm", "logs in",
          challenge='Bearer realm="{origin}\\/token",service="hostile.test"'),
    Scene("service-unquoted", "leaves the service unquoted", "logs in",
          challenge='Bearer realm="{origin}/token",service=hostile.test', token=_service("hostile.test")),
    Scene("realm-unquoted", "leaves the address of its token server unquoted, against the grammar", "either",
          challenge="Bearer realm={origin}/token,service=hostile.test"),
    Scene("realm-relative", "names its token server by a path", "either", challenge='Bearer realm="/token"'),
    Scene("empty-list-elements", "has empty elements in its list of challenges", "logs in",
          challenge=f",, ,{BASIC},"),
    Scene("scope-empty", "has an empty scope before the service", "logs in", token=_service("hostile.test"),
          challenge='Bearer realm="{origin}/token",scope="",service="hostile.test"'),
    Scene("scope-of-a-placeholder", "asks for a repository that does not exist", "logs in",
          challenge=f'{BEARER},scope="repository:user/image:pull"'),
    Scene("scope-of-two", "asks for two scopes", "logs in",
          challenge=f'{BEARER},scope="repository:a/b:pull,push repository:c:pull"'),
    Scene("no-service", "names no service", "logs in", challenge='Bearer realm="{origin}/token"'),
    Scene("service-with-colons", "has colons in its service, as Alibaba has", "logs in",
          challenge='Bearer realm="{origin}/token",service="registry.aliyuncs.com:cn-x:26842"',
          token=_service("registry.aliyuncs.com:cn-x:26842")),
    Scene("service-of-signs", "has &, #, + and blanks in its service", "logs in",
          challenge='Bearer realm="{origin}/token",service="a&account=admin#c +d%20"',
          token=_service("a&account=admin#c +d%20")),
    Scene("realm-with-query", "has a query in the address of its token server", "logs in",
          challenge='Bearer realm="{origin}/token?tenant=a%20b",service="hostile.test"', token=_with_query),
    Scene("realm-host-upper-case", "writes its token server's host in upper case", "logs in",
          challenge='Bearer realm="HTTPS://Registry.TEST/token"', apart=True),
    Scene("realm-with-port", "writes :443 behind its token server's host", "logs in",
          challenge='Bearer realm="https://registry.test:443/token"', apart=True),
    Scene("realm-trailing-dot", "writes a dot behind its token server's host", "either",
          challenge='Bearer realm="https://registry.test./token"', apart=True),
    Scene("parameters-unknown", "has parameters that nobody knows", "logs in",
          challenge=f'{BEARER},error="invalid_token",x-new="1"'),
    Scene("challenge-twice", "sends the same challenge twice", "logs in", challenge=(BEARER, BEARER)),
    Scene("challenge-on-200", "answers 200 and sends a challenge, as Quay does", "logs in", ping=_pinged),
    Scene("open-ping", "answers 200 without credentials, yet looks at those that it gets", "logs in",
          ping=_open_ping, challenge=BASIC),
    Scene("wrong-password-basic", "refuses a wrong password by 401", "refuses", challenge=BASIC, wrong=True),
    Scene("wrong-password-bearer", "has a token server that refuses a wrong password", "refuses", wrong=True),
    Scene("wrong-password-403", "has a token server that refuses a wrong password by 403, as GitHub's does", "refuses",
          token=_forbidden, wrong=True),
    Scene("wrong-password-open-ping", "answers 200 without credentials, and refuses a wrong password", "refuses",
          ping=_open_ping, challenge=BASIC, wrong=True),
    Scene("wrong-password-harbor", "gives a worthless token for a wrong password", "refuses",
          token=_harbor, wrong=True),
    Scene("ghost-token", "gives everybody a token that lets nobody in", "refuses", token=_ghost),
    Scene("wrong-password-ghost", "gives a token for a wrong password, and does not take it", "refuses",
          token=_ghost, wrong=True),
)  # fmt: skip
