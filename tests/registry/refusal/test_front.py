"""Web servers that speak of TLS in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockpass.credential import Credential
from dockpass.errors import RegistryError, TLSFailed
from dockpass.http.address import Origin
from dockpass.http.message import Response
from dockpass.registry.client import log_in
from dockpass.registry.refusal.front import about_tls
from dockpass.server import Server
from dockpass.testing.answers import Answer
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable

SECURE = Origin("https", "r.example", 5000)
PLAIN = Origin("http", "r.example", 5000)


def page(words: str) -> bytes:
    """As nginx words it."""
    return (
        f"<html>\r\n<head><title>400 {words}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n"
        f"<center>{words}</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    ).encode()


def said(body: bytes, origin: Origin) -> TLSFailed | None:
    return about_tls(Response(400, (), body), origin)


def test_a_client_certificate_is_wanted() -> None:
    error = said(page("No required SSL certificate was sent"), SECURE)
    assert error is not None
    assert error.message == "r.example:5000 wants a client certificate"
    assert "certs.d/r.example:5000/client.cert and client.key, or name them with --cert and --key" in str(error.hint)


def test_another_client_certificate_is_wanted() -> None:
    error = said(page("The SSL certificate error"), SECURE)
    assert error is not None
    assert error.message == "r.example:5000 refuses the client certificate"


@pytest.mark.parametrize(
    "body",
    [
        page("The plain HTTP request was sent to HTTPS port"),
        b"Client sent an HTTP request to an HTTPS server.\n",
        b"Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
    ],
)
def test_tls_is_wanted(body: bytes) -> None:
    error = said(body, PLAIN)
    assert error is not None
    assert (error.message, error.hint) == ("r.example:5000 speaks TLS, not plain HTTP", "leave out --plain-http")
    assert said(body, SECURE) is None


@pytest.mark.parametrize("origin", [PLAIN, SECURE])
@pytest.mark.parametrize(
    "body", [b"", b'{"errors":[{"code":"UNSUPPORTED"}]}', page("Request Header Or Cookie Too Large")]
)
def test_something_else_is_said(origin: Origin, body: bytes) -> None:
    assert said(body, origin) is None


def test_what_is_said_over_plain_http_of_certificates_is_not_listened_to() -> None:
    assert said(page("No required SSL certificate was sent"), PLAIN) is None


def test_a_login(authority: Any, trusting: Callable[..., dict[str, str]]) -> None:
    alice = Credential("alice", "hunter2")
    with ScriptedRegistry({"alice": "hunter2"}, tls=authority.server) as registry:
        environ = trusting(registry.address)
        registry.answer("/v2/", Answer(400, page("No required SSL certificate was sent")))
        with pytest.raises(TLSFailed, match="wants a client certificate"):
            log_in(Server.parse(registry.address), alice, environ=environ)
        registry.answer("/v2/", Answer(400, b"something else"))
        with pytest.raises(RegistryError) as caught:
            log_in(Server.parse(registry.address), alice, environ=environ)
        assert not isinstance(caught.value, TLSFailed)
