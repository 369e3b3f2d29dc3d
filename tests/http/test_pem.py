"""Files of certificates and keys, and what is said of those that are no good."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dockpass.errors import FileUnreadable
from dockpass.http.pem import load_authorities, load_pair
from dockpass.http.trust import Trust, context

if TYPE_CHECKING:
    from pathlib import Path


def settings() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def refused(certificate: object, key: object) -> FileUnreadable:
    with pytest.raises(FileUnreadable) as caught:
        load_pair(settings(), str(certificate), str(key))
    assert caught.value.hint
    assert caught.value.path in caught.value.message
    return caught.value


def private(key: str) -> Any:
    with open(key, "rb") as file:
        return serialization.load_pem_private_key(file.read(), None)


@pytest.fixture
def pair(authority: Any) -> tuple[str, str]:
    made: tuple[str, str] = authority.pair()
    return made


@pytest.fixture
def der(pair: tuple[str, str], tmp_path: Path) -> tuple[Path, Path]:
    """Certificate and key, not in PEM form."""
    certificate, key = tmp_path / "certificate.der", tmp_path / "key.der"
    certificate.write_bytes(ssl.PEM_cert_to_DER_cert(_text(pair[0])))
    key.write_bytes(
        private(pair[1]).private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, key


def _text(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()


class TestAuthorities:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "holds no certificate"),
            (b"nonsense", "holds no certificate"),
            (None, "cannot be read: no such file"),
            (b"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n", "cannot be understood"),
            (b"-----BEGIN CERTIFICATE-----\nMIIC", "cannot be understood"),
        ],
    )
    def test_no_good(self, tmp_path: Path, content: bytes | None, words: str) -> None:
        path = tmp_path / "ca.crt"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(FileUnreadable, match=words) as caught:
            context(Trust((str(path),)))
        assert f"the CA file {path} " in caught.value.message
        assert caught.value.path == str(path)
        assert caught.value.hint

    def test_not_in_pem_form(self, der: tuple[Path, Path]) -> None:
        with pytest.raises(FileUnreadable, match="holds no certificate in PEM form") as caught:
            load_authorities(settings(), str(der[0]), "the CA file")
        assert f"openssl x509 -inform der -in {der[0]} " in str(caught.value.hint)

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(FileUnreadable, match="is a folder, a pipe or a device"):
            load_authorities(settings(), str(tmp_path), "the CA file")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_pipe_is_not_waited_at(self, tmp_path: Path, pair: tuple[str, str]) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(FileUnreadable, match="is a folder, a pipe or a device"):
            load_authorities(settings(), str(tmp_path / "pipe"), "the CA file")
        assert "is a folder, a pipe or a device" in refused(pair[0], tmp_path / "pipe").message

    def test_a_path_that_cannot_be_one(self) -> None:
        with pytest.raises(FileUnreadable, match=r"a\\x00b"):
            context(Trust(("a\0b",)))
        with pytest.raises(FileUnreadable, match=r"a\\x00b"):
            context(Trust((), (("a\0b", "c"),)))

    def test_the_variable_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
        with pytest.raises(FileUnreadable, match=f"the file that SSL_CERT_FILE names {tmp_path}/none cannot be read"):
            context(Trust())


class TestPairs:
    def test_in_two_files_and_in_one(self, pair: tuple[str, str], tmp_path: Path) -> None:
        load_pair(settings(), *pair)
        both = tmp_path / "both.pem"
        both.write_text(_text(pair[0]) + _text(pair[1]))
        load_pair(settings(), str(both), str(both))

    def test_of_another_certificate(self, authority: Any, pair: tuple[str, str]) -> None:
        other = authority.pair()[1]
        error = refused(pair[0], other)
        assert error.message == f"the key {other} does not fit the client certificate {pair[0]}"

    def test_of_another_kind(self, authority: Any, pair: tuple[str, str]) -> None:
        rsa = authority.pair(key_type=trustme.KeyType.RSA)[1]
        assert "does not fit the client certificate" in refused(pair[0], rsa).message

    @pytest.mark.parametrize("which", [0, 1])
    def test_missing(self, pair: tuple[str, str], tmp_path: Path, which: int) -> None:
        files = list(pair)
        files[which] = str(tmp_path / "none")
        error = refused(*files)
        assert f"{tmp_path / 'none'} cannot be read: no such file" in error.message

    @pytest.mark.parametrize("which", [0, 1])
    def test_not_to_be_read(self, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch, which: int) -> None:
        real = os.open

        def closed(path: str, *rest: int) -> int:
            # Root may read everything, so the refusal is made here.
            if path == pair[which]:
                raise PermissionError(13, "Permission denied")
            return real(path, *rest)

        monkeypatch.setattr(os, "open", closed)
        assert f"{pair[which]} cannot be read: permission denied" in refused(*pair).message

    def test_an_authority_in_place_of_the_key(self, authority: Any, pair: tuple[str, str]) -> None:
        assert refused(pair[0], authority.file).message == f"{authority.file} holds no private key in PEM form"

    def test_a_certificate_without_a_key(self, pair: tuple[str, str]) -> None:
        error = refused(pair[0], pair[0])
        assert error.message == f"{pair[0]} holds no private key in PEM form"
        assert error.hint == "name its key's file, too: --key FILE"

    def test_a_key_in_place_of_the_certificate(self, pair: tuple[str, str]) -> None:
        error = refused(pair[1], pair[1])
        assert error.message == f"the client certificate {pair[1]} holds no certificate in PEM form"

    @pytest.mark.parametrize(
        "form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]
    )
    def test_a_locked_key_is_an_error_and_not_a_question(
        self, pair: tuple[str, str], tmp_path: Path, form: serialization.PrivateFormat
    ) -> None:
        locked = tmp_path / "locked.key"
        locked.write_bytes(
            private(pair[1]).private_bytes(
                serialization.Encoding.PEM, form, serialization.BestAvailableEncryption(b"passphrase")
            )
        )
        error = refused(pair[0], locked)
        assert error.message.startswith(f"the key {locked} is locked by a passphrase")
        assert f"openssl pkey -in {locked} -out " in str(error.hint)

    def test_a_key_that_was_cut(self, pair: tuple[str, str], tmp_path: Path) -> None:
        cut = tmp_path / "cut.key"
        cut.write_text(_text(pair[1])[:100])
        assert refused(pair[0], cut).message == f"the key {cut} is cut short"

    def test_not_in_pem_form(self, pair: tuple[str, str], der: tuple[Path, Path]) -> None:
        error = refused(der[0], pair[1])
        assert error.message == f"the client certificate {der[0]} holds no certificate in PEM form"
        error = refused(pair[0], der[1])
        assert error.message == f"{der[1]} holds no private key in PEM form"
        assert f"openssl pkey -inform der -in {der[1]} " in str(error.hint)

    def test_pkcs12(self, tmp_path: Path) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import pkcs12

        issued = trustme.CA().issue_cert("client.example")
        file = tmp_path / "client.p12"
        file.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"client",
                serialization.load_pem_private_key(issued.private_key_pem.bytes(), None),  # type: ignore[arg-type]
                x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()),
                None,
                serialization.NoEncryption(),
            )
        )
        assert f"openssl pkcs12 -nodes -in {file} " in str(refused(file, file).hint)

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the program openssl")
    def test_too_weak(self, tmp_path: Path) -> None:
        words = "req -x509 -newkey rsa:1024 -nodes -keyout weak.key -out weak.crt -subj /CN=weak -days 2"
        subprocess.run(["openssl", *words.split()], cwd=tmp_path, check=True, capture_output=True)
        error = refused(tmp_path / "weak.crt", tmp_path / "weak.key")
        assert "is too weak for this system's OpenSSL: ee key too small" in error.message

    def test_a_file_that_goes_away_meanwhile(self, pair: tuple[str, str]) -> None:
        class Settings:
            def load_cert_chain(self, *_files: str, **_options: str) -> NoReturn:
                raise FileNotFoundError(2, "No such file or directory")

            def load_verify_locations(self, **_files: str) -> NoReturn:
                # As OpenSSL reports what it was not told more of; and then nothing can be read.
                os.unlink(pair[0])
                raise ssl.SSLError

        gone: Any = Settings()
        with pytest.raises(FileUnreadable, match="cannot be read: no such file"):
            load_pair(gone, *pair)
        with pytest.raises(FileUnreadable, match="holds no certificate"):
            load_authorities(gone, pair[0], "the CA file")


PIECES = st.sampled_from(
    [
        b"-----BEGIN CERTIFICATE-----\n",
        b"-----END CERTIFICATE-----\n",
        b"-----BEGIN PRIVATE KEY-----\n",
        b"-----END PRIVATE KEY-----\n",
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
        b"Proc-Type: 4,ENCRYPTED\n",
        b"MIIB\n",
        b"0\x82\1\0\2\1\3",
        b"\n",
    ]
)
CONTENTS = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=6).map(b"".join))


@given(CONTENTS, CONTENTS)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_an_error_in_words(tmp_path: Path, one: bytes, other: bytes) -> None:
    files = tmp_path / "one", tmp_path / "other"
    for file, content in zip(files, (one, other), strict=True):
        file.write_bytes(content)
    for certificate, key in (files, (files[0], files[0])):
        assert refused(certificate, key).message.isprintable()
    with pytest.raises(FileUnreadable) as caught:
        load_authorities(settings(), str(files[0]), "the CA file")
    assert caught.value.message.isprintable()
