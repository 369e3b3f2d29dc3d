"""Every way in which TLS fails, with real handshakes, and what is said about it."""

from __future__ import annotations

import datetime
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import TimedOut, TLSFailed, Unreachable
from dockpass.http.address import Origin
from dockpass.http.connection import Connection, Deadline
from dockpass.http.message import Request, Response
from dockpass.http.tls import Trust
from dockpass.http.tls_failure import Circumstances, explain

if TYPE_CHECKING:
    from collections.abc import Callable

    Serve = Callable[..., Any]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DAY = datetime.timedelta(days=1)


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
        assert error.message == f"the certificate of localhost:{server.port} is signed by an unknown authority"
        assert error.hint == (
            f"put the CA's certificate into /etc/docker/certs.d/localhost:{server.port}/ca.crt, "
            "or name it with --cacert"
        )
        assert server.requests == []

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
        tls = authority.context("localhost", not_before=now() - 9 * DAY, not_after=now() - DAY)
        error = failure(serve(OK, tls=tls), Trust((authority.file,)))
        assert error.message.endswith(" has expired")
        assert "renewed" in str(error.hint)

    def test_not_yet_valid(self, serve: Serve, authority: Any) -> None:
        tls = authority.context("localhost", not_before=now() + DAY, not_after=now() + 9 * DAY)
        error = failure(serve(OK, tls=tls), Trust((authority.file,)))
        assert error.message.endswith(" is not valid yet")
        assert "clock" in str(error.hint)

    def test_with_a_weak_key(self, serve: Serve, tmp_path: Any) -> None:
        server = serve(OK, tls=common_name_only(tmp_path, "localhost", bits=1024))
        trust = Trust((str(tmp_path / "cn.crt"),))
        assert "is not valid: " in failure(server, trust).message


def common_name_only(folder: Any, name: str, *, bits: int = 2048) -> ssl.SSLContext:
    """Settings of a server with a self-signed certificate without any subjectAltName."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

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

    def test_wanted(self, serve: Serve, authority: Any, asking: ssl.SSLContext, version: ssl.TLSVersion) -> None:
        server = serve(OK, tls=asking)
        error = failure(server, Trust((authority.file,)))
        if version == ssl.TLSVersion.TLSv1_3:
            assert error.message == f"localhost:{server.port} wants a client certificate"
        else:
            # The alert is the one for no common cipher, too.
            assert "handshake failure" in error.message
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
        assert "broke off the TLS handshake" in error.message

    def test_trouble_inside_the_server(self, serve: Serve, authority: Any) -> None:
        tls = authority.context()
        tls.sni_callback = lambda *_args: ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        error = failure(serve(OK, tls=tls), Trust((authority.file,)))
        assert error.message.endswith(" failed: tlsv1 alert internal error")
        assert error.hint

    def test_an_error_without_a_reason(self) -> None:
        assert explain(ssl.SSLError(), Circumstances("reg.example", "reg.example"))[0].endswith("unknown reason")
