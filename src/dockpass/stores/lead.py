"""Where config.json leads: which helper it names for a server, and how another one is named.

Docker looks for exactly this key in ``credHelpers``, then at ``credsStore``. An empty name in ``credHelpers`` means
config.json itself, whatever ``credsStore`` says.

Reference: https://docs.docker.com/reference/cli/docker/login/#credential-helpers
"""

from __future__ import annotations

from dockpass.errors import ConfigMalformed
from dockpass.server import DOCKER_HUB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.config.document import Document

OWN = "dockpass"
"""The suffix of our own helper, which has the vault."""

PODMANS_HUB = "docker.io"
"""Under which key podman and its family look for the login of Docker Hub."""


def leads(document: Document, server: str) -> tuple[str, str]:
    """The helper that config.json names for ``server``, as the suffix of its program, and the member that names it.

    Returns:
        ``("", "credHelpers")`` where it says that the login is in config.json itself; ``("", "")`` where it names none.

    """
    helpers = document.cred_helpers
    if server in helpers:
        return helpers[server], "credHelpers"
    store = document.creds_store
    return store, "credsStore" if store else ""


def lead(document: Document, server: str, name: str) -> None:
    """Have config.json name the helper ``name`` for ``server``, ``""`` for itself, unless it does already."""
    if leads(document, server)[0] != name:
        document.set_helper(server, name)


def lead_to_vault(document: Document, server: str) -> None:
    """Have docker, podman and all who obey config.json ask our helper for ``server``.

    ``credHelpers`` is what all of them obey. ``credsStore`` is docker's alone; it is named too where nothing else is
    configured, so that a later login with docker goes into the vault as well. Not where there are plain entries: docker
    would no longer see them.
    """
    keys = [server, PODMANS_HUB] if server == DOCKER_HUB else [server]
    for key in keys:
        if document.cred_helpers.get(key) != OWN:
            document.set_helper(key, OWN)
    others = any(name != OWN for name in document.cred_helpers.values())
    if not document.creds_store and not others and not plain_keys(document):
        document.set_creds_store(OWN)


def leave_vault(document: Document, server: str) -> None:
    """Take back what :func:`lead_to_vault` wrote for ``server``. ``credsStore`` stays."""
    for key in [server, PODMANS_HUB] if server == DOCKER_HUB else [server]:
        if document.cred_helpers.get(key) == OWN:
            document.remove_helper(key)


def plain_keys(document: Document) -> list[str]:
    """The keys of the logins that lie in config.json in plain text, those that cannot be read among them."""
    found = []
    for key in document.auth_keys():
        try:
            if document.auth(key) is None:
                continue
        except ConfigMalformed:
            pass
        found.append(key)
    return found
