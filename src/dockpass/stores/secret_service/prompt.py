"""The service's question to a person: for the password of a keyring, most of the time.

A prompt is an object of the service. It is told to show itself, and says by a signal when it is done. How long that
takes is up to somebody in front of a screen, or nobody.

Reference: https://specifications.freedesktop.org/secret-service-spec/latest/prompts.html
"""

from __future__ import annotations

from time import monotonic

from dockpass.stores.child import ALONE, ATTENDED
from dockpass.stores.foreground import Foreground
from dockpass.stores.secret_service import trouble
from dockpass.stores.secret_service.bus import BUS, BUS_PATH, SERVICE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from dockpass.stores.secret_service.bus import Bus

_PROMPT = "org.freedesktop.Secret.Prompt"
_PATIENCE = 3.0
_WATCHED = (
    f"type='signal',sender='{SERVICE}',interface='{_PROMPT}',member='Completed'",
    f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{SERVICE}'",
)
# GNOME Keyring has its questions asked by one of these, the desktop itself or a program that the bus starts.
_GNOME = "org.gnome.keyring"
_PROMPTER = "org.gnome.keyring.SystemPrompter"


def ask(bus: Bus, prompt: str, waiting: Callable[[str], None] | None, time_limit: float | None) -> Any | None:
    """Have ``prompt`` shown, and wait for its end.

    Args:
        bus: Where the service is.
        prompt: The prompt's path.
        waiting: Called with one line after three seconds.
        time_limit: Seconds for the person to answer; ``None`` means 300 where there is a terminal, else 30.

    Returns:
        What it brings; ``None`` if it was dismissed.

    Raises:
        StoreTimedOut: Nobody answered. The question is taken back.
        StoreFailed: The service ended meanwhile.

    """
    if time_limit is None:
        time_limit = _patience()
    watch = [bus.send(BUS, BUS_PATH, BUS, "AddMatch", "s", rule) for rule in _WATCHED]
    shown = bus.send(SERVICE, prompt, _PROMPT, "Prompt", "s", "")
    for number in (*watch, shown):
        bus.answer(number)
    begun = monotonic()
    until = begun + time_limit
    answered = False
    try:
        while True:
            tell = waiting is not None and monotonic() < begun + _PATIENCE
            signal = bus.signal(min(until, begun + _PATIENCE) if tell else until)
            if signal is None:
                if monotonic() >= until:
                    raise trouble.not_answered(time_limit)
                if waiting is not None:
                    waiting("waiting for the keyring; it may be asking for its password in a window (Ctrl-C stops it)")
                    waiting = None
                continue
            path, member, kinds, body = signal
            if path == prompt and member == "Completed":
                answered = True
                if kinds != "bv":
                    raise trouble.failed("its prompt ends otherwise than the specification wants")
                dismissed, (_, result) = body
                return None if dismissed else result
            if (member, kinds) == ("NameOwnerChanged", "sss") and body[0] == SERVICE and not body[2]:
                answered = True
                raise trouble.failed("it ended while it was asking for the password")
    finally:
        if not answered:
            bus.send(SERVICE, prompt, _PROMPT, "Dismiss")
            bus.flush()


def can_ask(bus: Bus) -> bool:
    """Whether a prompt that was dismissed had been seen by anybody.

    GNOME Keyring dismisses its own prompts where nothing can show them, as without a desktop; a prompter that has shown
    one is still there for some seconds. Of other services nothing is known.
    """
    numbers = [bus.send(BUS, BUS_PATH, BUS, "NameHasOwner", "s", name) for name in (_GNOME, _PROMPTER)]
    is_gnome, has_prompter = (bus.answer(number, "b")[0] for number in numbers)
    return bool(has_prompter or not is_gnome)


def _patience() -> float:
    """How long somebody is waited for: longer where there is a terminal, and so somebody before it."""
    terminal = Foreground.find()
    if terminal is None:
        return ALONE
    terminal.close(mend=False)
    return ATTENDED
