"""How a connection is opened: directly, through a proxy, to a unix socket; and TLS on it."""

from __future__ import annotations

from dockpass.errors import DockpassError, ProtocolError, ProxyFailed, TimedOut, TLSFailed, UnknownHost
from dockpass.http import dial
from dockpass.http.address import LookUp, resolve
from dockpass.http.message import connect, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from dockpass.http.address import Origin
    from dockpass.http.deadline import Deadline
    from dockpass.http.proxy import Proxy
    from dockpass.http.tls import Stream
    from dockpass.http.trust import Trust


class Opener:
    """Opens streams to one origin. Holds at most one open: the one that it opened last.

    The arguments are those of :class:`dockpass.http.connection.Connection`.

    Attributes:
        wire: The socket under the stream; ``None`` if none is open.
        peer: The numeric address that was connected to last; ``""`` through a proxy and on a unix socket.
        heard: The first bytes that the origin sent when TLS was spoken to it last; ``b""`` if it sent none.

    """

    __slots__ = (
        "_connect_timeout",
        "_deadline",
        "_look_up",
        "_origin",
        "_permit",
        "_proxy",
        "_step",
        "_trust",
        "heard",
        "peer",
        "wire",
    )

    def __init__(
        self,
        origin: Origin,
        *,
        deadline: Deadline,
        trust: Trust | None,
        proxy: Proxy | None,
        permit: Callable[[str], None] | None,
        connect_timeout: float,
    ) -> None:
        self.wire: dial.Wire | None = None
        self.peer = ""
        self.heard = b""
        self._origin = origin
        self._deadline = self._step = deadline
        self._trust = trust
        self._proxy = proxy if origin.scheme != "unix" else None
        self._permit = permit
        self._connect_timeout = connect_timeout
        self._look_up: LookUp | None = None

    def open(self) -> dial.Wire | Stream:
        """A new stream to the origin, on which requests may be sent.

        Raises:
            UnknownHost, Unreachable, TLSFailed, ProxyFailed, TimedOut: There is none. Nothing is left open.

        """
        try:
            stream = self._secure() if self._origin.scheme == "https" else self._reach()
        except BaseException:
            self.close()
            raise
        if self.wire is not None:
            self.wire.deadline = self._deadline
        return stream

    def close(self) -> None:
        """Close what is open. Never raises."""
        if self.wire is not None:
            self.wire.close()
        self.wire = None

    def failed(
        self,
        error: ssl.SSLError,
        first: bytes = b"",
        *,
        names: list[str] | None = None,
        certificate: bytes = b"",
    ) -> TLSFailed:
        """The error for a TLS failure with the origin. The rest is what is known of the other side."""
        from dockpass.http.tls_failure import Circumstances, explain

        circumstances = Circumstances(
            self._origin.label,
            self._server_name,
            directory=self._origin.netloc,
            first=first,
            shows_certificate=bool(self._trust and self._trust.client_pairs),
            names=names,
            certificate=certificate,
        )
        return TLSFailed(*explain(error, circumstances))

    def _limit(self) -> Deadline:
        """A new limit for the next step of getting there."""
        self._step = self._deadline.within(self._connect_timeout, "--connect-timeout")
        return self._step

    def _reach(self) -> dial.Wire | Stream:
        """A way to the origin, without its TLS."""
        proxy = self._proxy
        if proxy is None:
            return self._reach_directly()
        stream = self._reach_proxy(proxy)
        if self._origin.scheme == "https":
            self._tunnel(stream, proxy)
        return stream

    def _reach_directly(self) -> dial.Wire:
        origin = self._origin
        limit = self._limit()
        try:
            if origin.scheme == "unix":
                self.wire = dial.unix(origin.host, limit)
                return self.wire
            look_up, self._look_up = self._look_up or LookUp(origin.host, origin.port), None
            addresses = look_up.addresses(limit)
            if self._permit is not None:
                for address in addresses:
                    self._permit(address.ip)
            self.wire, connected = dial.tcp(addresses, limit)
        except OSError as error:
            from dockpass.http.trouble import unreachable

            raise unreachable(f"cannot connect to {origin.label}", error, limit) from None
        self.peer = connected.ip
        return self.wire

    def _reach_proxy(self, proxy: Proxy) -> dial.Wire | Stream:
        from dockpass.http.trouble import reason

        limit = self._limit()
        hint = f"check {proxy.variable}, or add the registry's host to NO_PROXY"
        try:
            self.wire, _address = dial.tcp(resolve(proxy.host, proxy.port, limit), limit)
            return self._secure_proxy(self.wire, proxy) if proxy.scheme == "https" else self.wire
        except UnknownHost:
            raise ProxyFailed(f"cannot find the proxy {proxy}", hint) from None
        except (TimeoutError, TimedOut):
            message = f"the proxy {proxy} does not answer within {limit.seconds:g} s"
            raise ProxyFailed(message, hint + limit.longer) from None
        except OSError as error:
            raise ProxyFailed(f"cannot connect to the proxy {proxy}: {reason(error)}", hint) from None

    def _tunnel(self, stream: dial.Wire | Stream, proxy: Proxy) -> None:
        """Have the proxy connect to the origin. It is shown its own credentials, never those of a registry.

        Reference: https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
        """
        from dockpass.http.trouble import reason

        label = self._origin.label
        limit = self._step
        try:
            stream.send(connect(self._origin, proxy.authorization))
            response, _keep = read(stream.recv, "CONNECT", f"the proxy {proxy}", limit=0)
        except ProtocolError as error:
            raise ProxyFailed(error.message, f"check {proxy.variable}: is that an HTTP proxy?") from None
        except TimeoutError:
            raise ProxyFailed(
                f"the proxy {proxy} did not connect to {label} within {limit.seconds:g} s",
                f"check {proxy.variable} and NO_PROXY: is {label} to be reached through that proxy?{limit.longer}",
            ) from None
        except OSError as error:
            raise ProxyFailed(f"the connection to the proxy {proxy} broke: {reason(error)}", "try again") from None
        if response.status in (401, 407):  # tinyproxy says 401 to a wrong password
            raise wants_login(proxy, response.status)
        if response.status >= 300:
            hint = "it may not find or reach it: check the registry's name and port"
            if response.status < 500:
                hint = "it may forbid that host or port: ask whoever runs the proxy"
            raise ProxyFailed(
                f"the proxy {proxy} does not connect to {label}: status {response.status}",
                f"{hint}, or add the registry's host to NO_PROXY",
            )

    def _secure_proxy(self, wire: dial.Wire, proxy: Proxy) -> Stream:
        """TLS with the proxy itself. The system's authorities count, and no client certificate is shown."""
        import ssl

        from dockpass.http.tls import Stream
        from dockpass.http.tls_failure import Circumstances, explain
        from dockpass.http.trust import Trust, context

        stream = Stream(wire, context(Trust()), proxy.host)
        try:
            stream.handshake()
        except ssl.SSLError as error:
            message, hint = explain(error, Circumstances(f"the proxy {proxy}", proxy.host, first=stream.first))
            raise ProxyFailed(message, hint or f"check {proxy.variable}") from None
        return stream

    def _secure(self) -> Stream:
        """TLS with the origin. If its authority is unknown, once more with all that the system trusts."""
        if self._proxy is None:
            # To load TLS takes about as long as a name server.
            self._look_up = LookUp(self._origin.host, self._origin.port)
        import ssl

        from dockpass.http.trust import Trust, context

        trust = self._trust = self._trust or Trust()
        while True:
            wide = trust.wide
            settings = context(trust)
            stream = self._over(self._reach(), settings)
            try:
                stream.handshake()
            except ssl.SSLError as error:
                from dockpass.http.tls_failure import is_unknown_authority, is_worth_a_look, is_wrong_name

                self.close()
                # Another thread with the same trust may have widened it meanwhile.
                if is_unknown_authority(error) and not wide and (trust.wide or trust.can_widen()):
                    trust.wide = True
                    continue
                names = self._names(trust) if is_wrong_name(error) else None
                certificate = self._certificate() if is_worth_a_look(error) else b""
                raise self.failed(error, stream.first, names=names, certificate=certificate) from None
            except OSError as error:
                from dockpass.http.trouble import unreachable

                what = f"no TLS handshake with {self._origin.label}"
                raise unreachable(what, error, self._step) from None
            finally:
                self.heard = stream.first[:8]
            return stream

    def _over(self, below: dial.Wire | Stream, settings: ssl.SSLContext) -> Stream:
        from dockpass.http.tls import Stream

        if self.wire is not None:
            self.wire.deadline = self._limit()
        return Stream(below, settings, self._server_name)

    @property
    def _server_name(self) -> str:
        """The name that the certificate must have."""
        named = self._trust.server_name if self._trust is not None else ""
        return named or self._origin.host

    def _names(self, trust: Trust) -> list[str] | None:
        """The names in a certificate that was refused for its name: by a second look, in which nothing is sent."""
        from dockpass.http.trust import context

        try:
            stream = self._over(self._reach(), context(trust, any_name=True))
            stream.handshake()
            return stream.names()
        except (OSError, DockpassError):
            return None
        finally:
            self.close()

    def _certificate(self) -> bytes:
        """A certificate that was refused, in DER form, by another such look; ``b""`` if it cannot be had."""
        from dockpass.http.trust import blind

        try:
            stream = self._over(self._reach(), blind())
            stream.handshake()
            return stream.certificate()
        except (OSError, DockpassError):
            return b""
        finally:
            self.close()


def wants_login(proxy: Proxy, status: int = 407) -> ProxyFailed:
    """The error for a proxy that wants another login, or one at all, and says so by ``status``."""
    if proxy.authorization:
        return ProxyFailed(
            f"the proxy {proxy} refuses the user name and password that {proxy.variable} has for it ({status})",
            f"correct them in {proxy.variable}",
        )
    return ProxyFailed(
        f"the proxy {proxy} wants a user name and password ({status})",
        f"write them into {proxy.variable}: http://USER:PASSWORD@HOST:PORT",
    )
