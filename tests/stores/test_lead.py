"""Which helper config.json names."""

from __future__ import annotations

import json

import pytest

from dockpass.config.document import change, read
from dockpass.stores.lead import lead, leads

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
