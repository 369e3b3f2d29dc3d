"""A Secret Service to be told how to behave: on a real bus, with prompts that somebody answers, dismisses or ignores.

GNOME Keyring asks by a program that needs a screen. This one plays what the specification says of a service with a
person before it: ``Unlock`` and ``CreateCollection`` give a prompt, which is completed, dismissed or left alone.

Reference: https://specifications.freedesktop.org/secret-service-spec/latest/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jeepney import HeaderFields, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.wrappers import DBusAddress

from real.on_bus import OnBus

if TYPE_CHECKING:
    from jeepney.low_level import Message

NAME = "org.freedesktop.secrets"
_COLLECTION = "/org/freedesktop/secrets/collection/only"
_PROMPT = "/org/freedesktop/secrets/prompt/p1"


class ScriptedService(OnBus):
    """The service, in a thread of its own. To be used in a ``with``.

    Args:
        address: The bus.
        person: What the person does with a prompt: ``answers``, ``dismisses``, ``waits``; or the service ``dies``, or
            ``mumbles``.
        names: More names to have on the bus.

    Attributes:
        calls: The names of the methods that were called.
        items: What it keeps, by path: attributes and secret.
        has_collection: Whether there is a default collection.
        locked: Whether that is locked. Nothing in it is found then.
        broken: Answers in place of the right ones, by method: an error's name, or signature and body; ``None`` for no
            answer at all.

    """

    def __init__(self, address: str, *, person: str = "answers", names: tuple[str, ...] = ()) -> None:
        self.calls: list[str] = []
        self.items: dict[str, tuple[dict[str, str], bytes]] = {}
        self.has_collection = True
        self.locked = True
        self.broken: dict[str, str | tuple[str, tuple[Any, ...]] | None] = {}
        self._person = person
        super().__init__(address, NAME, *names)

    def called(self, message: Message, member: str) -> None:
        """Answer as the specification has it, or as the test does."""
        self.calls.append(member)
        if member in self.broken:
            self._misbehave(message, self.broken[member])
            return
        signature, body = getattr(self, f"_{member}")(*message.body)
        self._bus.send(new_method_return(message, signature, body))
        if member == "Prompt":
            self._play(message)

    def _misbehave(self, message: Message, answer: str | tuple[str, tuple[Any, ...]] | None) -> None:
        if isinstance(answer, str):
            self._bus.send(new_error(message, answer, "s", ("it says why",)))
        elif answer is not None:
            self._bus.send(new_method_return(message, *answer))

    def _play(self, message: Message) -> None:
        if self._person == "dies":
            self._bus.send_and_get_reply(message_bus.ReleaseName(NAME))
        if self._person == "mumbles":
            self._complete(message, "s", ("done",))
        if self._person not in ("answers", "dismisses"):
            return
        dismissed = self._person == "dismisses"
        made = ("o", "/" if dismissed else _COLLECTION) if not self.has_collection else ("ao", [])
        if not dismissed:
            self.locked, self.has_collection = False, True
        self._complete(message, "bv", (dismissed, made))

    def _complete(self, message: Message, signature: str, body: tuple[Any, ...]) -> None:
        where = DBusAddress(_PROMPT, interface="org.freedesktop.Secret.Prompt")
        signal = new_signal(where, "Completed", signature, body)
        signal.header.fields[HeaderFields.destination] = message.header.fields[HeaderFields.sender]
        self._bus.send(signal)

    # What the specification has, by its names.

    def _OpenSession(self, *_: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        return "vo", (("s", ""), "/org/freedesktop/secrets/session/s1")

    def _SearchItems(self, wanted: dict[str, str]) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        found = [path for path, (attributes, _) in self.items.items() if wanted.items() <= attributes.items()]
        return "aoao", ([] if self.locked else found, [])

    def _ReadAlias(self, _: str) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        return "o", (_COLLECTION if self.has_collection else "/",)

    def _Get(self, _: str, name: str) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        if name == "Locked":
            return "v", (("b", self.locked),)
        return "v", (("a{ss}", next(iter(self.items.values()))[0]),)

    def _Unlock(self, paths: list[str]) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        return "aoo", ([] if self.locked else paths, _PROMPT if self.locked else "/")

    def _CreateCollection(self, *_: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        return "oo", ("/", _PROMPT)

    def _CreateItem(self, properties: dict[str, Any], secret: Any, _: bool) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        path = f"{_COLLECTION}/{len(self.items)}"
        self.items[path] = (properties["org.freedesktop.Secret.Item.Attributes"][1], secret[2])
        return "oo", (path, "/")

    def _GetSecrets(self, paths: list[str], session: str) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        return "a{o(oayays)}", ({path: (session, b"", self.items[path][1], "text/plain") for path in paths},)

    def _Delete(self) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        self.items.clear()
        return "o", ("/",)

    def _Prompt(self, _: str) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        return "", ()

    def _Dismiss(self) -> tuple[str, tuple[Any, ...]]:  # noqa: N802
        return "", ()
