"""The engine that is a module: pyrage.

What it raises has no classes for its causes, only texts; those that matter are few and are told apart here.

Reference: https://github.com/woodruffw/pyrage
"""

from __future__ import annotations

import pyrage
from pyrage import passphrase as by_passphrase
from pyrage import plugin, ssh, x25519

from dockpass.display import clean
from dockpass.vault.engine import Broken, Engine, NotForUs, Trouble
from dockpass.vault.keys import BadKey, is_plugins, plugin_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from dockpass.vault.keys import Keys

_NO_KEY = "No matching keys found"
_NO_PASSPHRASE = "Decryption failed"  # noqa: S105 - what pyrage says
_DAMAGED = ("decryption", "failed to fill", "header", "last chunk", "unknown format", "unexpected")
_PANIC = "PanicException"


class ByPyrage(Engine):
    """age as a module of this process."""

    def seal(self, data: bytes, recipients: Sequence[str]) -> bytes:
        """See :meth:`Engine.seal`."""
        talk = Callbacks(self.tell)
        others: list[Any] = []
        plugins: dict[str, list[Any]] = {}
        for public in recipients:
            try:
                if (made := _recipient(public)) is not None:
                    others.append(made)
                else:
                    plugins.setdefault(plugin_of(public), []).append(plugin.Recipient.from_str(public))
            except pyrage.RecipientError as error:
                raise BadKey(f"{clean(public, 40)} is no public key: {_text(error)}") from None

        def work() -> Any:
            for name, keys in plugins.items():
                others.append(plugin.RecipientPluginV1(name, keys, [], talk))
            return pyrage.encrypt(data, others)

        try:
            return bytes(_guarded(work, talk))
        except pyrage.EncryptError as error:
            raise Trouble(_text(error), _PLUGIN_HINT if plugins else _ENGINE_HINT) from None

    def unseal(self, data: bytes, keys: Keys) -> bytes:
        """See :meth:`Engine.unseal`."""
        talk = Callbacks(self.tell)
        identities: list[Any] = []
        try:
            if keys.ssh:
                identities.append(ssh.Identity.from_buffer(keys.data))
            identities += [x25519.Identity.from_str(key) for key in keys.native]
            names: dict[str, list[Any]] = {}
            for key in keys.plugins:
                names.setdefault(plugin_of(key), []).append(plugin.Identity.from_str(key))
        except pyrage.IdentityError as error:
            raise BadKey(f"a private key in it is damaged: {_text(error)}") from None
        try:
            pyrage_plugins = [
                _guarded(lambda name=name, owned=owned: plugin.IdentityPluginV1(name, owned, talk), talk)  # type: ignore[misc]
                for name, owned in names.items()
            ]
        except (pyrage.DecryptError, pyrage.IdentityError) as error:
            raise Trouble(_text(error), _PLUGIN_HINT) from None
        try:
            return bytes(_guarded(lambda: pyrage.decrypt(data, identities + pyrage_plugins), talk))
        except pyrage.DecryptError as error:
            text = _text(error)
            if text == _NO_KEY:
                raise NotForUs from None
            if names and not text.lower().startswith(_DAMAGED):  # any other words are a plug-in's
                raise Trouble(text, _PLUGIN_HINT) from None
            raise Broken(text) from None

    def public(self, keys: Keys) -> list[str]:
        """See :meth:`Engine.public`."""
        try:
            return [str(x25519.Identity.from_str(key).to_public()) for key in keys.native]
        except pyrage.IdentityError as error:
            raise BadKey(f"a private key in it is damaged: {_text(error)}") from None

    def generate(self) -> str:
        """See :meth:`Engine.generate`."""
        return str(x25519.Identity.generate())

    def lock(self, data: bytes, passphrase: str) -> bytes:
        """See :meth:`Engine.lock`."""
        return bytes(by_passphrase.encrypt(data, passphrase))

    def unlock(self, data: bytes, passphrase: str) -> bytes:
        """See :meth:`Engine.unlock`."""
        try:
            return bytes(by_passphrase.decrypt(data, passphrase))
        except pyrage.DecryptError as error:
            if _text(error) in (_NO_PASSPHRASE, _NO_KEY):
                raise NotForUs from None
            raise Broken(_text(error)) from None


class Callbacks:
    """How a plug-in speaks to a person, through pyrage.

    There nobody catches what is raised here: it would end the process without a word. So nothing is; what was raised is
    kept, and raised when pyrage has returned. Nobody is asked for anything: whoever waits for a credential may have no
    terminal, or one that shows something else.
    """

    def __init__(self, tell: Callable[[str], None] | None) -> None:
        self._tell = tell
        self.raised: BaseException | None = None

    def display_message(self, message: str) -> None:
        """Show a line, such as the request to touch a key."""
        try:
            if self._tell is not None and self.raised is None:
                self._tell(clean(message))
        except BaseException as error:  # noqa: BLE001 - Ctrl-C too
            self.raised = error

    def confirm(self, message: str, _yes: str, _no: str | None) -> bool | None:
        """A question: shown, and not answered."""
        self.display_message(message)
        return None

    def request_public_string(self, description: str) -> str | None:
        """Asked for something: shown, and not given."""
        self.display_message(description)
        return None

    def request_passphrase(self, description: str) -> str | None:
        """Asked for a PIN: shown, and not given."""
        self.display_message(description)
        return None


_PLUGIN_HINT = (
    "check that the plug-in is on PATH and its hardware is there; try it by hand: age -d -i identity.txt FILE"
)
_ENGINE_HINT = "try it by hand with age, to see whether it is pyrage"


def _recipient(public: str) -> Any:
    """The object of pyrage for a public key; ``None`` if that needs a plug-in."""
    if public.startswith("ssh-"):
        return ssh.Recipient.from_str(public)
    kind = plugin_of(public) if is_plugins(public) else ""
    if kind in ("tag", "tagpq") and hasattr(pyrage, kind):
        return getattr(pyrage, kind).Recipient.from_str(public)
    return None if kind else x25519.Recipient.from_str(public)


def _guarded(work: Callable[[], Any], talk: Callbacks) -> Any:
    """What ``work`` returns. A crash inside pyrage, which is no ordinary exception, becomes one."""
    try:
        return work()
    except BaseException as error:
        if type(error).__name__ == _PANIC:
            raise Trouble(f"pyrage crashed: {_text(error)}", _ENGINE_HINT) from None
        raise
    finally:
        if talk.raised is not None:
            raise talk.raised


def _text(error: BaseException) -> str:
    """What pyrage says, on one line; it puts marks that hide around names."""
    return clean(" ".join(str(error).replace("\u2068", "").replace("\u2069", "").split()), 200)
