"""What there is of a helper of ours, and that nothing of it is left."""

from __future__ import annotations

import os
from typing import Any

import pytest

from dockpass.account import helpers, traces
from dockpass.credential import Credential
from dockpass.errors import FileUnwritable, UnknownStore

ALICE = Credential("alice", "wonder")
BOBS = {"auth": "Ym9iOnBsYWlu"}
HUB = "https://index.docker.io/v1/"


def test_uninstalled_it_leaves_no_trace(helped: Any) -> None:
    before = {"HttpHeaders": {"X": "y"}, "auths": {}}
    helped.write(before)
    for server in ("reg.test", HUB):
        helped.vault.put(server, ALICE)
    helpers.install("dockpass", str(helped.tools))
    assert helped.config["credsStore"] == "dockpass"
    there = traces.traces("dockpass")
    assert (sorted(there.logins), there.is_default) == ([HUB, "reg.test"], True)
    assert there.programs == [str(helped.tools / "docker-credential-dockpass")]
    done = traces.uninstall("dockpass")
    assert (done.removed, done.notes) == (there.programs, [])
    assert helped.config == before
    assert not os.listdir(helped.tools)
    assert helped.vault.get("reg.test") == ALICE
    assert not traces.traces("dockpass")


def test_what_docker_keeps_by_creds_store_and_what_others_keep(helped: Any) -> None:
    helped.write(
        {
            "auths": {"a.test": {}, "b.test": {"email": "a@b"}, "c.test": {}, "d.test": {}, "e.test": BOBS},
            "credHelpers": {"c.test": "pass", "d.test": "", "f.test": "dockpass"},
            "credsStore": "dockpass",
        }
    )
    traces.uninstall("dockpass")
    assert helped.config == {
        "auths": {"b.test": {"email": "a@b"}, "c.test": {}, "d.test": {}, "e.test": BOBS},
        "credHelpers": {"c.test": "pass", "d.test": ""},
    }


def test_another_default_stays(helped: Any) -> None:
    helped.write({"auths": {"a.test": {}, "b.test": {}}, "credHelpers": {"a.test": "dockpass"}, "credsStore": "pass"})
    traces.uninstall("dockpass")
    assert helped.config == {"auths": {"b.test": {}}, "credsStore": "pass"}


def test_a_helper_of_others_is_not_ours_to_uninstall(helped: Any) -> None:
    config = {"auths": {"a.test": {}}, "credHelpers": {"a.test": "ecr-login"}, "credsStore": "ecr-login"}
    helped.write(config)
    for act in (traces.uninstall, traces.traces, helpers.install):
        with pytest.raises(UnknownStore, match='no credential helper "ecr-login" of its own'):
            act("ecr-login")
    assert helped.config == config


def test_a_program_of_others_stays(place: Any) -> None:
    path = place.program()
    assert traces.uninstall("dockpass").removed == []
    assert path.exists()


def test_what_came_with_dockpass_goes_with_it(place: Any) -> None:
    path = place.program(b"#!/usr/bin/python3\nfrom dockpass.helper.own import run\n")
    done = traces.uninstall("dockpass")
    assert done.removed == []
    assert done.notes == [f"{path} was installed together with dockpass, and goes with it"]
    assert path.exists()


def test_one_in_a_folder_that_is_not_on_path(place: Any) -> None:
    off = str(place.folder / "off")
    path = helpers.install("dockpass", off).path
    assert traces.uninstall("dockpass").removed == []
    assert traces.uninstall("dockpass", folder=off).removed == [path]


def test_a_program_that_cannot_be_removed_is_named_by_nothing(helped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    helped.write({"auths": {}, "credHelpers": {"a.test": "dockpass"}})
    real = os.unlink

    def refuse(path: str, **named: Any) -> None:
        if str(path).startswith(str(helped.tools)):
            raise PermissionError(13, "Permission denied")
        real(path, **named)

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(FileUnwritable, match="cannot remove .*: permission denied"):
        traces.uninstall("dockpass")
    assert helped.config == {"auths": {}}


def test_a_route_to_a_store_that_dockpass_has_is_taken_back_and_said_how_to_find_it(place: Any) -> None:
    helpers.install("pass", str(place.tools))
    place.write({"auths": {"a.test": {}, "b.test": BOBS}, "credHelpers": {"a.test": "pass", "c.test": "ecr-login"}})
    assert traces.traces("pass").logins == ["a.test"]
    gone = traces.uninstall("pass")
    assert gone.notes == ["dockpass finds what is in pass only where the store is named: DOCKPASS_STORE=pass"]
    assert place.config == {"auths": {"b.test": BOBS}, "credHelpers": {"c.test": "ecr-login"}}


def test_a_route_to_a_program_that_has_gone_before_is_taken_back(place: Any) -> None:
    place.write({"auths": {}, "credHelpers": {"a.test": "openbao"}})
    assert traces.traces("openbao")
    assert traces.uninstall("openbao").removed == []
    assert place.config == {"auths": {}}


@pytest.mark.parametrize("named", ["pass", "secretservice, pass"])
def test_what_the_variable_names_is_found_anyway(named: str, place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKPASS_STORE", named)
    place.write({"auths": {}, "credsStore": "pass"})
    assert traces.uninstall("pass").notes == []
    assert place.config == {"auths": {}}


def test_where_config_json_did_not_lead_to_it_nothing_is_said(place: Any) -> None:
    helpers.install("pass", str(place.tools))
    assert traces.uninstall("pass").notes == []
