"""What ``import dockpass`` offers, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dockpass
from dockpass import errors


def _modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sorted(name for name in sys.modules if name.startswith('dockpass')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_dockpass_imports_nothing_else_of_ours() -> None:
    assert _modules_after("import dockpass") == {"dockpass"}


def test_a_name_loads_only_what_it_needs() -> None:
    assert _modules_after("import dockpass; dockpass.Secret") == {"dockpass", "dockpass.credential", "dockpass.errors"}


@pytest.mark.parametrize("name", dockpass.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(dockpass, name) is not None
    assert name in dir(dockpass)


def test_every_error_can_be_caught_by_its_public_name() -> None:
    assert dockpass.Refused is errors.Refused
    assert dockpass.LoginExpired is errors.LoginExpired


def test_other_names_are_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'dockpass' has no attribute 'nope'"):
        dockpass.nope  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        dockpass.TYPE_CHECKED  # type: ignore[attr-defined]  # noqa: B018


def test_the_functions_are_not_hidden_by_modules_of_their_names() -> None:
    import dockpass.aio
    import dockpass.cli.main

    assert callable(dockpass.login)
    assert callable(dockpass.logout)
    assert callable(dockpass.aio.login)
