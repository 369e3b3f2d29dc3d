"""``WWW-Authenticate``: the challenges, and whom they name as token server."""

from __future__ import annotations

from dockpass.errors import UntrustedTokenHost
from dockpass.http.address import Origin
from dockpass.registry.challenge import MOST_CHALLENGES, parse
from dockpass.registry.realm import judge

REGISTRY = Origin("https", "registry.example.com", 443)


def challenge(data: bytes) -> None:
    # One header a line; a header arrives as Latin-1.
    found = parse(data.decode("latin-1").split("\n"))
    assert len(found) <= MOST_CHALLENGES
    for one in found:
        assert one.scheme == one.scheme.lower()
        assert one.scheme.isascii()
        assert all(name == name.lower() for name in one.params)
        assert one.unusable.isprintable()
        if one.unusable or "realm" not in one.params:
            continue
        try:
            approved = judge(one.params["realm"], REGISTRY, token_host=None)
        except UntrustedTokenHost as error:
            assert error.message.isprintable()
            assert (error.hint or "").isprintable()
            continue
        # Nothing but the registry's own domain, by HTTPS, and a target that fits on a request line.
        assert approved.origin.scheme == "https"
        host = approved.origin.host
        assert host == "example.com" or host.endswith(".example.com")
        assert approved.target.startswith("/")
        assert all("!" <= character <= "~" for character in approved.target)
