"""A login at each of the registries that are played, and skopeo pulls with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockpass.testing import profiles

if TYPE_CHECKING:
    from dockpass.testing.profiles import Profile
    from real.home import Home

# skopeo asks /v2/ how to log in, is told nothing there, and goes on without its login.
USABLE = [one for one in profiles.ALL if one.name != "zot-anonymous"]


@pytest.mark.parametrize("profile", USABLE, ids=lambda one: one.name)
def test_what_is_kept_is_what_skopeo_needs(home: Home, profile: Profile) -> None:
    home.env["DOCKPASS_STORE"] = "file"
    with profile.play() as registry:
        inspect = ("skopeo", "inspect", "--tls-verify=false", f"docker://{registry.image}")
        login = ("login", "-u", profile.username, "--password-stdin", registry.address)
        done = home.dockpass(*login, stdin=profile.secret + "\n")
        assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr
        kept = home.read_config()["auths"][registry.address]
        assert ("identitytoken" in kept) is (profile.registry == "acr")
        sent = len(registry.requests)
        done = home.run(*inspect)
        assert done.code == 0, done.stderr
        assert any(request.header("authorization") or request.method == "POST" for request in registry.requests[sent:])
