"""The certificates of the stage: good ones, and one for each way to be bad.

Made with trustme, which is no dependency of dockpass: without it there are no scenes with HTTPS.
"""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dockpass.testing.hostile.names import HOSTS

if TYPE_CHECKING:
    import trustme

GOOD = "good"
KINDS = (GOOD, "expired", "not-yet-valid", "other-name", "unknown-authority", "self-signed", "wants-yours")
VERSIONS = ("tls-1.2", "tls-1.3")
"""Good ones, with one version of TLS alone."""


def make(folder: str) -> dict[str, ssl.SSLContext]:
    """A server's context for each of :data:`KINDS` and :data:`VERSIONS`; the authority to trust is ``ca.pem``.

    Raises:
        ImportError: trustme is not installed.

    """
    import trustme

    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(os.path.join(folder, "ca.pem"))
    names = _names()
    then, soon, past = (
        datetime(2090, 1, 1, tzinfo=UTC),
        datetime(2099, 1, 1, tzinfo=UTC),
        datetime(2001, 1, 1, tzinfo=UTC),
    )
    contexts = {
        GOOD: _context(authority.issue_cert(*names)),
        "expired": _context(authority.issue_cert(*names, not_before=past, not_after=datetime(2002, 1, 1, tzinfo=UTC))),
        "not-yet-valid": _context(authority.issue_cert(*names, not_before=then, not_after=soon)),
        "other-name": _context(authority.issue_cert("other.test")),
        "unknown-authority": _context(stranger.issue_cert(*names)),
        "self-signed": _self_signed(stranger, folder),
        "wants-yours": _context(authority.issue_cert(*names)),
        "tls-1.2": _context(authority.issue_cert(*names)),
        "tls-1.3": _context(authority.issue_cert(*names)),
    }
    contexts["wants-yours"].verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(contexts["wants-yours"])
    contexts["tls-1.2"].maximum_version = ssl.TLSVersion.TLSv1_2
    contexts["tls-1.3"].minimum_version = ssl.TLSVersion.TLSv1_3
    return contexts


def _names() -> tuple[str, ...]:
    addresses = {address for found in HOSTS.values() for address in found}
    more = ("169.254.170.2", "100.100.100.200", "fd00:ec2::254", "10.0.0.1", "192.168.0.1", "0.0.0.0")  # noqa: S104 - a name
    return (*HOSTS, *sorted(addresses), *more)


def _context(issued: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context


def _self_signed(stranger: trustme.CA, folder: str) -> ssl.SSLContext:
    """An authority's own certificate, for a server."""
    certificate, key = os.path.join(folder, "self.crt"), os.path.join(folder, "self.key")
    stranger.cert_pem.write_to_path(certificate)
    stranger.private_key_pem.write_to_path(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
