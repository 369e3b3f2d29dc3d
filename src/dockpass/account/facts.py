"""What is remembered about a registry besides its login, whichever store has that: a small file each, without secrets.

The files lie in the vault's folder, and are written as everything there: under a lock, in one step, for the owner
alone, following no link. A file that cannot be understood is an error, never "nothing is known": somebody may rely on
what is in it. Members that this version does not know are kept as they are.
"""

from __future__ import annotations

import os

from dockpass.display import clean, quoted
from dockpass.errors import FileUnreadable
from dockpass.files.lock import lock
from dockpass.strictjson import BadJSON, loads, parse, quote
from dockpass.vault.folder import Folder
from dockpass.vault.layout import STATE, state
from dockpass.vault.private import loose, owner_besides

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.server import Server
    from dockpass.vault.home import Home

LIMIT = 65536
"""How large such a file may be, in bytes."""

_TURN = "facts"
"""What the lock is named for."""

_SERVER = "server"
_WRITABLE = 0o022


class Facts:
    """What a file has.

    Attributes:
        server: The registry that it is about, as :func:`key` has it.
        path: Where the file is.
        values: The other members, by name.

    """

    __slots__ = ("_written", "path", "server", "values")

    def __init__(self, server: str, path: str) -> None:
        self.server = server
        self.path = path
        self.values: dict[str, object] = {}
        self._written: dict[str, str] = {}

    @classmethod
    def read(cls, data: bytes, path: str) -> Facts:
        """What is in ``data``.

        Raises:
            FileUnreadable: It is no JSON, or of another shape.

        """
        try:
            values = loads(data)
        except BadJSON as error:
            raise unusable(path, str(error)) from None
        if not isinstance(values, dict) or not isinstance(values.get(_SERVER), str):
            raise unusable(path, "it does not say which registry it is about")
        found = cls(values.pop(_SERVER), path)
        found.values = values
        text = data.decode("utf-8")
        found._written = {name: text[node.start : node.end] for name, node in parse(text).value if name != _SERVER}
        return found

    def set(self, name: str, value: str | None) -> bool:
        """Change a member, or remove it with ``None``. Returns whether that made a difference."""
        if self.values.get(name) == value:
            return False
        if value is None:
            del self.values[name], self._written[name]
        else:
            self.values[name], self._written[name] = value, quote(value)
        return True

    def written(self) -> bytes:
        """The contents of the file."""
        members = {_SERVER: quote(self.server), **self._written}
        lines = ",\n".join(f"\t{quote(name)}: {text}" for name, text in members.items())
        return f"{{\n{lines}\n}}\n".encode()


def key(server: Server) -> str:
    """What the file of ``server`` is named for: its key in config.json, which may be written in either case."""
    return server.key.lower()


def find(home: Home, server: Server) -> Facts | None:
    """What is remembered about ``server``; ``None`` if nothing is.

    Raises:
        FileUnreadable: There is something, and it cannot be used.

    """
    top = Folder.top(home.path)
    if top is None:
        return None
    with top:
        folder = top.below(STATE)
        if folder is None:
            return None
        with folder:
            return _read(top, folder, _file(key(server)))


def change(home: Home, server: Server, name: str, value: str | None) -> object:
    """Remember that ``name`` is ``value``, or forget it with ``None``. The file is there as long as there is a fact.

    Returns:
        What it was before, ``None`` if nothing.

    Raises:
        FileLocked: Another process has the lock and does not let go.
        FileUnreadable, FileUnwritable: It could not be changed.

    """
    known = find(home, server)
    before = None if known is None else known.values.get(name)
    if before == value:
        return before
    top = Folder.top(home.path, make=value is not None)
    if top is None:
        return None
    with top:
        with lock(os.path.join(top.folder, _TURN), waiting=home.waiting) as held:
            folder = top.below(STATE, make=value is not None)
            if folder is None:
                return None
            with folder:
                if held.firm:
                    folder.tidy()
                before = _change(top, folder, key(server), (name, value))
                is_empty = not folder.files()
            if is_empty:
                _remove_folder(top)
        return before


def everything(home: Home) -> tuple[list[Facts], list[FileUnreadable]]:
    """What is remembered about all registries, by their names, and what is wrong with the files that cannot be used.

    Raises:
        FileUnreadable: The folder cannot be read.

    """
    found: list[Facts] = []
    errors: list[FileUnreadable] = []
    top = Folder.top(home.path)
    if top is None:
        return found, errors
    with top:
        folder = top.below(STATE)
        if folder is None:
            return found, errors
        with folder:
            for name in folder.files():
                if name.startswith(".") or not name.endswith(".json"):
                    continue
                try:
                    facts = _read(top, folder, name)
                except FileUnreadable as error:
                    errors.append(error)
                else:
                    if facts is not None:
                        found.append(facts)
    return sorted(found, key=lambda facts: facts.server), errors


def unusable(path: str, why: str) -> FileUnreadable:
    """The error for a file that is there, and is of no use."""
    return FileUnreadable(
        f"cannot use {clean(path)}: {why}",
        f"it says which token server was approved of: look at it, then remove it: rm -- {clean(quoted(path))}",
        path=path,
    )


def _file(server: str) -> str:
    return os.path.basename(state("", server))


def _read(top: Folder, folder: Folder, name: str) -> Facts | None:
    found = folder.read(name, LIMIT)
    if found is None:
        return None
    data, status = found
    path = os.path.join(folder.folder, name)
    if wrong := loose(status, _WRITABLE, besides=owner_besides(top.mode())):
        raise unusable(path, wrong)
    facts = Facts.read(data, path)
    if _file(facts.server) != name:
        # Copied or moved: what was approved of for one registry is not for another.
        raise unusable(path, f"it is about {clean(facts.server, 255)}")
    return facts


def _change(top: Folder, folder: Folder, server: str, fact: tuple[str, str | None]) -> object:
    name = _file(server)
    facts = _read(top, folder, name) or Facts(server, os.path.join(folder.folder, name))
    before = facts.values.get(fact[0])
    if facts.set(*fact):
        if facts.values:
            folder.write(name, facts.written())
        else:
            folder.delete(name)
            folder.on_disk()
    return before


def _remove_folder(top: Folder) -> None:
    try:
        os.rmdir(top.path(STATE), dir_fd=top.fd)
        top.sync()
    except OSError:
        return  # somebody else's file came into it
