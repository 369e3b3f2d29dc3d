"""What a web server in front of a registry says of TLS in an answer, for want of a handshake that failed.

nginx finishes the handshake with a client that shows no certificate, or a bad one, and answers 400. And most answer 400
to a request in plain HTTP on a port for TLS.

Reference: https://nginx.org/en/docs/http/ngx_http_ssl_module.html#errors
"""

from __future__ import annotations

from dockpass.errors import TLSFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.address import Origin
    from dockpass.http.message import Response

_NO_CERTIFICATE = b"No required SSL certificate was sent"
_BAD_CERTIFICATE = b"The SSL certificate error"
_WANTS_TLS = (
    b"The plain HTTP request was sent to HTTPS port",  # nginx
    b"Client sent an HTTP request to an HTTPS server",  # Go, and so the registry itself
    b"speaking plain HTTP to an SSL-enabled server port",  # Apache
)


def about_tls(answer: Response, origin: Origin) -> TLSFailed | None:
    """The error that an answer with status 400 is, ``None`` if it is not about TLS.

    Args:
        answer: The answer.
        origin: Where it is from.

    """
    body = answer.body
    if origin.scheme != "https":
        if any(words in body for words in _WANTS_TLS):
            return TLSFailed(f"{origin.label} speaks TLS, not plain HTTP", "leave out --plain-http")
        return None
    if _NO_CERTIFICATE not in body and _BAD_CERTIFICATE not in body:
        return None
    from dockpass.http.tls_failure import Circumstances, explain_client_certificate

    circumstances = Circumstances(
        origin.label, origin.host, directory=origin.netloc, shows_certificate=_BAD_CERTIFICATE in body
    )
    return TLSFailed(*explain_client_certificate(circumstances))
