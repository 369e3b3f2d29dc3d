"""A login at a registry: the flow, over connections of our own."""

from __future__ import annotations

import os

from dockpass.credential import check
from dockpass.errors import TimedOut, TLSFailed, Unreachable
from dockpass.http.deadline import Deadline
from dockpass.registry import flow
from dockpass.registry.driver import Connections, drive
from dockpass.registry.flow import Outcome
from dockpass.registry.network import Network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from dockpass.credential import Credential, Secret
    from dockpass.http.address import Origin
    from dockpass.server import Server

    Result = TypeVar("Result")

__all__ = ["Outcome", "log_in"]


def _silent(text: str) -> None:
    """What is done with notes where nobody wants them."""


def log_in(
    server: Server,
    credential: Credential,
    *,
    token_host: str | None = None,
    pinned: Callable[[], str | None] | None = None,
    network: Network | None = None,
    environ: Mapping[str, str] | None = None,
    note: Callable[[str], None] = _silent,
    rotated: Callable[[Secret], None] | None = None,
    trace: Callable[[str], None] | None = None,
    meanwhile: Iterator[None] | None = None,
    verify: bool = False,
) -> Outcome:
    """Find out whether ``server`` lets ``credential`` in. Keeps nothing. At most 20 requests and, by default, 30 s.

    Args:
        server: The registry. It is spoken to by HTTPS; by plain HTTP with ``server.plain_http``, or if it does not
            speak TLS and is on loopback, or :mod:`~dockpass.registry.settings.insecure` by name.
        credential: A user name with a password, or an identity token.
        token_host: A token server's host that the user approves of.
        pinned: As in :func:`dockpass.registry.flow.log_in`.
        network: What the user said about the network.
        environ: The environment, for proxies and the folders of certificates; ``None`` for the process's own.
        note: Called with what the user should hear before the end, one line each.
        rotated: As in :func:`dockpass.registry.flow.log_in`.
        trace: Called with one line for each request and one for its answer, without secrets.
        meanwhile: As for :class:`dockpass.registry.driver.Connections`.
        verify: As in :func:`dockpass.registry.flow.log_in`.

    Raises:
        BadCredential: No registry could take these.
        FileUnreadable: Half a client certificate lies in ``certs.d``.
        RegistryError: The registry could not be asked, or did not let them in.

    """
    check(credential)
    network = Network() if network is None else network
    deadline = Deadline(network.timeout, "--timeout")
    environ = os.environ if environ is None else environ
    if not server.is_loopback:
        from dockpass.registry import lookalike

        for text in lookalike.notes(server):
            note(text)

    def act(server: Server, connections: Connections) -> Outcome:
        origin = begin_at(server, deadline.within(network.connect_timeout, "--connect-timeout"))
        return drive(
            flow.log_in(
                server,
                credential,
                origin=origin,
                token_host=token_host,
                pinned=pinned,
                rotated=rotated,
                verify=verify,
            ),
            connections,
        )

    def connect(server: Server) -> Connections:
        return Connections(
            server,
            deadline=deadline,
            network=network,
            environ=environ,
            note=note,
            pinned=pinned,
            trace=trace,
            meanwhile=meanwhile,
        )

    return connected(server, act, connect, environ=environ, note=note)


def connected(
    server: Server,
    act: Callable[[Server, Connections], Result],
    connect: Callable[[Server], Connections],
    *,
    environ: Mapping[str, str],
    note: Callable[[str], None],
) -> Result:
    """What ``act`` does with the registry over the connections that ``connect`` gives, which are closed then.

    Where nothing answers by HTTPS, and the registry is :mod:`~dockpass.registry.settings.insecure` by name, it acts
    once more, over others, on the same registry with consent to plain HTTP. ``environ`` and ``note`` are those of
    :class:`~dockpass.registry.driver.Connections`.
    """
    while True:
        connections = connect(server)
        try:
            return act(server, connections)
        except Unreachable as error:
            plain = _in_plain_http(server, error, connections, environ, note)
            if plain is None:
                raise
            server = plain
        finally:
            connections.close()


def _in_plain_http(
    server: Server,
    error: Unreachable,
    connections: Connections,
    environ: Mapping[str, str],
    note: Callable[[str], None],
) -> Server | None:
    """The same registry, to be spoken to by plain HTTP; ``None`` where that is not allowed, or would be no better."""
    if type(error) not in (Unreachable, TLSFailed) or not connections.asked_nobody_else:
        return None
    from dockpass.registry.settings import insecure

    return insecure.instead(server, environ, note, heard_tls=connections.heard_tls)


def begin_at(server: Server, deadline: Deadline) -> Origin:
    """Where to begin, and by which scheme: decided before any credential is sent."""
    if server.plain_http:
        return server.origin("http")
    secure = server.origin("https")
    if not server.is_loopback:
        return secure
    from dockpass.http.probe import speaks_tls

    try:
        return secure if speaks_tls(secure.host, secure.port, deadline) else server.origin("http")
    except Unreachable as error:
        if server.port is not None or isinstance(error, TimedOut):
            raise
        # Without a port, 443 is only the first guess.
        return server.origin("http")
