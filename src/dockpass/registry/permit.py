"""Whether what a registry names may be connected to, said of each address that its name leads to.

Where the registry's words lead somewhere else, the driver asks here before it connects: :mod:`dockpass.registry.reach`
knows the rule, and here it becomes an error with a next step.
"""

from __future__ import annotations

from dockpass.errors import RedirectedElsewhere, UntrustedTokenHost
from dockpass.registry.reach import allows, classify
from dockpass.registry.step import ELSEWHERE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.registry.step import Step
    from dockpass.server import Server

_WHERE = {
    "loopback": "this computer itself",
    "private": "an address inside a private network",
    "link-local": "an address on the local link",
    "multicast": "a multicast address",
    "unspecified": "no address at all",
    "forbidden": "an address of the cloud's own services",
}
_FAULT = "this is a fault of the registry, or worse: tell those who run it"


def check(step: Step, ip: str, server: Server, registry: str, pinned: Callable[[], str | None] | None) -> None:
    """See that a request may go to an address.

    Args:
        step: The request.
        ip: The address, as a number.
        server: The registry.
        registry: The registry's own address; ``""`` where it is not known, as behind a proxy.
        pinned: Gives the token server that the user approved of earlier, or ``None``. Called only if it matters.

    Raises:
        RedirectedElsewhere: It may not, and is for content that the registry has somebody else keep.
        UntrustedTokenHost: It may not, and is for a token; :class:`~dockpass.errors.TokenHostChanged` where the user
            approved of another token server.

    """
    kind = classify(ip)
    if allows(step.reach, kind, classify(registry) if registry else ""):
        return
    host = step.origin.host
    if step.reach == ELSEWHERE:
        raise RedirectedElsewhere(f"{server.key} redirects to {host}, which is at {ip}: {_WHERE[kind]}", _FAULT)
    message = f"{host}, named as the token server of {server.key}, is at {ip}: {_WHERE[kind]}"
    if kind not in ("private", "loopback"):
        raise UntrustedTokenHost(message, _FAULT)
    # A token server that the user approved of may be there.
    refused = UntrustedTokenHost(message, f"if that is right, say so: --token-host {host}", host=host)
    earlier = None if pinned is None else pinned()
    if earlier is None:
        raise refused
    from dockpass.registry import realm

    if not realm.is_named(earlier, step.origin):
        raise realm.changed(server, earlier, refused)
