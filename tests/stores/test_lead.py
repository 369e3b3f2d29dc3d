"""Which helper config.json names."""

from __future__ import annotations

import json

import pytest

from dockpass.config.document import change, read
from dockpass.stores.lead import lead, lead_elsewhere, leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ("", "")),
        ({"credsStore": ""}, ("", "")),
        ({"credsStore": "pass"}, ("pass", "credsStore")),
        ({"credHelpers": {"reg.test": "ecr-login"}}, ("ecr-login", "credHelpers")),
        ({"credHelpers": {"reg.test": "ecr-login"}, "credsStore": "pass"}, ("ecr-login", "credHelpers")),
        ({"credHelpers": {"reg.test": ""}, "credsStore": "pass"}, ("", "credHelpers")),
        ({"credHelpers": {"https://reg.test": "ecr-login"}, "credsStore": "pass"}, ("pass", "credsStore")),
        ({"credHelpers": {"REG.test": "ecr-login"}}, ("", "")),
    ],
)
def test_it_leads_where_docker_goes(config: dict[str, object], expected: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert leads(read(str(tmp_path)), "reg.test") == expected


@pytest.mark.parametrize(
    ("config", "name", "expected"),
    [
        ({}, "", None),
        ({}, "pass", {"reg.test": "pass"}),
        ({"credsStore": "pass"}, "pass", None),
        ({"credsStore": "pass"}, "", {"reg.test": ""}),
        ({"credsStore": "pass"}, "x", {"reg.test": "x"}),
        ({"credHelpers": {"reg.test": "pass", "b.test": "y"}}, "x", {"reg.test": "x", "b.test": "y"}),
        ({"credHelpers": {"reg.test": "pass"}}, "pass", None),
    ],
)
def test_it_is_changed_only_where_it_leads_elsewhere(
    config: dict[str, object], name: str, expected: dict[str, str] | None, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert change(str(tmp_path), lambda document: lead(document, "reg.test", name)) is (expected is not None)
    after = json.loads((tmp_path / "config.json").read_bytes())
    assert after.get("credHelpers") == (expected if expected is not None else config.get("credHelpers"))


@pytest.mark.parametrize(
    ("pattern", "server", "fits"),
    [
        ("*.dkr.ecr.*.amazonaws.com", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", True),
        ("*.dkr.ecr.*.amazonaws.com", "123456789012.DKR.ecr.eu-west-1.amazonaws.com", True),
        ("*.dkr.ecr.*.amazonaws.com", "x.dkr.ecr.y.amazonaws.com.evil.example", False),
        ("*.dkr.ecr.*.amazonaws.com", "a.b.dkr.ecr.y.amazonaws.com", False),
        ("*.dkr.ecr.*.amazonaws.com", "dkr.ecr.y.amazonaws.com", False),
        ("*.dkr.ecr.*.amazonaws.com", "x.dkr.ecr.y.amazonaws.com:443", False),
        ("*.dkr.ecr.*.amazonaws.com", "x.dkr.ecr.y.amazonaws.com/team", False),
        ("*.dkr.ecr.*.amazonaws.com", "https://x.dkr.ecr.y.amazonaws.com", False),
        ("reg-*.test:5000", "reg-1.test:5000", True),
        ("reg-*.test:5000", "reg-1.test:500", False),
        ("reg-*.test:5000", "reg-1.test", False),
        ("reg-*.test:*", "reg-1.test:5000", False),
        ("*", "localhost", True),
        ("*", "reg.test", False),
        ("https://*.test", "https://reg.test", False),
        ("[a-z]*.test", "reg.test", False),
        ("reg.tes?", "reg.test", False),
    ],
)
def test_a_key_for_many_registries(pattern: str, server: str, fits: bool, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "pass", "credHelpers": {pattern: "ecr-login"}}))
    expected = ("ecr-login", "credHelpers") if fits else ("pass", "credsStore")
    assert leads(read(str(tmp_path)), server) == expected


def test_an_exact_key_comes_first(tmp_path: Path) -> None:
    helpers = {"*.test": "ecr-login", "reg.test": "", "b.test": "x"}
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": helpers}))
    assert leads(read(str(tmp_path)), "reg.test") == ("", "credHelpers")
    assert leads(read(str(tmp_path)), "b.test") == ("x", "credHelpers")
    assert leads(read(str(tmp_path)), "c.test") == ("ecr-login", "credHelpers")


@pytest.mark.parametrize("name", ["ecr-login", "", "x"])
def test_a_key_for_many_registries_is_not_enough_where_one_is_to_be_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {"*.test": "ecr-login"}}))
    change(str(tmp_path), lambda document: lead(document, "reg.test", name))
    assert json.loads((tmp_path / "config.json").read_text())["credHelpers"] == {
        "*.test": "ecr-login",
        "reg.test": name,
    }


@pytest.mark.parametrize("name", ["dockpass", "openbao", "pass"])
def test_docker_hub_is_led_to_by_podmans_key_where_the_helper_answers_to_it(name: str, tmp_path: Path) -> None:
    hub = "https://index.docker.io/v1/"
    found = read(str(tmp_path))
    lead(found, hub, name)
    keys = {hub} if name == "pass" else {hub, "docker.io"}
    assert found.cred_helpers == dict.fromkeys(keys, name)
    lead_elsewhere(found, hub, "other", for_all=True)
    assert found.cred_helpers == {hub: "other"}
    found.set_helper("docker.io", "mine")
    lead_elsewhere(found, hub, name, for_all=True)
    assert found.cred_helpers == {"docker.io": "mine", hub: name}
