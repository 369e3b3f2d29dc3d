"""Who seals and opens: what the two engines have in common (:mod:`~dockpass.vault.pick` says which one it is).

Reference: https://c2sp.org/age
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dockpass.errors import DockpassError
    from dockpass.vault.keys import Keys


class NotForUs(Exception):
    """It is sealed, but not for this identity."""


class Broken(Exception):
    """What is to be opened is damaged. The text says how, without any of it."""


class Trouble(Exception):
    """The engine cannot work, or a plug-in is missing or fails. The text says why; ``hint`` what to do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.hint = hint


class Engine:
    """What both engines do. A key or stanza that needs a plug-in makes the engine run ``age-plugin-NAME``.

    Args:
        environ: The environment: its ``PATH`` says where programs are.
        tell: Called with one line that a plug-in has for a person.

    """

    def __init__(self, environ: Mapping[str, str], tell: Callable[[str], None] | None = None) -> None:
        self.environ = environ
        self.tell = tell

    def seal(self, data: bytes, recipients: Sequence[str]) -> bytes:
        """``data``, sealed so that each of ``recipients`` (public keys, one at least) can open it.

        Raises:
            BadKey: One of them is no public key.
            Trouble: The engine cannot do it.

        """
        raise NotImplementedError

    def unseal(self, data: bytes, keys: Keys) -> bytes:
        """What was sealed.

        Raises:
            NotForUs: Not for any of ``keys``.
            BadKey: One of them is damaged.
            Broken: What was sealed is damaged.
            Trouble: The engine cannot do it.

        """
        raise NotImplementedError

    def public(self, keys: Keys) -> list[str]:
        """The public keys of the age keys among ``keys``; not of SSH keys, and not what a plug-in keeps.

        Raises:
            BadKey: One of them is damaged.
            Trouble: The engine cannot do it.

        """
        raise NotImplementedError

    def generate(self) -> str:
        """A new private key, ``AGE-SECRET-KEY-1...``.

        Raises:
            Trouble: The engine cannot do it.

        """
        raise NotImplementedError

    def lock(self, data: bytes, passphrase: str) -> bytes:
        """``data``, sealed by a passphrase.

        Raises:
            Trouble: The engine cannot do it.

        """
        raise NotImplementedError

    def unlock(self, data: bytes, passphrase: str) -> bytes:
        """What was sealed by a passphrase. The head was read before (:mod:`~dockpass.vault.header`).

        Raises:
            NotForUs: It is not this passphrase.
            Broken: It is damaged.
            Trouble: The engine cannot do it.

        """
        raise NotImplementedError


def failed(doing: str, trouble: Trouble) -> DockpassError:
    """The error to raise where an engine could not work.

    Args:
        doing: What could not be done, such as ``open FILE``.
        trouble: Why.

    """
    from dockpass.errors import AgeFailed

    return AgeFailed(f"cannot {doing}: {trouble}", trouble.hint)
