"""The conversation of a request, with the registry played by hand."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass import errors
from dockpass.credential import Credential, Secret
from dockpass.http.message import Response
from dockpass.registry.step import ANY, ELSEWHERE, Step
from dockpass.registry.tokens import access, follow, scope
from dockpass.registry.tokens.admission import Admission, Shown
from dockpass.registry.tokens.cache import Cache
from dockpass.registry.tokens.turn import Turn
from dockpass.server import Server

ALICE = Credential("alice", "hunter2")
IDENTITY = Credential("alice", "identity-old", is_identity_token=True)
BASIC = "Basic " + base64.b64encode(b"alice:hunter2").decode()
BEARER = 'Bearer realm="https://t.r.example/token",service="s"'
BLOB = "/v2/team/app/blobs/sha256:" + "0" * 64
TAGS = "/v2/team/app/tags/list"
PULL = "repository:team/app:pull"


def answer(status: int = 200, body: object = b"", /, *challenges: str, **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    pairs = [("www-authenticate", one) for one in challenges]
    pairs += [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Response(status, tuple(pairs), raw)


def said(status: int, code: str, message: str = "m", *challenges: str) -> Response:
    return answer(status, {"errors": [{"code": code, "message": message}]}, *challenges)


def to(location: str, status: int = 307) -> Response:
    return answer(status, b"", location=location)


def token(value: str = "the-token", **more: object) -> Response:
    return answer(200, {"token": value, **more})


OPEN = answer(200, {})
ASKS = answer(401, {}, BEARER)
ASKS_BASIC = answer(401, {}, 'Basic realm="x"')
DONE = answer(200, b"content")


class Clock:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


class Play:
    """A registry by hand, and what one login has to do with it. Each run plays one conversation, in order."""

    def __init__(
        self, credential: Credential | None = ALICE, server: str = "r.example", scheme: str = "https", **options: Any
    ) -> None:
        self.clock = Clock()
        self.cache = options.pop("cache", None) or Cache(self.clock)
        self.server = Server.parse(server, plain_http=options.pop("plain_http", False))
        self.admission = Admission(
            self.server, credential, origin=self.server.origin(scheme), cache=self.cache, **options
        )
        self.steps: list[Step] = []
        self.result: Any = None
        self.caught: errors.DockpassError | None = None

    def send(self, *answers: Response, method: str = "GET", target: str = TAGS, **options: Any) -> Play:
        return self.run(access.send(self.admission, method, target, **options), *answers)

    def get(self, *answers: Response, target: str = BLOB, **options: Any) -> Play:
        return self.run(follow.get(self.admission, target, **options), *answers)

    def token(self, *answers: Response, scopes: str = PULL) -> Play:
        return self.run(access.token(self.admission, scope.parse(scopes)), *answers)

    def run(self, flow: Any, *answers: Response) -> Play:
        self.steps, self.result, self.caught = [], None, None
        waiting = list(answers)
        try:
            step = next(flow)
            while True:
                assert not isinstance(step, Turn)
                self.steps.append(step)
                assert waiting, f"wanted more after {self.asked}"
                step = flow.send(waiting.pop(0))
        except StopIteration as done:
            self.result = done.value
        except errors.DockpassError as caught:
            self.caught = caught
        assert not waiting, (self.asked, self.caught)
        return self

    @property
    def asked(self) -> list[str]:
        return [f"{step.method} {step.origin}{step.target}" for step in self.steps]

    @property
    def shown(self) -> list[str]:
        return [dict(step.headers).get("Authorization", "") for step in self.steps]

    def query(self, number: int) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.steps[number].target).query, keep_blank_values=True)

    def refused(self, kind: type[errors.DockpassError]) -> str:
        assert type(self.caught) is kind, (self.caught, self.result)
        text = self.caught.message + str(self.caught.hint)
        assert text.isprintable()
        for secret in ("hunter", BASIC[6:], "the-token", "identity-old"):
            assert secret not in text
        return self.caught.message


def held(*answers: Response, credential: Credential | None = ALICE, **options: Any) -> Play:
    """A login that has got a token for pulling, some time ago."""
    play = Play(credential, **options).send(ASKS, token("the-token-1"), DONE)
    play.clock.time += 5
    return play.send(*answers) if answers else play


# What a request is sent with


def test_the_registry_is_asked_first_and_then_the_token_server() -> None:
    play = Play().send(ASKS, token(), DONE)
    assert play.asked[0] == "GET https://r.example/v2/"
    assert play.asked[1].startswith("GET https://t.r.example/token?")
    assert play.asked[2] == f"GET https://r.example{TAGS}"
    assert play.shown == ["", BASIC, "Bearer the-token"]
    assert play.query(1) == {"service": ["s"], "scope": [PULL], "account": ["alice"], "client_id": ["dockpass"]}
    assert [step.reach for step in play.steps] == [ANY, "like-registry", ANY]
    assert [step.wants_token for step in play.steps] == [False, True, False]
    assert play.result is DONE


def test_what_is_known_is_not_asked_again() -> None:  # case 116
    play = held(DONE)
    assert play.asked == [f"GET https://r.example{TAGS}"]
    assert play.shown == ["Bearer the-token-1"]


def test_nobody_gets_a_token_that_anybody_may_have() -> None:  # case 75
    play = Play(None).send(ASKS, token(), DONE)
    assert play.query(1) == {"service": ["s"], "scope": [PULL], "client_id": ["dockpass"]}
    assert play.shown == ["", "", "Bearer the-token"]


def test_a_mount_asks_for_two_scopes() -> None:  # case 76
    play = Play().send(
        ASKS, token(), answer(201), method="POST", target="/v2/a/blobs/uploads/?mount=sha256:0&from=team/b"
    )
    assert play.query(1)["scope"] == ["repository:a:pull,push", "repository:team/b:pull"]


def test_an_identity_token_goes_to_the_token_server_only() -> None:
    play = Play(IDENTITY).send(ASKS, token(), DONE)
    assert play.steps[1].method == "POST"
    assert parse_qs(play.steps[1].body.decode()) == {
        "grant_type": ["refresh_token"],
        "service": ["s"],
        "client_id": ["dockpass"],
        "scope": [PULL],
        "refresh_token": ["identity-old"],
    }
    assert play.shown == ["", "", "Bearer the-token"]


def test_the_caller_may_know_better_what_is_needed() -> None:
    play = Play().send(ASKS, token(), DONE, scopes=scope.parse("repository:x:push registry:catalog:*"))
    assert play.query(1)["scope"] == ["registry:catalog:*", "repository:x:push"]
    assert "scope" not in Play().send(ASKS, token(), OPEN, target="/v2/").query(1)


def test_a_registry_that_asks_for_a_password_is_shown_it_each_time() -> None:
    play = Play().send(ASKS_BASIC, DONE)
    assert play.shown == ["", BASIC]
    assert play.send(DONE).shown == [BASIC]


def test_nobody_has_no_password_to_show() -> None:
    play = Play(None).send(ASKS_BASIC, ASKS_BASIC)
    assert play.shown == ["", ""]
    assert play.result is ASKS_BASIC


def test_a_registry_that_asks_for_nothing_is_shown_nothing_until_it_does() -> None:
    play = Play().send(OPEN, DONE)
    assert play.shown == ["", ""]
    play = play.send(ASKS, token(), DONE)
    assert play.shown == ["", BASIC, "Bearer the-token"]
    assert play.send(DONE).shown == ["Bearer the-token"]
    assert Play().send(OPEN, ASKS_BASIC, DONE).shown == ["", "", BASIC]
    assert Play().send(OPEN, answer(401)).result.status == 401


def test_an_identity_token_is_no_password() -> None:
    assert "no identity token" in Play(IDENTITY).send(ASKS_BASIC).refused(errors.Refused)


def test_headers_and_body_go_along() -> None:
    play = Play().send(
        ASKS, token(), answer(201), method="PUT", target="/v2/a/manifests/1", headers=(("Accept", "x"),), body=b"{}"
    )
    assert play.steps[2].headers == (("Accept", "x"), ("Authorization", "Bearer the-token"))
    assert play.steps[2].body == b"{}"
    assert play.steps[1].body == b""


def test_an_authorization_of_ones_own_is_not_overwritten() -> None:
    play = Play().send(headers=(("authorization", "Bearer mine"),))
    assert "already" in play.refused(errors.UsageError)


@pytest.mark.parametrize(
    "target",
    [
        "/v2/../other/manifests/1.0",
        "/v2/team/%2e%2e/app/tags/list",
        "/v2/team/app/manifests/sha256:../../x",
        "/v2/team/app/blobs/sha256:0?x",
        "/v2/Team/tags/list",
        "//evil.example/v2/",
        "https://evil.example/v2/",
    ],
)
@pytest.mark.parametrize("scopes", [None, ()])
def test_a_name_that_is_none_is_sent_nowhere(target: str, scopes: object) -> None:
    play = Play().send(target=target, scopes=scopes)
    play.refused(errors.UsageError)
    assert play.steps == []


def test_plain_http_wants_consent() -> None:
    with pytest.raises(errors.UsageError, match="plain HTTP"):
        Play(scheme="http")
    assert Play(scheme="http", plain_http=True).send(OPEN, DONE).result is DONE
    assert Play(server="127.0.0.1:5000", scheme="http").send(OPEN, DONE).result is DONE


def test_a_login_that_no_registry_could_take_is_refused_before() -> None:
    with pytest.raises(errors.BadCredential):
        Play(Credential("a:b", "hunter2"))
    with pytest.raises(errors.BadCredential):
        Play(Credential("a", "\ud800x"))


def test_an_answer_is_wanted() -> None:
    flow = access.send(Play().admission, "GET", TAGS)
    next(flow)
    with pytest.raises((TypeError, AttributeError)):
        flow.send(None)
    step = Step("GET", Play().server.origin(), "/v2/")
    once = access.once(step)
    next(once)
    with pytest.raises(TypeError, match="response"):
        once.send(None)


# How the registry lets one in


def test_a_registry_that_turns_everybody_away() -> None:
    assert "turns this computer away" in Play().send(answer(403)).refused(errors.Denied)
    assert "not a registry" in Play().send(answer(404)).refused(errors.NotARegistry)
    assert "does not say how" in Play().send(answer(401)).refused(errors.NoChallenge)
    assert "by ntlm" in Play().send(answer(401, b"", "NTLM")).refused(errors.NoChallenge)


def test_a_token_server_that_nobody_approved_of_is_asked_nothing() -> None:
    foreign = answer(401, b"", 'Bearer realm="https://evil.example/token"')
    for credential in (ALICE, IDENTITY, None):
        play = Play(credential).send(foreign)
        play.refused(errors.UntrustedTokenHost)
        assert play.asked == ["GET https://r.example/v2/"]
    assert Play(token_host="evil.example").send(foreign, token(), DONE).result is DONE
    assert Play(pinned=lambda: "evil.example").send(foreign, token(), DONE).result is DONE


def test_what_one_approved_of_is_not_approved_of_by_another() -> None:  # case 120
    foreign = answer(401, b"", 'Bearer realm="https://other.example/token"')
    cache = Cache()
    Play(token_host="other.example", cache=cache).send(foreign, token(), DONE)
    play = Play(Credential("bob", "x"), cache=cache).send()
    play.refused(errors.UntrustedTokenHost)


def test_an_address_that_is_no_good_is_as_none_where_a_password_is_wanted_too() -> None:
    both = answer(401, b"", 'Bearer realm="http://t.r.example/token"', 'Basic realm="x"')
    assert Play().send(both, DONE).shown == ["", BASIC]
    assert Play(None).send(both, both).result is both


def test_the_registry_may_lead_up_to_https() -> None:
    play = Play(scheme="http", plain_http=True, server="r.example").send(
        to("https://r.example/v2/"), ASKS, token(), DONE
    )
    assert play.asked[-1] == f"GET https://r.example{TAGS}"
    assert play.send(DONE).asked == [f"GET https://r.example{TAGS}"]


def test_a_challenge_behind_a_redirect_to_another_host_is_not_answered() -> None:  # case 71
    play = Play().send(to("https://other.example/v2/"))
    assert "other.example" in play.refused(errors.RedirectedElsewhere)
    assert play.shown == [""]


# When it does not take it


def test_a_token_that_is_not_taken_is_asked_for_once_more() -> None:  # case 123
    play = held(ASKS, token("the-token-2"), DONE)
    assert play.shown == ["Bearer the-token-1", BASIC, "Bearer the-token-2"]
    assert play.result is DONE
    assert play.send(DONE).shown == ["Bearer the-token-2"]


def test_it_is_asked_for_once_more_and_not_twice() -> None:  # case 123
    play = held(ASKS, token("the-token-2"), ASKS)
    assert "does not accept the token" in play.refused(errors.ProtocolError)
    # And what was not taken is not kept.
    assert play.send(token("the-token-3"), DONE).shown == [BASIC, "Bearer the-token-3"]


@pytest.mark.parametrize(
    "stale",
    [
        said(400, "DENIED", "Your Authorization Token is invalid."),  # case 152
        said(400, "DENIED", "Your authorization token has expired. Reauthenticate and try again."),
        answer(403, "Your authorization token has expired. Reauthenticate and try again."),
        said(403, "DENIED", "Your Authorization Token has expired. Please run 'aws ecr get-login'"),
        answer(401),
        answer(401, "<html>"),
    ],
)
def test_expired_is_said_in_many_ways(stale: Response) -> None:  # cases 124, 152
    play = held(stale, token("the-token-2"), DONE)
    assert play.shown == ["Bearer the-token-1", BASIC, "Bearer the-token-2"]
    # The second time it is an answer, or an error.
    play = held(stale, token("the-token-2"), stale)
    assert play.result is stale or type(play.caught) is errors.ProtocolError
    # Of a token that was given out just now it is no excuse.
    if stale.status != 401:
        assert Play().send(ASKS, token(), stale).result is stale


@pytest.mark.parametrize(
    "no",
    [
        said(403, "DENIED", "requested access to the resource is denied"),
        answer(403),
        said(400, "NAME_INVALID"),
        answer(400),
        answer(404),
        answer(429),
        answer(500),
    ],
)
def test_other_failures_are_the_callers(no: Response) -> None:
    play = held(no)
    assert play.result is no


def test_amazon_cannot_say_to_head_that_a_token_has_expired() -> None:
    for server, steps in (("public.ecr.aws", 3), ("r.example", 1)):
        play = Play(server=server).send(answer(401, b"", f'Bearer realm="https://{server}/token"'), token("1"), DONE)
        play.clock.time += 5
        more = [token("2"), DONE] if steps == 3 else []
        assert len(play.send(answer(403), *more, method="HEAD").steps) == steps
    play = Play(server="r.example").send(ASKS, token("1"), DONE)
    assert play.send(answer(403, "no"), method="HEAD").result.status == 403


def test_a_new_token_may_be_too_young_for_the_registrys_clock() -> None:  # case 113
    play = Play().send(ASKS, token(), ASKS, DONE)
    assert play.shown == ["", BASIC, "Bearer the-token", "Bearer the-token"]
    assert [step.pause for step in play.steps] == [0, 0, 0, 1]
    play = Play().send(ASKS, token(), ASKS, ASKS)
    assert "does not accept the token" in play.refused(errors.ProtocolError)


def test_the_registry_may_want_another_scope_for_the_same_thing() -> None:
    more = answer(401, b"", BEARER + ',scope="repository:team/app:pull,push repository:secret:pull"')
    play = Play().send(ASKS, token("1"), more, token("2"), DONE)
    assert play.query(3)["scope"] == ["repository:team/app:pull,push"]
    assert play.shown[4] == "Bearer 2"
    for odd in ("aws", "", "*", "repository:user/image:pull", PULL):
        again = answer(401, b"", f'{BEARER},scope="{odd}"')
        assert len(Play().send(ASKS, token(), again, DONE).steps) == 4


def test_the_registry_may_name_another_token_server_later() -> None:
    moved = answer(401, b"", BEARER.replace('"s"', '"z"'))
    play = held(moved, token("the-token-2"), DONE)
    assert play.query(1)["service"] == ["z"]
    play = Play().send(ASKS, token("1"), moved, token("2"), DONE)
    assert play.query(3)["service"] == ["z"]
    evil = answer(401, b"", 'Bearer realm="https://evil.example/token"')
    play = held(evil)
    play.refused(errors.UntrustedTokenHost)
    assert play.shown == ["Bearer the-token-1"]


def test_a_challenge_for_less_than_is_known_is_passed_over() -> None:
    basic = answer(401, b"", "Basic realm=openshift,error=x")
    play = held(basic, token("the-token-2"), basic)
    assert play.shown == ["Bearer the-token-1", BASIC, "Bearer the-token-2"]
    play.refused(errors.ProtocolError)
    unusable = answer(401, b"", "Bearer abc==")
    assert held(unusable, token("the-token-2"), DONE).result is DONE


def test_an_account_that_may_not_is_told_so() -> None:
    no = answer(401, b"", BEARER + f',scope="{PULL}",error="insufficient_scope"')
    assert "does not let it do that" in Play().send(ASKS, token(), no, no).refused(errors.Denied)
    message = Play(None).send(ASKS, token(), no, no).refused(errors.Denied)
    assert message == "r.example does not allow this to whoever is not logged in"


@pytest.mark.parametrize("status", [401, 403])
def test_there_may_be_no_token_for_nobody(status: int) -> None:
    play = Play(None).send(ASKS, answer(status))
    play.refused(errors.Denied)
    assert play.caught is not None
    assert play.caught.hint == "log in: dockpass login r.example"


def test_a_scope_that_the_token_server_lacks_is_no_refusal() -> None:
    no = said(400, "INVALID", f"no such action for {BASIC[6:]}")
    for server in ("quay.io", "r.example"):
        play = Play(server=server, stored=lambda: None).send(
            answer(401, b"", f'Bearer realm="https://{server}/token"'), no, method="DELETE", target="/v2/a/manifests/1"
        )
        message = play.refused(errors.Denied)
        assert f"{server} gives no token for repository:a:delete (400)" in message
        assert "no such action for ****" in message
    assert "(400)" in Play().send(ASKS, answer(400)).refused(errors.Denied)
    # Without a scope there is nothing else that could be at fault.
    play = Play(server="quay.io").token(answer(401, b"", 'Bearer realm="https://quay.io/token"'), no, scopes="")
    play.refused(errors.Refused)


# Refused credentials


class Kept:
    """The store, as others see it."""

    def __init__(self, *logins: Credential | None) -> None:
        self.logins = list(logins)
        self.looked = 0
        self.exchanged: list[tuple[Credential, Credential]] = []

    @property
    def options(self) -> dict[str, Any]:
        return {"stored": self.look, "rotated": self.exchange}

    def look(self) -> Credential | None:
        self.looked += 1
        return self.logins.pop(0)

    def exchange(self, used: Credential, new: Credential) -> None:
        self.exchanged.append((used, new))


@pytest.mark.parametrize("no", [said(401, "UNAUTHORIZED"), said(403, "DENIED", "invalid credentials")])
def test_refused_credentials_are_sent_once(no: Response) -> None:
    play = Play().send(ASKS, no)
    assert play.shown == ["", BASIC]
    play.refused(errors.Refused)
    kept = Kept(ALICE)
    play = Play(**kept.options).send(ASKS, no)
    play.refused(errors.Refused)
    assert (len(play.steps), kept.looked) == (2, 1)


def test_somebody_may_have_logged_in_meanwhile() -> None:  # case 102
    new = Credential("alice", "hunter3")
    kept = Kept(new)
    play = Play(**kept.options).send(ASKS, answer(401), token(), DONE)
    assert play.shown[1:3] == [BASIC, "Basic " + base64.b64encode(b"alice:hunter3").decode()]
    assert play.result is DONE
    # For good.
    assert (
        play.send(token(), answer(201), method="PUT").shown[0] == "Basic " + base64.b64encode(b"alice:hunter3").decode()
    )


def test_an_identity_token_may_have_been_exchanged_meanwhile() -> None:  # case 102
    new = Credential("alice", "identity-new", is_identity_token=True)
    kept = Kept(new)
    play = Play(IDENTITY, **kept.options).send(ASKS, answer(401), token(), DONE)
    assert [parse_qs(step.body.decode()).get("refresh_token") for step in play.steps[1:3]] == [
        ["identity-old"],
        ["identity-new"],
    ]
    assert play.result is DONE


def test_the_store_is_looked_at_once() -> None:
    kept = Kept(Credential("alice", "hunter3"), Credential("alice", "hunter4"))
    play = Play(**kept.options).send(ASKS, answer(401), answer(401))
    play.refused(errors.Refused)
    assert kept.looked == 1


@pytest.mark.parametrize("now", [None, IDENTITY])
def test_an_identity_token_that_is_no_good_any_more(now: Credential | None) -> None:  # case 103
    kept = Kept(now)
    play = Play(IDENTITY, **kept.options).send(ASKS, answer(401))
    assert "refused the identity token" in play.refused(errors.LoginExpired)
    assert play.caught is not None
    assert play.caught.hint == "log in again: dockpass login -u NAME r.example"
    assert kept.exchanged == []


def test_what_is_kept_meanwhile_must_be_of_use() -> None:
    Play(**Kept(Credential("a:b", "x")).options).send(ASKS, answer(401)).refused(errors.BadCredential)


def test_a_refused_password_where_it_is_shown_each_time() -> None:
    play = Play().send(ASKS_BASIC, answer(401))
    play.refused(errors.Refused)
    expired = answer(403, "Your authorization token has expired. Reauthenticate and try again.")
    Play().send(ASKS_BASIC, expired).refused(errors.Refused)
    no = said(403, "DENIED", "no such right")
    assert Play().send(ASKS_BASIC, no).result is no
    kept = Kept(Credential("alice", "hunter3"))
    play = Play(**kept.options).send(ASKS_BASIC, answer(401), DONE)
    assert play.result is DONE
    kept = Kept(Credential("alice", "hunter3"))
    play = Play(**kept.options).send(ASKS_BASIC, answer(401), answer(401))
    play.refused(errors.Refused)
    assert (len(play.steps), kept.looked) == (3, 1)


def test_a_token_server_in_trouble_is_no_refusal() -> None:
    kept = Kept()
    Play(**kept.options).send(ASKS, answer(500)).refused(errors.RegistryTrouble)
    Play(IDENTITY, **kept.options).send(ASKS, answer(500)).refused(errors.RegistryTrouble)
    assert kept.looked == 0


# Identity tokens


def test_a_new_identity_token_is_kept_before_anything_else() -> None:  # case 101
    kept = Kept()
    play = Play(IDENTITY, **kept.options).send(ASKS, token(refresh_token="identity-new"), answer(500))
    new = Credential("alice", "identity-new", is_identity_token=True)
    assert kept.exchanged == [(IDENTITY, new)]
    # The token that came with it is found again, and the next one is asked for with the new one.
    assert play.send(DONE).shown == ["Bearer the-token"]
    play.send(token("wide", refresh_token="identity-3"), answer(201), method="PUT", target="/v2/b/manifests/1")
    assert "refresh_token=identity-new" in play.steps[0].body.decode()
    assert kept.exchanged[1] == (new, Credential("alice", "identity-3", is_identity_token=True))
    # And what was got with the ones before is still there.
    assert play.send(DONE).shown == ["Bearer the-token"]


def test_the_same_identity_token_again_is_nothing_new() -> None:
    kept = Kept()
    Play(IDENTITY, **kept.options).send(ASKS, token(refresh_token="identity-old"), DONE)
    assert kept.exchanged == []
    assert Play(IDENTITY).send(ASKS, token(refresh_token="identity-new"), DONE).result is DONE


def test_an_identity_token_that_nobody_asked_for_is_left_alone() -> None:  # case 100
    kept = Kept()
    play = Play(**kept.options).send(ASKS, token(refresh_token="identity-new"), DONE)
    assert "offline_token" not in play.query(1)
    assert kept.exchanged == []
    assert play.send(token(), answer(201), method="PUT").shown[0] == BASIC


def test_an_identity_token_that_could_not_be_kept_is_an_error() -> None:
    def full(_used: Credential, _new: Credential) -> None:
        raise errors.FileUnwritable("the disk is full")

    play = Play(IDENTITY, rotated=full).send(ASKS, token(refresh_token="identity-new"))
    play.refused(errors.FileUnwritable)
    # In memory there is the new one all the same: the old one is worthless.
    play.send(token(), DONE)
    assert "refresh_token=identity-new" in play.steps[0].body.decode()


def test_the_post_of_an_identity_token_is_not_redirected() -> None:
    for location in ("https://t.r.example/other", "https://evil.example/"):
        play = Play(IDENTITY).send(ASKS, to(location))
        assert type(play.caught) is errors.RedirectedElsewhere
        assert len(play.steps) == 2


def test_what_a_token_server_says_of_cookies_and_challenges_is_not_heard() -> None:
    second = answer(
        401, b"", 'Bearer realm="https://t.r.example/second"', 'Basic realm="x"', set_cookie="session=1; Path=/"
    )
    play = Play().send(ASKS, second)
    play.refused(errors.Refused)
    assert len(play.steps) == 2
    good = answer(200, {"token": "the-token"}, 'Bearer realm="https://t.r.example/second"', set_cookie="session=1")
    play = Play().send(ASKS, good, DONE)
    assert play.result is DONE
    assert not any(name.lower() == "cookie" for step in play.steps for name, _value in step.headers)


# Tokens to be handed out


def test_a_token_to_be_handed_out_may_do_no_more_than_was_asked_for() -> None:
    play = Play().send(ASKS, token("wide"), answer(201), method="PUT", target="/v2/team/app/manifests/1")
    play.token(token("narrow"))
    assert play.query(0)["scope"] == [PULL]
    assert play.result.value == Secret("narrow")
    assert play.token().result.value == Secret("narrow")
    assert str(play.result) == f"Kept(Secret(****), '{PULL}')"


def test_a_registry_that_gives_out_no_tokens() -> None:
    assert "a user name and a password" in Play().token(ASKS_BASIC).refused(errors.NoChallenge)
    assert "a user name and a password" in Play(None).token(ASKS_BASIC).refused(errors.NoChallenge)
    assert "asks for no login" in Play().token(OPEN).refused(errors.NoChallenge)
    assert "by negotiate" in Play().token(answer(200, b"", "Negotiate")).refused(errors.NoChallenge)


def test_a_life_begins_when_the_token_is_asked_for() -> None:
    play = Play()
    flow = access.token(play.admission, ())
    next(flow)
    flow.send(ASKS)
    play.clock.time += 20
    with pytest.raises(StopIteration) as done:
        flow.send(token(expires_in=100))
    assert done.value.value.end == 1000 + 90


# Where content is kept


def test_content_that_is_kept_elsewhere() -> None:  # case 126
    play = Play().get(
        ASKS,
        token(),
        to("https://storage.example/x?sig=1"),
        DONE,
        headers=(("Accept", "a/b"), ("Range", "bytes=0-"), ("X-Key", "private"), ("Cookie", "c=1")),
    )
    assert play.asked[3] == "GET https://storage.example/x?sig=1"
    assert play.steps[3].headers == (("Accept", "a/b"), ("Range", "bytes=0-"))
    assert play.steps[3].reach == ELSEWHERE
    assert play.result is DONE


@pytest.mark.parametrize("credential", [ALICE, IDENTITY, None])
@pytest.mark.parametrize(
    "where",
    [
        "https://storage.r.example/x",  # case 127
        "https://r.example:8443/x",
        "https://example/x",
        "https://r.example.evil.example/x",
        "https://t.r.example/token",
    ],
)
def test_nobody_but_the_registrys_own_origin_is_shown_anything(where: str, credential: Credential | None) -> None:
    play = Play(credential).get(ASKS, token(), to(where), DONE)
    assert play.shown[3] == ""
    assert play.result is DONE


def test_a_way_that_leads_back_is_shown_nothing_more() -> None:  # case 128
    play = Play().get(ASKS, token(), to("https://other.example/x"), to(f"https://r.example{BLOB}"), DONE)
    assert play.shown[2:] == ["Bearer the-token", "", ""]
    play = Play().get(ASKS_BASIC, to("https://other.example/x"), to(f"https://r.example{BLOB}"), ASKS_BASIC)
    assert play.shown[1:] == [BASIC, "", ""]
    assert play.result is ASKS_BASIC


def test_whoever_keeps_content_is_not_answered() -> None:  # case 129
    no = answer(401, b"", 'Bearer realm="https://t.r.example/token"', 'Basic realm="x"')
    play = Play().get(ASKS, token(), to("https://storage.example/x"), no)
    assert play.result is no
    assert len(play.steps) == 4
    # Nor is it believed that the registry wants something else from now on.
    assert play.send(DONE).shown == ["Bearer the-token"]


def test_a_redirect_inside_the_registry_keeps_the_token() -> None:
    play = Play().get(ASKS, token(), to("/v2/other/place?x=%2F"), DONE)
    assert play.asked[3] == "GET https://r.example/v2/other/place?x=%2F"
    assert play.shown[3] == "Bearer the-token"
    play = Play(cache=Cache()).get(ASKS, token("1"), to("/v2/x"), ASKS, token("2"), DONE)
    assert play.shown[3:] == ["Bearer 1", BASIC, "Bearer 2"]


def test_redirects_that_are_not_followed() -> None:
    play = Play().get(ASKS, token(), to("http://storage.example/x"))
    assert len(play.steps) == 3
    play.refused(errors.RedirectedElsewhere)
    Play().get(ASKS, token(), to("https://u:p@storage.example/x")).refused(errors.ProtocolError)
    Play().get(ASKS, token(), answer(307)).refused(errors.ProtocolError)
    loop = [to("https://storage.example/x")] * 6
    assert "again and again" in Play().get(ASKS, token(), *loop).refused(errors.ProtocolError)
    assert Play().get(ASKS, token(), *loop[:5], DONE).result is DONE


def test_plain_http_may_lead_anywhere_and_shows_nothing_there() -> None:
    play = Play(scheme="http", plain_http=True).get(
        OPEN, to("http://storage.example/x"), to("https://s.example/"), DONE
    )
    assert play.result is DONE


def test_head_stays_head() -> None:
    play = Play().get(ASKS, token(), to("https://storage.example/x"), DONE, method="HEAD")
    assert [step.method for step in play.steps[2:]] == ["HEAD", "HEAD"]


def test_a_redirect_that_is_not_to_be_followed_is_an_answer() -> None:
    there = to("https://storage.example/x")
    assert Play().send(ASKS, token(), there).result is there


# Several at once


def test_who_waits_for_a_token_does_not_ask_for_it() -> None:
    cache = Cache()
    one, two = (access.token(Play(cache=cache).admission, scope.parse(PULL)) for _ in range(2))
    next(one)
    assert isinstance(next(two), Turn)  # for the way in
    one.send(ASKS)
    assert isinstance(two.send(None), Turn)  # for the token
    with pytest.raises(StopIteration) as first:
        one.send(token())
    with pytest.raises(StopIteration) as second:
        two.send(None)
    assert first.value.value is second.value.value


@pytest.mark.parametrize("credential", [ALICE, IDENTITY])
def test_who_waits_for_what_is_refused_does_not_send_it_again(credential: Credential) -> None:
    cache = Cache()
    one, two = (access.token(Play(credential, cache=cache).admission, scope.parse(PULL)) for _ in range(2))
    next(one)
    next(two)
    one.send(ASKS)
    two.send(None)
    with pytest.raises(errors.Refused) as first:
        one.send(answer(401))
    with pytest.raises(errors.Refused) as second:
        two.send(None)
    assert first.value is not second.value
    assert first.value.message == second.value.message


def test_who_waits_for_one_that_gave_up_asks_in_its_place() -> None:
    cache = Cache()
    one, two = (access.token(Play(cache=cache).admission, scope.parse(PULL)) for _ in range(2))
    next(one)
    next(two)
    one.close()
    step = two.send(None)
    assert isinstance(step, Step)
    assert step.target == "/v2/"
    one = access.token(Play(cache=cache).admission, scope.parse(PULL))
    step = two.send(ASKS)
    next(one)
    two.close()
    step = one.send(None)
    assert isinstance(step, Step)
    assert step.wants_token


def test_an_identity_token_is_not_shown_twice_at_the_same_time() -> None:
    """Even for different scopes: some token servers take the second time for theft, and void all that came of it."""
    cache = Cache()
    kept = Kept()
    one, two = (
        access.token(Play(IDENTITY, cache=cache, **kept.options).admission, scope.parse(text))
        for text in (PULL, "repository:b:pull")
    )
    next(one)
    next(two)
    one.send(ASKS)
    assert isinstance(two.send(None), Turn)
    with pytest.raises(StopIteration):
        one.send(token("1", refresh_token="identity-2"))
    step = two.send(None)
    assert isinstance(step, Step)
    assert "refresh_token=identity-2" in step.body.decode()
    with pytest.raises(StopIteration):
        two.send(token("2", refresh_token="identity-3"))
    assert [new.secret.reveal() for _used, new in kept.exchanged] == ["identity-2", "identity-3"]
    assert kept.exchanged[1][0].secret.reveal() == "identity-2"


def test_what_is_wrong_with_one_scope_is_not_wrong_with_another() -> None:
    cache = Cache()
    one, two = (
        access.token(Play(IDENTITY, cache=cache).admission, scope.parse(text)) for text in (PULL, "repository:b:pull")
    )
    next(one)
    next(two)
    one.send(ASKS)
    two.send(None)
    with pytest.raises(errors.RegistryTrouble):
        one.send(answer(500))
    assert isinstance(two.send(None), Step)


def test_who_shares_a_login_sees_what_another_thread_has_found() -> None:
    """Two requests of one login are refused at once; the store is looked at once, and both go on with what is there."""
    kept = Kept(Credential("alice", "hunter3"))
    play = Play(**kept.options)
    one, two = (access.token(play.admission, scope.parse(PULL)) for _ in range(2))
    next(one)
    next(two)
    one.send(ASKS)
    two.send(None)
    step = one.send(answer(401))
    assert isinstance(step, Step)
    assert isinstance(two.send(None), Turn)
    with pytest.raises(StopIteration):
        one.send(token())
    with pytest.raises(StopIteration):
        two.send(None)
    assert kept.looked == 1


def test_a_token_that_another_thread_has_got_in_the_meantime_is_used() -> None:
    play = held()
    one, two = (access.send(play.admission, "GET", TAGS) for _ in range(2))
    next(one)
    next(two)
    step = one.send(ASKS)
    assert isinstance(step, Step)
    assert step.wants_token
    assert isinstance(two.send(ASKS), Turn)
    one.send(token("the-token-2"))
    step = two.send(None)
    assert isinstance(step, Step)
    assert dict(step.headers)["Authorization"] == "Bearer the-token-2"


def test_a_wider_token_of_before_is_not_tried_in_its_place() -> None:
    play = held()
    play.send(token("wide"), answer(201), method="PUT", target="/v2/team/app/manifests/1")
    play.clock.time += 5
    play.send(ASKS, token("new"), DONE)
    assert play.shown == ["Bearer the-token-1", BASIC, "Bearer new"]


def test_nothing_secret_is_to_be_seen() -> None:
    assert "hunter2" not in repr(held().admission)
    assert repr(Shown(("Authorization", BASIC), ALICE)) == "Shown(Credential('alice', Secret(****)), None)"


# Any registry

WHERE = st.sampled_from(
    [
        "/v2/x",
        "/token",
        "https://r.example/v2/y",
        "http://r.example/v2/",
        "https://r.example:8443/",
        "https://t.r.example/token",
        "https://s.r.example/x",
        "https://evil.example/x",
        "https://r.example@evil.example/",
        "//evil.example/",
        "",
    ]
)
ASKED = st.lists(
    st.sampled_from(
        [
            BEARER,
            'Bearer realm="/token"',
            'Bearer realm="https://evil.example/token"',
            'Bearer realm="http://t.r.example/token"',
            f'{BEARER},error="insufficient_scope",scope="{PULL},push repository:other:*"',
            'Basic realm="x"',
            "Negotiate",
            "Bearer",
        ]
    ),
    max_size=2,
)
ANSWERS = st.lists(
    st.one_of(
        st.builds(lambda asked: answer(401, b"", *asked), ASKED),
        st.builds(to, WHERE, st.sampled_from([301, 302, 303, 307, 308])),
        st.sampled_from(
            [
                OPEN,
                token(),
                token("the-token-2", refresh_token="identity-2", expires_in=1),
                answer(200, b"the-token"),
                answer(200, {"token": "two\r\nlines"}),
                said(400, "DENIED"),
                answer(403, "Your authorization token has expired"),
                answer(404),
                answer(429, b"", retry_after="1"),
                answer(500, f"hunter2 {BASIC} the-token identity-old"),
            ]
        ),
    ),
    max_size=25,
)


BEGINNINGS = st.sampled_from(
    [[], [ASKS], [ASKS_BASIC], [ASKS, token()], [ASKS, answer(401)], [ASKS, token(), to("https://s.example/")]]
)


@given(st.sampled_from([ALICE, IDENTITY, None]), BEGINNINGS, ANSWERS, st.booleans())
def test_whatever_a_registry_answers(
    credential: Credential | None, beginning: list[Response], more: list[Response], elsewhere: bool
) -> None:
    """Secrets go to the registry and its token server, each of its own kind, and nothing goes on for ever."""
    play = Play(credential)
    flow = follow.get(play.admission, BLOB) if elsewhere else access.send(play.admission, "GET", TAGS)
    steps: list[Step] = []
    refused = 0
    try:
        step = next(flow)
        for one in [*beginning, *more, *[answer(404)] * 5]:
            assert isinstance(step, Step)
            steps.append(step)
            refused += one.status == 401 and _password(step)
            step = flow.send(one)
        raise AssertionError("it goes on and on")
    except StopIteration:
        pass
    except errors.DockpassError as caught:
        text = f"{caught.message} {caught.hint}"
        assert text.isprintable()
        sent = {dict(step.headers)["Authorization"].split()[1] for step in steps if _shows(step)}
        assert not any(secret in text for secret in sent | ({credential.secret.reveal()} if credential else set()))
    assert len(steps) <= 20
    assert refused <= 1
    gone = False
    for step in steps:
        where, shown = str(step.origin), dict(step.headers).get("Authorization", "")
        gone = gone or step.reach == ELSEWHERE
        if where != "https://r.example" or gone:
            assert not shown or (where == "https://t.r.example" and step.wants_token)
        if where == "https://t.r.example" and step.wants_token:
            assert not shown.startswith("Bearer")
        if b"identity" in step.body:
            assert step.wants_token
            assert where in ("https://r.example", "https://t.r.example")
        assert "evil" not in where or step.reach == ELSEWHERE
        assert step.origin.scheme == "https"


def _shows(step: Step) -> bool:
    return "Authorization" in dict(step.headers)


def _password(step: Step) -> bool:
    return dict(step.headers).get("Authorization") == BASIC or b"identity-old" in step.body
