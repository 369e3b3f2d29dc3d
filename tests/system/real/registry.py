"""Debian's docker-registry, started for the tests in each of the ways that it lets one in.

Reference: https://distribution.github.io/distribution/about/configuration/
"""

from __future__ import annotations

import base64
import contextlib
import json
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockpass.testing.registry import ScriptedRegistry
from real.need import need
from real.push import push
from real.running import running
from real.token_server import ISSUER, SERVICE, SigningTokenServer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dockpass.testing.token_server import TokenServer
    from real.authority import Authority

USER, PASSWORD = "alice", "pa:ss wörd"
_HTPASSWD = "alice:$2y$05$kEscQAQKIoFOmk/zh34TaeE8fHgNJfk7cFQBu.c1cG2Hm/iwNiG.6\n"
_REPOSITORY = "team/app"


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry that is running, with one image in it that only ``user`` may pull.

    Attributes:
        address: ``127.0.0.1:PORT``.
        user, password: The login that it accepts.
        image: The reference of its image.
        ca: The path of the authority that its certificate is from; ``""`` where it speaks plain HTTP.
        tokens: Its token server, where it has one.

    """

    address: str
    user: str
    password: str
    image: str
    ca: str = ""
    tokens: TokenServer | None = None

    @property
    def scheme(self) -> str:
        """How it is spoken to."""
        return "https" if self.ca else "http"


@contextlib.contextmanager
def htpasswd_registry(folder: Path, authority: Authority | None = None) -> Iterator[Registry]:
    """Basic authentication; over TLS if there is an ``authority``."""
    auth = _by_htpasswd(folder)
    basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    with _serving(folder, auth, authority) as address:
        registry = _registry(address, authority)
        push(f"{registry.scheme}://{address}", _REPOSITORY, basic, authority.trust() if authority else None)
        yield registry


@contextlib.contextmanager
def empty_registry(
    folder: Path,
    at: str,
    authority: Authority | None = None,
    *,
    under: Sequence[str] = (),
    client_certificates: bool = False,
) -> Iterator[None]:
    """The same without an image, at ``HOST:PORT``, run by another command: in a network of its own, say.

    With ``client_certificates`` it wants one of ``authority`` from every client.
    """
    folder.mkdir()
    clients = [authority.path] if authority and client_certificates else []
    with _serving(folder, _by_htpasswd(folder), authority, at=at, under=under, clients=clients):
        yield


@contextlib.contextmanager
def token_registry(folder: Path, authority: Authority, *, by_certificate: bool = False) -> Iterator[Registry]:
    """Bearer authentication, with a token server on another port that also gives identity tokens; both over TLS."""
    tokens = SigningTokenServer({USER: PASSWORD}, by_certificate=by_certificate, refresh_tokens=True)
    (folder / "signer.pem").write_bytes(tokens.certificate)
    with ScriptedRegistry(tls=authority.serve()) as server:
        server.token_server = tokens
        auth = {
            "token": {
                "realm": server.realm,
                "service": SERVICE,
                "issuer": ISSUER,
                "rootcertbundle": str(folder / "signer.pem"),
            }
        }
        with _serving(folder, auth, authority) as address:
            registry = _registry(address, authority, tokens)
            bearer = _bearer(server.realm, authority.trust())
            push(f"https://{address}", _REPOSITORY, bearer, authority.trust())
            server.requests.clear()
            yield registry


def _by_htpasswd(folder: Path) -> object:
    (folder / "htpasswd").write_text(_HTPASSWD, "utf-8")
    return {"htpasswd": {"realm": "a real registry", "path": str(folder / "htpasswd")}}


def _registry(address: str, authority: Authority | None, tokens: TokenServer | None = None) -> Registry:
    ca = authority.path if authority else ""
    return Registry(address, USER, PASSWORD, f"{address}/{_REPOSITORY}:1.0", ca, tokens)


@contextlib.contextmanager
def _serving(
    folder: Path,
    auth: object,
    authority: Authority | None,
    *,
    at: str = "127.0.0.1:0",
    under: Sequence[str] = (),
    clients: Sequence[str] = (),
) -> Iterator[str]:
    http: dict[str, object] = {"addr": at, "secret": "for tests"}
    if authority:
        http["tls"] = {"certificate": authority.certificate, "key": authority.key, "clientcas": list(clients)}
    configuration = {
        "version": 0.1,
        "log": {"level": "info", "formatter": "text"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": http,
        "auth": auth,
    }
    # JSON is YAML.
    file = folder / "registry.yml"
    file.write_text(json.dumps(configuration), "utf-8")
    # Port 0: the system picks a free one, and the registry tells which in its log.
    command = (*under, need("docker-registry"), "serve", str(file))
    with running(command, ready=r"listening on ([0-9a-f.:\[\]]+:\d+)", log=folder / "registry.log") as ready:
        yield ready[1]


def _bearer(realm: str, context: ssl.SSLContext) -> str:
    target = f"{realm}?service={SERVICE}&scope=repository:{_REPOSITORY}:pull,push"
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    request = urllib.request.Request(target, headers={"Authorization": f"Basic {basic}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(request, timeout=30) as response:
        return f"Bearer {json.load(response)['token']}"
