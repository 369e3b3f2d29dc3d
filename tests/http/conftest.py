"""Small servers on loopback that do exactly what a test tells them to."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import pytest
import trustme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Script = Callable[["Peer"], None]

PATIENCE = 60.0


class Peer:
    """The server's end of one connection."""

    def __init__(self, server: Server, connected: socket.socket) -> None:
        self.server = server
        self.socket = connected

    def request(self) -> bytes:
        """Read one request, head and body, and note it; ``b""`` if the client closes instead."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.socket.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(body) < length:
            body += self.socket.recv(65536)
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return self.server.requests[-1]

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send byte by byte, slowly, until the client has had enough."""
        for byte in data:
            if self.server.stopping.wait(0.05):
                return
            self.socket.sendall(bytes((byte,)))

    def wait(self) -> None:
        """Do nothing until the client closes or the test ends."""
        while self.socket.recv(65536):
            pass

    def reset(self) -> None:
        """Close so that the client gets a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def start_tls(self, context: ssl.SSLContext) -> None:
        self.socket = context.wrap_socket(self.socket, server_side=True)


class Server:
    """Plays a script on each connection: the first on the first, and so on; the last one also on all further ones.

    A script is a function of a :class:`Peer`. Bytes stand for "read a request, answer this, close"; a list of bytes for
    "answer one request after the other, close".
    """

    def __init__(
        self, bound: socket.socket, scripts: list[Script | bytes | list[bytes]], tls: ssl.SSLContext | None
    ) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.tls_errors: list[str] = []
        self.errors: list[BaseException] = []
        self.stopping = threading.Event()
        self._scripts = scripts
        self._tls = tls
        self._socket = bound
        self._open: list[Peer] = []
        self._threads: list[threading.Thread] = []
        name = bound.getsockname()
        self.port: int = name[1] if isinstance(name, tuple) else 0
        bound.listen(16)
        self._start(self._accept)

    def close(self) -> None:
        self.stopping.set()
        # Wakes accept(), which closing alone does not.
        self._socket.shutdown(socket.SHUT_RDWR)
        for peer in self._open:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(peer.socket, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def wait_until_played(self) -> None:
        """Until the script of the last connection has ended and the connection is closed."""
        self._threads[-1].join()

    def _start(self, function: Callable[[], None]) -> None:
        thread = threading.Thread(target=function, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connected, _address = self._socket.accept()
            except OSError:
                return
            connected.settimeout(PATIENCE)
            peer = Peer(self, connected)
            self._open.append(peer)
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            self._start(lambda peer=peer, script=script: self._play(peer, script))  # type: ignore[misc]

    def _play(self, peer: Peer, script: Script | bytes | list[bytes]) -> None:
        try:
            if self._tls is not None:
                peer.start_tls(self._tls)
            if isinstance(script, bytes):
                script = [script]
            if isinstance(script, list):
                for answer in script:
                    if not peer.request():
                        break
                    peer.send(answer)
            else:
                script(peer)
            if isinstance(peer.socket, ssl.SSLSocket) and peer.socket.fileno() >= 0:
                # Say that the connection ends, without waiting for the client to say so.
                peer.socket.settimeout(0)
                peer.socket.unwrap()
        except ssl.SSLWantReadError:
            pass  # it is said
        except ssl.SSLError as error:
            self.tls_errors.append(str(error))
        except OSError:
            pass  # the client went away: what it thinks of that is what the test looks at
        except BaseException as error:
            self.errors.append(error)
        finally:
            peer.socket.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers: ``serve(script, ..., tls=context, family=AF_INET6, path=...)``."""
    servers: list[Server] = []

    def start(*scripts: Any, tls: ssl.SSLContext | None = None, family: int = socket.AF_INET, path: str = "") -> Server:
        bound = socket.socket(socket.AF_UNIX if path else family, socket.SOCK_STREAM)
        if path:
            bound.bind(path)
        else:
            bound.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        server = Server(bound, list(scripts), tls)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()
    assert [error for server in servers for error in server.errors] == []


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own trust and proxies must not decide what a test sees."""
    for name in list(os.environ):
        if name.upper() in {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "REQUEST_METHOD"}:
            monkeypatch.delenv(name)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


class Authority:
    """A certificate authority of the test's own, with files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self.ca = trustme.CA()
        self.file = str(folder / "ca.pem")
        self.ca.cert_pem.write_to_path(self.file)

    def context(self, *names: str, **options: Any) -> ssl.SSLContext:
        """Settings of a server with a certificate for ``names``."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*(names or ("localhost", "127.0.0.1", "::1")), **options).configure_cert(made)
        return made

    def pair(self, name: str = "client.example", **options: Any) -> tuple[str, str]:
        """Files with a certificate and its key."""
        self._count += 1
        issued = self.ca.issue_cert(name, **options)
        certificate, key = (str(self._folder / f"{self._count}.{kind}") for kind in ("cert", "key"))
        issued.private_key_pem.write_to_path(key)
        for position, blob in enumerate(issued.cert_chain_pems):
            blob.write_to_path(certificate, append=position > 0)
        return certificate, key


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("stranger"))
