"""File systems of a test's own, which no other process sees."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from real.need import need, need_mounts
from real.running import STAY, staying

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rough.box import Box


class Mounts:
    """Other mounts than everybody's.

    Attributes:
        under: The command that runs another one where the mounts are.

    """

    def __init__(self, pid: int) -> None:
        self._root = Path(f"/proc/{pid}/root")
        self.under = (need("nsenter"), f"--mount=/proc/{pid}/ns/mnt")

    def seen(self, path: Path) -> Path:
        """By which path this process sees what is at ``path`` there."""
        return self._root / str(path).lstrip("/")

    def take(self, box: Box) -> None:
        """Let a box be there: what it runs, and what is looked at."""
        box.under = self.under
        box.home, box.docker, box.config = (self.seen(path) for path in (box.home, box.docker, box.config))
        box.file = box.config


@contextlib.contextmanager
def mounts(script: str, *arguments: str | os.PathLike[str]) -> Iterator[Mounts]:
    """Mounts that are there for the length of a ``with`` block.

    Args:
        script: What makes them, for ``sh -e``.
        arguments: ``$1`` and so on in the script.

    """
    unshare = need_mounts("treat dockpass roughly")
    command = (
        unshare,
        "--mount",
        "sh",
        "-ec",
        f"{script}\n{STAY}",
        "sh",
        *(os.fspath(each) for each in arguments),
    )
    with staying(command, repr(script)) as pid:
        yield Mounts(pid)
