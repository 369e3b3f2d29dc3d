"""The error tree is closed, drawn, and each leaf has an id of its own."""

from __future__ import annotations

import re

import pytest

from dockpass import errors


def _classes() -> list[type[errors.DockpassError]]:
    return [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.DockpassError)
    ]


def test_every_error_has_its_own_kebab_case_id() -> None:
    ids = [kind.id for kind in _classes()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", id_) for id_ in ids)


def test_the_tree_at_the_top_is_the_tree() -> None:
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.fullmatch(r"    ([│ ├└─]*)(\w+)(?: +([a-z-]+))?", line)
        if found is None:
            continue
        depth = len(found[1]) // 4
        path[depth:] = [found[2]]
        drawn[found[2]] = path[depth - 1] if depth else "Exception"
        kind = getattr(errors, found[2])
        assert found[3] in (None, kind.id)
        assert found[3] is not None or "never raised itself" in (kind.__doc__ or "")
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in _classes()}


@pytest.mark.parametrize("kind", _classes(), ids=lambda kind: kind.__name__)
def test_every_error_carries_a_message_and_perhaps_a_hint(kind: type[errors.DockpassError]) -> None:
    assert str(kind("it broke")) == "it broke"
    error = kind("it broke", "mend it")
    assert (error.message, error.hint) == ("it broke", "mend it")
    assert kind("it broke").hint is None
