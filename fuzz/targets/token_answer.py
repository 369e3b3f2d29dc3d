"""What a token server answers."""

from __future__ import annotations

from dockpass.errors import ProtocolError
from dockpass.registry.token import LONGEST_LIFE, SHORTEST_LIFE, read


def token_answer(data: bytes) -> None:
    try:
        token = read(data, who="tokens.example", refresh=True)
    except ProtocolError as error:
        assert error.message.isprintable()
        return
    assert SHORTEST_LIFE <= token.expires_in <= LONGEST_LIFE
    for secret in (token.value, token.refresh_token):
        assert secret is None or all("!" <= character <= "~" for character in secret.reveal())
