"""A registry as somebody types it, and an address as a registry writes it."""

from __future__ import annotations

from dockpass.errors import BadServer
from dockpass.registry import url
from dockpass.server import Server


def server(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    try:
        found = Server.parse(text)
    except BadServer as error:
        assert error.message.isprintable()
    else:
        assert found.host.isascii()
        assert found.host.isprintable()
        assert found.covers(found.key)
        assert Server.parse(found.key).key == found.key
        assert Server.parse(found.key).origin() == found.origin()
    try:
        origin, target = url.read(text)
    except url.BadURL as error:
        assert str(error).isprintable()
        return
    assert origin.scheme in ("http", "https")
    assert target.startswith("/")
    # Written down and read again it leads to the same place.
    assert url.read(f"{origin}{target}") == (origin, target)
