"""What the pages show is what the program does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dockpass import errors

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def _without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "``", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def _anchors(text: str) -> set[str]:
    """The names that a page's headings get: lower case, punctuation gone, blanks to dashes."""
    heads = re.findall(r"^#+ +(.+?) *$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def _family(cls: type[errors.DockpassError]) -> set[type[errors.DockpassError]]:
    return {
        cls,
        *(found for child in cls.__subclasses__() for found in _family(child) if found.__module__ == cls.__module__),
    }


def test_there_are_pages() -> None:
    assert "docs/reference/errors.md" in NAMES


def _links(page: Path) -> list[tuple[Path, str]]:
    """Where the links of a page lead that stay in this project: pairs of a path and an anchor in it, or ``""``."""
    found = []
    for target in re.findall(r"\]\(([^)\s]+)\)", _without_code(page.read_text("utf-8"))):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            found.append(((page.parent / path).resolve() if path else page, anchor))
    return found


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for there, anchor in _links(page):
        assert there.exists()
        assert not anchor or anchor in _anchors(there.read_text("utf-8"))


def test_every_page_can_be_reached_from_the_first() -> None:
    reached: set[Path] = set()
    ahead = [ROOT.resolve() / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            ahead += page.glob("*.md") if page.is_dir() else [there for there, _ in _links(page) if there != page]
    assert {page.resolve() for page in PAGES} <= reached


def test_the_source_distribution_has_what_the_pages_and_the_tests_need() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    shipped = set(project["hatch"]["build"]["targets"]["sdist"]["include"])
    needed = [there for page in PAGES for there, _ in _links(page)]
    needed += [ROOT.resolve() / path for path in project["pytest"]["ini_options"]["pythonpath"]]
    assert {f"/{path.relative_to(ROOT.resolve()).parts[0]}" for path in needed} <= shipped


def test_the_table_of_errors_lists_exactly_the_errors() -> None:
    page = (ROOT / "docs/reference/errors.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(rows) == sorted((cls.id, cls.__name__) for cls in _family(errors.DockpassError))


def _shown_help() -> list[tuple[str, tuple[str, ...], str]]:
    """Each ``$ dockpass ... --help`` in a page, with what stands below it up to the block's end."""
    found = []
    for name, page in zip(NAMES, PAGES, strict=True):
        blocks = re.findall(
            r"^```\w*\n\$ (dockpass[^\n]* --help)\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
        found += [(name, tuple(command.split()[1:]), text) for command, text in blocks]
    return found


@pytest.mark.parametrize(
    ("page", "words", "text"), _shown_help(), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_help_is_shown_as_it_is(page: str, words: tuple[str, ...], text: str) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    done = subprocess.run(
        [sys.executable, "-m", "dockpass", *words],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
        stdin=subprocess.DEVNULL,
    )
    assert done.stdout == text


def test_the_help_of_every_command_stands_in_the_reference() -> None:
    import importlib

    from dockpass.cli.main import COMMANDS

    names: list[tuple[str, ...]] = [(command,) for command in COMMANDS]
    for command in COMMANDS:
        group = getattr(importlib.import_module(f"dockpass.cli.{command}"), "GROUP", {})
        names += [(command, name) for name in group]
    shown = {words for page, words, _text in _shown_help() if page.startswith("docs/reference/")}
    assert shown == {("--help",), *((*name, "--help") for name in names)}


@pytest.mark.parametrize("page", [page for page in PAGES if ">>> " in page.read_text("utf-8")], ids=str)
def test_python_in_the_pages_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import doctest

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in list(os.environ):
        if name.startswith(("DOCKER_", "DOCKPASS_", "XDG_")):
            monkeypatch.delenv(name)
    assert doctest.testfile(str(page), module_relative=False, encoding="utf-8").failed == 0


def test_the_version_is_the_same_everywhere() -> None:
    import dockpass

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == dockpass.__version__
