"""The credential helpers that docker would find: whose each is, which version, and whether it answers at all.

They are asked for their version and nothing else: a list of what they keep may prompt, or go over the network.
"""

from __future__ import annotations

import os

from dockpass.account.installed import is_ours
from dockpass.display import clean
from dockpass.stores.on_path import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockpass.config.document import Document

_SECONDS = 5
_ANSWER = 4096


class OnPath:
    """A credential helper that docker would find.

    Attributes:
        name: The suffix of its program.
        path: The program.
        is_ours: Whether it is dockpass's.

    """

    __slots__ = ("is_ours", "name", "path")

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = path
        self.is_ours = is_ours(path)


class Said:
    """What a helper answers when it is asked for its version.

    Attributes:
        package: What it says that it belongs to; ``""`` where it does not say.
        version: Its version; ``""`` where it does not say.
        trouble: Why it cannot be run, or does not answer; ``""`` where it does.

    """

    __slots__ = ("package", "trouble", "version")

    def __init__(self, package: str = "", version: str = "", trouble: str = "") -> None:
        self.package = package
        self.version = version
        self.trouble = trouble


def on_path(environ: Mapping[str, str]) -> list[OnPath]:
    """Every credential helper that docker would find, by name."""
    found: dict[str, OnPath] = {}
    for folder in environ.get("PATH", "").split(os.pathsep):
        if not os.path.isabs(folder):
            continue
        try:
            files = sorted(os.listdir(folder))
        except OSError:
            continue
        for file in files:
            path = os.path.join(folder, file)
            if file.startswith(PREFIX) and os.path.isfile(path) and os.access(path, os.X_OK):
                found.setdefault(file, OnPath(file.removeprefix(PREFIX), path))
    return sorted(found.values(), key=lambda helper: helper.name)


def missing(current: Document, environ: Mapping[str, str]) -> dict[str, list[str]]:
    """The helpers that config.json names and that docker would not find: it fails wherever one of them is named.

    Returns:
        By the suffix of the program the keys in ``credHelpers``, and ``credsStore``, that name it. Keys with ``*`` are
        not among them: docker passes those over.

    """
    found = {helper.name for helper in on_path(environ)}
    named = [("credsStore", current.creds_store), *sorted(current.cred_helpers.items())]
    gone: dict[str, list[str]] = {}
    for key, name in named:
        if name and name not in found and "*" not in key:
            gone.setdefault(name, []).append(key)
    return gone


def said(path: str, environ: Mapping[str, str], *, time_limit: float = _SECONDS) -> Said:
    """What the helper at ``path`` says of itself. One that knows no versions answers too.

    Args:
        path: Its program.
        environ: What it is run with, less what it need not know.
        time_limit: Seconds.

    """
    from dockpass.stores.child import run
    from dockpass.stores.inherited import inherited

    try:
        ended = run(
            [path, "version"],
            b"",
            inherited(environ),
            capacity=_ANSWER,
            cut=True,
            time_limit=time_limit,
            complaints=bytearray(),
        )
    except OSError as error:
        return Said(trouble=(error.strerror or "it cannot be run").lower())
    if ended.out_of_time:
        return Said(trouble=f"no answer in {time_limit:g} seconds")
    if ended.status is not None and ended.status < 0:
        return Said(trouble=f"killed by signal {-ended.status}")
    words = ended.output.decode("utf-8", "replace").split()
    if ended.status != 0 or not words or len(words) > 3:
        return Said()
    package = words[1].strip("()") if len(words) == 3 else ""
    return Said(clean(package, 64), clean(words[-1], 32))
