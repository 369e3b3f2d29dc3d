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
6. Not, unless so named or remembered, an IP address, ``localhost`` or a name of one label.
7. A pair from a short table.
8. The same registrable domain: first by our own list of domains that many share, then by the public suffix list.
9. The host that the user approved of in an earlier login, which is remembered. If there is such a one, and the registry
   names another that would have to be approved of, that is an error of its own.
10. Otherwise the user is asked, by whoever catches :class:`~dockpass.errors.UntrustedTokenHost`.

What is remembered is looked up only where it is needed: most registries never get that far.

The address is read by :mod:`dockpass.registry.url` and no other. Where its name may lead is checked once more when it
is resolved (:mod:`dockpass.registry.reach`).
"""

from __future__ import annotations

from dockpass.errors import TokenHostChanged, UntrustedTokenHost, UsageError
from dockpass.registry.reach import allows, classify
from dockpass.registry.step import ANY, INSIDE, LIKE_REGISTRY
from dockpass.registry.url import BadURL, is_address, read, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.http.address import Origin
    from dockpass.server import Server

OWN_HOST = "own-host"
KNOWN_PAIR = "known-pair"
NAMED = "named"
SAME_DOMAIN = "same-domain"
PINNED = "pinned"

_FAULT = "this is a fault of the registry, or worse: tell those who run it"


class Approved:
    """A token server that may be asked.

    Attributes:
        origin: Where it is.
        target: What to ask for.
        reach: How far its name may lead: one of the words of :mod:`dockpass.registry.step`.
        standing: Why it may be asked: one of the five words above.

    """

    __slots__ = ("origin", "reach", "standing", "target")

    def __init__(self, origin: Origin, target: str, reach: str, standing: str) -> None:
        self.origin = origin
        self.target = target
        self.reach = reach
        self.standing = standing

    def __repr__(self) -> str:
        return f"Approved({self.origin!r}, {self.reach!r})"


def judge(
    realm: str, origin: Origin, *, token_host: str | None, pinned: Callable[[], str | None] | None = None
) -> Approved:
    """Whether the registry at ``origin`` may have its tokens issued at ``realm``.

    Args:
        realm: The ``realm`` of the registry's Bearer challenge, as it was sent.
        origin: Where that challenge came from.
        token_host: The host, or ``host:port``, that the user approves of; ``None`` if none was named.
        pinned: Gives the one that the user approved of earlier, or ``None``. Called only if it matters.

    Raises:
        FileUnreadable: What ``pinned`` raises.
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
        return Approved(origin, target, ANY, OWN_HOST)
    if where.scheme == "http":
        raise UntrustedTokenHost(
            f"{origin} names a token server that is spoken to by plain HTTP, {where}: passwords do not go there", _FAULT
        )
    if same_host:
        return Approved(where, target, INSIDE, OWN_HOST)
    from dockpass.registry import known

    if _is_forbidden(where.host):
        raise _untrusted(origin, where, _FAULT)
    if known.is_pair(origin.host, where.host):
        return Approved(where, target, INSIDE, KNOWN_PAIR)
    if is_named(token_host, where):
        return Approved(where, target, INSIDE, NAMED)
    is_name = not (is_address(where.host) or "." not in where.host or where.host.endswith(".localhost"))
    if is_name and _same_domain(origin.host, where.host):
        return Approved(where, target, LIKE_REGISTRY, SAME_DOMAIN)
    if pinned is not None and is_named(pinned(), where):
        return Approved(where, target, INSIDE, PINNED)
    if not is_name:
        raise _untrusted(origin, where, _FAULT)
    raise _untrusted(
        origin,
        where,
        f"if {where.host} does issue the tokens of {origin.netloc}, say so: --token-host {where.host}",
        ask=where.host,
    )


def changed(server: Server, pinned: str, refused: UntrustedTokenHost) -> TokenHostChanged:
    """What ``refused`` means where the user approved of another token server earlier.

    Args:
        server: The registry.
        pinned: The token server of which the user approved.
        refused: What was raised about the one that is named now; its ``host`` is not empty.

    """
    where = f"another port of {refused.host}" if pinned.startswith(f"{refused.host}:") else refused.host
    return TokenHostChanged(
        f"{server.name} now wants the credentials to be sent to {where}, and not, as you approved, to {pinned}",
        f"ask those who run it; if it is right: dockpass trust {server.name} --token-host {refused.host}",
        host=refused.host,
        pinned=pinned,
    )


def named(text: str) -> str:
    """A token server's host, or ``host:port``, as somebody typed it, in the form in which it is compared and kept.

    Args:
        text: A name, an international one too, or an IP address; an IPv6 address with a port in brackets.

    Returns:
        It in lower case and ASCII, an IPv6 address in brackets.

    Raises:
        UsageError: It is no host, or one that nobody can approve of. It is not repeated: somebody may have pasted an
            address with a password.

    """
    host = text if "[" in text or text.count(":") < 2 else f"[{text}]"
    if not host.isascii():
        import idna

        name, colon, port = host.partition(":")
        try:
            host = idna.encode(name, uts46=True).decode("ascii") + colon + port
        except idna.IDNAError:
            raise _no_host("it is not a valid international name") from None
    if "/" in host or "?" in host:
        raise _no_host("it is an address, not a host")
    try:
        where, _target = read(f"https://{host}")
    except BadURL as bad:
        raise _no_host(str(bad)) from None
    if _is_forbidden(where.host):
        raise UsageError(
            f"no credentials are sent to {where.host}: it is on the local link, or a cloud's own service, or nothing",
            "give the host that issues the registry's tokens",
        )
    bracketed = f"[{where.host}]" if ":" in where.host else where.host
    has_port = host.rpartition("]")[2].count(":") == 1
    return f"{bracketed}:{where.port}" if has_port else bracketed


def is_named(token_host: str | None, where: Origin) -> bool:
    """Whether ``token_host``, as :func:`named` gives it, means the server at ``where``."""
    if not token_host:
        return False
    bracketed = f"[{where.host}]" if ":" in where.host else where.host
    return token_host.lower().removesuffix(".") in (where.host, bracketed, f"{bracketed}:{where.port}")


def domain(host: str) -> str | None:
    """The registrable domain whose hosts may issue tokens for the registry at ``host``; ``None`` if it has none."""
    from dockpass.registry import known

    if is_address(host) or known.is_shared(host):
        return None
    return _domain_of()(host)


def _no_host(why: str) -> UsageError:
    return UsageError(f"what was given as the token server is not a host: {why}", "give it as in auth.example.com:443")


def _is_forbidden(host: str) -> bool:
    """Whether nobody can approve of it."""
    from dockpass.registry import known

    return known.is_metadata(host) or (is_address(host) and not allows(INSIDE, classify(host), ""))


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


def _same_domain(registry: str, token: str) -> bool:
    from dockpass.registry import known

    if is_address(registry) or known.is_shared(registry) or known.is_shared(token):
        return False
    domain_of = _domain_of()
    found = domain_of(token)
    return found is not None and found == domain_of(registry)


def _domain_of() -> Callable[[str], str | None]:
    # 41 ms, and needed by few logins: most registries are their own token server, or stand in the table.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList().privatesuffix
