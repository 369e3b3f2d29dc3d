"""What becomes of processes, as a test waits to see it."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def runs(pid: int) -> bool:
    """Whether there is such a process, which has not ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def soon(condition: Callable[[], object]) -> bool:
    """Whether that comes true while one waits."""
    for _ in range(6000):
        if condition():
            return True
        time.sleep(0.01)
    return False
