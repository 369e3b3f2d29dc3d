"""Which proxy the way to a registry goes through: the environment's, and where it names none, config.json's."""

from __future__ import annotations

from dockpass.http.proxy import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockpass.http.address import Origin
    from dockpass.http.proxy import Proxy
    from dockpass.registry.network import Network

_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_EXCEPTIONS = ("NO_PROXY", "no_proxy")


def find(origin: Origin, environ: Mapping[str, str], network: Network) -> Proxy | None:
    """The proxy for ``origin``; ``None`` for the direct way.

    Where the environment names a proxy, be it for another scheme, what the network brings along does not count. Where
    it names exceptions, they take the place of the others.

    Raises:
        ProxyFailed: As :func:`dockpass.http.proxy.choose`.

    """
    if not network.proxies or any(environ.get(name) for name in _PROXIES):
        return choose(origin, environ)
    exceptions = next((environ[name] for name in _EXCEPTIONS if environ.get(name)), None)
    variables = dict(network.proxies)
    if exceptions is not None:
        variables["NO_PROXY"] = exceptions
    return choose(origin, variables, place=network.proxies_place)
