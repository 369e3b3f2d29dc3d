"""The registry programs that anybody may run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, error_answer, json_answer
from dockpass.testing.profiles.profile import Profile

if TYPE_CHECKING:
    from dockpass.testing.profiles.profile import Played
    from dockpass.testing.received import Received

_NO_POST = error_answer(405, "UNSUPPORTED", "The operation is unsupported.")


def _harbor(_registry: Played, request: Received) -> Answer | None:
    if request.path == "/v2/_catalog" and request.header("authorization") is None:
        return error_answer(401, "UNAUTHORIZED", "unauthorized", {"WWW-Authenticate": 'Basic realm="harbor"'})
    return None


HARBOR = Profile(
    name="harbor",
    registry="harbor",
    host="harbor.example.com",
    challenge=('Bearer realm="https://harbor.example.com/service/token",service="harbor-registry"',),
    service="harbor-registry",
    logins={"robot$team+ci": "robot-secret", "alice": "cli-secret"},
    refused=error_answer(401, "UNAUTHORIZED", "unauthorized: unauthorized"),
    # Once anything was shown it asks for Basic, with which its own pages log in.
    then=('Basic realm="harbor"',),
    # A wrong secret gets a token where a scope is asked for, with nothing in it.
    behaviour={"anonymous": "scoped", "forgiving": "scoped", "expires_in": 1800, "post": _NO_POST},
    odd=_harbor,
    source="https://github.com/goharbor/harbor/tree/main/src/core/service/token",
)

ARTIFACTORY = Profile(
    name="artifactory",
    registry="artifactory",
    host="artifactory.example.com",
    challenge=('Basic realm="Artifactory Realm"',),
    logins={"alice": "identity-token"},
    refused=json_answer({"errors": [{"status": 401, "message": "Wrong username was used"}]}, 401),
    source="https://jfrog.com/help/r/how-to-troubleshoot-docker-problems/docker-login-docker.art.local",
)

ARTIFACTORY_BEARER = Profile(
    name="artifactory-bearer",
    registry="artifactory",
    host="alice.jfrog.io",
    challenge=(
        'Bearer realm="https://alice.jfrog.io/artifactory/api/docker/docker-local/v2/token",service="alice.jfrog.io"',
    ),
    service="alice.jfrog.io",
    logins=ARTIFACTORY.logins,
    refused=ARTIFACTORY.refused,
    behaviour={"expires_in": 3600, "post": Answer(401, "")},
    source=ARTIFACTORY.source,
)

NEXUS = Profile(
    name="nexus",
    registry="nexus",
    host="nexus.example.com",
    challenge=('BASIC realm="Sonatype Nexus Repository Manager"',),
    logins={"alice": "correct-horse", "user-token-name": "user-token-code"},
    refused=error_answer(401, "UNAUTHORIZED", "access to the requested resource is not authorized"),
    source="https://help.sonatype.com/en/docker-authentication.html",
)

NEXUS_OLD = Profile(
    name="nexus-old",
    registry="nexus",
    host="nexus.example.com",
    challenge=('Bearer realm="https://nexus.example.com/v2/token",service="https://nexus.example.com/v2/token"',),
    logins=NEXUS.logins,
    # With anonymous pulls allowed any secret gets a token.
    behaviour={"anonymous": True, "forgiving": "always", "post": _NO_POST},
    source="https://github.com/sonatype/nexus-public/issues/311",
)


def _openshift(registry: Played, request: Received) -> Answer | None:
    """Nobody in particular gets the token ``anonymous``, and a token of yesterday gets one that is no good."""
    if request.path != registry.token_path or request.method != "GET":
        return None
    if request.header("authorization") is None:
        return json_answer({"access_token": "anonymous", "token": "anonymous", "expires_in": 3600})
    if request.basic is not None and request.basic[1] == "sha256~yesterday":
        return json_answer({"access_token": "sha256~yesterday", "token": "sha256~yesterday", "expires_in": 3600})
    return None


OPENSHIFT = Profile(
    name="openshift",
    registry="openshift",
    host="default-route-openshift-image-registry.apps.example.com",
    challenge=('Bearer realm="https://default-route-openshift-image-registry.apps.example.com/openshift/token"',),
    logins={"*": "sha256~token"},
    refused=json_answer({"details": "unable to authenticate"}, 401),
    then=('Basic realm=openshift,error="unable to authenticate"',),
    behaviour={"answer_field": "both", "post": _NO_POST},
    odd=_openshift,
    source="https://github.com/openshift/image-registry/tree/master/pkg/dockerregistry/server",
)


def _zot(registry: Played, request: Received) -> Answer | None:
    """Docker is asked for a login even where others are not; two logins in one request are none."""
    if request.path != "/v2/":
        return None
    agent = request.header("user-agent") or ""
    alike = request.header("authorization") is None and (agent.startswith("docker/") or "Docker-Client" in agent)
    if alike or len(request.all("authorization")) > 1:
        return error_answer(401, "UNAUTHORIZED", "authentication required", registry.challenged(request))
    return None


ZOT = Profile(
    name="zot",
    registry="zot",
    host="zot.example.com",
    challenge=('Basic realm="Authorization Required"',),
    logins={"alice": "zak_key"},
    refused=error_answer(401, "UNAUTHORIZED", "authentication required"),
    odd=_zot,
    source="https://github.com/project-zot/zot/blob/main/pkg/api/authn.go",
)

ZOT_ANONYMOUS = Profile(
    name="zot-anonymous",
    registry="zot",
    host="zot.example.com",
    challenge=ZOT.challenge,
    logins=ZOT.logins,
    refused=ZOT.refused,
    behaviour={"open_ping": True},
    odd=_zot,
    source=ZOT.source,
)

ZOT_BEARER = Profile(
    name="zot-bearer",
    registry="zot",
    host="zot.example.com",
    challenge=('Bearer realm="https://auth.example.com/token",service="zot.example.com",scope=""',),
    service="zot.example.com",
    logins=ZOT.logins,
    refused=ZOT.refused,
    behaviour={"post": _NO_POST},
    source=ZOT.source,
)

DISTRIBUTION = Profile(
    name="distribution",
    registry="distribution",
    host="registry.example.com",
    challenge=('Basic realm="Registry Realm"',),
    logins={"alice": "correct-horse"},
    source="https://distribution.github.io/distribution/about/configuration/#htpasswd",
)

DOCKER_AUTH = Profile(
    name="docker-auth",
    registry="docker-auth",
    host="registry.example.com",
    challenge=('Bearer realm="https://auth.example.com:5001/auth",service="Docker registry"',),
    service="Docker registry",
    logins={"alice": "correct-horse"},
    refused=Answer(401, "Auth failed.\n", {"WWW-Authenticate": 'Basic realm="Acme auth server"'}),
    behaviour={"expires_in": None, "answer_field": "both", "post": _NO_POST},
    source="https://github.com/cesanta/docker_auth",
)

MIRROR = Profile(
    name="mirror",
    registry="mirror",
    host="mirror.example.com",
    challenge=('Basic realm="mirror"',),
    logins={"alice": "mirror-password"},
    source="https://distribution.github.io/distribution/recipes/mirror/",
)

MIRROR_OF_HUB = Profile(
    name="mirror-of-hub",
    registry="mirror",
    host="mirror.example.com",
    # What it was asked for itself, passed on to whoever asks it.
    challenge=('Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',),
    service="registry.docker.io",
    logins={"alice": "mirror-password"},
    source="https://github.com/moby/moby/issues/30880",
)

SELF_HOSTED = (
    HARBOR, ARTIFACTORY, ARTIFACTORY_BEARER, NEXUS, NEXUS_OLD, OPENSHIFT, ZOT, ZOT_ANONYMOUS, ZOT_BEARER, DISTRIBUTION,
    DOCKER_AUTH, MIRROR, MIRROR_OF_HUB,
)  # fmt: skip
