"""The registries that there are, played: how each asks for a login, what it takes, and how it refuses the rest.

Clients are mostly tried against Docker Hub and the one registry program that is easy to start; their users are
everywhere else. What the others do differently is small and breaks things: a challenge in an unusual form, a refusal by
403, a placeholder for a scope, a token for whoever comes. So it is written down here, one profile a registry and more
where it may be set up, or has behaved, in several ways. It is data as far as possible::

    from dockpass.testing import profiles

    with profiles.GHCR.play() as registry:
        run_my_program(registry.address, profiles.GHCR.username, profiles.GHCR.secret)

A profile holds what a login can notice and no more. Challenges are what was seen, to the letter; the words of a refusal
are too where a registry is known by them. Each profile names where it is from. The registries of companies change:
what is said here is what a client must be ready for, not what one of them does today.

With ``play(real_names=True, tls=...)`` the challenges keep the names of the registry's own hosts, for tests that lead
these names to the registry: by a resolver of their own, or in a network namespace.
"""

from __future__ import annotations

from dockpass.testing.profiles.clouds import (
    ACR,
    ALIBABA,
    CLOUDS,
    DIGITALOCEAN,
    ECR,
    ECR_PUBLIC,
    GAR,
    GCR,
    HEROKU,
    HUAWEI,
    IBM,
    OCIR,
    SCALEWAY,
    TCR,
)
from dockpass.testing.profiles.code_hosts import (
    CODE_HOSTS,
    CODEBERG,
    DHI,
    DOCKER_HUB,
    GHCR,
    GITEA,
    GITEA_OLD,
    GITLAB,
    GITLAB_APART,
    GITLAB_COM,
    QUAY,
    QUAY_200,
)
from dockpass.testing.profiles.profile import Played, Profile
from dockpass.testing.profiles.self_hosted import (
    ARTIFACTORY,
    ARTIFACTORY_BEARER,
    DISTRIBUTION,
    DOCKER_AUTH,
    HARBOR,
    MIRROR,
    MIRROR_OF_HUB,
    NEXUS,
    NEXUS_OLD,
    OPENSHIFT,
    SELF_HOSTED,
    ZOT,
    ZOT_ANONYMOUS,
    ZOT_BEARER,
)
from dockpass.testing.profiles.vendors import NVIDIA, NVIDIA_AUTHN, RED_HAT, RED_HAT_SSO, VENDORS

ALL: tuple[Profile, ...] = (*CODE_HOSTS, *CLOUDS, *VENDORS, *SELF_HOSTED)
"""Every profile."""

__all__ = [
    "ALL", "Played", "Profile",
    "CODEBERG", "DHI", "DOCKER_HUB", "GHCR", "GITEA", "GITEA_OLD", "GITLAB", "GITLAB_APART", "GITLAB_COM", "QUAY",
    "QUAY_200",
    "ACR", "ALIBABA", "DIGITALOCEAN", "ECR", "ECR_PUBLIC", "GAR", "GCR", "HEROKU", "HUAWEI", "IBM", "OCIR", "SCALEWAY",
    "TCR",
    "NVIDIA", "NVIDIA_AUTHN", "RED_HAT", "RED_HAT_SSO",
    "ARTIFACTORY", "ARTIFACTORY_BEARER", "DISTRIBUTION", "DOCKER_AUTH", "HARBOR", "MIRROR", "MIRROR_OF_HUB", "NEXUS",
    "NEXUS_OLD", "OPENSHIFT", "ZOT", "ZOT_ANONYMOUS", "ZOT_BEARER",
]  # fmt: skip
