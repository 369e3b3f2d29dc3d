"""What went wrong with TLS, told apart in words that say what would mend it."""

from __future__ import annotations

import ssl
import time

from dockpass.display import clean
from dockpass.http import certificate, flight
from dockpass.http.tls import is_cut

# https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes
_UNABLE_TO_GET_ISSUER = 2
_NOT_YET_VALID = 9
_EXPIRED = 10
_SELF_SIGNED = 18
_UNKNOWN_AUTHORITY = frozenset((_UNABLE_TO_GET_ISSUER, _SELF_SIGNED, 19, 20, 21))
_WRONG_NAME = frozenset((62, 64))
_WEAK = frozenset((66, 67, 68))
_TOLD_BY_THE_CERTIFICATE = (_UNKNOWN_AUTHORITY - {_SELF_SIGNED}) | {_EXPIRED, _NOT_YET_VALID}

_NOT_TLS = frozenset(("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST"))
_OLD_PROTOCOL = frozenset(
    ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_SSL_VERSION", "NO_PROTOCOLS_AVAILABLE")
)
_CLIENT_CERTIFICATE = frozenset(
    (
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_NO_CERTIFICATE",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
    )
)
_WEAK_EXCHANGE = frozenset(
    (
        "DH_KEY_TOO_SMALL",
        "EE_KEY_TOO_SMALL",
        "WRONG_SIGNATURE_TYPE",
        "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED",
        "NO_SUITABLE_SIGNATURE_ALGORITHM",
        "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
    )
)
_HANDSHAKE_FAILURE = frozenset(("SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_INSUFFICIENT_SECURITY"))


class Circumstances:
    """What is known about the other side when TLS fails.

    Args:
        label: Who it is, for the message: ``reg.example.com:5000``, ``the proxy https://p:3128``.
        host: The name that its certificate should have.
        directory: The name of its folder in certs.d, ``reg.example.com:5000``; ``""`` if it has none, as a proxy.
        first: The first bytes that it sent: its part of the handshake.
        shows_certificate: Whether a client certificate was there to be shown.
        names: The names in its certificate, where they are known.
        certificate: Its certificate in DER form, where it is known.

    """

    __slots__ = ("certificate", "directory", "first", "host", "label", "names", "shows_certificate")

    def __init__(
        self,
        label: str,
        host: str,
        *,
        directory: str = "",
        first: bytes = b"",
        shows_certificate: bool = False,
        names: list[str] | None = None,
        certificate: bytes = b"",
    ) -> None:
        self.label = label
        self.host = host
        self.directory = directory
        self.first = first
        self.shows_certificate = shows_certificate
        self.names = names
        self.certificate = certificate

    def put(self, what: str, files: str) -> str:
        """The hint to put ``files`` into the folder of certs.d, or to name them."""
        if self.directory:
            named = "it with --cacert" if files == "ca.crt" else "them with --cert and --key"
            return f"put {what} into /etc/docker/certs.d/{self.directory}/{files}, or name {named}"
        return f"put {what} into the file that SSL_CERT_FILE names" if files == "ca.crt" else "ask those who run it"


def is_unknown_authority(error: ssl.SSLError) -> bool:
    """Whether more trusted authorities could have changed the outcome."""
    return isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in _UNKNOWN_AUTHORITY


def is_wrong_name(error: ssl.SSLError) -> bool:
    """Whether the certificate is for another name."""
    return isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in _WRONG_NAME


def is_worth_a_look(error: ssl.SSLError) -> bool:
    """Whether the certificate itself would tell more: until when it was valid, or who issued it."""
    return isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in _TOLD_BY_THE_CERTIFICATE


def explain(error: ssl.SSLError, circumstances: Circumstances) -> tuple[str, str | None]:
    """Message and hint for a TLS failure. Of what the other side sent, only the names in its certificate are shown."""
    label = circumstances.label
    if isinstance(error, ssl.SSLCertVerificationError):
        return _explain_certificate(error, circumstances)
    if is_cut(error):
        return _explain_end(circumstances)
    reason: str = getattr(error, "reason", None) or ""
    if reason in _NOT_TLS and circumstances.first[:1] not in (b"\x15", b"\x16"):
        return _explain_no_tls(circumstances)
    if reason in _OLD_PROTOCOL:
        return (
            f"{label} speaks only versions of TLS that are too old (1.0, 1.1) or unknown",
            "have TLS 1.2 or 1.3 turned on there",
        )
    if reason in _CLIENT_CERTIFICATE:
        return explain_client_certificate(circumstances)
    if reason in _WEAK_EXCHANGE:
        words = reason.lower().replace("_", " ")
        return (
            f"{label} speaks a TLS that is too weak for this system's OpenSSL: {words}",
            "have its TLS settings brought up to date: TLS 1.3, or 1.2 with ECDHE and SHA-256",
        )
    if reason in _HANDSHAKE_FAILURE:
        return _explain_handshake_failure(circumstances)
    if reason in ("TLSV1_UNRECOGNIZED_NAME", "TLSV1_ALERT_UNRECOGNIZED_NAME"):
        return f"{label} does not know the name {circumstances.host}", "check the spelling of the server's name"
    words = reason.lower().replace("_", " ") or "unknown reason"
    return f"the TLS connection to {label} failed: {words}", "try again; if it fails again, the server needs mending"


def _explain_certificate(error: ssl.SSLCertVerificationError, circumstances: Circumstances) -> tuple[str, str | None]:
    label = circumstances.label
    code = error.verify_code
    if code in _WRONG_NAME:
        return _explain_wrong_name(circumstances)
    if code in (_EXPIRED, _NOT_YET_VALID):
        return _explain_dates(code, circumstances)
    if code in _WEAK:
        words = clean(error.verify_message, 120)
        return (
            f"the certificate of {label} is too weak for this system's OpenSSL: {words}",
            "have one made with a key of at least 2048 bits (RSA) or 256 bits (EC), and signed with SHA-256",
        )
    if code == _SELF_SIGNED:
        return (
            f"the certificate of {label} is self-signed and not trusted here",
            circumstances.put("that certificate, got from whoever runs the server,", "ca.crt"),
        )
    if code in _UNKNOWN_AUTHORITY:
        issuer = clean(certificate.issuer(circumstances.certificate), 80)
        by = f" (it was issued by {issuer})" if issuer else ""
        return (
            f"the certificate of {label} is signed by an unknown authority{by}",
            circumstances.put("the CA's certificate", "ca.crt"),
        )
    words = clean(error.verify_message or "no reason given", 120)
    return f"the certificate of {label} is not valid: {words}", "have it replaced there"


def _explain_dates(code: int, circumstances: Circumstances) -> tuple[str, str | None]:
    """The dates are those of the server's own certificate. If they are good, an authority's are not."""
    label = circumstances.label
    first, last = certificate.validity(circumstances.certificate) or ("", "")
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    if code == _EXPIRED:
        hint = "have it renewed there; is this machine's clock right?"
        if not last:
            return f"the certificate of {label} has expired", hint
        if last < now:
            return f"the certificate of {label} has expired: it was valid until {last}", hint
        return f"the certificate of an authority of {label} has expired", hint
    hint = f"is this machine's clock right? It says {now}"
    if not first:
        return f"the certificate of {label} is not valid yet", hint
    if first > now:
        return f"the certificate of {label} is not valid yet: it will be from {first} on", hint
    return f"the certificate of an authority of {label} is not valid yet", hint


def _explain_wrong_name(circumstances: Circumstances) -> tuple[str, str | None]:
    host = circumstances.host
    if circumstances.names is None:
        return f"the certificate of {circumstances.label} is not for the name {host}", "check the spelling of the name"
    if not circumstances.names:
        return (
            f"the certificate of {circumstances.label} names no host (a common name alone does not count)",
            f"have it made anew with {host} as subjectAltName",
        )
    shown = ", ".join(clean(name, 80) for name in circumstances.names[:5])
    more = f" and {len(circumstances.names) - 5} more" if len(circumstances.names) > 5 else ""
    return (
        f"the certificate of {circumstances.label} is not for the name {host}, but for {shown}{more}",
        f"use a name that the certificate has, or have it made anew with {host} as subjectAltName",
    )


def _explain_no_tls(circumstances: Circumstances) -> tuple[str, str | None]:
    if circumstances.first.startswith((b"HTTP/", b"<")):
        meant = "if that is meant to be, and the network is yours: --plain-http"
        hint = meant if circumstances.directory else "begin the proxy's address with http://"
        return f"{circumstances.label} speaks plain HTTP, not TLS", hint
    return f"{circumstances.label} does not speak TLS", "is the port right?"


def _explain_end(circumstances: Circumstances) -> tuple[str, str | None]:
    label = circumstances.label
    if flight.wants_certificate(circumstances.first):
        return explain_client_certificate(circumstances)
    if circumstances.first:
        return (
            f"{label} cut the TLS handshake short",
            "try again; if it happens again, something between here and there may be cutting connections",
        )
    return (
        f"{label} closed the connection during the TLS handshake",
        "is the port right, and does a TLS server listen there?",
    )


def _explain_handshake_failure(circumstances: Circumstances) -> tuple[str, str | None]:
    label = circumstances.label
    if flight.wants_certificate(circumstances.first):
        return explain_client_certificate(circumstances)
    if circumstances.first and not flight.said_hello(circumstances.first):
        return (
            f"{label} and this system's OpenSSL have no cipher in common (handshake failure)",
            "have its TLS settings brought up to date: TLS 1.3, or 1.2 with ECDHE and AES-GCM",
        )
    what = "your client certificate, if it wants one," if not circumstances.shows_certificate else "another one"
    return (
        f"{label} broke off the TLS handshake and did not say why (handshake failure)",
        circumstances.put(what, "client.cert and client.key"),
    )


def explain_client_certificate(circumstances: Circumstances) -> tuple[str, str | None]:
    """Message and hint where the other side wants a client certificate, or another one."""
    if circumstances.shows_certificate:
        return (
            f"{circumstances.label} refuses the client certificate",
            "check that it is not expired, and that the server trusts the authority that signed it",
        )
    return (
        f"{circumstances.label} wants a client certificate",
        circumstances.put("it, with its key,", "client.cert and client.key"),
    )
