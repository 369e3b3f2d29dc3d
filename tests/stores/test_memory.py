"""The store that forgets."""

from __future__ import annotations

from dockpass.stores.memory import MemoryStore
from dockpass.testing.stores import StoreSuite


class TestMemoryStore(StoreSuite):
    shared = False

    def make_store(self) -> MemoryStore:
        return MemoryStore()


def test_it_is_not_plain_text_on_a_disk() -> None:
    assert MemoryStore.name == "memory"
    assert MemoryStore.plaintext is False
