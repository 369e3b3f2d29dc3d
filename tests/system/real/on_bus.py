"""Somebody with a name on a D-Bus, whom others call."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from jeepney import HeaderFields, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import DBusAddress

if TYPE_CHECKING:
    from jeepney.low_level import Message


class OnBus:
    """Is called in a thread of its own, from when it is made. To be used in a ``with``, and to be derived from.

    Args:
        address: The bus.
        names: The names to have there.

    """

    def __init__(self, address: str, *names: str) -> None:
        self._address = address
        self._bus = open_dbus_connection(address)
        for name in names:
            self._bus.send_and_get_reply(message_bus.RequestName(name))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        stop = open_dbus_connection(self._address)
        stop.send(new_method_call(DBusAddress("/", self._bus.unique_name, "test.Scripted"), "Stop"))
        self._thread.join()
        stop.close()
        self._bus.close()

    def called(self, message: Message, member: str) -> None:
        """A method was called: ``member``, by ``message``."""
        raise NotImplementedError

    def _serve(self) -> None:
        while True:
            message = self._bus.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            member = message.header.fields[HeaderFields.member]
            if member == "Stop":
                return
            self.called(message, member)
