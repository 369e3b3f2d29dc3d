"""Where docker's config.json is.

Reference: https://docs.docker.com/reference/cli/docker/#change-the-docker-directory
"""

from __future__ import annotations

import os
import sys

from dockpass.errors import FileUnreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "config.json"


def directory(
    override: str | None = None, environ: Mapping[str, str] | None = None, platform: str | None = None
) -> str:
    """The folder of docker's configuration.

    Args:
        override: What was given with ``--config``; it wins.
        environ: The environment, the process's own by default: ``DOCKER_CONFIG`` comes next; then ``.docker`` in the
            home folder, which is ``HOME``, or on Windows ``USERPROFILE``. Empty is as good as not set.
        platform: As :data:`sys.platform`, which is the default. Where it is not Windows and ``HOME`` is empty, the
            system's list of users is asked.

    Raises:
        FileUnreadable: Nothing says where it is.

    """
    environ = os.environ if environ is None else environ
    windows = (sys.platform if platform is None else platform) == "win32"
    if override:
        return override
    if named := environ.get("DOCKER_CONFIG"):
        return named
    home = environ.get("USERPROFILE" if windows else "HOME") or ("" if windows else _home_of_user())
    if not home:
        variable = "USERPROFILE" if windows else "HOME"
        raise FileUnreadable(
            f"cannot find docker's configuration: {variable} is not set",
            f"set {variable} or DOCKER_CONFIG, or name the folder with --config",
        )
    separator = "\\" if windows else "/"
    return home.rstrip(separator) + separator + ".docker"


def _home_of_user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""  # a container that runs under a number
