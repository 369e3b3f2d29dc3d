"""One run of a helper program: started, given its input, heard out, and ended whatever it does.

Nothing that a helper does may hang us, or outlive a Ctrl-C: it has a time limit, its answer has a size limit, it runs
in a process group of its own that is killed as one, and what it leaves running after its own end is not waited for,
even if that holds on to its standard output.

It is started by :func:`os.posix_spawn`: the subprocess module would cost 9 ms of every login, as much as Python itself.

Reference: https://pubs.opengroup.org/onlinepubs/9799919799/functions/posix_spawn.html
"""

from __future__ import annotations

import os
import select
from time import monotonic, sleep

from dockpass.stores.foreground import Foreground

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ALONE = 30.0
"""Seconds that a helper has where nobody is there to be asked."""

ATTENDED = 300.0
"""Seconds that a helper has where there is a terminal: somebody may have to look for a key or a PIN."""

_PATIENCE = 3.0
# From the request to end to the order, and from there on: with both, a second is not exceeded.
_GRACE = 0.45
_COMPLAINTS = 65536
_FIRST_TICK, _TICK = 0.001, 0.05
# The same numbers on Linux, macOS and the BSDs; the signal module would cost 3 ms.
_SIGINT, _SIGPIPE, _SIGXFSZ = 2, 13, 25


class Ended:
    """How a run ended.

    Attributes:
        status: The exit status; negative for a signal, as with subprocess. ``None`` where it was stopped by
            us, or where the system did not say.
        output: What it wrote to standard output, up to the capacity.
        too_long: Whether it was stopped because it wrote more than that.
        out_of_time: The time limit in seconds if it was stopped for that, else 0.

    """

    __slots__ = ("out_of_time", "output", "status", "too_long")

    def __init__(
        self, status: int | None, output: bytes = b"", *, too_long: bool = False, out_of_time: float = 0.0
    ) -> None:
        self.status = status
        self.output = output
        self.too_long = too_long
        self.out_of_time = out_of_time


def run(
    command: list[str],
    payload: bytes,
    environ: dict[str, str],
    *,
    capacity: int,
    cut: bool = False,
    time_limit: float | None = None,
    waiting: Callable[[], None] | None = None,
    complaints: bytearray | None = None,
) -> Ended:
    """Run ``command`` to its end.

    Args:
        command: The absolute path of the program, and its arguments.
        payload: Its standard input. It need not read it.
        environ: Its environment.
        capacity: How many bytes of its standard output are kept.
        cut: What to do when it writes more: ``True`` drops the rest, ``False`` stops it.
        time_limit: Seconds; ``None`` means :data:`ATTENDED` where there is a terminal, else :data:`ALONE`.
        waiting: Called once after three seconds, unless something is being asked on the terminal just then.
        complaints: Takes in its standard error, the first 64 KiB of it; by default that is ours.

    Raises:
        OSError: It could not be started.
        KeyboardInterrupt: Ctrl-C, whether it came to us or to the helper. The helper is dead then, and the terminal is
            as it was.

    """
    foreground = Foreground.find()
    child: Child | None = None
    mend = True
    try:
        child = Child(command, payload, environ, capacity, cut=cut, complaints=complaints)
        ended = _hear_out(child, foreground, time_limit, waiting)
        mend = ended.status is None or ended.status < 0
        return ended
    finally:
        try:
            if child is not None:
                child.close()
        finally:
            if foreground is not None:
                foreground.close(mend=mend)


def _hear_out(
    child: Child, foreground: Foreground | None, time_limit: float | None, waiting: Callable[[], None] | None
) -> Ended:
    if time_limit is None:
        time_limit = ALONE if foreground is None else ATTENDED
    tick = _FIRST_TICK
    started = last = monotonic()
    while not child.attend(tick):
        if child.too_long:
            return Ended(None, too_long=True)
        tick = min(2 * tick, _TICK)
        now = monotonic()
        if now - last > 1:
            started += now - last  # we were stopped ourselves (Ctrl-Z), and that time is nobody's
        last = now
        if now - started > time_limit:
            return Ended(None, out_of_time=time_limit)
        if waiting is not None and now - started > _PATIENCE:
            if foreground is None or not foreground.in_use:
                waiting()
            waiting = None
        if foreground is not None and child.stopped_by:
            _serve(child, foreground)
    if child.too_long:
        return Ended(None, too_long=True)
    if foreground is not None and foreground.lent and child.status in (-_SIGINT, 128 + _SIGINT):
        raise KeyboardInterrupt  # it was the helper that Ctrl-C went to
    return Ended(child.status, bytes(child.output))


def _serve(child: Child, foreground: Foreground) -> None:
    """What a shell does with a job that was stopped."""
    import signal

    if child.stopped_by == signal.SIGSTOP:
        return  # somebody wants it so
    if child.stopped_by == signal.SIGTSTP and foreground.lent:
        foreground.take_back()
        os.kill(0, signal.SIGTSTP)  # Ctrl-Z went to the helper, and is meant for all of us; this returns after `fg`
    if foreground.ours:
        child.stopped_by = 0
        foreground.lend(child.pid)


class Child:
    """A program that was started, with the pipes to and from it.

    Attributes:
        pid: Its process, which is also its process group.
        output: What it wrote until now.
        too_long: Whether it wrote more than it may. Where that is to be cut off it never is.
        ended: Whether it has ended; then ``status`` is the exit status as in :class:`Ended`.
        stopped_by: The signal that has stopped it, 0 where it runs.

    """

    def __init__(
        self,
        command: list[str],
        payload: bytes,
        environ: dict[str, str],
        capacity: int,
        *,
        cut: bool,
        complaints: bytearray | None = None,
    ) -> None:
        self.output = bytearray()
        self.too_long = False
        self.ended = False
        self.status: int | None = None
        self.stopped_by = 0
        self._payload = memoryview(payload)
        self._capacity = capacity
        self._cut = cut
        self._full = False
        self._complaints = complaints
        self._errors = -1
        self._open: list[int] = []
        theirs: list[int] = []
        try:
            its_input, self._input = _pipe()
            theirs.append(its_input)
            self._open.append(self._input)
            self._answer, its_output = _pipe()
            theirs.append(its_output)
            self._open.append(self._answer)
            streams = [(os.POSIX_SPAWN_DUP2, its_input, 0), (os.POSIX_SPAWN_DUP2, its_output, 1)]
            if complaints is not None:
                self._errors, its_errors = _pipe()
                theirs.append(its_errors)
                self._open.append(self._errors)
                streams.append((os.POSIX_SPAWN_DUP2, its_errors, 2))
            self.pid = os.posix_spawn(
                command[0],
                command,
                environ,
                file_actions=streams,
                setpgroup=0,
                setsigdef=[_SIGPIPE, _SIGXFSZ],  # Python ignores these, and a program does not expect to inherit that
            )
        except BaseException:
            self.ended = True
            self.close()
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self._listen()

    def _listen(self) -> None:
        os.set_blocking(self._input, False)
        os.set_blocking(self._answer, False)
        self._poll = select.poll()
        self._poll.register(self._input, select.POLLOUT)
        self._poll.register(self._answer, select.POLLIN)
        if self._complaints is not None:
            os.set_blocking(self._errors, False)
            self._poll.register(self._errors, select.POLLIN)
        try:
            watch = os.pidfd_open(self.pid)
        except (AttributeError, OSError):
            return  # another system than Linux, or an old one: its end is noticed by looking now and then
        self._open.append(watch)
        self._poll.register(watch, select.POLLIN)

    def attend(self, seconds: float) -> bool:
        """Wait for something to happen, for ``seconds`` at the most, and deal with it. Returns whether it has ended."""
        for descriptor, _ in self._poll.poll(seconds * 1000):
            if descriptor == self._input:
                self._feed()
            elif descriptor == self._answer:
                self._read()
            elif descriptor == self._errors:
                self._hear()
        if not self._reap():
            return False
        while not self._full and self._read():
            pass
        while self._hear():
            pass
        return True

    def close(self) -> None:
        """Kill it and its children if it has not ended, and let go of the pipes."""
        try:
            if not self.ended:
                self._kill()
        finally:
            while self._open:
                os.close(self._open.pop())

    def _feed(self) -> None:
        try:
            written = os.write(self._input, self._payload)
        except BlockingIOError:
            return
        except OSError:
            written = len(self._payload)  # it does not want to read it all, which is its own affair
        self._payload = self._payload[written:]
        if not self._payload:
            self._release(self._input)

    def _read(self) -> bool:
        """Take in some of its output. Returns whether there was any."""
        if self._answer not in self._open:
            return False
        try:
            data = os.read(self._answer, 65536)
        except BlockingIOError:
            return False
        if not data:
            self._release(self._answer)
            return False
        self.output += data
        if len(self.output) > self._capacity:
            self._full = True
            self.too_long = not self._cut
            del self.output[self._capacity :]
        return True

    def _hear(self) -> bool:
        """Take in some of its standard error. Returns whether there was any that is wanted."""
        if self._complaints is None or self._errors not in self._open:
            return False
        try:
            data = os.read(self._errors, 65536)
        except BlockingIOError:
            return False
        if not data:
            self._release(self._errors)
            return False
        self._complaints += data[: max(0, _COMPLAINTS - len(self._complaints))]
        return len(self._complaints) < _COMPLAINTS

    def _release(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self._open.remove(descriptor)
        os.close(descriptor)

    def _reap(self) -> bool:
        if not self.ended:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                self.ended = True  # somebody else waits for all children, or ignores SIGCHLD
            else:
                if pid and os.WIFSTOPPED(status):
                    self.stopped_by = os.WSTOPSIG(status)
                elif pid:
                    self.ended = True
                    self.status = os.waitstatus_to_exitcode(status)
        return self.ended

    def _kill(self) -> None:
        import signal

        try:
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)
            self._await(_GRACE)
        finally:
            self._signal(signal.SIGKILL)
            self._await(_GRACE)

    def _signal(self, number: int) -> None:
        try:  # noqa: SIM105 - contextlib would cost 1 ms
            os.killpg(self.pid, number)
        except OSError:
            pass  # nobody is left in the group

    def _await(self, seconds: float) -> None:
        end = monotonic() + seconds
        while not self._reap() and monotonic() < end:
            sleep(0.005)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are not 0, 1 or 2, which they would be where those are closed; then they would get lost."""
    reading, writing = os.pipe()
    return _above_standard(reading), _above_standard(writing)


def _above_standard(descriptor: int) -> int:
    if descriptor > 2:
        return descriptor
    import fcntl

    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(descriptor)
    return moved
