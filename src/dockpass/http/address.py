"""Where a connection goes: an origin, and the addresses that its name stands for."""

from __future__ import annotations

import _socket as socket  # what socket is made of, without its 6 ms of imports
import _thread

from dockpass.display import clean
from dockpass.errors import TimedOut, UnknownHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.deadline import Deadline

    SocketAddress = tuple[str, int] | tuple[str, int, int, int]


class Origin:
    """Scheme, host and port: the unit of trust on the web. A value.

    Args:
        scheme: ``"https"``, ``"http"``, or ``"unix"`` for an HTTP server on a unix socket (``host`` is then its path,
            ``port`` 0).
        host: A lower-case ASCII name, or an IP literal without brackets.
        port: 1 to 65535.

    Reference: https://www.rfc-editor.org/rfc/rfc6454#section-4
    """

    __slots__ = ("host", "port", "scheme")

    def __init__(self, scheme: str, host: str, port: int) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Origin):
            return NotImplemented
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)

    def __hash__(self) -> int:
        return hash((self.scheme, self.host, self.port))

    @property
    def netloc(self) -> str:
        """What the ``Host`` header says: ``host``, or ``host:port`` where the port is not the scheme's own; IPv6 in
        brackets. ``localhost`` for a unix socket, whose path is nobody's name.
        """
        if self.scheme == "unix":
            return "localhost"
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"https": 443, "http": 80}.get(self.scheme)
        return host if self.port == default else f"{host}:{self.port}"

    @property
    def label(self) -> str:
        """What errors call it: host and port, or the path of a unix socket."""
        return clean(self.host if self.scheme == "unix" else self.netloc)

    def __str__(self) -> str:
        return f"unix://{self.host}" if self.scheme == "unix" else f"{self.scheme}://{self.netloc}"

    def __repr__(self) -> str:
        return f"Origin({str(self)!r})"


class Address:
    """One address to connect to. A value.

    Args:
        family: ``socket.AF_INET`` or ``socket.AF_INET6``.
        target: What ``socket.connect`` takes.

    """

    __slots__ = ("family", "target")

    def __init__(self, family: int, target: SocketAddress) -> None:
        self.family = family
        self.target = target

    @property
    def ip(self) -> str:
        """The numeric address, without a zone."""
        return self.target[0].partition("%")[0]

    def __repr__(self) -> str:
        return f"Address({self.ip!r}, {self.target[1]})"


def resolve(host: str, port: int, deadline: Deadline) -> list[Address]:
    """The addresses of ``host``: a :class:`LookUp` that is waited for at once. Raises as that does."""
    return LookUp(host, port).addresses(deadline)


class LookUp:
    """A host that is being looked up, while other things can be done.

    An IP literal is taken as it is. A name is looked up on a thread of its own, for ``getaddrinfo`` can be neither
    interrupted nor given a limit. When nobody waits for it any more, that thread is left behind; it holds nothing, and
    does not keep the process alive.

    Args:
        host: A name in ASCII, or an IP literal without brackets.
        port: Goes into the addresses.

    Raises:
        UnknownHost: A spelling of an IP address that only some programs would understand.

    """

    __slots__ = ("_done", "_found", "_host")

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._found: list[list[Address] | OSError] = []
        self._done = _thread.allocate_lock()
        literal = _literal(host, port)
        if literal is not None:
            self._found.append([literal])
            return
        name = _name(host)
        self._done.acquire()

        def look_up() -> None:
            try:
                self._found.append(_look_up(name, port))
            except OSError as error:
                self._found.append(error)
            finally:
                self._done.release()

        # Not threading: its import costs a millisecond, and at exit it would wait.
        _thread.start_new_thread(look_up, ())

    def addresses(self, deadline: Deadline) -> list[Address]:
        """The addresses, in the order in which the system would try them; never empty. To be called once.

        Args:
            deadline: Until when the answer must be there.

        Raises:
            UnknownHost: No such host.
            TimedOut: No answer within the deadline.

        """
        if not self._done.acquire(timeout=max(deadline.left(), 0)):
            raise TimedOut(
                f"cannot find {self._host}: no answer from the name server within {deadline.seconds:g} s",
                f"check the network connection, and which name server this machine uses{deadline.longer}",
            )
        answer = self._found[0] if self._found else OSError("the look-up failed")
        if isinstance(answer, OSError):
            raise _unknown(self._host, answer)
        return answer


def _literal(host: str, port: int) -> Address | None:
    """The address that ``host`` spells, or ``None`` if it is a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return Address(family, (host, port) if family == socket.AF_INET else (host, port, 0, 0))
    return None


def _name(host: str) -> bytes:
    """``host`` as bytes, so that no codec for international names is loaded, after refusing what is no name.

    ``2852039166``, ``0x7f.1`` and ``127.1`` are addresses for getaddrinfo and names for whoever looked before.
    """
    last = host.rstrip(".").rpartition(".")[2].lower()
    numeric = last.isdecimal() or (last.startswith("0x") and not last[2:].strip("0123456789abcdef"))
    if not host.isascii() or not host.isprintable() or not last or numeric or ":" in host or " " in host:
        raise UnknownHost(
            f"not a host name, nor an IP address in the usual form: {clean(host, 80)}", "check the spelling of the name"
        )
    return host.encode("ascii")


def _look_up(name: bytes, port: int) -> list[Address]:
    addresses = []
    for family, _type, _protocol, _canonical, target in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM):
        if family in (socket.AF_INET, socket.AF_INET6):
            addresses.append(Address(family, target))  # type: ignore[arg-type]
    if not addresses:
        raise OSError("it has no address")
    return addresses


def _unknown(host: str, error: OSError) -> UnknownHost:
    if error.errno == socket.EAI_AGAIN:
        return UnknownHost(
            f"cannot find {host}: the name server does not answer",
            "check the network connection, and which name server this machine uses",
        )
    reason = error.strerror or str(error)
    return UnknownHost(
        f"cannot find {host}: {reason[:1].lower()}{reason[1:]}",
        "check the spelling of the name, and whether it is known in this network",
    )
