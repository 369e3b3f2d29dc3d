"""What docker writes into config.json, made without dockpass."""

from __future__ import annotations

import base64


def pair(username: str, password: str) -> str:
    """``auth``: a user name and a password."""
    return base64.b64encode(f"{username}:{password}".encode()).decode()
