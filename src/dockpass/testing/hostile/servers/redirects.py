"""Redirects: a password stays with the host that it was typed for."""

# ruff: noqa: ARG001 - an answer is a function of the play and the request, needed or not

from __future__ import annotations

from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, redirect
from dockpass.testing.hostile.scene import BASIC, REGISTRY, TOKEN_HOST, Scene

if TYPE_CHECKING:
    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.play import Play
    from dockpass.testing.hostile.scene import Right
    from dockpass.testing.received import Received


def _ping(name: str, does: str, location: str, status: int = 307, right: Right = "either") -> Scene:
    """A redirect of the first request. Whoever then asks the host that was named for a login does no wrong."""
    return Scene(f"redirect-{name}", does, right, ping=redirect(location, status), challenge=BASIC, apart=True)


def _inside(name: str, does: str, location: str, status: int = 307) -> Scene:
    """A redirect of the request that has the password."""
    return Scene(f"redirect-inside-{name}", does, "refuses", inside=redirect(location, status), challenge=BASIC,
                 apart=True)  # fmt: skip


def _token(name: str, does: str, location: str, status: int = 307) -> Scene:
    def issue(play: Play, request: Received) -> Script:
        # Where it leads to the token server is a good one: a client that goes there believes to have logged in.
        first = request.header("host") == REGISTRY and request.tls
        return redirect(location, status) if first else play.issue(request)

    return Scene(f"redirect-token-{name}", does, "refuses", token=issue, apart=True)


def _moved(play: Play, request: Received) -> Script | None:
    """All of it is one path further on the same host."""
    if request.path == "/v2/":
        return redirect("/registry/v2/", 308)
    if request.path == "/registry/v2/":
        return play.welcome() if play.lets_in(request) else play.challenge()
    return None


def _without_slash(play: Play, request: Received) -> Script | None:
    return redirect("/v2", 301) if request.path == "/v2/" else None


def _circle(play: Play, request: Received) -> Script | None:
    other = "/v2/" if request.path != "/v2/" else "/v2/again"
    return redirect(other)


def _on_and_on(play: Play, request: Received) -> Script | None:
    return redirect(f"/v2/{play.count}")


def _there_and_back(play: Play, request: Received) -> Script | None:
    """To another host, and from there back: the password was not meant for what comes back."""
    return redirect("https://other.test/v2/") if request.path == "/v2/" and play.count < 20 else None


def _token_moved(play: Play, request: Received) -> Script | None:
    if request.path == "/token":
        return redirect("/other-token?" + request.target.partition("?")[2])
    return play.issue(request) if request.path == "/other-token" else None


def _token_circle(play: Play, request: Received) -> Script | None:
    return redirect("/token?again") if request.path == "/token" else None


_FOREIGN = "https://other.test/v2/"
SCENES = (
    Scene("redirect-same-host", "is one path further on the same host", "logs in", answer=_moved),
    Scene("redirect-without-slash", "redirects /v2/ to /v2", "logs in", answer=_without_slash, challenge=BASIC),
    Scene("redirect-token-same-host", "has moved its token server to another path", "logs in", answer=_token_moved),
    *(_ping(f"{status}", f"redirects to another host by {status}",
        _FOREIGN, status) for status in (301, 302, 303, 307, 308)),
    _ping("near", "redirects to another host of its domain", f"https://{TOKEN_HOST}/v2/"),
    _ping("in-clear", "redirects to its own name over plain HTTP", f"http://{REGISTRY}/v2/"),
    _ping("other-port", "redirects to another port of its host", f"https://{REGISTRY}:8443/v2/"),
    _ping("scheme-relative", "redirects to //other.test/", "//other.test/v2/"),
    _ping("backslash", "redirects by backslashes", "\\\\other.test\\v2\\"),
    _ping("userinfo", "redirects to an address with its own name before an @", f"https://{REGISTRY}@other.test/v2/"),
    _ping("user-and-password", "redirects to itself with a user and a password", f"https://root:x@{REGISTRY}/v2/",
          right="either"),
    _ping("metadata", "redirects to the metadata address", "http://169.254.169.254/v2/"),
    _ping("loopback", "redirects to the loopback", "http://127.0.0.1:8080/v2/"),
    _ping("private", "redirects to a private address", "https://10.0.0.1/v2/"),
    _ping("file", "redirects to a file", "file:///etc/passwd", right="refuses"),
    _ping("no-url", "redirects to no address at all", "https://[::/v2/", right="refuses"),
    _ping("control-characters", "redirects to a host in control characters", "https://other.test/\x1b[2J\x07",
          right="refuses"),
    Scene("redirect-nowhere", "redirects without saying where", "refuses", ping=Answer(307)),
    Scene("redirect-empty", "redirects to an empty address", "refuses", ping=redirect("")),
    Scene("redirect-twice", "redirects to two places at once", "either", apart=True,
          ping=Answer(307, headers=[("Location", "/v2"), ("Location", _FOREIGN)])),
    Scene("redirect-300", "offers several places", "either", ping=Answer(300, headers={"Location": _FOREIGN}),
          apart=True),
    Scene("redirect-304", "answers 304 to the first request", "refuses", ping=Answer(304)),
    Scene("redirect-refresh", "redirects by a Refresh header and a page", "refuses", apart=True, ping=Answer(
          200, f'<meta http-equiv="refresh" content="0; url={_FOREIGN}">',
          {"Refresh": f"0; url={_FOREIGN}", "Content-Type": "text/html"})),
    Scene("redirect-circle", "redirects in a circle", "refuses", answer=_circle),
    Scene("redirect-on-and-on", "redirects to another path each time", "refuses", answer=_on_and_on),
    Scene("redirect-there-and-back", "redirects to another host, which redirects back", "refuses", apart=True,
          answer=_there_and_back, elsewhere=redirect(f"https://{REGISTRY}/v2/back"), challenge=BASIC),
    _inside("foreign", "redirects the password to another host", _FOREIGN),
    _inside("302", "redirects the password to another host by 302", _FOREIGN, 302),
    _inside("near", "redirects the password to another host of its domain", f"https://{TOKEN_HOST}/v2/"),
    _inside("below", "redirects the password to a host below its own", f"https://cdn.{REGISTRY}/v2/"),
    _inside("in-clear", "redirects the password to its own name over plain HTTP", f"http://{REGISTRY}/v2/"),
    _inside("metadata", "redirects the password to the metadata address", "http://169.254.169.254/v2/"),
    Scene("redirect-inside-bearer", "redirects the token to another host", "refuses", inside=redirect(_FOREIGN),
          apart=True),
    _token("foreign", "redirects the token request to another host", "https://other.test/token"),
    _token("308", "redirects the token request to another host by 308", "https://other.test/token", 308),
    _token("near", "redirects the token request within its domain", f"https://{TOKEN_HOST}/token"),
    _token("below", "redirects the token request to a host below its own", f"https://cdn.{REGISTRY}/token"),
    _token("in-clear", "redirects the token request to its own name over plain HTTP", f"http://{REGISTRY}/token"),
    _token("metadata", "redirects the token request to the metadata address", "http://169.254.169.254/token"),
    _token("loopback", "redirects the token request to the loopback", "http://127.0.0.1:6379/token"),
    Scene("redirect-token-circle", "redirects the token request in a circle", "refuses", answer=_token_circle),
)  # fmt: skip
