"""``dockpass login --verify``, and the hints of a refused login, as a user sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockpass.testing import profiles
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from dockpass.testing.profiles import Profile

    from .conftest import Home


def test_a_registry_that_lets_in_anybody_is_told(home: Home) -> None:  # case 158
    with ScriptedRegistry({"foo": "bar"}, auth="bearer", anonymous=True, forgiving="always") as registry:
        login = ("login", "-u", "foo", "--password-stdin", registry.address)
        said = f"{registry.address} lets in anybody, so the password may not have been checked\n"
        done = home.run(*login, stdin=b"wrong")
        assert (done.code, done.out) == (0, "Login Succeeded\n")
        assert said not in done.err
        done = home.run(*login, "--verify", stdin=b"wrong")
        assert (done.code, done.out) == (0, "Login Succeeded\n")
        assert said in done.err
        # With what is kept as well.
        assert said in home.run("login", "--verify", registry.address).err


@pytest.mark.parametrize(
    ("profile", "hint"),
    [
        (profiles.HARBOR, "a robot's name is written 'robot$NAME' or 'robot$PROJECT+NAME' (in single quotes);"),
        (profiles.OPENSHIFT, "the password is what `oc whoami -t` gives"),
        (profiles.ZOT_ANONYMOUS, "give the account as it stands in htpasswd or LDAP"),
    ],
    ids=["harbor", "openshift", "zot"],
)
def test_the_hint_is_one_line(home: Home, profile: Profile, hint: str) -> None:
    with profile.play() as registry:
        done = home.run("login", "-u", profile.username, "--password-stdin", registry.address, stdin=b"no secret")
        assert (done.code, done.out) == (1, "")
        error, hinted = done.err.splitlines()
        assert error.startswith(f"Error: {registry.address} refused the user name or password: ")
        assert hinted.startswith(f"  hint: {hint}")
        assert "no secret" not in done.err


def test_a_name_that_the_shell_took_away(home: Home) -> None:
    done = home.run("login", "-u", "", "--password-stdin", "nvcr.io")
    assert done.code == 1
    assert "one that begins with $ needs single quotes" in done.err
