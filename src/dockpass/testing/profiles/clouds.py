"""The registries of clouds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, error_answer, json_answer
from dockpass.testing.profiles.profile import Profile

if TYPE_CHECKING:
    from dockpass.testing.profiles.profile import Played
    from dockpass.testing.received import Received

_NO_POST = error_answer(405, "UNSUPPORTED", "The operation is unsupported.")
_EXPIRED = "Your authorization token has expired. Reauthenticate and try again."

_ECR_HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

ECR = Profile(
    name="ecr",
    registry="ecr",
    host=_ECR_HOST,
    challenge=(f'Basic realm="https://{_ECR_HOST}/",service="ecr.amazonaws.com"',),
    logins={"AWS": "password-of-12-hours"},
    refused=Answer(401, "Not Authorized\n"),
    refusals={
        "password-of-yesterday": error_answer(403, "DENIED", _EXPIRED),
        "password-of-12-hours\n": Answer(400, ""),
    },
    source="https://github.com/aws/aws-cli/issues/4962",
)

ECR_PUBLIC = Profile(
    name="ecr-public",
    registry="ecr-public",
    host="public.ecr.aws",
    challenge=('Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"',),
    service="public.ecr.aws",
    logins={"AWS": "password-of-12-hours"},
    refused=error_answer(401, "UNAUTHORIZED", "Not Authorized"),
    refusals={"password-of-yesterday": error_answer(400, "DENIED", _EXPIRED)},
    behaviour={"anonymous": True, "expires_in": 3600, "post": _NO_POST},
    source="https://github.com/oras-project/oras-go/issues/1227",
)


def _empty_scope(registry: Played, request: Received) -> Answer | None:
    if request.path == registry.token_path and "" in request.query.get("scope", []):
        return error_answer(400, "UNSUPPORTED", "invalid scope")
    return None


_GOOGLE_LOGINS = {"oauth2accesstoken": "ya29.token", "_json_key": '{"type": "service_account"}'}
_GOOGLE_REFUSES = error_answer(401, "UNAUTHORIZED", "authentication failed")

GAR = Profile(
    name="gar",
    registry="google",
    host="us-docker.pkg.dev",
    challenge=('Bearer realm="https://us-docker.pkg.dev/v2/token"',),
    deeper=('Bearer realm="https://us-docker.pkg.dev/v2/token",service="us-docker.pkg.dev"',),
    logins=_GOOGLE_LOGINS,
    refused=_GOOGLE_REFUSES,
    behaviour={"anonymous": True, "post": Answer(404, "")},
    odd=_empty_scope,
    source="https://github.com/apple/container/issues/2274",
)

GCR = Profile(
    name="gcr",
    registry="google",
    host="gcr.io",
    challenge=('Bearer realm="https://gcr.io/v2/token",service=gcr.io',),
    service="gcr.io",
    logins=_GOOGLE_LOGINS,
    refused=_GOOGLE_REFUSES,
    behaviour=GAR.behaviour,
    odd=_empty_scope,
    source="https://cloud.google.com/artifact-registry/docs/docker/authentication",
)

ACR = Profile(
    name="acr",
    registry="acr",
    host="alice.azurecr.io",
    challenge=('Bearer realm="https://alice.azurecr.io/oauth2/token",service="alice.azurecr.io"',),
    service="alice.azurecr.io",
    logins={"alice": "admin-password", "00000000-0000-0000-0000-000000000000": "exposed-token"},
    refused=error_answer(401, "UNAUTHORIZED", "authentication required, visit https://aka.ms/acr/authorization"),
    behaviour={
        "refresh_tokens": True,
        "answer_field": "access_token",
        "expires_in": None,
        "post": Answer(400, ""),
    },
    source="https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md",
)

TCR = Profile(
    name="tcr",
    registry="tcr",
    host="alice.tencentcloudcr.com",
    challenge=('Bearer realm="https://alice.tencentcloudcr.com/service/token",service="harbor-registry"',),
    service="harbor-registry",
    logins={"tcr$ci": "service-account-password", "100012345678": "login-token"},
    refused=error_answer(401, "UNAUTHORIZED", ""),
    then=('Basic realm="harbor"',),
    behaviour={"anonymous": "scoped", "forgiving": "scoped", "post": _NO_POST},
    source="https://www.tencentcloud.com/document/product/1051/54627",
)

DIGITALOCEAN = Profile(
    name="digitalocean",
    registry="digitalocean",
    host="registry.digitalocean.com",
    challenge=('Bearer realm="https://api.digitalocean.com/v2/registry/auth",service="registry.digitalocean.com"',),
    service="registry.digitalocean.com",
    logins={"dop_v1_token": "dop_v1_token"},
    refused=error_answer(401, "UNAUTHORIZED", "authentication required"),
    behaviour={"post": _NO_POST},
    source="https://github.com/docker/login-action/issues/895",
)

OCIR = Profile(
    name="ocir",
    registry="ocir",
    host="fra.ocir.io",
    challenge=('Bearer realm="https://fra.ocir.io/20180419/docker/token",service="fra.ocir.io",scope=""',),
    service="fra.ocir.io",
    logins={"space/alice": "auth-token", "space/domain/alice": "auth-token", "BEARER_TOKEN": "signed-token"},
    refused=error_answer(403, "DENIED", "Anonymous users are only allowed read access on public repos"),
    behaviour={"anonymous": "scoped", "post": _NO_POST},
    source="https://github.com/oracle/docker-images/issues/2551",
)

IBM = Profile(
    name="ibm",
    registry="ibm",
    host="icr.io",
    challenge=('Bearer realm="https://icr.io/oauth/token",service="registry"',),
    service="registry",
    logins={"iamapikey": "api-key", "iambearer": "bearer-token"},
    refused=error_answer(401, "UNAUTHORIZED", "Authorization required"),
    refusals={
        "old-token": error_answer(401, "UNSUPPORTED", "The requested authentication method is not supported"),
    },
    behaviour={"anonymous": "scoped", "post": _NO_POST},
    source="https://cloud.ibm.com/docs/Registry?topic=Registry-registry_access",
)

SCALEWAY = Profile(
    name="scaleway",
    registry="scaleway",
    host="rg.fr-par.scw.cloud",
    challenge=(
        'Bearer realm="https://api.scaleway.com/registry-internal/v1/regions/fr-par/tokens",service="registry"',
    ),
    service="registry",
    logins={"nologin": "secret-key"},
    refused=error_answer(401, "UNAUTHORIZED", "authentication required"),
    behaviour={"post": _NO_POST},
    source="https://www.scaleway.com/en/docs/container-registry/how-to/connect-docker-cli/",
)

HEROKU = Profile(
    name="heroku",
    registry="heroku",
    host="registry.heroku.com",
    # How it asks is not known; what is known of it is that /v2/ itself refuses.
    challenge=('Basic realm="registry.heroku.com"',),
    logins={"*": "api-key"},
    refused=error_answer(401, "UNAUTHORIZED", "authentication required"),
    source="https://devcenter.heroku.com/articles/container-registry-and-runtime",
)

ALIBABA = Profile(
    name="alibaba",
    registry="alibaba",
    host="registry.cn-hangzhou.aliyuncs.com",
    challenge=(
        (
            'Bearer realm="https://dockerauth.cn-hangzhou.aliyuncs.com/auth",'
            'service="registry.aliyuncs.com:cn-hangzhou:26842"'
        ),
    ),
    service="registry.aliyuncs.com:cn-hangzhou:26842",
    logins={"alice@example.onaliyun.com": "registry-password", "cr_temp_user": "password-of-an-hour"},
    refused=error_answer(401, "UNAUTHORIZED", "authentication required"),
    behaviour={"anonymous": "scoped", "post": _NO_POST},
    source="https://github.com/moby/buildkit/issues/6409",
)

HUAWEI = Profile(
    name="huawei",
    registry="huawei",
    host="swr.cn-north-4.myhuaweicloud.com",
    challenge=(
        (
            'Bearer realm="https://swr.cn-north-4.myhuaweicloud.com/swr/auth/v2/registry/auth/",service="dockyard",'
            'scope="repository:ns/x:"'
        ),
    ),
    service="dockyard",
    logins={"cn-north-4@ACCESSKEY": "login-key"},
    refused=json_answer({"errors": [{"code": "DENIED", "message": "Authenticate Error"}]}, 401),
    behaviour={"post": _NO_POST},
    source="https://github.com/goharbor/harbor/issues/9874",
)

CLOUDS = (
    ECR, ECR_PUBLIC, GAR, GCR, ACR, TCR, DIGITALOCEAN, OCIR, IBM, SCALEWAY, HEROKU, ALIBABA, HUAWEI,
)  # fmt: skip
