"""The conversation, with the registry played by hand."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass import errors
from dockpass.credential import Credential, Secret
from dockpass.http.address import Origin
from dockpass.http.message import Response
from dockpass.registry.flow import Outcome, log_in
from dockpass.registry.step import ANY, INSIDE, LIKE_REGISTRY
from dockpass.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.registry.step import Step

ALICE = Credential("alice", "hunter2")
IDENTITY = Credential("alice", "identity-old", is_identity_token=True)
BASIC = "Basic " + base64.b64encode(b"alice:hunter2").decode()
BEARER = 'Bearer realm="https://t.r.example/token",service="s"'


def answer(status: int = 200, body: object = b"", /, *challenges: str, **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    pairs = [("www-authenticate", one) for one in challenges]
    pairs += [(name.replace("_", "-"), value) for name, value in headers.items()]
    if not isinstance(body, bytes | str):
        pairs.append(("content-type", "application/json"))
    return Response(status, tuple(pairs), raw)


def error(status: int, code: str = "UNAUTHORIZED", message: str = "m", **headers: str) -> Response:
    return answer(status, {"errors": [{"code": code, "message": message}]}, **headers)


OPEN = answer(200, {})
ASKS = answer(401, {}, BEARER)
ASKS_BASIC = answer(401, {}, 'Basic realm="x"')
TOKEN = answer(200, {"token": "the-token"})


class Run:
    """One login: what was sent, and how it ended."""

    def __init__(
        self,
        *answers: Response,
        server: str = "r.example",
        plain_http: bool = False,
        scheme: str = "https",
        credential: Credential = ALICE,
        **options: Any,
    ) -> None:
        self.steps: list[Step] = []
        self.outcome: Outcome | None = None
        self.caught: errors.DockpassError | None = None
        registry = Server.parse(server, plain_http=plain_http)
        flow = log_in(registry, credential, origin=registry.origin(scheme), **options)
        try:
            self.steps.append(next(flow))
            for one in answers:
                self.steps.append(flow.send(one))
            raise AssertionError(f"wanted more after {self.asked}")
        except StopIteration as done:
            self.outcome = done.value
        except errors.DockpassError as caught:
            self.caught = caught
        assert len(self.steps) == len(answers), self.asked

    @property
    def asked(self) -> list[str]:
        return [f"{step.method} {step.origin}{step.target}" for step in self.steps]

    @property
    def shown(self) -> list[str]:
        """What was in the Authorization header of each request."""
        return [dict(step.headers).get("Authorization", "") for step in self.steps]

    @property
    def error(self) -> errors.DockpassError:
        assert self.caught is not None, self.outcome
        return self.caught

    @property
    def notes(self) -> list[str]:
        assert self.outcome is not None, self.caught
        return self.outcome.notes


def refused(kind: type[errors.DockpassError], run: Run) -> str:
    """The message, after looking that the error is of this very kind, and that nothing in it is what it may not be."""
    caught = run.error
    assert type(caught) is kind
    text = caught.message + str(caught.hint)
    assert text.isprintable()
    for secret in ("hunter2", BASIC[6:], "the-token", "identity-old"):
        assert secret not in text
    return caught.message


# The ping


def test_a_registry_that_asks_for_nothing_is_shown_the_password_once() -> None:  # case 1
    run = Run(OPEN, OPEN)
    assert run.asked == ["GET https://r.example/v2/"] * 2
    assert run.shown == ["", BASIC]
    assert run.notes == ["r.example asks for no login, so the password may not have been checked"]


@pytest.mark.parametrize("status", [401, 403])
def test_it_may_refuse_the_password_all_the_same(status: int) -> None:  # cases 2, 160
    run = Run(OPEN, answer(status))
    assert refused(errors.Refused, run) == "r.example refused the user name or password"


def test_a_200_with_a_bearer_challenge_keeps_the_challenge() -> None:  # cases 3, 150
    run = Run(answer(200, "", BEARER), TOKEN, OPEN)
    assert run.asked[1].startswith("GET https://t.r.example/token?")
    assert run.notes == []


def test_a_200_with_a_challenge_that_is_of_no_use_is_as_one_without() -> None:
    assert Run(answer(200, {}, "Negotiate"), OPEN).notes


def test_a_401_without_a_challenge_is_shown_nothing() -> None:  # case 4
    assert "does not say how" in refused(errors.NoChallenge, Run(answer(401)))


def test_an_unknown_scheme_is_named() -> None:  # case 5
    assert "by negotiate, ntlm;" in refused(errors.NoChallenge, Run(answer(401, "", "Negotiate", "NTLM", "Negotiate")))
    assert "…" in refused(errors.NoChallenge, Run(answer(401, "", "x" * 100)))


def test_an_unknown_scheme_beside_basic_is_passed_over() -> None:  # cases 6, 41
    assert Run(answer(401, "", "Negotiate", 'Basic realm="x"'), OPEN).shown == ["", BASIC]


def test_a_403_at_once_is_no_refusal_of_the_password() -> None:  # case 7
    message = refused(errors.Denied, Run(answer(403, "<html><h1>Blocked</h1></html>")))
    assert message == "r.example turns this computer away before it knows who asks (403): Blocked"


def test_a_404_is_no_registry() -> None:  # case 8
    assert "not a registry" in refused(errors.NotARegistry, Run(answer(404)))


def test_a_registry_in_trouble_is_asked_again_after_the_wait_that_it_names() -> None:  # case 9
    run = Run(answer(503, "", retry_after="1"), answer(503, "down"))
    assert [step.pause for step in run.steps] == [0, 1]
    assert refused(errors.RegistryTrouble, run) == "r.example is in trouble (it answered 503): down"


def test_it_is_asked_again_twice_at_most() -> None:
    busy = answer(429, "", retry_after="2")
    run = Run(busy, busy, busy)
    assert refused(errors.RateLimited, run).endswith("asks to wait 2 seconds")
    assert Run(busy, busy, ASKS_BASIC, OPEN).outcome
    run = Run(busy, ASKS_BASIC, busy, busy)
    assert len(run.steps) == 4
    refused(errors.RateLimited, run)


def test_it_is_waited_for_ten_seconds_at_most_in_all() -> None:
    run = Run(answer(429, "", retry_after="6"), answer(429, "", retry_after="5"))
    refused(errors.RateLimited, run)
    run = Run(answer(429, "", retry_after="6"), answer(429, "", retry_after="4"), ASKS_BASIC, OPEN)
    assert [step.pause for step in run.steps] == [0, 6, 4, 0]
    refused(errors.RateLimited, Run(answer(429, "", retry_after="11")))


def test_a_long_wait_is_named() -> None:  # case 10
    run = Run(error(429, "TOOMANYREQUESTS", "slow down", retry_after="3600"))
    assert refused(errors.RateLimited, run) == (
        "r.example has had too many requests from here, and asks to wait 1 hour: toomanyrequests: slow down"
    )
    assert run.error.hint == "try again in 1 hour"


def test_a_wait_until_a_date() -> None:  # case 11
    dates = {"date": "Sun, 06 Nov 1994 08:49:37 GMT", "retry_after": "Sun, 06 Nov 1994 08:49:39 GMT"}
    assert Run(answer(429, "", **dates), ASKS_BASIC, OPEN).steps[1].pause == 2


@pytest.mark.parametrize("value", ["-1", "1e9", "soon"])
def test_a_wait_that_cannot_be_read_is_none(value: str) -> None:  # case 12
    run = Run(answer(429, "", retry_after=value))
    assert "wait" not in refused(errors.RateLimited, run)
    assert run.error.hint == "try again later"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_the_same_origin_is_followed_from_then_on(status: int) -> None:  # case 13
    run = Run(answer(status, location="/v2"), ASKS_BASIC, OPEN)
    assert run.asked == ["GET https://r.example/v2/", "GET https://r.example/v2", "GET https://r.example/v2"]
    assert run.shown == ["", "", BASIC]
    assert Run(answer(status, location="https://R.example:443/x/v2/"), OPEN, OPEN).outcome


def test_credentials_go_along_to_the_same_origin() -> None:  # case 13
    run = Run(ASKS_BASIC, answer(307, location="/v2"), OPEN)
    assert run.shown == ["", BASIC, BASIC]


@pytest.mark.parametrize(
    ("location", "other"),
    [
        ("https://other.example/v2/", "another host, other.example:"),  # case 14
        ("https://sub.r.example/v2/", "another host, sub.r.example:"),
        ("http://other.example/v2/", "another host, other.example:"),
        ("https://r.example:8443/v2/", "to https://r.example:8443:"),
        ("http://r.example/v2/", "to http://r.example:"),  # case 15
        ("http://r.example:443/v2/", "to http://r.example:443:"),
    ],
)
def test_a_redirect_to_anywhere_else_is_not_followed(location: str, other: str) -> None:
    run = Run(answer(307, location=location))
    assert other in refused(errors.RedirectedElsewhere, run)
    run = Run(ASKS_BASIC, answer(307, location=location))
    assert other in refused(errors.RedirectedElsewhere, run)
    run = Run(ASKS, TOKEN, answer(307, location=location))
    assert other in refused(errors.RedirectedElsewhere, run)


def test_where_to_log_in_instead_is_said() -> None:
    run = Run(answer(307, location="https://other.example:8443/v2/"))
    assert run.error.hint == "if that is the registry you mean, log in there: dockpass login other.example:8443"
    assert "http" in str(Run(answer(307, location="http://r.example/v2/")).error.hint)


@pytest.mark.parametrize(
    "location", ["", "v2/", "//r.example/v2/", "https://u:p@r.example/", "/a\\b", "ftp://r.example/"]
)
def test_a_redirect_that_cannot_be_read_is_not_followed(location: str) -> None:
    assert "cannot be followed" in refused(errors.ProtocolError, Run(answer(307, location=location)))


def test_a_redirect_to_nowhere_or_to_two_places_is_not_followed() -> None:
    refused(errors.ProtocolError, Run(answer(302)))
    refused(errors.ProtocolError, Run(Response(302, (("location", "/a"), ("location", "/b")))))


def test_a_host_that_repeats_the_password_is_covered() -> None:
    run = Run(ASKS_BASIC, answer(307, location="https://hunter2.evil.example/"))
    assert "****.evil.example" in refused(errors.RedirectedElsewhere, run)
    run = Run(ASKS_BASIC, answer(307, location="https://r.example:8443/"), credential=Credential("a", "8443"))
    assert "8443" not in run.error.message


def test_a_redirect_in_a_circle_ends() -> None:  # case 16
    run = Run(*[answer(302, location="/v2/")] * 6)
    assert "again and again" in refused(errors.ProtocolError, run)
    assert Run(*[answer(302, location="/v2/")] * 5, ASKS_BASIC, OPEN).outcome


def test_redirects_are_counted_over_the_whole_login() -> None:
    run = Run(*[answer(302, location="/v2/")] * 5, ASKS_BASIC, answer(302, location="/v2/"))
    refused(errors.ProtocolError, run)


@pytest.mark.parametrize(
    "page",
    [
        answer(200, "<html>", content_type="text/html"),  # case 17
        answer(200, "OK", content_type="text/plain"),
        Response(200, complete=False),
    ],
)
def test_a_page_is_no_registry(page: Response) -> None:
    assert "does not look like a registry" in refused(errors.NotARegistry, Run(page))


@pytest.mark.parametrize("asked", [(ASKS_BASIC,), (ASKS, TOKEN)])
def test_a_page_behind_a_password_is_no_registry(asked: tuple[Response, ...]) -> None:
    page = answer(200, " <html>", content_type="text/html")
    assert "does not look like a registry" in refused(errors.NotARegistry, Run(*asked, page))
    assert Run(*asked, answer(200, "true", content_type="text/html")).outcome  # as Quay may answer


@pytest.mark.parametrize(
    "ping",
    [
        answer(200),
        answer(200, " {}"),
        answer(200, "true", content_type="application/json"),
        answer(200, "<html>", docker_distribution_api_version="registry/2.0"),
        Response(200, (("docker-distribution-api-version", "registry/2.0"),), complete=False),
    ],
)
def test_a_registry_need_not_say_much(ping: Response) -> None:
    assert Run(ping, OPEN).outcome


def test_warnings_are_said_once() -> None:  # case 18
    warning = '299 - "use v3"'
    run = Run(answer(401, "", 'Basic realm="x"', warning=warning), answer(200, "", warning=warning))
    assert run.notes == ["r.example says: use v3"]


def test_warnings_are_cleaned_and_limited() -> None:  # case 19
    run = Run(ASKS_BASIC, answer(200, "", warning='299 - "\x1b[31mhunter2"'))
    assert run.notes == [r"r.example says: \x1b[31m****"]
    long = tuple(("warning", f'299 - "{number}{"x" * 1000}"') for number in range(9))
    assert len(Run(ASKS_BASIC, Response(200, long)).notes) == 4


def test_a_redirect_from_http_up_to_https_is_for_good() -> None:  # case 23
    up = answer(308, location="https://r.example/v2/")
    run = Run(up, ASKS_BASIC, OPEN, plain_http=True, scheme="http")
    assert run.asked == ["GET http://r.example/v2/", "GET https://r.example/v2/", "GET https://r.example/v2/"]
    assert run.shown == ["", "", BASIC]
    down = answer(307, location="http://r.example/v2/")
    refused(errors.RedirectedElsewhere, Run(up, down, plain_http=True, scheme="http"))
    refused(errors.RedirectedElsewhere, Run(up, ASKS_BASIC, down, plain_http=True, scheme="http"))
    elsewhere = answer(308, location="https://other.example/v2/")
    refused(errors.RedirectedElsewhere, Run(elsewhere, plain_http=True, scheme="http"))


def test_plain_http_needs_consent() -> None:
    with pytest.raises(errors.UsageError, match="plain HTTP"):
        next(log_in(Server.parse("r.example"), ALICE, origin=Origin("http", "r.example", 80)))
    assert Run(OPEN, OPEN, server="127.0.0.1:5000", scheme="http").outcome
    assert Run(OPEN, OPEN, plain_http=True, scheme="http").outcome


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (204, errors.ProtocolError),
        (304, errors.ProtocolError),
        (400, errors.ProtocolError),
        (407, errors.ProtocolError),
        (418, errors.ProtocolError),
        (500, errors.RegistryTrouble),
        (502, errors.RegistryTrouble),
        (503, errors.RegistryTrouble),
    ],
)
def test_other_answers_to_the_ping(status: int, kind: type[errors.DockpassError]) -> None:
    assert str(status) in refused(kind, Run(answer(status)))


# Which way


def test_the_stronger_scheme_wins_in_whatever_order() -> None:  # cases 26, 27, 159
    one_line = f'{BEARER},Basic realm="https://r.example/v2",service="s"'
    for ping in (answer(401, "", one_line), answer(401, "", 'Basic realm="x"', BEARER)):
        assert Run(ping, TOKEN, OPEN).asked[1].startswith("GET https://t.r.example/token?")


@pytest.mark.parametrize(
    "useless",
    [
        "Bearer service=s",  # case 37
        "Bearer abc==",  # case 42
        'Bearer realm="https://t.r.example/token',  # case 35
        'Bearer realm="https://t.r.example/a",realm="https://t.r.example/b"',  # case 36
        'Bearer realm=""',
        'Bearer realm="name"',
        'Bearer realm="null"',
        'Bearer realm="http://t.r.example/token"',
        'Bearer realm="https://u:p@t.r.example/token"',
        'Bearer realm="https://169.254.169.254/token"',
        'Bearer realm="https://t.r.example/\xe4"',  # case 45
    ],
)
def test_basic_takes_the_place_of_a_bearer_challenge_that_is_of_no_use(useless: str) -> None:
    run = Run(answer(401, "", useless, 'Basic realm="x"'), OPEN)
    assert run.asked == ["GET https://r.example/v2/"] * 2
    assert run.shown == ["", BASIC]


def test_a_token_server_that_could_be_approved_is_not_passed_over() -> None:
    foreign = 'Bearer realm="https://other.example/token"'
    run = Run(answer(401, "", foreign, 'Basic realm="x"'))
    refused(errors.UntrustedTokenHost, run)
    assert isinstance(run.error, errors.UntrustedTokenHost)
    assert run.error.host == "other.example"


def test_the_first_good_one_of_several_is_used() -> None:
    run = Run(answer(401, "", 'Bearer realm="null"', BEARER), TOKEN, OPEN)
    assert run.asked[1].startswith("GET https://t.r.example/")


@pytest.mark.parametrize(
    ("challenge", "words"),
    [
        ("Bearer service=s", "where to get one"),  # case 38
        ("Bearer abc==", "cannot be read"),  # case 42
        ('Basic realm="x', "quotation mark"),
    ],
)
def test_no_way_at_all(challenge: str, words: str) -> None:
    assert words in refused(errors.NoChallenge, Run(answer(401, "", challenge)))


@pytest.mark.parametrize("realm", ["null", "https://169.254.169.254/x", "http://t.r.example/token"])
def test_an_address_that_is_of_no_use_alone_is_an_error(realm: str) -> None:  # cases 58, 61
    refused(errors.UntrustedTokenHost, Run(answer(401, "", f'Bearer realm="{realm}"')))


def test_a_foreign_token_server_is_shown_nothing() -> None:  # case 54
    run = Run(answer(401, "", 'Bearer realm="https://other.example/token"'))
    refused(errors.UntrustedTokenHost, run)
    assert "--token-host other.example" in str(run.error.hint)


def test_a_foreign_token_server_that_the_user_named_is_asked() -> None:  # case 55
    ping = answer(401, "", 'Bearer realm="https://other.example/token"')
    run = Run(ping, TOKEN, OPEN, token_host="other.example")
    assert run.steps[1].reach == INSIDE
    assert run.outcome is not None
    assert run.outcome.token_host == "other.example"
    assert run.outcome.standing == "named"
    refused(errors.UntrustedTokenHost, Run(ping, token_host="other2.example"))


def test_a_foreign_token_server_that_the_user_approved_of_earlier_is_asked() -> None:
    ping = answer(401, "", 'Bearer realm="https://other.example/token"')
    run = Run(ping, TOKEN, OPEN, pinned=lambda: "other.example")
    assert run.steps[1].reach == INSIDE
    assert run.outcome is not None
    assert (run.outcome.token_host, run.outcome.standing) == ("other.example", "pinned")


@pytest.mark.parametrize("basic", [[], ['Basic realm="x"']], ids=["alone", "beside Basic"])
def test_another_one_than_that_is_an_error_of_its_own(basic: list[str]) -> None:  # case 56
    run = Run(answer(401, "", 'Bearer realm="https://other2.example/token"', *basic), pinned=lambda: "other.example")
    refused(errors.TokenHostChanged, run)
    assert isinstance(run.error, errors.TokenHostChanged)
    assert (run.error.pinned, run.error.host) == ("other.example", "other2.example")
    assert len(run.asked) == 1


def test_one_that_nobody_should_approve_of_is_none_whatever_was_approved_of_earlier() -> None:
    run = Run(answer(401, "", 'Bearer realm="https://10.0.0.5/token"'), pinned=lambda: "other.example")
    refused(errors.UntrustedTokenHost, run)
    assert not isinstance(run.error, errors.TokenHostChanged)


def test_what_was_approved_of_earlier_is_not_looked_up_where_it_does_not_matter() -> None:
    """Most logins: no file need be read for them."""

    def pinned() -> str:
        raise AssertionError

    for ping, *rest in (
        (answer(401, "", 'Basic realm="x"'), OPEN),
        (answer(401, "", BEARER), TOKEN, OPEN),
        (answer(401, "", 'Bearer realm="/token"'), TOKEN, OPEN),
    ):
        assert Run(ping, *rest, pinned=pinned).outcome is not None


# Basic


@pytest.mark.parametrize(
    "challenge",
    [
        "Basic",  # case 39
        'BASIC realm="Sonatype Nexus Repository Manager"',  # case 157
        'Basic realm="https://1.dkr.ecr.us-east-1.amazonaws.com/",service="ecr.amazonaws.com"',  # cases 48, 151
        'Basic realm="\xc4"',
        ',, Basic realm="x",',  # case 40
    ],
)
def test_the_password_goes_to_the_registry_whatever_its_realm_is(challenge: str) -> None:
    run = Run(answer(401, "", challenge), OPEN)
    assert run.asked == ["GET https://r.example/v2/"] * 2
    assert run.shown == ["", BASIC]
    assert run.outcome is not None
    assert (run.outcome.identity_token, run.outcome.notes, run.outcome.token_host) == (None, [], None)


def test_a_refused_password_is_not_sent_again() -> None:  # case 82
    run = Run(ASKS_BASIC, error(401, message="incorrect username or password"))
    assert refused(errors.Refused, run) == (
        "r.example refused the user name or password: unauthorized: incorrect username or password"
    )
    assert len(run.steps) == 2


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (403, "denied: denied", errors.Refused),
        (403, "Your authorization token has expired. Reauthenticate and try again.", errors.Refused),
        (403, "HTTP Basic: Access denied", errors.Refused),
        (403, "access denied by policy", errors.Denied),
        (403, "", errors.Denied),
        (400, "bad request", errors.Refused),  # case 151
        (404, "", errors.NotARegistry),
        (500, "the password database is down", errors.RegistryTrouble),
        (503, "", errors.RegistryTrouble),
        (429, "too many wrong credentials", errors.RateLimited),
        (418, "", errors.ProtocolError),
        (201, "", errors.ProtocolError),
    ],
)
def test_other_answers_to_a_password(status: int, words: str, kind: type[errors.DockpassError]) -> None:
    run = Run(ASKS_BASIC, answer(status, words))
    message = refused(kind, run)
    assert message.endswith(words)


def test_garbled_credentials_of_amazon() -> None:  # case 151
    server = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
    run = Run(ASKS_BASIC, answer(400), server=server)
    assert "newline" in str(run.error.hint)
    assert "could not read" in refused(errors.Refused, run)


def test_an_identity_token_is_no_password() -> None:
    run = Run(ASKS_BASIC, credential=IDENTITY)
    assert "no identity token" in refused(errors.Refused, run)
    assert run.error.hint == "log in again: dockpass login -u NAME r.example"


def test_an_identity_token_is_not_shown_to_a_registry_that_asks_for_nothing() -> None:
    run = Run(OPEN, credential=IDENTITY)
    assert run.notes == ["r.example asks for no login, so the identity token was not tried"]


@pytest.mark.parametrize(
    "credential",
    [
        Credential("u:x", "p"),  # case 49
        Credential("u", ""),  # case 51
        Credential("", "p"),
        Credential("u", "p\0"),
        Credential("u\n", "p"),
        Credential("u", "\ud800"),
        Credential("\ud800", "p"),
    ],
)
def test_credentials_that_cannot_be_sent_are_refused_before_any_request(credential: Credential) -> None:
    with pytest.raises(errors.BadCredential):
        next(log_in(Server.parse("r.example"), credential, origin=Origin("https", "r.example", 443)))


# The token


def test_a_login_by_token() -> None:  # cases 72, 73, 114
    run = Run(answer(401, "", f'{BEARER},scope="repository:user/image:pull"'), TOKEN, OPEN)
    assert run.asked == [
        "GET https://r.example/v2/",
        "GET https://t.r.example/token?service=s&account=alice&client_id=dockpass&offline_token=true",
        "GET https://r.example/v2/",
    ]
    assert run.shown == ["", BASIC, "Bearer the-token"]
    assert [step.reach for step in run.steps] == [ANY, LIKE_REGISTRY, ANY]
    assert [step.wants_token for step in run.steps] == [False, True, False]
    assert run.outcome is not None
    assert (run.outcome.identity_token, run.outcome.notes, run.outcome.token_host) == (None, [], "t.r.example")


def test_no_scope_is_asked_for_whatever_the_challenge_says() -> None:  # cases 28, 29, 30, 73
    for scope in ("repository:a/b:pull,push", "repository:a:pull repository:b:pull", "", "*"):
        run = Run(answer(401, "", f'Bearer realm="https://t.r.example/token",scope="{scope}",service="s"'), TOKEN, OPEN)
        query = parse_qs(urlsplit(run.steps[1].target).query)
        assert sorted(query) == ["account", "client_id", "offline_token", "service"]


def test_a_token_server_without_a_service() -> None:  # cases 44, 153
    run = Run(
        answer(401, "", 'Bearer realm="https://us-docker.pkg.dev/v2/token"'), TOKEN, OPEN, server="us-docker.pkg.dev"
    )
    assert "service" not in run.steps[1].target
    assert run.steps[1].reach == ANY


@pytest.mark.parametrize(
    ("server", "realm"),
    [
        ("docker.io", "https://auth.docker.io/token"),  # case 147
        ("ghcr.io", "https://ghcr.io/token"),  # case 148
        ("gitlab.example.com:5050", "https://gitlab.example.com/jwt/auth"),  # case 149
        ("quay.io", "https://quay.io/v2/auth"),  # case 150
        ("x.azurecr.io", "https://x.azurecr.io/oauth2/token"),
        ("nvcr.io", "https://nvcr.io/proxy_auth?scope=repository:nvidia/x:pull,push"),
        ("rg.fr-par.scw.cloud", "https://api.scaleway.com/registry-internal/v1/regions/fr-par/tokens"),
    ],
)
def test_real_challenges(server: str, realm: str) -> None:
    run = Run(answer(401, "", f'Bearer realm="{realm}",service="s"'), TOKEN, OPEN, server=server)
    assert run.asked[1].startswith(f"GET {realm}")
    run = Run(answer(401, "", f'Bearer realm="{realm}",service="s"'), error(401), server=server)
    assert refused(errors.Refused, run).endswith("refused the user name or password: unauthorized: m")


def test_docker_hub_is_called_by_its_name() -> None:  # case 147
    ping = answer(401, "", 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"')
    run = Run(ping, error(401, message="incorrect username or password"), server="docker.io")
    assert refused(errors.Refused, run) == (
        "auth.docker.io, the token server of docker.io, refused the user name or password: "
        "unauthorized: incorrect username or password"
    )
    assert "app.docker.com" in str(run.error.hint)


def test_githubs_403_is_a_refusal() -> None:  # cases 83, 148
    ping = answer(401, "", 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull"')
    run = Run(ping, error(403, "DENIED", "denied"), server="ghcr.io")
    assert refused(errors.Refused, run) == "ghcr.io refused the user name or password: denied: denied"
    assert "personal access token" in str(run.error.hint)


def test_a_refusal_with_a_challenge_of_its_own_is_a_refusal() -> None:  # case 81
    run = Run(ASKS, answer(401, "", 'Basic realm="t"'))
    refused(errors.Refused, run)


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (401, {"details": "D"}, errors.Refused),  # case 87
        (401, "<p>D", errors.Refused),
        (401, {"error_description": "D"}, errors.Refused),
        (403, "denied: access denied by policy: D", errors.Denied),
        (400, "D", errors.ProtocolError),  # case 84
        (404, "D", errors.ProtocolError),
        (429, "D", errors.RateLimited),
        (500, "D", errors.RegistryTrouble),  # case 86
        (503, "D", errors.RegistryTrouble),
        (304, "", errors.ProtocolError),
    ],
)
def test_other_answers_of_the_token_server(status: int, words: object, kind: type[errors.DockpassError]) -> None:
    message = refused(kind, Run(ASKS, answer(status, words)))
    assert message.startswith("t.r.example, the token server of r.example, ")
    assert message.endswith("D") or not words


def test_a_refusal_without_words() -> None:  # case 87
    message = refused(errors.Refused, Run(ASKS, answer(401)))
    assert message == "t.r.example, the token server of r.example, refused the user name or password"


@pytest.mark.parametrize("server", ["quay.io", "public.ecr.aws"])
def test_a_400_that_means_a_garbled_password(server: str) -> None:  # case 84
    ping = answer(401, "", f'Bearer realm="https://{server}/token",service="s"')
    run = Run(ping, error(400, "DENIED", "D"), server=server)
    assert "could not read" in refused(errors.Refused, run)
    assert run.error.message.endswith("D")


def test_the_token_server_is_waited_for_as_the_registry_is() -> None:  # case 85
    run = Run(ASKS, answer(429, "", retry_after="1"), TOKEN, answer(503, "", retry_after="9"), OPEN)
    assert [step.pause for step in run.steps] == [0, 0, 1, 0, 9]
    assert run.shown[1] == run.shown[2] == BASIC
    refused(errors.RateLimited, Run(ASKS, answer(429, "", retry_after="3600")))
    refused(errors.Refused, Run(ASKS, answer(429, "", retry_after="1"), answer(401, "", retry_after="1")))


def test_the_password_that_an_error_repeats_is_covered() -> None:
    said = f"no: hunter2 {BASIC[6:]} %68unter2"
    message = refused(errors.Refused, Run(ASKS, error(401, message=said)))
    assert message.endswith(": ****")
    message = refused(errors.Refused, Run(ASKS, error(401, message=said.rpartition(" ")[0])))
    assert message.endswith("no: **** ****")
    message = refused(errors.Denied, Run(ASKS, TOKEN, answer(403, "bad the-token")))
    assert message.endswith("bad ****")


def test_words_are_on_one_line_and_cut() -> None:  # case 136
    message = refused(errors.Refused, Run(ASKS, error(401, message="\x1b]0;x\x07\x9b\u202e\r" + "x" * 1000)))
    _ours, words = message.split(": ", 1)
    assert words.startswith(r"unauthorized: \x1b]0;x\x07\x9b\u202e\x0dxxx")
    assert len(words) == 512


def test_a_token_request_may_be_redirected_within_its_origin() -> None:  # case 80
    run = Run(ASKS, answer(302, location="/token2"), TOKEN, OPEN)
    assert run.asked[2] == "GET https://t.r.example/token2"
    assert run.shown[1] == run.shown[2] == BASIC
    assert run.steps[2].reach == LIKE_REGISTRY
    assert run.steps[2].wants_token
    assert Run(ASKS, *[answer(302, location="/t")] * 3, TOKEN, OPEN).outcome
    refused(errors.ProtocolError, Run(ASKS, *[answer(302, location="/t")] * 4))


@pytest.mark.parametrize(
    "location", ["https://other.example/token", "https://r.example/token", "http://t.r.example/token"]
)
def test_a_token_request_is_not_redirected_elsewhere(location: str) -> None:  # case 80
    refused(errors.RedirectedElsewhere, Run(ASKS, answer(302, location=location)))


def test_a_token_request_is_not_redirected_from_http_to_https() -> None:
    ping = answer(401, "", 'Bearer realm="/token"')
    run = Run(ping, answer(302, location="https://127.0.0.1:5000/token"), server="127.0.0.1:5000", scheme="http")
    refused(errors.RedirectedElsewhere, run)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"token":""}', '{"token":"a b"}', "hunter2"])
def test_an_answer_without_a_token_is_no_login(body: str) -> None:  # cases 91 to 93
    message = refused(errors.ProtocolError, Run(ASKS, answer(200, body)))
    assert message.startswith("t.r.example, the token server of r.example, gave")


def test_an_answer_that_was_too_long_is_no_login() -> None:  # case 108
    assert "128 KiB" in refused(errors.ProtocolError, Run(ASKS, Response(200, complete=False)))


def test_a_token_that_is_not_accepted_is_tried_once_more() -> None:  # case 113
    run = Run(ASKS, TOKEN, ASKS, OPEN)
    assert run.shown[2] == run.shown[3] == "Bearer the-token"
    assert run.steps[3].pause > 0
    assert run.outcome
    run = Run(ASKS, TOKEN, ASKS, error(401, message="expired"))
    assert "does not accept the token" in refused(errors.ProtocolError, run)
    assert "clock" in str(run.error.hint)
    refused(errors.ProtocolError, Run(ASKS, TOKEN, answer(401), answer(401)))


def test_a_registry_that_asks_for_basic_after_a_token_refuses_the_credentials() -> None:  # case 156
    again = answer(401, {"details": "no such user"}, 'Basic realm=openshift,error="x"')
    run = Run(ASKS, TOKEN, again)
    assert refused(errors.Refused, run) == "r.example refused the user name or password: no such user"
    run = Run(ASKS, TOKEN, again, credential=IDENTITY)
    refused(errors.LoginExpired, run)


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (404, "", errors.NotARegistry),  # case 115
        (403, "by policy", errors.Denied),
        (403, "bad credentials", errors.Refused),
        (400, "x", errors.ProtocolError),
        (500, "x", errors.RegistryTrouble),
        (204, "", errors.ProtocolError),
    ],
)
def test_other_answers_to_a_token(status: int, words: str, kind: type[errors.DockpassError]) -> None:
    assert refused(kind, Run(ASKS, TOKEN, answer(status, words))).endswith(words)


def test_an_identity_token_that_is_issued_is_handed_out() -> None:  # case 99
    given = answer(200, {"token": "the-token", "refresh_token": "identity"})
    kept: list[Secret] = []
    run = Run(ASKS, given, OPEN, rotated=kept.append)
    assert run.outcome is not None
    assert run.outcome.identity_token == Secret("identity")
    assert kept == []


# Identity tokens


def test_a_login_by_identity_token() -> None:  # cases 77, 154
    run = Run(ASKS, TOKEN, OPEN, credential=IDENTITY)
    post = run.steps[1]
    assert run.asked[1] == "POST https://t.r.example/token"
    assert parse_qs(post.body.decode(), keep_blank_values=True) == {
        "grant_type": ["refresh_token"],
        "service": ["s"],
        "client_id": ["dockpass"],
        "refresh_token": ["identity-old"],
    }
    assert run.shown == ["", "", "Bearer the-token"]
    assert run.outcome is not None
    assert run.outcome.identity_token is None


def test_a_new_identity_token_is_handed_out_at_once() -> None:  # cases 101, 154
    given = answer(200, {"access_token": "the-token", "refresh_token": "identity-new"})
    kept: list[Secret] = []
    run = Run(ASKS, given, OPEN, credential=IDENTITY, rotated=kept.append)
    assert run.outcome is not None
    assert run.outcome.identity_token == Secret("identity-new")
    assert kept == [Secret("identity-new")]
    run = Run(ASKS, given, answer(500, "identity-new"), credential=IDENTITY, rotated=kept.append)
    assert "identity-new" not in refused(errors.RegistryTrouble, run)
    assert len(kept) == 2
    assert Run(ASKS, given, OPEN, credential=IDENTITY).outcome


def test_the_same_identity_token_again_is_none() -> None:
    given = answer(200, {"token": "the-token", "refresh_token": "identity-old"})
    kept: list[Secret] = []
    run = Run(ASKS, given, OPEN, credential=IDENTITY, rotated=kept.append)
    assert run.outcome is not None
    assert run.outcome.identity_token is None
    assert kept == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"errors": [{"code": "UNAUTHORIZED", "message": "bad refresh token"}]}),
        (400, {"error": "invalid_grant"}),
        (403, {"errors": [{"code": "DENIED", "message": "denied"}]}),
    ],
)
def test_a_refused_identity_token_has_expired(status: int, body: object) -> None:  # case 103
    run = Run(ASKS, answer(status, body), credential=IDENTITY)
    assert "refused the identity token kept for it: " in refused(errors.LoginExpired, run)
    assert run.error.hint == "log in again: dockpass login -u NAME r.example"


@pytest.mark.parametrize("status", [404, 405])
def test_a_token_server_without_identity_tokens(status: int) -> None:  # case 78
    run = Run(ASKS, answer(status), credential=IDENTITY)
    assert "takes no identity tokens" in refused(errors.Refused, run)
    assert len(run.steps) == 2


@pytest.mark.parametrize("location", ["/token2", "https://other.example/token", ""])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_identity_token_is_never_redirected(status: int, location: str) -> None:  # case 79
    run = Run(ASKS, answer(status, location=location), credential=IDENTITY)
    assert run.error.id in ("redirected-elsewhere", "protocol-error")


@pytest.mark.parametrize("status", [429, 503])
def test_an_identity_token_is_sent_once(status: int) -> None:
    run = Run(ASKS, answer(status, retry_after="1"), credential=IDENTITY)
    assert "asks to wait 1 second" in run.error.message


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, errors.ProtocolError), (403, errors.Denied), (500, errors.RegistryTrouble)],
)
def test_other_answers_to_an_identity_token(status: int, kind: type[errors.DockpassError]) -> None:
    refused(kind, Run(ASKS, answer(status, {"error": "other"}), credential=IDENTITY))


def test_a_warning_of_the_token_server_is_heard() -> None:
    given = answer(200, {"token": "t-o-k-e-n"}, warning='299 - "soon"')
    assert Run(ASKS, given, OPEN, credential=IDENTITY).notes == ["r.example says: soon"]


# Whatever is answered


def _scripts() -> list[Callable[[Step], Response]]:
    return [
        lambda _step: answer(302, location="/v2/"),
        lambda _step: answer(429, "", retry_after="0"),
        lambda step: ASKS if not step.wants_token else TOKEN,
        lambda _step: ASKS_BASIC,
        lambda step: answer(302, location=step.target + "x") if len(step.target) % 2 else ASKS,
    ]


@pytest.mark.parametrize("script", _scripts())
@pytest.mark.parametrize("credential", [ALICE, IDENTITY])
def test_every_conversation_ends_in_less_than_twenty_requests(
    script: Callable[[Step], Response], credential: Credential
) -> None:
    flow = log_in(Server.parse("r.example"), credential, origin=Origin("https", "r.example", 443))
    step = next(flow)
    for _sent in range(1, 20):
        try:
            step = flow.send(script(step))
        except (errors.RegistryError, StopIteration):
            return
    raise AssertionError("no end")


_HEADERS = st.lists(
    st.one_of(
        st.tuples(
            st.just("www-authenticate"),
            st.sampled_from(
                [
                    BEARER,
                    'Basic realm="x"',
                    'Bearer realm="https://other.example/token"',
                    'Bearer realm="http://r.example/token"',
                    'Bearer realm="/token"',
                    'Bearer realm="https://r.example:8443/token"',
                    'Bearer realm="https://t.r.example\\\\@evil.example/"',
                ]
            )
            | st.text(max_size=20),
        ),
        st.tuples(
            st.just("location"),
            st.sampled_from(
                [
                    "/v2/",
                    "https://r.example/v2/x",
                    "http://r.example/v2/",
                    "https://evil.example/v2/",
                    "//evil.example/",
                ]
            )
            | st.text(max_size=20),
        ),
        st.tuples(st.just("retry-after"), st.sampled_from(["0", "1", "9", "99"]) | st.text(max_size=5)),
        st.tuples(st.just("warning"), st.sampled_from(['299 - "hunter2 \x1b"']) | st.text(max_size=20)),
        st.tuples(st.just("content-type"), st.sampled_from(["application/json", "text/html"])),
    ),
    max_size=4,
)
_BODIES = st.one_of(
    st.sampled_from([b"", b"{}", b"<html>hunter2", b'{"token":"a"}', b'{"token":"a","refresh_token":"b"}']),
    st.sampled_from([b'{"errors":[{"code":"DENIED","message":"hunter2"}]}', b"hunter2 \x1b[31m"]),
    st.binary(max_size=20),
)
_STATUSES = st.sampled_from([200, 200, 401, 401, 401, 403, 302, 307, 400, 404, 429, 500, 503, 204])
_ANSWERS = st.builds(Response, _STATUSES, _HEADERS.map(tuple), _BODIES, complete=st.sampled_from([True, True, False]))


@given(
    st.lists(_ANSWERS, min_size=1, max_size=8),
    st.sampled_from([ALICE, Credential("alice", "hunter2", is_identity_token=True)]),
    st.sampled_from(["https", "http"]),
    st.booleans(),
)
def test_whatever_is_answered_the_secret_goes_where_it_may(
    answers: list[Response], credential: Credential, scheme: str, verify: bool
) -> None:
    server = Server.parse("r.example", plain_http=True)
    flow = log_in(server, credential, origin=Origin(scheme, "r.example", 443), verify=verify)
    notes: list[str] = []
    secure = scheme == "https"
    try:
        step = next(flow)
        for one in (answers * 20)[:20]:
            if dict(step.headers).get("Authorization") or step.body:
                where = {"https://r.example", "https://t.r.example", "https://r.example:8443"}
                assert str(step.origin) in where | (set() if secure else {"http://r.example:443"})
            secure = secure or (step.reach == ANY and step.origin.scheme == "https")
            assert not (secure and step.origin.scheme == "http")
            step = flow.send(one)
        raise AssertionError("no end")
    except StopIteration as done:
        notes = done.value.notes
    except errors.RegistryError as caught:
        notes = [caught.message, str(caught.hint)]
    for note in notes:
        assert note.isprintable()
        assert "hunter2" not in note
