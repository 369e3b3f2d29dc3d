"""The proxies that config.json names, brought to where connections are made."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.config.document import Document
    from dockpass.registry.network import Network


def with_proxies(network: Network | None, document: Document) -> Network | None:
    """What the user said of the network, and beside it the proxies of config.json, if it names any.

    Raises:
        ConfigMalformed: ``proxies`` has the wrong shape.

    """
    proxies = document.proxies
    if not proxies:
        return network
    from dockpass.registry.network import Network

    return (network or Network()).through(proxies, document.path)
