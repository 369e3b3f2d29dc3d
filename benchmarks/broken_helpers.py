"""How long dockpass is held up by each way in which a credential helper can be broken, and what it says then.

The time limit is 2 seconds here, for 30 would only make the run longer. Nothing may take more than a second beyond it.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from typing import TYPE_CHECKING, Any

from dockpass.credential import Credential
from dockpass.errors import StoreError
from dockpass.stores.program import ProgramStore
from dockpass.testing.helper_program import HelperProgram

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT, BEYOND = 2, 1
_NOT_FOUND = "credentials not found in native keychain"
_LOGIN = '{"ServerURL":"reg.test","Username":"alice","Secret":"wonder"}\n'
_LARGE = Credential("alice", "s" * 300_000)


def _plan(**plan: Any) -> Callable[[HelperProgram], None]:
    return lambda helper: helper.behave(**plan)


def _file(content: bytes, mode: int = 0o755) -> Callable[[HelperProgram], None]:
    return lambda helper: helper.replace(content, mode)


_GET = {
    "is missing": lambda helper: os.unlink(helper.path),
    "must not be executed": _file(b"#!/bin/sh\n", 0o644),
    "is no program for this system": _file(b"\x7fELF nothing"),
    "names an interpreter that is not there": _file(b"#!/nonexistent/sh\n"),
    "says that it has none": _plan(output=f"{_NOT_FOUND}\n", exit_code=1),
    "says so with other words around it": _plan(output=f"error: {_NOT_FOUND}.\n", exit_code=1),
    "says so on standard error": _plan(errors="not found\n", exit_code=1),
    "says `no credentials server URL`": _plan(output="no credentials server URL\n", exit_code=1),
    "says `no credentials username`": _plan(output="no credentials username\n", exit_code=1),
    "fails with other words": _plan(output="boom\n", exit_code=1),
    "fails without a word": _plan(exit_code=2),
    "prints a banner first": _plan(output=f"Welcome!\n{_LOGIN}"),
    "prints more after its answer": _plan(output=f"{_LOGIN}A new version is out.\n"),
    "prints nothing": _plan(output=""),
    "prints `{}`": _plan(output="{}\n"),
    "writes its names in lower case": _plan(output='{"username":"alice","secret":"wonder"}'),
    "prints 10 MB": _plan(size=10_000_000),
    "prints without end": _plan(endless=True),
    "never answers": _plan(hang=True),
    "never answers, nor does its child, deaf to SIGTERM": _plan(hang=True, child=True, stubborn=True),
    "never answers, with its output closed": _plan(hang=True, closes_output=True),
    "is stopped by a signal": _plan(signal=int(signal.SIGSTOP)),
    "dies by a signal": _plan(signal=int(signal.SIGSEGV)),
    "ends, and its child keeps its output open": _plan(output=_LOGIN, child=True),
    "asks the terminal, where there is none": _file(b"#!/bin/sh\nread answer </dev/tty || exit 1\n"),
    "works in another folder": _file(f"#!/bin/sh\ncd / && echo '{_LOGIN.strip()}'\n".encode()),
}
_PUT = {
    "does not read what it is given": _plan(hang=True, deaf=True),
    "prints without end": _plan(endless=True),
    "fails at `store`": _plan(output="the disk is full\n", exit_code=1),
}


def held_up() -> str:
    """What each does to a look-up or to a login, as a Markdown table, and whether any took too long."""
    rows, longest = [], 0.0
    for action, table in (("get", _GET), ("store", _PUT)):
        for name, break_it in table.items():
            said, took = _try(action, break_it)
            longest = max(longest, took)
            rows.append(f"| `{action}`: it {name} | {said} | {took:.2f} s |")
    head = ["| the helper | dockpass | took |", "|---|---|---|"]
    verdict = "met" if longest <= LIMIT + BEYOND else "missed"
    aim = f"At most {LIMIT + BEYOND} s were aimed at; the longest took {longest:.2f} s: {verdict}."
    return "\n".join([*head, *rows, "", aim])


def _try(action: str, break_it: Callable[[HelperProgram], None]) -> tuple[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        helper = HelperProgram(folder, "broken")
        break_it(helper)
        store = ProgramStore("broken", environ={"PATH": folder}, time_limit=LIMIT)
        start = time.perf_counter()
        try:
            if action == "get":
                said = "no login" if store.get("reg.test") is None else "a login"
            else:
                store.put("reg.test", _LARGE)
                said = "kept"
        except StoreError as error:
            said = error.message.replace(f"{folder}/", "")
        took = time.perf_counter() - start
        for call in helper.calls:
            if call.child:
                _end(call.child)
    return said, took


def _end(child: int) -> None:
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return
