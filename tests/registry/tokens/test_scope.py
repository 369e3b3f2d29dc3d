"""Scopes, and the one form in which they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.errors import UsageError
from dockpass.registry.tokens import scope
from dockpass.registry.tokens.scope import Scope

KINDS = st.sampled_from(["repository", "registry", "repository(plugin)"])
NAMES = st.sampled_from(["a", "team/app", "catalog", "reg.example.com:5000/team/app"])
ACTIONS = st.lists(st.sampled_from(["pull", "push", "delete", "metadata_read", "*"]), min_size=1, max_size=4)
SCOPES = st.builds(Scope, KINDS, NAMES, ACTIONS)
LISTS = st.lists(SCOPES, max_size=5).map(scope.canonical)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("repository:team/app:pull", "repository:team/app:pull"),
        ("repository:a:push,pull,push", "repository:a:pull,push"),
        ("repository:a:pull,*", "repository:a:*"),
        ("registry:catalog:*", "registry:catalog:*"),
        ("repository(plugin):a:pull", "repository(plugin):a:pull"),
        ("repository:reg.example.com:5000/team/app:pull", "repository:reg.example.com:5000/team/app:pull"),
        ("repository:localhost:5000/app:pull", "repository:localhost:5000/app:pull"),
        ("repository:b:pull repository:a:pull,push", "repository:a:pull,push repository:b:pull"),
        ("repository:a:push  repository:a:pull", "repository:a:pull,push"),
        ("repository:a:push repository:a:*", "repository:a:*"),
        ("repository:a:pull repository(plugin):a:pull", "repository:a:pull repository(plugin):a:pull"),
        ("", ""),
    ],
)
def test_one_form_for_all_that_mean_the_same(text: str, canonical: str) -> None:
    assert " ".join(map(str, scope.parse(text))) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "aws",
        "*",
        "repository:a",
        "repository:a:",
        "repository::pull",
        ":a:pull",
        "repository:a:pull,",
        "Repository:a:pull",
        "repository():a:pull",
        "repository(x:a:pull",
        "repository(x)y:a:pull",
        "repository:A:pull",
        "repository:../a:pull",
        "repository:a/../b:pull",
        "repository:a%2fb:pull",
        "repository:a:b:pull",
        "repository:reg.example.com:port/a:pull",
        "repository:reg.example.com:123456/a:pull",
        "repository:-.example.com/a:pull",
        "repository:a:PULL",
        "repository:a:pull&service=x",
        "repository:a:" + "p" * 65,
        "repository:" + "a" * 256 + ":pull",
    ],
)
def test_what_is_no_scope_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a scope"):
        scope.parse(text)


def test_a_repositorys_name_is_checked() -> None:
    assert str(scope.repository("team/app", "push", "pull")) == "repository:team/app:pull,push"
    for bad in ("reg.example.com:5000/app", "../app", ""):
        with pytest.raises(UsageError):
            scope.repository(bad, "pull")
    with pytest.raises(UsageError):
        scope.repository("app")


def test_a_scope_is_a_value() -> None:
    one, two = scope.repository("a", "pull", "push"), scope.repository("a", "push", "pull")
    assert one == two
    assert hash(one) == hash(two)
    assert one != scope.repository("a", "pull")
    assert one != "repository:a:pull,push"
    assert repr(one) == "Scope('repository:a:pull,push')"


@given(LISTS)
def test_what_is_written_is_read_back(scopes: tuple[Scope, ...]) -> None:
    assert scope.parse(" ".join(map(str, scopes))) == scopes
    assert scope.canonical(scopes) == scopes


@given(st.lists(SCOPES, max_size=5), st.randoms())
def test_order_and_repetition_do_not_matter(scopes: list[Scope], chance: object) -> None:
    shuffled = scopes + scopes
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert scope.canonical(shuffled) == scope.canonical(scopes)


@given(LISTS, LISTS)
def test_a_token_for_more_is_good_for_less_and_never_the_other_way_round(
    one: tuple[Scope, ...], two: tuple[Scope, ...]
) -> None:
    both = scope.canonical((*one, *two))
    assert scope.cover(both, one)
    assert scope.cover(both, two)
    if scope.cover(one, two) and scope.cover(two, one):
        assert one == two
    if not scope.cover(one, two):
        assert not scope.cover(one, both)


@given(st.text(max_size=40))
def test_any_text_is_a_scope_or_refused(text: str) -> None:
    try:
        found = scope.parse(text)
    except UsageError as error:
        assert error.message.isprintable()
    else:
        assert scope.parse(" ".join(map(str, found))) == found
