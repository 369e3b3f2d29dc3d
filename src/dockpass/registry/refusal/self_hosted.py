"""The registry programs that anybody may run, told by how they ask, and what each of them wants.

Reference: the source or the manual of each, named beside it.
"""

from __future__ import annotations

from dockpass.registry.refusal.wanted import Wanted

SELF_HOSTED = (
    Wanted(
        "harbor",
        "a robot's name is written 'robot$NAME' or 'robot$PROJECT+NAME' (in single quotes); with single sign-on, the "
        "password is the CLI secret in your user profile",
        "https://goharbor.io/docs/main/administration/robot-accounts/",
        asks=(("bearer", "*", "harbor-registry"), ("basic", "harbor", "*")),
    ),
    Wanted(
        "gitlab",
        "where two-factor login is on, the password is a personal, project, group or deploy token with read_registry, "
        "and write_registry to push; in CI the user is gitlab-ci-token, with $CI_JOB_TOKEN",
        "https://docs.gitlab.com/user/packages/container_registry/authenticate_with_container_registry/",
        asks=(("bearer", "*/jwt/auth", "*"),),
    ),
    Wanted(
        "gitea",
        "where two-factor login is on, the password is an access token with read:package, and write:package to push, "
        "made under Settings, Applications",
        "https://docs.gitea.com/usage/packages/container",
        asks=(("bearer", "*/v2/token", "container_registry"), ("basic", "*", "container_registry")),
    ),
    Wanted(
        "nexus",
        "give the account or a user token; check the port or the path, for each repository may have its own; whoever "
        "runs it: tokens need the Docker Bearer Token Realm",
        "https://help.sonatype.com/en/docker-authentication.html",
        asks=(
            ("basic", "Sonatype Nexus Repository*", "*"),
            ("bearer", "http*/v2/token", "http*/v2/token"),
        ),
    ),
    Wanted(
        "artifactory",
        "the password is the account's, or an identity token made under Edit Profile: with single sign-on only a token",
        "https://jfrog.com/help/r/jfrog-artifactory-documentation/docker-registry",
        hosts=("*.jfrog.io",),
        asks=(("basic", "Artifactory Realm", "*"), ("bearer", "*/api/docker/*/v2/token", "*")),
    ),
    Wanted(
        "openshift",
        "the password is what `oc whoami -t` gives, and ends with that session; any user name will do",
        "https://docs.openshift.com/container-platform/latest/registry/accessing-the-registry.html",
        asks=(("bearer", "*/openshift/token", "*"), ("basic", "openshift", "*")),
    ),
    Wanted(
        "quay",
        "give a robot account (ORGANIZATION+NAME) with its token, your account with an encrypted password from its "
        "settings, or '$oauthtoken' (in single quotes) with an OAuth token",
        "https://docs.projectquay.io/use_quay.html",
        asks=(("bearer", "*/v2/auth", "*"),),
        answers_400=True,
    ),
    Wanted(
        "zot",
        "give the account as it stands in htpasswd or LDAP; where zot has single sign-on, the password is an API key "
        "(zak_...) made on its pages",
        "https://zotregistry.dev/latest/articles/authn-authz/",
        asks=(("basic", "Authorization Required", "*"),),
    ),
    Wanted(
        "distribution",
        "check the user name and the password; whoever runs it: in the htpasswd file only bcrypt counts (htpasswd -B)",
        "https://distribution.github.io/distribution/about/configuration/#htpasswd",
        asks=(("basic", "Registry Realm", "*"), ("basic", "basic-realm", "*")),
    ),
    Wanted(
        "docker-auth",
        "check the user name and the password against what docker_auth asks there: a list of its own, LDAP, or an "
        "account elsewhere, for which its own pages issue passwords",
        "https://github.com/cesanta/docker_auth",
        asks=(("bearer", "*/auth", "Docker registry"),),
    ),
)
