"""What the commands of ``dockpass vault`` have in common: the vault, a passphrase that is typed, a file with a key."""

from __future__ import annotations

import os

from dockpass.errors import FileUnreadable, NotATerminal, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.terminal import Terminal
    from dockpass.credential import Secret
    from dockpass.vault.home import Home

_IDENTITY_LIMIT = 65536


def home_of(terminal: Terminal) -> Home:
    """The vault of this user; what its locks and its plug-ins have to say is shown on the terminal."""
    from dockpass.cli.terminal import waiting
    from dockpass.vault.home import Home

    say = waiting(terminal)
    return Home(waiting=say, tell=say)


def passphrase_of(terminal: Terminal, question: str) -> Secret:
    """The passphrase that somebody types.

    Raises:
        NotATerminal: There is nobody to type it.
        InputEnded: Ctrl-D.

    """
    from dockpass.credential import Secret

    if not terminal.interactive:
        raise NotATerminal(
            "a passphrase has to be typed, and there is no terminal here",
            "run it on a terminal, before the job that needs it",
        )
    return Secret(terminal.ask_secret(question))


def new_passphrase(terminal: Terminal) -> Secret:
    """A passphrase that somebody makes up, and types twice.

    Raises:
        UsageError: It is empty, or the two are not the same.
        NotATerminal, InputEnded: As :func:`passphrase_of`.

    """
    first = passphrase_of(terminal, "New passphrase: ")
    if not first:
        raise UsageError("the passphrase is empty", "run it again and type one")
    if passphrase_of(terminal, "Once more: ") != first:
        raise UsageError("the two passphrases differ", "run it again")
    return first


def read_identity(path: str) -> bytes:
    """What is in a file with a key.

    Raises:
        FileUnreadable: It cannot be read, or is larger than any.

    """
    from dockpass.display import clean
    from dockpass.files.read import contents

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # may be a pipe, as a shell makes one of <(...)
        try:
            data = contents(descriptor, _IDENTITY_LIMIT + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise FileUnreadable(
            f"cannot read the identity {clean(path)}: {os.strerror(error.errno or 0).lower()}",
            "check the path",
            path=path,
        ) from None
    if len(data) > _IDENTITY_LIMIT:
        raise FileUnreadable(f"{clean(path)} is larger than any identity", "check the path", path=path)
    return data
