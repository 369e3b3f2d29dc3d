"""Where the password of a login comes from: an option that gives it or names its place, or somebody who types it.

Not a byte of it is changed but one line end, and nothing here repeats it, nor what may be it, given in the wrong place.
"""

from __future__ import annotations

import os

from dockpass.errors import FileUnreadable, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal

OPTIONS = ("password", "password-env", "password-file")
"""The options whose value is the password or its place. ``password-stdin`` is another: it has none."""

_LIMIT = 1 << 20


def is_given(parsed: Parsed) -> bool:
    """Whether one of the options is there."""
    return parsed.on("password-stdin") or any(parsed.get(name) is not None for name in OPTIONS)


def typed(terminal: Terminal) -> str:
    """The password that somebody types, unseen.

    Raises:
        UsageError: It is empty.
        NotATerminal, InputEnded, KeyboardInterrupt: As :meth:`~dockpass.cli.terminal.Terminal.ask_secret`.

    """
    secret = terminal.ask_secret("Password: ")
    if not secret:
        raise UsageError("password is required", "run it again and type one, or pipe it into --password-stdin")
    return secret


def given(parsed: Parsed, terminal: Terminal) -> str | None:
    """The password that an option gives or names the place of, ``None`` if none does.

    Raises:
        UsageError: There is none, or nothing but blanks, in that place; or more than 1 MiB.
        FileUnreadable: The place cannot be read.

    """
    password = parsed.get("password")
    if parsed.on("password-stdin") or password == "-":
        if terminal.interactive:
            return typed(terminal)
        secret = _without_newline(_read_all(0, "standard input"))
        if not secret.strip():
            raise UsageError("password is empty", "nothing but blanks came in on standard input")
        return secret
    if password is not None:
        # Blanks alone are no password; otherwise not a byte is changed.
        return password if password.strip() else None
    name = parsed.get("password-env")
    if name is not None:
        secret = os.environ.get(name, "")
        if not secret.strip():
            # The name is not repeated: it may be the password itself, given in the wrong place.
            raise UsageError(
                "the environment variable that --password-env names is not set, or empty",
                "export it first, and give its name, not its value: --password-env NAME",
            )
        return secret
    path = parsed.get("password-file")
    if path is not None:
        secret = _without_newline(_read_file(path))
        if not secret.strip():
            raise UsageError(f"the password file {path} is empty", "put the password or token into it")
        return secret
    return None


def _read_file(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        # Without a slash it may be the password itself, given in the wrong place: that is not repeated.
        shown = f" {path}" if "/" in path else ""
        raise FileUnreadable(
            f"cannot read the password file{shown}: there is no such file",
            "--password-file wants the path of a file that holds the password, not the password",
            path=path if shown else "",
        ) from None
    except OSError as error:
        raise FileUnreadable(
            f"cannot read the password file {path}: {os.strerror(error.errno or 0).lower()}",
            "check the path and its permissions",
            path=path,
        ) from None
    try:
        return _read_all(descriptor, f"the password file {path}")
    finally:
        os.close(descriptor)


def _read_all(descriptor: int, name: str) -> bytes:
    data = b""
    try:
        while piece := os.read(descriptor, 65536):
            data += piece
            if len(data) > _LIMIT:
                raise UsageError(f"{name} holds more than 1 MiB", "a password or token is shorter: check what is read")
    except OSError as error:
        raise FileUnreadable(
            f"cannot read {name}: {os.strerror(error.errno or 0).lower()}",
            "check what it is connected to" if descriptor == 0 else "name a file that holds the password or token",
        ) from None
    return data


def _without_newline(data: bytes) -> str:
    """The text without exactly one line end; every other byte is part of the secret."""
    for end in (b"\r\n", b"\n", b"\r"):
        if data.endswith(end):
            data = data[: -len(end)]
            break
    return data.decode("utf-8", "surrogateescape")
