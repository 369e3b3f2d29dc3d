"""The token server of a docker-registry with `auth: token`: it signs what it grants, as a JWT.

Reference: https://distribution.github.io/distribution/spec/auth/jwt/
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
import time
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from dockpass.testing.token_server import TokenServer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dockpass.testing.token_server import Grant

ISSUER = "tokens.example"
SERVICE = "registry.example"


class SigningTokenServer(TokenServer):
    """Grants as the scripted one does, in tokens that a real registry verifies.

    Args:
        users: Passwords by user name.
        by_certificate: Sign by RS256, and send the certificate along (`x5c`); otherwise by ES256, and name the key by
            the identifier that docker's libtrust gives it (`kid`).
        options: As for :class:`TokenServer`.

    Attributes:
        certificate: In PEM, for the registry's `rootcertbundle`.

    """

    def __init__(self, users: Mapping[str, str], *, by_certificate: bool = False, **options: Any) -> None:
        super().__init__(users, service=SERVICE, **options)
        private = rsa.generate_private_key(65537, 2048) if by_certificate else ec.generate_private_key(ec.SECP256R1())
        certificate = _self_signed(private)
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._key: RSAKey | ECKey
        if by_certificate:
            self._key = RSAKey.import_key(pem)
            der = certificate.public_bytes(serialization.Encoding.DER)
            self._header = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
        else:
            self._key = ECKey.import_key(pem)
            self._header = {"typ": "JWT", "alg": "ES256", "kid": _libtrust_id(private)}

    def make(self, grant: Grant) -> str:
        """The grant as a signed token, good for five minutes."""
        now = int(time.time())
        access = [
            {"type": "repository", "name": name, "actions": sorted(actions)} for name, actions in grant.access.items()
        ]
        claims = {
            "iss": ISSUER,
            "sub": grant.user or "",
            "aud": SERVICE,
            "iat": now,
            "nbf": now - 10,
            "exp": now + 300,
            "jti": secrets.token_hex(8),
            "access": access,
        }
        return jwt.encode(self._header, claims, self._key)


def _self_signed(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )


def _libtrust_id(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """The first 240 bits of the public key's SHA-256, in base32, by fours.

    Reference: https://pkg.go.dev/github.com/docker/libtrust#PublicKey
    """
    der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = base64.b32encode(hashlib.sha256(der).digest()[:30]).decode()
    return ":".join(text[start : start + 4] for start in range(0, len(text), 4))
