"""Certificates and keys in files, into the settings of TLS; and what is wrong with those that OpenSSL does not take.

OpenSSL itself says "PEM lib" for a locked key, for a key where a certificate should be, and for a file that was cut off
on the way. So after a failure, and only then, the file is looked at.
"""

from __future__ import annotations

import os
import ssl
import stat

from dockpass.display import clean
from dockpass.errors import FileUnreadable

_LIMIT = 1 << 20
_NO_WAITING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

# https://www.rfc-editor.org/rfc/rfc7468, and what OpenSSL took before there was one.
_CERTIFICATES = (b"BEGIN CERTIFICATE-", b"BEGIN X509 CERTIFICATE-", b"BEGIN TRUSTED CERTIFICATE-")
_LOCKED = (b"BEGIN ENCRYPTED PRIVATE KEY-", b"Proc-Type: 4,ENCRYPTED")
_WEAK = frozenset(("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"))
_MISFIT = frozenset(("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"))

_PEM = "it must hold lines from BEGIN CERTIFICATE to END CERTIFICATE"


def load_authorities(settings: ssl.SSLContext, path: str, what: str) -> None:
    """Trust the authorities in a file.

    Args:
        settings: Where they are added.
        path: A file of one or more certificates in PEM form.
        what: What errors call it: ``the CA file``.

    Raises:
        FileUnreadable: It cannot be read, or holds no certificate.

    """
    _must_be_a_file(path, what)
    try:
        settings.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        raise _no_certificate(path, what, error) from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, what, error) from None


def load_pair(settings: ssl.SSLContext, certificate: str, key: str) -> None:
    """Show a client certificate.

    Args:
        settings: Where it is added. Of several with keys of one kind the last one is shown.
        certificate: A PEM file with it and, after it, the authorities between it and the one that the server knows.
        key: A PEM file with its private key, without a passphrase; may be the same file.

    Raises:
        FileUnreadable: Either cannot be read, does not hold what it should, or they do not fit.

    """
    _must_be_a_file(certificate, "the client certificate")
    _must_be_a_file(key, "the key")
    try:
        # A password given, if only an empty one, keeps OpenSSL from asking for one on the terminal.
        settings.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        raise _bad_pair(certificate, key, error) from None
    except (OSError, ValueError) as error:
        raise _unreadable(certificate, "the client certificate", error) from None


def _must_be_a_file(path: str, what: str) -> None:
    """OpenSSL would wait at a pipe until somebody writes into it, and says nothing of a file that may not be read."""
    try:
        descriptor = os.open(path, _NO_WAITING)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _unreadable(path, what, error) from None
    raise FileUnreadable(
        f"{what} {clean(path)} is a folder, a pipe or a device", "name a file that holds it", path=path
    )


def _unreadable(path: str, what: str, error: Exception) -> FileUnreadable:
    words = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return FileUnreadable(
        f"{what} {clean(path)} cannot be read: {words[:1].lower()}{words[1:]}", "check its path and mode", path=path
    )


def _no_certificate(path: str, what: str, error: ssl.SSLError) -> FileUnreadable:
    data = _contents(path)
    if any(mark in data for mark in _CERTIFICATES):
        return FileUnreadable(
            f"{what} {clean(path)} holds a certificate that cannot be understood: {_reason(error)}",
            f"get the file anew; to look at it: openssl x509 -noout -text -in {clean(path)}",
            path=path,
        )
    return FileUnreadable(f"{what} {clean(path)} holds no certificate in PEM form", _made_pem(path, data), path=path)


def _bad_pair(certificate: str, key: str, error: ssl.SSLError) -> FileUnreadable:
    reason = error.reason or ""
    data = _contents(certificate)
    if reason in _WEAK:
        return FileUnreadable(
            f"the client certificate {clean(certificate)} is too weak for this system's OpenSSL: {_reason(error)}",
            "have one made with a key of at least 2048 bits (RSA) or 256 bits (EC), and signed with SHA-256",
            path=certificate,
        )
    if reason not in _MISFIT:
        if not any(mark in data for mark in _CERTIFICATES):
            return _no_certificate(certificate, "the client certificate", error)
        inside = data if key == certificate else _contents(key)
        if any(mark in inside for mark in _LOCKED):
            return FileUnreadable(
                f"the key {clean(key)} is locked by a passphrase, and dockpass does not ask for it",
                f"write an open copy and name that: (umask 077; openssl pkey -in {clean(key)} -out open.key)",
                path=key,
            )
        if b"PRIVATE KEY-" not in inside:
            hint = "name its key's file, too: --key FILE" if key == certificate else _made_pem(key, inside)
            return FileUnreadable(f"{clean(key)} holds no private key in PEM form", hint, path=key)
        if b"END" not in inside.rpartition(b"PRIVATE KEY-")[0][-16:]:
            return FileUnreadable(f"the key {clean(key)} is cut short", "get the file anew", path=key)
    return FileUnreadable(
        f"the key {clean(key)} does not fit the client certificate {clean(certificate)}",
        "name the key that the certificate was made with, or get both files anew",
        path=key,
    )


def _made_pem(path: str, data: bytes) -> str:
    """How the file could be made what it should be."""
    if data[:1] != b"0":
        return _PEM
    # ASN.1: a certificate begins with another sequence, PKCS#12 with its version, 3.
    if data[4:7] == b"\x02\x01\x03":
        return f"it is PKCS#12: openssl pkcs12 -nodes -in {clean(path)} -out NEW.pem makes it PEM"
    kind = "x509" if data[4:5] == b"0" else "pkey"
    return f"if it is DER: openssl {kind} -inform der -in {clean(path)} -out NEW.pem makes it PEM"


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or "damaged").lower().replace("_", " ")


def _contents(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LIMIT)
    except OSError:
        return b""
