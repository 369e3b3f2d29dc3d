"""Where the vault is: the platform's place for an application's own data.

Reference: https://specifications.freedesktop.org/basedir-spec/latest/
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIABLE = "DOCKPASS_HOME"
"""The environment variable that moves the vault."""


def directory(environ: Mapping[str, str] | None = None, platform: str | None = None) -> str:
    """The folder of the vault; it need not exist.

    Args:
        environ: The environment, the process's own by default. ``DOCKPASS_HOME`` names the folder itself. Else it is
            ``dockpass`` in ``$XDG_DATA_HOME`` (``~/.local/share``); on macOS in ``~/Library/Application Support``; on
            Windows in ``%LOCALAPPDATA%``. A relative ``XDG_DATA_HOME`` is passed over, as its specification wants.
        platform: As :data:`sys.platform`, which is the default.

    Raises:
        FileUnreadable: Nothing says where it is.

    """
    environ = os.environ if environ is None else environ
    platform = sys.platform if platform is None else platform
    if named := environ.get(VARIABLE):
        return named
    if platform == "win32":
        data = environ.get("LOCALAPPDATA") or _joined(environ.get("USERPROFILE", ""), "AppData\\Local", "\\")
        return _joined(data, "dockpass", "\\") or _nowhere("LOCALAPPDATA")
    if platform != "darwin" and environ.get("XDG_DATA_HOME", "").startswith("/"):
        return _joined(environ["XDG_DATA_HOME"], "dockpass")
    own = "Library/Application Support/dockpass" if platform == "darwin" else ".local/share/dockpass"
    return _joined(environ.get("HOME") or _home_of_user(), own) or _nowhere("HOME")


def _joined(folder: str, name: str, separator: str = "/") -> str:
    return folder.rstrip(separator) + separator + name if folder else ""


def _home_of_user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""  # a container that runs under a number


def _nowhere(variable: str) -> str:
    from dockpass.errors import FileUnreadable

    raise FileUnreadable(f"cannot find the vault: {variable} is not set", f"set {variable} or {VARIABLE}")


def leads_nowhere(path: str) -> str:
    """The link on the way to ``path``, or at its end, that leads to nothing; ``""`` if there is none.

    A vault behind such a link is not one that is not there yet: its disk is not mounted.
    """
    path = os.path.abspath(path)
    while not os.path.lexists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path if os.path.islink(path) and not os.path.exists(path) else ""


class Home:
    """A vault: where it is, and what its doors need to know of the world.

    Attributes:
        path: Its folder.
        environ: The environment: ``XDG_RUNTIME_DIR`` for unlocked identities, ``PATH`` for the ``age`` program and its
            plug-ins.
        waiting: Called with one line while another process has a lock.
        tell: Called with one line that an age plug-in has for a person, such as to touch a key now.

    """

    __slots__ = ("environ", "path", "tell", "waiting")

    def __init__(
        self,
        path: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        waiting: Callable[[str], None] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.path = directory(self.environ) if path is None else path
        self.waiting = waiting
        self.tell = tell
