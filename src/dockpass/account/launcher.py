"""The launcher of a credential helper of ours: a small script that starts Python without what a helper does not need.

pip writes programs too, but for Python as it comes: it looks for user packages, reads ``.pth`` files and takes orders
from ``PYTHONPATH``. A helper is started for every operation on a registry, so its launcher names the interpreter and
the folder of the packages, and has the rest left out (``-I -S``), which saves a quarter of the start.

Reference: https://docs.python.org/3/using/cmdline.html#cmdoption-S
"""

from __future__ import annotations

import os
import sys

from dockpass.display import clean
from dockpass.errors import FileUnwritable, HelperMissing, UnknownStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES = {"dockpass": "dockpass.helper.own"}
"""The helpers that can be installed, and the module that each runs."""

MARK = "# A launcher of dockpass"
# The kernel reads no more of a first line than this, and splits it at blanks.
_SHEBANG = 120


def install(name: str, folder: str | None = None, *, environ: Mapping[str, str] | None = None) -> str:
    """Put ``docker-credential-NAME`` into a folder.

    Args:
        name: One of :data:`MODULES`.
        folder: Where to; ``None`` for the first of the usual folders that is on PATH and can be written.
        environ: The environment; ``None`` for that of this process.

    Returns:
        The path of the program. Whether it is on PATH, :func:`on_path` says.

    Raises:
        UnknownStore: There is no such helper of ours.
        FileUnwritable: It could not be written, or another program of that name is there.

    """
    environ = os.environ if environ is None else environ
    if name not in MODULES:
        raise UnknownStore(
            f'dockpass has no credential helper "{clean(name, 64)}" to install', f"it has: {', '.join(MODULES)}"
        )
    folder = os.path.abspath(folder) if folder else _usual(environ)
    path = os.path.join(folder, f"docker-credential-{name}")
    if os.path.lexists(path) and not is_ours(path):
        raise FileUnwritable(
            f"{clean(path)} is there already, and is not dockpass's",
            "remove it, or install into another folder: --dir DIR",
            path=path,
        )
    _write(path, text(name))
    return path


def text(name: str) -> str:
    """The text of the launcher of ``name``, for the Python and the packages that this process runs."""
    packages = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    folders = dict.fromkeys((packages, *_extra_folders()))
    python = sys.executable
    body = (
        f"{MARK}; `dockpass helper install {name}` writes it anew.\n"
        f"import sys\nsys.path[:0] = {list(folders)!r}\n"
        f"from {MODULES[name]} import run\nrun()\n"
    )
    if len(python) < _SHEBANG and not any(character.isspace() for character in python):
        return f"#!{python} -IS\n{body}"
    quoted = python.replace("'", "'\\''")
    # A shell starts it: for Python the second line is a string.
    return f"#!/bin/sh\n''''exec '{quoted}' -IS \"$0\" \"$@\" #'''\n{body}"


def find(name: str, environ: Mapping[str, str] | None = None) -> str | None:
    """The program ``docker-credential-NAME`` that docker would run: the first on PATH; ``None`` if there is none."""
    from dockpass.stores.program import ProgramStore

    try:
        return ProgramStore(name, environ=environ).find()
    except HelperMissing:
        return None


def is_ours(path: str) -> bool:
    """Whether the program at ``path`` is a launcher of ours, or one that pip wrote for our entry point."""
    try:
        with open(path, "rb") as file:
            start = file.read(4096)
    except OSError:
        return False
    return MARK.encode() in start or b"from dockpass." in start


def is_launcher(path: str) -> bool:
    """Whether the program at ``path`` was made by :func:`install`: pip takes away its own."""
    try:
        with open(path, "rb") as file:
            return MARK.encode() in file.read(4096)
    except OSError:
        return False


def _extra_folders() -> list[str]:
    """Where the packages are that the vault needs, if not where dockpass is."""
    import importlib.util

    found = importlib.util.find_spec("pyrage")
    if found is None or found.origin is None:
        return []
    return [os.path.dirname(os.path.dirname(found.origin))]


def _usual(environ: Mapping[str, str]) -> str:
    on_path = [folder for folder in environ.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
    home = environ.get("HOME", "")
    usual = [os.path.dirname(os.path.abspath(sys.argv[0])), *(f"{home}/{name}" for name in (".local/bin", "bin"))]
    for folder in (*usual, "/usr/local/bin"):
        if folder in on_path and os.path.isdir(folder) and os.access(folder, os.W_OK):
            return folder
    raise FileUnwritable(
        "no usual folder for programs is on PATH and can be written",
        f"name one: --dir DIR; or make {home}/.local/bin and add it to PATH",
        path="",
    )


def _write(path: str, content: str) -> None:
    temporary = f"{path}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o755)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise FileUnwritable(
            f"cannot write {clean(path)}: {os.strerror(error.errno or 0)}",
            "name a folder that you can write: --dir DIR",
            path=path,
        ) from None
