"""``docker-credential-dockpass``: the vault, as a credential helper.

``get`` takes a short way: the server, the vault's file, its contents, out. What it imports is held to a list by
``tests/helper/test_imports.py``. Everything that is not simply there (another spelling, a locked vault, a damaged file)
is left to :mod:`~dockpass.helper.serve`, which has all day.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockpass.stores.contract import Store

NAME = "docker-credential-dockpass"


def run() -> None:
    """The entry point of the program: answers one request and ends the process."""
    try:
        status = _main(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # Whoever asked has gone.
        status = 1
    except OSError as error:
        _write(2, f"{NAME}: cannot write the answer: {os.strerror(error.errno or 0)}\n".encode())
        status = 1
    # Nothing is left to be cleaned up that the system does not clean up; a normal exit would take 2 ms more.
    os._exit(status)


def _main(words: Sequence[str]) -> int:
    asked = b""
    if list(words) == ["get"]:
        asked = _read()
        found = _quick(asked)
        if found is not None:
            _write(1, found)
            return 0
    from dockpass.helper.serve import serve

    answer = serve(NAME, words, lambda: asked or _read(), _vault)
    _write(1, answer.output.encode("utf-8", "surrogateescape"))
    if answer.hint:
        _write(2, f"{answer.hint}\n".encode("utf-8", "surrogateescape"))
    return answer.status


def _quick(asked: bytes) -> bytes | None:
    """The answer, if it is simply there."""
    from dockpass.helper.request import server
    from dockpass.vault.home import directory
    from dockpass.vault.quick import answer

    try:
        return answer(server(asked), directory())
    except Exception:  # noqa: BLE001 - the long way meets it again, and has words for it
        return None


def _vault() -> Store:
    from dockpass.stores.age import AgeStore

    return AgeStore(tell=lambda line: _write(2, f"{NAME}: {line}\n".encode("utf-8", "surrogateescape")))


def _read() -> bytes:
    """Standard input, to its end."""
    data = b""
    while piece := os.read(0, 65536):
        data += piece
    return data


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
