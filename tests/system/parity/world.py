"""The stage: registries under made-up names, a daemon's login, and credential helpers.

Everything but loopback is reached through a proxy that plays every host itself, under TLS with a certificate of our own
authority. So `docker login reg.test` and even `docker login` work without a network, and the names in config.json are the
same on every run.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import stat
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import ThreadingUnixStreamServer
from typing import TYPE_CHECKING, Any

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTS = [
    *["reg.test", "example.com", "elsewhere.test", "token-host.test"],
    *["registry-1.docker.io", "index.docker.io", "docker.io", "registry.hub.docker.com", "hub.docker.com"],
    *["refusing.test", "crashing.test", "dead.test", "denied.test", "limited.test", "open.test", "silent.test"],
    *["page.test", "moved.test", "bearer.test", "refreshed.test", "escaped.test", "stranger.test"],
]

Answer = tuple[int, dict[str, str], str]

_BASIC = {"WWW-Authenticate": 'Basic realm="parity"'}


def registry(host: str, method: str, target: str, authorization: str, body: str) -> Answer:
    """What the registry `host` answers. It takes every user and password, save the password `wrong`."""
    kind, _, value = authorization.partition(" ")
    user, _, password = (base64.b64decode(value).decode("utf-8", "replace") if kind == "Basic" else "").partition(":")
    known = kind == "Basic" and user != "" and password not in ("", "wrong")
    unauthorized: Answer = (401, _BASIC, '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
    welcome: Answer = (200, {}, "{}")
    match host:
        case "refusing.test":
            return unauthorized
        case "dead.test":
            return 500, {}, "out of order"
        case "crashing.test":
            return (500, {}, "out of order") if kind else unauthorized
        case "denied.test":
            return (403, {}, '{"errors":[{"code":"DENIED","message":"not allowed"}]}') if kind else unauthorized
        case "limited.test":
            return (429, {"Retry-After": "60"}, "too many requests") if kind else unauthorized
        case "open.test":
            return welcome
        case "silent.test":
            return 401, {}, ""
        case "page.test":
            return 404, {"Content-Type": "text/html"}, "<h1>Not here</h1>"
        case "moved.test":
            return 301, {"Location": f"https://elsewhere.test{target}"}, ""
        case "bearer.test" | "refreshed.test" | "escaped.test" | "token-host.test" if target.startswith("/token"):
            return _token(host, method, body, known=known)
        case "bearer.test" | "refreshed.test" | "escaped.test" | "stranger.test":
            realm = "token-host.test" if host == "stranger.test" else host
            challenge = {"WWW-Authenticate": f'Bearer realm="https://{realm}/token",service="{host}"'}
            return welcome if authorization == "Bearer good" else (401, challenge, unauthorized[2])
    return welcome if known else unauthorized


def _token(host: str, method: str, body: str, *, known: bool) -> Answer:
    if method == "POST":
        known = "refresh_token=IDT" in body
    if not known:
        return 401, {}, '{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}'
    answer = {"token": "good", "access_token": "good", "expires_in": 300}
    if host in ("refreshed.test", "escaped.test"):
        answer["refresh_token"] = "IDT" if host == "refreshed.test" else "<I>&D"
    return 200, {"Content-Type": "application/json"}, json.dumps(answer)


def daemon(target: str, body: str) -> Answer:
    """What dockerd answers, as far as a login asks it. Its verdict is that of the registry."""
    if target == "/_ping":
        return 200, {"Api-Version": "1.50", "OSType": "linux"}, "OK"
    if target.endswith("/info"):
        return 200, {}, '{"IndexServerAddress":"https://index.docker.io/v1/","OSType":"linux"}'
    if not target.endswith("/auth"):
        return 404, {}, '{"message":"page not found"}'
    asked: dict[str, str] = json.loads(body)
    pair = base64.b64encode(f"{asked.get('username', '')}:{asked.get('password', '')}".encode()).decode()
    host = asked.get("serveraddress", "").removeprefix("https://").partition("/")[0].partition(":")[0]
    if host == "refreshed.test" and asked.get("password") != "wrong":
        return 200, {}, '{"Status":"Login Succeeded","IdentityToken":"IDT"}'
    status, _, text = registry(host, "GET", "/v2/", f"Basic {pair}", "")
    if status == 200:
        return 200, {}, '{"Status":"Login Succeeded","IdentityToken":""}'
    return (401 if status == 401 else 500), {}, json.dumps({"message": f"login attempt failed: {text}"})


class _Handler(BaseHTTPRequestHandler):
    """One connection: plain HTTP, or a CONNECT and then TLS, or HTTP on a unix socket."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = False
    host = "loopback"
    server: Any

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        if host == "gone.test" or port == "1":
            self.send_error(502)
            return
        self.send_response_only(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.host = host.lower()

    def finish(self) -> None:
        super().finish()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: what is seen is what the programs say."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.server.is_daemon:
            status, headers, text = daemon(self.path, body)
        else:
            status, headers, text = registry(
                self.host, self.command, self.path, self.headers.get("Authorization") or "", body
            )
        data = text.encode()
        self.send_response_only(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        if not self.server.is_daemon:
            self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815


class _Server(ThreadingHTTPServer):
    is_daemon = False
    tls: ssl.SSLContext

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up in the middle of things here; that is part of the play."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Daemon(ThreadingUnixStreamServer):
    is_daemon = True
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """As above."""


class _DaemonHandler(_Handler):
    def setup(self) -> None:
        super().setup()
        self.client_address = ("local", 0)


# One program for all helpers: its name says what is wrong with it. Each call is written to a log.
_HELPER = """#!/bin/sh
PATH=/usr/bin:/bin
tools=$(dirname "$0")
name=${0##*docker-credential-}
input=$(cat; printf x)
input=${input%x}
printf '%s %s\\n' "$1" "$input" >>"$tools/log.$1"
case $1 in store|erase) printf '%s %s %s' "$name" "$1" "$input" | tr -d '\\n' >>"$tools/log"; echo >>"$tools/log" ;; esac
key=$input
[ "$1" != store ] || key=$(printf '%s' "$input" | sed 's/^{"ServerURL":"\\([^"]*\\)".*/\\1/')
file=$tools/kept.$name.$(printf %s "$key" | cksum | tr ' ' -)
case $name.$1 in
    broken.*) echo "the keychain is out of order"; exit 1 ;;
    readonly.store) echo "the keychain is full"; exit 1 ;;
    sticky.erase) echo "the keychain is locked"; exit 1 ;;
    garbled.get) echo "this is not JSON"; exit 0 ;;
    tokens.get) echo '{"ServerURL":"'"$key"'","Username":"<token>","Secret":"IDT"}'; exit 0 ;;
    full.get) [ -e "$file" ] || [ -e "$file.gone" ] || { echo '{"ServerURL":"'"$key"'","Username":"foo","Secret":"kept"}'; exit 0; } ;;
esac
case $1 in
    store) printf '%s' "$input" >"$file" ;;
    get) if [ -e "$file" ]; then cat "$file"; else echo "credentials not found in native keychain"; exit 1; fi ;;
    erase) rm -f "$file"; : >"$file.gone" ;;
    list) echo '{}' ;;
esac
"""
_HELPERS = ("good", "full", "broken", "readonly", "sticky", "garbled", "tokens")


class World:
    """The stage while it stands.

    Attributes:
        proxy: The proxy that plays every host, as a URL.
        registry: The address of a registry that speaks plain HTTP on loopback.
        registry6: The same on IPv6.
        ca: The file of the authority that signed the hosts' certificates.
        socket: The daemon's unix socket.

    """

    proxy: str
    registry: str
    registry6: str
    ca: str
    socket: str


@contextmanager
def world(folder: str) -> Iterator[World]:
    """Set the stage, with its files in `folder`, which must have a short path: it holds a unix socket."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(tls)
    here = World()
    here.ca = os.path.join(folder, "ca.pem")
    authority.cert_pem.write_to_path(here.ca)
    here.socket = os.path.join(folder, "d.sock")
    proxy, plain = _Server(("127.0.0.1", 0), _Handler), _Server(("127.0.0.1", 0), _Handler)
    servers: list[Any] = [proxy, plain, _Daemon(here.socket, _DaemonHandler)]
    proxy.tls = tls
    here.proxy = f"http://127.0.0.1:{proxy.server_address[1]}"
    here.registry = f"127.0.0.1:{plain.server_address[1]}"
    try:
        plain6 = _Server6(("::1", 0), _Handler)
    except OSError:
        here.registry6 = ""
    else:
        servers.append(plain6)
        here.registry6 = f"[::1]:{plain6.server_address[1]}"
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield here
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


def put_helpers(folder: str) -> None:
    """Put every helper into `folder`, which then is a PATH of its own."""
    for name in _HELPERS:
        path = os.path.join(folder, f"docker-credential-{name}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(_HELPER)
        os.chmod(path, stat.S_IRWXU)
    path = os.path.join(folder, "docker-credential-locked-up")
    with open(path, "w", encoding="utf-8") as file:
        file.write(_HELPER)
    os.chmod(path, stat.S_IRUSR)
