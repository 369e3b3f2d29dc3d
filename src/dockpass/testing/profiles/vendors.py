"""The registries of those who give out their own software."""

from __future__ import annotations

from dockpass.testing.answers import error_answer
from dockpass.testing.profiles.profile import Profile

_NO_POST = error_answer(405, "UNSUPPORTED", "The operation is unsupported.")

NVIDIA = Profile(
    name="nvidia",
    registry="nvidia",
    host="nvcr.io",
    challenge=('Bearer realm="https://nvcr.io/proxy_auth?scope=repository:nvidia/x:pull,push"',),
    logins={"$oauthtoken": "nvapi-key"},
    refused=error_answer(401, "UNAUTHORIZED", "authentication required"),
    behaviour={"anonymous": "scoped", "post": _NO_POST},
    source="https://issues.apache.org/jira/browse/MESOS-9968",
)

NVIDIA_AUTHN = Profile(
    name="nvidia-authn",
    registry="nvidia",
    host="nvcr.io",
    # The host has been seen; the path is made up.
    challenge=('Bearer realm="https://authn.nvidia.com/token?service=registry"',),
    logins=NVIDIA.logins,
    refused=NVIDIA.refused,
    behaviour=NVIDIA.behaviour,
    source="https://github.com/oras-project/oras-dotnet/issues/401",
)

RED_HAT = Profile(
    name="red-hat",
    registry="red-hat",
    host="registry.redhat.io",
    challenge=(
        (
            'Bearer realm="https://registry.redhat.io/auth/realms/rhcc/protocol/redhat-docker-v2/auth",'
            'service="docker-registry"'
        ),
    ),
    service="docker-registry",
    logins={"1234567|ci": "service-account-token", "alice": "correct-horse"},
    refused=error_answer(
        401, "UNAUTHORIZED", "Please login to the Red Hat Registry using your Customer Portal credentials."
    ),
    behaviour={"post": _NO_POST},
    source="https://access.redhat.com/RegistryAuthentication",
)

RED_HAT_SSO = Profile(
    name="red-hat-sso",
    registry="red-hat",
    host="registry.redhat.io",
    challenge=(
        (
            'Bearer realm="https://sso.redhat.com/auth/realms/rhcc/protocol/redhat-docker-v2/auth",'
            'service="docker-registry"'
        ),
    ),
    service="docker-registry",
    logins=RED_HAT.logins,
    refused=RED_HAT.refused,
    behaviour=RED_HAT.behaviour,
    source=RED_HAT.source,
)

VENDORS = (NVIDIA, NVIDIA_AUTHN, RED_HAT, RED_HAT_SSO)
