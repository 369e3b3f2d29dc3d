"""The conversation carried out over real connections.

The flow decides what is asked; here it is decided by which connection, how often, and how long all of it may take. What
may be connected to is known to :mod:`dockpass.registry.permit`, whom to trust there to
:mod:`dockpass.registry.settings.by_origin`.
"""

from __future__ import annotations

from time import sleep

from dockpass.errors import ProtocolError, Unreachable
from dockpass.http.connection import Connection
from dockpass.registry.step import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from typing import TypeVar

    from dockpass.http.address import Origin
    from dockpass.http.deadline import Deadline
    from dockpass.http.message import Response
    from dockpass.http.proxy import Proxy
    from dockpass.http.trust import Trust
    from dockpass.registry.network import Network
    from dockpass.registry.settings.by_origin import ByOrigin
    from dockpass.registry.step import Step
    from dockpass.registry.trace import Trace
    from dockpass.server import Server

    Result = TypeVar("Result")

MOST_REQUESTS = 20
_TOKEN_LIMIT = 131072
_OTHER_LIMIT = 65536


def drive(flow: Generator[Step, Response, Result], connections: Connections) -> Result:
    """Send what ``flow`` asks for until it is done. Returns and raises what it does, and what the connections raise."""
    try:
        step = next(flow)
        while True:
            step = flow.send(connections.send(step))
    except StopIteration as done:
        result: Result = done.value
        return result
    finally:
        flow.close()


class Connections:
    """The connections of one run, at most one to an origin, open until :meth:`close`.

    Args:
        server: The registry.
        deadline: For all of it.
        network: What the user said about the network.
        environ: The environment, for proxies and folders.
        note: Called with what the user should hear meanwhile, one line each.
        pinned: Gives the token server that the user approved of earlier, or ``None``. Called only if it matters.
        trace: Called with one line for each request and one for its answer, without secrets.
        meanwhile: What can be done while answers are waited for: one step for each, and all that is left while the one
            to credentials is. It must not raise.

    """

    def __init__(
        self,
        server: Server,
        *,
        deadline: Deadline,
        network: Network,
        environ: Mapping[str, str],
        note: Callable[[str], None],
        pinned: Callable[[], str | None] | None = None,
        trace: Callable[[str], None] | None = None,
        meanwhile: Iterator[None] | None = None,
    ) -> None:
        self._server = server
        self._pinned = pinned
        self._deadline = deadline
        self._network = network
        self._environ = environ
        self._note = note
        self._trace: Trace | None = None
        if trace is not None:
            from dockpass.registry.trace import Trace

            self._trace = Trace(trace)
        self._meanwhile = meanwhile if meanwhile is not None else iter(())
        self._open: dict[tuple[Origin, str], Connection] = {}
        self._certificates: ByOrigin | None = None
        self._sent = 0
        self._registry_ip = ""
        self._had_https = False
        self._spoke_tls = False

    def send(self, step: Step) -> Response:
        """Wait as long as the step says, send it, and read the answer.

        Raises:
            ProtocolError: Too many requests, or one by plain HTTP after HTTPS had answered.
            UntrustedTokenHost: The name of the token server leads where it must not.
            TLSFailed: The other side says in its answer that it wants a client certificate, or TLS.
            RegistryError: What :class:`~dockpass.http.connection.Connection` raises.

        """
        if self._sent == MOST_REQUESTS:
            raise ProtocolError(
                f"{self._server.key} could not be dealt with in {MOST_REQUESTS} requests", "tell those who run it"
            )
        self._sent += 1
        if step.reach == ANY and step.origin.scheme == "https":
            self._had_https = True
        elif step.reach == ANY and self._had_https:
            raise ProtocolError(
                f"{self._server.key} is not spoken to by plain HTTP once HTTPS has been spoken",
                "this is a fault of the registry, or worse: tell those who run it",
            )
        if step.pause:
            sleep(min(step.pause, self._deadline.remaining()))
        connection = self._connection(step)
        if self._trace is not None:
            self._trace.asked(step)
        connection.meanwhile = self._all_steps if step.shows else self._one_step
        try:
            answer = connection.exchange(
                step,
                limit=_TOKEN_LIMIT if step.wants_token else _OTHER_LIMIT,
                drop_oversized=not step.wants_token,
            )
        except Unreachable as error:
            self._say_who_it_is(error, step)
            raise
        if self._trace is not None:
            self._trace.answered(answer.status, connection.peer or str(step.origin))
        if answer.status == 400:
            from dockpass.registry.refusal.front import about_tls

            trouble = about_tls(answer, step.origin)
            if trouble is not None:
                self._say_who_it_is(trouble, step)
                raise trouble
        if step.reach == ANY and connection.peer:
            self._registry_ip = connection.peer
        return answer

    def certificate(self, origin: Origin) -> tuple[str, ...]:
        """The client certificate that ``origin`` would be shown: the paths of its files; empty for none.

        Raises:
            FileUnreadable: Half a client certificate lies in ``certs.d``.

        """
        if origin.scheme != "https":
            return ()
        return tuple(path for pair in self._trust(origin).client_pairs for path in pair)

    @property
    def heard_tls(self) -> bool:
        """Whether anything was said in TLS. From then on nothing may be tried without."""
        return self._spoke_tls or any(connection.heard_tls for connection in self._open.values())

    @property
    def asked_nobody_else(self) -> bool:
        """Whether nobody but the registry was connected to, or tried to be."""
        registry = self._server.origin("https")
        return all(origin == registry for origin, _reach in self._open)

    def remember_tls(self) -> None:
        """The registry has answered in TLS earlier, over other connections."""
        self._spoke_tls = True

    def close(self) -> None:
        """Close all connections. Never raises."""
        for connection in self._open.values():
            connection.close()

    def _say_who_it_is(self, error: Unreachable, step: Step) -> None:
        """Where ``error`` is about a token server, a host that the user has not named, say in it that it is one."""
        host = step.origin.host
        if step.wants_token and host != self._server.host and host in error.message:
            from dockpass.registry import called

            error.message += f"; {host} is the token server of {called.registry(self._server)}"
            error.args = (error.message,)

    def _one_step(self) -> None:
        next(self._meanwhile, None)

    def _all_steps(self) -> None:
        for _ in self._meanwhile:
            pass

    def _connection(self, step: Step) -> Connection:
        key = (step.origin, step.reach)
        if key not in self._open:
            proxy = self._proxy(step.origin)
            if proxy is not None and step.origin.scheme == "http":
                self._note(f"the proxy {proxy} can read the user name and password: {step.origin} is not encrypted")
            self._open[key] = Connection(
                step.origin,
                deadline=self._deadline,
                trust=self._trust(step.origin) if step.origin.scheme == "https" else None,
                proxy=proxy,
                permit=None if step.reach == ANY else self._permit(step),
                connect_timeout=self._network.connect_timeout,
            )
        return self._open[key]

    def _proxy(self, origin: Origin) -> Proxy | None:
        """The proxy for ``origin``. Most users name none at all, and need no rules about them."""
        if not self._network.proxies and not any(name.upper().endswith("_PROXY") for name in self._environ):
            return None
        from dockpass.registry.settings.proxies import find

        proxy = find(origin, self._environ, self._network)
        if proxy is not None and proxy.variable not in self._environ:
            self._note(f"the proxy {proxy} is used, from {proxy.variable}: the environment names none")
        return proxy

    def _permit(self, step: Step) -> Callable[[str], None]:
        from dockpass.registry import permit

        def check(ip: str) -> None:
            permit.check(step, ip, self._server, self._registry_ip, self._pinned)

        return check

    def _trust(self, origin: Origin) -> Trust:
        if self._certificates is None:
            from dockpass.registry.settings.by_origin import ByOrigin

            self._certificates = ByOrigin(self._server, self._network, self._environ, self._note)
        return self._certificates.trust(origin)
