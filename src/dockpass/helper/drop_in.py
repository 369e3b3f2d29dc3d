"""``docker-credential-NAME`` for the names that docker's own helpers have: each a store of ours, served by a program.

Such a program stands in for docker's, so it answers as that does: a server is compared as the store compares it, and no
other spelling of it is tried. Where docker's programs are known to do harm it does the better thing: what a request
means is read by the rules of :mod:`~dockpass.helper.request`, erasing what is not there succeeds, and a locked keyring
is an error, not an empty one.

``docker-credential-openbao`` stands in for nobody's, and is asked by docker and podman alike, who call Docker Hub by
different names: what it does not have under the name that it is asked for, it has under the registry's own key.

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
        status = answer(program, sys.argv[1:], read, make, _or_own_key if name == "openbao" else _verbatim)
    except KeyboardInterrupt:
        status = 130
    os._exit(status)


def _verbatim(server: str, _store: Store) -> str:
    return server


def _or_own_key(server: str, store: Store) -> str:
    from dockpass.errors import BadServer
    from dockpass.server import Server

    try:
        wanted = Server.parse(server)
    except BadServer:
        return server
    if wanted.key == server or not wanted.covers(server) or store.get(server) is not None:
        return server
    return wanted.key
