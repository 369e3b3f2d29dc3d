"""A certificate authority of the tests' own, and a certificate from it for a server."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """Its files are in ``folder``.

    Args:
        folder: A folder.
        names: The names and addresses that the certificate is for; if none is given, 127.0.0.1 and localhost.

    Attributes:
        path: The authority's own certificate, in PEM: what a client is to trust.
        certificate, key: The certificate, and its key.

    """

    def __init__(self, folder: Path, *names: str) -> None:
        self._authority = authority = trustme.CA()
        issued = authority.issue_cert(*(names or ("127.0.0.1", "localhost")))
        self.path = str(folder / "ca.crt")
        self.certificate = str(folder / "server.crt")
        self.key = str(folder / "server.key")
        authority.cert_pem.write_to_path(self.path)
        issued.private_key_pem.write_to_path(self.key)
        for blob in issued.cert_chain_pems:
            blob.write_to_path(self.certificate, append=True)

    def client(self, folder: Path) -> None:
        """Put a client's certificate into ``folder``, as ``client.cert`` and ``client.key``."""
        issued = self._authority.issue_cert("alice@clients.test")
        issued.cert_chain_pems[0].write_to_path(str(folder / "client.cert"))
        issued.private_key_pem.write_to_path(str(folder / "client.key"))
        (folder / "client.key").chmod(0o600)

    def serve(self) -> ssl.SSLContext:
        """For a server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def trust(self) -> ssl.SSLContext:
        """For a client that trusts this authority and no other."""
        return ssl.create_default_context(cafile=self.path)
