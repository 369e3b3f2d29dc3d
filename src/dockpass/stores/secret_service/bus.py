"""A connection to the D-Bus session bus: calls that are sent, answers that are waited for, and never for ever.

jeepney packs and reads the messages. Its own connection is not used: it sends without a time limit, and waits for each
answer before the next call; here calls are sent together, and a look-up takes three turns instead of six.

Reference: https://dbus.freedesktop.org/doc/dbus-specification.html
"""

from __future__ import annotations

import os
import select
import socket
from time import monotonic

from jeepney.auth import BEGIN, AuthenticationError, Authenticator
from jeepney.bus import get_connectable_addresses
from jeepney.low_level import HeaderFields, MessageType, Parser
from jeepney.wrappers import DBusAddress, new_method_call

from dockpass.display import clean
from dockpass.stores.secret_service import trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from jeepney.low_level import Message

BUS = "org.freedesktop.DBus"
SERVICE = "org.freedesktop.secrets"

_CONNECTING = 5.0
_BUS_PATH = "/org/freedesktop/DBus"


class Bus:
    """The session bus. Made by :meth:`open`; to be closed, or used in a ``with``.

    Args:
        connection: A socket on which the bus has let us in.
        time_limit: Seconds that it, or the service, may take for an answer.

    """

    def __init__(self, connection: socket.socket, time_limit: float) -> None:
        self._socket = connection
        self._time_limit = time_limit
        self._parser = Parser()
        self._serial = 0
        self._answers: dict[int, Message] = {}
        self._signals: list[Message] = []
        self._to_send = bytearray(BEGIN)
        self._greeting = self.send(BUS, _BUS_PATH, BUS, "Hello")

    @classmethod
    def open(cls, environ: Mapping[str, str], time_limit: float) -> Self:
        """Connect to the bus that ``environ`` names.

        Raises:
            StoreUnavailable: There is none, or it is not for us.
            StoreTimedOut: It is silent.

        """
        why = ""
        for address in _addresses(environ):
            connection = socket.socket(socket.AF_UNIX)
            try:
                _introduce(connection, address, min(time_limit, _CONNECTING))
                connection.setblocking(False)
                return cls(connection, time_limit)
            except TimeoutError:
                connection.close()
                raise trouble.silent("the session bus", min(time_limit, _CONNECTING)) from None
            except (OSError, AuthenticationError, ValueError) as error:
                connection.close()
                refusal = error.strerror if isinstance(error, OSError) and error.strerror else "it does not let us in"
                why = f"{clean(address)}: {refusal[:1].lower()}{refusal[1:]}"
        raise trouble.no_bus(why)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it. What the service has opened for us it closes then."""
        self._socket.close()

    def send(self, to: str, path: str, interface: str, member: str, signature: str = "", *body: Any) -> int:
        """Have a call sent, together with those before it, by the next :meth:`answer`. Returns its number."""
        self._serial += 1
        try:
            message = new_method_call(DBusAddress(path, to, interface), member, signature or None, body)
        except ValueError:
            raise trouble.failed("it names an object as none can be named") from None
        self._to_send += message.serialise(serial=self._serial)
        return self._serial

    def answer(self, number: int, expected: str = "") -> tuple[Any, ...]:
        """The answer to a call.

        Args:
            number: What :meth:`send` gave.
            expected: The signature of the answer.

        Raises:
            NoSuchObject: What was called is not there.
            StoreError: The answer is an error, has another shape, or does not come.

        """
        until = monotonic() + self._time_limit
        while number not in self._answers:
            if not self._receive(until):
                raise trouble.silent("the keyring service", self._time_limit)
        message = self._answers.pop(number)
        fields = message.header.fields
        if message.header.message_type is MessageType.error:
            text = message.body[0] if message.body and isinstance(message.body[0], str) else ""
            raise trouble.answer(str(fields.get(HeaderFields.error_name)), text)
        if fields.get(HeaderFields.signature, "") != expected:
            raise trouble.failed("its answer has another shape than the specification wants")
        body: tuple[Any, ...] = message.body
        return body

    def call(
        self, to: str, path: str, interface: str, member: str, signature: str = "", *body: Any, expected: str = ""
    ) -> tuple[Any, ...]:
        """One call and its answer; as :meth:`send` and :meth:`answer`."""
        return self.answer(self.send(to, path, interface, member, signature, *body), expected)

    def signal(self, until: float) -> tuple[str, str, tuple[Any, ...]] | None:
        """The next signal that was asked for: its path, its name and what it brings.

        Args:
            until: On the clock of :func:`time.monotonic`; ``None`` is returned then.

        """
        while not self._signals:
            if not self._receive(until):
                return None
        message = self._signals.pop(0)
        fields = message.header.fields
        return str(fields.get(HeaderFields.path)), str(fields.get(HeaderFields.member)), message.body

    def flush(self) -> None:
        """Send what is to be sent, as far as that goes at once."""
        try:
            self._write()
        except OSError:
            return

    def _receive(self, until: float) -> bool:
        """Send and receive something. Returns ``False`` where the time was up before that."""
        message = self._parse()
        if message is None:
            wanted = select.POLLIN | (select.POLLOUT if self._to_send else 0)
            poll = select.poll()
            poll.register(self._socket, wanted)
            events = poll.poll(max(0.0, until - monotonic()) * 1000)
            if not events:
                return False
            try:
                if events[0][1] & select.POLLOUT:
                    self._write()
                if events[0][1] & ~select.POLLOUT:
                    self._read()
            except BlockingIOError:
                return True
            except OSError:
                raise trouble.failed("the session bus has closed the connection") from None
            message = self._parse()
        if message is not None:
            self._sort(message)
        return True

    def _write(self) -> None:
        written = self._socket.send(self._to_send)
        del self._to_send[:written]

    def _read(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionResetError
        self._parser.add_data(data)

    def _parse(self) -> Message | None:
        try:
            return self._parser.get_next_message()
        except Exception:  # noqa: BLE001 - jeepney raises whatever it stumbles over
            raise trouble.failed("the session bus sends what is no D-Bus message") from None

    def _sort(self, message: Message) -> None:
        number = message.header.fields.get(HeaderFields.reply_serial)
        if message.header.message_type is MessageType.signal:
            self._signals.append(message)
        elif number == self._greeting and message.header.message_type is MessageType.error:
            raise trouble.no_bus("it does not let us in")
        elif number is not None:
            self._answers[number] = message


def _addresses(environ: Mapping[str, str]) -> list[str]:
    """Where the bus may be: what the environment says, else where systemd puts it."""
    named = environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if named:
        try:
            return list(get_connectable_addresses(named))
        except (RuntimeError, ValueError):
            raise trouble.no_bus(f"DBUS_SESSION_BUS_ADDRESS names no socket: {clean(named, 128)}") from None
    usual = os.path.join(environ.get("XDG_RUNTIME_DIR", ""), "bus")
    if os.path.isabs(usual) and os.path.exists(usual):
        return [usual]
    raise trouble.no_bus("DBUS_SESSION_BUS_ADDRESS is not set")


def _introduce(connection: socket.socket, address: str, time_limit: float) -> None:
    """Connect, and say who we are. The bus knows that from the system."""
    until = monotonic() + time_limit
    talk = Authenticator()
    connection.settimeout(time_limit)
    connection.connect(address)
    for line in talk:
        connection.settimeout(max(0.001, until - monotonic()))
        connection.sendall(line)
        data = connection.recv(1024)
        if not data:
            raise ConnectionResetError(104, "connection reset by peer")
        talk.feed(data)
