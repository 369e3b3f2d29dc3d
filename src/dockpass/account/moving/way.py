"""From which store to which one, and what config.json has to say to that."""

from __future__ import annotations

import os

from dockpass.account.installed import MODULES
from dockpass.display import clean
from dockpass.errors import BadServer, ConfigMalformed, HelperMissing, StoreUnavailable
from dockpass.server import Server
from dockpass.stores import route
from dockpass.stores.lead import (
    HUBS_TOKENS,
    OWN,
    is_served,
    lead_elsewhere,
    leads,
    leads_without_own,
    plain_keys,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dockpass.config.document import Document
    from dockpass.stores.bare import Bare


class Way:
    """The two ends of a move.

    Args:
        source: Where the logins are.
        target: Where they are to be.

    """

    __slots__ = ("source", "target")

    def __init__(self, source: Bare, target: Bare) -> None:
        self.source = source
        self.target = target

    def keys(self, current: Document) -> list[str]:
        """The keys of the logins in the old store, broken ones too where it is config.json.

        Raises:
            StoreError, FileError: It cannot say.

        """
        return plain_keys(current) if self.source.is_file else list(self.source.store.list())

    def goal(self, key: str) -> str:
        """Under which key the new store is to have the login.

        Somewhere an old docker wrote another spelling than the registry's own key. In config.json docker and podman
        find that, and our helper knows it; all others are asked for the registry's own key.
        """
        if self.target.is_file or _name(self.target) == OWN or not is_served(key) or key in HUBS_TOKENS:
            return key
        return Server.parse(key).key

    def probe(self, keys: Sequence[str]) -> None:
        """See that the stores can be used here at all. Nobody is asked, and no secret read.

        Args:
            keys: What there is to be moved. An old store that seems to have nothing may be one that cannot be used.

        Raises:
            StoreError: One cannot: the message says why.

        """
        end, way_out = (self.target, "--to") if keys else (self.source, "--from")
        reason = end.store.probe()
        if reason is None:
            return
        end.store.list()  # its own error says more, if it has one
        raise StoreUnavailable(
            f"{end.title} cannot be used here: {reason}", f"set it up, or name another store: {way_out} STORE"
        )

    def check(self) -> None:
        """See that docker and podman can be led to the new store, and that it is open.

        Raises:
            HelperMissing: They would not find what is moved.
            StoreError, FileError: It is locked.

        """
        target = self.target
        name = target.store.name
        if target.helper is None and os.environ.get(route.VARIABLE) != name:
            program = OWN if name == route.VAULT else name
            raise HelperMissing(
                f"docker-credential-{clean(program, 64)} is not on PATH, so docker and podman would not find what is "
                "moved",
                f"dockpass helper install {program}"
                if program in MODULES
                else f"set {route.VARIABLE}={clean(name, 64)}, and dockpass will find it there",
            )
        target.store.check_open()

    def why_not(self, current: Document, key: str) -> str:
        """Why the login under ``key`` stays where it is; ``""`` if config.json has nothing against its move."""
        helper = leads(current, key)[0]
        if helper and helper not in (_name(self.source), _name(self.target)):
            return f"config.json says that docker-credential-{clean(helper, 64)} has it"
        if self.target.helper is None and leads_without_own(current, key)[1]:
            program = _name(self.target)
            return f"config.json would hide it in {self.target.title}: dockpass helper install {clean(program, 64)}"
        goal = self.goal(key)
        there = leads(current, goal)[0] if goal != key else ""
        if there and there not in (_name(self.source), _name(self.target)):
            return f"config.json says that docker-credential-{clean(there, 64)} has the login for {clean(goal, 255)}"
        if not self.target.is_file and not is_served(key):
            return "it is for a part of a registry, and a helper is asked for a whole one only"
        return _broken(current, key) if self.source.is_file else ""

    def lead(self, current: Document, key: str) -> None:
        """Have config.json lead to the new store, and hold nothing that it does not."""
        goal, helper = self.goal(key), self.target.helper
        if helper is None or goal != key:
            current.remove_helper(key)
            if current.holds(key):
                current.set_marker(key)
            if current.is_bare(key):
                current.remove_auth(key)
        if helper is None:
            return
        if not self.target.is_file:
            current.set_marker(goal)
        lead_elsewhere(current, goal, helper, for_all=route.goes_to_vault(os.environ))
        if helper:
            current.set_helper(goal, helper)  # also where credsStore names it, at which podman does not look

    def lead_back(self, current: Document, key: str) -> None:
        """Have config.json lead to the old store again, which is no file."""
        goal = self.goal(key)
        if goal != key:
            current.remove_helper(goal)
            if current.is_bare(goal):
                current.remove_auth(goal)
            current.set_marker(key)
        if self.source.helper:
            lead_elsewhere(current, key, self.source.helper, for_all=False)


def stays_in_file(current: Document, key: str) -> bool:
    """Whether config.json says of this login that it is to stay where it is, in config.json."""
    return leads(current, key) == ("", "credHelpers")


def wanted(keys: list[str], servers: Iterable[str], unknown: list[Server]) -> list[str]:
    """Those of ``keys`` that mean one of ``servers``, in their order; all where none is named.

    Args:
        keys: What there is.
        servers: Registries in any spelling; or exactly a key, as that of a part of a registry.
        unknown: Gets the registries for which there is nothing.

    Raises:
        BadServer: One of ``servers`` is not the address of a registry.

    """
    servers = list(servers)
    if not servers:
        return keys
    if "" in servers:
        # Elsewhere that means Docker Hub, as with docker; here it is an unset variable, which must move nothing.
        raise BadServer("a server is empty", "name it, or leave it out to move all")
    found = set()
    for text in servers:
        if text in keys and (text in HUBS_TOKENS or not is_served(text)):
            found.add(text)  # not a registry's own key, but just this one
            continue
        server = Server.parse(text)
        meant = [key for key in keys if server.covers(key) or (server.is_docker_hub and key in HUBS_TOKENS)]
        if not meant:
            unknown.append(server)
        found.update(meant)
    return [key for key in keys if key in found]


def _name(end: Bare) -> str:
    """How config.json names a store, whether or not it can be found there now."""
    if end.is_file:
        return ""
    return OWN if end.store.name == route.VAULT else end.store.name


def _broken(current: Document, key: str) -> str:
    """Why what lies under ``key`` in config.json is not one login that another store could keep."""
    try:
        credential, password = current.auth(key), current.password(key)
    except ConfigMalformed as error:
        return error.message
    if credential is not None and credential.is_identity_token and password is not None:
        return "there is a password beside its identity token, and other stores keep one of them: log in there again"
    return ""
