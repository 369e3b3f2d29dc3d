"""``dockpass vault import``: the logins of an export into this vault."""

from __future__ import annotations

from dockpass.cli.options import Command, Option
from dockpass.cli.vault_parts import home_of, passphrase_of, read_identity
from dockpass.errors import FileUnreadable, NotATerminal, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.account.import_vault import Imported
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal
    from dockpass.vault.archive import Login
    from dockpass.vault.home import Home

COMMAND = Command(
    "vault import",
    arguments="FILE | -",
    summary="Take the logins of an export into the vault.",
    text="The whole file is looked through before anything is kept. A login that is there and differs stays, and so "
    "does the account that is in use; each is named, and the command fails. It can be stopped at any moment and run "
    "again.",
    options=(
        Option("identity", "Open it with the key in this file, not with the vault's own", value="path"),
        Option("replace", "Let the export's logins take the place of those that differ"),
        Option("dry-run", "Only show what would be done"),
    ),
    most=1,
    examples=(
        ("dockpass vault import backup.age", "opens it with the vault's key, or asks for its passphrase"),
        ("dockpass vault import --identity old/identity.txt backup.age", "opens it with the key of another vault"),
        ("dockpass vault import --dry-run backup.age", "shows what is in it, and what is new"),
    ),
)


def execute(parsed: Parsed, terminal: Terminal) -> int:
    """Run the command."""
    from dockpass.account import import_vault
    from dockpass.cli.terminal import waiting
    from dockpass.vault import identity

    if not any(parsed.arguments):
        raise UsageError("there is no file to import", 'name it: dockpass vault import FILE; or "-" for standard input')
    path = parsed.arguments[0]
    home = home_of(terminal)
    data = _read(path, terminal)
    identity.check_open(home)  # nobody types a passphrase for a vault that takes nothing
    logins = _opened(home, data, path, parsed.get("identity"), terminal)
    dry_run = parsed.on("dry-run")
    done = import_vault.put(
        home,
        logins,
        replace=parsed.on("replace"),
        dry_run=dry_run,
        config=parsed.get("config"),
        waiting=waiting(terminal),
    )
    _say(done, terminal, dry_run=dry_run)
    return 0 if done.is_whole else 1


def _read(path: str, terminal: Terminal) -> bytes:
    """The file."""
    from dockpass.display import clean
    from dockpass.files.cause import unreadable
    from dockpass.files.read import contents, read
    from dockpass.vault.envelope import LIMIT

    if path != "-":
        found = read(path, limit=LIMIT)
        if found is None:
            raise FileUnreadable(f"cannot read {clean(path)}: there is no such file", "check the path", path=path)
        return found.data
    if terminal.interactive:
        raise UsageError("an export is nothing that one types", "name a file, or pipe one in")
    try:
        data = contents(0, LIMIT + 1)
    except OSError as error:
        raise unreadable("standard input", error) from None
    if len(data) > LIMIT:
        raise FileUnreadable(f"standard input is larger than {LIMIT >> 20} MiB", "check what is piped in")
    return data


def _opened(home: Home, data: bytes, path: str, identity: str | None, terminal: Terminal) -> list[Login]:
    """What is in it."""
    from dockpass.account import import_vault
    from dockpass.vault import envelope

    name = "standard input" if path == "-" else path
    if envelope.is_locked(data, name):
        if identity is not None:
            raise UsageError(f"{name} is sealed by a passphrase, and not for a key", "leave out --identity")
        if path == "-":
            raise NotATerminal(
                "the export is sealed by a passphrase, which cannot be typed where the file comes in",
                "save it, and name the file",
            )
        return envelope.logins(envelope.unlock(home, data, passphrase_of(terminal, "Passphrase: "), name), name)
    if identity is None:
        return import_vault.opened(home, data, name)
    key = read_identity(identity)
    if envelope.is_sealed(key) and envelope.is_locked(key, identity):
        key = envelope.unlock(home, key, passphrase_of(terminal, "Passphrase of the key: "), identity)
    return import_vault.opened(home, data, name, key, identity)


def _say(done: Imported, terminal: Terminal, *, dry_run: bool) -> None:
    from dockpass.display import clean

    vault = done.vault
    would = "would be " if dry_run else ""
    for words, logins in (("imported", vault.added), ("replaced", vault.replaced)):
        for login in logins:
            terminal.out(f"{_name(login)}: {would}{words}")
    for server, user in vault.switched:
        terminal.out(f"{_of(server, user)}: {'would be in use' if dry_run else 'is in use now'}")
    for login, reason in vault.kept:
        terminal.warn(f"{_name(login)} is not imported: {reason}")
    for server, ours, theirs in vault.in_use:
        terminal.warn(f"{_of(server, ours)} stays in use, and not {_user(theirs)} as in the export")
    for server, error in vault.failed:
        terminal.error(type(error)(f"{clean(server, 255)} is not imported: {error.message}", error.hint))
    for note in done.notes:
        terminal.warn(note)
    if vault.kept or vault.in_use:
        terminal.note("To have it as in the export: --replace")
    if vault.same:
        number = len(vault.same)
        terminal.note(f"{number} login{' was' if number == 1 else 's were'} there already")
    elif not (vault.added or vault.replaced or vault.kept or vault.failed):
        terminal.note("Nothing to import: no login is in it")


def _name(login: Login) -> str:
    return _of(login.server, login.account.username)


def _of(server: str, user: str) -> str:
    from dockpass.display import clean

    return f"{clean(server, 255)} {_user(user)}"


def _user(user: str) -> str:
    from dockpass.display import clean

    return clean(user, 255) or "(no user name)"
