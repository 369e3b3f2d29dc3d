"""Where config.json leads: which helper it names for a server, and how another one is named.

Docker looks for exactly this key in ``credHelpers``, then at ``credsStore``. An empty name in ``credHelpers`` means
config.json itself, whatever ``credsStore`` says.

Between the two dockpass takes a key with ``*`` in it for many registries: ``*.dkr.ecr.*.amazonaws.com``. Such keys are
what somebody wrote; docker passes them over, and none is written here.

Reference: https://docs.docker.com/reference/cli/docker/login/#credential-helpers
"""

from __future__ import annotations

from dockpass.errors import BadServer
from dockpass.server import DOCKER_HUB, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.config.document import Document

OWN = "dockpass"
"""The suffix of our own helper, which has the vault."""

BY_ANY_KEY = (OWN, "openbao")
"""The helpers that give the login of a registry by whatever key docker and podman ask for it."""

PODMANS_HUB = "docker.io"
"""Under which key podman and its family look for the login of Docker Hub."""

HUBS_TOKENS = (f"{DOCKER_HUB}access-token", f"{DOCKER_HUB}refresh-token")
"""Where docker keeps the tokens of its login in the browser; it asks the helper of Docker Hub for them."""


def leads(document: Document, server: str) -> tuple[str, str]:
    """The helper that config.json names for ``server``, as the suffix of its program, and the member that names it.

    Returns:
        ``("", "credHelpers")`` where it says that the login is in config.json itself; ``("", "")`` where it names none.

    """
    helpers = document.cred_helpers
    return (helpers[server], "credHelpers") if server in helpers else leads_without_own(document, server)


def leads_without_own(document: Document, server: str) -> tuple[str, str]:
    """The same as if ``credHelpers`` had no key of its own for ``server``."""
    for pattern, name in document.cred_helpers.items():
        if "*" in pattern and _fits(server, pattern):
            return name, "credHelpers"
    store = document.creds_store
    return store, "credsStore" if store else ""


def lead(document: Document, server: str, name: str) -> None:
    """Have config.json name the helper ``name`` for ``server``, ``""`` for itself, unless it does already.

    A key with ``*`` is not enough, for docker does not understand it.
    """
    if not name == leads(document, server)[0] == document.cred_helpers.get(server, document.creds_store):
        document.set_helper(server, name)
    if name in BY_ANY_KEY:
        for key in also_asked(server):
            if key not in document.cred_helpers:
                document.set_helper(key, name)


def lead_elsewhere(document: Document, server: str, name: str, *, for_all: bool) -> None:
    """The same, where config.json leads to another place; what led to that is taken back.

    Args:
        document: config.json.
        server: The key.
        name: The helper.
        for_all: As for :func:`lead_to_vault`.

    """
    for key in (server, *also_asked(server)):
        helper = document.cred_helpers.get(key)
        if helper != name and (key == server or helper in BY_ANY_KEY):
            document.remove_helper(key)
    if name == OWN:
        lead_to_vault(document, server, for_all=for_all)
    else:
        lead(document, server, name)


def _fits(server: str, pattern: str) -> bool:
    """Whether a key with ``*`` means ``server``: each label of the host fits, and there are as many; the port is equal.

    So ``*.example.com`` never means ``a.b.example.com``, nor another registry whose name only ends like it. Keys with a
    path or a scheme are exact ones.
    """
    from fnmatch import fnmatchcase

    host, colon, port = server.lower().partition(":")
    wanted, wanted_colon, wanted_port = pattern.lower().partition(":")
    labels, parts = host.split("."), wanted.split(".")
    if "/" in server or "/" in pattern or "[" in pattern or (colon, port) != (wanted_colon, wanted_port):
        return False
    return len(labels) == len(parts) and all(map(fnmatchcase, labels, parts))


def lead_to_vault(document: Document, server: str, *, for_all: bool) -> None:
    """Have docker, podman and all who obey config.json ask our helper for ``server``.

    ``credHelpers`` is what all of them obey. ``credsStore`` is docker's alone; it can be named too where nothing else
    is configured, so that a later login with docker goes into the vault as well. Not where there are plain entries:
    docker would no longer see them.

    Another key under which the same registry is looked up is led here too, unless something else is named for it.

    Args:
        document: config.json.
        server: The key.
        for_all: Whether ``credsStore`` may be named: the vault is where logins go that nothing is said of.

    """
    others = any(name != OWN for name in document.cred_helpers.values())
    document.set_helper(server, OWN)
    lead(document, server, OWN)
    if for_all and not document.creds_store and not others and not plain_keys(document):
        document.set_creds_store(OWN)


def leave_vault(document: Document, server: str) -> None:
    """Take back what :func:`lead_to_vault` wrote for ``server``. ``credsStore`` stays."""
    for key in (server, *also_asked(server)):
        if document.cred_helpers.get(key) == OWN:
            document.remove_helper(key)


def also_asked(server: str) -> list[str]:
    """Under which other keys the login of ``server`` is looked up.

    A login may be kept under a spelling that some old docker wrote. Docker finds that in config.json, but a helper it
    asks by the registry's own key only.
    """
    try:
        registry = Server.parse(server)
    except BadServer:
        return []
    if not registry.covers(server):
        return []  # a part of a registry, or one of docker's own keys
    keys = [registry.key, PODMANS_HUB] if registry.is_docker_hub else [registry.key]
    return [key for key in keys if key != server]


def is_served(key: str) -> bool:
    """Whether docker and podman ask helpers for this key, or for another one of the same registry."""
    if key in HUBS_TOKENS:
        return True
    try:
        return Server.parse(key).covers(key)
    except BadServer:
        return False


def plain_keys(document: Document) -> list[str]:
    """The keys of the logins that lie in config.json in plain text, those that cannot be read among them."""
    return [key for key in document.auth_keys() if document.holds(key)]
