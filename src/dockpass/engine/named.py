"""Which engine somebody named: an option, ``DOCKER_HOST``, ``DOCKER_CONTEXT``, or config.json's ``currentContext``.

The socket that docker uses when nothing is named, ``/var/run/docker.sock``, names nothing.

Reference: https://docs.docker.com/reference/cli/docker/#host
"""

from __future__ import annotations

from dockpass.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def named(
    environ: Mapping[str, str], *, host: str | None = None, context: str | None = None, current_context: str = ""
) -> str | None:
    """Who names an engine, in docker's order, or ``None`` where nobody does.

    Args:
        environ: The environment.
        host: The value of ``--host``.
        context: The value of ``--context``.
        current_context: What config.json says.

    Returns:
        Words for a message, such as ``DOCKER_HOST`` or ``the context "build"``. The host's address is not in it: it may
        hold a password.

    Raises:
        UsageError: Both ``--host`` and ``--context`` are given.

    """
    if host is not None and context is not None:
        raise UsageError("conflicting options: cannot specify both --host and --context", "give one of the two")
    if context is not None:
        return _context(context, "--context")
    if host is not None:
        return "--host"
    if environ.get("DOCKER_HOST"):
        return "DOCKER_HOST"
    if environ.get("DOCKER_CONTEXT"):
        return _context(environ["DOCKER_CONTEXT"], "DOCKER_CONTEXT")
    return _context(current_context, "config.json")


def _context(name: str, where: str) -> str | None:
    if name in ("", "default"):
        return None
    return f'the context "{name}" ({where})'
