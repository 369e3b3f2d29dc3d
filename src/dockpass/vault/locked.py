"""An identity file as it is locked by a passphrase."""

from __future__ import annotations

from dockpass.errors import AgeFailed, WrongPassphrase
from dockpass.vault import engine, header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.credential import Secret

_LONGEST = 1000


def sealed(using: engine.Engine, data: bytes, passphrase: Secret) -> bytes:
    """An identity file, locked.

    Raises:
        WrongPassphrase: It is none that could be typed.
        AgeFailed: The engine cannot do it.

    """
    try:
        made = using.lock(data, checked(passphrase))
    except engine.Trouble as trouble:
        raise engine.failed("lock the private key", trouble) from None
    try:
        header.stanzas(made)
    except header.BadHeader as error:  # a machine so fast that pyrage takes more work than we would open again
        raise AgeFailed(
            f"cannot lock the private key: {error}", "lock it by hand: age -p -o identity.age identity.txt"
        ) from None
    return made


def checked(passphrase: Secret) -> str:
    """The passphrase, if it is one.

    Raises:
        WrongPassphrase: It is none that could be typed.

    """
    text = passphrase.reveal()
    if not text:
        raise WrongPassphrase("the passphrase is empty", "run it again and type one")
    if len(text) > _LONGEST or not text.isprintable():
        raise WrongPassphrase(
            "the passphrase cannot be one: it has control characters or is too long to be typed",
            "check what you pasted",
        )
    return text
