"""Whom TLS trusts."""

from __future__ import annotations

import _socket
import datetime
import os
import socket
import ssl
import subprocess
import sys
import threading
import types
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import TLSFailed
from dockpass.http import trust as tested
from dockpass.http.trust import Trust, context

from .reaching import OK, reach

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Serve = Callable[..., Any]


class TestTrust:
    def test_is_a_value(self) -> None:
        trust = Trust(("a",), (("b", "c"),))
        assert trust == Trust(("a",), (("b", "c"),))
        assert hash(trust) == hash(Trust(("a",), (("b", "c"),)))
        for other in (Trust(("a",)), Trust(("b",), (("b", "c"),)), Trust(("a",), (("b", "c"),), system=False), "a"):
            assert trust != other
        assert repr(trust) == "Trust(('a',), (('b', 'c'),), system=True)"

    def test_settings_are_made_once(self, authority: Any) -> None:
        trust = Trust((authority.file,), (authority.pair(),))
        assert context(trust) is context(trust)
        assert context(trust) is not context(trust, any_name=True)
        assert context(trust).check_hostname

    def test_settings(self) -> None:
        made = context(Trust())
        assert made.verify_mode == ssl.CERT_REQUIRED
        assert made.check_hostname
        assert made.hostname_checks_common_name is False
        assert made.minimum_version == ssl.TLSVersion.TLSv1_2
        assert made.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN
        assert not made.options & getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    def test_an_authority_of_the_callers(self, serve: Serve, authority: Any, host: str) -> None:
        assert reach(serve(OK, tls=authority.context()), Trust((authority.file,)), host).body == b"ok"

    def test_a_name_with_a_final_dot(self, serve: Serve, authority: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        server = serve(OK, tls=authority.context("reg.example"))
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
        monkeypatch.setattr(_socket, "getaddrinfo", lambda *_args, **_options: found)
        assert reach(server, Trust((authority.file,)), "reg.example.").body == b"ok"

    def test_a_name_is_looked_up_while_tls_is_made_ready(
        self, serve: Serve, authority: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(OK, tls=authority.context("reg.example"))
        asked = threading.Event()
        real = tested.context

        def look_up(*_args: object, **_options: object) -> list[Any]:
            asked.set()
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

        def context(trust: Trust, **options: Any) -> ssl.SSLContext:
            assert asked.wait(30)
            return real(trust, **options)

        monkeypatch.setattr(_socket, "getaddrinfo", look_up)
        monkeypatch.setattr(tested, "context", context)
        assert reach(server, Trust((authority.file,)), "reg.example").body == b"ok"

    def test_ipv6(self, serve: Serve, authority: Any) -> None:
        server = serve(OK, tls=authority.context("::1"), family=socket.AF_INET6)
        assert reach(server, Trust((authority.file,)), "::1").body == b"ok"

    def test_beside_the_systems(
        self, serve: Serve, authority: Any, stranger: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", authority.file)
        server = serve(OK, tls=authority.context())
        assert reach(server, Trust((stranger.file,))).body == b"ok"
        assert reach(server, None).body == b"ok"
        with pytest.raises(TLSFailed, match="unknown authority"):
            reach(server, Trust((stranger.file,), system=False))

    def test_an_intermediate_authority_is_enough(self, serve: Serve, authority: Any, tmp_path: Path) -> None:
        child = authority.ca.create_child_ca()
        server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        child.issue_cert("localhost").configure_cert(server_context)
        file = tmp_path / "child.pem"
        child.cert_pem.write_to_path(str(file))
        assert reach(serve(OK, tls=server_context), Trust((str(file),))).body == b"ok"

    def test_the_servers_own_certificate_is_enough(self, serve: Serve, tmp_path: Path) -> None:
        certificate, key = self_signed(tmp_path, "localhost")
        server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_context.load_cert_chain(certificate, key)
        server = serve(OK, tls=server_context)
        assert reach(server, Trust((certificate,))).body == b"ok"
        with pytest.raises(TLSFailed, match="is self-signed and not trusted here"):
            reach(server, Trust())

    def test_no_keys_are_logged(
        self, serve: Serve, authority: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
        reach(serve(OK, tls=authority.context()), Trust((authority.file,)))
        assert not (tmp_path / "keys").exists()


def self_signed(folder: Path, name: str) -> tuple[str, str]:
    """Certificate and key as registry guides have them made: signed by itself, and no authority's."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = str(folder / "self.crt"), str(folder / "self.key")
    with open(paths[0], "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    with open(paths[1], "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    return paths


def hashed(folder: Path, file: str) -> str:
    """A folder that holds the certificate in ``file`` under its hashed name."""
    folder.mkdir()
    command = ["openssl", "x509", "-noout", "-hash", "-in", file]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (folder / f"{name}.0").symlink_to(file)
    return str(folder)


class TestTheSystem:
    @pytest.fixture
    def paths(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
        """Sets where OpenSSL says that the system's authorities are."""

        def set_paths(folder: str, file: str) -> None:
            found = types.SimpleNamespace(openssl_capath=folder, openssl_cafile=file)
            monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: found)
            monkeypatch.setattr(tested, "_BUNDLES", ())

        return set_paths

    def test_a_hashed_folder(self, serve: Serve, authority: Any, tmp_path: Path, paths: Any) -> None:
        paths(hashed(tmp_path / "certs", authority.file), "")
        server = serve(OK, tls=authority.context())
        assert reach(server, Trust()).body == b"ok"
        assert server.connections == 1

    def test_the_bundle_is_not_read_if_the_folder_is_enough(
        self, serve: Serve, authority: Any, tmp_path: Path, paths: Any
    ) -> None:
        bundle = tmp_path / "bundle.pem"
        bundle.write_bytes(b"reading this would be an error")
        paths(hashed(tmp_path / "certs", authority.file), str(bundle))
        assert reach(serve(OK, tls=authority.context()), Trust()).body == b"ok"

    def test_the_bundle_has_what_the_folder_lacks(
        self, serve: Serve, authority: Any, stranger: Any, tmp_path: Path, paths: Any
    ) -> None:
        paths(hashed(tmp_path / "certs", stranger.file), authority.file)
        server = serve(OK, tls=authority.context())
        trust = Trust()
        assert reach(server, trust).body == b"ok"
        assert server.connections == 2
        assert len(server.requests) == 1
        assert reach(server, trust).body == b"ok"  # and it is remembered
        assert server.connections == 3

    def test_the_folder_counts_beside_the_bundle(
        self, serve: Serve, authority: Any, stranger: Any, tmp_path: Path, paths: Any
    ) -> None:
        paths(hashed(tmp_path / "certs", authority.file), stranger.file)
        trust = Trust()
        assert trust.can_widen()
        trust.wide = True
        assert reach(serve(OK, tls=authority.context()), trust).body == b"ok"
        assert not trust.can_widen()

    def test_neither_knows_it(self, serve: Serve, authority: Any, stranger: Any, tmp_path: Path, paths: Any) -> None:
        paths(hashed(tmp_path / "certs", stranger.file), stranger.file)
        server = serve(OK, tls=authority.context())
        with pytest.raises(TLSFailed, match="unknown authority"):
            reach(server, Trust())
        assert server.connections == 3  # two tries, and a look at the certificate
        assert server.requests == []

    def test_there_is_no_second_try_without_another_bundle(
        self, serve: Serve, authority: Any, stranger: Any, tmp_path: Path, paths: Any
    ) -> None:
        server = serve(OK, tls=authority.context())
        paths("", stranger.file)
        with pytest.raises(TLSFailed, match="unknown authority"):
            reach(server, Trust())
        paths(hashed(tmp_path / "certs", stranger.file), authority.file)
        with pytest.raises(TLSFailed, match="unknown authority"):
            reach(server, Trust(system=False))
        assert server.connections == 4  # a try and a look at the certificate each

    def test_another_thread_may_have_widened_it(
        self, serve: Serve, authority: Any, stranger: Any, tmp_path: Path, paths: Any
    ) -> None:
        paths(hashed(tmp_path / "certs", stranger.file), authority.file)
        trust = Trust()
        settings = authority.context()

        def meanwhile(peer: Any) -> None:
            trust.wide = True
            peer.start_tls(settings)

        def play(peer: Any) -> None:
            peer.start_tls(settings)
            peer.request()
            peer.send(OK)

        assert reach(serve(meanwhile, play), trust).body == b"ok"

    def test_the_second_try_is_for_unknown_authorities_only(
        self, serve: Serve, authority: Any, tmp_path: Path, paths: Any
    ) -> None:
        paths(hashed(tmp_path / "certs", authority.file), authority.file)
        past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        server = serve(
            OK, tls=authority.context("localhost", not_before=past - datetime.timedelta(days=1), not_after=past)
        )
        trust = Trust()
        with pytest.raises(TLSFailed, match="has expired"):
            reach(server, trust)
        assert not trust.wide

    def test_a_variable_wins_over_the_second_try(
        self, serve: Serve, authority: Any, stranger: Any, tmp_path: Path, paths: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paths(hashed(tmp_path / "certs", authority.file), authority.file)
        trust = Trust()
        trust.wide = True
        monkeypatch.setenv("SSL_CERT_FILE", stranger.file)
        with pytest.raises(TLSFailed, match="unknown authority"):
            reach(serve(OK, tls=authority.context()), trust)

    @pytest.mark.parametrize("folder", ["", "none", "."])
    def test_without_a_hashed_folder_the_bundle_is_read_at_once(
        self, serve: Serve, authority: Any, tmp_path: Path, paths: Any, folder: str
    ) -> None:
        (tmp_path / "ca.pem").write_text("unhashed")
        paths(str(tmp_path / folder) if folder else "", authority.file)
        server = serve(OK, tls=authority.context())
        assert reach(server, Trust()).body == b"ok"
        assert server.connections == 1

    def test_a_bundle_at_a_well_known_place(
        self, serve: Serve, authority: Any, tmp_path: Path, paths: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paths(str(tmp_path / "none"), str(tmp_path / "none.pem"))
        monkeypatch.setattr(tested, "_BUNDLES", (str(tmp_path / "other.pem"), authority.file))
        assert reach(serve(OK, tls=authority.context()), Trust()).body == b"ok"

    def test_a_variable_wins(
        self, serve: Serve, authority: Any, stranger: Any, paths: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paths(hashed(tmp_path / "system", authority.file), authority.file)
        server = serve(OK, tls=authority.context())
        monkeypatch.setenv("SSL_CERT_FILE", stranger.file)
        with pytest.raises(TLSFailed, match="unknown authority"):
            reach(server, Trust())
        monkeypatch.delenv("SSL_CERT_FILE")
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        with pytest.raises(TLSFailed, match="unknown authority"):
            reach(server, Trust())
        both = os.pathsep.join((hashed(tmp_path / "named", authority.file), str(tmp_path)))
        monkeypatch.setenv("SSL_CERT_DIR", both)
        assert reach(server, Trust()).body == b"ok"

    def test_the_keychain_of_macos(
        self, serve: Serve, authority: Any, stranger: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made: list[ssl.SSLContext] = []

        def keychain(protocol: int) -> ssl.SSLContext:
            made.append(ssl.SSLContext(protocol))
            made[-1].load_verify_locations(authority.file)
            return made[-1]

        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setitem(sys.modules, "truststore", types.SimpleNamespace(SSLContext=keychain))
        server = serve(OK, tls=authority.context())
        assert reach(server, Trust((stranger.file,))).body == b"ok"
        assert made[0].minimum_version == ssl.TLSVersion.TLSv1_2
        monkeypatch.setitem(sys.modules, "truststore", None)
        with pytest.raises(TLSFailed, match="unknown authority"):
            reach(server, Trust((stranger.file,)))
        assert len(made) == 1

    @pytest.mark.parametrize("platform", ["darwin", "linux"])
    def test_the_keychain_is_not_always_asked(
        self, serve: Serve, authority: Any, monkeypatch: pytest.MonkeyPatch, platform: str
    ) -> None:
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setitem(sys.modules, "truststore", types.SimpleNamespace(SSLContext=pytest.fail))
        server = serve(OK, tls=authority.context())
        assert reach(server, Trust((authority.file,), system=False)).body == b"ok"
        if platform == "linux":
            assert reach(server, Trust((authority.file,))).body == b"ok"
        monkeypatch.setenv("SSL_CERT_FILE", authority.file)
        assert reach(server, Trust()).body == b"ok"

    def test_the_store_of_windows(
        self, serve: Serve, authority: Any, stranger: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "platform", "win32")
        monkeypatch.setattr(
            ssl.SSLContext, "load_default_certs", lambda made: made.load_verify_locations(authority.file)
        )
        server = serve(OK, tls=authority.context())
        assert reach(server, Trust()).body == b"ok"
        monkeypatch.setenv("SSL_CERT_FILE", stranger.file)
        with pytest.raises(TLSFailed, match="unknown authority"):
            reach(server, Trust())
