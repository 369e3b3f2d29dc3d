"""What is kept, where, and how that is looked at: one class a store."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Protocol

from dockpass.credential import Credential
from dockpass.stores.age import AgeStore
from dockpass.stores.vaulted import Vaulted

if TYPE_CHECKING:
    from rough.box import Box

USER, OLD, NEW = "alice", "old-secret-1f6d", "new-secret-9c42"
"""Who is logged in at the beginning, with which password, and with which the login under test is made."""

NEXT_USER, NEXT = "bob", "next-secret-77ae"
"""Who logs in after it, to see whether that works."""

USERS = {USER: NEW, NEXT_USER: NEXT}
"""Whom the registry takes."""

OTHERS = {"ghcr.io": ("carol", "carols-secret"), "zzz.example.com:5000": ("dave", "daves-secret")}
"""Other logins, which must not be lost."""


def joined(user: str, password: str) -> str:
    """The value of ``auth``."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


SECRETS = (OLD, NEW, NEXT, *(password for _user, password in OTHERS.values()))
SECRETS += tuple(joined(*pair) for pair in ((USER, OLD), (USER, NEW), (NEXT_USER, NEXT), *OTHERS.values()))
"""What must never be printed."""


class Store(Protocol):
    """A store that is treated roughly.

    Attributes:
        name: As ``DOCKPASS_STORE`` has it.
        steps: How many places a login is written to, one after the other. Between two of them an error leaves it half
            done; nothing else may be lost.

    """

    @property
    def name(self) -> str: ...
    @property
    def steps(self) -> int: ...

    def enter(self, box: Box) -> None:
        """Let what runs in the box use this store."""

    def prepare(self, box: Box, address: str, *, mode: int) -> None:
        """Put the earlier logins there.

        Args:
            box: Where.
            address: The registry of the login under test.
            mode: The mode of config.json.

        """

    def expected(self, address: str, login: tuple[str, str] | None, *, others: bool) -> object:
        """What is to be there, as :meth:`seen` gives it.

        Args:
            address: The registry of the login under test.
            login: Its user and password; ``None``: there is no such login.
            others: Whether other logins, and what docker and dockpass know nothing of, are there too.

        """

    def nothing(self) -> object:
        """What :meth:`seen` gives where nothing was ever kept."""

    def seen(self, box: Box) -> object:
        """What is there."""

    def leftovers(self, box: Box) -> list[str]:
        """What should not be there once a command has ended well."""

    def places(self, box: Box) -> tuple[str, ...]:
        """The folders of which an error must name one, or something in it."""


class PlainFile:
    """The store ``file``: config.json itself.

    Args:
        bulk: How many digits there are in a number that nobody knows, to make the file larger.

    """

    name = "file"
    steps = 1

    def __init__(self, bulk: int = 2) -> None:
        self._number = "1.5".ljust(bulk + 2, "0")

    def enter(self, box: Box) -> None:
        """Nothing to do: boxes use this store."""
        assert box.env["DOCKPASS_STORE"] == self.name

    def prepare(self, box: Box, address: str, *, mode: int) -> None:
        """A config.json as docker lays it out."""
        box.write(self.expected(address, (USER, OLD), others=True), mode)

    def expected(self, address: str, login: tuple[str, str] | None, *, others: bool) -> bytes:
        """The file, to the byte."""
        entries = {
            server: f'"email": "x@example.com",\n\t\t\t"auth": "{joined(*pair)}"' for server, pair in OTHERS.items()
        }
        if not others:
            entries = {}
        if login is not None:
            entries[address] = f'"auth": "{joined(*login)}"'
        lines = [f'\t\t"{server}": {{\n\t\t\t{entry}\n\t\t}}' for server, entry in sorted(entries.items())]
        auths = '\t"auths": {\n' + ",\n".join(lines) + "\n\t}" if lines else '\t"auths": {}'
        rest = ',\n\t"detachKeys": "ctrl-e,\\u0065",\n\t"someday": [\n\t\tNUMBER,\n\t\tnull\n\t]' if others else ""
        return f"{{\n{auths}{rest}\n}}".replace("NUMBER", self._number).encode()

    def nothing(self) -> None:
        """No file."""

    def seen(self, box: Box) -> bytes | None:
        """The file. White space at its end has no meaning, and shows work under way."""
        return box.file.read_bytes().rstrip(b" ") if box.file.exists() else None

    def leftovers(self, box: Box) -> list[str]:
        """What is beside config.json and its lock."""
        left = [name for name in box.names() if name not in ("config.json", ".config.json.lock")]
        if box.file.exists() and box.file.read_bytes().endswith(b" "):
            left.append("white space at the end of config.json")
        return left

    def places(self, box: Box) -> tuple[str, ...]:
        """The folder of config.json."""
        return (str(box.docker),)


class Vault:
    """The store ``age``: the vault, with its routes in config.json."""

    name = "age"
    steps = 2

    def enter(self, box: Box) -> None:
        """Routes are written where docker would find our helper."""
        box.env["DOCKPASS_STORE"] = self.name
        programs = box.folder / "bin"
        programs.mkdir(exist_ok=True)
        helper = programs / "docker-credential-dockpass"
        helper.write_text("#!/bin/sh\nexit 1\n")
        helper.chmod(0o755)
        box.env["PATH"] = os.pathsep.join((str(programs), box.env["PATH"]))

    def prepare(self, box: Box, address: str, *, mode: int) -> None:
        """Every login is in the vault, and has its route; in config.json is also what nobody knows."""
        box.write(b'{"someday": [1.50, null]}', mode)
        store = Vaulted(self._store(box), str(box.docker), routes=True)
        for server, pair in {**OTHERS, address: (USER, OLD)}.items():
            store.put(server, Credential(*pair))
        box.settle()

    def expected(self, address: str, login: tuple[str, str] | None, *, others: bool) -> dict[str, tuple[str, str]]:
        """The logins."""
        return (OTHERS if others else {}) | ({address: login} if login is not None else {})

    def nothing(self) -> dict[str, tuple[str, str]]:
        """No logins."""
        return {}

    def seen(self, box: Box) -> dict[str, tuple[str, str]]:
        """The logins, each of the account in use."""
        store = self._store(box)
        found = {server: store.get(server) for server in store.list()}
        return {server: (each.username, each.secret.reveal()) for server, each in found.items() if each is not None}

    def leftovers(self, box: Box) -> list[str]:
        """Temporary files, a login without a route, a route without a login, and what is gone of what nobody knows."""
        left = [name for name in box.names() if name not in ("config.json", ".config.json.lock")]
        for _folder, _folders, files in os.walk(self._folder(box)):
            left += [name for name in files if "dockpass-" in name]
        config = json.loads(box.file.read_bytes()) if box.file.exists() else {}
        logins = self.seen(box)
        routes = {server for server, helper in config.get("credHelpers", {}).items() if helper == "dockpass"}
        left += [f"route and login differ: {server}" for server in routes ^ logins.keys()]
        left += [f"mark and login differ: {server}" for server in config.get("auths", {}).keys() ^ logins.keys()]
        if OTHERS.keys() <= logins.keys() and config.get("someday") != [1.5, None]:
            left.append("someday is gone")
        return left

    def places(self, box: Box) -> tuple[str, ...]:
        """The folders of config.json and of the vault, and those that lead to it."""
        return str(box.docker), str(box.home / ".local")

    def _folder(self, box: Box) -> str:
        return str(box.home / ".local" / "share" / "dockpass")

    def _store(self, box: Box) -> AgeStore:
        return AgeStore(self._folder(box))


STORES: dict[str, Store] = {store.name: store for store in (PlainFile(), Vault())}
