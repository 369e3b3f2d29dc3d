"""Which store is the default where."""

from __future__ import annotations

import pytest

from dockpass.stores.built_in import STORES
from dockpass.stores.platform_default import default


@pytest.mark.parametrize(
    ("platform", "store"),
    [
        ("darwin", "osxkeychain"),
        ("win32", "wincred"),
        ("linux", "age"),
        ("freebsd14", "age"),
        ("cygwin", "age"),
        ("msys", "age"),
        ("ios", "age"),
        ("", "age"),
    ],
)
def test_the_systems_own_or_the_vault(platform: str, store: str) -> None:
    assert default(platform) == store


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_the_systems_own_is_a_store_of_ours(platform: str) -> None:
    assert default(platform) in STORES
