"""What counts before what the user may have in mind, and is said before a login."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dockpass.account.attempt import Attempt
from dockpass.testing.helper_program import HelperProgram

Place = Any
HELD, SPELT, BOTH, HUB = (
    json.dumps({"auths": {key: {"auth": "Zm9vOmJhcg=="} for key in keys}})
    for keys in (
        ("reg.test",),
        ("https://reg.test",),
        ("https://reg.test", "reg.test"),
        ("index.docker.io",),
    )
)


@pytest.mark.parametrize(
    ("config", "named", "said"),
    [
        ({"credsStore": "dockpass"}, "file", True),
        ({"credHelpers": {"reg.test": "dockpass"}}, "file", True),
        ({"credHelpers": {"reg.test": "dockpass"}}, "age", False),
        ({"credsStore": "scripted"}, "file", False),
        ({}, "file", False),
    ],
)
def test_it_is_said_where_the_vault_counts_before_the_variable(
    config: dict[str, Any], named: str, said: bool, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    HelperProgram(place.tools, "scripted")
    place.write(config)
    monkeypatch.setenv("DOCKPASS_STORE", named)
    notes = [note for note in Attempt("reg.test").notes if "leads to the vault, which counts before" in note]
    assert len(notes) == said


def test_what_is_said_of_the_vault(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write({"credsStore": "dockpass"})
    monkeypatch.setenv("DOCKPASS_STORE", "pass\x1b[1m")
    [note] = Attempt("reg.test").notes
    assert note == (
        f"credsStore in {place.docker / 'config.json'} leads to the vault, which counts before "
        r"DOCKPASS_STORE=pass\x1b[1m: --store NAME overrides both"
    )
    assert Attempt("reg.test", store="file").notes == []


@pytest.mark.parametrize(
    ("server", "value", "says"),
    [
        ("reg.test", HELD, "DOCKER_AUTH_CONFIG holds a login for reg.test, which docker and dockpass use instead of"),
        ("https://reg.test/v2/", HELD, "DOCKER_AUTH_CONFIG holds a login for reg.test,"),
        (
            "reg.test",
            SPELT,
            "DOCKER_AUTH_CONFIG holds a login for reg.test under the key https://reg.test, which dockp",
        ),
        ("reg.test", BOTH, "DOCKER_AUTH_CONFIG holds a login for reg.test, which docker and dockpass use instead of"),
        ("docker.io", HUB, "DOCKER_AUTH_CONFIG holds a login for docker.io under the key index.docker.io, which dock"),
        ("other.test", HELD, ""),
        ("reg.test", "", ""),
        ("reg.test", "{", "DOCKER_AUTH_CONFIG is not used: "),
    ],
)
def test_what_docker_auth_config_holds(
    server: str, value: str, says: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the store is: it is docker's rule."""
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", value)
    for store in (None, "file"):
        notes = Attempt(server, store=store).notes
        assert len(notes) == bool(says)
        assert "".join(notes).startswith(says)


@pytest.mark.parametrize(("named", "store"), [("file", "age"), ("age,file", None)])
def test_a_vault_that_config_json_does_not_name_overrules_nothing(
    named: str, store: str | None, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", named)
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", HELD)
    [note] = Attempt("reg.test", store=store).notes
    assert note.startswith("DOCKER_AUTH_CONFIG holds a login for reg.test,")
