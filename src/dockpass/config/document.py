"""config.json as a document: what it says to docker, and how it is changed."""

from __future__ import annotations

import os
import stat

from dockpass.config import auths, matching
from dockpass.config.auths import BadEntry
from dockpass.config.entry import fields, has_credential, has_secret, with_fields
from dockpass.config.location import FILE
from dockpass.config.reading import malformed, tree
from dockpass.config.tree import member, string, write
from dockpass.display import clean
from dockpass.errors import ConfigMalformed
from dockpass.files.read import read as read_file
from dockpass.strictjson import BadJSON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from dockpass.config.tree import Member
    from dockpass.credential import Credential
    from dockpass.files.read import Snapshot

    Read = TypeVar("Read")

LIMIT = 16 << 20
"""How large config.json may be, in bytes."""

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def read(directory: str) -> Document:
    """The config.json in ``directory``; an empty document if there is none.

    Raises:
        FileUnreadable: It is there, but is no file, is over 16 MiB, or cannot be read.
        ConfigMalformed: It is not JSON in UTF-8, or a part that docker knows has the wrong shape.

    """
    path = os.path.join(directory, FILE)
    try:
        return Document(path, read_file(path, limit=LIMIT))
    except ConfigMalformed:
        # Somebody may have been killed while writing it in place.
        from dockpass.files.rewrite import mended

        if not mended(path):
            raise
    return Document(path, read_file(path, limit=LIMIT))


def change(directory: str, edit: Callable[[Document], None], *, waiting: Callable[[str], None] | None = None) -> bool:
    """Change the config.json in ``directory``, under its lock, merged with what others write at the same time.

    Args:
        directory: The folder; it is made if need be.
        edit: Changes the document that it is given. It can be called several times, each time with the file as it
            is then. What it raises is raised, and nothing is written.
        waiting: Called once with a line that says who has the lock, after two seconds of waiting.

    Returns:
        Whether something was written: not if ``edit`` changed nothing.

    Raises:
        FileLocked: Another process has the lock and does not let go.
        FileUnreadable, ConfigMalformed: As for :func:`read`.
        FileUnwritable: It could not be written. What was in it is still in it.

    """
    from dockpass.files.rewrite import rewrite

    path = os.path.join(directory, FILE)
    open_to_others = False

    def step(snapshot: Snapshot | None) -> bytes | None:
        nonlocal open_to_others
        document = Document(path, snapshot)
        edit(document)
        open_to_others = document.holds_secrets and snapshot is not None and bool(snapshot.status.st_mode & 0o077)
        return document.render() if document.changed else None

    written = rewrite(path, step, limit=LIMIT, filler=b" ", waiting=waiting)
    if open_to_others and not written:
        from dockpass.files.replace import close_to_others

        close_to_others(path)
    return written


def prepare_change() -> Iterator[None]:
    """Load what :func:`change` needs, while there is time, in steps of about a millisecond."""
    from dockpass.files import exchange, lock  # noqa: F401 - to have it loaded

    exchange.prepare()
    yield
    from dockpass.files import rewrite  # noqa: F401 - to have it loaded


class Document:
    """The contents of one config.json.

    Args:
        path: Its path, for messages.
        snapshot: What was read; ``None`` if there is no file.

    Attributes:
        path: The path of the file.
        changed: Whether one of the methods has changed something.

    Raises:
        ConfigMalformed: It is not JSON in UTF-8, or a part that docker knows has the wrong shape.
        FileUnreadable: It holds more values than any config.json.

    """

    __slots__ = ("_data", "_entries", "_helpers", "_notes", "_root", "_status", "changed", "path")

    def __init__(self, path: str, snapshot: Snapshot | None = None) -> None:
        self.path = path
        self.changed = False
        self._data = snapshot.data if snapshot is not None else b""
        self._status = snapshot.status if snapshot is not None else None
        self._root = tree(path, self._data)
        self._entries: dict[str, Member] | None = None
        self._helpers: dict[str, str] | None = None
        self._notes: list[str] | None = None

    @property
    def creds_store(self) -> str:
        """``credsStore``: the helper for all registries, as the suffix of its program; ``""`` if none is named."""
        return matching.text(self._root, "credsStore")

    @property
    def current_context(self) -> str:
        """``currentContext``: the engine that docker talks to; ``""`` if none is named."""
        return matching.text(self._root, "currentContext")

    @property
    def cred_helpers(self) -> Mapping[str, str]:
        """``credHelpers``: the helper of each registry that has its own, by key. An empty name means config.json."""
        if self._helpers is None:
            self._helpers = self._strings("credHelpers")
        return self._helpers

    @property
    def http_headers(self) -> dict[str, str]:
        """``HttpHeaders``: what docker sends to the engine with each request."""
        return self._strings("HttpHeaders")

    @property
    def proxies(self) -> dict[str, str]:
        """``proxies.default``, by the names of environment variables; may hold secrets. Empty if there is none.

        Raises:
            ConfigMalformed: It has the wrong shape.

        """
        if not matching.members(self._root, "proxies"):
            return {}
        from dockpass.config import proxies

        try:
            return proxies.default(self._root, self._data.decode("utf-8"))
        except BadJSON as error:
            raise malformed(self.path, error) from None

    @property
    def notes(self) -> list[str]:
        """What the user should know, one line each: who else could change the file, and entries that cannot be read.

        No secrets, and nothing that acts on a terminal.
        """
        if self._notes is None:
            self._notes = self._access_notes()
            for key in self._auths():
                try:
                    self.auth(key)
                except ConfigMalformed as error:
                    self._notes.append(error.message)
        return self._notes

    def auth_keys(self) -> list[str]:
        """Every key of ``auths``, in the order of the file; those of markers and broken entries too."""
        return list(self._auths())

    def has_auth(self, key: str) -> bool:
        """Whether ``auths`` has an entry for ``key``, of whatever kind."""
        return key in self._auths()

    def auth(self, key: str) -> Credential | None:
        """The credential in the entry for ``key``; ``None`` if there is no entry, or none with a secret.

        Raises:
            ConfigMalformed: The entry is broken.

        """
        return self._read(key, auths.decode)

    def password(self, key: str) -> Credential | None:
        """User name and password in the entry for ``key``, even where an identity token stands beside them.

        Raises:
            ConfigMalformed: The entry is broken.

        """
        return self._read(key, lambda found: auths.decode({**found, "identitytoken": None}))

    def username(self, key: str) -> str:
        """The user name in the entry for ``key``, even if there is no secret with it; ``""`` if there is none.

        Raises:
            ConfigMalformed: The entry is broken.

        """
        return self._read(key, lambda found: auths.user(found)[0]) or ""

    @property
    def holds_secrets(self) -> bool:
        """Whether there is a secret in the file, of whatever registry."""
        return any(has_secret(each.value) for each in self._auths().values())

    def holds(self, key: str) -> bool:
        """Whether the entry for ``key`` has a credential in it, readable or not: a marker has none."""
        there = self._auths().get(key)
        return there is not None and has_credential(there.value)

    def is_bare(self, key: str) -> bool:
        """Whether there is an entry for ``key`` and nothing at all in it: a marker that no other program adds to."""
        there = self._auths().get(key)
        return there is not None and there.value.kind == "object" and not there.value.members

    def set_auth(self, key: str, credential: Credential) -> None:
        """Put ``credential`` into the entry for ``key``. Its other fields (``email``, ``registrytoken``, ...) are kept.

        Raises:
            BadCredential: Docker would read it back as something else.

        """
        new = auths.encode(credential)
        try:
            if self.auth(key) == credential:
                return
        except ConfigMalformed:
            pass  # it takes the place of the broken one
        self._put_entry(key, new)

    def set_marker(self, key: str) -> None:
        """Make the entry for ``key`` one without user name and secret: docker's sign that a helper has them."""
        there = self._auths().get(key)
        if there is None or has_credential(there.value):
            self._put_entry(key, {})

    def remove_auth(self, key: str) -> bool:
        """Remove the entry for ``key``. Returns whether there was one."""
        return self._touched(matching.remove(self._root, "auths", key))

    def set_helper(self, key: str, name: str) -> None:
        """Name the helper for ``key``; ``""`` means config.json itself, whatever ``credsStore`` says."""
        if self.cred_helpers.get(key) != name:
            matching.put(self._root, "credHelpers", key, string(name))
            self._touched(True)

    def remove_helper(self, key: str) -> bool:
        """Name no helper for ``key``. Returns whether one was named."""
        if not matching.remove(self._root, "credHelpers", key):
            return False
        for each in matching.members(self._root, "credHelpers"):
            if each.value.kind == "object" and not each.value.members:
                self._root.members.remove(each)  # as docker, which writes no empty one
        return self._touched(True)

    def set_creds_store(self, name: str) -> None:
        """Name the helper for all registries; ``""`` names none."""
        if self.creds_store == name:
            return
        there = matching.members(self._root, "credsStore")
        for each in there[:-1] if name else there:
            self._root.members.remove(each)
        if name and there:
            there[-1].value = string(name)
        elif name:
            matching.insert(self._root, member("credsStore", string(name)))
        self._touched(True)

    def render(self) -> bytes:
        """The bytes of the file: exactly those that were read, if nothing was changed."""
        if not self.changed:
            return self._data
        matching.ensure(self._root, "auths")  # as docker, which always writes one
        return write(self._root).encode("utf-8")

    def _auths(self) -> dict[str, Member]:
        if self._entries is None:
            self._entries = matching.merged(self._root, "auths")
        return self._entries

    def _strings(self, name: str) -> dict[str, str]:
        found = matching.merged(self._root, name)
        return {key: each.value.value or "" for key, each in found.items()}

    def _read(self, key: str, reader: Callable[[Mapping[str, object]], Read]) -> Read | None:
        """What ``reader`` makes of the fields in the entry for ``key``; ``None`` if there is no entry."""
        there = self._auths().get(key)
        if there is None:
            return None
        try:
            return reader(fields(there.value))
        except BadEntry as error:
            raise self._broken(key, error) from None

    def _put_entry(self, key: str, new: dict[str, str]) -> None:
        there = self._auths().get(key)
        matching.put(self._root, "auths", key, with_fields(there.value if there is not None else None, new))
        self._touched(True)

    def _touched(self, changed: bool) -> bool:  # noqa: FBT001 - the one thing that it is told
        if changed:
            self.changed = True
            self._entries = self._helpers = self._notes = None
        return changed

    def _broken(self, key: str, error: BadEntry) -> ConfigMalformed:
        return ConfigMalformed(
            f'the entry "{clean(key, 100)}" in {clean(self.path)} cannot be used: {error.reason}',
            "log in with -u NAME to replace it, or log out to remove it",
            path=self.path,
        )

    def _access_notes(self) -> list[str]:
        """One line if others could change what the file says, such as which helper programs are run."""
        if self._status is None or os.name != "posix":
            return []
        folder = os.path.dirname(os.path.realpath(self.path))
        try:
            above = os.stat(folder)
        except OSError:
            return []  # removed since
        for path, status in ((self.path, self._status), (folder, above)):
            if status.st_uid != os.geteuid():
                return [f"{clean(path)} belongs to another user (uid {status.st_uid}), who decides what it says"]
            if status.st_mode & _OTHERS_WRITE and not status.st_mode & stat.S_ISVTX:
                mode = f"{stat.S_IMODE(status.st_mode):04o}"
                return [f"{clean(path)} can be changed by other users (mode {mode}): chmod go-w would end that"]
        return []
