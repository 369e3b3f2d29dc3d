"""Docker Hub, and the registries of places where code is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, error_answer, json_answer
from dockpass.testing.profiles.profile import Profile

if TYPE_CHECKING:
    from dockpass.testing.profiles.profile import Played
    from dockpass.testing.received import Received

_NO_POST = error_answer(405, "UNSUPPORTED", "The operation is unsupported.")

DOCKER_HUB = Profile(
    name="docker-hub",
    registry="docker-hub",
    host="registry-1.docker.io",
    challenge=('Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',),
    service="registry.docker.io",
    logins={"alice": "dckr_pat_alice", "an-organization": "dckr_oat_organization"},
    refused=json_answer({"details": "incorrect username or password"}, 401),
    # What the account's own password gets where two-factor login is on.
    refusals={"account-password": json_answer({"details": "please use personal access token to login"}, 401)},
    behaviour={"anonymous": True, "answer_field": "both", "post": _NO_POST},
    source="https://docs.docker.com/security/access-tokens/",
)

DHI = Profile(
    name="dhi",
    registry="docker-hub",
    host="dhi.io",
    challenge=('Bearer realm="https://dhi.io/token",service="registry.docker.io"',),
    service="registry.docker.io",
    logins=DOCKER_HUB.logins,
    refused=DOCKER_HUB.refused,
    refusals=DOCKER_HUB.refusals,
    behaviour={"answer_field": "both", "post": _NO_POST},
    source="https://github.com/docker/hub-feedback/issues/2530",
)

GHCR = Profile(
    name="ghcr",
    registry="ghcr",
    host="ghcr.io",
    challenge=('Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull"',),
    service="ghcr.io",
    logins={"*": "ghp_classic"},
    refused=error_answer(403, "DENIED", "denied"),
    behaviour={"anonymous": "scoped", "expires_in": None, "post": _NO_POST},
    source="https://github.com/docker/login-action/issues/26",
)


def _unknown_service(registry: Played, request: Received) -> Answer | None:
    if request.path == registry.token_path and request.query.get("service") != [registry.token_server.service]:
        return Answer(404, "")
    return None


GITLAB_COM = Profile(
    name="gitlab-com",
    registry="gitlab",
    host="registry.gitlab.com",
    challenge=('Bearer realm="https://gitlab.com/jwt/auth",service="container_registry"',),
    service="container_registry",
    logins={"alice": "glpat-alice", "gitlab-ci-token": "job-token", "gitlab+deploy-token-1": "gldt-deploy"},
    refused=error_answer(401, "UNAUTHORIZED", "HTTP Basic: Access denied"),
    behaviour={"anonymous": "scoped", "expires_in": 900, "post": _NO_POST},
    odd=_unknown_service,
    source="https://docs.gitlab.com/user/packages/container_registry/authenticate_with_container_registry/",
)

GITLAB_APART = Profile(
    name="gitlab-apart",
    registry="gitlab",
    host="registry.example.com",
    challenge=('Bearer realm="https://gitlab.example.com/jwt/auth",service="container_registry"',),
    service="container_registry",
    logins=GITLAB_COM.logins,
    refused=GITLAB_COM.refused,
    behaviour={"anonymous": "scoped", "post": _NO_POST},
    odd=_unknown_service,
    source=GITLAB_COM.source,
)

GITLAB = Profile(
    name="gitlab",
    registry="gitlab",
    host="gitlab.example.com",
    challenge=('Bearer realm="https://gitlab.example.com/jwt/auth",service="container_registry"',),
    service="container_registry",
    logins=GITLAB_COM.logins,
    refused=GITLAB_COM.refused,
    behaviour={"anonymous": "scoped", "post": _NO_POST},
    odd=_unknown_service,
    source=GITLAB_COM.source,
)


def _quay(registry: Played, request: Received) -> Answer | None:
    """Too old a docker finds no registry here, and of scopes only pulling and pushing are known."""
    if request.path == "/v2/" and (request.header("user-agent") or "").startswith("docker/1.5"):
        return Answer(404, "")
    scopes = request.query.get("scope", []) if request.path == registry.token_path else []
    for scope in scopes:
        kind, _colon, rest = scope.partition(":")
        if kind != "repository" or not set(rest.rpartition(":")[2].split(",")) <= {"pull", "push", "*"}:
            return error_answer(400, "INVALID_REQUEST", f"Unable to decode repository and actions: {scope}")
    return None


QUAY = Profile(
    name="quay",
    registry="quay",
    host="quay.io",
    challenge=('Bearer realm="https://quay.io/v2/auth",service="quay.io"',),
    service="quay.io",
    logins={"organization+robot": "robot-token", "$oauthtoken": "oauth-token", "alice": "encrypted-password"},
    refused=error_answer(401, "UNAUTHORIZED", "Invalid Username or Password"),
    behaviour={"anonymous": "scoped", "expires_in": None, "post": _NO_POST},
    odd=_quay,
    source="https://github.com/quay/quay/blob/master/endpoints/v2/v2auth.py",
)


def _open_with_challenge(registry: Played, request: Received) -> Answer | None:
    """A ping that is answered by 200, with a challenge all the same."""
    if request.path == "/v2/" and request.header("authorization") is None:
        return json_answer("", headers=registry.challenged(request))
    return _quay(registry, request)


QUAY_200 = Profile(
    name="quay-200",
    registry="quay",
    host="quay.example.com",
    challenge=('Bearer realm="https://quay.example.com/v2/auth",service="quay.example.com"',),
    service="quay.example.com",
    logins=QUAY.logins,
    refused=QUAY.refused,
    behaviour=QUAY.behaviour,
    odd=_open_with_challenge,
    source="https://github.com/quay/quay/blob/master/endpoints/v2/__init__.py",
)

GITEA = Profile(
    name="gitea",
    registry="gitea",
    host="gitea.example.com",
    challenge=(
        'Bearer realm="https://gitea.example.com/v2/token",service="container_registry",scope="*"',
        'Basic realm="https://gitea.example.com/v2",service="container_registry",scope="*"',
    ),
    service="container_registry",
    logins={"alice": "access-token"},
    refused=Answer(401, ""),
    behaviour={"auth": "both", "anonymous": True, "expires_in": None, "post": _NO_POST},
    source="https://github.com/go-gitea/gitea/tree/main/routers/api/packages/container",
)

GITEA_OLD = Profile(
    name="gitea-old",
    registry="gitea",
    host="old.example.com",
    challenge=('Bearer realm="https://old.example.com/v2/token",service="container_registry",scope="*"',),
    service="container_registry",
    logins=GITEA.logins,
    # Whoever comes with a wrong password is taken for nobody in particular, and gets that one's token.
    behaviour={"anonymous": True, "forgiving": "always", "expires_in": None, "post": _NO_POST},
    source="https://github.com/go-gitea/gitea/issues/20563",
)

CODEBERG = Profile(
    name="codeberg",
    registry="gitea",
    host="codeberg.org",
    challenge=(
        (
            'Bearer realm="https://codeberg.org/v2/token",service="container_registry",scope="*",'
            'Basic realm="https://codeberg.org/v2",service="container_registry"'
        ),
    ),
    service="container_registry",
    logins=GITEA.logins,
    refused=GITEA.refused,
    behaviour=GITEA.behaviour,
    source="https://codeberg.org/forgejo/forgejo",
)

CODE_HOSTS = (DOCKER_HUB, DHI, GHCR, GITLAB_COM, GITLAB, GITLAB_APART, QUAY, QUAY_200, GITEA, GITEA_OLD, CODEBERG)
