"""Which engine seals and opens here: pyrage, age's Rust implementation as a Python module, or else the program ``age``.

pyrage has no wheel for Alpine Linux on some processors, for armv7 and for free-threaded Python. Both engines have the
same functions, and both read what the other wrote.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockpass.vault.engine import Engine


def pick(environ: Mapping[str, str], tell: Callable[[str], None] | None = None) -> Engine:
    """The engine of this machine.

    Raises:
        AgeMissing: There is none.

    """
    try:
        import pyrage  # noqa: F401 - whether it can be imported is the question
    except ImportError:
        from dockpass.vault.by_program import ByProgram

        return ByProgram(environ, tell)
    from dockpass.vault.by_pyrage import ByPyrage

    return ByPyrage(environ, tell)
