"""What a piece of code makes Python load, besides dockpass itself."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import dockpass

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))


def loaded(code: str, environ: Mapping[str, str]) -> set[str]:
    """The modules that ``code`` loads, in a Python that has loaded nothing but what it starts with."""
    script = (
        f"import sys; before = set(sys.modules)\nsys.path[:0] = [{SOURCE!r}]\n{code}\nprint(*set(sys.modules) - before)"
    )
    command = [sys.executable, "-I", "-S", "-c", script]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return {name for name in done.stdout.split() if not name.startswith("dockpass")}
