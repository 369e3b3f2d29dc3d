"""Which of several addresses is connected to: the first that agrees.

A dead one, as IPv6 often is where it is half set up, must not cost the time of those that live. So the next one is
begun a quarter of a second after the last, while the earlier ones go on, and at once where one refuses.

Reference: https://www.rfc-editor.org/rfc/rfc8305#section-5
"""

from __future__ import annotations

import _socket as socket
import errno
import os
import select

from dockpass.http.deadline import Deadline
from dockpass.http.dial import unconnected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.address import Address

    Attempt = tuple[socket.socket, Address]

HEAD_START = 0.25
_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)
# What says more about a registry comes first: a machine without IPv6 has no way to any address of it.
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def first(addresses: list[Address], deadline: Deadline) -> Attempt:
    """Connect to whichever of ``addresses`` agrees first. What was begun with the others is ended.

    Args:
        addresses: In the order of preference.
        deadline: Until when one must have agreed.

    Returns:
        The connected socket, and its address.

    Raises:
        TimeoutError: None agreed, and at least one said nothing.
        OSError: All refused, or cannot be reached. Where they did not all say the same, its words say which said what.

    """
    waiting = alternating(addresses)
    race = _Race()
    turn = Deadline(0)
    try:
        while waiting or race.begun:
            left = deadline.left()
            if left <= 0:
                raise race.late(deadline)
            failures = len(race.failed)
            if waiting and turn.left() <= 0:
                winner = race.begin(waiting.pop(0))
                turn = Deadline(HEAD_START)
            else:
                winner = race.wait(min(left, turn.left()) if waiting else left)
            if winner is not None:
                return winner
            if len(race.failed) > failures:
                turn = Deadline(0)
    finally:
        race.end()
    raise race.lost()


def alternating(addresses: list[Address]) -> list[Address]:
    """``addresses`` with the families taking turns, each in its own order; the family of the first one begins.

    Reference: https://www.rfc-editor.org/rfc/rfc8305#section-4
    """
    ours = [address for address in addresses if address.family == addresses[0].family]
    others = [address for address in addresses if address.family != addresses[0].family]
    mixed = [address for pair in zip(ours, others, strict=False) for address in pair]
    return mixed + ours[len(others) :] + others[len(ours) :]


class _Race:
    """What is under way, and what has failed.

    Attributes:
        begun: The sockets that are connecting.
        failed: Why an address is out, as a code of :mod:`errno`.

    """

    __slots__ = ("begun", "failed")

    def __init__(self) -> None:
        self.begun: list[Attempt] = []
        self.failed: list[tuple[Address, int]] = []

    def begin(self, address: Address) -> Attempt | None:
        """Begin to connect to ``address``. Returns the connection if it is there at once."""
        try:
            attempt = unconnected(address.family), address
        except OSError as error:  # a family that this system has not
            self.failed.append((address, error.errno or errno.EAFNOSUPPORT))
            return None
        self.begun.append(attempt)
        attempt[0].settimeout(0)
        code = attempt[0].connect_ex(address.target)
        return None if code in _UNDER_WAY else self._settle(attempt, code)

    def wait(self, seconds: float) -> Attempt | None:
        """Wait until something happens, at most ``seconds``. Returns a connection if there is one."""
        ready = _ready([connecting for connecting, _address in self.begun], seconds)
        for attempt in self.begun[:]:
            if attempt[0].fileno() in ready:
                winner = self._settle(attempt, attempt[0].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
                if winner is not None:
                    return winner
        return None

    def end(self) -> None:
        """Close what is under way. Never raises."""
        for connecting, _address in self.begun:
            connecting.close()

    def late(self, deadline: Deadline) -> TimeoutError:
        """The error where time is up."""
        silent = [address for _connecting, address in self.begun]
        if not self.failed or not silent:
            return TimeoutError()
        words = f"no answer within {deadline.seconds:g} s from {_listed(silent)}; {self._said()}"
        return TimeoutError(errno.ETIMEDOUT, words)

    def lost(self) -> OSError:
        """The error where each has failed."""
        self.failed.sort(key=lambda each: each[1] in _NO_WAY)
        codes = [code for _address, code in self.failed]
        return OSError(codes[0], os.strerror(codes[0]) if len(set(codes)) == 1 else self._said())

    def _settle(self, attempt: Attempt, code: int) -> Attempt | None:
        self.begun.remove(attempt)
        if code == 0:
            return attempt
        attempt[0].close()
        self.failed.append((attempt[1], code))
        return None

    def _said(self) -> str:
        """``connection refused at 192.0.2.1; network is unreachable at 2001:db8::1``."""
        codes = dict.fromkeys(code for _address, code in self.failed)
        return "; ".join(
            f"{os.strerror(code).lower()} at {_listed([address for address, its in self.failed if its == code])}"
            for code in codes
        )


def _listed(addresses: list[Address]) -> str:
    return ", ".join(address.ip for address in addresses)


def _ready(sockets: list[socket.socket], seconds: float) -> set[int]:
    """Which of ``sockets`` have connected or failed, as descriptors; after ``seconds`` perhaps none."""
    poll = getattr(select, "poll", None)
    if poll is None:  # Windows
        _read, connected, failed = select.select([], sockets, sockets, seconds)
        return {each.fileno() for each in (*connected, *failed)}
    waiting = poll()
    for each in sockets:
        waiting.register(each, select.POLLOUT)
    return {descriptor for descriptor, _event in waiting.poll(int(max(seconds, 0) * 1000) + 1)}
