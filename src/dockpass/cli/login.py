"""``dockpass login``: what docker's does, and what it should have done.

The flags are checked before anything else, then config.json and the store, then the questions are asked, then the
registry is: so nobody types a password for a login that could not have been kept.
"""

from __future__ import annotations

import os

from dockpass.cli.network import OPTIONS, network
from dockpass.cli.options import Command, Option
from dockpass.errors import FileUnreadable, NotATerminal, Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.account.log_in import Attempt, Login
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal
    from dockpass.errors import UntrustedTokenHost

COMMAND = Command(
    "login",
    arguments="[SERVER]",
    summary="Log in to a registry. Without a server, to Docker Hub.",
    text="The registry is asked first; only a login that it accepts is kept. It is kept where config.json says "
    "(credHelpers, credsStore), else in the store that DOCKPASS_STORE names, else sealed in the vault.",
    options=(
        Option("username", "User name", short="u", value="string"),
        Option("password", 'Password or token, or "-" to read it from standard input', short="p", value="string"),
        Option("password-stdin", "Read the password or token from standard input"),
        Option("password-env", "Read it from this environment variable", value="name"),
        Option("password-file", "Read it from this file", value="path"),
        Option(
            "store",
            "Keep it in this store: age (the vault), file, pass, secretservice, ..., or the NAME of a "
            "docker-credential-NAME",
            value="name",
        ),
        Option("plain-http", "Speak plain HTTP, which anybody on the way can read"),
        Option("token-host", "A host that may be sent the password to issue a token", value="host"),
        Option("verify", "Look whether the registry lets in anybody, and say so; two more requests"),
        *OPTIONS,
    ),
    most=1,
    examples=(
        ("dockpass login registry.example.com", "asks for the user name and the password"),
        ("dockpass login -u alice --password-stdin registry.example.com < token.txt", "for scripts and CI"),
        ("dockpass login", "Docker Hub"),
    ),
)

_SOURCES = ("password", "password-env", "password-file")
_SECRET_LIMIT = 1 << 20


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    _check_flags(parsed)
    from dockpass.account.log_in import Attempt
    from dockpass.cli.terminal import waiting

    def approve(refused: UntrustedTokenHost) -> bool:
        from dockpass.cli.approval import approved

        return approved(refused, terminal)

    attempt = Attempt(
        parsed.arguments[0] if parsed.arguments else None,
        store=parsed.get("store"),
        plain_http=parsed.on("plain-http"),
        token_host=parsed.get("token-host"),
        approve=approve if terminal.interactive else None,
        verify=parsed.on("verify"),
        network=network(parsed),
        config=parsed.get("config"),
        withhold=(parsed.get("password-env") or "",),
        waiting=waiting(terminal),
        trace=_debug if parsed.on("debug") else None,
    )
    for note in attempt.notes:
        terminal.warn(note)
    _say_engine(parsed, attempt.document.current_context, terminal)
    login = _stored(attempt, parsed, terminal) or _asked(attempt, parsed, terminal)
    _finish(login, terminal)
    return 0


def _say_engine(parsed: Parsed, current_context: str, terminal: Terminal) -> None:
    # Most of the time nothing names one, and to see that nothing need be loaded.
    by_option = parsed.get("host") is not None or parsed.get("context") is not None
    if by_option or current_context or os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT"):
        from dockpass.cli.engine import say_named

        say_named(parsed, current_context, terminal)


def _check_flags(parsed: Parsed) -> None:
    username, password = parsed.get("username"), parsed.get("password")
    from_stdin = parsed.on("password-stdin")
    if username == "":
        raise UsageError(
            "username is empty",
            "give a name after -u, or leave -u out to be asked; one that begins with $ needs single quotes",
        )
    if from_stdin and password not in (None, "-"):
        raise UsageError("conflicting options: cannot specify both --password and --password-stdin", "give one of them")
    if password == "":
        raise UsageError("password is empty", "give it with --password-stdin, or leave -p out to be asked")
    given = [f"--{name}" for name in _SOURCES if parsed.get(name) is not None]
    if from_stdin and password is None:
        given.append("--password-stdin")
    if len(given) > 1:
        raise UsageError(f"conflicting options: cannot specify both {given[0]} and {given[1]}", "give one of them")
    if given and username is None and (given != ["--password"] or password == "-"):
        option = "--password-stdin" if password == "-" else given[0]
        raise UsageError(f"the {option} option requires --username to be set", "give the user name with -u NAME")


def _stored(attempt: Attempt, parsed: Parsed, terminal: Terminal) -> Login | None:
    """The login with what is kept already, if neither a user nor a password is given and something is kept."""
    if parsed.get("username") is not None or _has_password(parsed) or parsed.get("store") is not None:
        return None
    found = attempt.stored()
    if found is None:
        return None
    who = f" [Username: {found.credential.username}]" if found.credential.username else ""
    terminal.note(f"Authenticating with existing credentials...{who}")
    terminal.note(f"To log in with another account: dockpass login -u NAME {attempt.server.typed}")
    try:
        return attempt.with_stored(found)
    except Refused as error:
        terminal.warn("Stored credentials invalid or expired")
        if not terminal.interactive:
            raise
        terminal.warn(error.message)
        return None


def _has_password(parsed: Parsed) -> bool:
    return parsed.on("password-stdin") or any(parsed.get(name) is not None for name in _SOURCES)


def _asked(attempt: Attempt, parsed: Parsed, terminal: Terminal) -> Login:
    attempt.check_open()
    username = parsed.get("username")
    secret = _given_secret(parsed, terminal)
    if (username is None or secret is None) and not terminal.interactive:
        missing = "the user name" if username is None else "the password"
        raise NotATerminal(
            f"cannot perform an interactive login from a non-TTY device: {missing} is missing",
            f"dockpass login -u {_plain(username)} --password-stdin {attempt.server.typed}",
        )
    if attempt.server.is_docker_hub and secret is None:
        _say_hub(terminal)
    username = username.strip() if username is not None else _ask_username(attempt, terminal)
    if not username:
        raise UsageError("username is required", "run it again and type one, or give it with -u NAME")
    return attempt.with_password(username, _typed(terminal) if secret is None else secret)


def _plain(username: str | None) -> str:
    """The user name where a shell takes it as it is, else a place for it."""
    plain = username and username.isascii() and username.replace("-", "_").replace(".", "_").isidentifier()
    return username if username and plain else "NAME"


def _typed(terminal: Terminal) -> str:
    secret = terminal.ask_secret("Password: ")
    if not secret:
        raise UsageError("password is required", "run it again and type one, or pipe it into --password-stdin")
    return secret


def _say_hub(terminal: Terminal) -> None:
    if os.environ.get("DOCKER_CLI_HINTS", "true").lower() in ("0", "f", "false"):
        return
    terminal.note(
        "Log in with your Docker ID and a personal access token; docker's own login in the browser is not dockpass's "
        "to offer. Make a token at https://app.docker.com/settings/personal-access-tokens"
    )


def _ask_username(attempt: Attempt, terminal: Terminal) -> str:
    default = attempt.default_username()
    if not default:
        return terminal.ask("Username: ")
    from dockpass.display import clean

    return terminal.ask(f"Username ({clean(default, 80)}): ") or default


def _given_secret(parsed: Parsed, terminal: Terminal) -> str | None:
    """The secret that an option gives or names the place of, ``None`` if none does."""
    password = parsed.get("password")
    if parsed.on("password-stdin") or password == "-":
        if terminal.interactive:
            return _typed(terminal)
        secret = _without_newline(_read_all(0, "standard input"))
        if not secret.strip():
            raise UsageError("password is empty", "nothing but blanks came in on standard input")
        return secret
    if password is not None:
        terminal.err("WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
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
            if len(data) > _SECRET_LIMIT:
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


def _finish(login: Login, terminal: Terminal) -> None:
    for note in login.notes:
        terminal.note(note)
    if login.plaintext and login.changed and not login.is_identity_token:
        terminal.err(
            f"\nWARNING! Your credentials are stored unencrypted in '{login.path}'.\n"
            "Configure a credential helper to remove this warning. See\n"
            "https://docs.docker.com/go/credential-store/\n"
        )
    if login.store == "memory":
        terminal.note("The store memory forgets it now: the login was only checked.")
    terminal.out("Login Succeeded")


def _debug(line: str) -> None:
    """What ``--debug`` shows of the conversation: request lines and statuses, never headers, queries or bodies."""
    from dockpass.cli.terminal import say
    from dockpass.display import clean

    say(f"debug: {clean(line)}\n")
