"""A token for a registry: the conversation, over connections of our own."""

from __future__ import annotations

import os

from dockpass.http.deadline import Deadline
from dockpass.registry.client import begin_at, connected
from dockpass.registry.driver import Connections, drive
from dockpass.registry.network import Network
from dockpass.registry.tokens import access
from dockpass.registry.tokens.admission import Admission
from dockpass.registry.tokens.turn import on_threads
from dockpass.registry.tokens.way import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dockpass.credential import Credential
    from dockpass.http.address import Origin
    from dockpass.registry.tokens.cache import Cache, Kept
    from dockpass.registry.tokens.scope import Scope
    from dockpass.server import Server


def _silent(text: str) -> None:
    """What is done with notes where nobody wants them."""


def token(
    server: Server,
    scopes: Iterable[Scope],
    credential: Credential | None,
    *,
    cache: Cache,
    token_host: str | None = None,
    pinned: Callable[[], str | None] | None = None,
    network: Network | None = None,
    environ: Mapping[str, str] | None = None,
    note: Callable[[str], None] = _silent,
    rotated: Callable[[Credential, Credential], None] | None = None,
    stored: Callable[[], Credential | None] | None = None,
    trace: Callable[[str], None] | None = None,
) -> Kept:
    """A token for these scopes: from the cache, or else from the registry's token server.

    Where several threads want the same, one asks. At most 20 requests and, by default, 30 s.

    Args:
        server: The registry. It is spoken to by HTTPS; by plain HTTP with ``server.plain_http``, or if it does not
            speak TLS and is on loopback, or :mod:`~dockpass.registry.settings.insecure` by name.
        scopes: What the token is to allow. It may allow less, and that is no error.
        credential: The login; ``None`` for a token that anybody may have.
        cache: Where tokens are looked for and kept.
        token_host: As for :class:`dockpass.registry.tokens.admission.Admission`, as are ``pinned``, ``rotated`` and
            ``stored``.
        pinned: See there.
        network: What the user said about the network.
        environ: The environment, for proxies and the folders of certificates; ``None`` for the process's own.
        note: Called with what the user should hear, one line each.
        rotated: See there.
        stored: See there.
        trace: Called with one line for each request and one for its answer, without secrets.

    Raises:
        BadCredential: No registry could take this login.
        FileUnreadable: Half a client certificate lies in ``certs.d``.
        RegistryError: What :func:`dockpass.registry.tokens.access.token` and the connections raise.

    """
    network = Network() if network is None else network
    environ = os.environ if environ is None else environ
    deadline = Deadline(network.timeout)

    def act(server: Server, connections: Connections) -> Kept:
        def place(origin: Origin) -> Place:
            return Place(origin, plain_http=server.plain_http, certificate=connections.certificate(origin))

        known = [one for one in map(server.origin, ("https", "http")) if cache.way(place(one)) is not None]
        if known and known[0].scheme == "https":
            connections.remember_tls()
        origin = known[0] if known else begin_at(server, deadline.within(network.connect_timeout))
        admission = Admission(
            server,
            credential,
            origin=origin,
            cache=cache,
            certificate=connections.certificate(origin),
            token_host=token_host,
            pinned=pinned,
            rotated=rotated,
            stored=stored,
        )
        kept = drive(on_threads(access.token(admission, scopes), deadline), connections)
        for text in admission.notes:
            note(text)
        return kept

    def connect(server: Server) -> Connections:
        return Connections(
            server, deadline=deadline, network=network, environ=environ, note=note, pinned=pinned, trace=trace
        )

    return connected(server, act, connect, environ=environ, note=note)
