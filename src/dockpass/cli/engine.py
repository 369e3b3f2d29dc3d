"""What the commands say about a Docker engine that somebody named."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal


def say_named(parsed: Parsed, current_context: str, terminal: Terminal) -> None:
    """One line if an engine is named: it is not asked yet, the login is direct."""
    from dockpass.engine.named import named

    who = named(os.environ, host=parsed.get("host"), context=parsed.get("context"), current_context=current_context)
    if who is not None:
        terminal.note(f"The Docker engine named by {who} is not asked: this version logs in to the registry directly.")
