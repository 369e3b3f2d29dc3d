"""One hostile or odd server: what it does, and what a client that is asked to log in there must do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Mapping

    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.received import Received

    Given = Script | Callable[[Play, Received], Script]
    Right = Literal["logs in", "refuses", "either"]

BEARER = 'Bearer realm="{origin}/token",service="hostile.test"'
BASIC = 'Basic realm="hostile"'
REGISTRY = "registry.test"
TOKEN_HOST = "token.registry.test"  # noqa: S105 - a name


class Scene:
    """A registry that is good in all but what is said here.

    Args:
        name: Stable, in kebab case.
        does: One line, for people.
        right: What a client must do. ``"either"`` where both can be defended: what is checked then is that nothing
            leaks and nothing breaks.
        challenge: The ``WWW-Authenticate`` values of a 401, with ``{origin}`` for the registry's own.
        ping: The answer to ``/v2/`` without credentials.
        token: The answer to ``/token``, in place of a good token server's.
        inside: The answer to ``/v2/`` with good credentials.
        answer: The answer to everything at the registry; ``None`` for what is to be answered as always.
        elsewhere: The answer of every host that is not the registry nor its token server. By default they take what
            they get, and answer so that a client that came there believes to have logged in.
        server: What is given to the client, in place of ``registry.test``.
        trusted: The hosts that may have the password.
        within: Addresses inside the machine or the network that may be connected to.
        plain: The password may be read on the way: the registry is on the loopback and speaks plain HTTP.
        closed: Ports on which nobody listens.
        certificates: The certificate of a host by its name, see :mod:`dockpass.testing.hostile.certificates`.
        greet: What is done with a connection to the registry before a byte is read; ``True`` if that was all.
        wrong: The client is given a wrong password.
        unasked: Even the registry is not to have the password.
        slow: It takes a client that is right long, so it had better be begun with.
        apart: It needs names, addresses or certificates that only a network of its own can have.

    """

    def __init__(
        self,
        name: str,
        does: str,
        right: Right,
        *,
        challenge: str | Iterable[str] = BEARER,
        ping: Given | None = None,
        token: Given | None = None,
        inside: Given | None = None,
        answer: Callable[[Play, Received], Script | None] | None = None,
        elsewhere: Given | None = None,
        server: str = REGISTRY,
        trusted: Iterable[str] | None = None,
        within: Iterable[str] = (),
        plain: bool = False,
        closed: Iterable[int] = (),
        certificates: Mapping[str, str] | None = None,
        greet: Callable[[socket.socket, Callable[[float], bool]], bool] | None = None,
        wrong: bool = False,
        unasked: bool = False,
        slow: bool = False,
        apart: bool = False,
    ) -> None:
        self.name = name
        self.does = does
        self.right: Right = right
        self.challenges = (challenge,) if isinstance(challenge, str) else tuple(challenge)
        self.ping = ping
        self.token = token
        self.inside = inside
        self.answer = answer
        self.elsewhere = elsewhere
        self.server = server
        self.trusted = ((REGISTRY,) if not unasked else ()) if trusted is None else tuple(trusted)
        self.within = tuple(within)
        self.plain = plain
        self.closed = tuple(closed)
        self.certificates = certificates or {}
        self.greet = greet
        self.wrong = wrong
        self.slow = slow
        self.apart = apart or bool(certificates or closed or greet or server != REGISTRY)

    def __repr__(self) -> str:
        return f"<{self.name}>"
