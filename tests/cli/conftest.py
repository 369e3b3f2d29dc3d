"""A home of one's own, and the program as a user starts it."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import termios
from typing import TYPE_CHECKING, Any, Protocol

import pexpect  # type: ignore[import-untyped]
import pytest
import trustme

import dockpass
from dockpass.testing.helper_program import HelperProgram
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))


def _heed_signals() -> None:
    """Whoever runs the tests in the background may have these ignored."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


class Done:
    """What a command left behind: its exit code, and what it printed."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out.decode("utf-8", "backslashreplace")
        self.err = err.decode("utf-8", "backslashreplace")

    def __repr__(self) -> str:
        return f"Done(code={self.code}, out={self.out!r}, err={self.err!r})"


class Home:
    """A home folder, with nothing in it, and nothing on PATH but the helpers that are put there."""

    program = (sys.executable, "-m", "dockpass")

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "home"
        self.tools = folder / "tools"
        self.folder.mkdir()
        self.tools.mkdir()
        self.path = str(self.folder / ".docker" / "config.json")
        # Where config.json names no store, the login goes into the file.
        self.environ = {
            "HOME": str(self.folder),
            "PATH": str(self.tools),
            "LANG": "C.UTF-8",
            "PYTHONPATH": SOURCE,
            "DOCKPASS_STORE": "file",
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
        }

    def run(self, *words: str, stdin: bytes | int = b"", **environ: str | None) -> Done:
        """``dockpass`` with these words, and bytes or a file to read. A variable that is ``None`` is not set."""
        return self.execute([*self.program, *words], stdin=stdin, **environ)

    def execute(self, command: list[str], *, stdin: bytes | int = b"", **environ: str | None) -> Done:
        """Any command, in the same environment."""
        done = subprocess.run(
            command,
            input=stdin if isinstance(stdin, bytes) else None,
            stdin=None if isinstance(stdin, bytes) else stdin,
            capture_output=True,
            check=False,
            timeout=120,
            cwd=self.folder,
            env=self.environment(**environ),
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        assert b"a bug in dockpass" not in done.stderr, done.stderr.decode()
        return Done(done.returncode, done.stdout, done.stderr)

    def environment(self, **environ: str | None) -> dict[str, str]:
        """The environment of a command."""
        both = {**self.environ, **environ}
        return {name: value for name, value in both.items() if value is not None}

    def log_in(self, server: str, *words: str, given: str = "bar", **environ: str) -> None:
        """A login as ``foo`` that is only there for what comes after it."""
        done = self.run("login", "-u", "foo", "--password-stdin", *words, server, stdin=given.encode(), **environ)
        assert (done.code, done.out) == (0, "Login Succeeded\n"), done

    def write(self, config: dict[str, Any] | str) -> None:
        """Put this into config.json."""
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(config if isinstance(config, str) else json.dumps(config))
        os.chmod(self.path, 0o600)

    @property
    def config(self) -> dict[str, Any]:
        """What is in config.json; empty if there is none."""
        try:
            with open(self.path, encoding="utf-8") as file:
                found: dict[str, Any] = json.load(file)
                return found
        except FileNotFoundError:
            return {}

    @property
    def auths(self) -> dict[str, dict[str, str]]:
        """The logins in config.json."""
        found: dict[str, dict[str, str]] = self.config.get("auths", {})
        return found

    def helper(self, name: str = "scripted") -> HelperProgram:
        """A credential helper on PATH."""
        return HelperProgram(self.tools, name)

    def places_of(self, secret: str) -> list[str]:
        """The files in the home folder in which a secret stands, readable or as base64 of user and password."""
        found = []
        for folder, _folders, files in os.walk(self.folder):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    text = file.read().decode("utf-8", "replace")
                words = text.replace('"', " ").split()
                if secret in text or any(secret in _from_base64(word) for word in words):
                    found.append(os.path.relpath(os.path.join(folder, name), self.folder))
        return found


def _from_base64(word: str) -> str:
    try:
        return base64.b64decode(word, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def registry() -> Iterator[ScriptedRegistry]:
    """A registry that asks for user name and password."""
    with ScriptedRegistry({"foo": "bar"}) as registry:
        yield registry


@pytest.fixture
def tokens() -> Iterator[ScriptedRegistry]:
    """A registry whose token server gives out identity tokens, each good for once."""
    with ScriptedRegistry({"foo": "bar"}, auth="bearer", refresh_tokens=True, rotate=True) as registry:
        yield registry


@pytest.fixture
def closed_port() -> Iterator[str]:
    """The address of a port on which nobody listens, and that nobody else gets meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[ScriptedRegistry]:
    """A registry whose certificate is signed by an authority that nobody knows."""
    certificate = trustme.CA().issue_cert("127.0.0.1")
    path = str(tmp_path / "leaf.pem")
    certificate.private_key_and_cert_chain_pem.write_to_path(path)
    with ScriptedRegistry({"foo": "bar"}, tls=(path, path)) as registry:
        yield registry


class Session:
    """A program on a terminal, and who sits there. All waiting is for what is seen there."""

    def __init__(self, home: Home, command: list[str], columns: int, **environ: str | None) -> None:
        self._seen = io.StringIO()
        self._process = pexpect.spawn(
            command[0],
            command[1:],
            env=home.environment(**{"TERM": "xterm", **environ}),
            cwd=os.fspath(home.folder),
            dimensions=(24, columns),
            encoding="utf-8",
            timeout=60,
            preexec_fn=_heed_signals,
        )
        self._process.delaybeforesend = None
        self._process.logfile_read = self._seen
        self.pid: int = self._process.pid

    def see(self, *texts: str) -> int:
        """Wait until one of ``texts`` is shown after what was waited for before. Returns which."""
        found: int = self._process.expect_exact(list(texts))
        return found

    def type(self, line: str) -> None:
        """A line and Enter."""
        self._process.sendline(line)

    def press(self, key: str) -> None:
        """Ctrl and a key."""
        self._process.sendcontrol(key)

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, at this moment."""
        return bool(termios.tcgetattr(self._process.child_fd)[3] & termios.ECHO)

    @property
    def seen(self) -> str:
        """All that was shown until now."""
        return self._seen.getvalue().replace("\r\n", "\n")

    def end(self) -> int:
        """Wait for the end. Returns the exit code, negative for a signal."""
        self._process.expect(pexpect.EOF)
        self._process.wait()
        if self._process.signalstatus is not None:
            return -int(self._process.signalstatus)
        return int(self._process.exitstatus)

    def hang_up(self) -> None:
        """The terminal goes away."""
        self._process.ptyproc.fileobj.close()

    def close(self) -> None:
        """Whatever is left."""
        self._process.close(force=True)


class Sit(Protocol):
    """How tests sit down at a terminal."""

    def __call__(
        self, *words: str, columns: int = 80, command: list[str] | None = None, **environ: str | None
    ) -> Session: ...


@pytest.fixture
def sit(home: Home) -> Iterator[Sit]:
    """``sit("login", "reg.test")``: the program on a terminal of its own; or another ``command``."""
    sessions = []

    def sit(*words: str, columns: int = 80, command: list[str] | None = None, **environ: str | None) -> Session:
        session = Session(home, command or [*home.program, *words], columns, **environ)
        sessions.append(session)
        return session

    yield sit
    for session in sessions:
        session.close()
