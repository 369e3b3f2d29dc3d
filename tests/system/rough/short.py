"""A write that takes only a part of what it is given, as the system is free to do.

strace can only pretend that. So this traces by itself: it halves the count as the call enters the kernel. The registers
in which the count stands are those of x86-64.

Reference: https://man7.org/linux/man-pages/man2/ptrace.2.html
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from real.home import Done
from rough.box import HANG
from rough.strace import need_strace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rough.box import Box
    from rough.strace import Call

_GETREGS, _SETREGS, _ATTACH, _SYSCALL, _SETOPTIONS = 12, 13, 16, 24, 0x4200
_TRACESYSGOOD, _TRACEEXEC, _EXITKILL = 0x1, 0x10, 0x100000
_RDX, _NUMBER, _REGISTERS = 12, 15, 27
_WRITE = 1
_SYSCALL_STOP = signal.SIGTRAP | 0x80


def need_short_writes() -> None:
    """Skip the test where this cannot be done: another processor, or no ptrace."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        pytest.skip("the registers of this processor are not known here")
    need_strace()  # the same permission


def write_short(box: Box, command: Sequence[str], point: Call, *, stdin: str = "") -> tuple[Done, bool]:
    """Run dockpass, and let the ``write`` at ``point`` take a half of what it is given.

    Returns:
        What dockpass left behind, and whether that write was made, and cut.

    """
    assert point.name == "write"
    # It waits for a line until it is traced.
    gate = ("sh", "-c", 'read -r _ && exec "$@"', "sh")
    with (box.folder / "out").open("w+b") as out, (box.folder / "err").open("w+b") as err:
        process = subprocess.Popen(
            (*box.under, *gate, *box.user.program, *command),
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=err,
            env=box.env,
            cwd=box.folder,
            umask=box.umask,
        )
        assert process.stdin is not None
        hang = threading.Timer(HANG, os.kill, (process.pid, signal.SIGKILL))
        hang.start()
        try:
            _ptrace(_ATTACH, process.pid)
            os.waitpid(process.pid, 0)
            _ptrace(_SETOPTIONS, process.pid, data=_TRACESYSGOOD | _TRACEEXEC | _EXITKILL)
            process.stdin.write(b"\n" + stdin.encode())
            process.stdin.close()
            process.returncode, cut = _follow(process.pid, point.nth)
        finally:
            hang.cancel()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return Done(process.returncode, *texts), cut


def _follow(pid: int, nth: int) -> tuple[int, bool]:
    """Let it run to its end, and halve its ``nth`` write. Returns its exit code, and whether there was such a write."""
    registers = (ctypes.c_ulonglong * _REGISTERS)()
    entering, writes, whole, cut = True, 0, 0, False
    deliver = 0
    while True:
        _ptrace(_SYSCALL, pid, data=deliver)
        _pid, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status), cut
        stop = os.WSTOPSIG(status)
        deliver = 0
        if stop != _SYSCALL_STOP:
            deliver = stop if stop not in (signal.SIGTRAP, signal.SIGSTOP) else 0
            continue
        _ptrace(_GETREGS, pid, data=ctypes.addressof(registers))
        if entering and registers[_NUMBER] == _WRITE:
            writes += 1
            if writes == nth and registers[_RDX] > 1:
                whole, cut = registers[_RDX], True
                registers[_RDX] = whole // 2
                _ptrace(_SETREGS, pid, data=ctypes.addressof(registers))
        elif not entering and whole:
            # The caller does not expect this register to change.
            registers[_RDX], whole = whole, 0
            _ptrace(_SETREGS, pid, data=ctypes.addressof(registers))
        entering = not entering


def _ptrace(request: int, pid: int, *, data: int = 0) -> None:
    function = ctypes.CDLL(None, use_errno=True).ptrace
    function.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    function.restype = ctypes.c_long
    if function(request, pid, None, data) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
