"""The registries that stand on hosts of their own, and what each of them wants.

The facts age. Each has the page it is from beside it. Where a hint sends the user to a page, that is where the secret
is made.
"""

from __future__ import annotations

from dockpass.registry.refusal.wanted import Wanted

HOSTED = (
    Wanted(
        "docker-hub",
        "the user name is your Docker ID, or an organization's name with its own token; where two-factor login is on, "
        "the password is an access token: https://app.docker.com/settings/personal-access-tokens",
        "https://docs.docker.com/security/access-tokens/",
        hosts=("registry-1.docker.io", "dhi.io"),
    ),
    Wanted(
        "ghcr",
        "the password is a personal access token (classic) with read:packages, or write:packages to push, not the "
        "account's own: https://github.com/settings/tokens; in Actions it is GITHUB_TOKEN",
        "https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry",
        hosts=("ghcr.io",),
    ),
    Wanted(
        "gitlab",
        "where two-factor login is on, the password is a token with read_registry, and write_registry to push: "
        "https://gitlab.com/-/user_settings/personal_access_tokens; in CI the user is gitlab-ci-token, with "
        "$CI_JOB_TOKEN",
        "https://docs.gitlab.com/user/packages/container_registry/authenticate_with_container_registry/",
        hosts=("registry.gitlab.com",),
    ),
    Wanted(
        "quay",
        "give a robot account (ORGANIZATION+NAME) with its token, your account with an encrypted password from its "
        "settings, or '$oauthtoken' (in single quotes) with an OAuth token",
        "https://docs.quay.io/glossary/robot-accounts.html",
        hosts=("quay.io",),
        answers_400=True,
    ),
    Wanted(
        "ecr",
        "the user name is AWS, and the password one that `aws ecr get-login-password --region REGION` gave within the "
        "last 12 hours",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html",
        hosts=(
            "*.dkr.ecr.*.amazonaws.com",
            "*.dkr.ecr.*.amazonaws.com.cn",
            "*.dkr.ecr-fips.*.amazonaws.com",
            "*.dkr.ecr-fips.*.amazonaws.com.cn",
            "*.dkr-ecr.*.on.aws",
            "*.dkr-ecr-fips.*.on.aws",
        ),
        names=("AWS",),
        answers_400=True,
    ),
    Wanted(
        "ecr-public",
        "the user name is AWS, and the password one that `aws ecr-public get-login-password --region us-east-1` gave "
        "within the last 12 hours",
        "https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html",
        hosts=("public.ecr.aws", "ecr-public.aws.com"),
        names=("AWS",),
        answers_400=True,
    ),
    Wanted(
        "google",
        "the user name is oauth2accesstoken, with what `gcloud auth print-access-token` gave within the last hour, or "
        "_json_key, with all that is in a service account's key file",
        "https://cloud.google.com/artifact-registry/docs/docker/authentication",
        hosts=("*-docker.pkg.dev", "gcr.io", "*.gcr.io"),
        names=("oauth2accesstoken", "_json_key", "_json_key_base64", "_token", "_dcgcloud_token", "_dcgcr_*"),
    ),
    Wanted(
        "acr",
        "the user name is 00000000-0000-0000-0000-000000000000, with what `az acr login --name NAME --expose-token` "
        "gave within the last 3 hours; or a service principal, a repository token or the admin user",
        "https://learn.microsoft.com/azure/container-registry/container-registry-authentication",
        hosts=("*.azurecr.io", "*.azurecr.cn", "*.azurecr.us", "*.azurecr.de"),
    ),
    Wanted(
        "tcr",
        "the user name is the account's ID, with a login token from the console, or 'tcr$NAME' (in single quotes), "
        "with the password of that service account",
        "https://www.tencentcloud.com/document/product/1051/54627",
        hosts=("*.tencentcloudcr.com", "ccr.ccs.tencentyun.com", "*ccr.ccs.tencentyun.com"),
    ),
    Wanted(
        "digitalocean",
        "an API token is both the user name and the password: https://cloud.digitalocean.com/account/api/tokens",
        "https://docs.digitalocean.com/products/container-registry/how-to/use-registry-docker-kubernetes/",
        hosts=("registry.digitalocean.com",),
    ),
    Wanted(
        "ocir",
        "the user name is NAMESPACE/USER, or NAMESPACE/DOMAIN/USER, and the password an auth token that is made in the "
        "console under your profile, not the account's own",
        "https://docs.oracle.com/iaas/Content/Registry/Tasks/registrypushingimagesusingthedockercli.htm",
        hosts=("*.ocir.io", "ocir.*.oci.oraclecloud.com"),
        names=("*/*", "BEARER_TOKEN"),
    ),
    Wanted(
        "ibm",
        "the user name is cp, and the password an entitlement key: "
        "https://myibm.ibm.com/products-services/containerlibrary",
        "https://www.ibm.com/docs/en/cloud-paks/1.0?topic=clusters-obtaining-your-entitlement-key",
        hosts=("cp.icr.io",),
    ),
    Wanted(
        "ibm",
        "the user name is iamapikey, and the password an API key: https://cloud.ibm.com/iam/apikeys",
        "https://cloud.ibm.com/docs/Registry?topic=Registry-registry_access",
        hosts=("icr.io", "*.icr.io", "private.*.icr.io"),
    ),
    Wanted(
        "scaleway",
        "the user name is nologin, and the password the secret half of an API key: "
        "https://console.scaleway.com/iam/api-keys",
        "https://www.scaleway.com/en/docs/container-registry/how-to/connect-docker-cli/",
        hosts=("rg.*.scw.cloud",),
    ),
    Wanted(
        "nvidia",
        "the user name is '$oauthtoken', as it stands here and in single quotes, and the password an NGC API key: "
        "https://org.ngc.nvidia.com/setup/api-keys",
        "https://docs.nvidia.com/ngc/latest/ngc-user-guide.html",
        hosts=("nvcr.io",),
        names=("$oauthtoken",),
    ),
    Wanted(
        "red-hat",
        "give your Red Hat login, or a registry service account: its user name is written '1234567|NAME', in single "
        "quotes: https://access.redhat.com/terms-based-registry",
        "https://access.redhat.com/RegistryAuthentication",
        hosts=("registry.redhat.io", "registry.connect.redhat.com"),
    ),
    Wanted(
        "heroku",
        "the user name is _, and the password what `heroku auth:token` gives, not the account's own",
        "https://devcenter.heroku.com/articles/container-registry-and-runtime",
        hosts=("registry.heroku.com",),
    ),
    Wanted(
        "alibaba",
        "the password is the registry's own (in its console, under Access Credential), not the account's; with a "
        "temporary one, good for an hour, the user name is cr_temp_user",
        "https://www.alibabacloud.com/help/en/acr/user-guide/configure-access-credentials",
        hosts=(
            "registry.*.aliyuncs.com",
            "registry-*.*.aliyuncs.com",
            "*-registry.*.cr.aliyuncs.com",
            "*-registry-vpc.*.cr.aliyuncs.com",
        ),
    ),
    Wanted(
        "huawei",
        "the user name is REGION@ACCESS-KEY-ID, and the password the one in the login command that the console "
        "generates, not the secret key itself",
        "https://support.huaweicloud.com/intl/en-us/usermanual-swr/swr_01_1000.html",
        hosts=("swr.*.myhuaweicloud.com", "swr.*.myhuaweicloud.eu"),
        names=("*@*",),
    ),
)
