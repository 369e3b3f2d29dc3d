"""Tokens in memory: for whom, for what, and for how long."""

from __future__ import annotations

import copy
import pickle
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Credential, Secret
from dockpass.http.address import Origin
from dockpass.registry import challenge, token
from dockpass.registry.tokens import cache as module
from dockpass.registry.tokens import scope
from dockpass.registry.tokens.cache import Cache, Holder, Kept
from dockpass.registry.tokens.way import Place, Way
from dockpass.server import Server

if TYPE_CHECKING:
    from dockpass.registry.tokens.scope import Scope

R = Origin("https", "r.example", 443)
ALICE = Credential("alice", "hunter2")
BEARER = 'Bearer realm="https://t.r.example/token",service="s"'
PULL = scope.parse("repository:a:pull")
BOTH = scope.parse("repository:a:pull,push")


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def way(line: str = BEARER, origin: Origin = R) -> Way:
    return Way(origin, challenge.parse([line]))


def kept(cache: Cache, scopes: tuple[Scope, ...] = PULL, value: str = "t", life: float = 300) -> Kept:
    return Kept(Secret(value), scopes, cache.now(), life)


def keep(cache: Cache, holder: Holder, one: Kept) -> None:
    turn, mine = cache.begin(holder, one.scopes)
    assert mine
    cache.keep(holder, one, turn)
    cache.finish(turn)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> Cache:
    return Cache(clock)


@pytest.fixture
def alices(cache: Cache) -> Holder:
    return cache.holder(Place(R), way(), ALICE)


# For whom


def test_a_token_is_found_again(cache: Cache, alices: Holder) -> None:
    one = kept(cache)
    keep(cache, alices, one)
    again = cache.holder(Place(R), way(), Credential("alice", "hunter2"))
    assert cache.same(again, PULL) is one
    assert cache.enough(again, PULL) is one


@pytest.mark.parametrize(
    ("place", "line", "credential"),
    [
        (Place(R), BEARER, Credential("bob", "hunter2")),  # case 118
        (Place(R), BEARER, Credential("alice", "hunter3")),  # case 119
        (Place(R), BEARER, Credential("alice", "hunter2", is_identity_token=True)),
        (Place(R), BEARER, None),
        (Place(R), BEARER.replace("t.r.example", "u.r.example"), ALICE),  # case 120
        (Place(R), BEARER.replace("/token", "/other"), ALICE),
        (Place(R), BEARER.replace('"s"', '"z"'), ALICE),
        (Place(R), BEARER.partition(",")[0], ALICE),
        (Place(Origin("https", "r.example", 5000)), BEARER, ALICE),
        (Place(Origin("http", "r.example", 443)), BEARER, ALICE),
        (Place(Origin("https", "s.example", 443)), BEARER, ALICE),
        (Place(R, plain_http=True), BEARER, ALICE),
        (Place(R, certificate=("c.cert", "c.key")), BEARER, ALICE),
    ],
)
def test_a_token_serves_nobody_else(
    cache: Cache, alices: Holder, place: Place, line: str, credential: Credential | None
) -> None:
    keep(cache, alices, kept(cache))
    other = cache.holder(place, way(line), credential)
    assert cache.same(other, PULL) is None
    assert cache.enough(other, PULL) is None
    assert other != alices


def test_where_the_api_is_after_all_counts_too(cache: Cache, alices: Holder) -> None:
    keep(cache, alices, kept(cache))
    other = cache.holder(Place(R), way(origin=Origin("https", "r.example", 8443)), ALICE)
    assert cache.same(other, PULL) is None


def test_a_token_of_one_cache_is_in_no_other(alices: Holder) -> None:
    """And a holder of one means nothing to another: fingerprints are keyed."""
    one, two = Cache(), Cache()
    first, second = (each.holder(Place(R), way(), ALICE) for each in (one, two))
    assert first != second
    keep(one, first, kept(one))
    assert two.same(first, PULL) is None


# For what


def test_a_token_for_more_is_good_for_less_and_not_the_other_way_round(
    cache: Cache, alices: Holder
) -> None:  # case 121
    both = kept(cache, BOTH)
    keep(cache, alices, both)
    assert cache.enough(alices, PULL) is both
    assert cache.enough(alices, ()) is both
    assert cache.same(alices, PULL) is None  # what is handed out may do no more than was asked for
    cache.drop(alices, both)
    keep(cache, alices, kept(cache, PULL))
    assert cache.enough(alices, BOTH) is None
    assert cache.enough(alices, scope.parse("repository:b:pull")) is None


def test_of_several_the_narrowest_is_shown(cache: Cache, alices: Holder) -> None:
    for text in ("repository:a:*", "repository:a:pull,push", "repository:a:pull", "repository:a:delete,pull,push"):
        keep(cache, alices, kept(cache, scope.parse(text)))
    found = cache.enough(alices, PULL)
    assert found is not None
    assert found.scopes == PULL


# For how long


@pytest.mark.parametrize(
    ("answer", "good_for"),
    [
        (b"", 54),  # case 94
        (b',"expires_in":10', 54),
        (b',"expires_in":300', 290),
        (b',"expires_in":"300"', 290),
        (b',"expires_in":-5', 54),
        (b',"expires_in":1e308', 86390),
        (b',"expires_in":300,"issued_at":"1999-01-01T00:00:00Z"', 290),
        (b',"expires_in":300,"issued_at":"2099-01-01T00:00:00Z"', 290),
    ],
)
def test_a_token_is_given_up_before_its_end(
    cache: Cache, clock: Clock, alices: Holder, answer: bytes, good_for: float
) -> None:
    got = token.read(b'{"token":"t"' + answer + b"}", who="t", refresh=False)
    keep(cache, alices, kept(cache, life=got.expires_in))
    clock.time += good_for - 0.001
    assert cache.same(alices, PULL)
    assert cache.enough(alices, PULL)
    clock.time += 0.001
    assert cache.same(alices, PULL) is None
    assert cache.enough(alices, PULL) is None


def test_the_time_of_day_is_of_no_importance(monkeypatch: pytest.MonkeyPatch) -> None:  # case 122
    cache = Cache()
    holder = cache.holder(Place(R), way(), ALICE)
    keep(cache, holder, kept(cache))
    for moved in (-86400, 86400):
        monkeypatch.setattr(time, "time", lambda moved=moved: 1e9 + moved)
        assert cache.same(holder, PULL)


def test_the_clock_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    before = module.clock()
    assert module.clock() >= before
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    before = module.clock()
    assert module.clock() >= before


# Forgetting


@pytest.mark.parametrize("server", ["r.example", "https://R.example/v2/", "r.example:443"])
def test_a_registry_is_forgotten_whoever_the_tokens_are_for(
    cache: Cache, alices: Holder, server: str
) -> None:  # case 125
    everybody = [alices, *(cache.holder(Place(R), way(), one) for one in (None, Credential("bob", "x")))]
    everybody.append(cache.holder(Place(R, plain_http=True, certificate=("c",)), way(), ALICE))
    for holder in everybody:
        keep(cache, holder, kept(cache))
        cache.learn(holder.place, way())
    elsewhere = cache.holder(Place(Origin("https", "r.example", 5000)), way(), ALICE)
    keep(cache, elsewhere, kept(cache))
    cache.learn(elsewhere.place, way())
    cache.forget(Server.parse(server))
    assert all(cache.same(holder, PULL) is None for holder in everybody)
    assert cache.way(Place(R)) is None
    assert cache.same(elsewhere, PULL)
    assert cache.way(elsewhere.place)


def test_a_token_that_is_under_way_is_forgotten_too(cache: Cache, alices: Holder) -> None:
    turn, _mine = cache.begin(alices, PULL)
    cache.forget(Server.parse("r.example"))
    cache.keep(alices, kept(cache), turn)
    cache.finish(turn)
    assert len(cache) == 0
    keep(cache, alices, kept(cache))
    assert len(cache) == 1


def test_only_the_token_that_was_refused_is_dropped(cache: Cache, alices: Holder) -> None:
    old, new = kept(cache, value="old"), kept(cache, value="new")
    keep(cache, alices, old)
    keep(cache, alices, new)
    cache.drop(alices, old)
    assert cache.same(alices, PULL) is new
    cache.drop(alices, new)
    assert cache.same(alices, PULL) is None
    cache.drop(alices, new)


def test_who_gets_another_secret_keeps_the_tokens(cache: Cache) -> None:
    old, new = (Credential("alice", text, is_identity_token=True) for text in ("old", "new"))
    ways = (way(), way(BEARER.replace('"s"', '"z"')))
    for one in ways:
        keep(cache, cache.holder(Place(R), one, old), kept(cache))
    bobs = cache.holder(Place(R), way(), Credential("bob", "x"))
    keep(cache, bobs, kept(cache))
    cache.rename(cache.holder(Place(R), way(), old), cache.holder(Place(R), way(), new))
    for one in ways:
        assert cache.same(cache.holder(Place(R), one, old), PULL) is None
        assert cache.same(cache.holder(Place(R), one, new), PULL)
    assert cache.same(bobs, PULL)


def test_it_does_not_grow_for_ever(cache: Cache, clock: Clock, alices: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 5)
    lives = [100, 300, 200, 400, 500, 600, 700]
    for number, life in enumerate(lives):
        keep(cache, alices, kept(cache, scope.parse(f"repository:a{number}:pull"), life=life))
    assert len(cache) == 5
    assert cache.same(alices, scope.parse("repository:a0:pull")) is None
    assert cache.same(alices, scope.parse("repository:a2:pull")) is None
    clock.time += 450
    keep(cache, cache.holder(Place(R), way(), None), kept(cache, life=60))
    # What is over goes first, and all of it.
    assert len(cache) == 4
    for number in range(10):
        cache.learn(Place(Origin("https", f"r{number}.example", 443)), way())
    assert cache.way(Place(Origin("https", "r4.example", 443))) is None
    assert cache.way(Place(Origin("https", "r5.example", 443)))


# Nothing to be seen


def test_no_secret_is_to_be_seen(cache: Cache, alices: Holder) -> None:
    keep(cache, alices, kept(cache, value="the-token"))
    for one in (cache, cache.same(alices, PULL), alices, Place(R), way()):
        assert "the-token" not in repr(one)
        assert "hunter2" not in repr(one)
    assert "hunter2" not in str(alices.account)
    assert "<Cache with 1 tokens>" in repr(cache)
    assert cache
    for put_away in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            put_away(cache)


def test_a_place_and_a_holder_are_values(cache: Cache, alices: Holder) -> None:
    assert Place(R) == Place(Origin("https", "r.example", 443))
    assert hash(Place(R)) == hash(Place(Origin("https", "r.example", 443)))
    assert Place(R) != "r.example"
    assert alices != "alice"


@given(
    st.lists(
        st.tuples(st.sampled_from(["keep", "drop", "forget", "later"]), st.integers(0, 2), st.integers(0, 3)),
        max_size=20,
    )
)
def test_what_is_found_was_kept_for_the_same_one_and_is_still_good(acts: list[tuple[str, int, int]]) -> None:
    clock = Clock()
    cache = Cache(clock)
    holders = [cache.holder(Place(R), way(), Credential("alice", f"secret{number}")) for number in range(3)]
    scopes = [scope.parse(f"repository:a:{actions}") for actions in ("pull", "push", "pull,push", "*")]
    model: dict[Any, Kept] = {}
    for act, who, what in acts:
        key = (who, scopes[what])
        if act == "keep":
            model[key] = kept(cache, scopes[what])
            keep(cache, holders[who], model[key])
        elif act == "drop" and key in model:
            cache.drop(holders[who], model.pop(key))
        elif act == "forget":
            cache.forget(Server.parse("r.example"))
            model.clear()
        else:
            clock.time += 100
    for who, holder in enumerate(holders):
        for wanted in scopes:
            there = model.get((who, wanted))
            assert cache.same(holder, wanted) is (there if there is not None and there.end > clock.time else None)
            found = cache.enough(holder, wanted)
            good = [one for (whose, _), one in model.items() if whose == who and one.end > clock.time]
            assert (found is not None) is any(scope.cover(one.scopes, wanted) for one in good)
            assert found is None or (found in good and scope.cover(found.scopes, wanted))
