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
    from collections.abc import Callable, Sequence

    from dockpass.stores.contract import Store

NAME = "docker-credential-dockpass"


_LIMIT = 16 << 20
"""How long a request may be, in bytes: what is longer is no login."""


def run() -> None:
    """The entry point of the program: answers one request and ends the process."""
    try:
        open_standard_streams()
        status = _main(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    # Nothing is left to be cleaned up that the system does not clean up; a normal exit would take 2 ms more.
    os._exit(status)


def _main(words: Sequence[str]) -> int:
    asked: bytes | None = None
    if list(words) == ["get"]:
        asked = read()
        found = _quick(asked)
        if found is not None:
            return 0 if say(1, found) else 1
    return answer(NAME, words, lambda: read() if asked is None else asked, _vault)


def answer(
    name: str,
    words: Sequence[str],
    asked: Callable[[], bytes],
    make: Callable[[], Store],
    key: Callable[[str, Store], str] | None = None,
) -> int:
    """Do what is asked for, the long way, and say it.

    Args:
        name: The program's name.
        words: Its arguments.
        asked: Gives what was sent.
        make: Makes the store.
        key: As for :func:`~dockpass.helper.serve.serve`.

    Returns:
        The exit status.

    """
    from dockpass.errors import BadRequest
    from dockpass.helper.serve import serve

    def sent() -> bytes:
        data = asked()
        if len(data) > _LIMIT:
            raise BadRequest("the request is longer than 16 MiB", "check what is sent")
        return data

    try:
        done = serve(name, words, sent, make, key)
        output, status, hint = done.output, done.status, done.hint
    except Exception as error:  # noqa: BLE001
        # A bug of ours. Its text may quote a secret, so only its kind and place are shown.
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else "?"
        output, status, hint = f"a bug in dockpass: {type(error).__name__} at {where}\n", 1, "please report it"
    written = say(1, output.encode("utf-8", "surrogateescape"))
    if hint:
        say(2, f"{name}: {hint}\n".encode("utf-8", "surrogateescape"))
    return status if written else 1


def open_standard_streams() -> None:
    """Let a standard stream that was closed be as good as /dev/null.

    Otherwise the next file to be opened would get its number, and what is meant for the stream would be written there.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one


def _quick(asked: bytes) -> bytes | None:
    """The answer, if it is simply there."""
    from dockpass.helper.request import server
    from dockpass.vault.home import directory
    from dockpass.vault.quick import answer as found

    try:
        return found(server(asked), directory())
    except Exception:  # noqa: BLE001 - the long way meets it again, and has words for it
        return None


def _vault() -> Store:
    from dockpass.stores.age import AgeStore

    def tell(line: str) -> None:
        say(2, f"{NAME}: {line}\n".encode("utf-8", "surrogateescape"))

    return AgeStore(waiting=tell, tell=tell)


def read() -> bytes:
    """Standard input, to its end, or to where it is longer than any request; ``b""`` if it cannot be read."""
    data = b""
    try:
        while len(data) <= _LIMIT and (piece := os.read(0, 65536)):
            data += piece
    except OSError:
        return b""
    return data


def say(descriptor: int, data: bytes) -> bool:
    """Write it. Returns whether it could be: whoever asked may have gone, and then there is nobody to tell."""
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError:
        return False
    return True
