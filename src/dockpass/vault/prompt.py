"""A terminal for ``age``, at which it asks for a passphrase and is answered.

There is no other way to give it one. The terminal is made for it; nobody sees it, and the passphrase is neither an
argument nor in the environment.
"""

from __future__ import annotations

import os
import sys

from dockpass.vault.engine import Trouble
from dockpass.vault.program import end, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from typing import IO

# The terminal must be its own (/dev/tty). A program cannot be started with one, it has to take it: so this little one
# does, and becomes age.
_TAKE = """
import fcntl, os, sys, termios
fcntl.ioctl(int(sys.argv[1]), termios.TIOCSCTTY, 0)
os.execv(sys.argv[2], sys.argv[2:])
"""


def answer(
    command: Sequence[str], data: bytes, passphrase: str, *, times: int, environ: dict[str, str], timeout: float
) -> bytes:
    """Run ``age`` and answer its question.

    Args:
        command: Its path and arguments.
        data: Its standard input.
        passphrase: The answer. It has no control characters, which a terminal would act on.
        times: How often it asks.
        environ: Its environment.
        timeout: How long it may take, in seconds.

    Returns:
        Its standard output.

    Raises:
        NotForUs, Broken, Trouble: As its words say.

    """
    import subprocess

    try:
        master, slave = os.openpty()
    except OSError as error:
        raise Trouble(
            f"there is no terminal to be had for age: {error.strerror}", "check that /dev/pts is mounted"
        ) from None
    try:
        process = subprocess.Popen(
            (sys.executable, "-I", "-S", "-c", _TAKE, str(slave), *command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            pass_fds=(slave,),
            start_new_session=True,
        )
        os.close(slave)
        slave = -1
        with process:
            try:
                return _talk(process, master, data, passphrase=passphrase, times=times, timeout=timeout)
            except subprocess.TimeoutExpired:
                raise Trouble(f"age did not end within {timeout:g} seconds, and was stopped", "try again") from None
            finally:
                end(process)
    finally:
        for fd in (master, slave):
            if fd >= 0:
                os.close(fd)


def _talk(
    process: subprocess.Popen[bytes], master: int, data: bytes, *, passphrase: str, times: int, timeout: float
) -> bytes:
    import select
    import time
    from threading import Thread

    end = time.monotonic() + timeout
    # It reads only after it was answered, and the data may be more than a pipe holds.
    Thread(target=_feed, args=(process.stdin, data), daemon=True).start()
    process.stdin = None
    for _ in range(times):
        asked = b""
        # The answer comes after the question: before it the terminal would show what is typed.
        while not asked.rstrip(b"\x1b[0123456789K ").endswith(b":"):
            if not select.select([master], [], [], max(end - time.monotonic(), 0))[0]:
                break
            try:
                part = os.read(master, 4096)
            except OSError:
                part = b""  # it has ended without asking
            if not part:
                break
            asked += part
        else:
            os.write(master, passphrase.encode() + b"\n")
    out, err = process.communicate(timeout=max(end - time.monotonic(), 0))
    if process.returncode:
        raise refusal(err, "age")
    return out


def _feed(pipe: IO[bytes] | None, data: bytes) -> None:
    assert pipe is not None  # noqa: S101 - it was asked for
    try:
        with pipe:
            pipe.write(data)
    except OSError:
        return  # it has ended, and says why
