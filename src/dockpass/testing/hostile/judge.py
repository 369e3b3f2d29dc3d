"""What was wrong with a run, as seen from outside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockpass.testing.hostile.forms import holds
from dockpass.testing.hostile.names import is_inside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockpass.testing.hostile.play import Play
    from dockpass.testing.hostile.wire import Heard

CHECKS = {
    "leak": "no secret goes to anybody who is not to have it",
    "in-clear": "no secret goes over plain HTTP once HTTPS is spoken",
    "inside": "no address inside the machine, the network or the cloud is connected to because a registry says so",
    "exit-code": "the exit code is 0 for a login and for nothing else",
    "false-success": "'Login Succeeded' is not said of a refusal",
    "kept": "nothing is kept of a login that was refused",
    "control-characters": "no control, bidirectional or invisible characters reach the terminal",
    "forged-line": "no line of the output is the server's alone",
    "secret-in-output": "no secret is printed",
    "output-size": "at most 64 KiB are printed",
    "crash": "no traceback, no panic, no signal",
    "requests": "at most 20 requests",
    "time": "at most 35 s",
    "hang": "it ends by itself within 45 s",
    "memory": "at most 200 MiB of memory",
}
"""Every check by its name, and what it holds a client to."""

MOST_OUTPUT = 64 << 10
MOST_REQUESTS = 20
MOST_MEMORY = 200
FORGED = "FORGED"
"""What a server's message begins a line with, where it tries to have one of its own."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # a program may colour its own words
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\udc80-\udc9f"
    "\U000e0000-\U000e007f]|\r(?!\n)"
)
_CRASH = re.compile(
    r"Traceback \(most recent call last\)|^panic: |^goroutine \d+ \[|^fatal error: |RUST_BACKTRACE", re.MULTILINE
)
_SUCCEEDED = re.compile(r"^Login Succeeded!?\s*$", re.MULTILINE | re.IGNORECASE)


class Run:
    """What is known of a run.

    Attributes:
        code: The exit code; negative for a signal, ``None`` where it had to be killed.
        seconds: How long it took.
        memory: The most memory that it had, in MiB.
        output: What it printed on both streams, the first 128 KiB of it.
        printed: How many bytes that were in all.
        heard: The connections that it made.
        kept: What is in the files that it left.

    """

    def __init__(
        self,
        code: int | None,
        *,
        seconds: float = 0,
        memory: float = 0,
        output: bytes = b"",
        printed: int | None = None,
        heard: Iterable[Heard] = (),
        kept: bytes = b"",
    ) -> None:
        self.code = code
        self.seconds = seconds
        self.memory = memory
        self.output = output
        self.printed = len(output) if printed is None else printed
        self.heard = tuple(heard)
        self.kept = kept

    @property
    def requests(self) -> int:
        """How many requests came in, on all hosts."""
        return sum(len(each.requests) for each in self.heard)


def judge(play: Play, run: Run, *, seconds: float = 35) -> list[tuple[str, str]]:
    """All that was wrong, as pairs of a check's name and what was seen; none for a client that did right."""
    return [*_places(play, run), *_verdict(play, run), *_output(play, run), *_means(run, seconds)]


def _secrets(play: Play) -> dict[str, str]:
    # Of the password what needs no encoding: whatever is made of the rest, this part is found.
    return {
        "the password": play.given.partition("/")[0],
        "the identity token": play.identity,
        "the access token": play.token,
    }


def _places(play: Play, run: Run) -> Iterable[tuple[str, str]]:
    scene, said = play.scene, set()
    for each in run.heard:
        inside = is_inside(each.address) and each.host not in (play.host, *scene.trusted)
        if inside and each.host not in scene.within:
            said.add(("inside", f"connected to {each.address} port {each.port}"))
        for what, secret in _secrets(play).items():
            if not holds(bytes(each.data), secret):
                continue
            where = f"{each.host} port {each.port}"
            if each.host not in scene.trusted and not (scene.plain and each.host == play.host):
                said.add(("leak", f"{what} went to {where}{'' if each.tls else ', in clear'}"))
            elif not each.tls and not scene.plain:
                said.add(("in-clear", f"{what} went to {where} in clear"))
    return sorted(said)


def _verdict(play: Play, run: Run) -> Iterable[tuple[str, str]]:
    right, text = play.scene.right, _text(run)
    if run.code is not None and right == "logs in" and run.code != 0:
        yield "exit-code", f"did not log in: exit code {run.code}"
    if right == "refuses" and run.code == 0:
        yield "exit-code", "logged in: exit code 0"
    if right == "refuses" and run.code == 0 and _SUCCEEDED.search(text):
        yield "false-success", "said 'Login Succeeded'"
    if (run.code != 0 or right == "refuses") and any(holds(run.kept, secret) for secret in _secrets(play).values()):
        yield "kept", "the secret is in a file that it left"


def _output(play: Play, run: Run) -> Iterable[tuple[str, str]]:
    text = _text(run)
    bad = _CONTROL.search(_COLOURS.sub("", text))
    if bad is not None:
        yield "control-characters", f"printed {bad.group()!a}"
    forged = [line for line in text.splitlines() if line.strip().startswith(FORGED)]
    if forged or (run.code != 0 and _SUCCEEDED.search(text)):
        yield "forged-line", f"printed a line of the server's: {(forged or ['Login Succeeded'])[0][:60]!a}"
    for what, secret in _secrets(play).items():
        if holds(run.output, secret):
            yield "secret-in-output", f"printed {what}"
    if run.printed > MOST_OUTPUT:
        yield "output-size", f"printed {run.printed >> 10} KiB"
    crash = _CRASH.search(text)
    if crash is not None or (run.code is not None and run.code < 0):
        yield "crash", f"signal {-run.code}" if crash is None and run.code else "a traceback or panic"


def _means(run: Run, seconds: float) -> Iterable[tuple[str, str]]:
    if run.requests > MOST_REQUESTS:
        yield "requests", f"sent {run.requests} requests"
    if run.code is None:
        yield "hang", f"killed after {run.seconds:.0f} s"
    elif run.seconds > seconds:
        yield "time", f"took {run.seconds:.0f} s"
    if run.memory > MOST_MEMORY:
        yield "memory", f"took {run.memory:.0f} MiB of memory"


def _text(run: Run) -> str:
    return run.output.decode("utf-8", "surrogateescape")
