"""Which certificates are trusted and shown at each origin of one run."""

from __future__ import annotations

from dockpass.http.trust import Trust
from dockpass.registry.settings import trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockpass.http.address import Origin
    from dockpass.registry.network import Network
    from dockpass.registry.settings.trust import Certificates
    from dockpass.server import Server


class ByOrigin:
    """The certificates for the origins that one login or request leads to, each looked for once.

    Args:
        server: The registry.
        network: What the user said about the network.
        environ: The environment, for the folders of certificates.
        note: Called with what the user should hear of them, one line each.

    """

    def __init__(
        self, server: Server, network: Network, environ: Mapping[str, str], note: Callable[[str], None]
    ) -> None:
        self._server = server
        self._network = network
        self._environ = environ
        self._note = note
        self._registry = server.origin("https")
        self._known: Trust | None = None
        self._found: dict[str, Trust] = {}

    def trust(self, origin: Origin) -> Trust:
        """The certificates for ``origin``.

        Those of the registry for itself. For a token server the registry's authorities too, and what its own folder
        holds; the registry's client certificate, whoever named it, is shown on no other host.

        Raises:
            FileUnreadable: One of them cannot be used, or half a client certificate lies in ``certs.d``.

        """
        known = self._of_registry()
        if origin == self._registry:
            return known
        own = self._of_another(origin)
        pairs = own.client_pairs or (known.client_pairs if origin.host == self._registry.host else ())
        if (own.ca_files, pairs) == ((), known.client_pairs):
            return known
        return Trust((*known.ca_files, *own.ca_files), pairs)

    def _of_registry(self) -> Trust:
        if self._known is None:
            names = () if self._server.is_docker_hub else (self._server.key, self._registry.netloc)
            self._known = self._heard(trust.of_registry(self._network, tuple(dict.fromkeys(names)), self._environ))
        return self._known

    def _of_another(self, origin: Origin) -> Trust:
        if origin.netloc not in self._found:
            self._found[origin.netloc] = self._heard(trust.find((origin.netloc,), self._environ))
        return self._found[origin.netloc]

    def _heard(self, found: Certificates) -> Trust:
        for note in found.notes:
            self._note(note)
        return found.trust
