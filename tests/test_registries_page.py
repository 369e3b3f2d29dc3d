"""The page about registries says what the tables say that the hints and the profiles come from."""

from __future__ import annotations

import re
from pathlib import Path

from dockpass.registry.refusal.hosted import HOSTED
from dockpass.registry.refusal.self_hosted import SELF_HOSTED
from dockpass.testing import profiles

PAGE = (Path(__file__).parent.parent / "docs/reference/registries.md").read_text("utf-8")


def rows() -> dict[str, list[str]]:
    """The cells of each row, by the short name of its registry."""
    found = {}
    for line in PAGE.splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        name = re.search(r"\(`([a-z-]+)`\)$", cells[0])
        if line.startswith("|") and name is not None:
            assert name[1] not in found
            assert len(cells) == 6, line
            found[name[1]] = cells
    return found


def test_each_registry_has_a_row_and_each_row_a_profile() -> None:
    assert set(rows()) == {one.registry for one in profiles.ALL}


def test_each_hint_belongs_to_a_row() -> None:
    assert {one.name for one in (*HOSTED, *SELF_HOSTED)} == set(rows()) - {"mirror"}


def test_the_hosts_are_those_that_the_hints_are_for() -> None:
    for name, cells in rows().items():
        meant = [host for one in (*HOSTED, *SELF_HOSTED) if one.name == name for host in one.hosts]
        assert sorted(re.findall(r"`([^`]+)`", cells[1])) == sorted(meant), name


def test_a_refusal_is_what_the_profile_plays() -> None:
    shown = rows()
    for one in profiles.ALL:
        statuses = {answer.status for answer in (one.refused, *one.refusals.values())}
        assert statuses <= set(map(int, re.findall(r"\b[45]\d\d\b", shown[one.registry][4]))), one.name


def test_the_user_name_of_the_profile_is_one_that_the_page_knows() -> None:
    shown = rows()
    for one in profiles.ALL:
        if one.registry in ("ecr", "ecr-public", "google", "scaleway", "nvidia", "ibm"):
            assert f"`{one.username}`" in shown[one.registry][2]
