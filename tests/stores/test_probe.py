"""Whether a store can be used here: it says so in a few words, and asks nobody."""

from __future__ import annotations

import pytest

from dockpass.errors import StoreLocked
from dockpass.stores.beside import Beside
from dockpass.stores.marked import Marked
from dockpass.stores.memory import MemoryStore
from dockpass.stores.openbao import OpenBaoStore
from dockpass.stores.password_store import PassStore
from dockpass.stores.secretservice import SecretServiceStore
from dockpass.stores.vaulted import Vaulted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from dockpass.stores.contract import Store


class Absent(MemoryStore):
    prepared = False

    def probe(self) -> str | None:
        return "there is no bus"

    def list(self) -> dict[str, str]:
        self.notes = ["something is odd"]
        return super().list()

    def check_open(self) -> None:
        raise StoreLocked("it is locked")

    def others(self, server: str) -> Sequence[str]:  # noqa: ARG002 - the same for each
        return ["bob"]

    def prepare(self) -> Iterator[None]:
        self.prepared = True
        yield


def test_most_can_be_used_anywhere() -> None:
    assert MemoryStore().probe() is None


def test_what_stands_around_a_store_says_what_it_says(tmp_path: Path) -> None:
    ways: list[Callable[[Store], Store]] = [
        lambda inside: Marked(inside, str(tmp_path)),
        lambda inside: Vaulted(inside, str(tmp_path), routes=True),
        lambda inside: Beside(inside, MemoryStore()),
    ]
    for around in ways:
        inside = Absent()
        store = around(inside)
        assert store.probe() == "there is no bus"
        store.list()
        assert store.notes == ["something is odd"]
        with pytest.raises(StoreLocked):
            store.check_open()
        assert store.others("reg.test") == ["bob"]
        assert list(store.prepare())
        assert inside.prepared


def test_the_password_store(tmp_path: Path) -> None:
    environ = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    assert "is not on PATH" in str(PassStore(environ=environ).probe())
    (tmp_path / "pass").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "pass").chmod(0o755)
    assert PassStore(environ=environ).probe() == f"the password store {tmp_path}/.password-store is not set up"
    (tmp_path / ".password-store").mkdir()
    (tmp_path / ".password-store" / ".gpg-id").write_text("alice\n")
    assert PassStore(environ=environ).probe() is None


@pytest.mark.parametrize("variable", ["BAO_ADDR", "VAULT_ADDR"])
def test_openbao(variable: str) -> None:
    assert OpenBaoStore(environ={}).probe() == "neither BAO_ADDR nor VAULT_ADDR is set"
    assert OpenBaoStore(environ={variable: "https://nowhere.invalid:8200"}).probe() is None


def test_a_keyring_without_a_bus(tmp_path: Path) -> None:
    for environ in ({}, {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/bus"}):
        reason = SecretServiceStore(environ={"XDG_RUNTIME_DIR": str(tmp_path), **environ}).probe()
        assert reason is not None
        assert "\n" not in reason
