"""Whom a registry may name as its token server: the rule that decides where a password goes.

A challenge says "get a token from this address", and the password goes there. Most clients of registries believe every
address; in 2026 seven of them were patched for it, each with another rule. "The same host only" breaks Docker Hub and
GitLab; "the same domain only" breaks Scaleway and NVIDIA, and helps nobody where a domain has many tenants. So, in this
order:

1. The registry's own origin, and a path alone, which means that origin.
2. ``https`` only: plain HTTP is for a token server at the very origin of a registry that is itself spoken to so.
3. The registry's own host, on any port.
4. Never a metadata service.
5. The host that the user named (``--token-host``).
6. Not, unless so named, an IP address, ``localhost`` or a name of one label.
7. A pair from a short table.
8. The same registrable domain: first by our own list of domains that many share, then by the public suffix list.
9. Otherwise the user is asked, by whoever catches :class:`~dockpass.errors.UntrustedTokenHost`.

The address is read by :mod:`dockpass.registry.url` and no other. Where its name may lead is checked once more when it
is resolved (:mod:`dockpass.registry.reach`).
"""

from __future__ import annotations

from dockpass.errors import UntrustedTokenHost
from dockpass.registry.reach import ANY, INSIDE, LIKE_REGISTRY, allows, classify
from dockpass.registry.url import BadURL, is_address, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.address import Origin

_FAULT = "this is a fault of the registry, or worse: tell those who run it"


class Approved:
    """A token server that may be asked: where it is, what to ask for, and how far its name may lead.

    ``reach`` is one of the words of :mod:`dockpass.registry.reach`.
    """

    __slots__ = ("origin", "reach", "target")

    def __init__(self, origin: Origin, target: str, reach: str) -> None:
        self.origin = origin
        self.target = target
        self.reach = reach

    def __repr__(self) -> str:
        return f"Approved({self.origin!r}, {self.reach!r})"


def judge(realm: str, origin: Origin, *, token_host: str | None) -> Approved:
    """Whether the registry at ``origin`` may have its tokens issued at ``realm``.

    Args:
        realm: The ``realm`` of the registry's Bearer challenge, as it was sent.
        origin: Where that challenge came from.
        token_host: The host, or ``host:port``, that the user approves of; ``None`` if none was named.

    Raises:
        UntrustedTokenHost: It may not. ``host`` is the host to ask the user about, and ``""`` where no answer of the
            user's could mend it, or where nobody should be led to say yes.

    """
    try:
        where, target = resolve(realm, origin)
    except BadURL as bad:
        raise UntrustedTokenHost(
            f"{origin.netloc} names its token server by an address that cannot be trusted: {bad}", _FAULT
        ) from None
    same_host = where.host == _plain(origin.host)
    if same_host and (where.scheme, where.port) == (origin.scheme, origin.port):
        return Approved(origin, target, ANY)
    if where.scheme == "http":
        raise UntrustedTokenHost(
            f"{origin} names a token server that is spoken to by plain HTTP, {where}: passwords do not go there", _FAULT
        )
    if same_host:
        return Approved(where, target, INSIDE)
    from dockpass.registry import known

    if known.is_metadata(where.host) or (is_address(where.host) and not allows(INSIDE, classify(where.host), "")):
        raise _untrusted(origin, where, _FAULT)
    if _is_named(token_host, where) or known.is_pair(origin.host, where.host):
        return Approved(where, target, INSIDE)
    if is_address(where.host) or "." not in where.host or where.host.endswith(".localhost"):
        raise _untrusted(origin, where, _FAULT)
    if _same_domain(origin.host, where.host):
        return Approved(where, target, LIKE_REGISTRY)
    raise _untrusted(
        origin,
        where,
        f"if {where.host} does issue the tokens of {origin.netloc}, say so: --token-host {where.host}",
        ask=where.host,
    )


def _untrusted(origin: Origin, where: Origin, hint: str, ask: str = "") -> UntrustedTokenHost:
    return UntrustedTokenHost(
        f"{origin.netloc} wants the credentials to be sent to {where.netloc}, which is not known to belong to it",
        hint,
        host=ask,
    )


def _plain(host: str) -> str:
    """An IPv6 address as :func:`~dockpass.registry.url.read` writes it; another host as it is."""
    if ":" not in host:
        return host
    import _socket as socket

    return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, host))


def _is_named(token_host: str | None, where: Origin) -> bool:
    if not token_host:
        return False
    bracketed = f"[{where.host}]" if ":" in where.host else where.host
    return token_host.lower().removesuffix(".") in (where.host, bracketed, f"{bracketed}:{where.port}")


def _same_domain(registry: str, token: str) -> bool:
    from dockpass.registry import known

    if is_address(registry) or known.is_shared(registry) or known.is_shared(token):
        return False
    # 41 ms, and needed by few logins: most registries are their own token server, or stand in the table.
    from publicsuffixlist import PublicSuffixList

    domain_of = PublicSuffixList().privatesuffix
    domain = domain_of(token)
    return domain is not None and domain == domain_of(registry)
