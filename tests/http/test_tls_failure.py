"""Every way in which TLS fails, with real handshakes, and what is said about it."""

from __future__ import annotations

import base64
import datetime
import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from dockpass.errors import TimedOut, TLSFailed, Unreachable
from dockpass.http.address import Origin
from dockpass.http.connection import Connection, Deadline
from dockpass.http.message import Request, Response
from dockpass.http.tls_failure import Circumstances, explain
from dockpass.http.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Callable

    Serve = Callable[..., Any]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DAY = datetime.timedelta(days=1)

# A group of 1024 bits: https://www.rfc-editor.org/rfc/rfc2409#section-6.2
OAKLEY_2 = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF"
)


def reach(server: Any, trust: Trust, host: str = "localhost") -> Response:
    with Connection(Origin("https", host, server.port), deadline=Deadline(30), trust=trust) as connection:
        request = Request("GET", connection.origin, "/v2/", (("Authorization", "Basic cmVnaXN0cnk="),))
        return connection.exchange(request)


def failure(server: Any, trust: Trust, host: str = "localhost") -> TLSFailed:
    with pytest.raises(TLSFailed) as caught:
        reach(server, trust, host)
    assert f"{host}:{server.port}" in caught.value.message
    assert caught.value.message.isprintable()
    return caught.value


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class TestTheCertificate:
    def test_of_an_unknown_authority(self, serve: Serve, authority: Any, stranger: Any) -> None:
        server = serve(OK, tls=stranger.context())
        error = failure(server, Trust((authority.file,)))
        issuer = stranger.ca.cert_pem.bytes()
        name = x509.load_pem_x509_certificate(issuer).subject.get_attributes_for_oid(
            x509.NameOID.ORGANIZATIONAL_UNIT_NAME
        )
        assert error.message == (
            f"the certificate of localhost:{server.port} is signed by an unknown authority "
            f"(it was issued by {name[0].value!s})"
        )
        assert error.hint == (
            f"put the CA's certificate into /etc/docker/certs.d/localhost:{server.port}/ca.crt, "
            "or name it with --cacert"
        )
        assert server.requests == []

    def test_of_an_authority_whose_name_is_an_attack(self) -> None:
        error = ssl.SSLCertVerificationError()
        error.verify_code = 20
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "\x1b[2J\r\n\u202e" + "x" * 40)])
        key = ec.generate_private_key(ec.SECP256R1())
        made = x509.CertificateBuilder(name, name, key.public_key(), 1, now(), now() + DAY).sign(key, hashes.SHA256())
        circumstances = Circumstances(
            "r.example", "r.example", certificate=made.public_bytes(serialization.Encoding.DER)
        )
        message = explain(error, circumstances)[0]
        assert "issued by" in message
        assert message.isprintable()

    def test_for_another_name(self, serve: Serve, authority: Any) -> None:
        server = serve(OK, tls=authority.context("other.example", "*.more.example", "192.0.2.1"))
        error = failure(server, Trust((authority.file,)))
        assert error.message == (
            f"the certificate of localhost:{server.port} is not for the name localhost, "
            "but for other.example, *.more.example, 192.0.2.1"
        )
        assert "localhost as subjectAltName" in str(error.hint)
        assert server.requests == []

    def test_for_another_address(self, serve: Serve, authority: Any) -> None:
        server = serve(OK, tls=authority.context("localhost"))
        assert (
            "is not for the name 127.0.0.1, but for localhost"
            in failure(server, Trust((authority.file,)), "127.0.0.1").message
        )

    def test_for_many_other_names(self, serve: Serve, authority: Any) -> None:
        server = serve(OK, tls=authority.context(*(f"n{number}.example" for number in range(8))))
        assert failure(server, Trust((authority.file,))).message.endswith("n3.example, n4.example and 3 more")

    def test_whose_names_cannot_be_learnt(self, serve: Serve, authority: Any) -> None:
        # The second connection, made to learn them, fails.
        context = authority.context("other.example")
        server = serve(lambda peer: peer.start_tls(context), lambda peer: peer.reset())
        error = failure(server, Trust((authority.file,)))
        assert error.message.endswith("is not for the name localhost")

    def test_with_only_a_common_name(self, serve: Serve, tmp_path: Any) -> None:
        server = serve(OK, tls=common_name_only(tmp_path, "localhost"))
        error = failure(server, Trust((str(tmp_path / "cn.crt"),)))
        assert "names no host (a common name alone does not count)" in error.message
        assert error.hint == "have it made anew with localhost as subjectAltName"

    def test_expired(self, serve: Serve, authority: Any) -> None:
        last = (now() - DAY).replace(microsecond=0)
        tls = authority.context("localhost", not_before=now() - 9 * DAY, not_after=last)
        server = serve(OK, tls=tls)
        error = failure(server, Trust((authority.file,)))
        assert error.message.endswith(f" has expired: it was valid until {last:%Y-%m-%d %H:%M:%S} UTC")
        assert "renewed" in str(error.hint)
        assert server.requests == []

    def test_not_yet_valid(self, serve: Serve, authority: Any) -> None:
        first = (now() + DAY).replace(microsecond=0)
        tls = authority.context("localhost", not_before=first, not_after=now() + 9 * DAY)
        error = failure(serve(OK, tls=tls), Trust((authority.file,)))
        assert error.message.endswith(f" is not valid yet: it will be from {first:%Y-%m-%d %H:%M:%S} UTC on")
        assert "clock" in str(error.hint)

    @pytest.mark.parametrize("ends", [-1, 9])
    def test_whose_dates_cannot_be_learnt(self, serve: Serve, authority: Any, ends: int) -> None:
        # The second connection, made to learn them, fails.
        tls = authority.context("localhost", not_before=now() + (ends - 8) * DAY, not_after=now() + ends * DAY)
        server = serve(lambda peer: peer.start_tls(tls), lambda peer: peer.reset())
        error = failure(server, Trust((authority.file,)))
        assert error.message.endswith(" has expired" if ends < 0 else " is not valid yet")

    @pytest.mark.parametrize("ends", [-1, 9])
    def test_whose_authority_is_out_of_date(self, serve: Serve, tmp_path: Any, ends: int) -> None:
        tls, file = under_another(tmp_path, ends=now() + ends * DAY)
        error = failure(serve(OK, tls=tls), Trust((file,)))
        words = "has expired" if ends < 0 else "is not valid yet"
        assert "the certificate of an authority of localhost:" in error.message
        assert error.message.endswith(words)

    def test_with_a_weak_key(self, serve: Serve, tmp_path: Any) -> None:
        server = serve(OK, tls=common_name_only(tmp_path, "localhost", bits=1024))
        error = failure(server, Trust((str(tmp_path / "cn.crt"),)))
        assert "is too weak for this system's OpenSSL: " in error.message
        assert "2048 bits" in str(error.hint)

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the program openssl, to sign with SHA-1")
    def test_with_a_weak_signature(self, serve: Serve, tmp_path: Any) -> None:
        for words in (
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 2",
            "req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=localhost",
            "x509 -req -sha1 -in leaf.csr -CA ca.crt -CAkey ca.key -set_serial 1 -out leaf.crt -days 2",
        ):
            subprocess.run(["openssl", *words.split()], cwd=tmp_path, check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.set_ciphers("DEFAULT@SECLEVEL=0")
        tls.load_cert_chain(tmp_path / "leaf.crt", tmp_path / "leaf.key")
        error = failure(serve(OK, tls=tls), Trust((str(tmp_path / "ca.crt"),)))
        assert "is too weak for this system's OpenSSL: " in error.message
        assert "SHA-256" in str(error.hint)


def under_another(folder: Any, *, ends: datetime.datetime) -> tuple[ssl.SSLContext, str]:
    """Settings of a server under an authority that ends then, under another one, and the file of that one."""
    top = trustme.CA()
    file = str(folder / "top.crt")
    top.cert_pem.write_to_path(file)
    middle = trustme.CA(parent_cert=top)
    key = serialization.load_pem_private_key(middle.private_key_pem.bytes(), None)
    above = serialization.load_pem_private_key(top.private_key_pem.bytes(), None)
    old = x509.load_pem_x509_certificate(middle.cert_pem.bytes())
    name = x509.load_pem_x509_certificate(top.cert_pem.bytes()).subject
    new = (
        x509.CertificateBuilder(name, old.subject, key.public_key(), 1, ends - 8 * DAY, ends)  # type: ignore[arg-type]
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(above, hashes.SHA256())  # type: ignore[arg-type]
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = middle.issue_cert("localhost")
    chain = leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes()
    (folder / "chain.pem").write_bytes(chain + new.public_bytes(serialization.Encoding.PEM))
    made.load_cert_chain(folder / "chain.pem")
    return made, file


def common_name_only(folder: Any, name: str, *, bits: int = 2048) -> ssl.SSLContext:
    """Settings of a server with a self-signed certificate without any subjectAltName."""
    key = rsa.generate_private_key(65537, bits)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, now() - DAY, now() + DAY)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "cn.crt").write_bytes(certificate)
    (folder / "cn.key").write_bytes(private)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("DEFAULT@SECLEVEL=0")
    made.load_cert_chain(folder / "cn.crt", folder / "cn.key")
    return made


class TestNotTls:
    @pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"<!DOCTYPE HTML>\n<html>"])
    def test_plain_http(self, serve: Serve, answer: bytes) -> None:
        server = serve(lambda peer: (peer.socket.recv(65536), peer.send(answer)))
        error = failure(server, Trust())
        assert error.message == f"localhost:{server.port} speaks plain HTTP, not TLS"
        assert "--plain-http" in str(error.hint)
        assert server.connections == 1

    @pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail.example\r\n", b"\0\0\0\0\0\0\0\0"])
    def test_something_else(self, serve: Serve, answer: bytes) -> None:
        server = serve(lambda peer: (peer.socket.recv(65536), peer.send(answer), peer.wait()))
        error = failure(server, Trust())
        assert error.message == f"localhost:{server.port} does not speak TLS"
        assert "--plain-http" not in str(error.hint)

    def test_tls_of_a_version_from_elsewhere(self, serve: Serve) -> None:
        server = serve(lambda peer: (peer.socket.recv(65536), peer.send(b"\x16\x09\x09\0\2ab"), peer.wait()))
        assert "does not speak TLS" not in failure(server, Trust()).message

    def test_closing(self, serve: Serve) -> None:
        server = serve(lambda peer: peer.socket.recv(65536))
        error = failure(server, Trust())
        assert error.message.endswith("closed the connection during the TLS handshake")
        assert "--plain-http" not in str(error.hint)

    def test_closing_in_the_middle(self, serve: Serve) -> None:
        server = serve(lambda peer: (peer.socket.recv(65536), peer.send(b"\x16\x03\x03\0\x50\2\0\0\x4c")))
        error = failure(server, Trust())
        assert error.message == f"localhost:{server.port} cut the TLS handshake short"

    def test_closing_where_a_client_certificate_is_wanted(self, serve: Serve, authority: Any) -> None:
        tls = authority.context()
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(authority.file)

        def play(peer: Any) -> None:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            incoming.write(peer.socket.recv(65536))
            with pytest.raises(ssl.SSLWantReadError):
                tls.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
            peer.send(outgoing.read())
            peer.socket.recv(65536)

        server = serve(play)
        error = failure(server, Trust((authority.file,)))
        assert error.message == f"localhost:{server.port} wants a client certificate"

    def test_resetting(self, serve: Serve) -> None:
        server = serve(lambda peer: (peer.socket.recv(65536), peer.reset()))
        with pytest.raises(Unreachable, match=f"no TLS handshake with localhost:{server.port}: connection reset"):
            reach(server, Trust())

    def test_silence(self, serve: Serve) -> None:
        server = serve(lambda peer: peer.wait())
        origin = Origin("https", "localhost", server.port)
        for seconds, connect_timeout in ((30, 0.3), (0.3, 10)):
            connection = Connection(origin, deadline=Deadline(seconds), connect_timeout=connect_timeout)
            with pytest.raises(TimedOut, match="no TLS handshake with localhost"):
                connection.exchange(Request("GET", origin, "/"))

    def test_dripping(self, serve: Serve) -> None:
        server = serve(lambda peer: peer.drip(b"\x16\x03\x03\x10\x00\x02\x00\x0f\xfc" + b"\x03" * 4000))
        origin = Origin("https", "localhost", server.port)
        with pytest.raises(TimedOut):
            Connection(origin, deadline=Deadline(0.5)).exchange(Request("GET", origin, "/"))


class TestVersions:
    def test_a_server_that_is_too_old(self, serve: Serve, authority: Any) -> None:
        tls = authority.context()
        tls.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1_1
        server = serve(OK, tls=tls)
        error = failure(server, Trust((authority.file,)))
        assert "only versions of TLS that are too old" in error.message
        assert server.requests == []

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_one_that_is_not(self, serve: Serve, authority: Any, version: ssl.TLSVersion) -> None:
        tls = authority.context()
        tls.minimum_version = tls.maximum_version = version
        assert reach(serve(OK, tls=tls), Trust((authority.file,))).body == b"ok"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
class TestClientCertificates:
    @pytest.fixture
    def asking(self, authority: Any, version: ssl.TLSVersion) -> ssl.SSLContext:
        """Settings of a server that wants a certificate of ``authority``."""
        tls: ssl.SSLContext = authority.context()
        tls.minimum_version = tls.maximum_version = version
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(authority.file)
        return tls

    def test_shown(self, serve: Serve, authority: Any, asking: ssl.SSLContext) -> None:
        names: list[object] = []

        def play(peer: Any) -> None:
            names.append(peer.socket.getpeercert()["subjectAltName"])
            peer.request()
            peer.send(OK)

        server = serve(play, tls=asking)
        pairs = (authority.pair("first.example"), authority.pair("second.example"))
        assert reach(server, Trust((authority.file,), pairs)).body == b"ok"
        assert names == [(("DNS", "first.example"),)]

    def test_wanted(self, serve: Serve, authority: Any, asking: ssl.SSLContext) -> None:
        server = serve(OK, tls=asking)
        error = failure(server, Trust((authority.file,)))
        assert error.message == f"localhost:{server.port} wants a client certificate"
        assert f"certs.d/localhost:{server.port}/client.cert and client.key" in str(error.hint)
        assert server.requests == []

    def test_of_another_authority(self, serve: Serve, authority: Any, stranger: Any, asking: ssl.SSLContext) -> None:
        error = failure(serve(OK, tls=asking), Trust((authority.file,), (stranger.pair(),)))
        assert "refuses the client certificate" in error.message
        assert "authority that signed it" in str(error.hint)

    def test_expired(self, serve: Serve, authority: Any, asking: ssl.SSLContext) -> None:
        pair = authority.pair(not_before=now() - 9 * DAY, not_after=now() - DAY)
        error = failure(serve(OK, tls=asking), Trust((authority.file,), (pair,)))
        assert "refuses the client certificate" in error.message


class TestAlerts:
    def test_an_unknown_name(self, serve: Serve, authority: Any) -> None:
        tls = authority.context()
        tls.sni_callback = lambda *_args: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        error = failure(serve(OK, tls=tls), Trust((authority.file,)))
        assert "does not know the name localhost" in error.message

    def test_no_common_cipher(self, serve: Serve, authority: Any) -> None:
        tls = authority.context()
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.set_ciphers("RSA")  # the certificate's key is of another kind
        error = failure(serve(OK, tls=tls), Trust((authority.file,), (authority.pair(),)))
        assert "have no cipher in common" in error.message
        assert error.hint

    def test_a_short_key_exchange(self, serve: Serve, authority: Any, tmp_path: Any) -> None:
        # A sequence of two numbers: the group's, and 2.
        group = base64.encodebytes(bytes.fromhex(f"308187 02818100 {OAKLEY_2} 020102")).decode()
        file = tmp_path / "dh.pem"
        file.write_text(f"-----BEGIN DH PARAMETERS-----\n{group}-----END DH PARAMETERS-----\n")
        tls = authority.context(key_type=trustme.KeyType.RSA)
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.set_ciphers("DHE@SECLEVEL=0")
        tls.load_dh_params(str(file))
        error = failure(serve(OK, tls=tls), Trust((authority.file,)))
        assert error.message.endswith("speaks a TLS that is too weak for this system's OpenSSL: dh key too small")
        assert error.hint

    def test_a_failure_after_the_versions_were_agreed_on(self) -> None:
        error = ssl.SSLError()
        error.reason = "SSLV3_ALERT_HANDSHAKE_FAILURE"
        hello = b"\x16\x03\x03\0\4\2\0\0\0"
        for shows in (True, False):
            message, hint = explain(
                error,
                Circumstances("r.example", "r.example", directory="r.example", first=hello, shows_certificate=shows),
            )
            assert message == "r.example broke off the TLS handshake and did not say why (handshake failure)"
            assert ("another one" in str(hint)) is shows

    def test_trouble_inside_the_server(self, serve: Serve, authority: Any) -> None:
        tls = authority.context()
        tls.sni_callback = lambda *_args: ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        error = failure(serve(OK, tls=tls), Trust((authority.file,)))
        assert error.message.endswith(" failed: tlsv1 alert internal error")
        assert error.hint

    def test_an_error_without_a_reason(self) -> None:
        assert explain(ssl.SSLError(), Circumstances("reg.example", "reg.example"))[0].endswith("unknown reason")
