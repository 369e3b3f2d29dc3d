"""What a client sends to our helper."""

from __future__ import annotations

from dockpass.errors import BadRequest
from dockpass.helper import request, serve


def helper_request(data: bytes) -> None:
    try:
        assert request.server(data).strip()
    except BadRequest as error:
        assert error.message.isprintable()
    try:
        server, credential = request.credential(data)
    except BadRequest as error:
        assert error.message.isprintable()
        return
    assert server.strip()
    # What we would answer to who asks for it is what was given to us.
    again, same = request.credential(serve.render(server, credential).encode())
    assert again == server
    assert same == credential
