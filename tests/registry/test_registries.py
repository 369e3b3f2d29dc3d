"""Logins at each registry that there is a profile of, under its own names."""

from __future__ import annotations

import _socket
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from dockpass import errors
from dockpass.credential import Credential, Secret
from dockpass.registry.client import Outcome, log_in
from dockpass.registry.network import Network
from dockpass.registry.refusal import advice
from dockpass.registry.refusal.hosted import HOSTED
from dockpass.server import Server
from dockpass.testing import profiles
from dockpass.testing.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockpass.testing.profiles import Played, Profile

    Login = tuple[Profile, str, str]

WRONG = "secret-that-is-wrong"
GHOSTS = {"gitea-old", "nexus-old"}
LET_IN = [one for one in profiles.ALL if one.name != "mirror-of-hub"]
LOGINS = [(one, name, secret) for one in LET_IN for name, secret in one.logins.items()]
REFUSING = [one for one in LET_IN if one.name not in GHOSTS]
OTHERS = [(one, secret) for one in REFUSING for secret in one.refusals] + [(profiles.OPENSHIFT, "sha256~yesterday")]

HINTS = {
    "docker-hub": "https://app.docker.com/settings/personal-access-tokens",
    "ghcr": "personal access token (classic) with read:packages, or write:packages to push",
    "gitlab": "read_registry, and write_registry to push",
    "quay": "a robot account (ORGANIZATION+NAME)",
    "ecr": "the user name is AWS, and the password one that `aws ecr get-login-password --region REGION` gave",
    "ecr-public": "`aws ecr-public get-login-password --region us-east-1`",
    "google": "_json_key, with all that is in a service account's key file",
    "acr": "00000000-0000-0000-0000-000000000000, with what `az acr login --name NAME --expose-token` gave",
    "harbor": "'robot$NAME' or 'robot$PROJECT+NAME' (in single quotes)",
    "tcr": "'tcr$NAME' (in single quotes)",
    "artifactory": "an identity token",
    "nexus": "a user token",
    "gitea": "an access token with read:package",
    "openshift": "`oc whoami -t`",
    "digitalocean": "an API token is both the user name and the password",
    "ocir": "NAMESPACE/USER",
    "ibm": "the user name is iamapikey",
    "scaleway": "the user name is nologin",
    "nvidia": "the user name is '$oauthtoken'",
    "red-hat": "'1234567|NAME', in single quotes",
    "heroku": "the user name is _,",
    "zot": "an API key (zak_...)",
    "distribution": "bcrypt",
    "docker-auth": "docker_auth",
    "alibaba": "cr_temp_user",
    "huawei": "REGION@ACCESS-KEY-ID",
    "mirror": "an access token takes the place of the password",
    # What it asks with is the token server's, and that is not of its kind.
    "zot-bearer": "an access token takes the place of the password",
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The file of an authority, and that of a certificate for every host there is a profile of."""
    folder = tmp_path_factory.mktemp("registries")
    made = trustme.CA()
    made.cert_pem.write_to_path(str(folder / "ca.crt"))
    hosts = sorted({host for one in profiles.ALL for host in one.hosts})
    made.issue_cert("127.0.0.1", *hosts).private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    return str(folder / "ca.crt"), str(folder / "server.pem")


class World:
    """A registry under its own name, and everything that a client needs to get there."""

    def __init__(self, registry: Played, ca: str) -> None:
        self.registry = registry
        self._ca = ca

    def log_in(self, username: str, secret: Secret | str, *, identity: bool = False, **options: Any) -> Outcome:
        return log_in(
            Server.parse(self.registry.profile.host),
            Credential(username, secret, is_identity_token=identity),
            network=Network(ca_files=(self._ca,)),
            environ={},
            **options,
        )

    def refuse(self, username: str, secret: str, **options: Any) -> errors.DockpassError:
        with pytest.raises(errors.DockpassError) as caught:
            self.log_in(username, secret, **options)
        text = caught.value.message + str(caught.value.hint)
        assert secret not in text
        assert text.isprintable()
        return caught.value


@pytest.fixture
def play(authority: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """``with play(profile) as world``: its hosts lead to a registry that plays it, and no other name to anywhere."""
    ca, certificate = authority

    @contextmanager
    def play(profile: Profile, **options: Any) -> Iterator[World]:
        real = _socket.getaddrinfo
        with profile.play(real_names=True, tls=(certificate, certificate), **options) as registry:

            def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
                name = host.decode() if isinstance(host, bytes) else host
                assert name in profile.hosts
                return real("127.0.0.1", registry.port, *rest, **more)

            with monkeypatch.context() as patch:
                patch.setattr(_socket, "getaddrinfo", getaddrinfo)
                yield World(registry, ca)

    return play


def named(value: object) -> str | None:
    return getattr(value, "name", None)


def test_each_registry_has_a_hint_to_be_looked_for() -> None:
    assert set(HINTS) - {"zot-bearer"} == {one.registry for one in profiles.ALL}


@pytest.mark.parametrize(("profile", "name", "secret"), LOGINS, ids=named)
def test_a_login(play: Any, profile: Profile, name: str, secret: str) -> None:  # cases 147, 148, 153, 157, 159
    user = "anybody" if name == "*" else name
    with play(profile) as world:
        outcome = world.log_in(user, secret)
        requests = world.registry.requests
    tokens = urlsplit(profile.realm)
    assert all(request.tls and request.method == "GET" for request in requests)
    assert [request.header("authorization") is None for request in requests] == [True] + [False] * (len(requests) - 1)
    assert outcome.token_host == (tokens.hostname if profile.realm else None)
    assert bool(outcome.notes) is (profile.name == "zot-anonymous")
    assert (outcome.identity_token is not None) is (profile.registry == "acr")
    if not profile.realm:
        assert [(request.path, request.basic) for request in requests] == [("/v2/", None), ("/v2/", (user, secret))]
        return
    assert [request.path for request in requests] == ["/v2/", tokens.path, "/v2/"]
    asked = requests[1]
    service = re.search(r'service="?([^",]+)', profile.challenge[0])
    assert asked.basic == (user, secret)
    assert asked.header("host") == tokens.netloc
    assert asked.query == {
        **parse_qs(tokens.query),
        **({} if service is None else {"service": [service[1]]}),
        "account": [user],
        "client_id": ["dockpass"],
        "offline_token": ["true"],
    }
    assert requests[2].bearer is not None
    assert requests[2].header("host") == profile.host


@pytest.mark.parametrize("profile", REFUSING, ids=named)
def test_a_refusal_says_what_this_registry_wants(play: Any, profile: Profile) -> None:  # cases 147, 148, 150, 155, 160
    with play(profile) as world:
        error = world.refuse(profile.username, WRONG)
        requests = world.registry.requests
    assert type(error) is errors.Refused
    assert HINTS.get(profile.name, HINTS[profile.registry]) in str(error.hint)
    assert [request.basic for request in requests if request.basic] == [(profile.username, WRONG)]
    assert len(requests) == 2


@pytest.mark.parametrize(("profile", "secret"), OTHERS, ids=named)
def test_a_secret_that_expired_or_is_of_the_wrong_kind_is_refused(play: Any, profile: Profile, secret: str) -> None:
    with play(profile) as world:
        error = world.refuse(profile.username, secret)
        assert [request.basic for request in world.registry.requests if request.basic] == [(profile.username, secret)]
    assert type(error) is errors.Refused
    assert HINTS[profile.registry] in str(error.hint)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (profiles.DOCKER_HUB, "incorrect username or password"),  # case 147
        (profiles.GHCR, "denied: denied"),  # case 148
        (profiles.GITLAB, "unauthorized: HTTP Basic: Access denied"),  # case 149
        (profiles.OCIR, "denied: Anonymous users are only allowed read access on public repos"),
        (profiles.RED_HAT, "unauthorized: Please login to the Red Hat Registry"),
        (profiles.HUAWEI, "denied: Authenticate Error"),
        (profiles.DOCKER_AUTH, "Auth failed."),
        (profiles.OPENSHIFT, "unable to authenticate"),
    ],
    ids=named,
)
def test_the_registrys_own_words_are_shown(play: Any, profile: Profile, words: str) -> None:
    with play(profile) as world:
        assert words in world.refuse(profile.username, WRONG).message


def test_two_factor_login_at_docker_hub(play: Any) -> None:  # case 147
    with play(profiles.DOCKER_HUB) as world:
        error = world.refuse("alice", "account-password")
    assert error.message.endswith("please use personal access token to login")


def test_what_expired_at_amazon_is_said_to_have(play: Any) -> None:
    for profile in (profiles.ECR, profiles.ECR_PUBLIC):
        with play(profile) as world:
            error = world.refuse("AWS", "password-of-yesterday")
            assert "refused the user name or password: denied: Your authorization token has expired" in error.message


def test_a_newline_in_the_password_of_amazon(play: Any) -> None:  # case 151
    with play(profiles.ECR) as world:
        error = world.refuse("AWS", "password-of-12-hours\n")
        assert len(world.registry.requests) == 2
    assert "could not read the user name or password (400)" in error.message
    assert "such as a newline at the end; the user name is AWS" in str(error.hint)


def test_a_user_name_that_cannot_be_right_is_tried_and_told(play: Any) -> None:
    with play(profiles.ECR) as world:
        error = world.refuse("alice", "password-of-12-hours")
        assert len(world.registry.asked("/v2/")) == 2
    assert str(error.hint).startswith("not with that user name: the user name is AWS")


def test_an_identity_token_of_azure_is_renewed(play: Any) -> None:  # case 154
    with play(profiles.ACR, rotate=True) as world:
        first = world.log_in("alice", "admin-password").identity_token
        kept: list[Secret] = []
        second = world.log_in("alice", first, identity=True, rotated=kept.append).identity_token
        assert kept == [second]
        assert second != first
        posts = [request for request in world.registry.requests if request.method == "POST"]
        assert [(post.path, post.form["grant_type"], post.form["service"]) for post in posts] == [
            ("/oauth2/token", ["refresh_token"], ["alice.azurecr.io"])
        ]
        with pytest.raises(errors.LoginExpired):
            world.log_in("alice", first, identity=True)


@pytest.mark.parametrize("profile", [one for one in LET_IN if one.realm and one.registry != "acr"], ids=named)
def test_other_registries_take_no_identity_token(play: Any, profile: Profile) -> None:  # case 78
    with play(profile) as world:
        with pytest.raises(errors.Refused):
            world.log_in("", "an-identity-token", identity=True)
        assert [request.method for request in world.registry.requests] == ["GET", "POST"]
        assert all(request.header("authorization") is None for request in world.registry.requests)


def test_gitlab_on_another_port_of_the_same_host(authority: tuple[str, str]) -> None:  # case 149
    ca, certificate = authority
    with profiles.GITLAB.play(tls=(certificate, certificate), apart=True) as registry:
        assert registry.token_port != registry.port
        outcome = log_in(
            Server.parse(registry.address),
            Credential("alice", "glpat-alice"),
            network=Network(ca_files=(ca,)),
            environ={},
        )
        assert outcome.token_host == "127.0.0.1"
        assert [request.port for request in registry.requests] == [
            registry.port, registry.token_port, registry.port
        ]  # fmt: skip


@pytest.mark.parametrize("profile", [profiles.HARBOR, profiles.TCR], ids=named)
def test_a_token_for_a_scope_is_no_login_at_harbor(play: Any, profile: Profile) -> None:  # case 155
    with play(profile) as world:
        assert type(world.refuse(profile.username, WRONG)) is errors.Refused
        assert all("scope" not in request.query for request in world.registry.requests)


def test_openshift_asks_for_something_else_the_second_time(play: Any) -> None:  # case 156
    with play(profiles.OPENSHIFT) as world:
        error = world.refuse("anybody", "sha256~yesterday")
        assert [request.path for request in world.registry.requests] == ["/v2/", "/openshift/token", "/v2/"]
    assert type(error) is errors.Refused


OPEN = {"codeberg", "gitea", "gitea-old", "nexus-old"}


@pytest.mark.parametrize("profile", [one for one in LET_IN if one.name in GHOSTS], ids=named)
def test_a_registry_that_gives_anybody_a_token_is_seen_through_if_asked(
    play: Any, profile: Profile
) -> None:  # case 158
    with play(profile) as world:
        assert world.log_in("alice", WRONG).notes == []
        assert len(world.registry.requests) == 3
        assert world.log_in("alice", WRONG, verify=True).notes == [
            f"{profile.host} lets in anybody, so the password may not have been checked"
        ]
        assert len(world.registry.requests) == 8


@pytest.mark.parametrize("profile", LET_IN, ids=named)
def test_whether_passwords_are_checked(play: Any, profile: Profile) -> None:  # case 158
    with play(profile) as world:
        notes = world.log_in(profile.username, profile.secret, verify=True).notes
        requests = world.registry.requests[3:]
    assert bool(notes) is (profile.name in OPEN or profile.name == "zot-anonymous")
    assert all("may not have been checked" in note for note in notes)
    asked = advice.find(profile.host) not in HOSTED and profile.realm
    paths = [urlsplit(profile.realm).path, "/v2/"] if asked else []
    assert [request.path for request in requests] == paths[: 2 if profile.name in {*OPEN, "openshift"} else 1]
    for request in requests[:1]:
        assert request.header("authorization") is None
        assert not {"account", "offline_token"} & set(request.query)


def test_a_mirror_that_passes_on_what_it_was_asked_is_told_nothing(play: Any) -> None:
    with play(profiles.MIRROR_OF_HUB) as world:
        error = world.refuse("alice", "mirror-password")
        assert type(error) is errors.UntrustedTokenHost
        assert "auth.docker.io" in error.message
        assert [request.header("authorization") for request in world.registry.requests] == [None]


def test_a_mirrors_own_login_goes_to_the_mirror(play: Any) -> None:
    with play(profiles.MIRROR) as world:
        world.log_in("alice", "mirror-password")
        assert {request.header("host") for request in world.registry.requests} == {"mirror.example.com"}


@pytest.mark.parametrize(
    ("profile", "challenge"),
    [
        (
            profiles.NEXUS_OLD,
            'Bearer realm="http://nexus.example.com/v2/token",service="http://nexus.example.com/v2/token"',
        ),
        (profiles.ARTIFACTORY_BEARER, 'Bearer realm="null/v2/token",service="null"'),
        (profiles.HARBOR, 'Bearer realm="https://core:8443/service/token",service="harbor-registry"'),
    ],
    ids=named,
)
def test_an_address_that_a_proxy_did_not_rewrite_is_not_gone_to(play: Any, profile: Profile, challenge: str) -> None:
    with play(profile, challenge=challenge) as world:
        error = world.refuse(profile.username, profile.secret)
        assert type(error) is errors.UntrustedTokenHost
        assert [request.header("authorization") for request in world.registry.requests] == [None]


def test_a_token_server_that_says_nothing_is_no_refusal(play: Any) -> None:
    with play(profiles.ARTIFACTORY_BEARER) as world:
        world.registry.answer(world.registry.token_path, Answer(200, ""))
        error = world.refuse(profiles.ARTIFACTORY_BEARER.username, profiles.ARTIFACTORY_BEARER.secret)
        assert type(error) is errors.ProtocolError
