"""A home with the vault and two helpers, to move logins between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockpass.account.look_up import get
from dockpass.config import document
from dockpass.stores.bare import Bare, bare
from dockpass.stores.lead import leads
from dockpass.stores.route import choose
from dockpass.testing.helper_program import HelperProgram

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockpass.credential import Credential

STORES = ("file", "age", "scripted", "other")


class House:
    """A place with two helpers of somebody else's beside ours."""

    def __init__(self, place: Any) -> None:
        self.place = place
        self.helpers = {name: HelperProgram(place.tools, name) for name in ("scripted", "other")}

    @property
    def directory(self) -> str:
        return str(self.place.docker)

    @property
    def document(self) -> document.Document:
        return document.read(self.directory)

    def bare(self, name: str) -> Bare:
        return bare(self.document, name, "the test")

    def log_in(self, name: str, logins: Mapping[str, Credential], *, by_default: bool = False) -> None:
        """As ``dockpass login --store``, or as where ``credsStore`` names the store."""
        if by_default:
            self.place.write({"credsStore": "dockpass" if name == "age" else name})
        for key, credential in logins.items():
            choose(self.document, key, store=None if by_default else name).put(key, credential)

    def check(self, name: str, logins: Mapping[str, Credential]) -> None:
        """See that the logins are in this store, in no other, and that docker is led there."""
        assert {key: self.bare(name).store.get(key) for key in logins} == logins
        for other in STORES:
            if other != name:
                assert not set(self.bare(other).store.list()) & set(logins), other
        current = self.document
        helper = {"file": "", "age": "dockpass"}.get(name, name)
        assert {leads(current, key)[0] for key in logins} == {helper}
        assert set(current.cred_helpers.values()) <= {helper}
        assert set(current.auth_keys()) == set(logins)
        assert current.holds_secrets is (name == "file")
        for key, credential in logins.items():
            found = get(key)
            assert found is not None
            assert found == credential


@pytest.fixture
def house(helped: Any, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("DOCKPASS_STORE", "file")
    return House(helped)
