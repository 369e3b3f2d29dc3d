"""Where the program of a credential helper is: the file that docker would run.

Folders on PATH that are given relative to the current folder are passed over, and so are empty ones: whoever can write
there could have the secrets.
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import HelperMissing, HelperNotExecutable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "docker-credential-"
"""What the name of every helper's program begins with."""


def find(name: str, environ: Mapping[str, str]) -> str | None:
    """The absolute path of the helper ``docker-credential-NAME``; ``None`` if there is none that may be executed."""
    return find_program(PREFIX + name, environ)


def find_program(program: str, environ: Mapping[str, str]) -> str | None:
    """The absolute path of any program; ``None`` if there is none that may be executed."""
    return next((path for path in _files(program, environ) if os.access(path, os.X_OK)), None)


def missing(name: str, environ: Mapping[str, str], source: str = "") -> HelperMissing | HelperNotExecutable:
    """The error to raise where :func:`find` found none.

    Args:
        name: The suffix of its name.
        environ: The environment.
        source: What names it, for the message.

    """
    for path in _files(PREFIX + name, environ):
        return HelperNotExecutable(
            f"{PREFIX}{name} cannot be run: {clean(path)} is not executable",
            f"make it executable: chmod +x {clean(path)}",
        )
    by = f" ({source} names it)" if source else ""
    return HelperMissing(
        f"the credential helper {PREFIX}{name} is not on PATH{by}",
        "install it, or add its folder to PATH" + (f", or change {source}" if source else ""),
    )


def _files(program: str, environ: Mapping[str, str]) -> list[str]:
    folders = environ.get("PATH", "").split(os.pathsep)
    paths = [os.path.join(folder, program) for folder in folders if os.path.isabs(folder)]
    return [path for path in paths if os.path.isfile(path)]
