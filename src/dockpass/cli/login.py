"""``dockpass login``: what docker's does, and what it should have done.

The flags are checked before anything else, then config.json and the store, then the questions are asked, then the
registry is: so nobody types a password for a login that could not have been kept.
"""

from __future__ import annotations

import os

from dockpass.cli import secret
from dockpass.cli.options import Command, Option
from dockpass.errors import NotATerminal, Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.account.attempt import Attempt, Login
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal
    from dockpass.errors import UntrustedTokenHost
    from dockpass.registry.network import Network

_NETWORK = (
    Option("cacert", "Trust the authorities in this PEM file, too", value="file"),
    Option("cert", "Show the registry this client certificate", value="file"),
    Option("key", "The key of the client certificate, if --cert does not hold it, too", value="file"),
    Option("cert-dir", "Use this folder of *.crt, *.cert and *.key instead of certs.d", value="path"),
    Option("connect-timeout", "Wait this long for a connection, and again for TLS (default: 10)", value="seconds"),
    Option("timeout", "Wait this long for all of it (default: 30)", value="seconds"),
)

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
        *_NETWORK,
    ),
    most=1,
    examples=(
        ("dockpass login registry.example.com", "asks for the user name and the password"),
        ("dockpass login -u alice --password-stdin registry.example.com < token.txt", "for scripts and CI"),
        ("dockpass login", "Docker Hub"),
    ),
)


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    _check_flags(parsed)
    if parsed.get("password") not in (None, "-"):
        terminal.err("WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
    from dockpass.account.attempt import Attempt
    from dockpass.cli.terminal import waiting

    def approve(refused: UntrustedTokenHost) -> bool:
        from dockpass.cli.approval import approved

        return approved(refused, terminal)

    server = parsed.arguments[0] if parsed.arguments else None
    attempt = Attempt(
        server,
        store=parsed.get("store"),
        plain_http=parsed.on("plain-http"),
        token_host=parsed.get("token-host"),
        approve=approve if terminal.interactive else None,
        verify=parsed.on("verify"),
        network=_network(parsed),
        config=parsed.get("config"),
        withhold=(parsed.get("password-env") or "",),
        waiting=waiting(terminal),
        trace=_debug if parsed.on("debug") else None,
    )
    if server == "":
        terminal.warn("the server is empty, which means Docker Hub: if a variable stands in its place, it is not set")
    for note in attempt.notes:
        terminal.warn(note)
    _say_engine(parsed, attempt.document.current_context, terminal)
    login = _stored(attempt, parsed, terminal) or _asked(attempt, parsed, terminal)
    _finish(login, terminal)
    return 0


def _network(parsed: Parsed) -> Network | None:
    given = [option.name for option in _NETWORK if parsed.get(option.name) is not None]
    if not given:
        return None
    from dockpass.cli.network import network

    return network(parsed, given)


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
    given = [f"--{name}" for name in secret.OPTIONS if parsed.get(name) is not None]
    if from_stdin and password is None:
        given.append("--password-stdin")
    if len(given) > 1:
        raise UsageError(f"conflicting options: cannot specify both {given[0]} and {given[1]}", "give one of them")
    if given and username is None and (given != ["--password"] or password == "-"):
        option = "--password-stdin" if password == "-" else given[0]
        raise UsageError(f"the {option} option requires --username to be set", "give the user name with -u NAME")


def _stored(attempt: Attempt, parsed: Parsed, terminal: Terminal) -> Login | None:
    """The login with what is kept already, if neither a user nor a password is given and something is kept."""
    if parsed.get("username") is not None or secret.is_given(parsed) or parsed.get("store") is not None:
        return None
    found = attempt.stored()
    if found is None:
        return None
    who = f" [Username: {found.credential.username}]" if found.credential.username else ""
    terminal.note(f"Authenticating with existing credentials...{who}")
    terminal.note(f"To log in with another account: dockpass login -u NAME {attempt.server.typed}")
    from dockpass.account import again

    try:
        return again.log_in(attempt, found)
    except Refused as error:
        terminal.warn("Stored credentials invalid or expired")
        if not terminal.interactive:
            raise
        terminal.warn(error.message)
        return None


def _asked(attempt: Attempt, parsed: Parsed, terminal: Terminal) -> Login:
    attempt.check_open()
    username = parsed.get("username")
    password = secret.given(parsed, terminal)
    if (username is None or password is None) and not terminal.interactive:
        missing = "the user name" if username is None else "the password"
        raise NotATerminal(
            f"cannot perform an interactive login from a non-TTY device: {missing} is missing",
            f"dockpass login -u {_plain(username)} --password-stdin {attempt.server.typed}",
        )
    if attempt.server.is_docker_hub and password is None:
        _say_hub(terminal)
    username = username.strip() if username is not None else _ask_username(attempt, terminal)
    if not username:
        raise UsageError("username is required", "run it again and type one, or give it with -u NAME")
    return attempt.with_password(username, secret.typed(terminal) if password is None else password)


def _plain(username: str | None) -> str:
    """The user name where a shell takes it as it is, else a place for it."""
    plain = username and username.isascii() and username.replace("-", "_").replace(".", "_").isidentifier()
    return username if username and plain else "NAME"


def _say_hub(terminal: Terminal) -> None:
    if os.environ.get("DOCKER_CLI_HINTS", "true").lower() in ("0", "f", "false"):
        return
    terminal.note(
        "Log in with your Docker ID and a personal access token; docker's own login in the browser is not dockpass's "
        "to offer. Make a token at https://app.docker.com/settings/personal-access-tokens"
    )


def _ask_username(attempt: Attempt, terminal: Terminal) -> str:
    from dockpass.account import again

    default = again.username(attempt)
    if not default:
        return terminal.ask("Username: ")
    from dockpass.display import clean

    return terminal.ask(f"Username ({clean(default, 80)}): ") or default


def _finish(login: Login, terminal: Terminal) -> None:
    for note in login.notes:
        terminal.note(note)
    if login.plaintext and login.changed and not login.is_identity_token:
        where = f"'{login.path}'" if login.store == "file" else f"the store {login.store}"
        terminal.err(
            f"\nWARNING! Your credentials are stored unencrypted in {where}.\n"
            "Configure a credential helper to remove this warning. See\n"
            "https://docs.docker.com/go/credential-store/\n"
        )
        _say_sealed(login, terminal)
    if login.store == "memory":
        terminal.note("The store memory forgets it now: the login was only checked.")
    terminal.out("Login Succeeded")


def _say_sealed(login: Login, terminal: Terminal) -> None:
    """The better place: what docker's own words above leave open."""
    from dockpass.stores.route import DEFAULT, VAULT

    where = "sealed in the vault" if DEFAULT == VAULT else "in the system's keychain"
    source = "" if login.store == "file" else f"--from {login.store} "
    server = "docker.io" if login.server.is_docker_hub else login.server.typed
    terminal.note(f"To have it {where} instead: dockpass migrate {source}{server}")


def _debug(line: str) -> None:
    """What ``--debug`` shows of the conversation: request lines and statuses, never headers, queries or bodies."""
    from dockpass.cli.terminal import say
    from dockpass.display import clean

    say(f"debug: {clean(line)}\n")
