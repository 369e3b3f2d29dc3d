"""The registries played, spoken to by Python's own HTTP client."""

from __future__ import annotations

import base64
import http.client
import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
import trustme

from dockpass.testing import profiles
from dockpass.testing.answers import Answer
from dockpass.testing.profiles.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.testing.profiles import Played, Profile

Headers = dict[str, str]


def _basic(user: str, password: str) -> Headers:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def _ask(registry: Played, path: str, headers: Headers | None = None, **more: Any) -> tuple[int, Any, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=20)
    try:
        connection.request(more.pop("method", "GET"), path, headers=headers or {}, **more)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def _token(registry: Played, query: str = "", headers: Headers | None = None, **more: Any) -> tuple[int, Any, bytes]:
    return _ask(registry, f"{registry.token_path}?{query}", headers, **more)


def named(value: object) -> str | None:
    return getattr(value, "name", None)


def test_every_profile_is_exported_under_its_name() -> None:
    exported = {name for name in profiles.__all__ if isinstance(getattr(profiles, name), profiles.Profile)}
    assert {one.name.replace("-", "_").upper() for one in profiles.ALL} == exported
    assert len(exported) == len(profiles.ALL)


@pytest.mark.parametrize("profile", profiles.ALL, ids=named)
def test_what_it_asks_is_what_is_written_down(profile: Profile) -> None:
    with profile.play(real_names=True) as registry:
        _status, headers, _body = _ask(registry, "/v2/")
        asked = headers.get_all("WWW-Authenticate") or []
        assert tuple(asked) == (() if profile.name == "zot-anonymous" else profile.challenge)
    assert profile.source.startswith("https://")
    assert all(host == host.lower() and "/" not in host and ":" not in host for host in profile.hosts)


@pytest.mark.parametrize("profile", profiles.ALL, ids=named)
def test_it_stands_in_for_all_its_hosts(profile: Profile) -> None:
    with profile.play() as registry:
        _status, headers, _body = _ask(registry, "/v2/")
        for challenge in headers.get_all("WWW-Authenticate") or []:
            assert "https://" not in challenge
            if profile.realm and challenge.startswith("Bearer "):
                realm = f"http://{registry.address}{urlsplit(profile.realm)._replace(scheme='', netloc='').geturl()}"
                assert f'realm="{realm}"' in challenge


@pytest.mark.parametrize("profile", profiles.ALL, ids=named)
def test_it_lets_in_whom_it_knows(profile: Profile) -> None:
    service = "" if profile.service is None else f"service={quote(profile.service)}"
    for name, secret in profile.logins.items():
        user = "somebody" if name == "*" else name
        with profile.play() as registry:
            shown = _basic(user, secret)
            if profile.realm:
                status, _headers, body = _token(registry, service, shown)
                assert status == 200
                answer = json.loads(body)
                shown = {"Authorization": f"Bearer {answer.get('token') or answer['access_token']}"}
            assert _ask(registry, "/v2/", shown)[0] == 200


@pytest.mark.parametrize("profile", profiles.ALL, ids=named)
def test_it_refuses_as_it_does(profile: Profile) -> None:
    service = "" if profile.service is None else f"service={quote(profile.service)}"
    with profile.play() as registry:
        for secret, meant in {"wrong": profile.refused, **profile.refusals}.items():
            shown = _basic(profile.username, secret)
            answered = _token(registry, service, shown) if profile.realm else _ask(registry, "/v2/", shown)
            status, headers, body = answered
            if profile.name in ("gitea-old", "nexus-old"):
                assert status == 200
                continue
            assert (status, body) == (meant.status, meant.body)
            challenges = headers.get_all("WWW-Authenticate")
            assert bool(challenges) is (status == 401 and (not profile.realm or profile.name == "docker-auth"))


@pytest.mark.parametrize(
    ("profile", "status"),
    [(profiles.ACR, 400), (profiles.ARTIFACTORY_BEARER, 401), (profiles.GCR, 404), (profiles.GHCR, 405)],
    ids=named,
)
def test_a_password_by_post(profile: Profile, status: int) -> None:
    form = f"grant_type=password&service={profile.service}&client_id=c&username={profile.username}&password=p"
    with profile.play() as registry:
        assert _token(registry, method="POST", body=form)[0] == status


def test_a_repository_is_asked_for_by_its_own_scope() -> None:
    with profiles.GHCR.play() as registry:
        _status, headers, _body = _ask(registry, "/v2/team/app/tags/list")
        assert headers["WWW-Authenticate"].endswith(',service="ghcr.io",scope="repository:team/app:pull"')
    with profiles.GAR.play() as registry:
        _status, headers, _body = _ask(registry, "/v2/team/app/tags/list")
        assert headers["WWW-Authenticate"].endswith(
            '/v2/token",service="us-docker.pkg.dev",scope="repository:team/app:pull"'
        )
    with profiles.ECR.play() as registry:
        _status, headers, _body = _ask(registry, "/v2/team/app/tags/list")
        assert headers["WWW-Authenticate"].endswith(',service="ecr.amazonaws.com"')


def test_google_takes_no_empty_scope() -> None:
    with profiles.GCR.play() as registry:
        shown = _basic(profiles.GCR.username, profiles.GCR.secret)
        assert _token(registry, "service=gcr.io&scope=", shown)[0] == 400
        assert _token(registry, "service=gcr.io&scope=repository:a:pull", shown)[0] == 200


def test_gitlab_knows_no_other_service() -> None:
    with profiles.GITLAB.play() as registry:
        assert _token(registry, "service=x", _basic("alice", "glpat-alice"))[0] == 404


def test_harbor() -> None:
    with profiles.HARBOR.play() as registry:
        service = "service=harbor-registry"
        assert _token(registry, f"{service}&scope=repository:a:pull", _basic("alice", "wrong"))[0] == 200
        assert _token(registry, service, _basic("alice", "wrong"))[0] == 401
        assert _token(registry, service)[0] == 401
        assert _token(registry, f"{service}&scope=repository:a:pull")[0] == 200
        assert _token(registry, "service=x", _basic("alice", "cli-secret"))[0] == 400
        for path, shown in (("/v2/", _basic("alice", "cli-secret")), ("/v2/_catalog", {})):
            assert _ask(registry, path, shown)[1].get_all("WWW-Authenticate") == ['Basic realm="harbor"']
        assert "Bearer" in _ask(registry, "/v2/")[1]["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("scope", "status"),
    [("repository:a:pull,push", 200), ("repository:a:*", 200), ("repository:a:delete", 400),
     ("registry:catalog:*", 400)],
)  # fmt: skip
def test_scopes_of_quay(scope: str, status: int) -> None:
    with profiles.QUAY.play() as registry:
        shown = _basic(profiles.QUAY.username, profiles.QUAY.secret)
        assert _token(registry, f"service=quay.io&scope={scope}", shown)[0] == status


def test_quay_knows_how_old_docker_is() -> None:
    for profile in (profiles.QUAY, profiles.QUAY_200):
        with profile.play() as registry:
            assert _token(registry, f"service={profile.service}")[0] == 401
            assert _token(registry, f"service={profile.service}&scope=repository:a:pull")[0] == 200
    with profiles.QUAY.play() as registry:
        assert _ask(registry, "/v2/", {"User-Agent": "docker/1.5.0 go/go1.4"})[0] == 404
        assert _ask(registry, "/v2/", {"User-Agent": "docker/28.0.0"})[0] == 401
    with profiles.QUAY_200.play() as registry:
        status, headers, _body = _ask(registry, "/v2/")
        assert (status, "Bearer" in headers["WWW-Authenticate"]) == (200, True)


def test_openshift() -> None:
    with profiles.OPENSHIFT.play() as registry:
        assert json.loads(_token(registry)[2])["token"] == "anonymous"
        status, headers, _body = _ask(registry, "/v2/", {"Authorization": "Bearer anonymous"})
        assert status == 401
        assert headers.get_all("WWW-Authenticate") == ['Basic realm=openshift,error="unable to authenticate"']


@pytest.mark.parametrize("profile", [profiles.ZOT, profiles.ZOT_ANONYMOUS], ids=named)
def test_zot_asks_docker_for_a_login_in_any_case(profile: Profile) -> None:
    with profile.play() as registry:
        assert _ask(registry, "/v2/")[0] == (200 if profile is profiles.ZOT_ANONYMOUS else 401)
        for agent in ("docker/28.0.0", "Mozilla/5.0 (Docker-Client/28.0)"):
            status, headers, _body = _ask(registry, "/v2/", {"User-Agent": agent})
            assert (status, headers.get_all("WWW-Authenticate")) == (401, list(profile.challenge))
            assert _ask(registry, "/v2/", {"User-Agent": agent, **_basic("alice", "zak_key")})[0] == 200
        twice = {"Authorization": _basic("alice", "zak_key")["Authorization"]}
        connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=20)
        connection.putrequest("GET", "/v2/")
        for _time in range(2):
            connection.putheader("Authorization", twice["Authorization"])
        connection.endheaders()
        assert connection.getresponse().status == 401
        connection.close()


def test_the_token_server_apart() -> None:
    with profiles.GITLAB.play(apart=True) as registry:
        _status, headers, _body = _ask(registry, "/v2/")
        assert f'realm="http://127.0.0.1:{registry.token_port}/jwt/auth"' in headers["WWW-Authenticate"]


def test_anything_may_be_said_otherwise(tmp_path: Path) -> None:
    pem = str(tmp_path / "server.pem")
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pem)
    with profiles.GHCR.play(users={"bob": "x"}, tls=(pem, pem), repository="bob/app") as registry:
        assert registry.url.startswith("https://")
        assert registry.users == {"bob": "x"}
        assert registry.image.endswith("/bob/app:1.0")
        assert registry.profile is profiles.GHCR
        registry.answer("/v2/", Answer(503))


def test_by_hand() -> None:
    with subprocess.Popen(
        (sys.executable, "-m", "dockpass.testing.profiles", "harbor"), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert process.stdout.readline() == "It lets in robot$team+ci with robot-secret. Ctrl-C ends it.\n"
        connection = http.client.HTTPConnection(address, timeout=20)
        connection.request("GET", "/v2/")
        with connection.getresponse() as response:
            assert response.headers["WWW-Authenticate"] == (
                f'Bearer realm="http://{address}/service/token",service="harbor-registry"'
            )
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_by_hand_in_this_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(profiles.ALL)

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert main(["ghcr"]) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert "It lets in anybody with ghp_classic." in capsys.readouterr().out
