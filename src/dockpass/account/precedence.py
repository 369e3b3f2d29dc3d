"""What counts before what a user may have in mind: said before a login, for docker obeys the same order."""

from __future__ import annotations

import os

from dockpass.account.look_up import environment, spellings
from dockpass.display import clean
from dockpass.stores import route
from dockpass.stores.lead import OWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.config.document import Document
    from dockpass.server import Server
    from dockpass.stores.route import Chosen


def notes(server: Server, document: Document, chosen: Chosen) -> list[str]:
    """One line for each variable that is passed over, or that takes the place of what is kept.

    Args:
        server: The registry.
        document: config.json.
        chosen: The store that serves the registry.

    """
    return [note for note in (_overruled(document, chosen), _given(server)) if note]


def _overruled(document: Document, chosen: Chosen) -> str:
    """Where ``DOCKPASS_STORE`` names a store, and config.json the vault, as an earlier login wrote there."""
    named = os.environ.get(route.VARIABLE)
    if not named or not chosen.by_config or chosen.store.name != route.VAULT or named in (route.VAULT, OWN):
        return ""
    return (
        f"{chosen.by} in {clean(document.path)} leads to the vault, which counts before "
        f"{route.VARIABLE}={clean(named, 80)}: --store NAME overrides both"
    )


def _given(server: Server) -> str:
    """Where ``DOCKER_AUTH_CONFIG`` holds a login, or is of no use."""
    given, note = environment()
    if note is not None:
        return note
    keys = spellings(server, given.list()) if given is not None else []
    if not keys:
        return ""
    mend = f"unset {route.ENVIRONMENT} to use the one that is kept"
    if keys[0] == server.key:
        holds = f"{route.ENVIRONMENT} holds a login for {server.name}"
        return f"{holds}, which docker and dockpass use instead of any other: {mend}"
    return (
        f"{route.ENVIRONMENT} holds a login for {server.name} under the key {clean(keys[0], 255)}, which dockpass uses "
        f"instead of any other, and docker passes over: {mend}, or call it {server.key} there"
    )
