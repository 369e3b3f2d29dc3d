"""A network and mounts of a test's own: names and ports there mean what the test wants, and nobody else sees them.

Nothing leads out of it. It has one address, 192.0.2.1, which is set aside for examples and is neither a loopback nor a
private one: programs treat what is there as they treat the world.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import threading
from typing import TYPE_CHECKING

from real.need import need, without
from real.running import STAY, staying

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

ADDRESS = "192.0.2.1"
_CLONE_NEWNET = 0x40000000
_SCRIPT = """
ip link set lo up
ip address add "$1/32" dev lo
mount --bind "$2" /etc/hosts
"""


class Apart:
    """Where it is.

    Attributes:
        under: The command that runs another one there.

    """

    def __init__(self, pid: int) -> None:
        self._network = f"/proc/{pid}/ns/net"
        self.under = (need("nsenter"), f"--net={self._network}", f"--mount=/proc/{pid}/ns/mnt")

    def call(self, work: Callable[[], object]) -> None:
        """Call ``work`` in a thread that is in this network, and so are the threads and sockets that it makes."""
        errors: list[BaseException] = []

        def there() -> None:
            try:
                descriptor = os.open(self._network, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                finally:
                    os.close(descriptor)
                work()
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=there)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]


@contextlib.contextmanager
def apart(names: Sequence[str], folder: Path) -> Iterator[Apart]:
    """Such a network, for the length of a ``with`` block.

    Args:
        names: The names that lead to :data:`ADDRESS`.
        folder: Where its file of names is put.

    """
    unshare, hosts = need("unshare"), folder / "hosts"
    need("ip")
    tried = subprocess.run((unshare, "--net", "--mount", "true"), capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        without(f"a network of one's own is not allowed here: {tried.stderr.strip()}")
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{ADDRESS} {name}\n" for name in names), "utf-8")
    # $PATH may be a tester's: ip is in the folders for administrators.
    env = {**os.environ, "PATH": os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))}
    command = (unshare, "--net", "--mount", "sh", "-ec", _SCRIPT + STAY, "sh", ADDRESS, str(hosts))
    with staying(command, "a network of one's own", env=env) as pid:
        yield Apart(pid)
