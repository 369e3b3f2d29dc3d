"""At each registry that is played: a login, a token for a pull with what is kept, and the logout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockpass import errors
from dockpass.account import log_in, log_out, tokens
from dockpass.registry.tokens.cache import Cache
from dockpass.testing import profiles

if TYPE_CHECKING:
    from dockpass.testing.profiles import Profile

    Place = Any

WITH_TOKENS = [one for one in profiles.ALL if one.realm]
WITHOUT = [one for one in profiles.ALL if not one.realm]


@pytest.fixture(autouse=True)
def store(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", "file")
    monkeypatch.setattr(tokens, "CACHE", Cache())


@pytest.mark.parametrize("profile", WITH_TOKENS, ids=lambda one: one.name)
def test_a_token_for_a_pull(profile: Profile) -> None:
    with profile.play() as registry:
        log_in.login(registry.address, profile.username, profile.secret)
        given = tokens.token(f"{registry.address}/team/app", "pull")
        grant = registry.token_server.grant(given.value.reveal())
        assert grant is not None
        assert grant.user == profile.username
        assert grant.access["team/app"] == {"pull"}
        asked = registry.asked(registry.token_path)[-1]
        # Where a password is kept, it is shown to the token server; an identity token is exchanged there.
        assert (asked.method, asked.basic) == (
            ("POST", None) if profile.registry == "acr" else ("GET", (profile.username, profile.secret))
        )
        log_out.logout(registry.address)
        sent = len(registry.requests)
        try:
            grant = registry.token_server.grant(tokens.token(f"{registry.address}/team/app", "pull").value.reveal())
        except errors.Denied:
            grant = None
        assert grant is None or grant.user is None
        assert all(request.header("authorization") is None for request in registry.requests[sent:])


@pytest.mark.parametrize("profile", WITHOUT, ids=lambda one: one.name)
def test_where_there_are_no_tokens_that_is_said(profile: Profile) -> None:
    with profile.play() as registry:
        log_in.login(registry.address, profile.username, profile.secret)
        with pytest.raises(errors.NoChallenge, match="gives out no tokens"):
            tokens.token(f"{registry.address}/team/app", "pull")
