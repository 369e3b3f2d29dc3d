"""What was sealed in the vault, perhaps by somebody else."""

from __future__ import annotations

from dockpass.vault import answer


def vault_answer(data: bytes) -> None:
    try:
        server, username, secret = answer.read(data)
    except ValueError:
        return
    rendered = answer.render(server, username, secret)
    assert rendered.startswith(answer.beginning(server, username))
    assert answer.read(rendered) == (server, username, secret)
