"""The options that say how a registry is reached."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from dockpass.cli.login import COMMAND
from dockpass.cli.network import network
from dockpass.cli.options import parse
from dockpass.errors import UsageError
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockpass.registry.network import Network

    from .conftest import Done, Home


FORGOTTEN = "The store memory forgets it now: the login was only checked.\n"


def read(*words: str) -> Network | None:
    parsed = parse(words, COMMAND.options)
    return network(parsed, list(parsed.values))


def test_nothing_said() -> None:
    assert read() is None


def test_files() -> None:
    said = read("--cacert", "ca.crt", "--cert", "me.crt", "--key", "me.key", "--cert-dir", "dir")
    assert said is not None
    assert (said.ca_files, said.client_pairs, said.cert_dir) == (("ca.crt",), (("me.crt", "me.key"),), "dir")


def test_certificate_and_key_in_one_file() -> None:
    said = read("--cert", "me.pem")
    assert said is not None
    assert (said.ca_files, said.client_pairs, said.cert_dir) == ((), (("me.pem", "me.pem"),), "")


def test_a_key_alone() -> None:
    with pytest.raises(UsageError, match="the --key option requires --cert to be set"):
        read("--key", "me.key")


@pytest.mark.parametrize("name", ["cacert", "cert", "key", "cert-dir"])
def test_an_empty_value_is_not_taken_for_none(name: str) -> None:
    """A shell variable that is not set must not mean that the system's authorities are good enough."""
    with pytest.raises(UsageError, match=f"--{name} is empty"):
        read(f"--{name}=")


class Place:
    """A registry that wants a client certificate, and the files that lead in."""

    def __init__(self, folder: Path, registry: ScriptedRegistry) -> None:
        self.folder = folder
        self.registry = registry

    def file(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "certificates"
    folder.mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    client = authority.issue_cert(common_name="alice", organization_name="clients")
    client.cert_chain_pems[0].write_to_path(folder / "client.cert")
    client.private_key_pem.write_to_path(folder / "client.key")
    client.private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    for name in ("client.key", "both.pem"):
        (folder / name).chmod(0o600)
    server = authority.issue_cert("127.0.0.1")
    server.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "server.pem")
    tls.load_verify_locations(folder / "ca.crt")
    tls.verify_mode = ssl.CERT_REQUIRED
    with ScriptedRegistry({"foo": "bar"}, auth="bearer", tls=tls) as registry:
        yield Place(folder, registry)


def log_in(home: Home, place: Place, *words: str) -> Done:
    words = ("login", "-u", "foo", "--password-stdin", *words, place.registry.address)
    return home.run(*words, stdin=b"bar", DOCKPASS_STORE="memory")


def test_a_login_with_files(home: Home, place: Place) -> None:
    words = ("--cacert", place.file("ca.crt"), "--cert", place.file("client.cert"), "--key", place.file("client.key"))
    done = log_in(home, place, *words)
    assert (done.code, done.out, done.err) == (0, "Login Succeeded\n", FORGOTTEN), done
    done = log_in(home, place, "--cacert", place.file("ca.crt"), "--cert", place.file("both.pem"))
    assert (done.code, done.out, done.err) == (0, "Login Succeeded\n", FORGOTTEN), done


def test_a_login_with_a_folder(home: Home, place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("ca.crt", "client.cert", "client.key"):
        os.link(place.file(name), folder / name)
    done = log_in(home, place, "--cert-dir", str(folder))
    assert (done.code, done.out, done.err) == (0, "Login Succeeded\n", FORGOTTEN), done
    # It takes the place of what lies in certs.d, which would do, too.
    certs_d = home.folder / ".config" / "containers" / "certs.d" / place.registry.address
    certs_d.parent.mkdir(parents=True)
    folder.rename(certs_d)
    assert log_in(home, place).code == 0
    folder.mkdir()
    os.link(place.file("ca.crt"), folder / "ca.crt")
    done = log_in(home, place, "--cert-dir", str(folder))
    assert done.code == 1
    assert "wants a client certificate" in done.err
    # A certificate that is named takes the place of the one there, and its authorities stay.
    (certs_d / "client.cert").unlink()
    (certs_d / "client.key").unlink()
    assert log_in(home, place, "--cert", place.file("both.pem")).code == 0


def test_without_the_authority(home: Home, place: Place) -> None:
    done = log_in(home, place, "--cert", place.file("both.pem"))
    assert done.code == 1
    assert "signed by an unknown authority" in done.err
    assert "--cacert" in done.err


def test_without_the_certificate(home: Home, place: Place) -> None:
    done = log_in(home, place, "--cacert", place.file("ca.crt"))
    assert done.code == 1
    assert f"{place.registry.address} wants a client certificate" in done.err
    assert "--cert" in done.err
    assert place.registry.requests == []


def test_a_bad_file_is_named_before_the_password_is_asked_for(home: Home, place: Place) -> None:
    done = home.run("login", "--cacert", place.file("none.crt"), place.registry.address)
    assert done.code == 1
    assert f"the CA file {place.file('none.crt')} cannot be read: no such file or directory" in done.err
    done = home.run("login", "--cert-dir", place.file("none"), place.registry.address)
    assert f"the folder of certificates {place.file('none')} cannot be read: no such file or directory" in done.err
    done = home.run("login", "--cert-dir", str(home.folder), place.registry.address)
    assert f"the folder of certificates {home.folder} holds none" in done.err
    assert place.registry.connections == 0


def test_a_key_that_others_can_read_is_worth_a_warning(home: Home, place: Place) -> None:
    os.chmod(place.file("both.pem"), 0o644)
    done = log_in(home, place, "--cacert", place.file("ca.crt"), "--cert", place.file("both.pem"))
    assert (done.code, done.out) == (0, "Login Succeeded\n")
    assert done.err == f"Warning: {place.file('both.pem')} can be read by other users: chmod 600 it\n{FORGOTTEN}"


def test_no_question_is_asked_for_a_locked_key(home: Home, place: Place) -> None:
    from cryptography.hazmat.primitives import serialization

    with open(place.file("client.key"), "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    locked = place.folder / "locked.key"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"passphrase"),
        )
    )
    done = log_in(home, place, "--cert", place.file("client.cert"), "--key", str(locked))
    assert done.code == 1
    assert f"the key {locked} is locked by a passphrase" in done.err
    assert "openssl pkey" in done.err


def test_a_key_alone_is_wrong_usage(home: Home, place: Place) -> None:
    done = log_in(home, place, "--key", place.file("client.key"))
    assert (done.code, place.registry.connections) == (1, 0)
    assert "requires --cert" in done.err
