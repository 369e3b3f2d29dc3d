"""``docker-credential-NAME`` for the names that docker's own helpers have: each a store of ours, served by a program.

Such a program stands in for docker's, so it answers as that does: a server is compared as the store compares it, and no
other spelling of it is tried. Where docker's programs are known to do harm it does the better thing: what a request
means is read by the rules of :mod:`~dockpass.helper.request`, erasing what is not there succeeds, and a locked keyring
is an error, not an empty one.

Reference: https://github.com/docker/docker-credential-helpers
"""

from __future__ import annotations

import os
import sys

from dockpass.helper.own import answer, open_standard_streams, read, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.stores.contract import Store


def run(name: str) -> None:
    """Answer one request and end the process.

    Args:
        name: The store's: one of :data:`dockpass.stores.built_in.STORES`.

    """
    program = f"docker-credential-{name}"

    def tell(line: str) -> None:
        say(2, f"{program}: {line}\n".encode("utf-8", "surrogateescape"))

    def make() -> Store:
        from dockpass.stores import built_in

        store = built_in.make(name, None, tell)
        if store is None:
            from dockpass.errors import UnknownStore

            raise UnknownStore(f"this dockpass has no store {name}", f"dockpass helper uninstall {name}")
        return store

    try:
        open_standard_streams()
        status = answer(program, sys.argv[1:], read, make, _verbatim)
    except KeyboardInterrupt:
        status = 130
    os._exit(status)


def _verbatim(server: str, _store: Store) -> str:
    return server
