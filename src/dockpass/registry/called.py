"""How a registry and its token server are called in messages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.address import Origin
    from dockpass.server import Server


def registry(server: Server) -> str:
    """Its key; Docker Hub's is an address that few have ever seen."""
    return "docker.io" if server.is_docker_hub else server.key


def token_server(server: Server, origin: Origin) -> str:
    """The one at ``origin``: as its registry where it is on the same host, for then it is no other to the user."""
    name = registry(server)
    return name if origin.host == server.host else f"{origin.host}, the token server of {name},"
