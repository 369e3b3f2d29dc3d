"""Where config.json leads: which helper it names for a server, and how another one is named.

Docker looks for exactly this key in ``credHelpers``, then at ``credsStore``. An empty name in ``credHelpers`` means
config.json itself, whatever ``credsStore`` says.

Reference: https://docs.docker.com/reference/cli/docker/login/#credential-helpers
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.config.document import Document


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
