"""Whom to trust, and the settings of TLS that follow. Loads ``ssl`` only when TLS is really spoken: it costs 15 ms."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

# Where systems keep their bundle, for an OpenSSL that was built for another system (as in portable Pythons).
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # RHEL
    "/etc/ssl/cert.pem",  # Alpine, macOS, BSD
)


class Trust:
    """Which authorities are trusted, and which client certificates are shown. Compared as a value.

    May be shared by connections and threads, and should be: it keeps what it has loaded.

    Args:
        ca_files: PEM files of authorities trusted in addition to the system's. A server's own certificate will do, even
            if it is no authority's: that is how guides tell people to set up a registry.
        client_pairs: Pairs of a certificate file and a key file. Of several with keys of one kind the first is shown.
        system: Whether the system's authorities are trusted; false for an engine with an authority of its own.
        server_name: The name that the server's certificate must have; ``""`` for that of the host that is connected to.

    Attributes:
        wide: Whether the system's bundle file is trusted beside its folder of hashed certificates. The folder comes
            first, for nothing of it is read but what is needed, while reading the bundle takes 20 ms. Usually they hold
            the same; set this for a second try where an authority was unknown.

    """

    __slots__ = ("_contexts", "ca_files", "client_pairs", "server_name", "system", "wide")

    def __init__(
        self,
        ca_files: tuple[str, ...] = (),
        client_pairs: tuple[tuple[str, str], ...] = (),
        *,
        system: bool = True,
        server_name: str = "",
    ) -> None:
        self.ca_files = ca_files
        self.client_pairs = client_pairs
        self.system = system
        self.server_name = server_name
        self.wide = False
        self._contexts: dict[tuple[bool, bool], ssl.SSLContext] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trust):
            return NotImplemented
        return self._value() == other._value()

    def __hash__(self) -> int:
        return hash(self._value())

    def __repr__(self) -> str:
        return f"Trust({self.ca_files!r}, {self.client_pairs!r}, system={self.system!r})"

    def _value(self) -> tuple[object, ...]:
        return self.ca_files, self.client_pairs, self.system, self.server_name

    def can_widen(self) -> bool:
        """Whether the system has a bundle file that is not among what is trusted so far. See :attr:`wide`."""
        return self.system and not self.wide and _System(os.environ).later != ""


class _System:
    """Where the system's authorities are.

    Attributes:
        folder: A folder, or several with the system's separator, with certificates under their hashed names; or ``""``.
        file: A bundle to load at once, or ``""``.
        later: A bundle to load only if the folder is not enough, or ``""``.
        named_by: The variable that named ``file``, or ``""``.

    """

    __slots__ = ("file", "folder", "later", "named_by")

    def __init__(self, environ: Mapping[str, str]) -> None:
        import ssl

        self.file = environ.get("SSL_CERT_FILE", "")
        self.folder = environ.get("SSL_CERT_DIR", "")
        self.later = ""
        self.named_by = "SSL_CERT_FILE" if self.file else ""
        if self.file or self.folder:
            return
        paths = ssl.get_default_verify_paths()
        bundle = next((path for path in (paths.openssl_cafile, *_BUNDLES) if os.path.isfile(path)), "")
        self.folder = paths.openssl_capath
        if _is_hashed(self.folder):
            self.later = bundle
        else:
            self.file = bundle


def _is_hashed(folder: str) -> bool:
    """Whether certificates can be found in ``folder`` by name: ``9ab47f10.0``."""
    try:
        with os.scandir(folder) as entries:
            return any(len(entry.name) == 10 and entry.name.endswith(".0") for entry in entries)
    except OSError:
        return False


def context(trust: Trust, *, any_name: bool = False) -> ssl.SSLContext:
    """The TLS settings for ``trust``.

    Not ``ssl.create_default_context``, which would write the session's keys to a file that ``SSLKEYLOGFILE`` names.
    TLS 1.2 and up. The name must be in the certificate's subjectAltName. The system's authorities are those that
    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` name; if neither is set, those of the platform.

    Args:
        trust: Whom to trust. The settings are made once for each.
        any_name: Accept a certificate for another name. Only to find out which names it has; never send anything then.

    Raises:
        FileUnreadable: A file of ``trust``, or the one that ``SSL_CERT_FILE`` names, cannot be used.

    """
    variant = any_name, trust.wide
    known = trust._contexts.get(variant)  # noqa: SLF001 - its cache is ours
    if known is not None:
        return known
    made = _bare_context(trust)
    if any_name:
        made.check_hostname = False
    if trust.ca_files or trust.client_pairs:
        from dockpass.http.pem import load_authorities, load_pair

        for path in trust.ca_files:
            load_authorities(made, path, "the CA file")
        # The last one loaded of a kind is the one that is shown.
        for certificate, key in reversed(trust.client_pairs):
            load_pair(made, certificate, key)
    trust._contexts[variant] = made  # noqa: SLF001
    return made


def blind() -> ssl.SSLContext:
    """Settings that verify nothing, only to look at a certificate that was refused. Never send anything then."""
    import ssl

    made = _harden(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def _bare_context(trust: Trust) -> ssl.SSLContext:
    """Settings with the system's authorities, if wanted."""
    import ssl

    platform = sys.platform
    named = bool(os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"))
    if platform == "darwin" and trust.system and not named:
        keychain = _keychain_context()
        if keychain is not None:
            return _harden(keychain)
    made = _harden(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    if not trust.system:
        return made
    if platform == "win32" and not named:
        made.load_default_certs()
        return made
    system = _System(os.environ)
    if system.folder:
        made.load_verify_locations(capath=system.folder)
    bundle = system.file or (system.later if trust.wide else "")
    if bundle:
        from dockpass.http.pem import load_authorities

        load_authorities(made, bundle, f"the file that {system.named_by} names" if system.named_by else "the bundle")
    return made


def _keychain_context() -> ssl.SSLContext | None:
    """Settings that ask the keychain of macOS, if the package ``truststore`` is installed."""
    import importlib
    import ssl

    try:
        truststore = importlib.import_module("truststore")
    except ImportError:
        return None
    made: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return made


def _harden(made: ssl.SSLContext) -> ssl.SSLContext:
    import ssl

    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.hostname_checks_common_name = False
    made.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    # Python sets this one where there is it, and with it an answer that an attacker cuts short looks complete.
    made.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    made.set_alpn_protocols(["http/1.1"])
    return made
