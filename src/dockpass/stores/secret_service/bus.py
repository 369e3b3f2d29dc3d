"""A connection to the D-Bus session bus: calls that are sent, answers that are waited for, and never for ever.

Calls are sent together where one does not need the answer to another: a look-up takes four turns.

Reference: https://dbus.freedesktop.org/doc/dbus-specification.html
"""

from __future__ import annotations

import _socket  # what socket adds costs 6 ms
import errno
import os
import select
from time import monotonic

from dockpass.display import clean
from dockpass.stores.secret_service import message, trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Self

    from dockpass.stores.secret_service.message import Message

BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"
SERVICE = "org.freedesktop.secrets"

_CONNECTING = 5.0
_LONGEST_LINE = 8192


class Bus:
    """The session bus. Made by :meth:`open`; to be closed, or used in a ``with``.

    Args:
        connection: A socket on which the bus has let us in.
        time_limit: Seconds that it, or the service, may take for an answer.

    """

    def __init__(self, connection: _socket.socket, time_limit: float) -> None:
        self._socket = connection
        self._time_limit = time_limit
        self._received = bytearray()
        self._serial = 0
        self._answers: dict[int, Message] = {}
        self._signals: list[Message] = []
        self._to_send = bytearray(b"BEGIN\r\n")
        self._greeting = self.send(BUS, BUS_PATH, BUS, "Hello")

    @classmethod
    def open(cls, environ: Mapping[str, str], time_limit: float) -> Self:
        """Connect to the bus that ``environ`` names.

        Raises:
            StoreUnavailable: There is none, or it is not for us.
            StoreTimedOut: It is silent.

        """
        why = ""
        for address in _addresses(environ):
            connection = _socket.socket(_socket.AF_UNIX)
            try:
                _introduce(connection, address, min(time_limit, _CONNECTING))
                connection.setblocking(False)
                return cls(connection, time_limit)
            except TimeoutError:
                connection.close()
                raise trouble.silent("the session bus", min(time_limit, _CONNECTING)) from None
            except (OSError, ValueError) as error:
                connection.close()
                refusal = error.strerror if isinstance(error, OSError) and error.strerror else "it does not let us in"
                why = f"{clean(os.fsdecode(address))}: {refusal[:1].lower()}{refusal[1:]}"
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
        self._to_send += message.call(self._serial, to, path, interface, member, signature, body)
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
        found = self._answers.pop(number)
        if found.kind == message.ERROR:
            text = found.body[0] if found.body and isinstance(found.body[0], str) else ""
            raise trouble.answer(str(found.fields.get(message.ERROR_NAME)), text)
        if found.fields.get(message.SIGNATURE, "") != expected:
            raise trouble.failed("its answer has another shape than the specification wants")
        return found.body

    def call(
        self, to: str, path: str, interface: str, member: str, signature: str = "", *body: Any, expected: str = ""
    ) -> tuple[Any, ...]:
        """One call and its answer; as :meth:`send` and :meth:`answer`."""
        return self.answer(self.send(to, path, interface, member, signature, *body), expected)

    def has_service(self) -> bool:
        """Whether a keyring service is there, or would be started. None is."""
        owned = self.send(BUS, BUS_PATH, BUS, "NameHasOwner", "s", SERVICE)
        started = self.send(BUS, BUS_PATH, BUS, "ListActivatableNames")
        return self.answer(owned, "b")[0] or SERVICE in self.answer(started, "as")[0]

    def signal(self, until: float) -> tuple[str, str, str, tuple[Any, ...]] | None:
        """The next signal that was asked for: its path, its name, and the types and values of what it brings.

        Args:
            until: On the clock of :func:`time.monotonic`; ``None`` is returned then.

        """
        while not self._signals:
            if not self._receive(until):
                return None
        found = self._signals.pop(0)
        path, member, signature = (
            found.fields.get(code, "") for code in (message.PATH, message.MEMBER, message.SIGNATURE)
        )
        return str(path), str(member), str(signature), found.body

    def flush(self) -> None:
        """Send what is to be sent, as far as that goes at once."""
        try:
            self._write()
        except OSError:
            return

    def _receive(self, until: float) -> bool:
        """Send and receive something. Returns ``False`` where the time was up before that."""
        found = self._parse()
        if found is None:
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
            found = self._parse()
        if found is not None:
            self._sort(found)
        return True

    def _write(self) -> None:
        written = self._socket.send(self._to_send)
        del self._to_send[:written]

    def _read(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionResetError
        self._received += data

    def _parse(self) -> Message | None:
        try:
            return message.read(self._received)
        except message.Garbled:
            raise trouble.failed("the session bus sends what is no D-Bus message") from None

    def _sort(self, found: Message) -> None:
        number = found.fields.get(message.REPLY_SERIAL)
        if found.kind == message.SIGNAL:
            self._signals.append(found)
        elif number == self._greeting and found.kind == message.ERROR:
            raise trouble.no_bus("it does not let us in")
        elif isinstance(number, int):
            self._answers[number] = found


def _addresses(environ: Mapping[str, str]) -> list[bytes]:
    """Where the bus may be: what the environment says, else where systemd puts it."""
    named = environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    usual = os.path.join(environ.get("XDG_RUNTIME_DIR", ""), "bus")
    if not named:
        if os.path.isabs(usual) and os.path.exists(usual):
            return [os.fsencode(usual)]
        raise trouble.no_bus("DBUS_SESSION_BUS_ADDRESS is not set")
    try:
        found = list(_sockets(named, usual))
    except ValueError:
        found = []
    if not found:
        raise trouble.no_bus(f"DBUS_SESSION_BUS_ADDRESS names no socket: {clean(named, 128)}")
    return found


def _sockets(named: str, usual: str) -> Iterator[bytes]:
    """The sockets in a list of addresses: ``unix:path=/run/user/1000/bus,guid=...;tcp:...``.

    Raises:
        ValueError: A percent sign is not followed by a number.

    """
    for address in named.split(";"):
        transport, _, pairs = address.partition(":")
        for pair in pairs.split(",") if transport == "unix" else ():
            key, _, value = pair.partition("=")
            if key == "path":
                yield _unescaped(value)
            elif key == "abstract":
                yield b"\0" + _unescaped(value)
            elif key == "runtime" and value == "yes":
                yield os.fsencode(usual)


def _unescaped(text: str) -> bytes:
    first, *rest = text.split("%")
    return os.fsencode(first) + b"".join(bytes.fromhex(part[:2]) + os.fsencode(part[2:]) for part in rest)


def _introduce(connection: _socket.socket, address: bytes, time_limit: float) -> None:
    """Connect, and say who we are. The bus knows that from the system.

    Raises:
        TimeoutError: It is silent.
        OSError, ValueError: It is not there, or does not let us in.

    """
    until = monotonic() + time_limit
    connection.settimeout(time_limit)
    connection.connect(address)
    connection.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\n")
    answer = b""
    while not answer.endswith(b"\r\n"):
        connection.settimeout(max(0.001, until - monotonic()))
        data = connection.recv(1024)
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        answer += data
        if len(answer) > _LONGEST_LINE:
            raise ValueError
    if not answer.startswith(b"OK "):
        raise ValueError
