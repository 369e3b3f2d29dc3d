"""The question whether a token server may have the credentials.

The whole of it is one text, so that it is there again after Ctrl-Z, and with ``--quiet`` too. Enter means no.
"""

from __future__ import annotations

from dockpass.cli.help import wrap
from dockpass.display import clean
from dockpass.errors import UntrustedTokenHost
from dockpass.registry import lookalike
from dockpass.server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.terminal import Terminal

_LIMIT = 1000


def approved(refused: UntrustedTokenHost, terminal: Terminal) -> bool:
    """Ask on the terminal whether to go on with the token server of ``refused``. Returns only if so.

    Raises:
        UntrustedTokenHost: They say no. What they have just read is not said again.
        InputEnded: Ctrl-D.
        KeyboardInterrupt: Ctrl-C.

    """
    meaning = (
        f"Whoever runs {refused.host} will then know your credentials. Say yes only if those who run the registry name "
        "that host; it is remembered, and not asked again."
    )
    said = (f"{refused.message}.", *lookalike.notes(Server.parse(refused.host)), meaning)
    text = "\n".join(wrap(clean(line, _LIMIT), terminal.width) for line in said)
    if terminal.ask(f"{text}\nSend them to {clean(refused.host)}? [y/N] ").lower() in ("y", "yes"):
        return True
    raise UntrustedTokenHost(
        f"not logged in: no credentials were sent to {clean(refused.host)}", refused.hint, host=refused.host
    )
