"""The launcher of a credential helper of ours: a small script that starts Python without what a helper does not need.

pip writes programs too, but for Python as it comes: it looks for user packages, reads ``.pth`` files and takes orders
from ``PYTHONPATH``. A helper is started for every operation on a registry, so its launcher names the interpreter and
the folder of the packages, and has the rest left out (``-I -S``), which saves a quarter of the start.

So it has to be made anew when Python or the packages move, as they do when a tool is installed again for a newer
Python. It says in comments what it needs; :func:`renew` looks whether that is still there.

Reference: https://docs.python.org/3/using/cmdline.html#cmdoption-S
"""

from __future__ import annotations

import os
import sys

from dockpass.account.installed import DROP_INS, MARK, MODULES, NEEDS, is_broken, is_ours
from dockpass.display import clean, quoted
from dockpass.errors import FileUnwritable, StoreUnavailable, UnknownStore
from dockpass.stores.on_path import PREFIX, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Linux reads 127 bytes of a first line, those of older kernels too; this is what "#!" and " -IS" leave for the path.
_SHEBANG = 120
# Clients show what stands on standard output.
_CODE = """\
import sys
sys.path[:0] = {folders}
try:
    from {module} import run
except ImportError:
    print("dockpass is not where it was when this program was made: dockpass helper install {name}")
    sys.exit(1)
{call}
"""
# What is not on a platform that Python calls so has no helper there.
_ONLY_ON = {"osxkeychain": ("darwin",), "wincred": ("win32", "cygwin")}
_NOT_ON = {"secretservice": ("darwin", "win32", "cygwin"), "pass": ("win32",)}
# What a helper cannot do all of its work without, outside Python: OpenBao may have a name outside ASCII.
_PACKAGES = {"dockpass": "pyrage", "openbao": "idna"}
_CALLED = {"darwin": "macOS", "win32": "Windows", "linux": "Linux"}


def install(
    name: str, folder: str | None = None, *, replace: bool = False, environ: Mapping[str, str] | None = None
) -> str:
    """Put ``docker-credential-NAME`` into a folder.

    Args:
        name: One of :data:`dockpass.account.installed.MODULES`.
        folder: Where to; ``None`` for the first of the usual folders that is on PATH and can be written.
        replace: Whether it may take the place of somebody else's program.
        environ: The environment; ``None`` for that of this process.

    Returns:
        The path of the program. It need not be on PATH.

    Raises:
        UnknownStore: There is no such helper of ours.
        StoreUnavailable: This platform has not what it serves.
        FileUnwritable: It could not be written, or another program of that name is there.

    """
    environ = os.environ if environ is None else environ
    known(name)
    _see_that_it_fits(name, sys.platform)
    folder = os.path.abspath(folder) if folder else _usual(environ)
    path = os.path.join(folder, f"{PREFIX}{name}")
    if os.path.lexists(path) and not replace and not is_ours(path):
        raise FileUnwritable(
            f"{clean(path)} is there already, and is not dockpass's",
            "install into another folder that stands before it on PATH: --dir DIR; or say --replace",
            path=path,
        )
    _write(path, text(name))
    return path


def known(name: str) -> None:
    """Refuse a name that no helper of ours has.

    Raises:
        UnknownStore: It is none of :data:`MODULES`.

    """
    if name not in MODULES:
        raise UnknownStore(
            f'dockpass has no credential helper "{clean(name, 64)}" of its own', f"it has: {', '.join(MODULES)}"
        )


def _see_that_it_fits(name: str, platform: str) -> None:
    if platform in _ONLY_ON.get(name, (platform,)) and platform not in _NOT_ON.get(name, ()):
        return
    raise StoreUnavailable(
        f"{PREFIX}{name} needs {DROP_INS[name]}, and this is {_CALLED.get(platform, platform)}",
        "the vault works everywhere: dockpass helper install dockpass",
    )


def renew(name: str, environ: Mapping[str, str] | None = None) -> str | None:
    """Make the launcher on PATH anew if the Python or the packages that it was made for are gone.

    One that works is left alone, even if it was made by another dockpass than this one.

    Returns:
        The path of what was made anew; ``None`` if there was nothing to do.

    Raises:
        FileUnwritable: It is broken, and could not be written.

    """
    path = find(name, os.environ if environ is None else environ)
    if path is None or not is_broken(path):
        return None
    _write(path, text(name))
    return path


def text(name: str) -> bytes:
    """The launcher of ``name``, for the Python and the packages that this process runs."""
    packages = dict.fromkeys((os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *_extra_packages(name)))
    folders = list(dict.fromkeys(os.path.dirname(package) for package in packages))
    python = sys.executable
    if not python:
        raise FileUnwritable("it is not known which Python runs here, so no launcher can name it", None, path="")
    comments = f"{MARK}; `dockpass helper install {name}` makes it anew.\n"
    comments += "".join(f"{NEEDS}{path}\n" for path in (python, *packages) if path.isprintable())
    call = f"run({name!r})" if name in DROP_INS else "run()"
    code = _CODE.format(folders=ascii(folders), module=MODULES[name], name=name, call=call)
    plain = python.isascii() and python.isprintable() and " " not in python
    if plain and len(python) <= _SHEBANG:
        return f"#!{python} -IS\n{comments}{code}".encode()
    # The kernel would not find it, or split its path: a shell starts it.
    shell = f'#!/bin/sh\n{comments}exec {quoted(python)} -IS -c {quoted(code)} "$@"\n'
    return shell.encode("utf-8", "surrogateescape")


def _extra_packages(name: str) -> list[str]:
    """Where the packages are that the helper ``name`` needs."""
    if name not in _PACKAGES:
        return []
    try:
        package = __import__(_PACKAGES[name])
    except ImportError:
        return []  # of the vault's, the program age does the work; the other is seldom needed
    return [os.path.dirname(os.path.abspath(str(package.__file__)))]


def _usual(environ: Mapping[str, str]) -> str:
    """The first folder for programs that is on PATH and can be written.

    Beside dockpass itself, as that was found by the same PATH; but that of a virtual environment comes last, for it is
    on PATH only as long as the environment is activated.
    """
    folders = environ.get("PATH", "").split(os.pathsep)
    on_path = [os.path.normpath(folder) for folder in folders if os.path.isabs(folder)]
    home = environ.get("HOME") or os.path.expanduser("~")
    beside = os.path.dirname(os.path.abspath(sys.argv[0]))
    usual = [os.path.join(home, ".local/bin"), os.path.join(home, "bin"), "/usr/local/bin"]
    usual.insert(len(usual) if sys.prefix != sys.base_prefix and beside.startswith(sys.prefix) else 0, beside)
    for folder in usual:
        if folder in on_path and os.path.isdir(folder) and os.access(folder, os.W_OK):
            return folder
    raise FileUnwritable(
        "no usual folder for programs is on PATH and can be written",
        f"name one: --dir DIR; or make {clean(home)}/.local/bin and add it to PATH",
        path="",
    )


def _write(path: str, content: bytes) -> None:
    folder, file = os.path.split(path)
    temporary = os.path.join(folder, f".{file}.{os.getpid()}.new")
    try:
        os.makedirs(folder, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o755)
        try:
            with open(descriptor, "wb") as opened:
                opened.write(content)
                os.fchmod(descriptor, 0o755)  # it holds no secret, and whoever has the folder on PATH may run it
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise FileUnwritable(
            f"cannot write {clean(path)}: {os.strerror(error.errno or 0).lower()}",
            "name a folder that you can write: --dir DIR",
            path=path,
        ) from None
