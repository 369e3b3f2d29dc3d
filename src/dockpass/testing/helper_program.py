"""A credential helper program that does as it is told.

:class:`HelperProgram` writes a real executable ``docker-credential-NAME`` into a folder. Left alone it is a good helper
that keeps credentials in a JSON file beside it; told to, it fails in one of the ways that helpers fail. It writes down
every call: what it was given as arguments, on standard input and in its environment is the evidence in a test::

    helper = HelperProgram(folder, "scripted")
    helper.behave("get", output="boom", exit_code=3)
    ...
    assert [call.action for call in helper.calls] == ["get"]

It is a Python script that needs nothing installed and starts in some 15 ms.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_SCRIPT = r"""#!/bin/sh
"exec" "@PYTHON@" "-IS" "$0" "$@"
import fcntl, json, os, signal, sys, time

BASE = os.path.abspath(sys.argv[0])
ACTION = sys.argv[1] if len(sys.argv) > 1 else ""
NOT_FOUND = "credentials not found in native keychain"

def load(name, default):
    try:
        with open(BASE + name, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return default

def write(text, end="\n"):
    data = text.encode("utf-8", "surrogateescape") + end.encode()
    while data:
        data = data[os.write(1, data):]

def fail(text):
    write(text)
    sys.exit(1)

def work(given):
    with open(BASE + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = load(".kept", {})
        server = given.strip()
        if ACTION == "get":
            if server not in kept:
                fail(NOT_FOUND)
            username, secret = kept[server]
            write(json.dumps({"ServerURL": server, "Username": username, "Secret": secret}, ensure_ascii=False))
            return
        if ACTION == "list":
            write(json.dumps({server: pair[0] for server, pair in kept.items()}, ensure_ascii=False))
            return
        if ACTION == "store":
            credential = json.loads(given)
            kept[credential["ServerURL"]] = [credential["Username"], credential["Secret"]]
        elif ACTION == "erase":
            if kept.pop(server, None) is None and not PLAN.get("silent_erase"):
                fail(NOT_FOUND)
        else:
            fail("unknown action: " + ACTION)
        with open(BASE + ".new", "w", encoding="utf-8") as file:
            json.dump(kept, file)
        os.replace(BASE + ".new", BASE + ".kept")

def ask(prompt):
    import termios
    terminal = os.open("/dev/tty", os.O_RDWR)
    before = termios.tcgetattr(terminal)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
    os.write(terminal, prompt.encode())
    answer = os.read(terminal, 1000).decode().rstrip("\n")
    termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
    return answer

PLANS = load(".plan", {})
PLAN = {**PLANS.get("*", {}), **PLANS.get(ACTION, {})}
given = b""
while not PLAN.get("deaf") and (data := os.read(0, 65536)):
    given += data
child = 0
if PLAN.get("child"):
    child = os.fork()
    if not child:
        if PLAN.get("stubborn"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
        os._exit(0)
if PLAN.get("stubborn"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
call = {
    "argv": sys.argv[1:], "stdin": given.decode("utf-8", "surrogateescape"), "environ": dict(os.environ),
    "pid": os.getpid(), "group": os.getpgrp(), "child": child,
}
if "ask" in PLAN:
    call["answer"] = ask(PLAN["ask"])
log = os.open(BASE + ".calls", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
os.write(log, json.dumps(call).encode() + b"\n")
os.close(log)
if "errors" in PLAN:
    os.write(2, PLAN["errors"].encode())
if "before" in PLAN:
    write(PLAN["before"])
if PLAN.get("closes_output"):
    os.close(1)
if "size" in PLAN:
    write("x" * PLAN["size"], "")
while PLAN.get("endless"):
    write("x" * 65536, "")
if PLAN.get("hang"):
    while True:
        time.sleep(600)
if "signal" in PLAN:
    if PLAN["signal"] == signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever started us may have had it ignored
    os.kill(os.getpid(), PLAN["signal"])
if "output" in PLAN:
    write(PLAN["output"], "")
elif "exit_code" not in PLAN and "size" not in PLAN:
    work(given.decode("utf-8", "surrogateescape"))
if "after" in PLAN:
    write(PLAN["after"])
sys.stdout.flush()
os._exit(PLAN.get("exit_code", 0))
"""


class Call:
    """One call of the helper, as the helper saw it.

    Attributes:
        argv: Its arguments, without its own name.
        action: The first of them.
        stdin: What it was given on standard input.
        environ: Its environment.
        pid: Its process id.
        group: Its process group.
        child: The process id of the child it started, 0 if none.
        answer: What was typed when it asked.

    """

    def __init__(self, noted: Mapping[str, object]) -> None:
        self.argv: list[str] = list(noted["argv"])  # type: ignore[call-overload]
        self.action = self.argv[0] if self.argv else ""
        self.stdin = str(noted["stdin"])
        self.environ: dict[str, str] = dict(noted["environ"])  # type: ignore[call-overload]
        self.pid = int(str(noted["pid"]))
        self.group = int(str(noted["group"]))
        self.child = int(str(noted["child"]))
        self.answer = str(noted.get("answer", ""))

    def __repr__(self) -> str:
        return f"Call({self.argv!r}, stdin={self.stdin!r})"


class HelperProgram:
    """An executable ``docker-credential-NAME`` in a folder.

    Args:
        folder: Where it is written; put this on PATH.
        name: The suffix of its name.

    """

    def __init__(self, folder: str | os.PathLike[str], name: str = "scripted") -> None:
        self.folder = os.fspath(folder)
        self.name = name
        self.path = os.path.join(self.folder, f"docker-credential-{name}")
        self._plans: dict[str, dict[str, object]] = {}
        python = sys.executable
        if any(character in python for character in '"\\$`'):
            raise ValueError(f"a path that a shell would not take: {python}")
        self.replace(_SCRIPT.replace("@PYTHON@", python).encode())

    def replace(self, content: bytes, mode: int = 0o755) -> None:
        """Put something else in its place: a file that is no program, or one that must not be executed."""
        with open(self.path + ".writing", "wb") as file:
            file.write(content)
        os.chmod(self.path + ".writing", mode)
        os.replace(self.path + ".writing", self.path)

    def behave(self, action: str = "*", **plan: object) -> None:
        """Say what it does on ``action`` from now on; ``"*"`` means on all. Without anything more it is good again.

        Args:
            action: ``get``, ``store``, ``erase``, ``list`` or ``"*"``.
            **plan: ``output``: print this and keep nothing. ``exit_code``: end with it, and do nothing but what else is
                asked for. ``before``, ``after``: lines to print before and after the answer. ``errors``: text for
                standard error. ``size``: that many letters of output; ``endless``: letters without end. ``hang``:
                never end. ``deaf``: do not read standard input. ``closes_output``: close standard output first.
                ``child``: start a child that lives on and holds standard output open. ``stubborn``: ignore SIGTERM,
                and the child too. ``signal``: die of this one. ``ask``: ask this on the terminal, without echo.
                ``silent_erase``: say nothing where there is nothing to erase.

        """
        import json

        self._plans[action] = plan
        with open(self.path + ".plan.new", "w", encoding="utf-8") as file:
            json.dump(self._plans, file)
        os.replace(self.path + ".plan.new", self.path + ".plan")

    @property
    def calls(self) -> list[Call]:
        """Every call until now, the first one first. One that ended before it had read its input is not there."""
        import json

        try:
            with open(self.path + ".calls", encoding="utf-8") as file:
                return [Call(json.loads(line)) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    @property
    def kept(self) -> dict[str, tuple[str, str]]:
        """What it keeps now: user name and secret by server."""
        import json

        try:
            with open(self.path + ".kept", encoding="utf-8") as file:
                return {server: (username, secret) for server, (username, secret) in json.load(file).items()}
        except FileNotFoundError:
            return {}

    def keep(self, server: str, username: str, secret: str) -> None:
        """Let it keep a credential, as if it had been given it before."""
        import json

        with open(self.path + ".kept.new", "w", encoding="utf-8") as file:
            json.dump({**self.kept, server: (username, secret)}, file)
        os.replace(self.path + ".kept.new", self.path + ".kept")
