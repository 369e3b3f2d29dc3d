"""How a registry and its token server are called in messages."""

from __future__ import annotations

from dockpass.http.address import Origin
from dockpass.registry import called
from dockpass.server import Server


def test_a_registry() -> None:
    assert called.registry(Server.parse("https://r.test:5000/v2/")) == "r.test:5000"
    assert called.registry(Server.parse(None)) == "docker.io"


def test_a_token_server() -> None:
    server = Server.parse("r.test:5000")
    assert called.token_server(server, Origin("https", "r.test", 8443)) == "r.test:5000"
    elsewhere = Origin("https", "t.test", 443)
    assert called.token_server(server, elsewhere) == "t.test, the token server of r.test:5000,"
