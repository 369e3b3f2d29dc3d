"""Tokens and requests over real sockets."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockpass import errors
from dockpass.credential import Credential, Secret
from dockpass.http.deadline import Deadline
from dockpass.registry.driver import Connections, drive
from dockpass.registry.network import Network
from dockpass.registry.tokens import access, follow, obtain, scope
from dockpass.registry.tokens.admission import Admission
from dockpass.registry.tokens.cache import Cache
from dockpass.registry.tokens.turn import on_threads
from dockpass.server import Server
from dockpass.testing.answers import Answer, error_answer, json_answer, redirect
from dockpass.testing.listener import Listener
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dockpass.http.message import Response
    from dockpass.registry.tokens.cache import Kept
    from dockpass.testing.answers import Script
    from dockpass.testing.received import Received

USERS = {"alice": "hunter2", "bob": "builder"}
ALICE = Credential("alice", "hunter2")
PULL = "repository:team/app:pull"


@pytest.fixture
def cache() -> Cache:
    return Cache()


@pytest.fixture
def registry() -> Iterator[ScriptedRegistry]:
    with ScriptedRegistry(USERS, auth="bearer") as registry:
        yield registry


def token(
    registry: ScriptedRegistry | str,
    cache: Cache,
    scopes: str = PULL,
    credential: Credential | None = ALICE,
    **options: Any,
) -> Kept:
    address = registry if isinstance(registry, str) else registry.address
    options.setdefault("environ", {})
    return obtain.token(Server.parse(address), scope.parse(scopes), credential, cache=cache, **options)


class Client:
    """Requests over our own connections."""

    def __init__(self, registry: ScriptedRegistry, cache: Cache, credential: Credential | None = ALICE) -> None:
        server = Server.parse(registry.address)
        self.admission = Admission(server, credential, origin=server.origin("http"), cache=cache)
        self.server = server

    def get(self, target: str) -> Response:
        return self._drive(follow.get(self.admission, target))

    def send(self, method: str, target: str) -> Response:
        return self._drive(access.send(self.admission, method, target))

    def _drive(self, flow: Any) -> Response:
        deadline = Deadline(30)
        connections = Connections(
            self.server, deadline=deadline, network=Network(), environ={}, note=lambda _text: None
        )
        try:
            answer: Response = drive(on_threads(flow, deadline), connections)
            return answer
        finally:
            connections.close()


def together(count: int, act: Callable[[], Any]) -> list[Any]:
    """What comes of an act on so many threads at once, errors too."""
    start = threading.Barrier(count, timeout=60)
    found: list[Any] = []

    def run() -> None:
        start.wait()
        try:
            found.append(act())
        except errors.DockpassError as error:
            found.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == count
    return found


# Tokens


def test_a_token_is_good_for_what_it_was_asked_for(registry: ScriptedRegistry, cache: Cache) -> None:
    kept = token(registry, cache)
    grant = registry.token_server.grant(kept.value.reveal())
    assert grant is not None
    assert (grant.user, grant.access) == ("alice", {"team/app": frozenset({"pull"})})


def test_a_second_one_costs_nothing_at_all(registry: ScriptedRegistry, cache: Cache) -> None:  # case 116
    first = token(registry, cache)
    before, connections = len(registry.requests), registry.connections
    assert token(registry, cache) is first
    assert (len(registry.requests), registry.connections) == (before, connections)


def test_nobodys_token(cache: Cache) -> None:  # case 75
    with ScriptedRegistry(USERS, auth="bearer", anonymous=True) as registry:
        kept = token(registry, cache, credential=None)
        (asked,) = registry.asked("/token")
        assert asked.header("authorization") is None
        assert not {"account", "offline_token"} & set(asked.query)
        grant = registry.token_server.grant(kept.value.reveal())
        assert grant is not None
        assert grant.user is None


def gathered(registry: ScriptedRegistry, credential: Credential | None) -> list[Any]:
    """What twenty threads get for this login at once: the token server answers when nineteen wait for the first."""
    everybody = threading.Semaphore(0)

    class Counting(Cache):
        def begin(self, *words: Any) -> Any:
            turn, mine = super().begin(*words)
            if not mine and words[1:]:
                everybody.release()
            return turn, mine

    def slowly(request: Received) -> Script:
        for _ in range(19):
            assert everybody.acquire(timeout=60)
        return registry._behave(request)

    registry.answer("/token", slowly)
    counting = Counting()
    return together(20, lambda: token(registry, counting, credential=credential))


@pytest.mark.parametrize("credential", [ALICE, None])
def test_twenty_threads_ask_once(credential: Credential | None) -> None:  # case 117
    with ScriptedRegistry(USERS, auth="bearer", anonymous=True) as registry:
        found = gathered(registry, credential)
        assert len({kept.value.reveal() for kept in found}) == 1
        assert len(registry.asked("/token")) == 1
        assert len(registry.asked("/v2/")) == 1


def test_twenty_threads_are_refused_once(registry: ScriptedRegistry) -> None:
    refusals = gathered(registry, Credential("alice", "hunter3"))
    assert {type(error) for error in refusals} == {errors.Refused}
    assert len({id(error) for error in refusals}) == 20
    assert len(registry.asked("/token")) == 1


def test_each_account_has_its_own(registry: ScriptedRegistry, cache: Cache) -> None:  # case 118
    alices, bobs = token(registry, cache), token(registry, cache, credential=Credential("bob", "builder"))
    assert alices.value != bobs.value
    assert len(registry.asked("/token")) == 2
    with pytest.raises(errors.Refused):  # and a user name alone opens nothing  # case 119
        token(registry, cache, credential=Credential("alice", "wrong"))


def test_a_token_that_is_over_is_not_given_again(cache: Cache) -> None:
    cache.now = lambda: 0.0
    with ScriptedRegistry(USERS, auth="bearer", expires_in=100) as registry:
        first = token(registry, cache)
        cache.now = lambda: 89.0
        assert token(registry, cache) is first
        cache.now = lambda: 90.0
        assert token(registry, cache) is not first


def test_with_another_client_certificate_it_is_another_place(
    authority: Any, cache: Cache, trusting: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    with ScriptedRegistry(USERS, auth="bearer", tls=authority.server) as secure:
        environ = trusting(secure.address, client=True)
        first = token(secure, cache, environ=environ)
        assert token(secure, cache, environ=environ) is first
        assert len(secure.asked("/token")) == 1
        folder = tmp_path / "config" / "containers" / "certs.d" / secure.address
        (folder / "client.cert").unlink()
        (folder / "client.key").unlink()
        assert token(secure, cache, environ=environ) is not first
        assert len(secure.asked("/token")) == 2


def test_what_goes_wrong_comes_out(cache: Cache) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    with pytest.raises(errors.Unreachable):
        token(f"127.0.0.1:{port}", cache)
    with ScriptedRegistry(USERS, auth="basic") as registry, pytest.raises(errors.NoChallenge):
        token(registry, cache)


def test_an_identity_token_is_exchanged_once_by_twenty_threads(cache: Cache) -> None:  # case 101
    with ScriptedRegistry(USERS, auth="bearer", refresh_tokens=True, rotate=True) as registry:
        first = registry.token_server.issue_refresh_token("alice")
        kept = [Credential("alice", first, is_identity_token=True)]
        lock = threading.Lock()

        def exchange(used: Credential, new: Credential) -> None:
            with lock:
                assert kept == [used]
                kept[:] = [new]

        def act() -> Kept:
            credential = Credential("alice", first, is_identity_token=True)
            return token(registry, cache, credential=credential, rotated=exchange, stored=lambda: kept[0])

        found = together(20, act)
        assert all(isinstance(one.value, Secret) for one in found), found
        # Who came when all was over had the old one still, and found the new one in the store.
        assert registry.token_server.refresh_token_user(kept[0].secret.reveal()) == "alice"
        assert all(first not in str(request.headers) for request in registry.requests)


# Requests


def test_a_request_is_let_in(registry: ScriptedRegistry, cache: Cache) -> None:
    client = Client(registry, cache)
    answer = client.get("/v2/team/app/tags/list")
    assert (answer.status, answer.body) == (200, b'{"name": "team/app", "tags": ["1.0"]}')
    assert client.send("HEAD", "/v2/team/app/manifests/1.0").status == 200
    assert len(registry.asked("/token")) == 1


@pytest.mark.parametrize(
    "stale",
    [
        error_answer(400, "DENIED", "Your Authorization Token is invalid."),
        Answer(403, "Your authorization token has expired. Reauthenticate and try again."),
        Answer(401),
        None,
    ],
)
def test_a_token_that_was_withdrawn_is_renewed(
    registry: ScriptedRegistry, cache: Cache, stale: Answer | None
) -> None:  # cases 123, 124, 152
    client = Client(registry, cache)
    target = "/v2/team/app/tags/list"
    client.get(target)
    registry.token_server.withdraw()
    registry.answer(target, stale)
    assert client.get(target).status == 200
    assert len(registry.asked("/token")) == 2
    assert len(registry.asked(target)) == 3


def test_a_basic_registry(cache: Cache) -> None:
    with ScriptedRegistry(USERS, auth="basic") as registry:
        assert Client(registry, cache).get("/v2/team/app/tags/list").status == 200
        assert Client(registry, cache, None).get("/v2/team/app/tags/list").status == 401


@pytest.fixture
def storage() -> Iterator[tuple[Listener, list[Received], list[Script]]]:
    """Somebody else, on another port; what came in there, and what it answers."""
    received: list[Received] = []
    answers: list[Script] = []

    def respond(request: Received) -> Script:
        received.append(request)
        return answers.pop(0)

    listener = Listener(socket.create_server(("127.0.0.1", 0)), respond)
    with closing(listener):
        yield listener, received, answers


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_content_elsewhere_and_the_way_back(
    auth: Any, cache: Cache, storage: tuple[Listener, list[Received], list[Script]]
) -> None:  # cases 126, 128, 129
    listener, received, answers = storage
    with ScriptedRegistry(USERS, auth=auth) as registry:
        digest = next(iter(registry._tiny.blobs))
        blob = f"/v2/team/app/blobs/{digest}"
        away = redirect(f"http://127.0.0.1:{listener.port}/storage")
        client = Client(registry, cache)

        registry.answer(blob, away)
        answers.append(Answer(200, b"content"))
        assert client.get(blob).body == b"content"

        registry.answer(blob, away)
        answers.append(redirect(f"{registry.url}{blob}"))
        assert client.get(blob).status == 401  # the registry itself, which is shown nothing any more

        registry.answer(blob, away)
        challenge = ("WWW-Authenticate", f'Bearer realm="http://127.0.0.1:{listener.port}/token"')
        answers.append(Answer(401, b"", (challenge, ("WWW-Authenticate", 'Basic realm="x"'))))
        assert client.get(blob).status == 401

        assert [request.path for request in received] == ["/storage"] * 3
        assert all(request.header("authorization") is None for request in received)
        assert [request.header("authorization") is None for request in registry.asked(blob)] == [
            False,
            False,
            True,
            False,
        ]


def test_content_at_an_address_where_it_must_not_be(cache: Cache, registry: ScriptedRegistry) -> None:
    blob = f"/v2/team/app/blobs/{next(iter(registry._tiny.blobs))}"
    for where in ("http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/x"):
        registry.answer(blob, redirect(where))
        with pytest.raises(errors.RedirectedElsewhere, match="which is at"):
            Client(registry, cache).get(blob)


def test_cookies_are_for_nobody(cache: Cache, registry: ScriptedRegistry) -> None:
    cookie = ("Set-Cookie", "session=1; Path=/")
    registry.answer("/v2/", Answer(401, b"", (cookie, ("WWW-Authenticate", f'Bearer realm="{registry.realm}"'))))
    registry.answer("/token", json_answer({"token": "x"}, headers=(cookie,)))
    registry.answer("/v2/team/app/tags/list", Answer(200, b"", (cookie,)))
    client = Client(registry, cache)
    client.get("/v2/team/app/tags/list")
    client.get("/v2/team/app/manifests/1.0")
    assert all(request.header("cookie") is None for request in registry.requests)


@pytest.mark.usefixtures("names")
def test_plain_http_by_the_rules_of_a_login(registry: ScriptedRegistry, cache: Cache, tmp_path: Path) -> None:
    name = f"r.test:{registry.port}"
    environ = {"HOME": str(tmp_path), "CONTAINERS_REGISTRIES_CONF": str(tmp_path / "registries.conf")}
    (tmp_path / "registries.conf").write_text("")
    with pytest.raises(errors.TLSFailed, match="speaks plain HTTP, not TLS"):
        token(name, cache, environ=environ)
    assert registry.requests == []
    (tmp_path / "registries.conf").write_text(f'[[registry]]\nlocation = "{name}"\ninsecure = true\n')
    registry.answer("/v2/", Answer(401, b"", (("WWW-Authenticate", 'Bearer realm="/token"'),)))
    first = token(name, cache, environ=environ)
    assert token(name, cache, environ=environ) is first
    assert len(registry.asked("/token")) == 1
